"""When a period ends, worked out by arithmetic on intervals; it keeps no ledger, reads no clock and judges no lapse."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from adjudicate.errors import PeriodError
from adjudicate.law.legal_time import legal_day
from adjudicate.law.periods import Length, Unit, add_months, out_of_years
from adjudicate.law.values import value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from adjudicate.law.calendars import Calendar

_LAST = date.max.toordinal()

Span = tuple[int, int]


@value
class Exclusion:
    """Days that do not count, for one kind of reason: from `from_on` until the day before `until_on`, or still open."""

    kind: str
    from_on: date
    until_on: date | None

    def __post_init__(self) -> None:
        if self.until_on is not None and self.until_on < self.from_on:
            raise PeriodError(
                zh=f"扣除期间的恢复计算之日 {self.until_on} 早于起日 {self.from_on}",
                en=f"an exclusion ends on {self.until_on}, before it begins on {self.from_on}",
            )


@value
class Extension:
    """A length added to a period: by whose authority, and on which day."""

    length: Length
    by: str
    on: date


@value
class Period:
    """Everything a due day depends on, apart from the calendar. `trigger_at` is needed for hours alone."""

    trigger_on: date
    length: Length
    extensions: tuple[Extension, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    backward: bool = False
    rolls: bool = True
    trigger_at: datetime | None = None


@value
class Due:
    """The answer. `due_on` is None while an interval is open, whose kinds `open_kinds` then names.

    `last_counted_on` is the end before rolling. `due_at` is set for hours alone. `provisional` means that a day was
    consulted which a holiday notice still to come may change; `awaits` are the years of these notices. Whatever they
    say, the due day lies not before or not after the first such day, as far as the calendar says how far back a notice
    reaches.
    """

    due_on: date | None
    due_at: datetime | None
    last_counted_on: date | None
    provisional: bool
    open_kinds: tuple[str, ...]
    awaits: tuple[int, ...] = ()
    not_before: date | None = None
    not_after: date | None = None


class Leg(NamedTuple):
    """One stretch of counting: the length with the extensions in its own unit, then each extension in another unit."""

    length: Length
    extensions: tuple[Extension, ...]


def legs_of(period: Period) -> tuple[Leg, ...]:
    """The stretches counted one after another (C23: an extension in the length's unit joins the first). PeriodError."""
    if not period.extensions:
        return (Leg(period.length, ()),)
    unit = period.length.unit
    same = tuple(extension for extension in period.extensions if extension.length.unit is unit)
    others = [extension for extension in period.extensions if extension.length.unit is not unit]
    if others and (unit is Unit.HOURS or any(extension.length.unit is Unit.HOURS for extension in others)):
        raise PeriodError(
            zh="以小时计的期限只能以小时延长，其他期限不能以小时延长",
            en="a period in hours is extended in hours only, and no other period is extended in hours",
        )
    count = period.length.count + sum(extension.length.count for extension in same)
    first = Leg(Length(count, unit) if same else period.length, same)
    return (first, *(Leg(extension.length, (extension,)) for extension in others))


def closed_spans(exclusions: Iterable[Exclusion]) -> list[Span]:
    """The union of the closed intervals, as disjoint ordinal spans [from, until) in order."""
    spans = sorted(
        (exclusion.from_on.toordinal(), exclusion.until_on.toordinal())
        for exclusion in exclusions
        if exclusion.until_on is not None and exclusion.until_on > exclusion.from_on
    )
    union: list[Span] = []
    for first, until in spans:
        if union and first <= union[-1][1]:
            union[-1] = (union[-1][0], max(until, union[-1][1]))
        else:
            union.append((first, until))
    return union


def days_in(length: Length, start: int, *, backward: bool = False) -> int:
    """A length in days, months or years as natural days from an ordinal: trigger to corresponding day. PeriodError."""
    if length.unit is Unit.DAYS:
        return length.count
    months = length.count * 12 if length.unit is Unit.YEARS else length.count
    try:
        day = date.fromordinal(start)
    except ValueError:
        raise out_of_years() from None
    return abs(add_months(day, -months if backward else months).toordinal() - start)


def compute(period: Period, calendar: Calendar) -> Due:
    """The due day or instant of a period. Raises PeriodError where the years 1 to 9999 are left.

    The first day is not counted; months and years end on the corresponding day or the last of the month, turned into
    days before the walk; excluded days are skipped one by one; a last day that is not worked rolls once, at the end.
    """
    if period.length.unit is Unit.HOURS:
        return _hours(period)
    start = period.trigger_on.toordinal()
    spans = closed_spans(period.exclusions) if period.exclusions else []
    end, consulted = start, list[Span]()
    for leg in legs_of(period):
        if leg.length.unit is Unit.WORKING_DAYS:
            walk = _working_days_back if period.backward else _working_days_on
            end = walk(end, leg.length.count, spans, calendar, consulted)
        else:
            days = days_in(leg.length, end, backward=period.backward)
            end = _days_back(end, days, spans) if period.backward else _days_on(end, days, spans)
        if not 1 <= end <= _LAST:
            raise out_of_years()
    if period.exclusions and (open_kinds := _open_within(period, start, end)):
        return Due(None, None, None, provisional=False, open_kinds=open_kinds)
    due = end
    if period.rolls:
        if not calendar.is_working(date.fromordinal(end)):
            due = calendar.nth_working_before(end, 1) if period.backward else calendar.nth_working_after(end, 1)
        consulted.append((min(end, due), max(end, due)))
    return _due(period, calendar, consulted, end=end, due=due)


def _due(period: Period, calendar: Calendar, consulted: Iterable[Span], *, end: int, due: int) -> Due:
    """The answer with what is uncertain about it, of the spans consulted in the order of counting."""
    due_on, last_counted_on = date.fromordinal(due), date.fromordinal(end)
    unsettled = [days for first, last in consulted for days in calendar.unsettled(first, last)]
    if not unsettled:
        return Due(due_on, None, last_counted_on, provisional=False, open_kinds=())
    # All days before the first of them are certain and did not suffice, so that the count ends there or farther on.
    farthest = max(days.last for days in unsettled) if period.backward else min(days.first for days in unsettled)
    bound = date.fromordinal(farthest) if calendar.bounds_notices else None
    return Due(
        due_on,
        None,
        last_counted_on,
        provisional=True,
        open_kinds=(),
        awaits=tuple(sorted({days.year for days in unsettled})),
        not_before=None if period.backward else bound,
        not_after=bound if period.backward else None,
    )


def _open_within(period: Period, start: int, end: int) -> tuple[str, ...]:
    """The kinds of the open intervals, if one of them reaches into the days counted."""
    still_open = [exclusion for exclusion in period.exclusions if exclusion.until_on is None]
    reach = start - 1 if period.backward else end
    if any(exclusion.from_on.toordinal() <= reach for exclusion in still_open):
        return tuple(sorted({exclusion.kind for exclusion in still_open}))
    return ()


def _days_on(start: int, n: int, spans: Sequence[Span]) -> int:
    end = start + n
    for first, until in spans:
        if until <= start + 1:
            continue
        skipped_from = max(first, start + 1)
        if skipped_from > end:
            break
        end += until - skipped_from
    return end


def _days_back(start: int, n: int, spans: Sequence[Span]) -> int:
    end = start - n
    for first, until in reversed(spans):
        if first >= start:
            continue
        last = min(until, start) - 1
        if last < end:
            break
        end -= last - first + 1
    return end


def _working_days_on(start: int, n: int, spans: Sequence[Span], calendar: Calendar, consulted: list[Span]) -> int:
    """The end of a stretch; the spans of days that were looked up are added to `consulted`."""
    at = start
    for first, until in spans:
        if until <= at + 1:
            continue
        if first > at + 1:
            counted = calendar.working_days_between(at + 1, first - 1)
            if counted >= n:
                break
            n -= counted
            consulted.append((at + 1, first - 1))
        at = until - 1
    end = calendar.nth_working_after(at, n)
    consulted.append((at + 1, end))
    return end


def _working_days_back(start: int, n: int, spans: Sequence[Span], calendar: Calendar, consulted: list[Span]) -> int:
    at = start
    for first, until in reversed(spans):
        if first >= at:
            continue
        if until < at:
            counted = calendar.working_days_between(until, at - 1)
            if counted >= n:
                break
            n -= counted
            consulted.append((until, at - 1))
        at = first
    end = calendar.nth_working_before(at, n)
    consulted.append((end, at - 1))
    return end


def _hours(period: Period) -> Due:
    if period.trigger_at is None or period.trigger_at.tzinfo is None:
        raise PeriodError(
            zh="以小时计的期限须从带时区的时刻起算", en="a period in hours is counted from an instant with a time zone"
        )
    if period.exclusions:
        raise PeriodError(zh="以小时计的期限不适用扣除", en="a period in hours admits no exclusions")
    hours = legs_of(period)[0].length.count
    try:
        due_at = period.trigger_at + timedelta(hours=-hours if period.backward else hours)
        due_on = legal_day(due_at)
    except OverflowError:
        raise out_of_years() from None
    return Due(due_on, due_at, due_on, provisional=False, open_kinds=())
