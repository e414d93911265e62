"""The work lists kept beside the cases, each one value: its table, its key, and how its rows follow from a standing.

A new work list is one more entry of PROJECTIONS with its table in `models`: recording, verification and the rebuild
go through that list and know none of them by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from adjudicate.cases import models
from adjudicate.cases.parties import name_columns
from adjudicate.cases.projected_case import ProjectedCase, patent_of
from adjudicate.law.folding import fold_number
from adjudicate.law.periods import Length, Unit, add_months
from adjudicate.law.text import Text
from adjudicate.states.standing import Status
from adjudicate.states.threads import in_thread, rule_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Table

    from adjudicate.cases.parties import Person
    from adjudicate.definition.models import HearingIndex
    from adjudicate.law.calendars import Calendar
    from adjudicate.states.standing import Member, Running, Standing

Row = dict[str, Any]
LONGEST_NUMBER = 80
# What a fact says of somebody may be a name or an id of the register; only an id can be one.
ACTOR_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """One work list. A row is known within its case by the column `key`.

    `items` are what the rows are made of, by key: where an item is still the same object or an equal one, its row is
    not made again. A row may leave columns out; they then keep what is stored. `unverified` columns do not follow from
    the events alone.
    """

    table: Table
    key: str
    title: Text
    items: Callable[[ProjectedCase], Mapping[str, Any]]
    row: Callable[[ProjectedCase, str, Any], Row]
    unverified: frozenset[str] = frozenset()

    def rows(self, case: ProjectedCase) -> dict[str, Row]:
        """Every row of a case by its key."""
        return {key: self._row(case, key, item) for key, item in self.items(case).items()}

    def changes(self, before: ProjectedCase | None, after: ProjectedCase) -> tuple[list[Row], list[str]]:
        """The rows to write, and the keys of rows to remove, to come from one standing to another."""
        former = {} if before is None else self.items(before)
        present = self.items(after)
        # Standings share what an act left alone, and two equal records take longer to compare than one with itself.
        changed = [
            self._row(after, key, item) for key, item in present.items()
            if (was := former.get(key)) is not item and was != item
        ]  # fmt: skip
        return changed, [key for key in former if key not in present]

    def _row(self, case: ProjectedCase, key: str, item: Any) -> Row:
        return {"case_id": case.case_id, self.key: key, **self.row(case, key, item)}


def _deadline_row(case: ProjectedCase, _key: str, running: Running) -> Row:
    rule = rule_of(case.rulebook, running.name, running.thread)
    before = (rule.warn_before or case.warn_before) if case.warn_before else None
    return {
        "name": running.name,
        "kind": rule.kind.value,
        "party": running.party,
        "thread": running.thread,
        "status": running.status.value,
        "trigger_on": running.trigger_on,
        "started_on": running.started_on,
        "due_on": running.due_on,
        "due_at": running.due_at,
        "last_counted_on": running.last_counted_on,
        "provisional": running.provisional,
        "ended_on": running.ended_on,
        "lapsed_on": running.lapsed_on,
        "office": case.office,
        "warn_on": _warn_on(running, before, case.calendar) if before else None,
    }


def _warn_on(running: Running, before: Length, calendar: Calendar) -> date | None:
    """The day that lies `before` the due day; None while the deadline does not run or has no end."""
    if running.status is not Status.RUNNING or running.due_on is None:
        return None
    if before.unit is Unit.WORKING_DAYS:
        return date.fromordinal(calendar.nth_working_before(running.due_on.toordinal(), before.count))
    if before.unit is Unit.MONTHS or before.unit is Unit.YEARS:
        return add_months(running.due_on, -before.count * (12 if before.unit is Unit.YEARS else 1))
    days = before.count if before.unit is Unit.DAYS else -(-before.count // 24)
    return date.fromordinal(running.due_on.toordinal() - days)


def _place(case: ProjectedCase) -> Row:
    """What never changes of a case, and by which lists find its rows."""
    return {"office": case.office, "opened_on": case.opened_on}


def _stage(case: ProjectedCase) -> Row:
    return {"workflow": case.workflow, "stage": case.standing.state, "closed": case.standing.closed}


def _running(case: ProjectedCase) -> Mapping[str, tuple[Running, Row]]:
    """The deadlines that run, with what else their rows say of the case now."""
    stage = _stage(case)
    return {key: (one, stage) for key, one in case.standing.deadlines.items() if one.status is Status.RUNNING}


def _agenda_row(case: ProjectedCase, _key: str, item: tuple[Running, Row]) -> Row:
    running, stage = item
    rule = rule_of(case.rulebook, running.name, running.thread)
    return {
        "name": running.name,
        "kind": rule.kind.value,
        "started_on": running.started_on,
        "due_on": running.due_on,
        **_place(case),
        **stage,
    }


def _numbers(case: ProjectedCase) -> Mapping[str, str]:
    """The numbers of a case by kind, as they are written."""
    written = {"docket": case.docket_number, "patent": patent_of(case)}
    return {kind: number for kind, number in written.items() if number is not None}


def _number_row(case: ProjectedCase, _kind: str, number: str) -> Row:
    return {"number": fold_number(number, whole=True)[:LONGEST_NUMBER], **_place(case)}


def _members(case: ProjectedCase) -> Mapping[str, tuple[Member, Person | None]]:
    return {party: (member, case.people.get(party)) for party, member in case.standing.members.items()}


def _party_row(case: ProjectedCase, _key: str, item: tuple[Member, Person | None]) -> Row:
    member, person = item
    row = {
        **_place(case),
        "role": member.role,
        "represents": member.represents,
        "joined_on": member.joined_on,
        "left_on": member.left_on,
    }
    return row if person is None else {**row, **name_columns(person)}


def _hearings(case: ProjectedCase) -> Mapping[str, Row]:
    """The hearings by thread ('' for the main procedure), where the facts name a day."""
    found: dict[str, Row] = {}
    places = [("", case.rulebook.main.workflow.indexes.hearing, case.standing.facts)]
    for key, thread in case.standing.threads.items():
        index = case.rulebook.compiled(thread.incident).workflow.indexes.hearing
        places.append((key, index, thread.facts))
    for key, index, facts in places:
        row = None if index is None else _hearing(index, facts, case.standing, key)
        if row is not None:
            found[key] = {**row, **_stage(case)}
    return found


def _hearing(index: HearingIndex, facts: Mapping[str, Any], standing: Standing, thread: str) -> Row | None:
    day = facts.get(index.day)
    if not isinstance(day, str):
        return None

    def text(name: str | None, longest: int) -> str | None:
        value = facts.get(name) if name else None
        return None if value is None else str(value)[:longest]

    return {
        "hearing_on": date.fromisoformat(day),
        "time": text(index.time, 40),
        "room": text(index.room, 200),
        "mode": text(index.mode, 80),
        "attended": facts.get(index.attended) if index.attended else None,
        "held": _held(index, date.fromisoformat(day), standing, thread),
    }


def _held(index: HearingIndex, day: date, standing: Standing, thread: str) -> bool:
    """Whether the hearing took place; one fixed for a day after everything recorded is still to come."""
    event = in_thread(str(index.held), thread or None)
    return (
        bool(index.held and standing.recorded.get(event)) and standing.last_on is not None and day <= standing.last_on
    )


def _who_has_to_do_with_it(case: ProjectedCase) -> Mapping[str, bool]:
    """The people who acted in the case (true), or to whom it is assigned: its officer, and whom its facts name."""
    assigned = {case.officer} if case.officer else set()
    places = [(case.rulebook.main, case.standing.facts)]
    places += [(case.rulebook.compiled(one.incident), one.facts) for one in case.standing.threads.values()]
    for compiled, facts in places:
        for name in compiled.naming_people & facts.keys():
            value = facts[name]
            named = value if isinstance(value, list) else [value]
            assigned |= {one for one in named if isinstance(one, str) and ACTOR_ID.fullmatch(one)}
    return {**dict.fromkeys(assigned, False), **dict.fromkeys(case.took_part, True)}


PEOPLE = Projection(
    table=models.case_people,
    key="actor",
    title=Text("经办记录", "part taken"),
    items=_who_has_to_do_with_it,
    row=lambda case, _actor, acted: {"acted": acted, **_place(case)},
)
PROJECTIONS: tuple[Projection, ...] = (
    Projection(
        table=models.deadlines,
        key="key",
        title=Text("期限", "deadline"),
        items=lambda case: case.standing.deadlines,
        row=_deadline_row,
        unverified=frozenset({"warn_on"}),
    ),
    Projection(
        table=models.parties,
        key="party",
        title=Text("当事人", "party"),
        items=_members,
        row=_party_row,
    ),
    Projection(
        table=models.hearings,
        key="thread",
        title=Text("审理安排", "hearing"),
        items=_hearings,
        row=lambda case, _key, hearing: {**hearing, "office": case.office},
    ),
    Projection(
        table=models.agenda,
        key="key",
        title=Text("待办期限", "running deadline"),
        items=_running,
        row=_agenda_row,
    ),
    Projection(
        table=models.case_numbers,
        key="kind",
        title=Text("检索号码", "number searched for"),
        items=_numbers,
        row=_number_row,
    ),
    PEOPLE,
)
