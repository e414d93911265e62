"""Where a case stands: the fold of its acts as one mutable value that turns into JSON and back without loss."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from adjudicate.law.values import value
from adjudicate.states.threads import in_thread


class Status(StrEnum):
    """How a deadline stands: running, ended in time, over, ended after it was over, or dropped without effect."""

    RUNNING = "running"
    MET = "met"
    MISSED = "missed"
    MET_LATE = "met_late"
    RELEASED = "released"


@dataclass(slots=True)
class Running:
    """One instance of a deadline with the ledger that its dates are computed from (exclusions lie on the case).

    Standings share it until one takes it for its own (`Standing.own_deadline`); its lists are never changed in place.
    """

    name: str
    party: str | None
    thread: str | None
    trigger_on: date
    started_on: date
    started_by: int
    components: list[tuple[date, str]]
    trigger_at: datetime | None = None
    extensions: list[tuple[str, str, date]] = field(default_factory=list)
    status: Status = Status.RUNNING
    due_on: date | None = None
    due_at: datetime | None = None
    last_counted_on: date | None = None
    provisional: bool = False
    moved_on: date | None = None
    ended_on: date | None = None
    lapsed_on: date | None = None

    @property
    def key(self) -> str:
        """The identity of this instance within its case, such as `answer/p2` or `announcement@service-1`."""
        return deadline_key(self.name, self.party, self.thread)


@dataclass(slots=True)
class Thread:
    """An incident that was opened in the case and where it stands.

    Standings share it until one takes it for its own (`Standing.own_thread`); its facts are never changed in place.
    """

    incident: str
    state: str
    party: str | None
    opened_on: date
    facts: dict[str, Any] = field(default_factory=dict)
    final: bool = False


@value
class Member:
    """A party over time: the part it plays and the days it joined and left."""

    role: str
    joined_on: date
    left_on: date | None = None
    represents: str | None = None


@value
class Interval:
    """A time left uncounted, half-open, opened by the case or by a thread."""

    kind: str
    thread: str | None
    from_on: date
    until_on: date | None = None


@dataclass(slots=True)
class Standing:
    """The state, facts, parties, deadlines and marks of a case as folded so far.

    `opened_threads` and `joined` count what was ever recorded, void or not, so that no id is given twice.
    """

    law_day: date
    state: str | None = None
    threads: dict[str, Thread] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    party_facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    recorded: dict[str, int] = field(default_factory=dict)
    deadlines: dict[str, Running] = field(default_factory=dict)
    intervals: list[Interval] = field(default_factory=list)
    marks: dict[int, list[str]] = field(default_factory=dict)
    opened_threads: dict[str, int] = field(default_factory=dict)
    joined: int = 0
    governed_by: int | None = None
    last_on: date | None = None
    last_lapse_on: date | None = None
    closed: bool = False

    def copy(self) -> Standing:
        """A standing whose entries may be replaced one by one; what they hold is shared and never changed in place."""
        return Standing(
            law_day=self.law_day,
            state=self.state,
            threads=self.threads.copy(),
            facts=self.facts.copy(),
            party_facts=self.party_facts.copy(),
            members=self.members.copy(),
            recorded=self.recorded.copy(),
            deadlines=self.deadlines.copy(),
            intervals=self.intervals.copy(),
            marks=self.marks.copy(),
            opened_threads=self.opened_threads.copy(),
            joined=self.joined,
            governed_by=self.governed_by,
            last_on=self.last_on,
            last_lapse_on=self.last_lapse_on,
            closed=self.closed,
        )

    def own_deadline(self, running: Running) -> Running:
        """The instance to change: a copy in its place, since other standings may share the one that stood there."""
        own = self.deadlines[running.key] = _running(running)
        return own

    def own_thread(self, key: str) -> Thread:
        """The thread to change: a copy in its place, since other standings may share the one that stood there."""
        held = self.threads[key]
        own = self.threads[key] = Thread(
            incident=held.incident,
            state=held.state,
            party=held.party,
            opened_on=held.opened_on,
            facts=held.facts,
            final=held.final,
        )
        return own


def _running(one: Running) -> Running:
    # Written out: `copy.copy` of a slotted dataclass takes ten times as long.
    return Running(
        name=one.name,
        party=one.party,
        thread=one.thread,
        trigger_on=one.trigger_on,
        started_on=one.started_on,
        started_by=one.started_by,
        components=one.components,
        trigger_at=one.trigger_at,
        extensions=one.extensions,
        status=one.status,
        due_on=one.due_on,
        due_at=one.due_at,
        last_counted_on=one.last_counted_on,
        provisional=one.provisional,
        moved_on=one.moved_on,
        ended_on=one.ended_on,
        lapsed_on=one.lapsed_on,
    )


def deadline_key(name: str, party: str | None, thread: str | None) -> str:
    """The identity of a deadline instance: its name, its party where it runs per party, its thread where it has one."""
    return in_thread(name if party is None else f"{name}/{party}", thread)
