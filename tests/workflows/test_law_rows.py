"""Every row of the law is carried by something named, or answered for: the names exist and fit what the row asks."""

from __future__ import annotations

import pytest

from tests.workflows import law_rows
from tests.workflows.runner import shipped


@pytest.mark.parametrize("row", law_rows.rows(), ids=lambda row: row.id)
def test_a_row_is_carried_by_something_that_exists_and_fits_or_answered_for(row: law_rows.Row) -> None:
    assert not list(law_rows.faults(row, shipped()))


def test_no_row_stands_twice() -> None:
    ids = [row.id for row in law_rows.rows()]
    assert len(ids) == len(set(ids))


def test_every_row_that_asks_something_before_effect_is_carried() -> None:
    assert [row.id for row in law_rows.rows() if row.missing] == []
    assert law_rows.counts(law_rows.rows())["missing"] == 0


def test_the_rows_are_counted() -> None:
    told = law_rows.counts(law_rows.rows())
    print(f"\nlaw rows: {told}")  # noqa: T201 - the counts are what the list is read for
    assert told["rows"] == sum(number for what, number in told.items() if what != "rows")


def test_the_page_says_what_the_list_says() -> None:
    written = law_rows.PAGE.read_text(encoding="utf-8")
    assert written == law_rows.page(shipped()), "run: make law"


def _row(**said: object) -> law_rows.Row:
    return law_rows.Row("ZJ81-26.2", **{"codes": ("C",), **said})  # type: ignore[arg-type]


VERSION = "patent-adjudication/2025-02-01"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (_row(), "none or several"),
        (_row(carried_by={VERSION: {"deadline": ["hearing_notices"]}}), "has no deadline 'hearing_notices'"),
        (_row(carried_by={"patent-adjudication/2019-01-01": {"deadline": ["answer"]}}), "has no deadline 'answer'"),
        (_row(carried_by={VERSION: {"step": ["hearing_held"]}}), "nothing named carries C"),
        (_row(carried_by={VERSION: {"condition": ["minutes_signed"]}}), "nothing named carries C"),
        (_row(codes=("R",), carried_by={VERSION: {"condition": ["heard_by_panel"]}}), "nothing named carries R"),
        (_row(codes=("D",), carried_by={VERSION: {"document": ["hearing_receipt"]}}), "has no document"),
        (_row(next_issue=True), "lies before effect"),
        (_row(reason=law_rows.Label(zh="理由", en="reason")), "a reason does not answer"),
        (_row(missing={"D": "notice"}), "is no code of the row"),
        (_row(missing={"C": "three working days"}), "not carried yet"),
    ],
)
def test_a_row_that_claims_too_much_is_found_out(row: law_rows.Row, told: str) -> None:
    assert any(told in fault for fault in law_rows.faults(row, shipped()))
