"""Around which time of a day hearings may overlap."""

from __future__ import annotations

import pytest

from adjudicate.cases.clashes import around


def test_hearings_less_than_three_hours_apart_may_overlap_within_their_day() -> None:
    assert around("09:30") == ("06:31", "12:29")
    assert around("00:10") == ("00:00", "03:09")
    assert around("23:50") == ("20:51", "23:59")


@pytest.mark.parametrize("hour", ["上午九时", "", None, "9:30", "25:00"])
def test_what_an_earlier_definition_took_for_an_hour_is_compared_with_nothing(hour: str | None) -> None:
    assert around(hour) is None
