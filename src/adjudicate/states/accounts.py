"""What people are shown of one deadline: its floor while open, and the day-by-day account; it moves nothing."""

from __future__ import annotations

from datetime import date

from adjudicate.definition.rulebook import Rulebook
from adjudicate.law import deadlines as law
from adjudicate.law.text import Text
from adjudicate.states import dates
from adjudicate.states.fold import Fold, LegalContext
from adjudicate.states.standing import Standing
from adjudicate.states.threads import rule_of


def due_floor(legal: LegalContext, standing: Standing, key: str, today: date) -> date | None:
    """The due day, or while an interval is open the earliest it can be: as if today were the last excluded."""
    running = standing.deadlines[key]
    if running.due_on is not None:
        return running.due_on
    rule = rule_of(Fold(legal, standing).rulebook, running.name, running.thread)
    dues = [law.floor(p, legal.calendar, today) for p in dates.periods(rule, running, standing.intervals)]
    return (law.latest(dues) if rule.latest else law.earliest(dues)).due_on


def account(legal: LegalContext, standing: Standing, key: str) -> list[law.Account]:
    """The day-by-day account of each count of a deadline, in the order of the definition."""
    running = standing.deadlines[key]
    rulebook = Fold(legal, standing).rulebook
    rule, names = rule_of(rulebook, running.name, running.thread), _names(rulebook)
    periods = dates.periods(rule, running, standing.intervals)
    return [law.explain(period, legal.calendar, labels=names) for period in periods]


def _names(rulebook: Rulebook) -> dict[str, Text]:
    """What people call each kind of uncounted time, and each authority that extends."""
    found = {name: Text(role.label.zh, role.label.en) for name, role in rulebook.registers.roles.items()}
    for compiled in (rulebook.main, *(admitted.compiled for admitted in rulebook.incidents.values())):
        for step in compiled.workflow.steps:
            for kind in step.begins:
                own = compiled.incident is not None and compiled.incident.replace("-", "_") == kind
                label = compiled.workflow.title if own else step.label
                found[kind] = Text(label.zh, label.en)
    return found
