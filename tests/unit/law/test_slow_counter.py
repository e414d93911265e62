"""The fast arithmetic against the naive counter, and the properties every deadline must have, over random periods."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from adjudicate.errors import PeriodError
from adjudicate.law.calendars import Calendar
from adjudicate.law.deadlines import Exclusion, Extension, Period, active_days, compute, excluded_days, floor
from adjudicate.law.periods import Length, Unit
from adjudicate.law.text import Text
from adjudicate.law.year_tables import NamedDay, Statutory, YearTable
from tests.unit.law.slow_counter import slow_active_days, slow_compute

FIRST, SPAN = date(2023, 11, 1), 500
days = st.integers(0, SPAN).map(lambda n: FIRST + timedelta(n))
lengths = st.one_of(
    st.builds(Length, st.integers(1, 120), st.just(Unit.DAYS)),
    st.builds(Length, st.integers(1, 90), st.just(Unit.WORKING_DAYS)),
    st.builds(Length, st.integers(1, 14), st.just(Unit.MONTHS)),
    st.builds(Length, st.integers(1, 2), st.just(Unit.YEARS)),
)
extensions = st.lists(st.builds(Extension, lengths, st.just("head"), days), max_size=3).map(tuple)
kinds = st.sampled_from(["suspension", "appraisal", "announcement"])


@st.composite
def closed_exclusions(draw: st.DrawFn) -> Exclusion:
    first = draw(days)
    return Exclusion(draw(kinds), first, first + timedelta(draw(st.integers(0, 90))))


open_exclusions = st.builds(Exclusion, kinds, days, st.none())
exclusion_lists = st.lists(closed_exclusions(), max_size=5)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Invented holidays and make-up days in some of the years 2023 to 2028, the others unpublished."""
    tables = []
    for year in draw(st.sets(st.integers(2023, 2028), max_size=5)):
        chosen = draw(st.sets(st.integers(0, 364), max_size=40))
        named = [
            NamedDay(on=on, working=on.weekday() > 4, name=Text("假", "holiday"), notice="虚构")
            for on in sorted(date(year, 1, 1) + timedelta(n) for n in chosen)
        ]
        tables.append(YearTable(code="cn", year=year, notices=(), days=tuple(named)))
    return Calendar(code="cn", tables=tables, statutory=draw(assumptions))


assumptions = st.one_of(
    st.none(),
    st.builds(
        lambda first: Statutory(title=Text("法", "law"), versions=(), year_end=((date(2000, 1, 1), (12, first)),)),
        st.integers(20, 31),
    ),
)


@st.composite
def periods(draw: st.DrawFn, *, allow_open: bool = True, allow_backward: bool = True) -> Period:
    exclusions = draw(exclusion_lists)
    if allow_open and draw(st.integers(0, 4)) == 0:
        exclusions.append(draw(open_exclusions))
    return Period(
        trigger_on=draw(days),
        length=draw(lengths),
        extensions=draw(extensions),
        exclusions=tuple(exclusions),
        backward=allow_backward and draw(st.booleans()),
        rolls=draw(st.booleans()),
    )


@settings(max_examples=1500, deadline=None)
@given(periods(), calendars())
def test_the_due_day_equals_the_one_counted_day_by_day(period: Period, calendar: Calendar) -> None:
    assert compute(period, calendar) == slow_compute(period, calendar)


@settings(max_examples=400, deadline=None)
@given(periods(allow_backward=False), calendars(), days)
def test_the_days_used_up_equal_those_counted_day_by_day(period: Period, calendar: Calendar, on: date) -> None:
    assert active_days(period, calendar, on) == slow_active_days(period, calendar, on)
    if period.length.unit is not Unit.WORKING_DAYS and on >= period.trigger_on:
        assert active_days(period, calendar, on) + excluded_days(period, on) == (on - period.trigger_on).days


