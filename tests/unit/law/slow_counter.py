"""A naive day-by-day counter, written from the rules and not from the code, to check the fast arithmetic against."""

from calendar import monthrange
from datetime import date, timedelta

from adjudicate.law.calendars import Calendar
from adjudicate.law.deadlines import Due, Exclusion, Period
from adjudicate.law.periods import Length

DAY = timedelta(days=1)


def corresponding(day: date, months: int) -> date:
    """Step month by month; then the same day number, or the last day there is."""
    year, month = day.year, day.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        if month == 13:
            year, month = year + 1, 1
        if month == 0:
            year, month = year - 1, 12
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def is_excluded(day: date, exclusions: tuple[Exclusion, ...]) -> bool:
    return any(e.from_on <= day and (e.until_on is None or day < e.until_on) for e in exclusions)


def touches_open(day: date, exclusions: tuple[Exclusion, ...]) -> bool:
    return any(e.until_on is None and e.from_on <= day for e in exclusions)


def lengths(period: Period) -> list[Length]:
    total, rest = period.length.count, []
    for extension in period.extensions:
        if extension.length.unit == period.length.unit:
            total += extension.length.count
        else:
            rest.append(extension.length)
    return [Length(total, period.length.unit), *rest]


def waits_for(day: date, calendar: Calendar) -> int | None:
    """The year whose notice, not out yet, may still say something else about the day."""
    if not calendar.published(day.year):
        return day.year
    known = calendar.statutory.year_end if calendar.statutory else ()
    from_day = [month_and_day for first, month_and_day in known if first.year <= day.year][-1:]
    if from_day and (day.month, day.day) >= from_day[0] and not calendar.published(day.year + 1):
        return day.year + 1
    return None


def slow_compute(period: Period, calendar: Calendar) -> Due:
    """Walk one day at a time; only for periods in days, working days, months and years."""
    step = -DAY if period.backward else DAY
    sign = -1 if period.backward else 1
    day, unsure = period.trigger_on, list[date]()

    def working_day(day: date) -> bool:
        if waits_for(day, calendar) is not None:
            unsure.append(day)
        return calendar.day(day).working

    for length in lengths(period):
        working = length.unit == "working_days"
        to_count = length.count
        if length.unit in {"months", "years"}:
            months = length.count * (12 if length.unit == "years" else 1)
            to_count = abs((corresponding(day, sign * months) - day).days)
        while to_count:
            day += step
            if touches_open(day, period.exclusions):
                kinds = {e.kind for e in period.exclusions if e.until_on is None}
                return Due(None, None, None, provisional=False, open_kinds=tuple(sorted(kinds)))
            if is_excluded(day, period.exclusions):
                continue
            if not working:
                to_count -= 1
                continue
            if working_day(day):
                to_count -= 1
    last_counted = day
    while period.rolls and not working_day(day):
        day += step
    bound = unsure[0] if unsure and calendar.statutory and calendar.statutory.year_end else None
    return Due(
        day,
        None,
        last_counted,
        provisional=bool(unsure),
        open_kinds=(),
        awaits=tuple(sorted({waits_for(one, calendar) or 0 for one in unsure})),
        not_before=None if period.backward else bound,
        not_after=bound if period.backward else None,
    )


def slow_active_days(period: Period, calendar: Calendar, on: date) -> int:
    counted, day = 0, period.trigger_on
    while day < on:
        day += DAY
        if is_excluded(day, period.exclusions):
            continue
        if period.length.unit != "working_days" or calendar.day(day).working:
            counted += 1
    return counted
