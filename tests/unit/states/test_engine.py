"""Opening, recording and judging a case of a little invented law."""

from __future__ import annotations

from datetime import date

import pytest

from adjudicate.api.marks import marks
from adjudicate.errors import (
    EventNotAllowed,
    GuardsUnmet,
    InvalidFacts,
    Irregular,
    NoLawInForce,
    RoleNotEntitled,
    UnknownEvent,
    UnknownParty,
    UnknownThread,
)
from adjudicate.states import engine
from adjudicate.states.entries import EntryKind, Joining
from adjudicate.states.next_steps import next_steps
from tests.unit.states.little import EVERYBODY, Play

PANEL = {"panel": ["甲", "乙", "丙"]}
ONE = (Joining("p1", "claimant"),)
TWO = (*ONE, Joining("p2", "opponent"))


def received(day: str = "2024-03-04", **more: object) -> Play:
    play = Play()
    play.does("request_received", day, joins=TWO, **more)
    return play


def test_an_act_without_its_requirement_is_void_and_refused_with_every_reason() -> None:
    with pytest.raises(GuardsUnmet) as refused:
        received().does("case_opened", "2024-03-05", facts={"panel": ["甲", "乙"]})
    (reason,) = refused.value.reasons
    assert (reason.condition, reason.basis) == ("odd_panel", "TEST 2")
    assert reason.en.endswith("the number of 'Panel' is 2 and must be odd, at least 3")


def test_an_irregular_act_needs_a_reason_and_an_entitled_role() -> None:
    play = received()
    late = play.draft("case_opened", "2024-04-01", facts=PANEL)
    accepted = play.draft("case_opened", "2024-04-01", facts=PANEL, accepts="人手不足")
    unreasoned = play.draft("case_opened", "2024-04-01", facts=PANEL, accept_irregular=True)
    for draft, roles in ((late, EVERYBODY), (unreasoned, EVERYBODY), (accepted, frozenset({"clerk"}))):
        with pytest.raises(Irregular) as refused:
            play.act(draft, roles)
        assert refused.value.allowed == ("chief",)
    outcome = play.act(accepted)
    assert [reason.condition for reason in outcome.irregular] == ["in_time"]
    assert list(play.marks().values()) == [["in_time"]]


def test_advice_is_shown_and_leaves_no_mark() -> None:
    play = received()
    outcome = play.act(play.draft("case_opened", "2024-03-05", facts=PANEL))
    assert [reason.condition for reason in outcome.advice] == ["told_first"]
    assert play.marks() == {}


def test_opening_draws_a_number_and_keeps_it_for_the_act() -> None:
    play = received()
    outcome = play.act(play.draft("case_opened", "2024-03-05", facts=PANEL))
    (number,) = outcome.numbers
    assert (number.docket, number.year, number.void) == ("main", 2024, False)


def test_what_is_not_open_is_refused_with_what_is() -> None:
    with pytest.raises(EventNotAllowed) as refused:
        received().does("heard_event", "2024-03-05")
    assert "case_opened" in refused.value.allowed
    assert "opening_missed" not in refused.value.allowed


def test_unknown_words_are_refused_by_name_with_the_nearest_right_one() -> None:
    with pytest.raises(UnknownEvent, match="Did you mean 'Test'") as refused:
        received().does("case_opend", "2024-03-05")
    assert refused.value.reasons[0].details["nearest"] == "case_opened"
    assert "是否应为“测”？" in refused.value.zh


@pytest.mark.parametrize(
    "facts",
    [
        {"received_on": "2024-02-30"},
        {"received_on": "2024-03-05"},
        {"received_on": 20240304},
        {"secret": ""},
        {"secret": "a\x00b"},
        {"unknown": 1},
    ],
    ids=str,
)
def test_a_fact_of_the_wrong_kind_is_refused(facts: dict[str, object]) -> None:
    with pytest.raises(InvalidFacts) as refused:
        received(facts=facts)
    assert refused.value.reasons[0].details["pointer"] == f"/facts/{next(iter(facts))}"


def test_a_governing_day_that_is_no_day_is_refused_like_any_other() -> None:
    play = received()
    with pytest.raises(InvalidFacts):
        play.does("case_opened", "2024-03-05", facts={**PANEL, "opened_on": "?"})


def test_particulars_never_enter_the_standing() -> None:
    play = received(facts={"secret": "住址"})
    assert play.standing is not None
    assert "secret" not in play.standing.facts
    assert play.entries[0].facts["secret"] == "住址"


