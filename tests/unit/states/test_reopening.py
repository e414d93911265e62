"""A case that is over and is taken up again: open once more, with nothing that its end had released."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from adjudicate.definition.catalogue import from_texts
from adjudicate.errors import AdjudicateError
from adjudicate.states.entries import Draft
from adjudicate.states.standing import Status
from tests.unit.checks.small_law import FILE, REGISTERS, deadline, procedure, state, step
from tests.workflows.runner import Case, everybody, legal_context_for

FIRST_DAY = date(2021, 3, 1)
LAW = procedure(
    states=(state("owing"), state("settled", final=True)),
    deadlines=[
        deadline("payment_time", when_over="payment_time_lapsed"),
        deadline("new_time", when_over="new_time_lapsed"),
    ],
    steps=[
        step("ordered", "nothing", "owing", starts="payment_time"),
        *(step(f"{name}_lapsed", "[owing]", by="clock") for name in ("payment_time", "new_time")),
        step("settled_it", "[owing]", "settled"),
        step("order_changed", "[settled]", "owing", reopens="true", starts="new_time"),
        step("asked_again", "[owing]"),
    ],
)


def settled() -> Case:
    catalogue = from_texts({**REGISTERS, FILE: LAW})
    found = Case(legal_context_for(catalogue, "matter", "110000"), everybody(catalogue), today=FIRST_DAY)
    found.act(Draft("ordered", FIRST_DAY, by="clerk"))
    found.act(Draft("settled_it", FIRST_DAY, by="clerk"))
    return found


def test_a_case_that_is_over_is_taken_up_again_by_the_act_that_its_law_allows_and_by_no_other() -> None:
    case = settled()
    assert case.standing is not None
    assert case.standing.closed
    with pytest.raises(AdjudicateError, match="is over"):
        case.act(Draft("asked_again", FIRST_DAY, by="clerk"))
    case.act(Draft("order_changed", FIRST_DAY, by="clerk"))
    assert (case.standing.state, case.standing.closed) == ("owing", False)
    case.act(Draft("asked_again", FIRST_DAY, by="clerk"))


def test_what_the_end_released_stays_released_and_what_is_started_afterwards_runs_out() -> None:
    case = settled()
    case.act(Draft("order_changed", FIRST_DAY, by="clerk"))
    case.today += timedelta(days=40)
    case.settle()
    assert case.standing is not None
    assert "payment_time_lapsed" not in case.standing.recorded
    assert "new_time_lapsed" in case.standing.recorded
    assert case.standing.deadlines["payment_time"].status is Status.RELEASED
