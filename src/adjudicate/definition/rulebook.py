"""One version of a procedure, compiled: its main procedure, its incidents and their tables; it reads no file."""

from __future__ import annotations

from collections.abc import ItemsView, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from adjudicate.definition.deadline_models import Deadline
from adjudicate.definition.models import ANY, Fact, IncidentUse, Outcome, Step, Workflow
from adjudicate.definition.registers import Registers
from adjudicate.definition.shared_models import Basis, Label, Weight
from adjudicate.guards.compiling import Word, compile_guard
from adjudicate.guards.kinds import FactType


@dataclass(frozen=True)
class NamedCondition:
    """A condition ready to be tested: its name, label, citation, plain or dated, word, and weight where it fails."""

    name: str
    label: Label
    basis: Basis | None
    word: Word
    ruling_needed: tuple[str, ...]
    weight: Weight | None


class CompiledWorkflow:
    """The table of one machine, main or incident: which step an event takes from which state."""

    def __init__(self, workflow: Workflow, *, incident: str | None) -> None:
        self.workflow = workflow
        self.incident = incident
        self.states = workflow.states
        self.deadlines: Mapping[str, Deadline] = workflow.deadlines
        self.facts: Mapping[str, Fact] = workflow.facts
        self.of_parties = frozenset(name for name, fact in workflow.facts.items() if fact.per)
        self.kept = frozenset(name for name, fact in workflow.facts.items() if not fact.particulars)
        self.naming_people = frozenset(
            name
            for name, fact in workflow.facts.items()
            if fact.type is FactType.ACTOR or fact.list == FactType.ACTOR.value
        )
        self.positions = {name: i for i, name in enumerate(workflow.deadlines)}
        guards = {name: condition.guard for name, condition in workflow.conditions.items()}
        self.conditions = {
            name: NamedCondition(name, c.label, c.basis, compile_guard(c.guard, guards), c.ruling_needed, c.weight)
            for name, c in workflow.conditions.items()
        }
        self.fixed_by_acts = [(rule.fixed_by, name, rule) for name, rule in self.deadlines.items() if rule.fixed_by]
        self.table: dict[tuple[str, str], Step] = {}
        self.events: dict[str, tuple[Step, ...]] = {}
        for step in workflow.steps:
            self.events[step.event] = (*self.events.get(step.event, ()), step)
            for state in self.sources(step):
                self.table.setdefault((step.event, state), step)
        self.records = {
            event: frozenset(name for step in steps for name in step.records) for event, steps in self.events.items()
        }

    def sources(self, step: Step) -> tuple[str, ...]:
        """The states a step may be taken from, `any` spelled out."""
        if step.from_ == (ANY,):
            return tuple(name for name, state in self.states.items() if not state.final)
        return step.from_

    def step(self, event: str, state: str) -> Step | None:
        """The one step of an event from a state, or None."""
        return self.table.get((event, state))

    def open_events(self, state: str) -> tuple[str, ...]:
        """Every event that has a step from the state."""
        return tuple(event for event in self.events if (event, state) in self.table)

    def destinations(self, step: Step) -> tuple[str, ...]:
        """Where a step may lead; empty when it stays."""
        if step.to is None:
            return ()
        if isinstance(step.to, str):
            return (step.to,)
        if step.to.choose is not None:
            return tuple(dict.fromkeys(state for options in step.to.choose.values() for state in options.values()))
        return tuple(dict.fromkeys(state for state in (step.to.then, step.to.otherwise) if state))


@dataclass(frozen=True)
class AdmittedIncident:
    """An incident as this procedure admits it."""

    use: IncidentUse
    compiled: CompiledWorkflow

    @cached_property
    def _outcomes(self) -> Mapping[str, tuple[tuple[ItemsView[str, Any], Outcome], ...]]:
        """The outcomes that each event of the incident may have in the main procedure, each with the facts it wants."""
        found: dict[str, tuple[tuple[ItemsView[str, Any], Outcome], ...]] = {}
        for outcome in self.use.outcomes:
            found[outcome.when] = (*found.get(outcome.when, ()), (outcome.given.items(), outcome))
        return found

    @cached_property
    def _unknown(self) -> Mapping[str, None]:
        """Every fact that an outcome depends on, as it is before it is known."""
        return dict.fromkeys(name for outcome in self.use.outcomes for name in outcome.given)

    def following(self, event: str, facts: Mapping[str, Any]) -> list[Outcome]:
        """The outcomes that the event has in the main procedure while its thread holds these facts, in their order."""
        outcomes = self._outcomes.get(event)
        if outcomes is None:
            return []
        held = {**self._unknown, **facts}.items()
        return [outcome for wanted, outcome in outcomes if wanted <= held]


@dataclass(frozen=True)
class KeptLaw:
    """What is kept of a version so that its cases can be judged by it for ever: its format, content and digest."""

    format: int
    body: Mapping[str, Any]
    digest: str


@dataclass(frozen=True)
class Rulebook:
    """A version with everything it uses; `kept` is what a case that is pinned to it stands on."""

    key: str
    day: date
    region: str
    kept: KeptLaw
    main: CompiledWorkflow
    incidents: Mapping[str, AdmittedIncident]
    registers: Registers

    @property
    def digest(self) -> str:
        """The digest over all of it."""
        return self.kept.digest

    @cached_property
    def homes(self) -> Mapping[str, str | None]:
        """The incident that each event belongs to; None for events of the main procedure."""
        homes: dict[str, str | None] = {event: key for key, a in self.incidents.items() for event in a.compiled.events}
        homes.update(dict.fromkeys(self.main.events))
        return homes

    @cached_property
    def events_of_parties(self) -> frozenset[str]:
        """The events that happen to one party: some step of theirs is per party, or their thread is one party's."""
        found = {step.event for step in self.main.workflow.steps if step.per}
        for admitted in self.incidents.values():
            found.update(step.event for step in admitted.compiled.workflow.steps if step.per or admitted.use.per)
        return frozenset(found)

    @cached_property
    def order(self) -> Mapping[tuple[str | None, str], int]:
        """The place of every deadline in the definition: the main procedure's first, then each incident's."""
        procedures = [self.main, *(admitted.compiled for admitted in self.incidents.values())]
        pairs = [(compiled.incident, name) for compiled in procedures for name in compiled.positions]
        return {pair: i for i, pair in enumerate(pairs)}

    def compiled(self, incident: str | None) -> CompiledWorkflow:
        """The main procedure, or that incident's."""
        return self.main if incident is None else self.incidents[incident].compiled

    def label(self, event: str) -> Label | None:
        """What people call an event, or None for a row that no step stands behind."""
        if event not in self.homes:
            return None
        return self.compiled(self.homes[event]).events[event][0].label
