"""Whatever a definition may say is shown to whoever signs it: a new key of the format is told, or left out on purpose.

A failure here names a key that was added: tell it in review/cards.py (or in page.py) and add it below.
"""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from adjudicate.definition.deadline_models import Component, Deadline, ExtensionRule
from adjudicate.definition.models import (
    Always,
    Condition,
    Docket,
    Fact,
    IncidentUse,
    Outcome,
    Overlay,
    OverlayDeadline,
    PartyRole,
    State,
    Step,
    Workflow,
)

LAWFUL = "label basis ruling_needed note"
TOLD = {
    Step: f"{LAWFUL} event from_ to by per records may_record requires expects advises may_override starts stops "
    "restarts extends begins ends joins must_join leaves reopens numbers voids_number issues",
    Deadline: f"{LAWFUL} kind length choose fixed_by at_least at_most earliest latest counted_from counted_back rolls "
    "per extend excludes when_over warn_before",
    Component: "length counted_from basis",
    ExtensionRule: "by at_most repeats basis",
    Condition: f"{LAWFUL} weight",
    Fact: "label day time choice several text number amount flag list length document actor checklist per particulars "
    "may_be_future",
    IncidentUse: "opens while_ per at_once not_with holds weight outcomes requires basis ruling_needed note",
    Outcome: "when given records",
    State: "label final",
    PartyRole: "label at_least at_most represents",
    Docket: "label format",
    Always: "before one_of after follows never until never_both basis label",
    Overlay: "overlay region title basis in_force note ruling_needed deadlines raises",
    OverlayDeadline: "length extend basis ruling_needed",
    Workflow: "workflow kind title basis in_force governs levels note ruling_needed parties facts conditions states "
    "dockets deadlines incidents steps always",
}
# What a fact is copied to, read from or indexed by changes no verdict;
# whether a thread's state holds stands, for each procedure, with the events that it holds.
LEFT_OUT = {
    Outcome: "carries",
    State: "holds",
    Workflow: "reads indexes",
}


@pytest.mark.parametrize("model", TOLD, ids=lambda model: model.__name__)
def test_every_key_of_the_format_is_told_or_left_out_on_purpose(model: type[BaseModel]) -> None:
    known = {*TOLD[model].split(), *LEFT_OUT.get(model, "").split()}
    assert set(model.model_fields) == known
