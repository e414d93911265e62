"""Each kind of value comes back from its line of JSON as it was, and what is of another kind is refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adjudicate.backup.errors import RowUnfit
from adjudicate.backup.values import Kind, line_of, read, row_of, written
from adjudicate.compact_json import compact

VALUES = {
    Kind.TEXT: st.text(st.characters(exclude_categories=["Cs"])),
    Kind.INTEGER: st.integers(-(2**63), 2**63 - 1),
    Kind.BOOLEAN: st.booleans(),
    Kind.DAY: st.dates(),
    Kind.INSTANT: st.datetimes(timezones=st.just(UTC)),
    Kind.BYTES: st.binary(),
}


@pytest.mark.parametrize("kind", Kind)
def test_a_value_comes_back_as_it_was(kind: Kind) -> None:
    @given(st.none() | VALUES[kind])
    def comes_back(value: Any) -> None:
        found = read(kind, json.loads(compact(written(kind, value))))
        assert (found, type(found)) == (value, type(value))

    comes_back()


def test_an_instant_is_written_in_utc_with_its_microseconds() -> None:
    at = datetime(2026, 3, 5, 9, 0, 0, 7, timezone(timedelta(hours=8)))
    assert written(Kind.INSTANT, at) == "2026-03-05T01:00:00.000007Z"


WRONG = {
    Kind.TEXT: (1, b"x", True),
    Kind.INTEGER: ("1", 1.0, True),
    Kind.BOOLEAN: (1, "true"),
    Kind.DAY: ("2026-03-05", datetime(2026, 3, 5, tzinfo=UTC)),
    Kind.INSTANT: (date(2026, 3, 5), "2026-03-05T00:00:00.000000Z"),
    Kind.BYTES: ("eA==", 1),
}
UNREADABLE = {
    Kind.TEXT: (1, True, [], {}),
    Kind.INTEGER: ("1", 1.5, True),
    Kind.BOOLEAN: (1, "true", 0),
    Kind.DAY: ("2026-13-05", "20260305", 20260305, "2026-03-05T00:00:00.000000Z"),
    Kind.INSTANT: ("2026-03-05T00:00:00Z", "2026-03-05T00:00:00.000000+08:00", "2026-03-05T25:00:00.000000Z", 0),
    Kind.BYTES: ("x", 1, "e A="),
}


@pytest.mark.parametrize("kind", Kind)
def test_a_value_of_another_kind_is_neither_written_nor_read(kind: Kind) -> None:
    for value in WRONG[kind]:
        with pytest.raises(RowUnfit):
            written(kind, value)
    for value in UNREADABLE[kind]:
        with pytest.raises(RowUnfit):
            read(kind, value)


def test_a_row_with_other_columns_than_its_table_is_refused() -> None:
    columns = {"id": Kind.INTEGER, "name": Kind.TEXT}
    assert row_of(columns, line_of(columns, (1, "甲"))) == [1, "甲"]
    for line in ({"id": 1}, {"id": 1, "name": "甲", "more": 2}, [1, "甲"], None):
        with pytest.raises(RowUnfit):
            row_of(columns, line)
