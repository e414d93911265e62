"""A case as guards see it at the moment of an act: standing, the act's own facts, one thread and one party."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from adjudicate.definition.deadline_models import Deadline
from adjudicate.definition.models import PARTY, Step
from adjudicate.definition.rulebook import CompiledWorkflow, Rulebook
from adjudicate.guards.compiling import Pending
from adjudicate.law.calendars import Calendar
from adjudicate.law.text import Text
from adjudicate.states import dates
from adjudicate.states.entries import Joining
from adjudicate.states.naming import CaseNames
from adjudicate.states.standing import Member, Running, Standing, Status, Thread
from adjudicate.states.threads import in_thread


class CaseView:
    """The View of a real case; `given` are the act's facts, `pending` those it will still be asked for.

    `bound` says that the act concerns the party and nobody else: only then do events and deadlines that happen to
    parties mean that party's own. A party who merely acts, or was named without need, narrows nothing. `dated_back`
    says that the day asked about may lie before lapses derived since: those of later days do not count.
    """

    __slots__ = (
        "_at",
        "_bound",
        "_calendar",
        "_compiled",
        "_dated_back",
        "_given",
        "_on",
        "_party",
        "_pending",
        "_rulebook",
        "_standing",
        "_thread",
    )

    def __init__(
        self,
        rulebook: Rulebook,
        standing: Standing,
        calendar: Calendar,
        *,
        compiled: CompiledWorkflow,
        on: date,
        at: datetime | None = None,
        thread: str | None = None,
        party: str | None = None,
        given: Mapping[str, Any] | None = None,
        pending: Collection[str] = (),
        bound: bool = False,
        dated_back: bool = False,
    ) -> None:
        self._bound, self._dated_back = bound, dated_back
        self._rulebook, self._standing, self._calendar = rulebook, standing, calendar
        self._compiled, self._on, self._thread, self._party = compiled, on, thread, party
        self._given, self._pending, self._at = given or {}, pending, at

    @property
    def on(self) -> date:
        """The legal day of the act."""
        return self._on

    @property
    def party(self) -> str | None:
        """The party whom the act, or the view bound to one, concerns."""
        return self._party

    @property
    def names(self) -> CaseNames:
        """What the parts of the case are called, as the workflow of the act sees them."""
        return CaseNames(self._rulebook, self._standing, self._compiled)

    @property
    def state(self) -> str | None:
        """Where the main procedure stands."""
        return self._standing.state

    def fact(self, name: str) -> Any:
        """The act's value, else the thread's, else the party's, else the case's. Raises Pending."""
        if name in self._given:
            value = self._given[name]
            shared = isinstance(value, dict) and name in self._compiled.facts and self._compiled.facts[name].per
            return value.get(self._party) if shared and self._party else value
        if name in self._pending:
            raise Pending(name)
        return lookup(self._standing, self._compiled, name, thread=self._thread, party=self._party)

    def happened(self, event: str) -> bool:
        """Whether the event was recorded: in this thread, or for the bound party where it happens to parties."""
        recorded = self._standing.recorded
        if self._compiled.incident and event in self._compiled.events:
            return in_thread(event, self._thread) in recorded
        own = self._bound and self._party and event in self._rulebook.events_of_parties
        return (f"{event}/{self._party}" if own else event) in recorded

    def _instances(self, deadline: str) -> list[tuple[Deadline, Running]]:
        own = self._compiled.incident is not None and deadline in self._compiled.deadlines
        rule = (self._compiled if own else self._rulebook.main).deadlines[deadline]
        thread = self._thread if own else None
        found = [r for r in self._standing.deadlines.values() if r.name == deadline and r.thread == thread]
        if rule.per and self._party and self._bound:
            found = [r for r in found if r.party == self._party]
        return [(rule, running) for running in found]

    def over(self, deadline: str) -> bool:
        """Whether it was started and its last day has passed wherever it runs; a provisional day cuts nothing off."""
        instances = self._instances(deadline)
        return bool(instances) and all(self._passed(running) for _, running in instances)

    def _passed(self, running: Running) -> bool:
        # Its lapse comes at the end of its last day: for that event, and for what follows from it, the day has passed.
        lapsed = running.status in (Status.MISSED, Status.MET_LATE) and not self._dated_back
        return lapsed or is_over(running, self._on, self._at)

    def kept(self, deadline: str) -> bool:
        """Whether it was started and ended no later than its last day, wherever it runs."""
        instances = self._instances(deadline)
        return bool(instances) and all(running.status is Status.MET for _, running in instances)

    def started(self, deadline: str) -> bool:
        """Whether the deadline has ever been started."""
        return bool(self._instances(deadline))

    def due(self, deadline: str) -> date | None:
        """The latest due day among its instances, where all are known."""
        days = [running.due_on for _, running in self._instances(deadline)]
        known = [day for day in days if day is not None]
        return max(known) if known and len(known) == len(days) else None

    def missing_notice(self, deadline: str) -> Text | None:
        """Which holiday notices are missing for want of which its last day is provisional; None where it is certain."""
        years = {
            year
            for rule, running in self._instances(deadline)
            if running.provisional
            for year in dates.compute(rule, running, self._standing.intervals, self._calendar).awaits
        }
        return self._calendar.missing(sorted(years)) if years else None

    def furthest_due_on(self, deadline: str, extensions: int) -> date | None:
        """The latest due day if the first extensions were granted in full."""
        days = [
            dates.furthest_due_on(rule, running, self._standing.intervals, self._calendar, extensions)
            for rule, running in self._instances(deadline)
        ]
        known = [day for day in days if day is not None]
        return max(known) if known and len(known) == len(days) else None

    def thread_open(self, incident: str, state: str | None) -> bool:
        """Whether a thread of the incident is open (in that state)."""
        return any(
            t.incident == incident and not t.final and (state is None or t.state == state)
            for t in self._standing.threads.values()
        )

    def named_in_threads(self, incident: str, fact: str, states: Sequence[str]) -> frozenset[str]:
        """Whom the threads of the incident that stand in one of the states name by that fact, over or not."""
        threads = [t for t in self._standing.threads.values() if t.incident == incident and t.state in states]
        told = [t.facts[fact] for t in threads if fact in t.facts]
        return frozenset(name for one in told for name in ([one] if isinstance(one, str) else one))

    def stands_in(self, states: Sequence[str]) -> bool:
        """Whether the main procedure stands in one of the states."""
        return self._standing.state in states

    def members(self, role: str) -> Sequence[str]:
        """The parties who play the role on the day of the act."""
        return members(self._standing, role)

    def principal(self, party: str) -> str:
        """Whom somebody represents in the case; a party stands for itself."""
        member = self._standing.members.get(party)
        return party if member is None or member.represents is None else member.represents

    def is_working(self, on: date) -> bool:
        """Whether the day is a working day, as far as is known."""
        return self._calendar.is_working(on)

    def bound(self, party: str) -> CaseView:
        """The same view, seen for one party."""
        return CaseView(
            self._rulebook,
            self._standing,
            self._calendar,
            compiled=self._compiled,
            on=self._on,
            at=self._at,
            thread=self._thread,
            party=party,
            given=self._given,
            pending=self._pending,
            bound=True,
            dated_back=self._dated_back,
        )

    def twin(self, facts: Sequence[str]) -> bool:
        """Whether another open thread of this incident has the same party and the same values of these facts."""
        mine = [self.fact(name) for name in facts]
        return any(self._is_twin(key, thread, facts, mine) for key, thread in self._standing.threads.items())

    def _is_twin(self, key: str, thread: Thread, facts: Sequence[str], mine: list[Any]) -> bool:
        return (
            key != self._thread
            and thread.incident == self._compiled.incident
            and not thread.final
            and thread.party == self._party
            and [thread.facts.get(name) for name in facts] == mine
        )


def is_over(running: Running, on: date, at: datetime | None) -> bool:
    """Whether a deadline's last day, or hour, lies before that day or instant; a provisional one cuts nothing off."""
    if running.provisional:
        return False
    if running.due_at is not None and at is not None:
        return running.due_at < at
    return running.due_on is not None and running.due_on < on


