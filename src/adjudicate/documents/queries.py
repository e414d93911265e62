"""The statements on documents registered in cases; who may see the case is asked by the caller of these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from adjudicate.cases.models import documents

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping


def documents_of(tx: Connection, case_id: str) -> list[RowMapping]:
    """The documents registered in a case, in the order in which they were."""
    where = documents.c.case_id == case_id
    return list(
        tx.execute(select(documents).where(where).order_by(documents.c.registered_at, documents.c.digest)).mappings()
    )


def document(tx: Connection, case_id: str, digest: str) -> RowMapping | None:
    """One document registered in a case."""
    where = (documents.c.case_id == case_id, documents.c.digest == digest)
    return tx.execute(select(documents).where(*where)).mappings().first()
