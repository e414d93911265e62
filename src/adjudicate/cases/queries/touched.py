"""The open cases that a change of an article would touch, as a condition, and which of their deadlines rest on it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, false, func, literal, or_, select

from adjudicate.cases.models import agenda, cases
from adjudicate.cases.queries.counts import counted
from adjudicate.cases.queries.page import Seen, among

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from adjudicate.access.queries import Sight
    from adjudicate.definition.article_reach import Touched

OPEN = cases.c.closed == False  # noqa: E712 - SQL


def touched(reach: Iterable[Touched]) -> ColumnElement[bool]:
    """Whether a row of `cases` is touched; that it is open is asked beside it, where an index answers."""
    return or_(false(), *(_by(one) for one in reach))


def _by(one: Touched) -> ColumnElement[bool]:
    version = [cases.c.workflow == one.key, cases.c.law_day == one.day]
    if one.region is not None:
        version.append(cases.c.region.startswith(one.codes))
    matters = [cases.c.stage.in_(sorted(one.states))] if one.states else []
    if one.deadlines:
        # Asked case by case, of the few deadlines of one that run, after the stage has said no.
        running = select(literal(1)).where(agenda.c.case_id == cases.c.id, agenda.c.name.in_(sorted(one.deadlines)))
        matters.append(running.limit(1).correlate_except(agenda).scalar_subquery().is_not(None))
    return and_(*version, or_(*matters))


def count(
    tx: Connection, *, sight: Sight | None, office: str | None, reach: Iterable[Touched]
) -> Counter[tuple[str, date]]:
    """How many open cases are touched, by procedure and version: those within sight, or with None all there are."""
    by = (cases.c.workflow, cases.c.law_day)
    if sight is not None:
        return counted(Seen(tx, sight, office), cases.c.id, cases.c.office, by, OPEN, touched(reach))
    statement = select(*by, func.count()).where(OPEN, touched(reach)).group_by(*by)
    return Counter({(key, day): number for key, day, number in tx.execute(statement)})


def running(tx: Connection, case_ids: Sequence[str], names: Iterable[str]) -> dict[str, list[str]]:
    """Which deadlines of these names run in each of these cases."""
    found: dict[str, list[str]] = {case_id: [] for case_id in case_ids}
    wanted = (among(tx, agenda.c.case_id, list(found)), agenda.c.name.in_(sorted(names)))
    shown = (agenda.c.case_id, agenda.c.name)
    for case_id, name in tx.execute(select(*shown).distinct().where(*wanted).order_by(*shown)):
        found[case_id].append(name)
    return found
