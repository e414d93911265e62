"""Lengths, days, hours, open intervals and choices among deadlines."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from adjudicate.errors import LawError, PeriodError
from adjudicate.law.calendars import Calendar
from adjudicate.law.deadlines import (
    Due,
    Exclusion,
    Extension,
    Period,
    active_days,
    compute,
    earliest,
    excluded_days,
    floor,
    latest,
)
from adjudicate.law.periods import Length, Unit, add_months, in_words, parse_day, value_at
from adjudicate.law.year_tables import YearTable

CHINA = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("text", "count", "unit", "canonical"),
    [
        ("5 working_days", 5, Unit.WORKING_DAYS, "5 working_days"),
        ("1 working_day", 1, Unit.WORKING_DAYS, "1 working_day"),
        ("1 months", 1, Unit.MONTHS, "1 month"),
        ("3 month", 3, Unit.MONTHS, "3 months"),
        (" 15  days ", 15, Unit.DAYS, "15 days"),
        ("1 year", 1, Unit.YEARS, "1 year"),
        ("48 hours", 48, Unit.HOURS, "48 hours"),
    ],
)
def test_a_length_is_read_in_the_singular_and_the_plural(text: str, count: int, unit: Unit, canonical: str) -> None:
    length = Length.parse(text)
    assert (length.count, length.unit, str(length)) == (count, unit, canonical)
    assert Length.parse(str(length)) == length


@pytest.mark.parametrize(
    "text",
    ["", "5", "days", "five days", "0 days", "-1 days", "1.5 days", "5 fortnights", "5 Days", "5 working days", "5days",
     "99999999999 days", "36501 days", "101 years", "١ days", "5 days\n6 days", "5 working-days", "1" * 5000 + " days"],
)  # fmt: skip
def test_what_is_no_length_is_refused_in_both_languages(text: str) -> None:
    with pytest.raises(PeriodError) as refusal:
        Length.parse(text)
    assert refusal.value.zh
    assert refusal.value.en
    assert len(str(refusal.value)) < 400


@pytest.mark.parametrize(
    "text",
    ["2026-02-30", "2026-13-01", "0000-01-01", "20260210", "2026-W07-2", "2026-2-1", "", "10000-01-01", "٢٠٢٦-01-01"],
)
def test_an_impossible_date_is_refused(text: str) -> None:
    with pytest.raises(PeriodError, match="impossible date"):
        parse_day(text)


def test_adding_months_takes_the_corresponding_day_or_the_last() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert add_months(date(2026, 1, 15), -1) == date(2025, 12, 15)
    for day, n in ((date(9999, 12, 1), 1), (date(1, 1, 1), -1)):
        with pytest.raises(PeriodError, match="9999"):
            add_months(day, n)


def test_an_amended_value_holds_from_its_first_day_and_none_holds_before_the_first() -> None:
    values = {date(2026, 3, 1): "3 months", date(2015, 7, 1): "6 months"}
    assert value_at(values, date(2026, 2, 28)) == "6 months"
    assert value_at(values, date(2026, 3, 1)) == "3 months"
    with pytest.raises(LawError, match="no value is in force on 2015-06-30"):
        value_at(values, date(2015, 6, 30))


def test_lengths_are_written_as_lawyers_write_them() -> None:
    assert in_words(3, Unit.MONTHS).zh == "3个月"
    assert in_words(5, Unit.WORKING_DAYS).zh == "5个工作日"
    assert in_words(1, Unit.WORKING_DAYS).en == "1 working day"


def test_hours_run_from_an_instant_through_a_holiday_without_rolling(cn: Calendar) -> None:
    start = datetime(2026, 2, 13, 9, 30, tzinfo=CHINA)
    due = compute(Period(date(2026, 2, 13), Length.parse("48 hours"), trigger_at=start), cn)
    assert due == Due(date(2026, 2, 15), datetime(2026, 2, 15, 9, 30, tzinfo=CHINA), date(2026, 2, 15), False, ())


def test_the_legal_day_of_an_instant_is_that_of_shanghai(cn: Calendar) -> None:
    start = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
    assert compute(Period(date(2026, 3, 3), Length.parse("24 hours"), trigger_at=start), cn).due_on == date(2026, 3, 4)


def test_hours_are_extended_in_hours_and_counted_backward_too(cn: Calendar) -> None:
    start = datetime(2026, 3, 4, 12, 0, tzinfo=CHINA)
    more = (Extension(Length.parse("12 hours"), "head", date(2026, 3, 4)),)
    period = Period(date(2026, 3, 4), Length.parse("24 hours"), extensions=more, trigger_at=start)
    assert compute(period, cn).due_at == datetime(2026, 3, 6, 0, 0, tzinfo=CHINA)
    back = Period(date(2026, 3, 4), Length.parse("24 hours"), backward=True, trigger_at=start)
    assert compute(back, cn).due_at == datetime(2026, 3, 3, 12, 0, tzinfo=CHINA)


START = date(2026, 3, 4)
MIDNIGHT = datetime(2026, 3, 4, tzinfo=UTC)
HOURS = Period(START, Length.parse("24 hours"), trigger_at=MIDNIGHT)


def by(text: str) -> tuple[Extension, ...]:
    return (Extension(Length.parse(text), "head", START),)


UNCOUNTABLE = {
    "no_instant": replace(HOURS, trigger_at=None),
    "no_time_zone": replace(HOURS, trigger_at=datetime(2026, 3, 4)),  # noqa: DTZ001 - the fault
    "hours_with_exclusion": replace(HOURS, exclusions=(Exclusion("suspension", START, None),)),
    "hours_extended_in_days": replace(HOURS, extensions=by("1 day")),
    "days_extended_in_hours": Period(START, Length.parse("5 days"), extensions=by("1 hour")),
    "past_9999": replace(HOURS, trigger_at=datetime(9999, 12, 31, tzinfo=UTC)),
    "too_long": Period(START, Length.parse("100 years"), extensions=by("1 year")),
}


@pytest.mark.parametrize("period", UNCOUNTABLE.values(), ids=UNCOUNTABLE)
def test_a_period_that_cannot_be_counted_is_refused(period: Period, cn: Calendar) -> None:
    with pytest.raises(PeriodError):
        compute(period, cn)


def test_an_exclusion_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(PeriodError, match="before it begins"):
        Exclusion("suspension", date(2026, 3, 2), date(2026, 3, 1))


def test_while_intervals_are_open_every_open_kind_is_named_once(cn: Calendar) -> None:
    exclusions = tuple(Exclusion(kind, date(2026, 3, 10), None) for kind in ("suspension", "appraisal", "suspension"))
    due = compute(Period(date(2026, 3, 2), Length.parse("30 days"), exclusions=exclusions), cn)
    assert due == Due(None, None, None, False, ("appraisal", "suspension"))


def test_the_floor_grows_with_today_and_is_the_due_day_if_today_were_the_last_excluded(cn: Calendar) -> None:
    period = Period(date(2026, 3, 2), Length.parse("30 days"), exclusions=(Exclusion("s", date(2026, 3, 10), None),))
    assert floor(period, cn, date(2026, 3, 10)).due_on == date(2026, 4, 2)
    assert floor(period, cn, date(2026, 3, 16)).due_on == date(2026, 4, 8)
    assert floor(period, cn, date(2026, 3, 1)).due_on == date(2026, 4, 1)
    with pytest.raises(PeriodError):
        floor(period, cn, date.max)


def test_days_used_up_stop_at_an_open_interval(cn: Calendar) -> None:
    period = Period(
        date(2026, 3, 2), Length.parse("5 working_days"), exclusions=(Exclusion("s", date(2026, 3, 5), None),)
    )
    assert active_days(period, cn, date(2026, 3, 31)) == 2
    assert excluded_days(period, date(2026, 3, 6)) == 2
    assert active_days(period, cn, date(2026, 3, 1)) == 0
    with pytest.raises(PeriodError):
        active_days(Period(date(2026, 3, 2), Length.parse("5 days"), backward=True), cn, date(2026, 3, 1))


def due(day: date | None, *, provisional: bool = False, at: datetime | None = None, kinds: tuple[str, ...] = ()) -> Due:
    return Due(day, at, day, provisional, kinds)


def test_the_earliest_and_the_latest_of_several_are_chosen() -> None:
    early, late = due(date(2026, 3, 1)), due(date(2026, 3, 9))
    assert earliest([late, early]) == early
    assert latest([early, late]) == late


def test_within_one_day_an_instant_comes_before_the_end_of_the_day() -> None:
    whole, noon = due(date(2026, 3, 1)), due(date(2026, 3, 1), at=datetime(2026, 3, 1, 4, tzinfo=UTC))
    assert earliest([whole, noon]) == noon
    assert latest([whole, noon]) == whole


def test_the_latest_waits_for_an_open_one_and_the_earliest_does_not() -> None:
    waiting, known = due(None, kinds=("suspension",)), due(date(2026, 3, 9))
    assert earliest([waiting, known]) == known
    assert latest([waiting, known]) == waiting
    assert earliest([waiting, due(None, kinds=("appraisal",))]).open_kinds == ("appraisal", "suspension")


def test_a_choice_is_provisional_while_nothing_says_where_another_day_cannot_move() -> None:
    assert earliest([due(date(2026, 3, 1)), due(date(2027, 3, 1), provisional=True)]).provisional
    assert latest([due(date(2026, 3, 1), provisional=True), due(date(2027, 3, 1))]).provisional
    with pytest.raises(PeriodError):
        earliest([])


def test_a_choice_is_provisional_only_because_of_a_day_that_could_still_win() -> None:
    day = date(2026, 3, 10)
    certain, moves = due(day), due(date(2026, 3, 20), provisional=True)
    for bound, wins in ((date(2026, 3, 9), True), (day, False), (date(2026, 3, 11), False)):
        assert earliest([replace(moves, not_before=bound, awaits=(2027,)), certain]).provisional is wins
    earlier = replace(moves, due_on=date(2026, 3, 2))
    for bound, wins in ((date(2026, 3, 9), False), (day, False), (date(2026, 3, 11), True)):
        assert latest([replace(earlier, not_after=bound), certain]).provisional is wins


def test_of_two_on_one_day_the_certain_one_makes_the_choice_certain() -> None:
    day = date(2026, 3, 10)
    moves = replace(due(day, provisional=True), not_before=day, not_after=day, awaits=(2027,))
    assert earliest([moves, due(day)]) == latest([moves, due(day)]) == due(day)
    assert earliest([moves, moves]) == moves


def test_a_provisional_day_becomes_certain_once_the_notice_is_out(cn: Calendar) -> None:
    from tests.unit.law.test_calendars import YEAR, parse_year

    period = Period(date(2026, 12, 28), Length.parse("5 working_days"))
    assert compute(period, cn).provisional
    assert not compute(period, cn.with_year(parse_year(YEAR, source="2027.yaml"))).provisional


def test_a_day_that_rolls_from_a_published_year_into_an_unpublished_one_is_provisional() -> None:
    only_2022 = Calendar(code="cn", tables=[YearTable(code="cn", year=2022, notices=(), days=())])
    saturday = compute(Period(date(2022, 12, 1), Length.parse("30 days")), only_2022)
    assert (saturday.last_counted_on, saturday.due_on) == (date(2022, 12, 31), date(2023, 1, 2))
    assert saturday.provisional
    assert not compute(Period(date(2022, 12, 1), Length.parse("30 days"), rolls=False), only_2022).provisional
