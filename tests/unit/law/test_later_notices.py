"""What is certain stays as it is whatever notice comes later, and what is provisional could still be moved by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import product
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from adjudicate.checks import check
from adjudicate.law.calendars import Calendar, load_calendars
from adjudicate.law.counting import Due, Exclusion, Extension, Period, compute
from adjudicate.law.deadlines import earliest, latest
from adjudicate.law.periods import Length, Unit
from adjudicate.law.text import Text
from adjudicate.law.year_tables import NamedDay, Statutory, YearTable
from tests.surroundings import ROOT

SHIPPED = ROOT / "workflows/calendars"
FIRST_OPEN = (12, 29)
ASSUMED = Statutory(title=Text("法", "law"), versions=(), year_end=((date(2000, 1, 1), FIRST_OPEN),))
LAST_PUBLISHED = 2018
NEW_YEAR = date(LAST_PUBLISHED + 1, 1, 1)
DAY = timedelta(1)


def test_a_wrong_assumption_about_the_end_of_a_year_is_a_fault_with_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "calendars/cn"
    folder.mkdir(parents=True)
    text = (
        (SHIPPED / "cn/statutory.yaml").read_text(encoding="utf-8").replace("month: 12, day: 29", "month: 11, day: 9")
    )
    (folder / "statutory.yaml").write_text(text, encoding="utf-8")
    fault = next(fault for fault in check(tmp_path).faults if fault.file == "calendars/cn/statutory.yaml")
    assert text.splitlines()[fault.line - 1].strip().startswith("- {from: 2008-01-01, month: 11")
    assert "12" in fault.en
    assert "12" in fault.zh


def test_a_period_that_asks_for_no_working_day_is_certain_at_the_end_of_a_year() -> None:
    assert not compute(Period(date(2018, 12, 1), Length(29, Unit.DAYS), rolls=False), _calendar()).provisional


def test_every_day_of_the_year_before_that_a_shipped_notice_named_lies_where_it_is_assumed(cn: Calendar) -> None:
    named = [day.on for table in cn.tables for day in table.days if day.on.year < table.year]
    assert named
    assert all((on.month, on.day) >= FIRST_OPEN for on in named)


def test_a_calendar_that_a_former_release_kept_counts_and_reads_as_before() -> None:
    tables = [YearTable(code="cn", year=LAST_PUBLISHED, notices=(), days=())]
    kept = Calendar(code="cn", tables=tables, statutory=Statutory(title=Text("法", "law"), versions=()))
    assert not compute(Period(date(2018, 12, 26), Length(3, Unit.WORKING_DAYS)), kept).provisional
    assert kept.statutory is not None
    assert set(kept.statutory.content()) == {"title", "versions"}


def test_the_shipped_calendar_of_a_former_release_still_has_its_digest() -> None:
    now = load_calendars(SHIPPED)["cn"]
    assert now.statutory is not None
    then = Calendar(
        code="cn",
        tables=[table for table in now.tables if table.year <= 2026],
        statutory=Statutory(title=now.statutory.title, versions=now.statutory.versions),
    )
    assert then.digest == "5c030a670e03a185ac8e785342e6827f9d68fc37de6ba27ca4327fe85e6deff7"
    assert now.digest != then.digest


# Every possible notice, and random ones.


def _table(year: int, days: Iterable[tuple[date, bool]]) -> YearTable:
    named = tuple(NamedDay(on=on, working=working, name=Text("假", "holiday"), notice="虚构") for on, working in days)
    return YearTable(code="cn", year=year, notices=(), days=named)


def _calendar(*tables: YearTable) -> Calendar:
    published = [_table(year, ()) for year in range(2015, LAST_PUBLISHED + 1)]
    return Calendar(code="cn", tables=[*published, *tables], statutory=ASSUMED)


def _choice(dues: Sequence[Due], *, last: bool) -> Due:
    return latest(dues) if last else earliest(dues)


def test_nothing_certain_is_moved_by_any_notice_for_the_days_around_new_year() -> None:
    around = [date(LAST_PUBLISHED, *FIRST_OPEN) + n * DAY for n in range(6)]
    ways = [zip(around, worked, strict=True) for worked in product([True, False], repeat=len(around))]
    possible = [_calendar(_table(NEW_YEAR.year, way)) for way in ways]
    few = [Length(n, unit) for unit in (Unit.DAYS, Unit.WORKING_DAYS) for n in (1, 2, 3, 5, 8)]
    days = [date(LAST_PUBLISHED, 12, 14) + n * DAY for n in range(30)]
    moved, now = 0, _calendar()
    for start, length, back in product(days, few, [True, False]):
        period = Period(start, length, backward=back)
        due = compute(period, now)
        then = {compute(period, calendar).due_on for calendar in possible}
        moved += len(then) > 1
        assert due.provisional or then == {due.due_on}
    assert moved > 100


counted = st.sampled_from([Unit.DAYS, Unit.WORKING_DAYS])
lengths = st.one_of(
    st.builds(Length, st.integers(1, 60), counted), st.builds(Length, st.integers(1, 6), st.just(Unit.MONTHS))
)
starts = st.integers(-120, 60).map(lambda n: NEW_YEAR + n * DAY)


@st.composite
def exclusions(draw: st.DrawFn) -> Exclusion:
    first = draw(starts)
    return Exclusion("pause", first, first + draw(st.integers(1, 30)) * DAY)


@st.composite
def periods(draw: st.DrawFn, *, backward: bool, rolls: bool) -> Period:
    return Period(
        draw(starts),
        draw(lengths),
        extensions=tuple(draw(st.lists(st.builds(Extension, lengths, st.just("head"), starts), max_size=2))),
        exclusions=tuple(draw(st.lists(exclusions(), max_size=2))),
        backward=backward,
        rolls=rolls,
    )


@st.composite
def notices(draw: st.DrawFn, year: int) -> YearTable:
    """Any notice for a year: days off and make-up days of it and of the last days of the year before."""
    first, last = date(year - 1, *FIRST_OPEN), date(year, 12, 31)
    near = st.integers(0, 8)
    offsets = draw(st.sets(st.one_of(near, st.integers(0, (last - first).days)), max_size=60))
    return _table(year, [(first + n * DAY, draw(st.booleans())) for n in sorted(offsets)])


@settings(max_examples=300, deadline=None)
@given(st.data(), st.booleans(), st.booleans(), st.booleans())
def test_what_is_certain_is_never_moved_by_a_notice_that_is_loaded_later(
    data: st.DataObject, last: bool, backward: bool, rolls: bool
) -> None:
    several = data.draw(st.lists(periods(backward=backward, rolls=rolls), min_size=1, max_size=3))
    calendar = _calendar()
    before = _choice([compute(period, calendar) for period in several], last=last)
    for year in range(NEW_YEAR.year, NEW_YEAR.year + 3):
        calendar = calendar.with_year(data.draw(notices(year)))
        after = _choice([compute(period, calendar) for period in several], last=last)
        if not before.provisional:
            assert (after.due_on, after.provisional) == (before.due_on, False)
        before = after


@settings(max_examples=200, deadline=None)
@given(st.data(), st.booleans())
def test_what_is_provisional_could_still_be_moved_by_a_notice(data: st.DataObject, last: bool) -> None:
    several = data.draw(st.lists(periods(backward=False, rolls=True), min_size=1, max_size=3))
    now = _calendar()
    due = _choice([compute(period, now) for period in several], last=last)
    assert due.provisional is bool(due.awaits)
    if not due.provisional:
        return
    # As if the State Council took all days off that it still can.
    later = [
        _table(year, [(date(year - 1, *FIRST_OPEN) + n * DAY, False) for n in range(368)])
        for year in range(NEW_YEAR.year, NEW_YEAR.year + 4)
    ]
    assert _choice([compute(period, _calendar(*later)) for period in several], last=last).due_on != due.due_on


def test_the_earliest_of_several_is_certain_while_the_later_one_rests_on_a_year_without_notice() -> None:
    told = Period(date(2018, 5, 20), Length(15, Unit.DAYS))
    cap = Period(date(2018, 4, 23), Length(1, Unit.YEARS))
    assert compute(cap, _calendar()).provisional
    due = earliest([compute(one, _calendar()) for one in (cap, told)])
    assert (due.due_on, due.provisional) == (date(2018, 6, 4), False)
