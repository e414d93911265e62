"""What holds at the moment of a lapse: the deadline whose end it is has passed, for the step and what it starts."""

from __future__ import annotations

from datetime import date, timedelta

from adjudicate.definition.catalogue import from_texts
from adjudicate.states.entries import Draft
from tests.unit.checks.small_law import FILE, REGISTERS, condition, deadline, procedure, state, step
from tests.workflows.runner import Case, everybody, legal_context_for

FIRST_DAY = date(2021, 3, 1)
LAW = procedure(
    conditions=[condition("payment_is_over", "over: payment_time"), condition("fine_is_over", "over: fine_time")],
    states=(state("owing"), state("overdue"), state("settled", final=True)),
    deadlines=[
        deadline("payment_time", when_over="penalty_added"),
        deadline("fine_time", when_over="fine_time_lapsed"),
        deadline("second_time", length="5 days", when_over="second_time_lapsed"),
        deadline("third_time", length="5 days", when_over="third_time_lapsed"),
    ],
    steps=[
        step("ordered", "nothing", "owing", starts="[payment_time, fine_time]"),
        step(
            "penalty_added",
            "[owing]",
            "{if: payment_is_over, then: overdue, otherwise: owing}",
            by="clock",
            starts="[{deadline: second_time, if: payment_is_over}, {deadline: third_time, if: fine_is_over}]",
        ),
        *(
            step(f"{name}_lapsed", "[owing, overdue]", by="clock")
            for name in ("fine_time", "second_time", "third_time")
        ),
        step("settled_it", "[owing, overdue]", "settled"),
    ],
)


def case() -> Case:
    catalogue = from_texts({**REGISTERS, FILE: LAW})
    found = Case(legal_context_for(catalogue, "matter", "110000"), everybody(catalogue), today=FIRST_DAY)
    found.act(Draft("ordered", FIRST_DAY, by="clerk"))
    found.today += timedelta(days=11)
    found.settle()
    return found


def test_a_deadline_is_over_for_the_step_that_its_own_end_brings_about() -> None:
    standing = case().standing
    assert standing is not None
    assert standing.state == "overdue"
    assert "second_time" in standing.deadlines


def test_one_that_ends_on_the_same_day_after_it_is_not_over_yet() -> None:
    standing = case().standing
    assert standing is not None
    assert "fine_time_lapsed" in standing.recorded
    assert "third_time" not in standing.deadlines
