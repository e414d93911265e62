"""A new holiday notice: open cases move and say why, closed ones and those it does not touch are left alone."""

from __future__ import annotations

import hashlib
import json
import logging
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from adjudicate import db, errors, logs
from adjudicate.cases import reading
from adjudicate.cases.calendars import load_calendar, reproject_open_cases
from adjudicate.cases.queries import law as law_queries
from adjudicate.worker import Worker
from tests.surroundings import ROOT

if TYPE_CHECKING:
    from tests.integration.desk import Desk

NOTICE = """\
year: {year}
code: "{code}"
notice: {{number: 测试〔{year}〕{number}号, title: 虚构的放假通知, issued_on: {year}-01-01, url: null}}
days_off:
  - {{from: {first}, until: {last}, name: {{zh: 虚构节, en: Fictitious Holiday}}}}
make_up_days: []
"""


def notice(code: str, year: int, first: str, last: str, number: int = 1) -> str:
    return NOTICE.format(code=code, year=year, first=first, last=last, number=number)


NATIONAL = """\
year: 2027
code: cn
notice: {number: 测试〔2026〕9号, title: 虚构的放假通知, issued_on: 2026-11-05, url: null}
days_off:
  - {day: 2027-01-01, name: {zh: 元旦, en: "New Year's Day"}}
  - {from: 2027-02-05, until: 2027-02-11, name: {zh: 春节, en: Spring Festival}}
  - {day: 2027-04-05, name: {zh: 清明节, en: Tomb-sweeping Day}}
  - {from: 2027-05-01, until: 2027-05-03, name: {zh: 劳动节, en: Labour Day}}
  - {day: 2027-06-09, name: {zh: 端午节, en: Dragon Boat Festival}}
  - {day: 2027-09-15, name: {zh: 中秋节, en: Mid-Autumn Festival}}
  - {from: 2027-10-01, until: 2027-10-07, name: {zh: 国庆节, en: National Day}}
make_up_days:
  - {day: 2027-02-20, name: {zh: 春节, en: Spring Festival}}
"""


def due(desk: Desk, case_id: str) -> dict[str, str]:
    rows = desk.rows("SELECT key, due_on, provisional FROM deadlines WHERE case_id = :id", id=case_id)
    return {key: f"{on}{'?' if provisional else ''}" for key, on, provisional in rows}


def test_a_regional_notice_moves_the_open_cases_of_the_region_and_no_other(desk: Desk) -> None:
    here, elsewhere = desk.open(office="HZ").case_id, desk.open(office="CN").case_id
    report = load_calendar(desk.registry, notice("330000", 2025, "2025-03-06", "2025-03-07"), source="notice")
    assert {case_id: [(m.key, m.was_on, m.is_on) for m in moved] for case_id, moved in report.moved.items()} == {
        here: [("opening", date(2025, 3, 10), date(2025, 3, 12))]
    }
    assert report.looked_at == 2
    assert due(desk, here) == {"opening": "2025-03-12"}
    assert due(desk, elsewhere) == {"opening": "2025-03-10"}
    assert desk.rows("SELECT case_id, kind, reason FROM events WHERE sequence = 2") == [
        (here, "dates_moved", "测试〔2025〕1号")
    ]


def test_loading_the_same_notice_again_writes_nothing(desk: Desk) -> None:
    desk.open()
    text = notice("330000", 2025, "2025-03-06", "2025-03-07")
    load_calendar(desk.registry, text, source="notice")
    again = load_calendar(desk.registry, text, source="notice")
    assert again.known
    assert again.moved == {}
    assert desk.scalar("SELECT count(*) FROM holiday_notices") == 1
    assert desk.scalar("SELECT count(*) FROM events") == 2


def test_a_closed_case_keeps_its_dates_and_its_calendar(desk: Desk) -> None:
    case_id = desk.open().case_id
    desk.record(case_id, "dropped", date(2025, 3, 3))
    digest = desk.scalar("SELECT calendar_digest FROM cases")
    load_calendar(desk.registry, notice("330000", 2025, "2025-03-06", "2025-03-07"), source="notice")
    assert desk.scalar("SELECT calendar_digest FROM cases") == digest
    assert desk.scalar("SELECT count(*) FROM events WHERE kind = 'dates_moved'") == 0


