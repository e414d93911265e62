"""Folding: one act after another, and the lapses between them, moved into a standing; applying never judges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from adjudicate.definition.models import CLOCK, LINK, NOTHING, Branch, Outcome, Step
from adjudicate.definition.rulebook import Admitted, Road
from adjudicate.states import ledger
from adjudicate.states.case_view import CaseView, concerns
from adjudicate.states.entries import Entry, EntryKind
from adjudicate.states.fold_context import Course, Derived, Ground, Happening, Laws
from adjudicate.states.machine import Run, destination
from adjudicate.states.standing import Member, Running, Standing, Status, Thread

__all__ = ["Derived", "Ground", "Happening", "Laws", "Walk", "carried", "facts_held", "fold"]


class Walk(Course):
    """A standing on its way through time; `derived` collects what the walk brought about."""

    def __init__(self, ground: Ground, standing: Standing) -> None:
        super().__init__(ground, standing)
        self.derived: list[Derived] = []

    def act(self, entry: Entry) -> None:
        """Apply an act that was found lawful, or irregular and accepted, when it was recorded."""
        happening = Happening(
            event=entry.event,
            on=entry.effective_on,
            at=entry.effective_at,
            by=entry.by,
            sequence=entry.sequence,
            key=f"act:{entry.sequence}",
            thread=entry.thread,
            party=entry.party,
            facts=entry.facts,
            joins=entry.joins,
        )
        self._select_law(happening)
        standing = self.standing
        incident = self.rulebook.homes[entry.event]
        if entry.thread is not None and entry.thread not in standing.threads:
            self._open_thread(happening, str(incident))
        self._take(happening, incident)
        standing.last_on = max(standing.last_on or entry.effective_on, entry.effective_on)

    def lapse_until(self, day: date) -> None:
        """Derive every lapse of the days before `day`, in the order of day, definition, party and thread."""
        while not self.standing.closed:
            next_one = self._next_lapse(day)
            if next_one is None:
                return
            self._lapse(*next_one)

    def lapses_before(self, day: date) -> bool:
        """Whether any lapse of the days before `day` is still to be derived."""
        return not self.standing.closed and self._next_lapse(day) is not None

    def _next_lapse(self, day: date) -> tuple[date, Running] | None:
        best: tuple[tuple[date, int, str, str], Running] | None = None
        order = self.rulebook.order
        for running in self.standing.deadlines.values():
            due_on = running.due_on
            # Nearly all end here: what is due later is over later still.
            if due_on is None or due_on >= day or running.status is not Status.RUNNING or running.provisional:
                continue
            on = max(due_on, running.moved_on or due_on)
            if on >= day:
                continue
            place = (on, order[self._home(running), running.name], running.party or "", running.thread or "")
            if best is None or place < best[0]:
                best = (place, running)
        return None if best is None else (best[0][0], best[1])

    def _home(self, running: Running) -> str | None:
        return None if running.thread is None else self.standing.threads[running.thread].incident

    def _lapse(self, on: date, running: Running) -> None:
        own = self.standing.own_deadline(running)
        own.status, own.lapsed_on, own.ended_on = Status.MISSED, on, on
        self.standing.last_lapse_on = max(self.standing.last_lapse_on or on, on)
        incident = self._home(running)
        road = self.rulebook.road(incident)
        event = road.deadlines[running.name].when_over
        step = None if event is None else road.step(event, self._state(running.thread))
        if event is None or step is None:
            return
        # With the day it lapses on: a count that was restarted from the same trigger may be missed a second time.
        key = f"lapse:{running.key}:{running.trigger_on}:{running.due_on}:{on}"
        days = {name: on.isoformat() for name in step.records if name in road.facts and road.facts[name].day}
        # A thread's lapse concerns the thread's party, so that its outcome reaches that party on the main road.
        party = running.party or (self.standing.threads[running.thread].party if running.thread else None)
        self.derived.append(
            Derived(EntryKind.LAPSE, event, on, CLOCK, key, running.thread, party, running.started_by, days)
        )
        happening = Happening(
            event=event,
            on=on,
            at=running.due_at,
            by=CLOCK,
            sequence=running.started_by,
            key=key,
            thread=running.thread,
            party=party,
            facts=days,
        )
        self._take(happening, incident)

    def _state(self, thread: str | None) -> str:
        return str(self.standing.state if thread is None else self.standing.threads[thread].state)

    def _select_law(self, happening: Happening) -> None:
        governs = self.rulebook.main.workflow.governs[: self.standing.governed_by]
        if not governs or happening.thread is not None:
            return
        first = next((i for i, name in enumerate(governs) if name in happening.facts), None)
        if first is None:
            return
        chosen = self.ground.laws.select(date.fromisoformat(happening.facts[governs[first]]))
        self.standing.governed_by = first
        if chosen.day == self.rulebook.day:
            return
        self.rulebook, self.standing.law_day = chosen, chosen.day
        key = f"law:{chosen.day}:{happening.key}"
        facts = {"version": chosen.day.isoformat(), "digest": chosen.digest}
        event = EntryKind.LAW_SELECTED
        self.derived.append(Derived(event, event, happening.on, LINK, key, cause=happening.sequence, facts=facts))

    def _open_thread(self, happening: Happening, incident: str) -> None:
        standing, thread = self.standing, str(happening.thread)
        standing.threads[thread] = Thread(incident, "", happening.party, happening.on)
        opened = int(thread.rpartition("-")[2])
        standing.opened_threads[incident] = max(standing.opened_threads.get(incident, 0), opened)

    def _take(self, happening: Happening, incident: str | None) -> None:
        road = self.rulebook.road(incident)
        thread = None if incident is None else happening.thread
        state = self._state(thread) if thread or self.standing.state else ""
        step = road.step(happening.event, state or NOTHING)
        if step is None:
            return
        self._carry_out(road, step, happening, thread, state)
        if incident is not None:
            self._consequences(self.rulebook.incidents[incident], happening)

    def _carry_out(self, road: Road, step: Step, happening: Happening, thread: str | None, state: str) -> None:
        target = self._destination(road, step, happening, state)
        self._keep_facts(road, step, happening)
        self._members(step, happening)
        self._count(road, happening)
        ledger.apply(self, road, step, happening)
        if target is not None:
            self._move(road, thread, target, happening.on)

    def _destination(self, road: Road, step: Step, happening: Happening, state: str) -> str | None:
        if not isinstance(step.to, Branch):
            return step.to
        view = CaseView(
            self.rulebook,
            self.standing,
            self.ground.calendar,
            road=road,
            on=happening.on,
            at=happening.at,
            thread=happening.thread,
            party=happening.party,
            given=happening.facts,
            bound=step.per is not None,
        )
        return destination(road, step, Run(state, view))

    def _keep_facts(self, road: Road, step: Step, happening: Happening) -> None:
        given, standing = happening.facts, self.standing
        names = (*step.records, *step.may_record)
        kept = {name: given[name] for name in names if name in given and name in road.kept}
        if not kept:
            return
        if road.incident is not None and happening.thread is not None:
            thread = standing.own_thread(happening.thread)
            thread.facts = {**thread.facts, **kept}
            return
        for name, value in kept.items():
            if not road.facts[name].per:
                standing.facts[name] = value
                continue
            by_party = {happening.party: value} if happening.party else value
            for party, own in by_party.items():
                standing.party_facts[party] = {**standing.party_facts.get(party, {}), name: own}

    def _members(self, step: Step, happening: Happening) -> None:
        if not happening.joins and not step.leaves:
            return
        members = self.standing.members
        self.standing.joined += len(happening.joins)
        for joining in happening.joins:
            members[joining.party] = Member(joining.role, happening.on, None, joining.represents)
        if step.leaves and happening.party in members:
            members[happening.party] = replace(members[happening.party], left_on=happening.on)

    def _count(self, road: Road, happening: Happening) -> None:
        event = happening.event
        scopes = (event,) if road.incident is None else (event, f"{event}@{happening.thread}")
        recorded = self.standing.recorded
        for scope in scopes:
            recorded[scope] = recorded.get(scope, 0) + 1
            if happening.party:
                key = f"{scope}/{happening.party}"
                recorded[key] = recorded.get(key, 0) + 1

    def _move(self, road: Road, thread: str | None, target: str, on: date) -> None:
        final = road.states[target].final
        if thread is None:
            self.standing.state = target
            if final:
                self.standing.closed = True
                self._release(on, thread=None)
            return
        own = self.standing.own_thread(thread)
        own.state, own.final = target, final
        if final:
            self._release(on, thread=thread)

    def _release(self, on: date, *, thread: str | None) -> None:
        """A closed case, or thread, leaves no deadline running and no time uncounted."""
        for running in self.standing.deadlines.values():
            if running.status is Status.RUNNING and thread in (None, running.thread):
                own = self.standing.own_deadline(running)
                own.status, own.ended_on = Status.RELEASED, on
        if thread is not None:
            left = {i.kind for i in self.standing.intervals if i.thread == thread and i.until_on is None}
            if left:
                ledger.close(self, left, thread, on)

    def _consequences(self, admitted: Admitted, happening: Happening) -> None:
        if happening.thread is None:
            return
        held = facts_held(self.standing, happening.thread, happening.facts)
        for outcome in admitted.following(happening.event, held):
            self._consequence(outcome, happening, carried(outcome, held))

    def _consequence(self, outcome: Outcome, happening: Happening, facts: dict[str, Any]) -> None:
        main, state = self.rulebook.main, str(self.standing.state)
        step = main.step(outcome.records, state)
        if self.standing.closed or step is None or not concerns(self.standing, step, happening.party):
            return
        for name in step.records:
            if main.facts[name].day:
                facts.setdefault(name, happening.on.isoformat())
        key = f"consequence:{outcome.records}:{happening.key}"
        self.derived.append(
            Derived(
                EntryKind.CONSEQUENCE,
                outcome.records,
                happening.on,
                LINK,
                key,
                party=happening.party,
                cause=happening.sequence,
                facts=facts,
            )
        )
        inner = Happening(
            event=outcome.records,
            on=happening.on,
            at=happening.at,
            by=LINK,
            sequence=happening.sequence,
            key=key,
            party=happening.party,
            facts=facts,
        )
        self._carry_out(main, step, inner, None, state)


def facts_held(standing: Standing, thread: str | None, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a thread knows once an act gives it these facts; a thread that is yet to open knows nothing else."""
    known = standing.threads.get(thread) if thread is not None else None
    return given if known is None else {**known.facts, **given}


def carried(outcome: Outcome, held: Mapping[str, Any]) -> dict[str, Any]:
    """The main road's facts that the outcome takes out of what the thread holds."""
    return {main: held[own] for main, own in outcome.carries.items() if own in held}


def fold(ground: Ground, acts: Iterable[Entry], today: date, standing: Standing) -> Walk:
    """Walk through acts that are already in order, with the lapses between them and up to `today`."""
    walk = Walk(ground, standing)
    for act in acts:
        walk.lapse_until(act.effective_on)
        walk.act(act)
    walk.lapse_until(today)
    return walk