@settings(max_examples=400, deadline=None)
@given(periods(allow_open=False, allow_backward=False), calendars(), closed_exclusions())
def test_suspending_and_resuming_never_brings_a_date_forward(
    period: Period, calendar: Calendar, suspension: Exclusion
) -> None:
    before = compute(period, calendar)
    after = compute(replace(period, exclusions=(*period.exclusions, suspension)), calendar)
    assert before.due_on is not None
    assert after.due_on is not None
    assert after.due_on >= before.due_on


@settings(max_examples=300, deadline=None)
@given(periods(allow_open=False, allow_backward=False), calendars(), lengths)
def test_a_longer_extension_never_ends_earlier(period: Period, calendar: Calendar, length: Length) -> None:
    shorter = (*period.extensions, Extension(length, "head", period.trigger_on))
    longer = (*period.extensions, Extension(Length(length.count + 1, length.unit), "head", period.trigger_on))
    without, once, more = (
        compute(replace(period, extensions=given), calendar).due_on for given in (period.extensions, shorter, longer)
    )
    assert without is not None
    assert once is not None
    assert more is not None
    assert without <= once <= more


@settings(max_examples=300, deadline=None)
@given(periods(), calendars(), st.randoms(use_true_random=False))
def test_the_order_in_which_exclusions_were_recorded_does_not_matter(period: Period, calendar: Calendar, rng) -> None:
    shuffled = list(period.exclusions)
    rng.shuffle(shuffled)
    assert compute(replace(period, exclusions=tuple(shuffled)), calendar) == compute(period, calendar)


@settings(max_examples=300, deadline=None)
@given(periods(allow_open=False), calendars(), st.integers(1, 30))
def test_cutting_one_exclusion_in_two_changes_nothing(period: Period, calendar: Calendar, cut: int) -> None:
    pieces = []
    for e in period.exclusions:
        assert e.until_on is not None
        middle = min(e.from_on + timedelta(cut), e.until_on)
        pieces += [Exclusion(e.kind, e.from_on, middle), Exclusion("other", middle, e.until_on)]
    assert compute(replace(period, exclusions=tuple(pieces)), calendar) == compute(period, calendar)


@settings(max_examples=300, deadline=None)
@given(periods(allow_open=False, allow_backward=False), calendars(), open_exclusions, days)
def test_the_floor_is_the_due_day_if_the_interval_ended_today(
    period: Period, calendar: Calendar, still_open: Exclusion, today: date
) -> None:
    assume(still_open.from_on <= today)
    waiting = replace(period, exclusions=(*period.exclusions, still_open))
    ended = replace(still_open, until_on=today + timedelta(1))
    assert floor(waiting, calendar, today) == compute(replace(period, exclusions=(*period.exclusions, ended)), calendar)


@settings(max_examples=300, deadline=None)
@given(periods(allow_open=False, allow_backward=False), calendars(), open_exclusions)
def test_an_open_interval_hides_the_date_only_if_it_began_in_time(
    period: Period, calendar: Calendar, still_open: Exclusion
) -> None:
    without = compute(period, calendar)
    assert without.last_counted_on is not None
    due = compute(replace(period, exclusions=(*period.exclusions, still_open)), calendar)
    if still_open.from_on <= without.last_counted_on:
        assert due.due_on is None
        assert due.open_kinds == (still_open.kind,)
    else:
        assert due == without


@settings(max_examples=300, deadline=None)
@given(periods(allow_open=False), calendars())
def test_a_deadline_that_rolls_ends_on_a_working_day(period: Period, calendar: Calendar) -> None:
    due = compute(replace(period, rolls=True), calendar)
    assert due.due_on is not None
    assert calendar.day(due.due_on).working


@pytest.mark.parametrize("unit", ["days", "working_days", "months", "years"])
@pytest.mark.parametrize(("day", "backward"), [(date(9999, 12, 1), False), (date(1, 1, 20), True)])
def test_a_period_that_leaves_the_years_is_refused_and_never_overflows(
    cn: Calendar, unit: str, day: date, backward: bool
) -> None:
    period = Period(day, Length(60, Unit(unit)), backward=backward)
    with pytest.raises(PeriodError, match="9999"):
        compute(period, cn)
