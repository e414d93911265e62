"""The statements that only the demo needs; they read, and never write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from adjudicate.cases.models import cases

if TYPE_CHECKING:
    from sqlalchemy import Connection


def has_case(tx: Connection) -> bool:
    """Whether any case was ever recorded."""
    return tx.execute(select(cases.c.id).limit(1)).first() is not None


def open_cases_of(tx: Connection, office: str) -> list[str]:
    """The ids of the open cases of an office, those that changed last first."""
    where = (cases.c.office == office, cases.c.closed.is_(False))
    statement = select(cases.c.id).where(*where).order_by(cases.c.changed_at.desc(), cases.c.id)
    return list(tx.execute(statement).scalars())
