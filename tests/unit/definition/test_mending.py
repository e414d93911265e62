"""One slip of a name hides no other fault of its file, and nothing else is made of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from adjudicate.checks import check_texts
from adjudicate.definition.catalogue import from_texts, read_texts, survey
from adjudicate.errors import DefinitionError, Leaves

BASE = Path(__file__).parents[1] / "checks" / "broken" / "base"
MAIN, PAUSE = "dispute/2020-01-01.yaml", "pause/1995-01-01.yaml"
LIMBO = ("  enforced: {label", "  limbo: {label: {zh: 无人到达, en: Limbo}}\n  enforced: {label")
SLIPS = {
    "a state come from": ("from: [effective]\n    to: demanded", "from: [efective]\n    to: demanded"),
    "a state led to": ("    to: heard", "    to: herd"),
    "a role": ("    by: [chief]", "    by: [cheif]"),
    "a role like no other": ("to: heard\n    by: [clerk]", "to: heard\n    by: [qqq]"),
    "a fact recorded": ("records: [heard_by]", "records: [herd_by]"),
    "a condition required": ("requires: [decision_on_all]", "requires: [decison_on_all]"),
    "a condition like no other": ("requires: [lawful_panel]", "requires: [lawful_panel, qqq]"),
    "a deadline started": ("starts: [decision_time]", "starts: [decision_tme]"),
    "a deadline stopped": ("stops: [answer_time]", "stops: [anser_time]"),
    "a document": ("issues: [decision_paper]", "issues: [decision_papr]"),
    "a party that joins": ("joins: [claimant, opponent]", "joins: [claimant, oponent]"),
    "a fact in a condition": ("fact_is: {result: granted}", "fact_is: {reslt: granted}"),
    "a value in a condition": ("fact_is: {result: granted}", "fact_is: {result: grantd}"),
    "an event in a condition": ("recorded: rights_told", "recorded: rights_tld"),
    "a deadline in a condition": ("    over: demand_wait\n    label", "    over: demand_wat\n    label"),
    "a guard word": ("    over: demand_wait\n    label", "    ovre: demand_wait\n    label"),
    "the kind of a fact in a condition": ("fact_is: {result: granted}", "fact_is: {told_text: granted}"),
    "a day counted from": ("counted_from: opened_on", "counted_from: opned_on"),
    "a length fixed by": ("fixed_by: supplement_time", "fixed_by: suplement_time"),
    "an event of a lapse": ("when_over: decision_missed", "when_over: decision_mised"),
    "a role that extends": ("extend: [{by: chief", "extend: [{by: chif"),
    "a time left uncounted": ("excludes: [pause]", "excludes: [paus]"),
    "an incident": ("  - opens: pause\n", "  - opens: pausee\n"),
    "a state of an incident": ("while: [opened, heard]\n", "while: [opened, herd]\n"),
    "an event that is held": ("holds: [decided_upon]", "holds: [decided_upn]"),
    "an event of an outcome": ("when: parcel_arrived, given", "when: parcel_arived, given"),
    "a fact of an outcome": ("carries: {request_arrived_on: arrived_on}", "carries: {request_arrived_on: arived_on}"),
    "an event of a promise": ("one_of: [heard, statement_chance_given]", "one_of: [heard, statement_chance_givn]"),
    "an event of a promise like no other": ("follows: decision_arrived", "follows: qqq"),
    "a day that governs": ("governs: [opened_on, received_on]", "governs: [opened_on, recieved_on]"),
    "a citation": ("basis: LAW 7\n\nalways", "basis: LAV 7\n\nalways"),
    "a citation that is none": ("basis: LAW 7\n\nalways", "basis: 第七条\n\nalways"),
    "a missing label": ("    label: {zh: 结案, en: Case closed}\n", ""),
    "a label in one language": ("label: {zh: 结案, en: Case closed}", "label: {zh: 结案}"),
    "a key": ("    records: [heard_by]", "    recods: [heard_by]"),
    "a key of no use": ("    records: [heard_by]", "    qqq: 1\n    records: [heard_by]"),
    "siblings": ("steps:\n", "siblings: [{opens: x}]\nsteps:\n"),
}  # fmt: skip


@cache
def base() -> dict[str, str]:
    return read_texts(BASE)


def with_limbo(slip: str | None) -> dict[str, str]:
    texts = dict(base())
    old, new = SLIPS[slip] if slip else ("", "")
    assert old in texts[MAIN], old
    texts[MAIN] = texts[MAIN].replace(*LIMBO, 1).replace(old, new, 1)
    return texts


def test_limbo_alone_is_one_fault() -> None:
    (fault,) = check_texts(with_limbo(None)).faults
    assert "(limbo) is unreachable" in fault.en


@pytest.mark.parametrize("slip", SLIPS)
def test_one_slip_hides_no_unreachable_state_and_makes_no_second_fault(slip: str) -> None:
    texts = with_limbo(slip)
    faults = check_texts(texts).faults
    told = "\n".join(map(str, faults))
    assert [fault for fault in faults if "(limbo) is unreachable" in fault.en], told
    assert len(faults) == 2, told


def test_a_slip_in_an_incident_hides_nothing_of_the_procedure_that_admits_it() -> None:
    texts = with_limbo(None)
    texts[PAUSE] = texts[PAUSE].replace("by: [claimant]", "by: [clamant]", 1)
    told = {(fault.file, fault.en.split(":")[0]) for fault in check_texts(texts).faults}
    assert len(told) == 2, told


def test_what_cannot_be_mended_is_not_judged_and_makes_no_second_fault() -> None:
    texts = with_limbo(None)
    texts[MAIN] = texts[MAIN].replace("    kind: duty", "    kind: duties", 1)
    (fault,) = check_texts(texts).faults
    assert "duties" in fault.en


def test_a_definition_that_was_mended_is_never_in_force() -> None:
    texts = with_limbo("a key")
    found = survey(texts)
    versions = [version for by_day in found.versions.values() for version in by_day.values()]
    assert {version.leaves for version in versions if version.path == MAIN} == {Leaves.TABLE}
    assert {version.leaves for version in versions if version.path != MAIN} == {Leaves.ALL}
    with pytest.raises(DefinitionError):
        from_texts(texts)


def test_a_slip_of_a_citation_or_a_label_leaves_the_promises_to_be_explored() -> None:
    for slip in ("a citation", "a missing label"):
        report = check_texts(with_limbo(slip))
        assert any(size.file == MAIN for size in report.slices), slip
    assert not any(size.file == MAIN for size in check_texts(with_limbo("a state led to")).slices)
