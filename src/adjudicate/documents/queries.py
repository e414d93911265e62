"""The statements on documents registered in cases; who may see the case is asked by the caller of these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

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


def add_document(tx: Connection, values: dict[str, Any]) -> bool:
    """Write one document's row; False if the case has one with this digest, also from a transaction that was first."""
    into = (sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert)(documents)
    statement = into.on_conflict_do_nothing(index_elements=("case_id", "digest")).returning(documents.c.digest)
    return tx.execute(statement, values).first() is not None
