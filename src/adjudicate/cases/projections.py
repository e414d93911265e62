"""The rows of the work lists as they follow from a standing: deadlines, parties, hearings; nothing is stored here."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from adjudicate.law.periods import Length, Unit, add_months
from adjudicate.states.standing import Status
from adjudicate.states.threads import in_thread, rule_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adjudicate.definition.models import HearingIndex
    from adjudicate.definition.rulebook import Rulebook
    from adjudicate.law.calendars import Calendar
    from adjudicate.states.standing import Running, Standing

Row = dict[str, Any]


def lapse_on(running: Running) -> date | None:
    """The day after which a deadline is announced as over; None while it does not run, has no end or is provisional."""
    if running.status is not Status.RUNNING or running.due_on is None or running.provisional:
        return None
    return max(running.due_on, running.moved_on or running.due_on)


def next_due_on(standing: Standing) -> date | None:
    """The first day after which something is to be announced in this case."""
    if standing.closed:
        return None
    return min((on for running in standing.deadlines.values() if (on := lapse_on(running))), default=None)


def deadline_row(
    running: Running, *, case_id: str, office: str, rulebook: Rulebook, calendar: Calendar,
    warn_before: Length | None,
) -> Row:  # fmt: skip
    """The row of one deadline; with `warn_before` the day on which a warning is due is worked out too."""
    rule = rule_of(rulebook, running.name, running.thread)
    return {
        "case_id": case_id,
        "key": running.key,
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
        "office": office,
        "warn_on": warn_on(running, rule.warn_before or warn_before, calendar) if warn_before else None,
    }


def warn_on(running: Running, before: Length, calendar: Calendar) -> date | None:
    """The day that lies `before` the due day; None while the deadline does not run or has no end."""
    if running.status is not Status.RUNNING or running.due_on is None:
        return None
    if before.unit is Unit.WORKING_DAYS:
        return date.fromordinal(calendar.nth_working_before(running.due_on.toordinal(), before.count))
    if before.unit is Unit.MONTHS or before.unit is Unit.YEARS:
        return add_months(running.due_on, -before.count * (12 if before.unit is Unit.YEARS else 1))
    days = before.count if before.unit is Unit.DAYS else -(-before.count // 24)
    return date.fromordinal(running.due_on.toordinal() - days)


def party_rows(standing: Standing, case_id: str) -> dict[str, Row]:
    """The parties by id, without their names."""
    return {
        party: {
            "case_id": case_id,
            "party": party,
            "role": member.role,
            "represents": member.represents,
            "joined_on": member.joined_on,
            "left_on": member.left_on,
        }
        for party, member in standing.members.items()
    }


def hearing_rows(standing: Standing, rulebook: Rulebook, *, case_id: str, office: str) -> dict[str, Row]:
    """The hearings by thread ('' for the main procedure), where the facts name a day."""
    found: dict[str, Row] = {}
    places = [("", rulebook.main.workflow.indexes.hearing, standing.facts)]
    for key, thread in standing.threads.items():
        index = rulebook.compiled(thread.incident).workflow.indexes.hearing
        places.append((key, index, thread.facts))
    for key, index, facts in places:
        row = None if index is None else _hearing(index, facts, standing, key)
        if row is not None:
            found[key] = {"case_id": case_id, "thread": key, "office": office, **row}
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


def patent(standing: Standing, rulebook: Rulebook) -> str | None:
    """The patent number by which the case is found."""
    name = rulebook.main.workflow.indexes.patent
    value = standing.facts.get(name) if name else None
    return None if value is None else str(value)[:80]