def test_a_year_without_notice_is_provisional_and_cuts_off_nothing_until_the_notice_comes(desk: Desk) -> None:
    desk.today(date(2026, 12, 30))
    case_id = desk.open(on=date(2026, 12, 30)).case_id
    assert due(desk, case_id) == {"opening": "2027-01-07?"}
    desk.today(date(2027, 3, 1))
    assert Worker(desk.registry).announce_lapses() == (0, 0)
    desk.run(lambda tx: None)
    load_calendar(desk.registry, NATIONAL, source="notice")
    rows = desk.rows("SELECT kind, event FROM events WHERE case_id = :id ORDER BY sequence", id=case_id)
    assert ("lapse", "opening_missed") in rows
    with db.reading(desk.engine) as tx:
        running = reading.current(tx, desk.registry, case_id).standing.deadlines["opening"]
    assert (running.provisional, running.status) == (False, "missed")


def test_a_notice_that_moves_no_day_makes_it_certain_without_an_event(desk: Desk) -> None:
    desk.today(date(2026, 12, 30))
    case_id = desk.open(on=date(2026, 12, 30)).case_id
    load_calendar(desk.registry, NATIONAL, source="notice")
    assert due(desk, case_id) == {"opening": "2027-01-07"}
    assert desk.scalar("SELECT count(*) FROM events") == 1


def test_a_case_read_or_recorded_before_the_loading_came_to_it_already_shows_the_new_day(desk: Desk) -> None:
    case_id = desk.open().case_id
    from adjudicate.cases.queries import law as law_queries

    text = notice("330000", 2025, "2025-03-06", "2025-03-07")
    row = {"digest": "0" * 64, "code": "330000", "year": 2025, "source": text}
    desk.run(
        lambda tx: law_queries.add_notice(tx, {**row, "loaded_at": desk.registry.moment(tx).at}, by="command-line")
    )
    with db.reading(desk.engine) as tx:
        view = reading.current(tx, desk.registry, case_id)
    assert view.standing.deadlines["opening"].due_on == date(2025, 3, 12)
    assert (view.version, [entry.kind for entry in view.pending]) == (2, ["dates_moved"])
    done = desk.record(case_id, "noted", date(2025, 3, 3), version=2, facts={"remark": "x"})
    assert [entry.kind for entry in done.entries] == ["dates_moved", "act"]


def test_a_notice_with_a_fault_is_refused_with_its_line_and_changes_nothing(desk: Desk) -> None:
    desk.open()
    with pytest.raises(errors.CalendarInvalid, match=r"notice:1"):
        load_calendar(desk.registry, "year: nineteen\n", source="notice")
    assert desk.scalar("SELECT count(*) FROM holiday_notices") == 0


def test_a_case_that_cannot_be_read_is_put_aside_and_the_others_are_brought_to_the_notice(desk: Desk) -> None:
    broken, sound = sorted((str(desk.open().case_id), str(desk.open().case_id)))
    with db.transaction(desk.engine) as tx:
        tx.execute(text("UPDATE cases SET standing = '{}' WHERE id = :id"), {"id": broken})
    report = load_calendar(desk.registry, notice("330000", 2025, "2025-03-06", "2025-03-07"), source="notice")
    assert (list(report.moved), report.put_aside, report.looked_at) == ([sound], [broken], 2)


def test_a_worker_starts_beside_a_case_that_cannot_be_read_and_logs_it_in_one_line(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = (str(desk.open().case_id) for _ in range(2))
    with db.transaction(desk.engine) as tx:
        tx.execute(text("UPDATE cases SET standing = '{}' WHERE id = :id"), {"id": broken})
        source = notice("330000", 2025, "2025-03-06", "2025-03-07")
        row = {"digest": "0" * 64, "code": "330000", "year": 2025, "source": source}
        law_queries.add_notice(tx, {**row, "loaded_at": desk.registry.moment(tx).at}, by="command-line")
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    logs.configure("info")
    assert reproject_open_cases(desk.registry, reason="calendar of a new release") == 1
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line["case_id"]) for line in lines] == [("case put aside", broken)]
    assert due(desk, sound) == {"opening": "2025-03-12"}


