"""Late entries, corrections and what they do to what was recorded since, on a little invented law."""

from __future__ import annotations

from datetime import date

import pytest

from adjudicate.cases.rows import columns_of, entry_of
from adjudicate.errors import (
    CorrectionNotPossible,
    DayNotPossible,
    EventNotAllowed,
    GuardsUnmet,
    HistoryContradicted,
    RoleNotEntitled,
)
from adjudicate.states import codec
from adjudicate.states.entries import Correction, EntryKind, Joining
from tests.soak.pair import without_counters
from tests.unit.states.little import Play

PANEL = {"panel": ["甲", "乙", "丙"]}


def test_what_has_not_happened_cannot_be_recorded() -> None:
    play = Play().opened()
    draft = play.draft("told", "2024-03-06")
    play.today = date(2024, 3, 5)
    with pytest.raises(DayNotPossible):
        play.act(draft)


def test_nothing_happens_before_the_case_began() -> None:
    play = Play().opened()
    with pytest.raises(EventNotAllowed):
        play.does("told", "2024-03-03")


def test_a_late_entry_takes_its_place_by_its_day_and_withdraws_the_lapse_it_disproves() -> None:
    play = Play().opened()
    play.on("2024-03-20").settle()
    assert play.rows(EntryKind.LAPSE) == ["reply_missed"]
    play.does("answered", "2024-03-14", party="p2")
    assert play.status("reply/p2") == "met"
    assert play.rows(EntryKind.WITHDRAWN) == ["reply_missed"]


def test_a_late_entry_may_be_put_ahead_of_another_of_its_day() -> None:
    play = Play().opened()
    extended = play.does("decision_extended", "2024-03-11", by="chief", facts={"longer_by": "1 month"})
    play.does("begun_anew", "2024-03-11", before=extended.sequence)
    assert len(play.running("decision").extensions) == 1
    play.does("begun_anew", "2024-03-11")
    assert play.running("decision").extensions == []


def test_an_act_is_put_ahead_of_an_act_of_its_own_day_only() -> None:
    play = Play().opened()
    told = play.does("told", "2024-03-06")
    with pytest.raises(CorrectionNotPossible):
        play.does("told", "2024-03-07", before=told.sequence)


def test_a_correction_that_takes_a_later_act_its_ground_is_refused_and_names_the_act() -> None:
    play = Play().opened()
    opening = play.entries[1]
    assert opening.event == "case_opened"
    played = play.does("told", "2024-03-06")
    with pytest.raises(HistoryContradicted) as refused:
        play.voids(play.entries[0], Correction(opening.sequence, "误"))
    assert refused.value.reasons[0].details["sequence"] == played.sequence


def test_a_correction_that_leaves_a_later_period_without_its_length_is_refused() -> None:
    play = Play()
    play.does("request_received", "2024-03-04", joins=(Joining("p1", "claimant"), Joining("p2", "opponent")))
    opening = play.does("case_opened", "2024-03-05", facts={**PANEL, "home": {"p2": "here"}})
    play.delivered("p2", "2024-03-06")
    with pytest.raises(HistoryContradicted):
        play.corrects(opening, "case_opened", "2024-03-05", facts=PANEL)


def test_a_requirement_that_fails_now_makes_the_correction_impossible() -> None:
    play = Play().opened()
    with pytest.raises(GuardsUnmet):
        play.corrects(play.entries[1], "case_opened", "2024-03-05", facts={"panel": ["甲", "乙"]})


def test_an_expectation_that_fails_now_sets_a_mark_and_one_that_holds_again_lifts_it() -> None:
    play = Play().opened(received="2024-03-04", opened="2024-03-13")
    opening = next(entry for entry in play.entries if entry.event == "case_opened")
    earlier = play.corrects(
        play.entries[0],
        "request_received",
        "2024-03-04",
        by="claimant",
        facts={"received_on": "2024-02-01"},
    )
    assert play.marks() == {opening.sequence: ["in_time"]}
    assert play.rows(EntryKind.IRREGULARITY_SET) == ["case_opened"]
    play.corrects(earlier, "request_received", "2024-03-04", by="claimant", facts={"received_on": "2024-03-04"})
    assert play.marks() == {}
    assert play.rows(EntryKind.IRREGULARITY_LIFTED) == ["case_opened"]


