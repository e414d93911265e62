"""The account of a deadline: it walks to the same day on its own road, and a lawyer can read it."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings

from adjudicate.law.calendars import Calendar
from adjudicate.law.deadlines import (
    Account,
    Exclusion,
    Extension,
    Line,
    Period,
    account_json,
    account_text,
    compute,
    explain,
)
from adjudicate.law.periods import Length
from adjudicate.law.text import Text
from tests.unit.law.slow_counter import is_excluded
from tests.unit.law.test_slow_counter import calendars, periods

SUSPENDED = Exclusion("suspension", date(2021, 12, 15), date(2022, 5, 16))
HEAD = Extension(Length.parse("1 month"), "head", date(2022, 1, 20))
BOEHRINGER = Period(date(2021, 11, 5), Length.parse("3 months"), extensions=(HEAD,), exclusions=(SUSPENDED,))
LABELS = {"suspension": Text("中止", "suspension"), "head": Text("部门负责人批准", "approved by the head")}
WALKED = {"counted", "not-a-working-day", "first-day-not-counted"}


def walked(account: Account) -> list[Line]:
    return [line for line in account.lines if line.rule in WALKED or line.rule.startswith("excluded-")]


def rules(account: Account) -> list[str]:
    return [line.rule for line in account.lines]


@settings(max_examples=500, deadline=None)
@given(periods(), calendars())
def test_the_account_leads_day_by_day_to_the_day_computed(period: Period, calendar: Calendar) -> None:
    account = explain(period, calendar)
    due = compute(period, calendar)
    assert account.due == due
    if due.due_on is None:
        assert account.lines[-1].rule == "open"
        return
    assert account.lines[-1].rule == "due"
    assert account.lines[-1].from_on == due.due_on
    counted = [line for line in account.lines if line.counted]
    assert (counted[-1].from_on if period.backward else counted[-1].until_on) == due.last_counted_on
    covered = {
        line.from_on + timedelta(n) for line in walked(account) for n in range((line.until_on - line.from_on).days + 1)
    }
    first, last = sorted((period.trigger_on, due.last_counted_on))
    assert {first + timedelta(n) for n in range((last - first).days + 1)} <= covered
    for line in walked(account):
        days = [line.from_on + timedelta(n) for n in range((line.until_on - line.from_on).days + 1)]
        if line.rule.startswith("excluded-"):
            assert all(is_excluded(day, period.exclusions) for day in days)
        if line.rule == "not-a-working-day":
            assert not any(calendar.day(day).working for day in days)


def test_boehringer_reads_well_to_a_lawyer_in_chinese(cn: Calendar) -> None:
    assert account_text(explain(BOEHRINGER, cn, labels=LABELS), "zh").splitlines() == [
        "期限3个月，自2021-11-05起算",
        "  2021-11-05               起算之日，不计入期限",
        "  2022-01-20               延长1个月（部门负责人批准），与原期限合并为4个月，自起算日计算",
        "  2022-03-05               4个月后的对应日，折合120日",
        "  2021-11-06 至 2021-12-14  计入期限（39日，累计39日）",
        "  2021-12-15 至 2022-05-15  中止，不计入期限（152日）",
        "  2022-05-16 至 2022-08-04  计入期限（81日，累计120日）",
        "  2022-08-04               期限届满日（星期四）",
    ]


def test_boehringer_reads_well_in_english(cn: Calendar) -> None:
    text = account_text(explain(BOEHRINGER, cn, labels=LABELS), "en")
    assert "3 months from 2021-11-05" in text
    assert "extended by 1 month (approved by the head), together 4 months, counted from the trigger" in text
    assert "2021-12-15 to 2022-05-15  suspension: not counted (152 days)" in text
    assert "2022-08-04                the due day (Thursday)" in text


def test_each_holiday_keeps_its_own_name_and_notice(cn: Calendar) -> None:
    account = explain(Period(date(2012, 9, 21), Length.parse("10 working_days")), cn)
    off = [
        (line.from_on, line.until_on, line.why.zh, line.notice)
        for line in account.lines
        if line.rule == "not-a-working-day"
    ]
    assert off == [
        (date(2012, 9, 22), date(2012, 9, 23), "周末", None),
        (date(2012, 9, 30), date(2012, 10, 7), "国庆节、中秋节", "国办发明电〔2011〕45号"),
    ]
    made_up = next(line for line in account.lines if line.from_on == date(2012, 9, 29))
    assert (made_up.counted, made_up.why.zh, made_up.notice) == (
        True,
        "国庆节、中秋节调休上班日",
        "国办发明电〔2011〕45号",
    )


def test_two_notices_for_one_holiday_are_named_apart(cn: Calendar) -> None:
    account = explain(Period(date(2020, 1, 23), Length.parse("1 working_day")), cn)
    off = [(line.from_on, line.until_on, line.notice) for line in account.lines if line.rule == "not-a-working-day"]
    assert off == [
        (date(2020, 1, 24), date(2020, 1, 30), "国办发明电〔2019〕16号"),
        (date(2020, 1, 31), date(2020, 2, 2), "国办发明电〔2020〕1号"),
    ]


def test_a_roll_says_which_days_were_off_and_where_it_landed(cn: Calendar) -> None:
    account = explain(Period(date(2026, 9, 2), Length.parse("30 days")), cn)
    assert rules(account) == ["first-day-not-counted", "counted", "not-a-working-day", "rolled", "due"]
    off, rolled = account.lines[2], account.lines[3]
    assert (off.from_on, off.until_on, off.why.zh) == (date(2026, 10, 2), date(2026, 10, 7), "国庆节")
    assert rolled.from_on == date(2026, 10, 8)
    assert "〔依据：国办发明电〔2025〕7号〕" in account_text(account, "zh")


def test_a_make_up_saturday_at_the_end_says_why_it_does_not_roll(cn: Calendar) -> None:
    account = explain(Period(date(2026, 9, 25), Length.parse("15 days")), cn)
    remark = account.lines[-2]
    assert (remark.rule, remark.why.zh) == ("working-day", "最后一日为国庆节调休上班日，不顺延")


def test_a_period_that_does_not_roll_says_so(cn: Calendar) -> None:
    account = explain(Period(date(2026, 9, 2), Length.parse("30 days"), rolls=False), cn)
    assert account.lines[-2].rule == "not-rolled"


def test_overlapping_exclusions_are_both_named_where_they_overlap(cn: Calendar) -> None:
    exclusions = (
        Exclusion("suspension", date(2026, 3, 10), date(2026, 3, 20)),
        Exclusion("appraisal", date(2026, 3, 15), date(2026, 3, 25)),
    )
    account = explain(Period(date(2026, 3, 2), Length.parse("30 days"), exclusions=exclusions), cn)
    lines = [(line.from_on, line.until_on, line.rule, line.why.en) for line in account.lines if "excluded" in line.rule]
    assert lines == [
        (date(2026, 3, 10), date(2026, 3, 14), "excluded-suspension", "suspension: not counted"),
        (date(2026, 3, 15), date(2026, 3, 19), "excluded-suspension", "suspension and appraisal: not counted"),
        (date(2026, 3, 20), date(2026, 3, 24), "excluded-appraisal", "appraisal: not counted"),
    ]


def test_a_single_excluded_day_is_passed_when_counting_backward(cn: Calendar) -> None:
    one_day = Exclusion("suspension", date(2026, 3, 26), date(2026, 3, 27))
    account = explain(Period(date(2026, 3, 31), Length.parse("5 days"), exclusions=(one_day,), backward=True), cn)
    assert [(line.from_on, line.until_on, line.rule) for line in account.lines[1:-1]] == [
        (date(2026, 3, 27), date(2026, 3, 30), "counted"),
        (date(2026, 3, 26), date(2026, 3, 26), "excluded-suspension"),
        (date(2026, 3, 25), date(2026, 3, 25), "counted"),
    ]


def test_an_open_interval_ends_the_account_without_a_day(cn: Calendar) -> None:
    still = Exclusion("suspension", date(2026, 3, 10), None)
    account = explain(Period(date(2026, 3, 2), Length.parse("30 days"), exclusions=(still,)), cn, labels=LABELS)
    assert account.lines[-1].rule == "open"
    assert account.lines[-1].why.zh == "中止尚未结束，届满日待定"
    assert account.lines[-2].count_after == 7


def test_an_extension_in_another_unit_opens_its_own_stretch(cn: Calendar) -> None:
    more = Extension(Length.parse("5 working_days"), "", date(2026, 3, 20))
    account = explain(Period(date(2026, 3, 2), Length.parse("1 month"), extensions=(more,)), cn)
    extension = next(line for line in account.lines if line.rule == "extension")
    assert extension.why.zh == "延长5个工作日，自未顺延的届满日接续计算"
    assert [line.count_after for line in account.lines if line.counted][-1] == 5


def test_a_month_without_the_day_says_that_its_last_day_stands_in(cn: Calendar) -> None:
    account = explain(Period(date(2026, 1, 31), Length.parse("1 month")), cn)
    line = next(line for line in account.lines if line.rule == "corresponding-day")
    assert (line.from_on, line.why.zh) == (date(2026, 2, 28), "1个月后无对应日，取该月最后一日，折合28日")


def test_a_provisional_day_says_so_in_both_languages(cn: Calendar) -> None:
    account = explain(Period(date(2026, 12, 28), Length.parse("5 working_days")), cn)
    assert "暂定" in account_text(account, "zh")
    assert "provisional" in account_text(account, "en")
    assert "元旦（该年放假通知未公布）" in account_text(account, "zh")


def test_hours_are_accounted_as_instants(cn: Calendar) -> None:
    start = datetime(2026, 2, 13, 1, 30, tzinfo=UTC)
    account = explain(Period(date(2026, 2, 13), Length.parse("48 hours"), trigger_at=start), cn)
    assert rules(account) == ["hours", "due"]
    assert "2026-02-15T01:30:00+00:00" in account_text(account, "zh")


def test_the_account_goes_out_as_plain_values(cn: Calendar) -> None:
    told = account_json(explain(BOEHRINGER, cn, labels=LABELS))
    assert told["due_on"] == "2022-08-04"
    assert told["account"][0] == {
        "from_on": "2021-11-05",
        "until_on": "2021-11-05",
        "counted": False,
        "count_after": 0,
        "rule": "first-day-not-counted",
        "why": {"zh": "起算之日，不计入期限", "en": "the first day is not counted"},
        "notice": None,
    }
