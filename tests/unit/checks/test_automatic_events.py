"""What holds at the moment of an automatic event: a deadline's own lapse comes when it is over, and not before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.checks.small_law import check, condition, deadline, procedure, state, step

PENALTY = (
    step("ordered", "nothing", "owing", starts="[payment_time]"),
    step("paid", "[owing, overdue]", "settled", by="claimant", stops="[payment_time]"),
    step("penalty_added", "[owing]", "overdue", by="clock"),
    step("given_up", "[owing, overdue]", "settled"),
)
STATES = (state("owing"), state("overdue"), state("settled", final=True))


@pytest.mark.finding("B8")
@pytest.mark.parametrize(
    "until",
    [
        "{over: payment_time}",
        "{not: {not_over: payment_time}}",
        "{all: [{started: payment_time}, {over: payment_time}]}",
    ],
)
def test_a_deadlines_own_lapse_comes_when_the_deadline_is_over(tmp_path: Path, until: str) -> None:
    printed = check(
        tmp_path,
        procedure(
            states=STATES,
            deadlines=[deadline("payment_time", when_over="penalty_added")],
            steps=PENALTY,
            always=[f"{{never: penalty_added, until: {until}}}"],
        ),
    )
    assert printed.clean, printed.text


@pytest.mark.finding("B8")
def test_a_lapse_that_comes_while_the_time_must_still_run_is_found(tmp_path: Path) -> None:
    printed = check(
        tmp_path,
        procedure(
            states=STATES,
            deadlines=[deadline("payment_time", when_over="penalty_added")],
            steps=PENALTY,
            always=["{never: penalty_added, until: {not_over: payment_time}}"],
        ),
    )
    assert "does not hold" in printed.text


def test_a_lapse_of_another_deadline_with_the_same_event_does_not_count_as_this_ones_end(tmp_path: Path) -> None:
    steps = (step("ordered", "nothing", "owing", starts="[payment_time, short_time]"), *PENALTY[1:])
    printed = check(
        tmp_path,
        procedure(
            states=STATES,
            deadlines=[
                deadline("payment_time", when_over="penalty_added"),
                deadline("short_time", length="3 days", when_over="penalty_added"),
            ],
            steps=steps,
            always=["{never: penalty_added, until: {over: payment_time}}"],
        ),
    )
    assert "does not hold" in printed.text


@pytest.mark.finding("B8")
def test_a_state_entered_by_the_lapse_itself_is_entered_when_the_deadline_is_over(tmp_path: Path) -> None:
    printed = check(
        tmp_path,
        procedure(
            states=STATES,
            deadlines=[deadline("payment_time", when_over="penalty_added")],
            steps=PENALTY,
            always=["{never: overdue, until: {over: payment_time}}"],
        ),
    )
    assert printed.clean, printed.text


@pytest.mark.finding("B8")
def test_each_partys_own_lapse_comes_when_that_partys_time_is_over(tmp_path: Path) -> None:
    printed = check(
        tmp_path,
        procedure(
            parties=["  claimant: {label: {zh: 申请方, en: Claimant}, at_least: 1}\n"],
            states=STATES,
            deadlines=[deadline("payment_time", when_over="penalty_added", per="claimant")],
            steps=[
                step("ordered", "nothing", "owing", joins="[claimant]", starts="[payment_time]"),
                step("paid", "[owing, overdue]", "settled", by="claimant", stops="[payment_time]"),
                step("penalty_added", "[owing]", "overdue", by="clock", per="claimant"),
                step("penalty_added", "[overdue]", by="clock", per="claimant"),
                step("given_up", "[owing, overdue]", "settled"),
            ],
            always=["{never: penalty_added, until: {over: payment_time}}"],
        ),
    )
    assert printed.clean, printed.text


@pytest.mark.finding("B8")
def test_of_a_chain_of_lapses_on_one_day_each_finds_the_one_before_it_over(tmp_path: Path) -> None:
    printed = check(
        tmp_path,
        procedure(
            facts=["  ordered_on: {label: {zh: 命令日, en: Day of the order}, day: true}\n"],
            states=(state("owing"), state("overdue"), state("doubled"), state("settled", final=True)),
            deadlines=[
                deadline("payment_time", when_over="penalty_added", counted_from="ordered_on"),
                deadline("second_time", length="5 days", when_over="penalty_doubled", counted_from="ordered_on"),
            ],
            steps=[
                step("ordered", "nothing", "owing", records="[ordered_on]", starts="[payment_time]"),
                step("penalty_added", "[owing]", "overdue", by="clock", starts="[second_time]"),
                step("penalty_doubled", "[overdue]", "doubled", by="clock"),
                step("given_up", "[owing, overdue, doubled]", "settled"),
            ],
            always=["{never: penalty_doubled, until: {all: [{over: payment_time}, {over: second_time}]}}"],
        ),
    )
    assert printed.clean, printed.text


REPORT = "  report: {label: {zh: 报告, en: Report}, choice: {good: {zh: 好, en: Good}, bad: {zh: 坏, en: Bad}}}\n"


@pytest.mark.finding("B8")
def test_a_promise_reads_the_facts_that_the_act_itself_brings(tmp_path: Path) -> None:
    printed = check(
        tmp_path,
        procedure(
            facts=[REPORT],
            conditions=[condition("good_report", "fact_is: {report: good}")],
            states=(state("open"), state("closed", final=True)),
            steps=[
                step("begun", "nothing", "open"),
                step("granted", "[open]", "closed", records="[report]", requires="[good_report]"),
                step("given_up", "[open]", "closed"),
            ],
            always=["{never: granted, until: {fact_is: {report: good}}}"],
        ),
    )
    assert printed.clean, printed.text


@pytest.mark.finding("B8")
def test_a_fact_that_the_act_itself_turns_to_the_bad_breaks_the_promise(tmp_path: Path) -> None:
    printed = check(
        tmp_path,
        procedure(
            facts=[REPORT],
            conditions=[condition("good_report", "fact_is: {report: good}")],
            states=(state("open"), state("reported"), state("closed", final=True)),
            steps=[
                step("begun", "nothing", "open"),
                step("report_made", "[open]", "reported", records="[report]", requires="[good_report]"),
                step("granted", "[reported]", "closed", records="[report]"),
                step("given_up", "[open, reported]", "closed"),
            ],
            always=["{never: granted, until: {fact_is: {report: good}}}"],
        ),
    )
    assert "does not hold" in printed.text


TWO_WAYS = (
    step("asked", "nothing", "waiting"),
    step("heard", "[waiting]", "waiting"),
    step("invited", "[waiting]", "heard"),
    step("decided", "[heard, waiting]", "over"),
)
HEARD = (state("waiting"), state("heard"), state("over", final=True))


@pytest.mark.finding("B8")
def test_a_name_that_is_an_event_and_another_thing_as_a_state_is_refused_in_a_promise(tmp_path: Path) -> None:
    printed = check(tmp_path, procedure(states=HEARD, steps=TWO_WAYS, always=["{before: heard, one_of: [asked]}"]))
    assert not printed.clean
    assert "'heard' is both an event and a state" in printed.text


@pytest.mark.finding("B8")
def test_the_name_may_be_written_as_the_event_or_as_the_state(tmp_path: Path) -> None:
    event = check(
        tmp_path, procedure(states=HEARD, steps=TWO_WAYS, always=["{before: {event: heard}, one_of: [invited]}"])
    )
    assert "does not hold" in event.text
    entered = check(
        tmp_path, procedure(states=HEARD, steps=TWO_WAYS, always=["{before: {state: heard}, one_of: [asked]}"])
    )
    assert entered.clean, entered.text
    both = check(
        tmp_path,
        procedure(states=HEARD, steps=TWO_WAYS, always=["{never_both: [{event: heard}, {state: heard}]}"]),
    )
    assert "does not hold" in both.text


def test_a_name_whose_event_is_the_one_way_into_the_state_needs_no_more_words(tmp_path: Path) -> None:
    steps = (
        step("asked", "nothing", "waiting"),
        step("heard", "[waiting]", "heard"),
        step("decided", "[heard]", "over"),
    )
    printed = check(tmp_path, procedure(states=HEARD, steps=steps, always=["{before: decided, one_of: [heard]}"]))
    assert printed.clean, printed.text
