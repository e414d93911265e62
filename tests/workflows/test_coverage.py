"""Whether the worked examples show everything that the shipped definitions say; the table is printed either way."""

from __future__ import annotations

from contextlib import suppress

import pytest

from tests.workflows.runner import ROOT, ScenarioError, run, shipped
from tests.workflows.script import collect
from tests.workflows.watch import Demand, demanded, table, watching

KINDS = ("steps", "ways", "requires refused", "expects irregular", "deadlines lapsed", "deadlines met")


@pytest.fixture(scope="module")
def demands() -> list[Demand]:
    with watching() as watch:
        for scenario in collect(ROOT / "workflows"):
            # A scenario that fails is reported under its own name; what it did show counts here.
            with suppress(ScenarioError):
                run(scenario, shipped())
    found = demanded(shipped(), watch)
    print("\n" + table(found))  # noqa: T201 - the table is what the coverage is read from
    return found


@pytest.mark.xdist_group("coverage")
@pytest.mark.parametrize("kind", KINDS)
def test_every_rule_is_shown_by_a_scenario(demands: list[Demand], kind: str) -> None:
    missing = [f"{one.file[0]} {one.file[1]}: {one.what}" for one in demands if one.kind == kind and not one.seen]
    if missing:
        pytest.fail(f"{kind}: {len(missing)} shown by no scenario:\n  " + "\n  ".join(missing), pytrace=False)
