"""tools/failed-before on a small invented repository: what counts as a proof, and what does not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.architecture.sources import ROOT
from tests.tools.repository import git, write

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """
[tool.pytest.ini_options]
addopts = ["--import-mode=importlib", "--strict-markers"]
pythonpath = [".", "src"]
filterwarnings = ["error"]
"""
BEFORE = {
    "pyproject.toml": SETTINGS,
    "requirements/dev.txt": "pytest\n",
    "src/counting/__init__.py": "def total(values):\n    return 0\n",
    "tests/kept/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef one():\n    return [1]\n",
    "tests/gone/conftest.py": "",
    "workflows/sums/law.txt": "0\n",
    "workflows/sums/scenarios/total.txt": "1 2 4\n",
    "workflows/sums/scenarios/gone.txt": "0\n",
}
USES_NEW_CODE = (
    "import pytest\nfrom counting.fresh import listed\n\n\n@pytest.fixture\ndef one():\n    return listed(1)\n"
)
NOW = {
    "pyproject.toml": SETTINGS + 'markers = ["finding(id): shows that a fault is mended"]\n',
    "src/counting/__init__.py": "def total(values):\n    assert values is not None\n    return sum(values)\n",
    "src/counting/fresh.py": "def listed(*values):\n    return list(values)\n",
    "tests/helper.py": "def two():\n    return [1, 1]\n",
    "tests/unit/values.txt": "3 4",
    "tests/unit/test_total.py": """
from pathlib import Path

import pytest
from counting import total

from tests.helper import two


@pytest.mark.finding("B10")
def test_two_are_added():
    assert total(two()) == 2, "two were not added\\nand more"


@pytest.mark.finding("B2")
@pytest.mark.parametrize("more", [1, 2])
def test_values_of_a_file_are_added(more):
    values = [int(one) for one in (Path(__file__).parent / "values.txt").read_text().split()]
    if total([*values, more]) != 7 + more:
        pytest.fail("they were not")


@pytest.mark.finding("C1")
def test_nothing_is_nothing():
    assert total([]) == 0


@pytest.mark.finding("C2")
def test_it_uses_what_is_new():
    from counting.fresh import listed

    assert total(listed(1)) == 1


@pytest.mark.finding("C3")
def test_it_divides_by_a_total():
    assert 1 / total([1]) == 1


def test_it_bears_no_mark():
    assert total([1]) == 1
""",
    "tests/unit/test_new_module.py": """
import pytest
from counting.fresh import listed


@pytest.mark.finding("C4")
def test_it_imports_what_is_new():
    assert listed() == []
""",
    "tests/kept/conftest.py": USES_NEW_CODE,
    "tests/kept/test_one.py": """
import pytest
from counting import total


@pytest.mark.finding("B1")
def test_one_is_counted(one):
    assert total(one) == 1
""",
    "tests/gone/conftest.py": USES_NEW_CODE,
    "tests/gone/test_one.py": """
import pytest
from counting import total


@pytest.mark.finding("C5")
def test_one_is_counted(one):
    assert total(one) == 1
""",
    "workflows/sums/law.txt": "1\n",
    "workflows/sums/scenarios/total.txt": "1 2 3\n",
    "workflows/fresh/law.txt": "1\n",
    "workflows/fresh/scenarios/total.txt": "1 1 2\n",
    "tests/workflows/test_scenarios.py": """
import os
from pathlib import Path

import pytest

FILES = sorted(Path("workflows").glob("*/scenarios/*"))


@pytest.mark.finding("S1")
@pytest.mark.parametrize("path", FILES, ids=str)
def test_example(path):
    law = path.parents[1] / "law.txt"
    assert law.exists(), f"{os.environ['FAILED_BEFORE']}: no law for {path.read_text().strip()}"
    assert law.read_text() == "1\\n", f"the law has not {path.read_text().strip()}"
