"""Lapses, consequences and threads are seen with all they can do: promises that only they break are found broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.checks.small_law import FILE, check, condition, deadline, label, procedure, state, step

ERRAND = "errand/2020-01-01.yaml"
ERRAND_TEXT = """workflow: errand
kind: incident
title: {zh: 差事, en: Errand}
basis: LAW 1
in_force: {from: 2020-01-01}
states:
  asked: {label: {zh: 已请求, en: Asked}}
  going: {label: {zh: 进行中, en: Going on}}
  done: {label: {zh: 已完成, en: Done}, final: true}
steps:
  - {event: errand_asked, label: {zh: 请求, en: Asked}, from: nothing, to: asked, by: clerk, basis: LAW 1}
  - {event: errand_begun, label: {zh: 开始, en: Begun}, from: asked, to: going, by: clerk, basis: LAW 1}
  - {event: errand_done, label: {zh: 完成, en: Done}, from: [asked, going], to: done, by: clerk, basis: LAW 1}
"""
OPEN = (state("open"), state("closed", final=True))
DAY = f"  known_on: {{label: {label('known_on')}, day: true}}\n"
CLAIMANT = "  claimant: {label: {zh: 申请方, en: Claimant}, at_least: 1}\n"
FRIEND = "  friend: {label: {zh: 友人, en: Friend}}\n"


def use(places: str, outcomes: str = "") -> str:
    """The errand as the procedure admits it."""
    return f"  - {{opens: errand, while: {places}{f', outcomes: [{outcomes}]' if outcomes else ''}, basis: LAW 1}}\n"


@pytest.mark.finding("B8")
def test_a_deadline_that_is_over_when_it_starts_is_over_before_its_lapse_is_recorded(tmp_path: Path) -> None:
    """The day it is counted from may lie far back: what waits for its end may happen on the very day it starts."""
    printed = check(
        tmp_path,
        procedure(
            facts=[DAY],
            conditions=[condition("time_is_over", "over: answer_time")],
            states=OPEN,
            deadlines=[deadline("answer_time", when_over="answer_time_lapsed", counted_from="known_on")],
            steps=[
                step("begun", "nothing", "open", records="[known_on]", starts="[answer_time]"),
                step("answer_time_lapsed", "[open]", by="clock"),
                step("decided", "[open]", "closed", requires="[time_is_over]"),
            ],
            always=["{never: decided, until: {recorded: answer_time_lapsed}}"],
        ),
    )
    assert "does not hold" in printed.text


@pytest.mark.finding("B8")
def test_a_deadline_counted_from_the_act_itself_is_never_over_before_its_lapse(tmp_path: Path) -> None:
    printed = check(
        tmp_path,
        procedure(
            conditions=[condition("time_is_over", "over: answer_time")],
            states=OPEN,
            deadlines=[deadline("answer_time", when_over="answer_time_lapsed")],
            steps=[
                step("begun", "nothing", "open", starts="[answer_time]"),
                step("answer_time_lapsed", "[open]", by="clock", restarts="[answer_time]"),
                step("decided", "[open]", "closed", requires="[time_is_over]"),
                step("given_up", "[open]", "closed"),
            ],
            always=["{never: answer_time_lapsed, until: {over: answer_time}}"],
        ),
    )
    assert printed.clean or "can never hold" in printed.text, printed.text
    assert "does not hold" not in printed.text


@pytest.mark.finding("B8")
def test_what_an_incident_records_is_asked_no_condition_even_where_a_clerk_may_record_it_too(tmp_path: Path) -> None:
    written = procedure(
        conditions=[condition("was_heard", "recorded: heard")],
        states=OPEN,
        incidents=[use("[open]", "{when: errand_done, records: agreed}")],
        steps=[
            step("begun", "nothing", "open"),
            step("heard", "[open]"),
            step("agreed", "[open]", "closed", by="[clerk, link]", requires="[was_heard]"),
        ],
        always=["{before: agreed, one_of: [heard]}"],
    )
    printed = check(tmp_path, {FILE: written, ERRAND: ERRAND_TEXT})
    assert "does not hold" in printed.text


@pytest.mark.finding("B8")
def test_a_thread_moves_on_after_the_procedure_has_left_the_state_it_opened_in(tmp_path: Path) -> None:
    written = procedure(
        conditions=[condition("errand_goes_on", "thread_open: {incident: errand, state: going}")],
        states=(state("open"), state("later"), state("closed", final=True)),
        incidents=[use("[open]")],
        steps=[
            step("begun", "nothing", "open"),
            step("moved", "[open]", "later"),
            step("decided", "[later]", "closed", requires="[errand_goes_on]"),
            step("given_up", "[open, later]", "closed"),
        ],
        always=["{never_both: [moved, decided]}", "{never: errand_begun, until: {not_recorded: moved}}"],
    )
    printed = check(tmp_path, {FILE: written, ERRAND: ERRAND_TEXT})
    assert printed.text.count("does not hold") == 2, printed.text


@pytest.mark.finding("B8")
def test_what_must_follow_an_event_of_an_incident_is_owed_from_then_on(tmp_path: Path) -> None:
    written = procedure(
        states=OPEN,
        incidents=[use("[open]")],
        steps=[step("begun", "nothing", "open"), step("reported", "[open]"), step("closed_it", "[open]", "closed")],
        always=["{after: errand_done, follows: [reported]}"],
    )
    printed = check(tmp_path, {FILE: written, ERRAND: ERRAND_TEXT})
    assert "does not hold" in printed.text


@pytest.mark.finding("B8")
def test_what_must_follow_may_be_an_event_of_an_incident(tmp_path: Path) -> None:
    written = procedure(
        conditions=[condition("errand_was_done", "recorded: errand_done")],
        states=OPEN,
        incidents=[use("[open]")],
        steps=[step("begun", "nothing", "open"), step("closed_it", "[open]", "closed", requires="[errand_was_done]")],
        always=["{after: begun, follows: [errand_done]}"],
    )
    printed = check(tmp_path, {FILE: written, ERRAND: ERRAND_TEXT})
    assert printed.clean, printed.text


@pytest.mark.finding("B8")
def test_a_condition_of_each_party_of_a_part_that_nobody_plays_holds(tmp_path: Path) -> None:
    printed = check(
        tmp_path,
        procedure(
            parties=[CLAIMANT, FRIEND],
            conditions=[condition("friends_were_heard", "for_each: {role: friend, holds: {recorded: heard}}")],
            states=OPEN,
            steps=[
                step("begun", "nothing", "open", joins="[claimant, friend]"),
                step("heard", "[open]", per="friend"),
                step("decided", "[open]", "closed", requires="[friends_were_heard]"),
            ],
            always=["{before: decided, one_of: [heard]}"],
        ),
    )
    assert "does not hold" in printed.text


@pytest.mark.finding("B8")
def test_a_deadline_of_each_party_of_a_part_that_nobody_plays_never_ends(tmp_path: Path) -> None:
    printed = check(
        tmp_path,
        procedure(
            parties=[CLAIMANT, FRIEND],
            conditions=[condition("time_is_over", "over: friends_time")],
            states=OPEN,
            deadlines=[deadline("friends_time", when_over="friends_time_lapsed", per="friend")],
            steps=[
                step("begun", "nothing", "open", joins="[claimant, friend]", starts="[friends_time]"),
                step("friends_time_lapsed", "[open]", by="clock", per="friend"),
                step("decided", "[open]", "closed", requires="[time_is_over]"),
            ],
        ),
    )
    assert "strands the case in 'open'" in printed.text


@pytest.mark.finding("B8")
def test_time_that_does_not_count_and_that_only_a_party_ends_strands_a_case_that_waits_for_a_lapse(
    tmp_path: Path,
) -> None:
    def written(ended_by: str) -> str:
        return procedure(
            conditions=[condition("time_is_over", "over: answer_time")],
            states=OPEN,
            deadlines=[deadline("answer_time", when_over="answer_time_lapsed", excludes="[rest]")],
            steps=[
                step("begun", "nothing", "open", starts="[answer_time]"),
                step("rested", "[open]", begins="[rest]"),
                step("resumed", "[open]", by=ended_by, ends="[rest]"),
                step("answer_time_lapsed", "[open]", by="clock"),
                step("decided", "[open]", "closed", requires="[time_is_over]"),
            ],
        )

    assert "strands the case in 'open'" in check(tmp_path / "party", written("claimant")).text
    assert check(tmp_path / "office", written("clerk")).clean


def test_an_extension_may_come_too_late_to_bring_a_deadline_back(tmp_path: Path) -> None:
    printed = check(
        tmp_path,
        procedure(
            facts=[f"  longer: {{label: {label('longer')}, length: true}}\n"],
            conditions=[
                condition("it_lapsed", "recorded: answer_time_lapsed"),
                condition("in_time", "not_over: answer_time"),
            ],
            states=(state("open"), state("extended"), state("closed", final=True)),
            deadlines=[
                deadline("answer_time", when_over="answer_time_lapsed", extend="[{by: clerk, at_most: unlimited}]")
            ],
            steps=[
                step("begun", "nothing", "open", starts="[answer_time]"),
                step("answer_time_lapsed", "[open, extended]", by="clock"),
                step(
                    "extended_it",
                    "[open]",
                    "extended",
                    records="[longer]",
                    requires="[it_lapsed]",
                    extends="{deadline: answer_time, with: longer}",
                ),
                step("decided", "[extended]", "closed", requires="[in_time]"),
                step("given_up", "[open]", "closed"),
            ],
        ),
    )
    assert "strands the case in 'extended'" in printed.text


@pytest.mark.finding("B8")
def test_a_deadline_that_starts_under_a_condition_starts_when_the_event_is_recorded(tmp_path: Path) -> None:
    printed = check(
        tmp_path,
        procedure(
            conditions=[condition("was_ordered", "recorded: ordered"), condition("time_is_over", "over: payment_time")],
            states=(*OPEN, state("owing")),
            deadlines=[deadline("payment_time", when_over="payment_time_lapsed")],
            steps=[
                step("begun", "nothing", "open"),
                step("ordered", "[open]", "owing", starts="[{deadline: payment_time, if: was_ordered}]"),
                step("payment_time_lapsed", "[owing]", by="clock"),
                step("decided", "[owing]", "closed", requires="[time_is_over]"),
            ],
            always=["{before: decided, one_of: [ordered]}"],
        ),
    )
    assert "strands" not in printed.text, printed.text


@pytest.mark.finding("B8")
def test_the_event_that_leads_into_a_state_has_happened_when_the_state_is_entered(tmp_path: Path) -> None:
    printed = check(
        tmp_path,
        procedure(
            states=(state("open"), state("ruled"), state("closed", final=True)),
            steps=[
                step("begun", "nothing", "open"),
                step("ruling_made", "[open]", "ruled"),
                step("served", "[ruled]", "closed"),
            ],
            always=["{before: ruled, one_of: [ruling_made]}", "{never: ruled, until: {recorded: ruling_made}}"],
        ),
    )
    assert printed.clean, printed.text


def test_one_party_may_stand_on_a_list_where_another_does_not(tmp_path: Path) -> None:
    """What a step needs of one party and what it needs of the others on the same list can hold together."""
    printed = check(
        tmp_path,
        procedure(
            facts=[f"  guests: {{label: {label('guests')}, list: party}}\n"],
            parties=[CLAIMANT],
            conditions=[
                condition("this_one_absent", "not: {named_in: guests}"),
                condition("another_came", "not: {for_each: {role: claimant, holds: {not: {named_in: guests}}}}"),
            ],
            states=OPEN,
            steps=[
                step("begun", "nothing", "open", joins="[claimant]", records="[guests]"),
                step("given_up", "[open]", "closed", requires="[this_one_absent, another_came]", per="claimant"),
            ],
        ),
    )
    assert "never hold together" not in printed.text
