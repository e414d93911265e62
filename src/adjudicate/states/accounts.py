"""What people are shown of one deadline: its floor while open, and the day-by-day account; it moves nothing."""

from __future__ import annotations

from datetime import date

from adjudicate.law import deadlines as law
from adjudicate.states import dates
from adjudicate.states.ledger import rule_of
from adjudicate.states.standing import Standing
from adjudicate.states.walk import Ground, Walk


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
    rule = rule_of(Walk(ground, standing), running)
    return [law.explain(period, ground.calendar) for period in dates.periods(rule, running, standing.intervals)]
