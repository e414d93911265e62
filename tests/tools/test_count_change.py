"""tools/count-change on a small invented repository: what is counted, and when it is too much."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.architecture.sources import ROOT
from tests.tools.repository import git, write

if TYPE_CHECKING:
    from pathlib import Path


def count_change(repository: Path, *words: str) -> tuple[int, list[str]]:
    command = [sys.executable, ROOT / "tools" / "count-change", *words]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).splitlines()


def test_files_touched_and_new_are_counted_and_generated_ones_are_not(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    law = {"law.yaml": "a\nb\n", "REVIEW.md": "x\n", ".gitattributes": "REVIEW.md linguist-generated\n"}
    write(tmp_path, law)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "Law")
    write(tmp_path, {"law.yaml": "a\nc\nd\n", "REVIEW.md": "y\n", "scenarios/one.yaml": "1\n2\n3\n"})
    assert count_change(tmp_path, "amended-period") == (
        0,
        [
            "     1 +     1 -  REVIEW.md  (generated, not counted)",
            "     2 +     1 -  law.yaml",
            "     3 +     0 -  scenarios/one.yaml",
            "amended-period: 2 files (2 promised), 5 lines added, 1 removed",
        ],
    )
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "Amended")
    write(tmp_path, {"more.py": "\n"})
    status, lines = count_change(tmp_path, "amended-period", "HEAD~1")
    assert (status, lines[-1]) == (1, "amended-period: 3 files (2 promised), 6 lines added, 1 removed")
