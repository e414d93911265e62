"""The statements on the one row that says whether a database is a sandbox and which day it plays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from adjudicate.access.administration import PROGRAM, begin, record
from adjudicate.access.models import actors
from adjudicate.cases.models import marker
from adjudicate.ledger import Change

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Connection

_played = select(marker.c.played_on).where(marker.c.sandbox.is_(True))


def mark_once(tx: Connection, *, sandbox: bool, at: datetime) -> bool:
    """Mark a database that bears no mark yet; return whether it is a sandbox. One already in use never becomes one."""
    marked = tx.execute(select(marker.c.sandbox)).scalar()
    if marked is None:
        begin(tx)
        marked = tx.execute(select(marker.c.sandbox)).scalar()
    if marked is None:
        sandbox = sandbox and tx.execute(select(actors.c.id).limit(1)).first() is None
        row = {"id": 1, "sandbox": sandbox, "played_on": None, "created_at": at}
        record(tx, Change(kind="database_marked", actor=PROGRAM, at=at, rows={"marker": [row]}))
        return sandbox
    return bool(marked)


def played_on(tx: Connection) -> date | None:
    """The day a sandbox plays; None for the real one."""
    return tx.execute(_played).scalar()


def play(tx: Connection, day: date, *, by: str, at: datetime) -> bool:
    """Set the day a sandbox plays; False if this is no sandbox."""
    row = tx.execute(select(marker).where(marker.c.sandbox.is_(True)).with_for_update()).mappings().first()
    if row is None:
        return False
    rows = {"marker": [{**row, "played_on": day}]}
    record(tx, Change(kind="day_played", actor=by, at=at, rows=rows))
    return True