def test_an_officer_records_a_partys_act_and_nobody_the_clocks() -> None:
    play = Play().opened()
    assert play.does("answered", "2024-03-06", party="p2").by == "opponent"
    with pytest.raises(RoleNotEntitled):
        play.does("reply_missed", "2024-03-06", party="p2")
    with pytest.raises(RoleNotEntitled):
        play.act(play.draft("told", "2024-03-06"), frozenset({"opponent"}))


def test_parties_are_known_enough_and_named_where_there_are_two() -> None:
    play = Play()
    with pytest.raises(UnknownParty, match="at least 1"):
        play.does("request_received", "2024-03-04")
    with pytest.raises(UnknownParty, match="names whom"):
        play.does("request_received", "2024-03-04", joins=(*ONE, Joining("p2", "agent")))
    play.opened(opponents=2)
    with pytest.raises(UnknownParty, match="name the party"):
        play.does("answered", "2024-03-06")
    with pytest.raises(UnknownParty, match="the case has no such party"):
        play.does("answered", "2024-03-06", party="p9")
    with pytest.raises(UnknownParty, match="the act names: Claimant"):
        play.does("answered", "2024-03-06", party="p1")


def test_an_act_in_a_thread_names_it_and_a_main_act_names_none() -> None:
    play = Play().opened()
    for event, thread in (("pause_ended", None), ("pause_ended", "game-pause-7"), ("told", "game-pause-1")):
        with pytest.raises(UnknownThread):
            play.does(event, "2024-03-06", thread=thread)


def test_only_one_pause_at_a_time_and_none_before_the_case_is_open() -> None:
    with pytest.raises(GuardsUnmet) as refused:
        received().does("pause_begun", "2024-03-05")
    assert [reason.code for reason in refused.value.reasons] == ["while"]
    play = Play().opened()
    play.does("pause_begun", "2024-03-06")
    with pytest.raises(GuardsUnmet) as refused:
        play.does("pause_begun", "2024-03-07")
    assert [reason.code for reason in refused.value.reasons] == ["at-once"]


def test_what_happens_while_a_pause_holds_the_main_road_is_irregular() -> None:
    play = Play().opened(opponents=0)
    play.does("pause_begun", "2024-03-06")
    with pytest.raises(Irregular) as refused:
        play.does("heard_event", "2024-03-07")
    assert [(reason.code, reason.weight) for reason in refused.value.reasons] == [("held", "grave")]
    heard = play.does("heard_event", "2024-03-07", accepts="事实已发生")
    assert heard.irregular == ("held_by:game-pause-1",)


def test_an_act_that_a_thread_held_is_shown_by_the_incidents_title_and_its_weight_and_never_by_a_key() -> None:
    play = Play().opened(opponents=0)
    play.does("pause_begun", "2024-03-06")
    play.does("heard_event", "2024-03-07", accepts="事实已发生")
    (shown,) = marks(play.legal.laws.at(play.standing.law_day), play.standing, {})
    (mark,) = shown["conditions"]
    assert (mark["weight"], mark["basis"]) == ("grave", "TEST 9")
    assert "game-pause" not in mark["zh"] + mark["en"]


def test_an_incidents_outcome_is_recorded_on_the_main_road_for_the_same_party() -> None:
    play = Play()
    play.does("request_received", "2024-03-04", joins=TWO)
    play.does("case_opened", "2024-03-05", facts={**PANEL, "home": {"p2": "here"}})
    thread = play.does("delivery_sent", "2024-03-06", party="p2").thread
    play.does("delivered", "2024-03-11", thread=thread, facts={"arrived_on": "2024-03-08"})
    served = next(entry for entry in play.entries if entry.event == "served")
    assert (served.kind, served.by, served.party) == (EntryKind.CONSEQUENCE, "link", "p2")
    assert served.facts == {"served_on": "2024-03-08"}
    assert play.due("answer/p2") == "2024-03-25"


def test_naming_a_party_without_need_narrows_no_condition() -> None:
    play = Play().opened(opponents=2)
    play.does("answered", "2024-03-06", party="p2")
    for party in (None, "p1", "p3"):
        with pytest.raises(GuardsUnmet):
            play.does("nobody_there", "2024-03-07", party=party)


def test_a_fact_chooses_the_way() -> None:
    play = Play().opened()
    play.does("decided", "2024-03-06", facts={"result": "lost"})
    assert play.standing is not None
    assert (play.standing.state, play.standing.closed) == ("lost", True)


