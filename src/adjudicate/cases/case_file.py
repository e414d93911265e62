"""The file of a case: its documents and who was granted access, each change chained beside the events.

The chain has a head of its own on the row of the case. Whoever appends holds the lock of that row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from adjudicate.cases.models import cases, file_entries, file_particulars
from adjudicate.ledger import Change, Head, KeptTable, Ledger, append

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

    from adjudicate.clock import Moment

FILE = Ledger(
    entries=file_entries,
    private=file_particulars,
    tables={
        kept.name: kept
        for kept in (
            KeptTable(name="documents", key=("case_id", "digest"), private=("name",)),
            KeptTable(name="grants", key=("id",)),
        )
    },
    scope="case_id",
)


def record(tx: Connection, case_id: str, change: Change) -> None:
    """Write the rows of a change and an entry about them into the file of a case whose row is locked."""
    statement = select(cases.c.file_place, cases.c.file_hash).where(cases.c.id == case_id)
    row = tx.execute(statement).one()
    head = Head(row.file_place, row.file_hash or FILE.first_link(case_id))
    new = append(tx, FILE, case_id, head, change)
    tx.execute(update(cases).where(cases.c.id == case_id).values(file_place=new.place, file_hash=new.hash))


def register_document(tx: Connection, row: Mapping[str, Any]) -> None:
    """Put a document on the file; `row` is a whole row of `documents`."""
    change = Change(
        kind="document_registered", actor=row["registered_by"], at=row["registered_at"], rows={"documents": [row]}
    )
    record(tx, row["case_id"], change)


def give_grant(tx: Connection, row: Mapping[str, Any]) -> None:
    """Grant access to the case; `row` is a row of `grants`, without who ended it."""
    whole = {**row, "ended_by": None, "ended_at": None}
    change = Change(kind="access_granted", actor=row["granted_by"], at=row["granted_at"], rows={"grants": [whole]})
    record(tx, row["case_id"], change)


def end_grant(
    tx: Connection, row: Mapping[Any, Any], *, until_on: date, by: str, moment: Moment, reason: str | None = None
) -> None:
    """End a grant on a day; it stays on the file."""
    ended = {**row, "until_on": until_on, "ended_by": by, "ended_at": moment.at}
    change = Change(kind="access_ended", actor=by, at=moment.at, rows={"grants": [ended]}, reason=reason)
    record(tx, row["case_id"], change)