def test_a_calendar_of_a_moment_holds_no_notice_that_was_loaded_later(desk: Desk) -> None:
    load_calendar(desk.registry, notice("330000", 2025, "2025-03-06", "2025-03-07"), source="one")
    load_calendar(desk.registry, notice("330000", 2025, "2025-03-06", "2025-03-10", 2), source="two")
    fresh = desk.registry.fresh()
    with db.reading(desk.engine) as tx:
        days = [fresh.calendar_with(tx, "330000", place).day(date(2025, 3, 10)).working for place in (None, 1, 2)]
        earlier = [fresh.calendar_with(tx, "330000", place).day(date(2025, 3, 6)).working for place in (None, 1, 2)]
    assert (days, earlier) == ([True, True, False], [True, False, False])


def test_a_calendar_or_a_law_that_is_no_longer_kept_is_an_error_in_words(desk: Desk) -> None:
    with db.reading(desk.engine) as tx:
        with pytest.raises(errors.KeptLawUnreadable, match="工作日历"):
            desk.registry.kept_calendar(tx, "0" * 64)
        with pytest.raises(errors.KeptLawUnreadable, match="法律文本"):
            desk.registry.laws_by_digest(tx, "test-dispute", "330000", ["0" * 64])


WRONG = {
    "a make-up day on a weekday": ("day: 2027-02-20", "day: 2027-02-24", "make-up day 2027-02-24 is a Wednesday"),
    "a notice of tomorrow": ("issued_on: 2026-11-05", "issued_on: 2026-12-31", "is still to come"),
    "a Spring Festival in March": ("2027-02-05, until: 2027-02-11", "2027-03-05, until: 2027-03-11", "春节"),
    "a region where nobody is": ("code: cn", "code: '999999'", "no office lies in 999999"),
    "a year without National Day": ("{from: 2027-10-01", "{from: 2027-10-04", "National Day.*statutory"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_notice_that_cannot_be_what_was_published_is_refused_and_the_year_stays_named_as_missing(
    desk: Desk, wrong: str
) -> None:
    desk.today(date(2026, 12, 30))
    old, new, says = WRONG[wrong]
    assert old in NATIONAL
    with pytest.raises(errors.CalendarInvalid, match=says):
        load_calendar(desk.registry, NATIONAL.replace(old, new), source="notice")
    assert desk.scalar("SELECT count(*) FROM holiday_notices") == 0


def test_a_national_notice_without_a_single_day_off_is_refused_with_every_holiday_that_it_lacks(desk: Desk) -> None:
    desk.today(date(2026, 12, 30))
    with pytest.raises(errors.CalendarInvalid) as refused:
        load_calendar(
            desk.registry,
            notice("cn", 2027, "2027-01-01", "2027-01-01").split("days_off")[0] + "days_off: []\nmake_up_days: []\n",
            source="notice",
        )
    assert len(refused.value.en.splitlines()) == 11
    assert refused.value.zh.count("notice:") == 11


def test_every_calendar_that_is_shipped_could_have_been_loaded(desk: Desk) -> None:
    desk.today(date(2026, 12, 30))
    for path in sorted((ROOT / "workflows" / "calendars" / "cn").glob("2*.yaml")):
        report = load_calendar(desk.registry, path.read_text(encoding="utf-8"), source=path.name, dry_run=True)
        assert not report.known
    assert report.summary[0].en == "33 days off, 6 make-up days"
    assert desk.scalar("SELECT count(*) FROM holiday_notices") == 0


def test_a_notice_loaded_again_behind_a_corrected_one_is_known_and_said_not_to_be_in_force(desk: Desk) -> None:
    first = notice("330000", 2025, "2025-03-06", "2025-03-07")
    second = notice("330000", 2025, "2025-03-06", "2025-03-10", 2)
    assert not load_calendar(desk.registry, first, source="one").superseded
    assert load_calendar(desk.registry, second, source="two").holds == "测试〔2025〕2号"
    again = load_calendar(desk.registry, first, source="one")
    assert (again.known, again.superseded, again.holds) == (True, True, "测试〔2025〕2号")
    held = load_calendar(desk.registry, first + "# once more\n", source="three")
    assert (held.known, held.superseded, held.holds) == (False, False, "测试〔2025〕1号")


def test_a_notice_that_an_earlier_release_took_can_still_be_brought_to_every_case(desk: Desk) -> None:
    text = notice("999999", 2025, "2025-03-06", "2025-03-07")
    row = {"digest": hashlib.sha256(text.encode()).hexdigest(), "code": "999999", "year": 2025, "source": text}
    desk.run(lambda tx: law_queries.add_notice(tx, {**row, "loaded_at": desk.registry.moment(tx).at}, by="x"))
    assert load_calendar(desk.registry, text, source="notice").known
