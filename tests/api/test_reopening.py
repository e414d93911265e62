"""A ruling is changed after its case was closed: the case is open again, is served, and is closed once more."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.course import OFFICERS, PANEL, Course, act
from tests.api.harness import start
from tests.surroundings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.api.harness import Api

MET, NOT_MET = {"finding": "met"}, {"finding": "not_applicable"}
ITEMS = (
    "scope_determined", "all_features_covered", "design_class_and_likeness", "narrower_term", "equivalence",
    "design_overall_view", "estoppel", "dedication", "joint_infringement", "lawful_source_of_user",
    "new_product_process", "prior_art", "exempt_act",
)  # fmt: skip
FINDINGS = {"p2": {item: MET if item in ITEMS[:2] else NOT_MET for item in ITEMS}}


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Api]:
    """The application on the shipped law, some weeks after the ruling."""
    today = date(2026, 6, 30)
    with start(database_url, ROOT / "workflows", tmp_path / "documents", people=OFFICERS, today=today) as made:
        yield made


def closed(api: Api) -> Course:
    """A case ruled on, performed, published and closed."""
    course = Course.begin(api, "head")
    course.scheduled()
    course.served("hearing_notice", "p1", "2026-04-01")
    course.served("hearing_notice", "p2", "2026-04-01")
    course.happen(
        act(
            "hearing_held", "2026-04-15", "panel",
            hearing_course="both_sides", attendance=["p1", "p2"], heard_by=PANEL,
        ),
        act(
            "deliberation_held", "2026-04-20", "panel",
            infringement_findings=FINDINGS, deliberated_by=PANEL, votes_for=PANEL, minutes_signed_by=PANEL,
        ),
        act("case_approved", "2026-04-22", "head"),
        act(
            "ruling_made", "2026-04-27", "panel", outcome={"p2": "infringement"}, panel_on_ruling=PANEL,
            reasons_in_ruling=True, ruling_sealed=True, remedies_told=True, order_terms={"p2": "停止制造"},
            measures={"p2": ["stop_making"]},
        ),
    )  # fmt: skip
    course.served("ruling", "p1", "2026-04-28")
    course.served("ruling", "p2", "2026-04-28")
    course.happen(
        act("service_of_ruling_completed", "2026-04-28", "case_officer"),
        act("compliance_recorded", "2026-05-20", "case_officer"),
        act("ruling_published", "2026-05-21", "case_officer", redacted_by="甲"),
        act("case_closed", "2026-05-25", "case_officer"),
    )
    return course


def listed(course: Course, *, closed: bool) -> list[Any]:
    """The cases that the officer finds among the closed, or the open, ones."""
    answer = course.api.get(f"/v1/cases?closed={str(closed).lower()}", course.who)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["data"] if one["id"] == course.case_id]


def test_a_change_of_the_ruling_opens_a_closed_case_until_it_is_served_and_published(office: Api) -> None:
    course = closed(office)
    assert (listed(course, closed=True), listed(course, closed=False)) == ([course.case_id], [])
    change = {"change_reason": "other_need", "change_grounds": "责令范围有误", "change_kind": "changed"}
    course.happen(act("ruling_changed", "2026-06-15", "panel", change_parties_heard=True, **change))
    assert (listed(course, closed=True), listed(course, closed=False)) == ([], [course.case_id])
    course.served("change_decision", "p2", "2026-06-16")
    body = office.get(f"/v1/cases/{course.case_id}", course.who).json()
    assert (body["stage"]["state"], body["closed"]) == ("in_effect", False)
    course.happen(act("change_published", "2026-06-17", "case_officer"))
    ending = act("case_closed", "2026-06-18", "case_officer")
    course.happen({**ending, "accept_irregular": True, "reason": "变更前已经履行"})
    assert (listed(course, closed=True), listed(course, closed=False)) == ([course.case_id], [])
