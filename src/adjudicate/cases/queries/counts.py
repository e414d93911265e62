"""The counts of cases, deadlines and hearings within a caller's sight: each is what a list would show."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from adjudicate.cases.models import agenda, cases, hearings
from adjudicate.cases.queries.page import Seen

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, Connection

    from adjudicate.access.queries import Sight


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What is before an office on a day: figures by (procedure, stage), by kind of deadline, and plain ones.

    `today` and `week` count from today on, the week to its Sunday, and so a week holds what is due today.
    """

    open_cases: Counter[tuple[str, str | None]]
    due_today: Counter[str]
    due_this_week: Counter[str]
    overdue_duties: int
    hearings_today: int
    hearings_this_week: int
    unsettled: int


def day(tx: Connection, *, sight: Sight, office: str | None, today: date, next_week: date) -> Day:
    """The counts of one day; `next_week` is the Monday after it. With `office`, of its cases alone."""
    seen = Seen(tx, sight, office)
    stage = (cases.c.workflow, cases.c.stage)
    due = counted(seen, agenda.c.case_id, agenda.c.office, (agenda.c.kind, agenda.c.due_on),
                   agenda.c.due_on >= today, agenda.c.due_on < next_week)  # fmt: skip
    held = counted(seen, hearings.c.case_id, hearings.c.office, (hearings.c.hearing_on,),
                    hearings.c.hearing_on >= today, hearings.c.hearing_on < next_week)  # fmt: skip
    overdue = counted(seen, agenda.c.case_id, agenda.c.office, (), agenda.c.kind == "duty", agenda.c.due_on < today)
    today_by_kind: Counter[str] = Counter()
    week_by_kind: Counter[str] = Counter()
    for (kind, on), number in due.items():
        week_by_kind[kind] += number
        if on == today:
            today_by_kind[kind] += number
    return Day(
        open_cases=counted(seen, cases.c.id, cases.c.office, stage, cases.c.closed == False),  # noqa: E712 - SQL
        due_today=today_by_kind,
        due_this_week=week_by_kind,
        overdue_duties=overdue.total(),
        hearings_today=held[(today,)],
        hearings_this_week=held.total(),
        unsettled=_unsettled(seen, today),
    )


def unsettled(tx: Connection, *, sight: Sight, today: date) -> int:
    """How many cases the caller may see have a lapse that is due and not yet announced."""
    return _unsettled(Seen(tx, sight, None), today)


def _unsettled(seen: Seen, today: date) -> int:
    return counted(
        seen, cases.c.id, cases.c.office, (), cases.c.next_due_on < today, cases.c.settled_on < today
    ).total()


def counted(
    seen: Seen,
    case_id: ColumnElement[str],
    office: ColumnElement[str],
    by: tuple[ColumnElement[Any], ...],
    *where: ColumnElement[bool],
) -> Counter[Any]:
    """The rows of a table within sight that meet the conditions, counted by columns: own ones, and those granted."""
    found: Counter[Any] = Counter()
    for place in (seen.own(office), seen.granted(case_id, office) & office.not_in(seen.sight.offices())):
        for *key, number in seen.tx.execute(select(*by, func.count()).where(place, *where).group_by(*by)):
            found[tuple(key)] += number
    return found
