"""Folding: one act after another, and the lapses between them, moved into a standing; applying never judges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from adjudicate.definition.models import CLOCK, LINK, NOTHING, Outcome, Step
from adjudicate.definition.rulebook import AdmittedIncident, CompiledWorkflow
from adjudicate.states import ledger
from adjudicate.states.case_view import concerns
from adjudicate.states.entries import Entry, EntryKind
from adjudicate.states.fold_context import Derived, FoldContext, Laws, LegalContext, Occurrence
from adjudicate.states.machine import machine_of
from adjudicate.states.standing import Member, Running, Standing, Status, Thread
from adjudicate.states.threads import in_thread, number_of

__all__ = ["Derived", "Fold", "Laws", "LegalContext", "Occurrence", "carried", "facts_held", "fold_acts"]


class Fold(FoldContext):
    """A standing to which acts and lapses are applied in order of time; `derived` collects the rows that follow."""

    def __init__(self, legal: LegalContext, standing: Standing) -> None:
        super().__init__(legal, standing)
        self.derived: list[Derived] = []

    def act(self, entry: Entry) -> None:
        """Apply an act that was found lawful, or irregular and accepted, when it was recorded."""
        occurrence = Occurrence(
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
        self._select_law(occurrence)
        standing = self.standing
        incident = self.rulebook.homes[entry.event]
        if entry.thread is not None and entry.thread not in standing.threads:
            self._open_thread(occurrence, str(incident))
        self._take(occurrence, incident)
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
        compiled = self.rulebook.compiled(incident)
        event = compiled.deadlines[running.name].when_over
        step = None if event is None else compiled.step(event, self._state(running.thread))
        if event is None or step is None:
            return
        # With the day it lapses on: a count that was restarted from the same trigger may be missed a second time.
        key = f"lapse:{running.key}:{running.trigger_on}:{running.due_on}:{on}"
        days = {name: on.isoformat() for name in step.records if name in compiled.facts and compiled.facts[name].day}
        # A thread's lapse concerns the thread's party, so that its outcome reaches that party in the main procedure.
        party = running.party or (self.standing.threads[running.thread].party if running.thread else None)
        occurrence = Occurrence(
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
        self._derive(EntryKind.LAPSE, occurrence)
        self._take(occurrence, incident)

    def _derive(self, kind: EntryKind, occurrence: Occurrence) -> None:
        """Note the row of what follows by itself; its cause is the act whose sequence it bears."""
        self.derived.append(
            Derived(
                kind=kind,
                event=occurrence.event,
                effective_on=occurrence.on,
                by=occurrence.by,
                key=occurrence.key,
                thread=occurrence.thread,
                party=occurrence.party,
                cause=occurrence.sequence,
                facts=occurrence.facts,
            )
        )

    def _state(self, thread: str | None) -> str:
        return str(self.standing.state if thread is None else self.standing.threads[thread].state)

    def _select_law(self, occurrence: Occurrence) -> None:
        governs = self.rulebook.main.workflow.governs[: self.standing.governed_by]
        if not governs or occurrence.thread is not None:
            return
        first = next((i for i, name in enumerate(governs) if name in occurrence.facts), None)
        if first is None:
            return
        chosen = self.legal.laws.select(date.fromisoformat(occurrence.facts[governs[first]]))
        self.standing.governed_by = first
        if chosen.day == self.rulebook.day:
            return
        self.rulebook, self.standing.law_day = chosen, chosen.day
        key = f"law:{chosen.day}:{occurrence.key}"
        facts = {"version": chosen.day.isoformat(), "digest": chosen.digest}
        event = EntryKind.LAW_SELECTED
        self.derived.append(Derived(event, event, occurrence.on, LINK, key, cause=occurrence.sequence, facts=facts))

    def _open_thread(self, occurrence: Occurrence, incident: str) -> None:
        standing, thread = self.standing, str(occurrence.thread)
        standing.threads[thread] = Thread(incident, "", occurrence.party, occurrence.on)
        standing.opened_threads[incident] = max(standing.opened_threads.get(incident, 0), number_of(thread))

    def _take(self, occurrence: Occurrence, incident: str | None) -> None:
        compiled = self.rulebook.compiled(incident)
        thread = None if incident is None else occurrence.thread
        state = self._state(thread) if thread or self.standing.state else ""
        step = compiled.step(occurrence.event, state or NOTHING)
        if step is None:
            return
        self._carry_out(compiled, step, occurrence, thread, state)
        if incident is not None:
            self._consequences(self.rulebook.incidents[incident], occurrence)

    def _carry_out(
        self, compiled: CompiledWorkflow, step: Step, occurrence: Occurrence, thread: str | None, state: str
    ) -> None:
        target = self._destination(compiled, step, occurrence, state)
        self._keep_facts(compiled, step, occurrence)
        self._members(step, occurrence)
        self._count(compiled, occurrence)
        ledger.apply(self, compiled, step, occurrence)
        if target is not None and target != state:
            self._move(compiled, thread, target, occurrence.on)

    def _destination(self, compiled: CompiledWorkflow, step: Step, occurrence: Occurrence, state: str) -> str | None:
        """Where the machine says that the event leads from here."""
        view = self.view(compiled, occurrence, thread=occurrence.thread, bound=step.per is not None)
        return machine_of(compiled).destination(occurrence.event, state or NOTHING, view)

    def _keep_facts(self, compiled: CompiledWorkflow, step: Step, occurrence: Occurrence) -> None:
        given, standing = occurrence.facts, self.standing
        names = (*step.records, *step.may_record)
        kept = {name: given[name] for name in names if name in given and name in compiled.kept}
        if not kept:
            return
        if compiled.incident is not None and occurrence.thread is not None:
            thread = standing.own_thread(occurrence.thread)
            thread.facts = {**thread.facts, **kept}
            return
        for name, value in kept.items():
            if not compiled.facts[name].per:
                standing.facts[name] = value
                continue
            by_party = {occurrence.party: value} if occurrence.party else value
            for party, own in by_party.items():
                standing.party_facts[party] = {**standing.party_facts.get(party, {}), name: own}

    def _members(self, step: Step, occurrence: Occurrence) -> None:
        if not occurrence.joins and not step.leaves:
            return
        members = self.standing.members
        self.standing.joined += len(occurrence.joins)
        for joining in occurrence.joins:
            members[joining.party] = Member(joining.role, occurrence.on, None, joining.represents)
        if step.leaves and occurrence.party in members:
            members[occurrence.party] = replace(members[occurrence.party], left_on=occurrence.on)

    def _count(self, compiled: CompiledWorkflow, occurrence: Occurrence) -> None:
        event = occurrence.event
        scopes = (event,) if compiled.incident is None else (event, in_thread(event, occurrence.thread))
        recorded = self.standing.recorded
        for scope in scopes:
            recorded[scope] = recorded.get(scope, 0) + 1
            if occurrence.party:
                key = f"{scope}/{occurrence.party}"
                recorded[key] = recorded.get(key, 0) + 1

    def _move(self, compiled: CompiledWorkflow, thread: str | None, target: str, on: date) -> None:
        final = compiled.states[target].final
        if thread is None:
            self.standing.state, self.standing.closed = target, final
            if final:
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

    def _consequences(self, admitted: AdmittedIncident, occurrence: Occurrence) -> None:
        if occurrence.thread is None:
            return
        held = facts_held(self.standing, occurrence.thread, occurrence.facts)
        for outcome in admitted.following(occurrence.event, held):
            self._consequence(outcome, occurrence, carried(outcome, held))

    def _consequence(self, outcome: Outcome, occurrence: Occurrence, facts: dict[str, Any]) -> None:
        main, state = self.rulebook.main, str(self.standing.state)
        step = main.step(outcome.records, state)
        if self.standing.closed or step is None or not concerns(self.standing, step, occurrence.party):
            return
        for name in step.records:
            if main.facts[name].day:
                facts.setdefault(name, occurrence.on.isoformat())
        key = f"consequence:{outcome.records}:{occurrence.key}"
        inner = Occurrence(
            event=outcome.records,
            on=occurrence.on,
            at=occurrence.at,
            by=LINK,
            sequence=occurrence.sequence,
            key=key,
            party=occurrence.party,
            facts=facts,
        )
        self._derive(EntryKind.CONSEQUENCE, inner)
        self._carry_out(main, step, inner, None, state)


def facts_held(standing: Standing, thread: str | None, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a thread knows once an act gives it these facts; a thread that is yet to open knows nothing else."""
    known = standing.threads.get(thread) if thread is not None else None
    return given if known is None else {**known.facts, **given}


def carried(outcome: Outcome, held: Mapping[str, Any]) -> dict[str, Any]:
    """The main procedure's facts that the outcome takes out of what the thread holds."""
    return {main: held[own] for main, own in outcome.carries.items() if own in held}


def fold_acts(legal: LegalContext, acts: Iterable[Entry], today: date, standing: Standing) -> Fold:
    """Apply acts that are already in order, with the lapses between them and up to `today`."""
    folding = Fold(legal, standing)
    for act in acts:
        folding.lapse_until(act.effective_on)
        folding.act(act)
    folding.lapse_until(today)
    return folding
