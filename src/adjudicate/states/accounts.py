"""What people are shown of one deadline: its floor while open, and the day-by-day account; it moves nothing."""

from __future__ import annotations

from datetime import date

from adjudicate.definition.rulebook import Rulebook
from adjudicate.law import deadlines as law
from adjudicate.law.text import Text
from adjudicate.states import dates
from adjudicate.states.fold import Ground, Walk
from adjudicate.states.ledger import rule_of
from adjudicate.states.standing import Standing


def due_floor(ground: Ground, standing: Standing, key: str, today: date) -> date | None:
    """The due day, or while an interval is open the earliest it can be: as if today were the last excluded."""
    running = standing.deadlines[key]
    if running.due_on is not None:
        return running.due_on
    rule = rule_of(Walk(ground, standing), running)
    dues = [law.floor(p, ground.calendar, today) for p in dates.periods(rule, running, standing.intervals)]
    return (law.latest(dues) if rule.latest else law.earliest(dues)).due_on


def account(ground: Ground, standing: Standing, key: str) -> list[law.Account]:
    """The day-by-day account of each count of a deadline, in the order of the definition."""
    running = standing.deadlines[key]
    walk = Walk(ground, standing)
    rule, names = rule_of(walk, running), _names(walk.rulebook)
    periods = dates.periods(rule, running, standing.intervals)
    return [law.explain(period, ground.calendar, labels=names) for period in periods]


def _names(rulebook: Rulebook) -> dict[str, Text]:
    """What people call each kind of uncounted time, and each authority that extends."""
    found = {name: Text(role.label.zh, role.label.en) for name, role in rulebook.registers.roles.items()}
    for road in (rulebook.main, *(admitted.road for admitted in rulebook.incidents.values())):
        for step in road.workflow.steps:
            for kind in step.begins:
                own = road.incident is not None and road.incident.replace("-", "_") == kind
                label = road.workflow.title if own else step.label
                found[kind] = Text(label.zh, label.en)
    return found
