"""The statements that find what else is set about the hour of a hearing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import case as either
from sqlalchemy import false, select, true

from adjudicate.cases.models import cases, hearings, parties

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection, RowMapping

# More clashes than these with one hearing of one office tell nobody anything more.
MOST = 20


def beginning_near(
    tx: Connection, case_id: str, office: str, day: str, times: tuple[str, str], visible: ColumnElement[bool] | None
) -> list[RowMapping]:
    """The hearings of other cases of the office, not yet held, that begin from the one time of a day to the other.

    Times are written HH:MM. Each hearing comes with whether the caller may see its case.
    """
    seen = true() if visible is None else either((visible, true()), else_=false())
    statement = (
        select(
            hearings.c.case_id,
            hearings.c.time,
            hearings.c.room,
            cases.c.docket_number,
            cases.c.standing,
            seen.label("seen"),
        )
        .select_from(hearings.join(cases, cases.c.id == hearings.c.case_id))
        .where(
            hearings.c.office == office,
            hearings.c.hearing_on == date.fromisoformat(day),
            hearings.c.time.between(*times),
            hearings.c.case_id != case_id,
            hearings.c.held.is_(False),
            cases.c.closed.is_(False),
        )
        .order_by(hearings.c.time, hearings.c.case_id, hearings.c.thread)
        .limit(MOST)
    )
    return list(tx.execute(statement).mappings())


def same_agents(tx: Connection, case_id: str, agents: Sequence[str], other: str) -> list[str]:
    """The names of those of the representatives of a case who represent somebody in another one too."""
    if not agents:
        return []
    theirs = select(parties.c.name_key).where(
        parties.c.case_id == other, parties.c.represents.is_not(None), parties.c.left_on.is_(None)
    )
    own = (parties.c.case_id == case_id, parties.c.party.in_(agents), parties.c.name_key.in_(theirs))
    return list(tx.execute(select(parties.c.name).where(*own).order_by(parties.c.party)).scalars())