def test_what_may_happen_next_comes_from_the_same_judging_with_all_reasons() -> None:
    play = Play().opened(opponents=2)
    assert play.standing is not None
    found = next_steps(play.legal, play.standing, today=date(2024, 3, 6), roles=frozenset({"clerk"}))
    by_event = {(one.event, one.party): one for one in found}
    assert by_event["told", None].allowed
    assert not by_event["waited", None].allowed
    assert [reason.condition for reason in by_event["waited", None].refusals] == ["wait_over"]
    assert {party for event, party in by_event if event == "answered"} == {"p2", "p3"}
    assert not by_event["case_opened", None].allowed
    assert by_event["pause_begun", None].opens == "game-pause"
    assert not any(event.endswith("_missed") for event, _ in by_event)


def test_the_version_in_force_on_the_first_day_governs_until_a_day_of_higher_rank_is_known() -> None:
    play = Play()
    play.does("request_received", "2025-01-27", joins=TWO)
    assert play.standing is not None
    assert (play.standing.law_day, play.due("opening")) == (date(2000, 1, 1), "2025-02-12")
    play.does("case_opened", "2025-02-06", facts=PANEL)
    assert play.standing.law_day == date(2025, 2, 1)
    kinds = [entry.kind for entry in play.entries]
    assert EntryKind.LAW_SELECTED in kinds
    selected = next(entry for entry in play.entries if entry.kind is EntryKind.LAW_SELECTED)
    assert selected.facts["version"] == "2025-02-01"


def test_a_day_of_lower_rank_changes_the_law_no_more() -> None:
    play = Play()
    play.does("request_received", "2025-01-24", joins=TWO)
    play.does("case_opened", "2025-01-27", facts=PANEL)
    play.does("told", "2025-02-10")
    assert play.standing is not None
    assert play.standing.law_day == date(2000, 1, 1)


def test_before_the_first_version_there_is_no_law() -> None:
    with pytest.raises(NoLawInForce):
        Play().does("request_received", "1999-12-31", joins=TWO)


@pytest.mark.parametrize(
    ("region", "day", "due", "advised"),
    [
        ("330100", "2022-03-01", "2022-03-04", False),
        ("330000", "2022-03-01", "2022-03-04", False),
        ("440000", "2022-03-01", "2022-03-10", True),
        ("330000", "2023-03-01", "2023-03-10", True),
        ("330000", "2019-03-01", "2019-03-12", True),
    ],
    ids=["a city of it", "the province", "elsewhere", "after its time", "before its time"],
)
def test_a_local_rule_holds_in_its_region_and_time_only(region: str, day: str, due: str, advised: bool) -> None:
    play = Play(region)
    play.does("request_received", day, joins=TWO)
    assert play.due("opening") == due
    draft = play.draft("case_opened", day, facts=PANEL)
    if advised:
        assert [reason.condition for reason in play.act(draft).advice] == ["told_first"]
        return
    with pytest.raises(Irregular) as refused:
        play.act(draft)
    assert [reason.condition for reason in refused.value.reasons] == ["told_first_in_330000_20200101"]


def test_nothing_is_written_when_a_new_calendar_moves_nothing() -> None:
    play = Play().opened()
    assert play.standing is not None
    outcome = engine.reproject(
        play.legal,
        play.standing,
        today=date(2024, 3, 6),
        next_sequence=len(play.entries) + 1,
        reason="通知",
        history=lambda: play.entries,
    )
    assert outcome.entries == ()


def test_a_lapse_due_is_no_reason_to_say_that_dates_moved() -> None:
    play = Play().opened()
    assert play.standing is not None
    outcome = engine.reproject(
        play.legal,
        play.standing,
        today=date(2024, 4, 1),
        next_sequence=len(play.entries) + 1,
        reason="通知",
        history=lambda: play.entries,
    )
    assert [entry.kind for entry in outcome.entries] == [EntryKind.LAPSE]


def test_whoever_joins_late_brings_what_the_step_records_of_each_party() -> None:
    play = received()
    play.does("case_opened", "2024-03-05", facts={**PANEL, "home": {"p2": "here"}})
    joins = (Joining("p3", "opponent"),)
    with pytest.raises(InvalidFacts) as refused:
        play.does("opponent_drawn_in", "2024-03-06", joins=joins, facts={"home": {"p2": "abroad"}})
    assert (refused.value.reasons[0].condition, refused.value.reasons[0].details["parties"]) == ("home", ["p3"])
    play.does("opponent_drawn_in", "2024-03-06", joins=joins, facts={"home": {"p3": "abroad"}})
    play.delivered("p3", "2024-03-07")
    # Thirty days end on Saturday 6 April, a holiday; Sunday the 7th is made up for and worked.
    assert play.due("answer/p3") == "2024-04-07"