""",
}
GONE = ["workflows/sums/scenarios/gone.txt"]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose first commit cannot add, and whose work tree can and has tests that say so."""
    folder = tmp_path_factory.mktemp("counting")
    git(folder, "init", "--quiet")
    write(folder, BEFORE)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "It cannot add")
    write(folder, NOW)
    for name in GONE:
        (folder / name).unlink()
    return folder


def failed_before(repository: Path, *options: object) -> tuple[int, list[str]]:
    command = [sys.executable, ROOT / "tools" / "failed-before", "HEAD", *options]
    # Without the plugins of other packages pytest begins ten times sooner.
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).splitlines()


def test_a_failed_assertion_is_a_proof_and_nothing_else_is(repository: Path) -> None:
    status, lines = failed_before(repository)
    assert status == 1
    unproved = "ERROR BEFORE, which proves nothing"
    new_module = "ModuleNotFoundError: No module named 'counting.fresh'"
    example, failed = "S1 test_example", "failed before (AssertionError"
    again = "with the commit's own helpers: FixtureLookupError: no fixture 'one' during setup"
    assert lines == [
        "requirements/dev.txt is the same: the packages of the present environment are used",
        "B1 test_one_is_counted: failed before (AssertionError: assert 0 == 1) / passes now",
        "B2 test_values_of_a_file_are_added[1]: failed before (Failed: they were not) / passes now",
        "B2 test_values_of_a_file_are_added[2]: failed before (Failed: they were not) / passes now",
        "B10 test_two_are_added: failed before (AssertionError: two were not added) / passes now",
        "C1 test_nothing_is_nothing: PASSED BEFORE, which proves nothing / passes now",
        f"C2 test_it_uses_what_is_new: {unproved} ({new_module}) / passes now",
        f"C3 test_it_divides_by_a_total: {unproved} (ZeroDivisionError: division by zero) / passes now",
        f"C4 test_it_imports_what_is_new: {unproved} ({new_module}) / passes now",
        f"C5 test_one_is_counted: {unproved} (pytest did not begin: {new_module}; {again}) / passes now",
        f"{example}[workflows/fresh/scenarios/total.txt]: {failed}: HEAD: no law for 1 1 2) / passes now",
        f"{example}[workflows/sums/scenarios/total.txt]: {failed}: the law has not 1 2 3) / passes now",
        "11 tests of 9 ids: NOT PROVED",
    ]


def test_ids_and_ranges_choose_and_the_work_tree_is_removed(repository: Path) -> None:
    findings = repository / "findings.md"
    findings.write_text("| # | example |\n|---|---|\n| B1 | one |\n| B2 `[house]` | two |\n| B10 | ten |\n| C1 | x |\n")
    assert failed_before(repository, "--ids", "B1-B2,B10")[0] == 0
    status, lines = failed_before(repository, "--findings", findings, "--ids", "B")
    assert (status, lines[-1]) == (1, "4 tests of 3 ids: NOT PROVED")
    assert "C2: a test bears this id, which the findings do not have" in lines
    assert len(git(repository, "worktree", "list").splitlines()) == 1
    assert git(repository, "status", "--porcelain", "--", "src/counting/__init__.py")


def test_the_worked_scenarios_of_today_meet_the_law_of_the_commit(repository: Path) -> None:
    status, lines = failed_before(repository, "--ids", "S1")
    assert (status, lines[-1]) == (0, "2 tests of 1 ids: all failed before and pass now")


def test_an_id_that_no_test_bears_is_a_fault(repository: Path) -> None:
    status, lines = failed_before(repository, "--ids", "B10,E14")
    assert status == 1
    assert "E14: NO TEST bears this id" in lines


def test_what_cannot_be_compared_is_said_in_one_line(repository: Path) -> None:
    for options in (["--ids", "B1-C2"], ["--findings", "nowhere.md"]):
        status, lines = failed_before(repository, *options)
        assert (status, len(lines)) == (1, 1)
        assert re.match(r"failed-before: .", lines[0])
