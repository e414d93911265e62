"""What starts, moves and ends a time limit, on a little invented law."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from adjudicate.errors import DayNotPossible, GuardsUnmet, Irregular
from adjudicate.law.calendars import Calendar
from adjudicate.law.year_tables import YearTable
from adjudicate.states import dates, engine
from adjudicate.states.accounts import account, due_floor
from adjudicate.states.entries import EntryKind, Joining, Reason
from tests.unit.states.little import Play, calendar


def test_each_opponent_has_a_period_of_his_own_by_his_own_domicile() -> None:
    play = Play()
    joins = (Joining("p1", "claimant"), Joining("p2", "opponent"), Joining("p3", "opponent"))
    play.does("request_received", "2024-03-04", by="claimant", joins=joins)
    homes = {"p2": "here", "p3": "abroad"}
    play.does("case_opened", "2024-03-05", facts={"panel": ["甲", "乙", "丙"], "home": homes})
    play.delivered("p2", "2024-03-06")
    play.delivered("p3", "2024-03-06")
    assert (play.due("answer/p2"), play.due("answer/p3")) == ("2024-03-21", "2024-04-07")


def test_an_answer_ends_the_period_of_the_opponent_who_answered_and_of_no_other() -> None:
    play = Play().opened(opponents=2)
    play.does("answered", "2024-03-07", party="p2")
    assert (play.status("reply/p2"), play.status("reply/p3")) == ("met", "running")


def test_who_answers_before_being_served_ends_nobody_elses_period() -> None:
    play = Play()
    joins = (Joining("p1", "claimant"), Joining("p2", "opponent"), Joining("p3", "opponent"))
    play.does("request_received", "2024-03-04", by="claimant", joins=joins)
    play.does("case_opened", "2024-03-05", facts={"panel": ["甲", "乙", "丙"], "home": {"p2": "here", "p3": "here"}})
    play.delivered("p2", "2024-03-06")
    play.does("answered", "2024-03-07", party="p3")
    assert play.status("answer/p2") == "running"


def test_what_was_delivered_to_the_claimant_was_not_served_on_an_opponent() -> None:
    play = Play()
    joins = (Joining("p1", "claimant"), Joining("p2", "opponent"))
    play.does("request_received", "2024-03-04", by="claimant", joins=joins)
    play.does("case_opened", "2024-03-05", facts={"panel": ["甲", "乙", "丙"], "home": {"p2": "here"}})
    play.delivered("p1", "2024-03-06")
    assert play.rows(EntryKind.CONSEQUENCE) == []
    assert play.standing is not None
    assert "answer/p2" not in play.standing.deadlines
    play.delivered("p2", "2024-03-07")
    assert play.rows(EntryKind.CONSEQUENCE) == ["served"]
    assert play.due("answer/p2") == "2024-03-22"


def test_a_period_that_time_starts_again_on_the_day_it_ran_out_does_not_run_out_twice() -> None:
    play = Play().opened()
    play.does("knocked", "2024-03-05")
    play.on("2024-03-12").settle()
    play.folded()
    assert play.rows(EntryKind.LAPSE) == ["knock_over", "door_shut"]
    assert play.status("knock") == "missed"


def test_a_late_answer_meets_the_period_late_and_the_miss_stays_on_record() -> None:
    play = Play().opened()
    play.does("answered", "2024-04-01", party="p2")
    assert play.status("reply/p2") == "met_late"
    assert play.rows(EntryKind.LAPSE) == ["reply_missed"]


def test_an_opponent_added_later_counts_from_the_day_of_joining() -> None:
    play = Play().opened()
    play.does("opponent_added", "2024-03-08", joins=(Joining("p3", "opponent"),))
    assert (play.due("reply/p2"), play.due("reply/p3")) == ("2024-03-15", "2024-03-18")


def test_who_left_is_asked_for_nothing_any_more() -> None:
    play = Play()
    joins = (Joining("p1", "claimant"), Joining("p2", "opponent"), Joining("p3", "opponent"))
    play.does("request_received", "2024-03-04", by="claimant", joins=joins)
    play.does("case_opened", "2024-03-05", facts={"panel": ["甲", "乙", "丙"], "home": {"p2": "here"}})
    play.delivered("p2", "2024-03-06")
    with pytest.raises(Irregular):
        play.does("heard_event", "2024-03-07")
    play.does("opponent_left", "2024-03-07", party="p3")
    play.does("heard_event", "2024-03-07")
    assert play.marks() == {}


def test_while_a_pause_lasts_there_is_no_due_day_but_a_floor_can_be_shown() -> None:
    play = Play().opened()
    pause = play.does("pause_begun", "2024-03-11").thread
    assert play.due("decision") is None
    assert play.standing is not None
    assert due_floor(play.legal, play.standing, "decision", date(2024, 3, 20)) == date(2024, 6, 17)
    play.does("pause_ended", "2024-03-21", thread=pause)
    assert play.due("decision") == "2024-06-17"


def test_the_account_of_a_paused_period_names_the_pause() -> None:
    play = Play().opened()
    pause = play.does("pause_begun", "2024-03-11").thread
    play.does("pause_ended", "2024-03-21", thread=pause)
    assert play.standing is not None
    (found,) = account(play.legal, play.standing, "decision")
    assert "pause" in str(found)


def test_a_pause_touches_only_the_periods_that_list_it() -> None:
    play = Play().opened()
    play.does("pause_begun", "2024-03-11")
    assert play.due("reply/p2") == "2024-03-15"


def test_a_pause_begun_and_ended_on_one_day_takes_nothing_away() -> None:
    play = Play().opened()
    before = play.due("decision")
    pause = play.does("pause_begun", "2024-03-11").thread
    play.does("pause_ended", "2024-03-11", thread=pause)
    assert play.due("decision") == before


def test_an_extension_in_the_own_unit_is_counted_from_the_trigger() -> None:
    play = Play().opened(opened="2024-01-31", received="2024-01-30")
    assert play.due("decision") == "2024-04-30"
    play.does("decision_extended", "2024-04-10", by="chief", facts={"longer_by": "1 month"})
    assert play.due("decision") == "2024-05-31"


def test_nobody_extends_beyond_the_cap_in_anothers_stead_or_out_of_turn() -> None:
    play = Play().opened()
    for by, length, code in (("chief", "2 months", "extension-cap"), ("clerk", "1 month", "extension-authority")):
        with pytest.raises(GuardsUnmet) as refused:
            play.does("decision_extended", "2024-03-11", by=by, facts={"longer_by": length})
        assert [reason.code for reason in refused.value.reasons] == [code]
    play.does("decision_extended", "2024-03-11", by="chief", facts={"longer_by": "1 month"})
    play.does("decision_extended", "2024-03-12", by="chief", facts={"longer_by": "9 months"})
    with pytest.raises(GuardsUnmet) as refused:
        play.does("decision_extended", "2024-03-13", by="chief", facts={"longer_by": "1 day"})
    assert [reason.code for reason in refused.value.reasons] == ["no-extension-left"]


def test_what_is_counted_from_a_day_of_a_local_rule_is_extended_as_that_rule_says() -> None:
    """Even where it is extended when the local rule is no longer in force."""
    of_its_time, after_it = Play("330000"), Play("330000")
    joins = (Joining("p1", "claimant"), Joining("p2", "opponent"))
    of_its_time.does("request_received", "2022-12-20", by="claimant", joins=joins)
    of_its_time.does("case_opened", "2022-12-20", facts={"panel": ["甲", "乙", "丙"]}, accepts="未事先告知")
    assert of_its_time.due("decision") == "2023-02-20"
    with pytest.raises(GuardsUnmet) as refused:
        of_its_time.does("decision_extended", "2023-01-30", by="chief", facts={"longer_by": "1 month"})
    assert [(one.code, one.basis) for one in refused.value.reasons] == [("no-extension-left", "TEST 8")]
    after_it.opened(opened="2023-01-03", received="2023-01-03")
    after_it.does("decision_extended", "2023-01-30", by="chief", facts={"longer_by": "1 month"})
    assert after_it.due("decision") == "2023-05-04"


def test_a_restart_begins_a_new_length_and_drops_the_extensions() -> None:
    play = Play().opened()
    play.does("decision_extended", "2024-03-11", by="chief", facts={"longer_by": "1 month"})
    play.does("begun_anew", "2024-04-01")
    assert (play.due("decision"), play.running("decision").extensions) == ("2024-07-01", [])


def test_a_period_extended_after_its_end_runs_again() -> None:
    play = Play().opened()
    play.on("2024-06-20").settle()
    assert play.status("decision") == "missed"
    play.does("decision_extended", "2024-06-20", by="chief", facts={"longer_by": "1 month"})
    assert (play.status("decision"), play.due("decision")) == ("running", "2024-07-05")


def test_a_restarted_period_is_missed_a_second_time_and_said_so_twice() -> None:
    play = Play().opened()
    play.on("2024-06-20").settle()
    play.does("begun_anew", "2024-06-20", facts={"opened_on": "2024-03-05"})
    play.on("2024-07-20").settle()
    assert play.rows(EntryKind.LAPSE).count("decision_missed") == 2
    play.folded()


def test_a_dated_length_is_picked_by_the_day_the_count_begins() -> None:
    assert Play().opened("2025-12-30", "2025-12-31").due("decision") == "2026-03-31"
    assert Play().opened("2026-01-04", "2026-01-05").due("decision") == "2026-03-05"


def test_a_period_counted_back_ends_on_the_last_permitted_day() -> None:
    play = Play().opened()
    play.does("hearing_fixed", "2024-03-06", facts={"hearing_on": "2024-04-08"})
    # 8 April 2024 follows the Tomb-sweeping holiday of 4 to 6 April; 7 April was a working Sunday.
    assert play.due("summons") == "2024-04-02"


def test_a_time_fixed_by_an_act_keeps_its_floor_and_its_cap() -> None:
    play = Play().opened()
    for length, code in (("10 days", "at-least"), ("3 months", "at-most")):
        with pytest.raises(GuardsUnmet) as refused:
            play.does("time_given", "2024-03-06", facts={"given_time": length})
        assert code in [reason.code for reason in refused.value.reasons]
    play.does("time_given", "2024-03-06", facts={"given_time": "20 days"})
    assert play.due("evidence") == "2024-03-26"


def test_of_several_ends_the_earliest_or_the_latest_counts() -> None:
    play = Play().opened()
    play.does("told", "2024-03-11")
    play.does("both_counted", "2024-03-12")
    assert (play.due("earlier"), play.due("later")) == ("2024-03-11", "2024-03-14")


def test_a_count_whose_day_is_not_known_is_left_out_of_several() -> None:
    play = Play().opened()
    play.does("both_counted", "2024-03-06")
    assert (play.due("earlier"), play.due("later")) == ("2024-03-11", "2024-03-11")


def test_hours_are_instants_and_never_roll() -> None:
    play = Play().opened()
    at = datetime(2024, 3, 8, 7, 30, tzinfo=UTC)
    play.does("emergency", "2024-03-08", effective_at=at)
    assert play.running("urgent").due_at == datetime(2024, 3, 9, 7, 30, tzinfo=UTC)
    assert play.due("urgent") == "2024-03-09"


@pytest.mark.parametrize("at", [datetime(2030, 3, 8, 7, 30, tzinfo=UTC), datetime(2024, 3, 8, 16, 0, tzinfo=UTC)])
def test_the_instant_of_an_act_lies_on_its_day_in_beijing(at: datetime) -> None:
    play = Play().opened()
    with pytest.raises(DayNotPossible, match="Beijing"):
        play.does("emergency", "2024-03-08", effective_at=at)
    play.does("emergency", "2024-03-08", effective_at=datetime(2024, 3, 7, 16, 0, tzinfo=UTC))


def test_hours_without_an_instant_cannot_be_counted() -> None:
    with pytest.raises(GuardsUnmet) as refused:
        Play().opened().does("emergency", "2024-03-08")
    assert [reason.code for reason in refused.value.reasons] == ["deadline-not-countable"]


def test_a_limit_that_rests_on_an_unpublished_year_cuts_nothing_off() -> None:
    play = Play().opened("2026-12-20", "2026-12-21")
    play.does("waiting", "2026-12-28")
    assert play.running("wait").provisional
    play.on("2027-06-01").settle()
    assert play.status("wait") == "running"
    with pytest.raises(GuardsUnmet):
        play.does("waited", "2027-06-01")


def test_a_wait_that_ends_in_the_last_days_of_a_year_is_not_over_before_the_next_years_notice() -> None:
    play = Play().opened("2026-12-14", "2026-12-15")
    play.does("waiting", "2026-12-15")
    assert (play.due("wait"), play.running("wait").provisional) == ("2026-12-29", True)
    play.on("2027-01-20").settle()
    assert play.status("wait") == "running"


def test_what_was_over_on_the_last_days_of_a_year_runs_again_under_a_newer_calendar_until_the_next_notice() -> None:
    play, now = Play(), calendar()
    assert now.statutory is not None
    # As an earlier release kept it, which assumed nothing about the end of a year.
    then = Calendar(code="cn", tables=now.tables, statutory=replace(now.statutory, year_end=()))
    play.legal = replace(play.legal, calendar=then)
    play.opened("2026-12-14", "2026-12-15").does("waiting", "2026-12-15")
    play.on("2027-01-20").settle()
    assert (play.due("wait"), play.status("wait")) == ("2026-12-29", "missed")
    brought_to(play, now)
    assert (play.due("wait"), play.status("wait"), play.running("wait").provisional) == ("2026-12-29", "running", True)
    brought_to(play, now.with_year(YearTable(code="cn", year=2027, notices=(), days=())))
    assert (play.due("wait"), play.status("wait"), play.running("wait").provisional) == ("2026-12-29", "missed", False)


def brought_to(play: Play, other: Calendar) -> None:
    """What the worker does with an open case once the calendar is another one."""
    play.legal = replace(play.legal, calendar=other)
    assert play.standing is not None
    stream = list(play.entries)
    moved = engine.reproject(
        play.legal,
        play.standing,
        today=play.today,
        next_sequence=len(stream) + 1,
        reason="notice",
        history=lambda: stream,
    )
    play.standing = play.keep(moved).standing if moved.entries else engine.project(play.legal, stream, today=play.today)
    play.settle()
    play.folded()


def test_the_earliest_of_two_days_is_over_though_the_later_one_rests_on_an_unpublished_year() -> None:
    play = Play().opened("2026-12-14", "2026-12-15")
    play.does("told", "2026-12-31")
    play.does("both_counted", "2026-12-31")
    assert (play.due("earlier"), play.running("earlier").provisional) == ("2026-12-21", False)
    assert (play.due("later"), play.running("later").provisional) == ("2027-01-04", True)
    play.on("2027-02-01").settle()
    assert (play.status("earlier"), play.status("later")) == ("missed", "running")


def said(reason: Reason) -> tuple[bool, bool]:
    """Whether a reason names the missing notice, in Chinese and in English."""
    return (
        "暂定" in reason.zh and "国务院办公厅2027年的放假通知尚未加载" in reason.zh,
        "provisional" in reason.en and "the State Council's holiday notice for 2027 is not loaded" in reason.en,
    )


@pytest.mark.finding("E2")
def test_a_refusal_a_mark_and_an_advice_on_a_provisional_day_name_the_missing_notice() -> None:
    play = Play().opened("2026-12-20", "2026-12-21")
    play.does("waiting", "2026-12-28")
    with pytest.raises(GuardsUnmet) as refused:
        play.does("waited", "2027-06-01")
    with pytest.raises(Irregular) as marked:
        play.does("hurried", "2027-06-01")
    play.does("hurried", "2027-06-01", accepts="事实已经发生")
    advice = play.outcomes[-1].advice
    reasons = [*refused.value.reasons, *marked.value.reasons, *advice]
    assert [said(reason) for reason in reasons] == [(True, True)] * 3


@pytest.mark.finding("E2")
def test_what_is_lacking_of_several_parties_because_a_day_is_provisional_names_the_missing_notice() -> None:
    play = Play().opened("2026-12-20", "2026-12-22", opponents=2)
    with pytest.raises(GuardsUnmet) as refused:
        play.does("gone_on", "2027-06-01")
    (reason,) = refused.value.reasons
    assert said(reason) == (True, True)
    assert reason.zh.count("尚未加载") == 1, "once, not for each"


def test_a_refusal_on_a_certain_day_names_no_notice() -> None:
    play = Play().opened()
    play.does("waiting", "2024-03-06")
    with pytest.raises(GuardsUnmet) as refused:
        play.does("waited", "2024-03-20")
    assert "通知" not in refused.value.reasons[0].zh


def test_an_extension_that_ends_on_a_provisional_day_lets_a_missed_period_run_again() -> None:
    play = Play().opened("2026-10-19", "2026-10-20")
    play.on("2027-03-01").settle()
    assert (play.due("decision"), play.status("decision")) == ("2026-12-21", "missed")
    play.does("decision_extended", "2027-03-01", by="chief", facts={"longer_by": "1 month"})
    assert (play.due("decision"), play.status("decision")) == ("2027-01-20", "running")


def test_an_extension_in_full_that_ends_on_a_provisional_day_limits_nothing() -> None:
    play = Play().opened("2026-10-19", "2026-10-20")
    rule = play.legal.laws.select(date(2026, 10, 20)).main.deadlines["decision"]
    last = [dates.furthest_due_on(rule, play.running("decision"), [], play.legal.calendar, n) for n in (0, 1)]
    assert last == [date(2026, 12, 21), None]


def test_nobody_may_before_a_wait_is_over_and_the_last_day_is_part_of_it() -> None:
    play = Play().opened()
    play.does("waiting", "2024-03-06")
    assert play.due("wait") == "2024-03-20"
    with pytest.raises(GuardsUnmet):
        play.does("waited", "2024-03-20")
    play.does("waited", "2024-03-21")


def test_a_limit_already_past_when_it_starts_lapses_on_the_day_it_starts() -> None:
    play = Play().opened()
    play.does("opponent_added", "2024-05-06", joins=(Joining("p3", "opponent"),), facts={"home": {"p3": "here"}})
    other = play.does("delivery_sent", "2024-05-06", party="p3").thread
    play.does("delivered", "2024-05-06", thread=other, facts={"arrived_on": "2024-03-07"})
    play.on("2024-05-07").settle()
    lapse = next(entry for entry in play.entries if entry.event == "answer_missed")
    assert (play.due("answer/p3"), lapse.effective_on) == ("2024-03-22", date(2024, 5, 6))


def test_a_closed_case_leaves_nothing_running() -> None:
    play = Play().opened()
    play.does("decided", "2024-03-20", facts={"result": "won"})
    assert play.status("decision") == "met"
    assert {one.status.value for one in play.standing.deadlines.values()} <= {"met", "missed", "released"}  # type: ignore[union-attr]


def test_an_act_that_concerns_no_party_ends_the_period_of_every_party() -> None:
    play = Play().opened(opponents=2)
    play.does("dropped_out", "2024-03-06", by="claimant")
    assert (play.status("reply/p2"), play.status("reply/p3")) == ("released", "released")
