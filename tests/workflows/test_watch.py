"""What a version inherits unchanged is shown by the worked examples of its base; what it writes anew is not."""

from __future__ import annotations

from datetime import date

import pytest

from tests.workflows.runner import shipped
from tests.workflows.watch import Demand, File, Unchanged, Watch, demanded

BASE: File = ("patent-adjudication", date(2025, 2, 1))
HEIR: File = ("patent-adjudication-major", date(2025, 2, 1))


@pytest.fixture
def unchanged() -> Unchanged:
    own, base = (shipped().versions_by_key[key][day].workflow for key, day in (HEIR, BASE))
    return Unchanged(own, base)


def in_the_heir(kind: str, what: str) -> Demand:
    return Demand(kind, HEIR, what, seen=False)


def test_a_step_and_a_deadline_that_stand_in_the_base_alone_are_unchanged(unchanged: Unchanged) -> None:
    assert unchanged.is_so(in_the_heir("steps", "deliberation_held from heard"))
    assert unchanged.is_so(in_the_heir("requires refused", "ruling_made from deliberated/approved: sealed"))
    assert unchanged.is_so(in_the_heir("deadlines lapsed", "answer"))


def test_a_step_or_a_deadline_written_anew_is_shown_anew(unchanged: Unchanged) -> None:
    assert not unchanged.is_so(in_the_heir("steps", "hearing_held from hearing_set"))
    assert not unchanged.is_so(in_the_heir("expects irregular", "hearing_held from hearing_set: heard_by_panel"))
    assert not unchanged.is_so(in_the_heir("deadlines met", "close_case"))
    assert not unchanged.is_so(in_the_heir("steps", "authorities_notified from ruled"))


def test_a_condition_that_reads_a_deadline_written_anew_is_shown_anew(unchanged: Unchanged) -> None:
    what = "ruling_made from deliberated/approved: within_handling_period"
    assert unchanged.is_so(in_the_heir("steps", "ruling_made from deliberated/approved"))
    assert not unchanged.is_so(in_the_heir("expects irregular", what))


def test_only_what_the_base_shows_counts_for_its_heir() -> None:
    nothing, something = Watch(), Watch()
    steps = shipped().versions_by_key[BASE[0]][BASE[1]].workflow.steps
    place = next(i for i, step in enumerate(steps) if step.event == "case_approved")
    something.steps[BASE, place] += 1
    for watch, seen in ((nothing, False), (something, True)):
        found = [one for one in demanded(shipped(), watch) if one.what == "case_approved from deliberated"]
        assert {(one.file, one.seen) for one in found} >= {(BASE, seen), (HEIR, seen)}
