"""A scenario under an earlier law: it goes on to its point, fails there, and a failure elsewhere proves nothing."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from adjudicate.definition.catalogue import load
from tests.workflows.earlier import BesideThePoint, run_on_earlier_law
from tests.workflows.runner import ROOT, ScenarioError, shipped
from tests.workflows.script import Scenario, read_file

if TYPE_CHECKING:
    from pathlib import Path

    from adjudicate.definition.catalogue import Catalogue

DIGEST = f'"sha-256:{"a" * 64}"'
FILED = (
    "{event: demand_filed, effective_on: 2025-03-04, by: warned_party, joins: [{party: p1, role: warned_party},"
    " {party: p2, role: right_holder}], facts: {patent_number: ZL202320000001.0, warned_on: 2025-02-20,"
    f" paper_kind: demand, in_writing: true, paper_sent_on: 2025-03-03, warning_document: {DIGEST},"
    f" paper_document: {DIGEST}%s}}%s}}"
)
TWO_MONTHS = ", expect: {due: {response_time: 2025-05-06}}"
ANOTHER_DAY = ", expect: {due: {response_time: 2025-05-07}}"
NEW_STEP = "{event: opinion_weighed, effective_on: 2025-05-07, by: case_officer, expect: {state: requestable}}"
ASKED = "{event: opinion_requested, effective_on: 2025-05-07, by: warned_party%s}"
WRONGLY_REFUSED = ", refused: [no_such_condition]"


def scenario(folder: Path, shown_by: str, *events: str, workflow: str = "warning-opinion") -> Scenario:
    lines = "\n".join(f"    - {event}" for event in events)
    path = folder / "one.yaml"
    path.write_text(
        f"- scenario: {{zh: 一例, en: One}}\n  finding: A1\n  shown_by: {shown_by}\n  workflow: {workflow}\n"
        f"  events:\n{lines}\n",
        encoding="utf-8",
    )
    (found,) = read_file(path, "one.yaml")
    return found


def failure(one: Scenario, catalogue: Catalogue | None = None) -> str:
    with pytest.raises(ScenarioError) as raised:
        run_on_earlier_law(one, catalogue or shipped())
    return str(raised.value)


def test_it_passes_where_nothing_differs(tmp_path: Path) -> None:
    one = scenario(tmp_path, "opinion_requested", FILED % ("", TWO_MONTHS), ASKED % "")
    assert run_on_earlier_law(one, shipped()).standing is not None


def test_an_unknown_fact_and_an_unknown_act_on_the_way_do_not_end_it(tmp_path: Path) -> None:
    one = scenario(tmp_path, "opinion_requested", FILED % (", weather: fine", ""), NEW_STEP, ASKED % WRONGLY_REFUSED)
    told = failure(one)
    assert told.startswith("event 3 (opinion_requested): was accepted, but ought to have been refused for")
    assert "[on the way: event 1 (demand_filed): weather is not known, and left away; event 2 (opinion_weighed)" in told


def test_what_differs_on_the_way_alone_is_no_proof(tmp_path: Path) -> None:
    one = scenario(tmp_path, "opinion_requested", FILED % (", weather: fine", ANOTHER_DAY), NEW_STEP, ASKED % "")
    with pytest.raises(BesideThePoint, match="nothing differs at opinion_requested"):
        run_on_earlier_law(one, shipped())


def test_an_unknown_step_or_fact_is_a_proof_where_the_sentence_is_about_it(tmp_path: Path) -> None:
    step = scenario(tmp_path, "opinion_weighed", FILED % ("", ""), NEW_STEP)
    assert failure(step).startswith("event 2 (opinion_weighed): has no step")
    fact = scenario(tmp_path, "demand_filed.weather", FILED % (", weather: fine", ""))
    assert failure(fact).startswith("event 1 (demand_filed): weather is not known")


def test_the_first_act_of_a_procedure_that_has_no_step_ends_it_there(tmp_path: Path) -> None:
    one = scenario(tmp_path, "demand_heard", "{event: demand_heard, effective_on: 2025-03-04, by: warned_party}")
    assert failure(one).startswith("event 1 (demand_heard): was refused")


def test_a_procedure_that_the_earlier_tree_lacks_is_a_failed_assertion(tmp_path: Path) -> None:
    kept = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", kept, ignore=shutil.ignore_patterns("warning-opinion"))
    one = scenario(tmp_path, "demand_filed", FILED % ("", ""))
    assert failure(one, load(kept)).startswith("there is no procedure 'warning-opinion'")


def test_a_finding_without_the_events_that_show_it_is_a_fault_of_the_file(tmp_path: Path) -> None:
    assert "goes with 'shown_by'" in str(scenario(tmp_path, "[]", FILED % ("", "")).fault)
    assert "goes with 'shown_by'" in str(scenario(tmp_path, "hearing_held", FILED % ("", "")).fault)
