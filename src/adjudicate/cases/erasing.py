"""Erasing particulars that may lawfully go: of events, of documents; the chains stay whole, and it is itself on record.

Facts that a guard, a deadline or a document rule reads are no particulars and stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from adjudicate import ledger
from adjudicate.cases.case_file import FILE, record
from adjudicate.cases.errors import NothingToErase
from adjudicate.cases.models import documents, event_particulars, idempotency, parties
from adjudicate.cases.parties import name_columns
from adjudicate.cases.queries import reads
from adjudicate.cases.rows import people_of
from adjudicate.ledger import Change

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from adjudicate.clock import Moment

ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What is to go: the particulars of these events (by sequence), and these documents (by digest)."""

    events: Collection[int] = ()
    documents: Collection[str] = ()


def erase(tx: Connection, case_id: str, erasure: Erasure, *, by: str, reason: str, moment: Moment) -> list[str]:
    """Erase particulars of a case whose row is locked; returns the digests of documents whose bytes may now go.

    The names of parties are then what the events still tell; a party that none names has no name. Raises NothingToErase
    where an event has no particulars (or none any more), or a document is not on the file (or was erased before).
    """
    rows = [_document(tx, case_id, digest) for digest in sorted(set(erasure.documents))]
    told = [{"table": "event_particulars", "row": str(one)} for one in sorted(set(erasure.events))]
    for sequence in sorted(set(erasure.events)):
        _erase_event(tx, case_id, sequence)
    for row in rows:
        ledger.erase(tx, FILE, case_id, "documents", f"{case_id} {row['digest']}")
        told.append({"table": "documents", "row": f"{case_id} {row['digest']}"})
    _name_parties_anew(tx, case_id)
    # An answer that was kept for repetition may quote what is gone.
    quoted = {"body": '{"erased":true}', "headers": {}}
    tx.execute(update(idempotency).where(idempotency.c.case_id == case_id).values(**quoted))
    nameless = [{**row, "name": ""} for row in rows]
    changed: dict[str, list[dict[str, Any]]] = {"documents": nameless} if nameless else {}
    change = Change(kind="particulars_erased", actor=by, at=moment.at, rows={**changed, ERASED: told}, reason=reason)
    record(tx, case_id, change)
    return [row["digest"] for row in rows if not _is_elsewhere(tx, case_id, row["digest"])]


def _erase_event(tx: Connection, case_id: str, sequence: int) -> None:
    where = (event_particulars.c.case_id == case_id, event_particulars.c.sequence == sequence)
    gone = tx.execute(update(event_particulars).where(*where, event_particulars.c.salt.is_not(None)).values(
        body=None, salt=None
    ))  # fmt: skip
    if not gone.rowcount:
        raise NothingToErase(
            zh=f"第 {sequence} 号事项没有可以删除的个人信息", en=f"event {sequence} has no particulars to erase"
        )


def _document(tx: Connection, case_id: str, digest: str) -> dict[str, Any]:
    where = (documents.c.case_id == case_id, documents.c.digest == digest)
    row = tx.execute(select(documents).where(*where)).mappings().first()
    if row is None or not row["name"]:
        raise NothingToErase(
            zh=f"案卷中没有可以删除的文件 {digest[:12]}", en=f"no document {digest[:12]} is on file to be erased"
        )
    return dict(row)


def _is_elsewhere(tx: Connection, case_id: str, digest: str) -> bool:
    """Whether another case has the same bytes on file."""
    where = (documents.c.digest == digest, documents.c.case_id != case_id, documents.c.name != "")
    return tx.execute(select(documents.c.case_id).where(*where).limit(1)).first() is not None


def _name_parties_anew(tx: Connection, case_id: str) -> None:
    known = people_of(reads.event_rows(tx, case_id))
    for row in reads.party_rows(tx, case_id):
        person = known.get(row["party"])
        named = name_columns(person) if person else {"name": None, "name_key": None, "particulars": None}
        where = (parties.c.case_id == case_id, parties.c.party == row["party"])
        tx.execute(update(parties).where(*where).values(**named))
