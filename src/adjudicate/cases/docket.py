"""Docket numbers: drawn gapless for each office, kind and year, and kept for ever, void or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adjudicate.cases.queries import dockets as queries

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from adjudicate.definition.rulebook import Rulebook
    from adjudicate.states.entries import NumberDue


def has_number(tx: Connection, due: NumberDue, *, rulebook: Rulebook, case_id: str) -> bool:
    """Whether the case bears a number of this series and year already, so that none is drawn again."""
    row = queries.number_in_force(tx, case_id=case_id, kind=series(rulebook, due))
    return row is not None and row["year"] == due.year


def draw(tx: Connection, due: NumberDue, *, rulebook: Rulebook, office: str, docket_name: str, case_id: str) -> str:
    """Draw a number and write it down. Its counter is the last lock of the command, for all others wait on it."""
    kind = series(rulebook, due)
    number = queries.next_number(tx, office=office, kind=kind, year=due.year)
    text = rulebook.main.workflow.dockets[due.docket].format.format(office=docket_name, year=due.year, number=number)
    row = {"office": office, "kind": kind, "year": due.year, "number": number, "text": text, "voided_by": None}
    queries.add_number(tx, {**row, "case_id": case_id, "sequence": due.sequence})
    return text


def void(tx: Connection, due: NumberDue, *, rulebook: Rulebook, case_id: str) -> str | None:
    """Mark the case's number void; it stays listed. None if the case bears no number of this kind."""
    row = queries.number_in_force(tx, case_id=case_id, kind=series(rulebook, due))
    if row is None:
        return None
    queries.void_number(tx, row, by=due.sequence)
    return str(row["text"])


def series(rulebook: Rulebook, due: NumberDue) -> str:
    """The name of a series within an office: the procedure and the kind of docket."""
    return f"{rulebook.key}/{due.docket}"
