"""The version of the law that an act selects stands in the stream ahead of the act."""

import itertools

from adjudicate.states.entries import EntryKind
from tests.workflows.runner import ROOT, run, shipped
from tests.workflows.script import collect


def test_the_version_an_act_selects_is_announced_just_ahead_of_the_act() -> None:
    passing = [one for one in collect(ROOT / "workflows") if "transition" in one.file and not one.fault]
    found = 0
    for scenario in passing:
        entries = run(scenario, shipped()).entries
        for before, after in itertools.pairwise(entries):
            if before.kind is EntryKind.LAW_SELECTED:
                assert (before.cause, after.kind) == (after.sequence, EntryKind.ACT)
                found += 1
    assert found >= 1
