"""Every reason cites the article in force on the day of its act, whatever version of the law the case stands under."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from adjudicate.errors import StepRefused
from adjudicate.law.citations import basis_at
from adjudicate.states.entries import Draft, Joining, Reason
from adjudicate.states.incident_rules import held_irregularities
from adjudicate.states.requests import Position
from tests.workflows.runner import Case, everybody, legal_context_for, shipped

DATED = {date(2015, 7, 1): "ZF71 21; PR10 82", date(2024, 1, 20): "ZF71 21; PR23 98"}
OLD, NEW = "ZF71 21; PR10 82", "ZF71 21; PR23 98"
DOCKETING = {
    "panel": ["甲", "乙", "丙"],
    "requester_standing": "patentee",
    "respondent_clear": True,
    "request_specific": True,
    "within_jurisdiction": True,
    "other_route": "none",
    "papers_complete": True,
}


@pytest.mark.parametrize(
    ("on", "cited"), [("2016-03-08", OLD), ("2024-01-19", OLD), ("2024-01-20", NEW), ("2025-03-10", NEW)]
)
def test_a_dated_basis_is_the_one_in_force_on_the_day(on: str, cited: str) -> None:
    assert basis_at(DATED, date.fromisoformat(on)) == cited
    assert basis_at(cited, date.fromisoformat(on)) == cited


def test_a_day_before_the_first_takes_the_first_and_nothing_stays_nothing() -> None:
    assert basis_at(DATED, date(2015, 6, 30)) == OLD
    assert basis_at(None, date(2016, 3, 8)) is None


def received(day: str) -> Case:
    """A case of the ordinary procedure, begun on that day."""
    catalogue = shipped()
    case = Case(legal_context_for(catalogue, "patent-adjudication", "440000"), everybody(catalogue))
    joins = (Joining("p1", "requester"), Joining("p2", "respondent"))
    request = {"patent_number": "ZL201520000001.0", "patent_kind": "utility_model"}
    does(case, "request_received", day, by="requester", joins=joins, facts=request)
    return case


def docketed(begun: str, day: str, **facts: Any) -> Case:
    """A case of the ordinary procedure, docketed on that day."""
    case = received(begun)
    does(case, "case_docketed", day, facts=DOCKETING | facts)
    return case


def does(case: Case, event: str, day: str, **more: Any) -> None:
    case.today = max(case.today, date.fromisoformat(day))
    case.act(Draft(event, date.fromisoformat(day), **more))


def refused(case: Case, event: str, day: str, **more: Any) -> dict[str, Reason]:
    with pytest.raises(StepRefused) as refusal:
        does(case, event, day, **more)
    return {reason.condition or reason.code: reason for reason in refusal.value.reasons}


@pytest.mark.parametrize(("on", "cited"), [("2016-03-08", OLD), ("2024-06-03", NEW), ("2025-03-10", NEW)])
def test_an_incident_refused_or_holding_cites_the_article_of_that_day(on: str, cited: str) -> None:
    ground = {"suspension_ground": "invalidity_accepted"}
    too_early = refused(received("2016-03-01"), "suspension_requested", on, by="requester", facts=ground)
    assert too_early["while"].basis == cited
    case = docketed("2016-03-01", "2016-03-02")
    does(case, "suspension_requested", "2016-03-03", by="requester", facts=ground)
    suspended = {"invalidity_accepted_on": "2016-03-03"}
    does(case, "suspension_granted", "2016-03-04", thread="suspension-1", by="panel", facts=suspended)
    assert case.standing is not None
    assert case.standing.law_day == date(2015, 7, 1)
    book = case.legal.laws.at(case.standing.law_day)
    main = Position(book.main, None, None, case.standing.state or "")
    held = held_irregularities(book, case.standing, main, Draft("ruling_made", date.fromisoformat(on)))
    assert [reason.basis for reason in held] == [cited]


@pytest.mark.parametrize(
    ("on", "cited"),
    [
        ("2016-03-08", "ZF71 21; PR10 82"),
        ("2020-03-09", "ZF71 21; PR10 82; BZ57 2-3-1"),
        ("2025-03-10", "ZF71 21; PR23 98; BZ57 2-3-1; ZD426 17"),
    ],
)
def test_a_condition_cites_the_article_of_the_day_of_the_act(on: str, cited: str) -> None:
    case = docketed("2016-03-01", "2016-03-02")
    ground = {"suspension_ground": "invalidity_accepted"}
    unmet = refused(case, "suspension_ordered_ex_officio", on, by="panel", facts=ground)
    assert unmet["acceptance_shown"].basis == cited


def test_a_case_of_the_new_version_cites_the_new_rule() -> None:
    case = docketed("2025-02-05", "2025-02-06", requester_origin="mainland", fixed_domicile={"p2": "in_prc"})
    ground = {"suspension_ground": "invalidity_accepted"}
    unmet = refused(case, "suspension_ordered_ex_officio", "2025-03-10", by="panel", facts=ground)
    assert unmet["acceptance_shown"].basis == "ZJ81 28"
