"""The statements on the head of a case's file, and those that erase particulars beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from adjudicate.cases.models import case_officers, cases, documents, event_particulars, idempotency, parties
from adjudicate.cases.models import document_requests as requests
from adjudicate.cases.queries.outbox import ERASED_ANSWER
from adjudicate.ledger import Head

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection, RowMapping


def file_head(tx: Connection, case_id: str) -> Head | None:
    """Where the file of a case ends; None while there is nothing on it."""
    row = tx.execute(select(cases.c.file_place, cases.c.file_hash).where(cases.c.id == case_id)).one()
    return Head(row.file_place, row.file_hash) if row.file_hash else None


def move_file_head(tx: Connection, case_id: str, head: Head) -> None:
    """Store where the file of a case ends now."""
    tx.execute(update(cases).where(cases.c.id == case_id).values(file_place=head.place, file_hash=head.hash))


def erase_event(tx: Connection, case_id: str, sequence: int) -> bool:
    """Remove the particulars of an event; False if it has none, or none any more."""
    beside = event_particulars
    where = (beside.c.case_id == case_id, beside.c.sequence == sequence, beside.c.salt.is_not(None))
    return bool(tx.execute(update(beside).where(*where).values(body=None, salt=None)).rowcount)


def document(tx: Connection, case_id: str, digest: str) -> RowMapping | None:
    """A document on the file of a case that was not erased."""
    where = (documents.c.case_id == case_id, documents.c.digest == digest, documents.c.name != "")
    return tx.execute(select(documents).where(*where)).mappings().first()


def mark_fulfilled(tx: Connection, case_id: str, row: Mapping[str, Any]) -> None:
    """Store by which document a request was fulfilled, and when."""
    where = (requests.c.case_id == case_id, *(requests.c[name] == row[name] for name in ("sequence", "document")))
    tx.execute(update(requests).where(*where).values(digest=row["digest"], fulfilled_at=row["fulfilled_at"]))


def on_file(tx: Connection, case_id: str, digests: Collection[str]) -> frozenset[str]:
    """Which of these digests are those of documents on the file of a case that were not erased."""
    where = (documents.c.case_id == case_id, documents.c.digest.in_(digests), documents.c.name != "")
    return frozenset(tx.execute(select(documents.c.digest).where(*where)).scalars())


def hold_bytes(tx: Connection, digest: str) -> None:
    """Keep everybody else from registering or removing the bytes with this digest until the transaction ends.

    Asked for behind the lock of a case, never before it. SQLite lets one transaction write at a time anyway.
    """
    if tx.dialect.name == "postgresql":
        # Another document with the same first sixteen digits only waits for no reason.
        tx.execute(select(func.pg_advisory_xact_lock(int.from_bytes(bytes.fromhex(digest[:16]), signed=True))))


def is_on_any_file(tx: Connection, digest: str) -> bool:
    """Whether a case has the bytes with this digest on file, not erased."""
    where = (documents.c.digest == digest, documents.c.name != "")
    return tx.execute(select(documents.c.case_id).where(*where).limit(1)).first() is not None


def forget_answers(tx: Connection, case_id: str) -> None:
    """Empty the answers kept for repetitions of commands on a case: they may quote what was erased."""
    _empty(tx, tx.execute(select(idempotency).where(idempotency.c.case_id == case_id)).mappings().all())


def forget_answers_about(tx: Connection, actor_id: str) -> None:
    """Empty the answers kept for repetitions of administrative commands on a person: they tell the name."""
    rows = tx.execute(select(idempotency).where(idempotency.c.case_id.is_(None))).mappings()
    _empty(tx, [row for row in rows if json.loads(row["body"]).get("id") == actor_id])


def _empty(tx: Connection, rows: Sequence[Mapping[Any, Any]]) -> None:
    for row in rows:
        where = (idempotency.c.actor == row["actor"], idempotency.c.key == row["key"])
        # Where the thing lies stays. An ETag and the request's fingerprint are digests of what was erased, and could be
        # compared with guesses.
        headers = {name: value for name, value in row["headers"].items() if name == "Location"}
        tx.execute(update(idempotency).where(*where).values(body=ERASED_ANSWER, headers=headers, fingerprint=""))


def name_party(tx: Connection, case_id: str, party: str, columns: Mapping[str, Any]) -> None:
    """Overwrite who a party is, as far as it is known."""
    tx.execute(update(parties).where(parties.c.case_id == case_id, parties.c.party == party).values(**columns))


def officer_of(tx: Connection, case_id: str) -> str | None:
    """Who is in charge of a case."""
    return tx.execute(select(cases.c.officer).where(cases.c.id == case_id)).scalar()


def officers_so_far(tx: Connection, case_id: str) -> int:
    """How often a case was assigned."""
    where = case_officers.c.case_id == case_id
    return int(tx.execute(select(func.count()).select_from(case_officers).where(where)).scalar_one())


def officer_rows(tx: Connection, case_id: str) -> list[RowMapping]:
    """Everybody to whom a case was assigned, in order."""
    where = case_officers.c.case_id == case_id
    return list(tx.execute(select(case_officers).where(where).order_by(case_officers.c.number)).mappings())


def put_in_charge(tx: Connection, case_id: str, officer: str) -> None:
    """Store who is in charge now; the work list of people is brought up to it by who projects the case."""
    tx.execute(update(cases).where(cases.c.id == case_id).values(officer=officer))
