"""What a random history sets out for: one step of the law, drawn at random, and which acts lead toward it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

from adjudicate.states.definition import Step
from adjudicate.states.entries import CLOCK, LINK
from adjudicate.states.options import Option
from adjudicate.states.rulebook import Road, Rulebook
from adjudicate.states.standing import Standing

FAR = 99


@dataclass(frozen=True)
class Aim:
    """A step, and the incident it belongs to; None is the main road."""

    incident: str | None
    step: Step


def draw(rulebook: Rulebook, rng: Random) -> Aim:
    """Any step of the version, each as likely as the others: left to chance alone, rare ones would never be seen."""
    roads = [rulebook.main, *(admitted.road for admitted in rulebook.incidents.values())]
    return rng.choice([Aim(road.incident, step) for road in roads for step in road.workflow.steps])


def is_automatic(step: Step) -> bool:
    """Whether nobody records the step: time or a thread brings it about."""
    return set(step.by) <= {CLOCK, LINK}


def toward(aim: Aim, rulebook: Rulebook, standing: Standing, allowed: list[Option]) -> list[Option]:
    """The acts open now that are the aim or lead nearer to it."""
    reached = [one for one in allowed if one.step is aim.step]
    if reached:
        return reached
    if aim.incident is None:
        return _nearer(rulebook.main, aim.step, str(standing.state), [o for o in allowed if o.road.incident is None])
    admitted = rulebook.incidents.get(aim.incident)
    if admitted is None:
        return []
    found = []
    for key, thread in standing.threads.items():
        if thread.incident == aim.incident and not thread.final:
            found += _nearer(admitted.road, aim.step, thread.state, [one for one in allowed if one.thread == key])
    opening = [one for one in allowed if one.opens == aim.incident and _leads(admitted.road, aim.step, one)]
    if found or opening:
        return found or opening
    far = distances_to(rulebook.main, frozenset(admitted.use.while_))
    main = [one for one in allowed if one.road.incident is None]
    return [one for one in main if _lands(one, far) < far.get(str(standing.state), FAR)]


def _nearer(road: Road, step: Step, state: str, options: list[Option]) -> list[Option]:
    far = distances_to(road, frozenset(road.sources(step)))
    return [one for one in options if _lands(one, far) < far.get(state, FAR)]


def _leads(road: Road, step: Step, option: Option) -> bool:
    return _lands(option, distances_to(road, frozenset(road.sources(step)))) < FAR


def _lands(option: Option, far: dict[str, int]) -> int:
    return min((far.get(state, FAR) for state in option.road.destinations(option.step)), default=FAR)


def distances_to(road: Road, goals: frozenset[str]) -> dict[str, int]:
    """How many steps each state lies from the nearest of some states."""
    return _distances(road, goals)


@cache
def _distances(road: Road, goals: frozenset[str]) -> dict[str, int]:
    far = dict.fromkeys(goals, 0)
    changed = True
    while changed:
        changed = False
        for (_, source), step in road.table.items():
            for state in road.destinations(step):
                if state in far and far[state] + 1 < far.get(source, FAR):
                    far[source] = far[state] + 1
                    changed = True
    return far
