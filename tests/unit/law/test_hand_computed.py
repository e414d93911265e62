"""Every date in the table of hand-computed ones, by the fast arithmetic and by its account."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from adjudicate.law.calendars import Calendar
from adjudicate.law.deadlines import Exclusion, Extension, Period, active_days, compute, excluded_days, explain
from adjudicate.law.periods import Length
from tests.unit.law.slow_counter import slow_compute

TABLE: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "hand_computed.yaml").read_text(encoding="utf-8"))


def period_of(row: dict[str, Any]) -> Period:
    return Period(
        trigger_on=row["from"],
        length=Length.parse(row["length"]),
        extensions=tuple(Extension(Length.parse(text), "head", row["from"]) for text in row.get("extend", [])),
        exclusions=tuple(Exclusion(f"kind{i}", *pair) for i, pair in enumerate(row.get("exclude", []))),
        backward=row.get("backward", False),
        rolls=row.get("rolls", True),
    )


def test_the_table_has_at_least_forty_dates() -> None:
    assert len(TABLE) >= 40
    assert len({row["name"] for row in TABLE}) == len(TABLE)


@pytest.mark.parametrize("row", TABLE, ids=[row["name"].replace(" ", "_") for row in TABLE])
def test_the_engine_gives_the_date_worked_out_by_hand(row: dict[str, Any], cn: Calendar) -> None:
    period = period_of(row)
    due = compute(period, cn)
    if row["due"] == "open":
        assert due.due_on is None
        assert due.open_kinds
    else:
        assert due.due_on == row["due"]
        assert due.last_counted_on == row.get("last", row["due"])
    assert due.provisional is row.get("provisional", False)
    assert slow_compute(period, cn) == due
    assert explain(period, cn).due == due


def test_boehringer_lost_152_days_and_112_had_run_on_the_day_of_the_ruling(cn: Calendar) -> None:
    period = period_of(TABLE[0])
    assert excluded_days(period, date(2022, 7, 27)) == 152
    assert active_days(period, cn, date(2022, 7, 27)) == 112