def test_only_the_latest_of_a_chain_of_corrections_may_be_corrected() -> None:
    play = Play().opened()
    told = play.does("told", "2024-03-06")
    first = play.corrects(told, "told", "2024-03-07")
    with pytest.raises(CorrectionNotPossible):
        play.corrects(told, "told", "2024-03-08")
    second = play.corrects(first, "told", "2024-03-08")
    assert second.supersedes == first.sequence
    assert play.standing is not None
    assert play.standing.facts["told_on"] == "2024-03-08"


def test_an_act_corrected_on_its_own_day_keeps_its_place() -> None:
    play = Play().opened()
    first = play.does("decision_extended", "2024-03-11", by="chief", facts={"longer_by": "1 month"})
    play.does("begun_anew", "2024-03-11")
    play.corrects(first, "decision_extended", "2024-03-11", by="chief", facts={"longer_by": "10 days"})
    assert play.running("decision").extensions == []


def test_withdrawing_a_correction_restores_what_stood_before() -> None:
    play = Play().opened()
    told = play.does("told", "2024-03-06")
    assert play.standing is not None
    before = without_counters(play.standing)
    correction = play.corrects(told, "told", "2024-03-07")
    play.voids(correction)
    assert without_counters(play.standing) == before


def test_a_voiding_may_itself_be_void() -> None:
    play = Play().opened()
    extended = play.does("decision_extended", "2024-03-11", by="chief", facts={"longer_by": "1 month"})
    voiding = play.voids(extended)
    assert play.running("decision").extensions == []
    play.voids(voiding)
    assert len(play.running("decision").extensions) == 1


def test_what_is_void_cannot_be_voided_again() -> None:
    play = Play().opened()
    told = play.does("told", "2024-03-06")
    play.voids(told)
    with pytest.raises(CorrectionNotPossible):
        play.voids(told)


def test_a_void_row_is_not_corrected_by_an_act() -> None:
    play = Play().opened()
    voiding = play.voids(play.does("told", "2024-03-06"))
    with pytest.raises(CorrectionNotPossible):
        play.corrects(voiding, "told", "2024-03-07")


def test_several_corrections_are_judged_as_a_whole() -> None:
    play = Play().opened()
    thread = play.does("pause_begun", "2024-03-11")
    ended = play.does("pause_ended", "2024-03-21", thread=thread.thread)
    with pytest.raises(HistoryContradicted):
        play.voids(thread)
    play.voids(ended, Correction(thread.sequence, "误"))
    assert play.due("decision") == "2024-06-05"


def test_only_an_entitled_role_rectifies_the_record() -> None:
    play = Play(roles=frozenset({"clerk"})).opened()
    with pytest.raises(RoleNotEntitled):
        play.voids(play.does("told", "2024-03-06"))


def test_a_thread_number_is_never_given_twice_even_when_its_opening_is_void() -> None:
    play = Play().opened()
    first = play.does("pause_begun", "2024-03-11")
    play.voids(first)
    assert play.does("pause_begun", "2024-03-12").thread == "game-pause-2"


def test_a_thread_told_late_does_not_take_the_number_of_a_later_one() -> None:
    play = Play().opened()
    first = play.does("delivery_sent", "2024-03-12", party="p2")
    late = play.does("delivery_sent", "2024-03-11", party="p2")
    assert (first.thread, late.thread) == ("game-delivery-1", "game-delivery-2")


