"""A case shows its marks with the words, the weight and the article of the procedure in which the act was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.course import OFFICERS, TODAY, Course, act
from tests.api.harness import start
from tests.surroundings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.api.harness import Api


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Api]:
    """The application on the shipped law."""
    with start(database_url, ROOT / "workflows", tmp_path / "documents", people=OFFICERS, today=TODAY) as made:
        yield made


def test_a_mark_on_an_act_of_an_incident_is_not_told_by_a_condition_of_that_name_in_the_case(office: Api) -> None:
    course = Course.begin(office, "head").docketed()
    recorded = course.happen(
        act(
            "preservation_carried_out", "2026-03-06", "case_officer", sampling="possible",
            evidence_risk="not_at_risk", accept_irregular=True, reason="现场情况紧急",
        )
    )  # fmt: skip
    (then,) = (one for one in recorded["irregularities"] if one["condition"] == "approved_by_head")
    (marked,) = office.get(f"/v1/cases/{course.case_id}", course.who).json()["irregularities"]
    (now,) = (one for one in marked["conditions"] if one["condition"] == "approved_by_head")
    assert (now["weight"], now["basis"]) == (then["weight"], then["basis"])
