"""The last days of a year, asked of the command line with calendars up to a year and up to the next."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adjudicate.checks import check
from adjudicate.cli import main
from tests.surroundings import ROOT

SHIPPED = ROOT / "workflows/calendars"


def until(folder: Path, year: int) -> Path:
    """The shipped calendars without the years after this one."""
    shutil.copytree(SHIPPED, folder, dirs_exist_ok=True)
    for path in (folder / "cn").glob("2*.yaml"):
        if int(path.stem) > year:
            path.unlink()
    return folder


def ask(calendars: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["due-date", *words, "--calendars", str(calendars)])


@pytest.mark.finding("K11")
@pytest.mark.parametrize(
    ("words", "presumed", "published"),
    [
        (("2018-12-26", "3 working_days"), "2018-12-31", "2018-12-29"),
        (("2018-12-14", "15 days"), "2018-12-31", "2018-12-29"),
        (("2018-12-01", "30 days"), "2018-12-31", "2019-01-02"),
        (("2019-01-04", "3 working_days", "--backward"), "2018-12-31", "2018-12-29"),
        (("2019-01-20", "21 days", "--backward"), "2018-12-28", "2018-12-29"),
    ],
    ids=["working days", "rolling on", "rolling past New Year", "working days back", "rolling back"],
)
def test_a_day_at_the_end_of_a_year_is_provisional_until_the_next_years_notice_is_loaded(
    tmp_path: Path, words: tuple[str, ...], presumed: str, published: str
) -> None:
    before = ask(until(tmp_path / "before", 2018), *words)
    assert before.stdout == f"{presumed}\n"
    assert "暂定：国务院办公厅2019年的放假通知尚未加载" in before.stderr
    assert "provisional: the State Council's holiday notice for 2019 is not loaded" in before.stderr
    after = ask(until(tmp_path / "after", 2019), *words)
    assert after.stdout == f"{published}\n"
    assert "暂定" not in after.stderr


def test_days_before_the_end_of_a_year_are_certain(tmp_path: Path) -> None:
    calendars = until(tmp_path, 2018)
    assert ask(calendars, "2018-12-26", "2 working_days").stdout == "2018-12-28\n"
    assert "暂定" not in ask(calendars, "2018-12-26", "2 working_days").stderr


@pytest.mark.finding("K11")
def test_the_end_of_a_year_is_among_the_open_points_with_its_file_and_line() -> None:
    point = next((one for one in check(ROOT / "workflows").rulings if one.file == "calendars/cn/statutory.yaml"), None)
    assert point is not None
    line = (SHIPPED / "cn/statutory.yaml").read_text(encoding="utf-8").splitlines()[point.line - 1]
    assert line.strip() == f"ruling_needed: {point.code}"
    assert point.code in (ROOT / "workflows/OPEN-POINTS.md").read_text(encoding="utf-8")
