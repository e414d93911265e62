"""The shipped calendar against two libraries, and what a calendar promises: layers, versions, digests, certainty."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import holidays
import pytest
import yaml

from adjudicate.errors import CalendarInvalid, CalendarMissing
from adjudicate.law.calendars import Calendar, calendar_for, load_calendars, parse_year
from adjudicate.law.text import Text
from tests.surroundings import ROOT

SHIPPED = ROOT / "workflows/calendars"
REGIONAL = Path(__file__).parent / "fixtures/regional"
DAYS = [date(2010, 1, 1) + timedelta(n) for n in range((date(2027, 1, 1) - date(2010, 1, 1)).days)]

YEAR = """\
year: 2027
code: cn
notice: {number: 虚构, title: 虚构的通知, issued_on: 2026-11-25}
days_off:
  - {from: 2027-01-01, until: 2027-01-03, name: {zh: 元旦, en: New Year}}
make_up_days:
  - {day: 2026-12-27, name: {zh: 元旦, en: New Year}}
"""


@pytest.fixture
def both(tmp_path: Path) -> dict[str, Calendar]:
    shutil.copytree(SHIPPED, tmp_path / "calendars")
    shutil.copytree(REGIONAL / "540000", tmp_path / "calendars/540000")
    return load_calendars(tmp_path / "calendars")


def test_every_day_from_2010_to_2026_is_as_chinesecalendar_has_it(cn: Calendar) -> None:
    assert [on for on in DAYS if cn.is_working(on) != chinese_calendar.is_workday(on)] == []


def test_every_day_from_2010_to_2026_is_as_the_holidays_library_has_it(cn: Calendar) -> None:
    second = holidays.country_holidays("CN", years=range(2010, 2027))
    assert [on for on in DAYS if cn.is_working(on) != second.is_working_day(on)] == []


def test_the_fast_answer_and_the_reasoned_one_agree_on_every_day(cn: Calendar) -> None:
    every = [date(2008, 1, 1) + timedelta(n) for n in range(365 * 24)]
    assert [on for on in every if cn.is_working(on) != cn.day(on).working] == []


def test_every_year_shipped_names_its_notice_with_number_date_and_page(cn: Calendar) -> None:
    assert cn.years == frozenset(range(2010, 2027))
    for table in cn.tables:
        for notice in table.notices:
            assert "发明电〔" in notice.number
            assert notice.issued_on.year in {table.year - 1, table.year}
            assert (notice.url or "").startswith("https://www.gov.cn/")


def test_the_lengthened_spring_festival_of_2020_cites_its_own_notice(cn: Calendar) -> None:
    assert cn.day(date(2020, 1, 30)).notice == "国办发明电〔2019〕16号"
    changed = cn.day(date(2020, 2, 1))
    assert (changed.working, changed.notice) == (False, "国办发明电〔2020〕1号")


def test_a_make_up_saturday_is_worked_and_says_for_which_holiday(cn: Calendar) -> None:
    day = cn.day(date(2026, 10, 10))
    assert day.working
    assert day.why == Text("国庆节调休上班日", "make-up working day for National Day")
    assert day.notice == "国办发明电〔2025〕7号"


def test_a_year_without_a_notice_has_only_fixed_holidays_and_is_provisional(cn: Calendar) -> None:
    assert not cn.published(2027)
    off = [on for n in range(365) if not cn.is_working(on := date(2027, 1, 1) + timedelta(n)) and on.weekday() < 5]
    # 1 January; 1 and 2 May are a weekend; 1 October, the 2nd and 3rd being a weekend.
    assert off == [date(2027, 1, 1), date(2027, 10, 1)]
    assert all(cn.day(date(2027, month, 15)).provisional for month in range(1, 13))
    assert not cn.day(date(2026, 12, 28)).provisional


def test_the_second_of_may_became_a_holiday_in_2025(cn: Calendar) -> None:
    assert not cn.is_working(date(2028, 5, 2))
    assert cn.is_working(date(2008, 5, 2))
    assert cn.day(date(2008, 5, 2)).provisional


def test_loading_a_notice_makes_a_new_version_and_leaves_the_old_one(cn: Calendar) -> None:
    newer = cn.with_year(parse_year(YEAR, source="2027.yaml"))
    assert newer.published(2027)
    assert not cn.published(2027)
    assert newer.digest != cn.digest
    assert cn.is_working(date(2026, 12, 27)) is False
    assert newer.is_working(date(2026, 12, 27)) is True
    assert newer.day(date(2027, 10, 1)).working, "once the notice is out it alone says what is off"
    assert newer.is_working(date(2027, 10, 1))


def test_replacing_a_year_forgets_what_the_former_notice_said(cn: Calendar) -> None:
    once = cn.with_year(parse_year(YEAR, source="a"))
    again = once.with_year(parse_year(YEAR.replace("2026-12-27", "2027-01-09"), source="b"))
    assert again.is_working(date(2026, 12, 27)) is False
    assert again.is_working(date(2027, 1, 9)) is True


def test_the_digest_depends_on_the_days_and_not_on_where_they_were_read(
    cn: Calendar, both: dict[str, Calendar]
) -> None:
    assert both["cn"].digest == cn.digest
    assert cn.with_year(parse_year(YEAR, source="a")).digest == cn.with_year(parse_year(YEAR, source="b")).digest


def test_a_regional_notice_is_laid_over_the_national_one(both: dict[str, Calendar]) -> None:
    tibet, cn = both["540000"], both["cn"]
    assert [cn.is_working(date(2026, 8, day)) for day in (12, 13, 14, 16)] == [True, True, True, False]
    assert [tibet.is_working(date(2026, 8, day)) for day in (12, 13, 14, 16)] == [False, False, False, True]
    assert tibet.day(date(2026, 8, 12)).notice == "虚构〔2026〕1号"
    assert tibet.day(date(2026, 10, 1)).notice == "国办发明电〔2025〕7号"
    assert tibet.digest != cn.digest


def test_where_both_notices_name_a_day_the_regional_one_holds(cn: Calendar) -> None:
    text = (REGIONAL / "540000/2026.yaml").read_text(encoding="utf-8").replace("2026-08-16", "2026-10-03")
    table = parse_year(text.replace("2026-08-14", "2026-10-10").replace("2026-08-12", "2026-10-10"), source="x")
    region = cn.overlaid(Calendar(code="540000", tables=[table]))
    assert (cn.is_working(date(2026, 10, 3)), cn.is_working(date(2026, 10, 10))) == (False, True)
    assert (region.is_working(date(2026, 10, 3)), region.is_working(date(2026, 10, 10))) == (True, False)


def test_a_region_is_certain_only_where_its_own_notice_is_out_too(both: dict[str, Calendar]) -> None:
    tibet = both["540000"]
    assert tibet.published(2025), "before the region's first notice it had none"
    assert tibet.published(2026)
    assert not tibet.with_year(parse_year(YEAR, source="x")).published(2027)


def test_a_strange_regions_year_is_not_taken_in(both: dict[str, Calendar]) -> None:
    foreign = parse_year(YEAR.replace("code: cn", 'code: "650000"'), source="x")
    with pytest.raises(CalendarInvalid, match="650000"):
        both["540000"].with_year(foreign)


@pytest.mark.parametrize(
    ("asked", "used"), [("540102", "540000"), ("540000", "540000"), ("330100", "cn"), ("cn", "cn")]
)
def test_a_city_uses_the_calendar_of_its_province_else_the_national_one(
    both: dict[str, Calendar], asked: str, used: str
) -> None:
    assert calendar_for(both, asked).code == used


def test_no_regional_calendar_is_shipped_without_a_notice() -> None:
    assert sorted(path.name for path in SHIPPED.iterdir()) == ["cn"]


def test_without_a_national_calendar_nothing_is_guessed(tmp_path: Path) -> None:
    with pytest.raises(CalendarMissing, match="全国日历"):
        load_calendars(tmp_path)
    with pytest.raises(CalendarMissing):
        calendar_for({}, "cn")


BROKEN = [
    ("year: 2027", "year: twenty", 1, "whole number"),
    ("code: cn", "code: tibet", 2, "GB/T 2260"),
    ("code: cn", "code: cn\ncolour: red", 3, "unknown key 'colour'"),
    ("code: cn", "code: cn\ncode: cn", 3, "duplicate key 'code'"),
    ("code: cn\n", "", 1, "'code' is missing"),
    ("number: 虚构", "number: null", 3, "number_note"),
    ("until: 2027-01-03", "until: 2026-12-31", 5, "until is before from"),
    ("from: 2027-01-01, ", "", 5, "from and until"),
    ("until: 2027-01-03", "until: 2027-01-03, day: 2027-01-02", 5, "either day or"),
    ("day: 2026-12-27", "day: 2026-11-27", 7, "outside the year 2027"),
    ("day: 2026-12-27", "day: 2027-02-30", 7, "impossible date"),
    ("day: 2026-12-27", "day: soon", 7, "impossible date"),
    ("day: 2026-12-27", "day: 2027-01-02", 7, "listed twice"),
    (", en: New Year}}\nmake", "}}\nmake", 5, "'en' is missing"),
    ("make_up_days:", "make_up_days: none\nunused:", 7, "unknown key 'unused'"),
    ("days_off:\n", "days_off: {}\n", 5, "not YAML"),
    (YEAR, "", 1, "empty"),
    (YEAR, "- a list", 1, "mapping is expected"),
    ("issued_on: 2026-11-25", "issued_on: 2026-11-25T10:00:00Z", 3, "impossible date"),
]


@pytest.mark.parametrize(
    ("good", "bad", "line", "says"), BROKEN, ids=[b[3].replace(" ", "_") + f"_{i}" for i, b in enumerate(BROKEN)]
)
def test_a_broken_year_is_refused_with_file_line_and_reason(good: str, bad: str, line: int, says: str) -> None:
    assert good in YEAR
    with pytest.raises(CalendarInvalid) as refusal:
        parse_year(YEAR.replace(good, bad, 1), source="cn/2027.yaml")
    assert says in refusal.value.en
    assert refusal.value.en.startswith(f"cn/2027.yaml:{line}: ")
    assert refusal.value.zh.startswith(f"cn/2027.yaml:{line}: ")


def test_a_later_notice_dated_before_the_one_above_it_is_refused() -> None:
    notice = "{number: 乙, title: 乙, issued_on: 2026-01-01}"
    later = f"later_notices:\n  - {{notice: {notice}, days_off: [], make_up_days: []}}\n"
    with pytest.raises(CalendarInvalid, match="later notice"):
        parse_year(YEAR + later, source="x")


def test_an_unverified_number_is_left_empty_and_the_title_is_cited() -> None:
    text = YEAR.replace("number: 虚构", "number: null, number_note: 未核实")
    table = parse_year(text, source="x")
    assert table.notices[0].number == ""
    assert table.days[0].notice == "虚构的通知"


def test_a_file_in_the_wrong_place_is_refused(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "c")
    (tmp_path / "c/cn/2028.yaml").write_text(YEAR, encoding="utf-8")
    with pytest.raises(CalendarInvalid, match="belongs elsewhere"):
        load_calendars(tmp_path / "c")


def test_the_shipped_files_are_what_the_generator_writes(tmp_path: Path) -> None:
    namespace: dict[str, object] = {"__name__": "generator"}
    exec((ROOT / "tools/generate_calendars.py").read_text(encoding="utf-8"), namespace)
    for year in range(2010, 2027):
        assert namespace["year_file"](year) == (SHIPPED / f"cn/{year}.yaml").read_text(encoding="utf-8")  # type: ignore[operator]
    assert yaml.safe_load((SHIPPED / "cn/statutory.yaml").read_text(encoding="utf-8"))["code"] == "cn"
