"""The times of the test files are printed, however many workers ran them, and pytest's own line stays the last."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.surroundings import ROOT
from tests.tools.repository import write

if TYPE_CHECKING:
    from pathlib import Path

SLOW = "import time\nimport pytest\n\n\n@pytest.fixture\ndef rested():\n    time.sleep(0.2)\n\n\n"
FILES = {
    "test_slow.py": SLOW + "def test_one(rested):\n    pass\n\n\ndef test_two(rested):\n    time.sleep(0.2)\n",
    "test_quick.py": "def test_three():\n    pass\n",
}


@pytest.mark.parametrize("workers", [0, 2])
def test_files_are_listed_by_their_time_above_the_closing_line(tmp_path: Path, workers: int) -> None:
    write(tmp_path, FILES)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "xdist", "-p", "tests.file_times", "-n", str(workers), str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    times = re.findall(r"^ +([0-9.]+) s  (\S+)$", done.stdout, re.MULTILINE)
    assert [name for _, name in times] == ["test_slow.py", "test_quick.py"]
    assert float(times[0][0]) >= 0.6
    assert re.fullmatch(r"=* ?3 passed in [0-9.]+s ?=*", done.stdout.splitlines()[-1])
