"""The file of a case: its documents and who was granted access, each change chained beside the events.

The chain has a head of its own on the row of the case. Whoever appends holds the lock of that row.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from adjudicate.cases.models import file_entries, file_particulars
from adjudicate.cases.queries import filing
from adjudicate.ledger import Change, Head, KeptTable, Ledger, append, entries_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

    from adjudicate.clock import Moment

# In an entry of the file: the requests for documents that were fulfilled. The requests themselves follow from events.
FULFILLED = "fulfilled"

FILE = Ledger(
    entries=file_entries,
    private=file_particulars,
    tables={
        kept.name: kept
        for kept in (
            KeptTable(name="documents", key=("case_id", "digest"), private=("name",)),
            KeptTable(name="grants", key=("id",)),
            KeptTable(name="case_officers", key=("case_id", "number")),
        )
    },
    scope="case_id",
)


def record(tx: Connection, case_id: str, change: Change) -> None:
    """Write the rows of a change and an entry about them into the file of a case whose row is locked."""
    head = filing.file_head(tx, case_id) or Head(0, FILE.first_link(case_id))
    filing.move_file_head(tx, case_id, append(tx, FILE, case_id, head, change))


def register_document(tx: Connection, row: Mapping[str, Any]) -> None:
    """Put a document on the file; `row` is a whole row of `documents`."""
    change = Change(
        kind="document_registered", actor=row["registered_by"], at=row["registered_at"], rows={"documents": [row]}
    )
    record(tx, row["case_id"], change)


def fulfil_request(tx: Connection, case_id: str, request: Mapping[str, Any], *, by: str, moment: Moment) -> None:
    """Say on the file that a registered document is the one due; `request` has its sequence, document and digest.

    Of several that are given for one request the last counts.
    """
    row = {**request, "fulfilled_at": moment.at}
    record(tx, case_id, Change(kind="document_issued", actor=by, at=moment.at, rows={FULFILLED: [row]}))
    filing.mark_fulfilled(tx, case_id, row)


def fulfilled_by(tx: Connection, case_id: str, at: datetime) -> dict[tuple[int, str], Mapping[str, Any]]:
    """The requests that were fulfilled by an instant, by sequence and document, each as the file tells it."""
    entries = [entry.row for entry in entries_of(tx, FILE, case_id) if entry.row["recorded_at"] <= at]
    told = [row for entry in entries for row in entry["rows"].get(FULFILLED, ())]
    return {
        (row["sequence"], row["document"]): {**row, "fulfilled_at": datetime.fromisoformat(row["fulfilled_at"])}
        for row in told
    }


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


def assign(tx: Connection, case_id: str, officer: str, *, by: str, moment: Moment, reason: str | None = None) -> None:
    """Put a person in charge of a case from now on; nothing happens where that is so already."""
    if filing.officer_of(tx, case_id) == officer:
        return
    row = {"case_id": case_id, "number": filing.officers_so_far(tx, case_id) + 1, "actor": officer}
    whole = {**row, "assigned_by": by, "assigned_at": moment.at}
    record(
        tx, case_id,
        Change(kind="officer_assigned", actor=by, at=moment.at, rows={"case_officers": [whole]}, reason=reason),
    )  # fmt: skip
    filing.put_in_charge(tx, case_id, officer)
