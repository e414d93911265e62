"""Whether docket numbers have no gap, end where their counters say, and are those that events drew, in their place."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Any

from adjudicate.cases.queries import dockets
from adjudicate.verification.findings import Finding
from adjudicate.verification.queries import whole_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection, RowMapping

    from adjudicate.definition.rulebook import Rulebook

Series = tuple[str, str, int]


def findings(tx: Connection) -> Iterator[Finding]:
    """Compare the numbers with their counters and with the events that drew and voided them."""
    numbers = dockets.all_numbers(tx)
    counters: dict[Series, int] = {_series(row): row["last"] for row in dockets.all_counters(tx)}
    for series, group in groupby(numbers, key=_series):
        yield from _gaps(series, list(group), counters.pop(series, 0))
    for series, last in counters.items():
        yield from _gaps(series, [], last)
    yield from _drawn_twice(numbers)
    yield from _against_events(numbers, whole_record.numbered_events(tx))


def case_findings(
    tx: Connection, case: Mapping[Any, Any], rows: Sequence[Mapping[Any, Any]], rulebooks: Mapping[str, Rulebook]
) -> Iterator[Finding]:
    """Compare the series and the place of each number of a case with the event that drew it; `rows` are its events."""
    drawing = {row["sequence"]: row for row in rows if row["docket_number"] is not None}
    if not drawing:
        return
    for number in dockets.numbers_of(tx, case["id"]):
        event = drawing.get(number["sequence"])
        if event is not None and not _as_drawn(number, event, case, rulebooks):
            yield Finding(
                case["id"], number["sequence"], f"案号簿中案号 {number['text']} 的机构、类别、年份或序号与事项不符",
                f"the docket book has the number {number['text']} in another series or place than the event drew it",
            )  # fmt: skip


def _as_drawn(
    number: Mapping[Any, Any], event: Mapping[Any, Any], case: Mapping[Any, Any], rulebooks: Mapping[str, Rulebook]
) -> bool:
    if (number["office"], number["year"]) != (case["office"], event["effective_on"].year):
        return False
    return any(
        number["kind"] == f"{book.key}/{name}" and _written(docket.format, number)
        for book in rulebooks.values()
        for name, docket in book.main.workflow.dockets.items()
    )


def _written(form: str, number: Mapping[Any, Any]) -> bool:
    """Whether a number is what its text says. What an office's numbers begin with may have changed since."""
    parts = form.format(office="\0", year=number["year"], number=number["number"]).split("\0")
    return re.fullmatch(".*".join(re.escape(part) for part in parts), number["text"]) is not None


def _series(row: RowMapping) -> Series:
    return row["office"], row["kind"], row["year"]


def _gaps(series: Series, rows: Sequence[RowMapping], last: int) -> Iterator[Finding]:
    office, kind, year = series
    present = {row["number"] for row in rows}
    for number in range(1, max(last, max(present, default=0)) + 1):
        if number not in present:
            yield Finding.of_all(
                f"案号缺号：{office} {kind} {year} 年第 {number} 号",
                f"no docket number {number} of {office} {kind} {year}",
            )
    if rows and last != max(present):
        yield Finding(
            rows[-1]["case_id"], rows[-1]["sequence"],
            f"{office} {kind} {year} 年的案号计数器为 {last}，而最大案号为 {max(present)}",
            f"the docket counter of {office} {kind} {year} says {last}, the numbers end with {max(present)}",
        )  # fmt: skip


def _drawn_twice(numbers: Sequence[RowMapping]) -> Iterator[Finding]:
    """Two offices may have been given the same beginning by a former release; one office draws no number twice."""
    first: dict[tuple[str, str], str] = {}
    for row in numbers:
        other = first.setdefault((row["office"], row["text"]), row["case_id"])
        if other != row["case_id"]:
            yield Finding(
                row["case_id"], row["sequence"], f"案号 {row['text']} 已属于另一案件：{other}",
                f"the number {row['text']} is already that of another case: {other}",
            )  # fmt: skip


def _against_events(numbers: Sequence[RowMapping], rows: Sequence[RowMapping]) -> Iterator[Finding]:
    drawn: dict[Any, str] = {(row["case_id"], row["sequence"]): row["text"] for row in numbers}
    voided = {(row["case_id"], row["voided_by"]): row["text"] for row in numbers if row["voided_by"] is not None}
    for row in rows:
        place = (row["case_id"], row["sequence"])
        if row["docket_number"] is not None and drawn.pop(place, None) != row["docket_number"]:
            yield Finding(*place, "事项所取案号不在案号簿中", "the number this event drew is not in the docket book")
        if row["voids_docket_number"] is not None and voided.pop(place, None) != row["voids_docket_number"]:
            yield Finding(*place, "事项所作废的案号在案号簿中未作废", "the number this event voided is not void")
    for (case_id, sequence), text in drawn.items():
        yield Finding(case_id, sequence, f"案号 {text} 没有事项依据", f"no event drew the number {text}")
    for (case_id, sequence), text in voided.items():
        yield Finding(case_id, sequence, f"案号 {text} 作废没有事项依据", f"no event voided the number {text}")