def lookup(standing: Standing, compiled: CompiledWorkflow, name: str, *, thread: str | None, party: str | None) -> Any:
    """A fact as a workflow sees it: its thread's, the party's or the case's; of all parties where none is meant."""
    if compiled.incident is not None and name in compiled.facts:
        held = standing.threads.get(thread) if thread is not None else None
        return None if held is None else held.facts.get(name)
    if party is not None:
        value = standing.party_facts.get(party, {}).get(name)
        return standing.facts.get(name) if value is None else value
    if name in standing.facts:
        return standing.facts[name]
    return {who: facts[name] for who, facts in standing.party_facts.items() if name in facts} or None


def members(standing: Standing, role: str) -> list[str]:
    """The parties who play a role as the case stands, in order of joining; `party` is anyone but a representative."""
    return [key for key, member in standing.members.items() if member.left_on is None and plays(member, role)]


def concerns(standing: Standing, step: Step, party: str | None) -> bool:
    """Whether a step of each party's own, if it is one, can be this party's."""
    member = None if step.per is None or party is None else standing.members.get(party)
    return member is None or plays(member, str(step.per))


def plays(member: Member | Joining, role: str) -> bool:
    """Whether a member plays the role; everyone who represents nobody is a `party`."""
    return member.represents is None if role == PARTY else member.role == role
