"""One definition as the checks see it: its compiled workflow, its file and what surrounds it; it judges nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from adjudicate.checks.naming import Naming, filled
from adjudicate.definition.catalogue import Version
from adjudicate.definition.deadline_models import Start
from adjudicate.definition.models import CLOCK, LINK, NOTHING, Guard, Step, Workflow
from adjudicate.definition.registers import Registers
from adjudicate.definition.rulebook import CompiledWorkflow
from adjudicate.definition.yaml_source import Source
from adjudicate.errors import Fault
from adjudicate.law.text import Text


@dataclass(frozen=True, slots=True)
class Passage:
    """A step taken from one state into one state; a step that stays leads to where it came from."""

    index: int
    step: Step
    source: str
    target: str


@dataclass(frozen=True)
class Subject:
    """A version, compiled, with the incident files it admits and the events that something outside it records here."""

    version: Version
    compiled: CompiledWorkflow
    registers: Registers
    incidents: Mapping[str, CompiledWorkflow]

    @property
    def workflow(self) -> Workflow:
        """The file's model."""
        return self.version.workflow

    @property
    def source(self) -> Source:
        """The file's text with its lines."""
        return self.version.source

    @property
    def is_incident(self) -> bool:
        """Whether this is a thread beside a main procedure."""
        return self.workflow.kind == "incident"

    @cached_property
    def guards(self) -> Mapping[str, Guard]:
        """What each condition says."""
        return {name: condition.guard for name, condition in self.workflow.conditions.items()}

    @cached_property
    def naming(self) -> Naming:
        """What its parts are called."""
        return Naming(self.workflow, self.incidents, self.registers)

    def fault(self, at: tuple[str | int, ...], zh: str, en: str, **names: Text | str | int) -> Fault:
        """A fault at a path of the file; each name stands in place of its word in braces, in either language."""
        sentence = filled(zh, en, names)
        return self.source.fault(at, en=sentence.en, zh=sentence.zh)

    def at_step(self, index: int, key: str | None = None) -> tuple[str | int, ...]:
        """The path of a step, or of one key of it where the file has that key."""
        full: tuple[str | int, ...] = ("steps", index) if key is None else ("steps", index, key)
        return full if full in self.source.lines else ("steps", index)

    def kinds(self, step: Step) -> frozenset[str]:
        """The kinds of those whose act a step is: office, party, outside, and `clock` or `link` by themselves."""
        return frozenset(role if role in (CLOCK, LINK) else self.registers.roles[role].kind for role in step.by)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """Every way a step may go, guards left aside."""
        return tuple(_passages(self.compiled))

    @cached_property
    def reachable(self) -> frozenset[str]:
        """The states that some path of steps leads to, guards left aside."""
        return reachable_from(self.passages, (NOTHING,)) - {NOTHING}

    @cached_property
    def causes(self) -> Mapping[str, tuple[frozenset[str], bool]]:
        """For each event that an incident records here: where it may be open, and whether it needs no party's act."""
        found: dict[str, tuple[frozenset[str], bool]] = {}
        for use in self.workflow.incidents:
            compiled = self.incidents[use.opens]
            for outcome in use.outcomes:
                states, free = found.get(outcome.records, (frozenset[str](), False))
                own = free or without_parties(compiled, outcome.when, self.registers)
                found[outcome.records] = (states | frozenset(use.while_), own)
        return found


def _passages(compiled: CompiledWorkflow) -> Iterator[Passage]:
    for index, step in enumerate(compiled.workflow.steps):
        for source in compiled.sources(step):
            yield from (Passage(index, step, source, target) for target in compiled.destinations(step) or (source,))


def started(step: Step) -> tuple[str, ...]:
    """The deadlines a step starts or restarts, conditions left aside."""
    return (*(one.deadline if isinstance(one, Start) else one for one in step.starts), *step.restarts)


def reachable_from(passages: Iterable[Passage], starts: Iterable[str]) -> frozenset[str]:
    """Every state that passages lead to from the starts, these included."""
    targets: dict[str, set[str]] = {}
    for passage in passages:
        targets.setdefault(passage.source, set()).add(passage.target)
    seen, open_ends = set(starts), list(starts)
    while open_ends:
        for target in targets.get(open_ends.pop(), ()):
            if target not in seen:
                seen.add(target)
                open_ends.append(target)
    return frozenset(seen)


def without_parties(compiled: CompiledWorkflow, event: str, registers: Registers) -> bool:
    """Whether an incident can come to the event by acts of an office, an outside body or the clock alone."""

    def free(step: Step) -> bool:
        return any(role in (CLOCK, LINK) or registers.roles[role].kind != "party" for role in step.by)

    passages = [passage for passage in _passages(compiled) if free(passage.step)]
    seen = reachable_from(passages, (NOTHING,))
    return any(passage.step.event == event and passage.source in seen for passage in passages)


def read_by(step: Step) -> Iterator[tuple[str, str]]:
    """Every (key, condition) of a step, those of its starts and of its way on included."""
    for key in ("requires", "expects", "advises"):
        yield from ((key, name) for name in getattr(step, key))
    yield from (("starts", one.if_) for one in step.starts if isinstance(one, Start))
    if step.to is not None and not isinstance(step.to, str) and step.to.if_:
        yield ("to", step.to.if_)
