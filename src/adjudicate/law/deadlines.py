"""The questions asked of a period: when it is due, how much is used up, which of several is first, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from adjudicate.errors import PeriodError
from adjudicate.law.accounts import Account, Line, account_json, account_text, explain
from adjudicate.law.counting import Due, Exclusion, Extension, Period, closed_spans, compute
from adjudicate.law.periods import Unit, out_of_years

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from adjudicate.law.calendars import Calendar

__all__ = [
    "Account",
    "Due",
    "Exclusion",
    "Extension",
    "Line",
    "Period",
    "account_json",
    "account_text",
    "active_days",
    "compute",
    "earliest",
    "excluded_days",
    "explain",
    "floor",
    "latest",
]


def floor(period: Period, calendar: Calendar, today: date) -> Due:
    """The due day if `today` were the last excluded day of every open interval: shown on reading, never stored."""
    if today == date.max:
        raise out_of_years()
    tomorrow = today + timedelta(1)
    exclusions = tuple(
        exclusion if exclusion.until_on is not None else replace(exclusion, until_on=max(exclusion.from_on, tomorrow))
        for exclusion in period.exclusions
    )
    return compute(replace(period, exclusions=exclusions), calendar)


def active_days(period: Period, calendar: Calendar, on: date) -> int:
    """How many days have counted after the trigger up to and including `on`: working days for a period in working days.

    Raises PeriodError for a period in hours or counted backward, of which no days are used up.
    """
    if period.backward or period.length.unit is Unit.HOURS:
        raise PeriodError(
            zh="倒算的期限或以小时计的期限没有已经过的天数",
            en="no days are used up of a period that is counted backward or in hours",
        )
    total, at, last = 0, period.trigger_on.toordinal() + 1, on.toordinal()
    count = calendar.working_days_between if period.length.unit is Unit.WORKING_DAYS else _natural_days_between
    for first, until in closed_spans(_closed_at(period.exclusions, on)):
        if until > at:
            total += count(at, min(first - 1, last))
            at = until
    return total + count(at, last)


def excluded_days(period: Period, on: date) -> int:
    """How many natural days after the trigger, up to and including `on`, were excluded."""
    start, last = period.trigger_on.toordinal() + 1, on.toordinal()
    spans = closed_spans(_closed_at(period.exclusions, on))
    return sum(_natural_days_between(max(first, start), min(until - 1, last)) for first, until in spans)


def _closed_at(exclusions: Iterable[Exclusion], on: date) -> list[Exclusion]:
    """The intervals with the open ones treated as lasting through `on`."""
    if on == date.max:
        raise out_of_years()
    until = on + timedelta(1)
    return [
        exclusion if exclusion.until_on is not None else replace(exclusion, until_on=max(exclusion.from_on, until))
        for exclusion in exclusions
    ]


def _natural_days_between(first: int, last: int) -> int:
    return max(0, last - first + 1)


def earliest(dues: Sequence[Due]) -> Due:
    """The due that comes first; one still open is left out while another has a day. PeriodError if none is given."""
    return _pick(dues, last=False)


def latest(dues: Sequence[Due]) -> Due:
    """The due that comes last; while one is open the whole is open. PeriodError if none is given."""
    return _pick(dues, last=True)


def _pick(dues: Sequence[Due], *, last: bool) -> Due:
    if not dues:
        raise PeriodError(zh="没有可供比较的期限", en="there is no deadline to choose from")
    if len(dues) == 1:
        return dues[0]
    known = [due for due in dues if due.due_on is not None]
    waiting = [due for due in dues if due.due_on is None]
    if waiting and (last or not known):
        kinds = tuple(sorted({kind for due in waiting for kind in due.open_kinds}))
        return Due(None, None, None, provisional=False, open_kinds=kinds)
    chosen = (max if last else min)(known, key=_order)
    certain = next((due for due in known if not due.provisional and _order(due) == _order(chosen)), None)
    if certain is None or certain.due_on is None:
        return chosen
    # A notice still to come may move only those past the chosen one whose uncertain days reach so far.
    rivals = [due for due in known if due.provisional and _may_pass(due, certain.due_on, last=last)]
    awaits = tuple(sorted({year for due in rivals for year in due.awaits}))
    return replace(certain, provisional=bool(rivals), awaits=awaits)


def _may_pass(due: Due, day: date, *, last: bool) -> bool:
    """Whether a notice may move a provisional due before a certain day, or for the `last` of several behind it."""
    bound = due.not_after if last else due.not_before
    return bound is None or (bound > day if last else bound < day)


def _order(due: Due) -> tuple[date, float]:
    """By day, and within a day an instant before the day's end."""
    return due.due_on or date.max, due.due_at.timestamp() if due.due_at else float("inf")
