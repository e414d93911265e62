"""From a deadline's rule and ledger to its dates: the bridge between a standing and the law of counting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from adjudicate.definition.deadline_models import Deadline
from adjudicate.definition.models import OPEN_ENDED
from adjudicate.errors import NoLawInForce
from adjudicate.law import deadlines as law
from adjudicate.law.calendars import Calendar
from adjudicate.law.periods import Length, value_at
from adjudicate.states.standing import Interval, Running

Facts = Callable[[str], Any]


def as_day(value: object) -> date | None:
    """A day fact as a date (facts are kept as JSON)."""
    return date.fromisoformat(value) if isinstance(value, str) else None


def components(rule: Deadline, facts: Facts, started_on: date) -> list[tuple[date, str]]:
    """The trigger day and length of every count of the deadline, as far as the days are known.

    Raises NoLawInForce where a dated length has no value on the trigger day, or a fact that chooses it is unknown.
    """
    several = rule.earliest or rule.latest
    if several:
        days = ((part, as_day(facts(part.counted_from))) for part in several)
        return [(day, str(_on(part.length, day))) for part, day in days if day is not None]
    trigger = as_day(facts(rule.counted_from)) if rule.counted_from else started_on
    if trigger is None:
        return []
    return [(trigger, str(_length(rule, facts, trigger)))]


def _length(rule: Deadline, facts: Facts, trigger: date) -> Length:
    if rule.fixed_by:
        value = facts(rule.fixed_by)
        if value is None:
            raise NoLawInForce(
                zh=f"“{rule.label.zh}”的长度尚未确定，须先予确定",
                en=f"the length of '{rule.label.en}' is not fixed yet and must be first",
            )
        return Length.parse(value)
    if rule.choose:
        ((fact, options),) = rule.choose.items()
        value = facts(fact)
        if value not in options:
            raise NoLawInForce(
                zh=f"决定“{rule.label.zh}”长度的事实未知",
                en=f"the fact that chooses the length of '{rule.label.en}' is unknown",
            )
        return _on(options[value], trigger)
    if rule.length is None:
        raise NoLawInForce(zh="期限没有长度", en="the deadline has no length")
    return _on(rule.length, trigger)


def _on(value: Length | Mapping[date, Length], day: date) -> Length:
    return value if isinstance(value, Length) else value_at(value, day)


def periods(
    rule: Deadline, running: Running, intervals: Iterable[Interval], more: Sequence[str] = ()
) -> list[law.Period]:
    """One period for each count; `more` are extensions assumed beside those granted."""
    extensions, exclusions = _extensions(running, more), _exclusions(rule, intervals)
    return [
        law.Period(
            trigger_on=trigger,
            length=Length.parse(length),
            extensions=extensions,
            exclusions=exclusions,
            backward=rule.counted_back,
            rolls=rule.rolls,
            trigger_at=running.trigger_at,
        )
        for trigger, length in running.components
    ]


def _extensions(running: Running, more: Sequence[str]) -> tuple[law.Extension, ...]:
    granted = [law.Extension(Length.parse(length), by, on) for length, by, on in running.extensions]
    assumed = [law.Extension(Length.parse(length), "", running.trigger_on) for length in more]
    return (*granted, *assumed)


def _exclusions(rule: Deadline, intervals: Iterable[Interval]) -> tuple[law.Exclusion, ...]:
    if not rule.excludes:
        return ()
    return tuple(law.Exclusion(one.kind, one.from_on, one.until_on) for one in intervals if one.kind in rule.excludes)


def compute(
    rule: Deadline, running: Running, intervals: Iterable[Interval], calendar: Calendar, more: Sequence[str] = ()
) -> law.Due:
    """The dates of a deadline as its ledger stands: of several counts the earliest, or the latest, end."""
    if running.extensions or more or running.trigger_at or _exclusions(rule, intervals):
        dues = [law.compute(period, calendar) for period in periods(rule, running, intervals, more)]
    else:
        back, rolls = rule.counted_back, rule.rolls
        dues = [_plain_count(trigger, length, back, rolls, calendar) for trigger, length in running.components]
    return law.latest(dues) if rule.latest else law.earliest(dues)


@lru_cache(maxsize=4096)
def _plain_count(trigger: date, length: str, back: bool, rolls: bool, calendar: Calendar) -> law.Due:
    """A count to which nothing was added and from which nothing is left out: many cases start the same one on a day."""
    return law.compute(law.Period(trigger, Length.parse(length), backward=back, rolls=rolls), calendar)


def refresh(rule: Deadline, running: Running, intervals: Iterable[Interval], calendar: Calendar, on: date) -> None:
    """Bring the stored dates of a running deadline up to its ledger; remembers the day on which they moved."""
    due = compute(rule, running, intervals, calendar)
    if (due.due_on, due.due_at) != (running.due_on, running.due_at) or running.moved_on is None:
        running.moved_on = on
    running.due_on, running.due_at = due.due_on, due.due_at
    running.last_counted_on, running.provisional = due.last_counted_on, due.provisional


def furthest_due_on(
    rule: Deadline, running: Running, intervals: Iterable[Interval], calendar: Calendar, extensions: int
) -> date | None:
    """The due day if the first `extensions` were granted in full.

    None where nothing limits one, the end is open, or the day is provisional: it cuts off nothing.
    """
    more = []
    for i, extension in enumerate(rule.extensions_on(running.trigger_on)[:extensions]):
        if extension.at_most == OPEN_ENDED:
            return None
        if i >= len(running.extensions):
            more.append(str(extension.at_most))
    due = compute(rule, running, intervals, calendar, more)
    return None if due.provisional else due.due_on
