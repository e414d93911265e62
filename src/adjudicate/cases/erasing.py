"""Erasing particulars that may lawfully go: of events, of documents; the chains stay whole, and it is itself on record.

Facts that a guard, a deadline or a document rule reads are no particulars and stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adjudicate import ledger
from adjudicate.cases import outbox
from adjudicate.cases.case_file import FILE, record
from adjudicate.cases.errors import NothingToErase
from adjudicate.cases.parties import name_columns
from adjudicate.cases.queries import filing, reads
from adjudicate.cases.rows import people_of
from adjudicate.ledger import ERASED, Change

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from adjudicate.clock import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What is to go: the particulars of these events (by sequence), and these documents (by digest)."""

    events: Collection[int] = ()
    documents: Collection[str] = ()


def erase(tx: Connection, case_id: str, erasure: Erasure, *, by: str, reason: str, moment: Moment) -> None:
    """Erase particulars of a case whose row is locked; a message for each document asks for its bytes to be removed.

    The names of parties are then what the events still tell; a party that none names has no name. Raises NothingToErase
    where an event has no particulars (or none any more), or a document is not on the file (or was erased before).
    """
    rows = [_document(tx, case_id, digest) for digest in sorted(set(erasure.documents))]
    told: list[dict[str, str]] = []
    for sequence in sorted(set(erasure.events)):
        if not filing.erase_event(tx, case_id, sequence):
            raise NothingToErase(
                zh=f"第 {sequence} 号记录没有可以删除的个人信息，或者已经删除，请从请求中去掉",
                en=f"row {sequence} has no particulars to erase, or they were erased before: leave it out",
            )
        told.append({"table": "event_particulars", "row": str(sequence)})
    for row in rows:
        name = FILE.tables["documents"].name_of(row)
        ledger.erase(tx, FILE, case_id, "documents", name)
        told.append({"table": "documents", "row": name})
    known = people_of(reads.event_rows(tx, case_id))
    for party in reads.party_rows(tx, case_id):
        person = known.get(party["party"])
        nobody = {"name": None, "name_key": None, "particulars": None}
        filing.name_party(tx, case_id, party["party"], name_columns(person) if person else nobody)
    filing.forget_answers(tx, case_id)
    changed = {"documents": [{**row, "name": ""} for row in rows]} if rows else {}
    change = Change(kind="particulars_erased", actor=by, at=moment.at, rows={**changed, ERASED: told}, reason=reason)
    record(tx, case_id, change)
    for row in rows:
        digest = row["digest"]
        outbox.put_once(
            tx, outbox.ERASED_BYTES, case_id=case_id, sequence=None, body={"digest": digest},
            dedupe_key=f"erased:{case_id}:{digest}", moment=moment,
        )  # fmt: skip


def _document(tx: Connection, case_id: str, digest: str) -> dict[str, Any]:
    row = filing.document(tx, case_id, digest)
    if row is None:
        raise NothingToErase(
            zh="案卷中没有所指的文件，或者已经删除，请从请求中去掉",
            en="a document that was named is not on file, or was erased before: leave it out",
        )
    return dict(row)
