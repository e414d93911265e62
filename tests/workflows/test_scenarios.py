"""Every worked example beside the shipped workflows, each under the sentence a lawyer would say."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.workflows.runner import ROOT, ScenarioError, run, shipped
from tests.workflows.script import Scenario, collect

SCENARIOS = collect(ROOT / "workflows")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.name for scenario in SCENARIOS])
def test_scenario(scenario: Scenario) -> None:
    try:
        run(scenario, shipped())
    except ScenarioError as broken:
        pytest.fail(str(broken), pytrace=False)


def test_no_two_scenarios_say_the_same_sentence() -> None:
    said = Counter((scenario.workflow, scenario.name) for scenario in SCENARIOS)
    assert [name for name, times in said.items() if times > 1] == []
