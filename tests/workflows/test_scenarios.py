"""Every worked example beside the shipped workflows, each under the sentence a lawyer would say."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.workflows.earlier import earlier_law, run_on_earlier_law
from tests.workflows.runner import ROOT, ScenarioError, run, shipped
from tests.workflows.script import Scenario, collect
from tests.workflows.standings import differing, kept

SCENARIOS = collect(ROOT / "workflows")


def _named(scenario: Scenario) -> Any:
    """The scenario under its sentence, with the numbers of the findings that it answers."""
    marks = [pytest.mark.finding(number) for number in scenario.findings]
    return pytest.param(scenario, id=scenario.name, marks=marks)


@pytest.mark.parametrize("scenario", [_named(scenario) for scenario in SCENARIOS])
def test_scenario(scenario: Scenario) -> None:
    try:
        case = (run_on_earlier_law if earlier_law() else run)(scenario, shipped())
    except ScenarioError as broken:
        pytest.fail(str(broken), pytrace=False)
    unread = [] if earlier_law() else differing(scenario, case)
    if unread:
        told = "\n  ".join(unread)
        again = "if that is what was meant, keep it: make law"
        pytest.fail(
            f"{scenario.file}:{scenario.line}: it ends otherwise than was kept\n  {told}\n{again}", pytrace=False
        )


def test_no_two_scenarios_say_the_same_sentence() -> None:
    said = Counter((scenario.workflow, scenario.name) for scenario in SCENARIOS)
    assert [name for name, times in said.items() if times > 1] == []


def test_the_end_of_every_worked_example_is_kept_and_of_none_that_is_gone() -> None:
    for key in {scenario.workflow for scenario in SCENARIOS if not scenario.fault}:
        names = {scenario.name for scenario in SCENARIOS if scenario.workflow == key}
        assert set(kept(key)) == names, "how these end is not kept, or kept though they are gone: make law"
