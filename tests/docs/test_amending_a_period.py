"""An amended period is two files, the value and a worked example; `make law` does the rest and shows what it did."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROCEDURE = "warning-opinion"
DEFINITION = f"workflows/{PROCEDURE}/2025-02-01.yaml"
OLD = "- {length: 1 month, counted_from: paper_received_on, basis: ZJ81 13}"
NEW = "- {length: {2025-02-01: 1 month, 2026-12-01: 20 days}, counted_from: paper_received_on, basis: ZJ81 13}"
REVIEW = f"workflows/{PROCEDURE}/REVIEW.md"
STANDINGS = f"tests/workflows/standings/{PROCEDURE}.yaml"
SENTENCE = "A warning received after the amendment leaves twenty days"
EXAMPLE = f"""
- scenario: {{zh: 修改之后收到的，二十日, en: {SENTENCE}}}
  workflow: {PROCEDURE}
  region: "440000"
  events:
    - event: demand_filed
      effective_on: 2026-12-07
      by: warned_party
      joins: [{{party: p1, role: warned_party}}, {{party: p2, role: right_holder}}]
      facts:
        patent_number: ZL202320000001.0
        warned_on: 2026-12-01
        paper_kind: demand
        in_writing: true
        paper_sent_on: 2026-12-02
        paper_received_on: 2026-12-03
        receipt_proof: "sha-256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      expect: {{state: awaiting_right_holder, due: {{response_time: 2026-12-23}}}}
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The tree with one procedure alone, so that nobody waits for the others."""
    for name in ("Makefile", "pyproject.toml", "requirements"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name)
        elif (ROOT / name).exists():
            shutil.copy2(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "tests" / "workflows", tmp_path / "tests" / "workflows")
    for other in (tmp_path / "tests" / "workflows" / "standings").glob("*.yaml"):
        if other.stem != PROCEDURE:
            other.unlink()
    for helper in ("naive", "conftest.py", "databases.py", "postgres.py", "file_times.py", "surroundings.py"):
        source = ROOT / "tests" / helper
        if source.is_dir():
            shutil.copytree(source, tmp_path / "tests" / helper)
        elif source.exists():
            shutil.copy2(source, tmp_path / "tests" / helper)
    for part in ("instruments.yaml", "roles.yaml", "open-points.yaml", "documents", "calendars", PROCEDURE):
        source = ROOT / "workflows" / part
        target = tmp_path / "workflows" / part
        target.parent.mkdir(exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, target)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


def made(tree: Path) -> subprocess.CompletedProcess[str]:
    """What `make law` does there."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "MAKE", "MFLAGS", "COV_"))}
    command = ["make", "--no-print-directory", "--old-file=.venv/.set-up", "law"]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False, timeout=300)


def amend(tree: Path, old: str, new: str) -> None:
    path = tree / DEFINITION
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.finding("B10")
def test_an_amended_value_and_its_example_are_all_that_is_written_by_hand(tree: Path) -> None:
    amend(tree, OLD, NEW)
    examples = tree / f"workflows/{PROCEDURE}/scenarios/amended.yaml"
    examples.write_text(EXAMPLE, encoding="utf-8")
    done = made(tree)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "自 2026-12-01 起 20 日" in (tree / REVIEW).read_text(encoding="utf-8")
    assert SENTENCE in (tree / STANDINGS).read_text(encoding="utf-8")
    shown = [line for line in done.stdout.splitlines() if line.startswith("+")]
    assert [line for line in shown if "自 2026-12-01 起 20 日" in line]
    assert [line for line in shown if SENTENCE in line]
    assert made(tree).stdout.count("\n+") == 0


@pytest.mark.finding("B10")
def test_an_example_that_fails_names_its_remedy_and_the_review_is_written_all_the_same(tree: Path) -> None:
    amend(tree, OLD, OLD.replace("1 month", "20 days"))
    done = made(tree)
    assert done.returncode != 0
    assert "20 日" in (tree / REVIEW).read_text(encoding="utf-8")
    assert [line for line in done.stdout.splitlines() if line.startswith("+") and "20 日" in line]
    said = done.stdout
    assert "request-for-an-opinion.yaml:" in said
    assert "change\nwhat the example expects, at the file and line named above." in said
    assert "若法律已改，改实例中的预期" in said


@pytest.mark.finding("B10")
def test_a_definition_that_does_not_load_says_what_to_do(tree: Path) -> None:
    amend(tree, "length: 1 month", "length: 1 mnth")
    before = (tree / REVIEW).read_text(encoding="utf-8")
    done = made(tree)
    assert done.returncode != 0
    assert f"{PROCEDURE}/2025-02-01.yaml:" in done.stdout
    assert "mend them at the lines named, then make law again" in done.stdout
    assert (tree / REVIEW).read_text(encoding="utf-8") == before
