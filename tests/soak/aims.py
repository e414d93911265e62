"""What a random history sets out for: one step of the law, or one condition of it, drawn at random."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from random import Random

from adjudicate.definition.deadline_models import Start
from adjudicate.definition.models import CLOCK, LINK, Branch, Step
from adjudicate.definition.rulebook import CompiledWorkflow, Rulebook
from adjudicate.guards.compiling import Word

FAR = 99


@dataclass(frozen=True)
class Aim:
    """A step, the incident it belongs to (None: the main procedure), and a condition to hold or fail."""

    incident: str | None
    step: Step
    condition: str | None = None
    holds: bool = True


def draw(rulebook: Rulebook, state: str, rng: Random) -> Aim | None:
    """An aim that some path leads to from a state, sooner one that is soon out of reach; None at an end."""
    ahead, weights = _ahead(rulebook, state)
    return rng.choices(ahead, weights)[0] if ahead else None


_AHEAD: dict[tuple[str, date, str], tuple[list[Aim], list[float]]] = {}


def _ahead(rulebook: Rulebook, state: str) -> tuple[list[Aim], list[float]]:
    """The aims that lie ahead of a state, the more weighty the fewer states each lies ahead of.

    Were all as likely as each other, hardly any history would look at what can happen before docketing alone.
    """
    key = (rulebook.key, rulebook.day, state)
    if key not in _AHEAD:
        ways = [(aim, distances_to(rulebook.main, goals(rulebook, aim))) for aim in every(rulebook)]
        _AHEAD[key] = (
            [aim for aim, far in ways if state in far],
            [1 / len(far) for _, far in ways if state in far],
        )
    return _AHEAD[key]


def goals(rulebook: Rulebook, aim: Aim) -> frozenset[str]:
    """The states of the main procedure in which the aim may come about."""
    if aim.incident is None:
        return frozenset(rulebook.main.sources(aim.step))
    admitted = rulebook.incidents.get(aim.incident)
    return frozenset() if admitted is None else frozenset(admitted.use.while_)


@cache
def _every(main: CompiledWorkflow, incidents: tuple[CompiledWorkflow, ...]) -> tuple[Aim, ...]:
    found = []
    for compiled in (main, *incidents):
        for step in compiled.workflow.steps:
            if step.opens and compiled.incident is None:
                continue  # every history begins with one of these
            found.append(Aim(compiled.incident, step))
            found += [Aim(compiled.incident, step, name, holds) for name in asked_of(step) for holds in (True, False)]
    return tuple(found)


def every(rulebook: Rulebook) -> tuple[Aim, ...]:
    """Every step of a version and of its incidents, and each of their conditions once to hold and once to fail."""
    return _every(rulebook.main, tuple(admitted.compiled for admitted in rulebook.incidents.values()))


def asked_of(step: Step) -> tuple[str, ...]:
    """The conditions that are asked, by name, when a step is judged."""
    return (*step.requires, *step.expects, *step.advises)


def ways_of(step: Step) -> tuple[str, ...]:
    """The conditions that decide, once a step is taken, where it leads and what it starts."""
    branch = (step.to.if_,) if isinstance(step.to, Branch) and step.to.if_ else ()
    return (*branch, *(start.if_ for start in step.starts if isinstance(start, Start)))


def is_automatic(step: Step) -> bool:
    """Whether nobody records the step: time or a thread brings it about."""
    return set(step.by) <= {CLOCK, LINK}


def events_of(word: Word, compiled: CompiledWorkflow, *, facts: bool) -> Iterator[str]:
    """The events a condition speaks of: the end of a time limit among them and, with `facts`, acts that record one."""
    for kind, name in word.names():
        if kind == "event":
            yield name
        elif kind == "fact" and facts:
            yield from (step.event for step in compiled.workflow.steps if name in (*step.records, *step.may_record))
        elif kind == "deadline" and name in compiled.deadlines and compiled.deadlines[name].when_over:
            yield str(compiled.deadlines[name].when_over)


def distances_to(
    compiled: CompiledWorkflow, goals: frozenset[str], roles: frozenset[str] | None = None
) -> dict[str, int]:
    """How many steps each state lies from the nearest of some states, by acts of the roles and by themselves alone."""
    return _distances(compiled, goals, roles)


@cache
def _distances(compiled: CompiledWorkflow, goals: frozenset[str], roles: frozenset[str] | None) -> dict[str, int]:
    far = dict.fromkeys(goals, 0)
    changed = True
    while changed:
        changed = False
        for (_, source), step in compiled.table.items():
            if roles is not None and not is_automatic(step) and roles.isdisjoint(step.by):
                continue
            for state in compiled.destinations(step):
                if state in far and far[state] + 1 < far.get(source, FAR):
                    far[source] = far[state] + 1
                    changed = True
    return far
