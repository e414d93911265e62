"""What one definition names and may name, and the faults found while its names are looked up; it knows no rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from adjudicate.definition.deadline_models import Start
from adjudicate.definition.models import CLOCK, LINK, PARTY, Fact, Step, Workflow
from adjudicate.definition.nouns import NOUNS
from adjudicate.definition.registers import Registers
from adjudicate.definition.values import LONGEST_NAME
from adjudicate.definition.yaml_source import Path, Source
from adjudicate.errors import Fault, Leaves
from adjudicate.law.periods import quoted
from adjudicate.law.suggestion import nearest, unknown
from adjudicate.law.text import Text


@dataclass(frozen=True, slots=True)
class Wrong:
    """A name that stands for nothing: where it is written, and the nearest one that would stand for something."""

    at: Path
    name: str
    meant: str | None


@dataclass
class Naming:
    """One definition with all that surrounds it; `incidents` are the incident files that were found.

    `unread` are the keys of files that exist but could not be read: nothing is said of names that lie in them.
    `admitting` are the procedures that admit this incident, where it is one.
    """

    workflow: Workflow
    source: Source
    registers: Registers
    incidents: Mapping[str, Workflow]
    admitting: tuple[Workflow, ...] = ()
    unread: frozenset[str] = frozenset()
    faults: list[Fault] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)

    @property
    def day(self) -> date:
        """The version's first day in force."""
        return self.workflow.in_force.from_

    @property
    def is_incident(self) -> bool:
        """Whether it is an incident's file."""
        return self.workflow.kind == "incident"

    @cached_property
    def facts(self) -> Mapping[str, Fact]:
        """The facts that may be read here, those of the case included."""
        return {**self.workflow.facts, **self.workflow.reads}

    @cached_property
    def events(self) -> Mapping[str, tuple[Step, ...]]:
        """The steps of each event of this file."""
        found: dict[str, tuple[Step, ...]] = {}
        for step in self.workflow.steps:
            found[step.event] = (*found.get(step.event, ()), step)
        return found

    @cached_property
    def admitted(self) -> Mapping[str, Workflow]:
        """The incidents that this procedure admits, as far as they were found."""
        used = [use.opens for use in self.workflow.incidents]
        return {key: self.incidents[key] for key in used if key in self.incidents}

    @property
    def partly_unknown(self) -> bool:
        """Whether an incident that it admits was not found: what that one names is not known."""
        return any(use.opens not in self.incidents for use in self.workflow.incidents)

    @cached_property
    def guards(self) -> Mapping[str, Mapping[str, Any]]:
        """What each condition says."""
        return {name: condition.guard for name, condition in self.workflow.conditions.items()}

    @cached_property
    def all_events(self) -> frozenset[str]:
        """The events of this file and of the incidents it admits."""
        return frozenset(self.events) | {step.event for inner in self.admitted.values() for step in inner.steps}

    @cached_property
    def party_roles(self) -> tuple[str, ...]:
        """The parts that parties may play here."""
        return (*self.workflow.parties, PARTY)

    def kinds(self, step: Step) -> frozenset[str]:
        """The kinds of those whose act a step is, as far as the register knows them."""
        roles = self.registers.roles
        return frozenset(role if role in (CLOCK, LINK) else roles[role].kind for role in step.by if role in roles)

    def add(self, at: Path, en: str, zh: str, leaves: Leaves = Leaves.TABLE) -> None:
        """Note a fault at a path of the file."""
        self.faults.append(self.source.fault(at, en, zh, leaves))

    def say(self, at: Path, said: Text, leaves: Leaves = Leaves.TABLE) -> None:
        """The same for a sentence in both languages."""
        self.add(at, said.en, said.zh, leaves)

    def known(self, at: Path, noun: str, name: str, known: Iterable[str], saying: Text) -> bool:
        """Whether a name stands for something; one that does not is noted with the nearest that would."""
        names = list(known)
        if name in names:
            return True
        what, shown = NOUNS[noun], name if len(name) <= LONGEST_NAME else quoted(name)
        said = unknown(
            f"{saying.zh}不存在的{what.zh}“{shown}”", f"{saying.en} unknown {what.en} '{shown}'", name, names
        )
        self.say(at, said)
        self.wrong.append(Wrong(at, name, nearest(name, names)))
        return False

    def all_known(self, at: Path, noun: str, names: Iterable[str], known: Iterable[str], saying: Text) -> None:
        """The same for several names, each at its own place in a list."""
        options = list(known)
        for j, name in enumerate(names):
            self.known((*at, j) if (*at, j) in self.source.lines else at, noun, name, options, saying)


def starts_of(step: Step) -> tuple[str, ...]:
    """The deadlines that a step starts, conditions left aside."""
    return tuple(one.deadline if isinstance(one, Start) else one for one in step.starts)


def asked_by(step: Step) -> Iterator[tuple[str, str]]:
    """Every (key, condition) that a step asks about."""
    for key in ("requires", "expects", "advises"):
        yield from ((key, name) for name in getattr(step, key))
    yield from (("starts", one.if_) for one in step.starts if isinstance(one, Start))
    if step.to is not None and not isinstance(step.to, str) and step.to.if_:
        yield ("to", step.to.if_)