def test_a_corrected_opening_of_a_thread_keeps_the_thread_and_what_came_of_it() -> None:
    play = Play()
    play.does("request_received", "2024-03-04", joins=(Joining("p1", "claimant"), Joining("p2", "opponent")))
    play.does("case_opened", "2024-03-05", facts={**PANEL, "home": {"p2": "here"}})
    sent = play.does("delivery_sent", "2024-03-06", party="p2")
    play.does("delivered", "2024-03-08", thread=sent.thread)
    play.corrects(sent, "delivery_sent", "2024-03-07", party="p2")
    assert play.due("answer/p2") == "2024-03-25"
    assert play.standing is not None
    assert play.standing.threads["game-delivery-1"].state == "done"


def test_a_corrected_day_of_arrival_announces_the_outcome_anew() -> None:
    play = Play()
    play.does("request_received", "2024-03-04", joins=(Joining("p1", "claimant"), Joining("p2", "opponent")))
    play.does("case_opened", "2024-03-05", facts={**PANEL, "home": {"p2": "here"}})
    sent = play.does("delivery_sent", "2024-03-06", party="p2")
    arrived = play.does("delivered", "2024-03-12", thread=sent.thread, facts={"arrived_on": "2024-03-08"})
    play.corrects(arrived, "delivered", "2024-03-12", thread=sent.thread, facts={"arrived_on": "2024-03-11"})
    told = [entry for entry in play.entries if entry.kind is EntryKind.CONSEQUENCE]
    assert [entry.facts["served_on"] for entry in told] == ["2024-03-08", "2024-03-11"]
    assert play.rows(EntryKind.WITHDRAWN) == ["served"]
    assert play.due("answer/p2") == "2024-03-26"


def test_an_act_without_effect_bears_no_mark() -> None:
    play = Play()
    play.does("request_received", "2024-03-04", joins=(Joining("p1", "claimant"),))
    late = play.does("case_opened", "2024-03-29", facts=PANEL, accepts="人手不足")
    assert play.marks() == {late.sequence: ["in_time"]}
    play.corrects(late, "case_opened", "2024-03-05", facts=PANEL)
    assert play.marks() == {}


def test_the_same_stream_comes_of_a_worker_awake_and_of_one_asleep() -> None:
    awake, asleep = Play().opened(), Play().opened()
    for day in ("2024-03-18", "2024-04-01", "2024-06-06"):
        awake.on(day).settle()
    for play in (awake, asleep):
        play.does("told", "2024-06-10")
    assert awake.entries == asleep.entries


def test_recording_leaves_the_standing_it_was_given_alone() -> None:
    play = Play().opened()
    assert play.standing is not None
    given, before = play.standing, codec.standing_to_json(play.standing)
    play.does("pause_begun", "2024-06-10")
    assert codec.standing_to_json(given) == before


def test_a_standing_survives_the_way_through_json_and_an_entry_the_way_through_its_columns() -> None:
    play = Play().opened()
    play.does("pause_begun", "2024-03-11")
    assert play.standing is not None
    again = codec.standing_from_json(codec.standing_to_json(play.standing))
    assert again == play.standing
    assert [entry_of({**columns_of(entry), "recorded_at": None}) for entry in play.entries] == play.entries


def test_the_act_that_opened_an_incident_may_be_corrected_twice_and_the_incident_keeps_its_name() -> None:
    play = Play().opened()
    begun = play.does("pause_begun", "2024-03-11")
    play.does("pause_ended", "2024-03-21", thread=begun.thread)
    latest = begun
    for day in ("2024-03-12", "2024-03-13"):
        latest = play.corrects(latest, "pause_begun", day)
        assert latest.thread == begun.thread
    assert play.due("decision") == "2024-06-13"


def test_a_change_after_which_an_act_would_record_what_its_step_does_not_know_is_refused() -> None:
    play = Play().opened()
    minuted = play.does("minuted", "2024-03-08", facts={"given_time": "20 days"})
    with pytest.raises(HistoryContradicted) as refused:
        play.does("heard_event", "2024-03-07", accept_irregular=True, reason="补录")
    assert refused.value.reasons[0].details == {"sequence": minuted.sequence}
