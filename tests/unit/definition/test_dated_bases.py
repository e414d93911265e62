"""A citation dated by instrument is the one of the version that reads it; a dated one is cut to the version's time."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from adjudicate.law.citations import basis_at
from tests.unit.definition.law import BASE, HEAD, NEXT, faults, following, line_of, loaded, small

OLD, NEW = date(2020, 1, 1), date(2021, 6, 1)
LAWS = """
LAW21: {title: {zh: 新法, en: New Law}, authority: 虚, in_force: {from: 2021-06-01}, days: explicit}
GUIDE: {title: {zh: 指南, en: Guide}, authority: 虚, in_force: {from: 2020-09-01}, days: explicit}
TWIN: {title: {zh: 同日法, en: Twin}, authority: 虚, in_force: {from: 2020-09-01}, days: explicit}
"""


def cited(basis: str) -> tuple[Any, Any]:
    """What the entry that cites LAW 9 cites instead, in the version of 2020 and in the one based on it."""
    texts = with_basis(basis)
    found = loaded(texts).versions_by_key["dispute"]
    return found[OLD].workflow.incidents[0].basis, found[NEW].workflow.incidents[0].basis


def with_basis(basis: str, **more: str) -> dict[str, str]:
    texts = {**following("", **more), BASE: small()[BASE].replace("basis: LAW 9", f"basis: {basis}", 1)}
    texts["instruments.yaml"] += LAWS
    return texts


def test_each_version_cites_the_instrument_of_its_own_time() -> None:
    assert cited("{LAW: LAW 9, LAW21: LAW21 12}") == ("LAW 9", "LAW21 12")
    assert cited("{LAW21: LAW21 12, LAW: LAW 9}") == ("LAW 9", "LAW21 12")


def test_a_case_that_stays_under_the_old_version_is_never_cited_the_new_instrument() -> None:
    old, new = cited("{LAW: LAW 9, LAW21: LAW21 12}")
    for day in (date(2020, 3, 8), date(2021, 5, 31), date(2021, 6, 1), date(2025, 3, 8)):
        assert basis_at(old, day) == "LAW 9"
    assert basis_at(new, date(2025, 3, 8)) == "LAW21 12"


def test_an_instrument_that_comes_within_the_time_of_a_version_is_cited_from_its_first_day() -> None:
    old, new = cited("{LAW: LAW 9, GUIDE: LAW 9; GUIDE 2, LAW21: LAW21 12}")
    assert old == {date(2020, 1, 1): "LAW 9", date(2020, 9, 1): "LAW 9; GUIDE 2"}
    assert [basis_at(old, day) for day in (date(2020, 8, 31), date(2020, 9, 1))] == ["LAW 9", "LAW 9; GUIDE 2"]
    assert new == "LAW21 12"


def test_of_several_in_force_the_last_to_begin_is_cited() -> None:
    assert cited("{LAW: LAW 9, GUIDE: GUIDE 2}") == ({OLD: "LAW 9", date(2020, 9, 1): "GUIDE 2"}, "GUIDE 2")


def test_a_citation_dated_by_day_holds_in_every_version_and_is_cut_to_its_time() -> None:
    old, new = cited("{2020-01-01: LAW 9, 2020-09-01: GUIDE 2, 2022-01-01: LAW21 12}")
    assert old == {date(2020, 1, 1): "LAW 9", date(2020, 9, 1): "GUIDE 2", date(2022, 1, 1): "LAW21 12"}
    assert new == {date(2021, 6, 1): "GUIDE 2", date(2022, 1, 1): "LAW21 12"}


def test_days_and_instruments_may_stand_side_by_side() -> None:
    assert cited("{2020-01-01: LAW 9, GUIDE: GUIDE 2, LAW21: LAW21 12}")[1] == "LAW21 12"


def test_every_part_of_a_deadline_may_cite_by_instrument() -> None:
    rule = "extend: [{by: chief, at_most: 1 month"
    text = small()[BASE].replace(rule, f"{rule}, basis: {{LAW: LAW 5, LAW21: LAW21 5}}")
    texts = {**following(""), BASE: text}
    texts["instruments.yaml"] += LAWS
    found = loaded(texts).versions_by_key["dispute"]
    assert [found[day].workflow.deadlines["decision_time"].extend[0].basis for day in (OLD, NEW)] == [
        "LAW 5",
        "LAW21 5",
    ]


def test_a_fact_may_be_called_basis() -> None:
    texts = following("facts:\n  basis: {label: {zh: 依据, en: Basis}, text: true}\n")
    assert loaded(texts).versions_by_key["dispute"][NEW].workflow.facts["basis"].text


def test_a_local_rule_may_cite_by_instrument() -> None:
    path = "dispute/local/990000/2021-01-01.yaml"
    text = small()[path].replace("basis: LAW 20\nin_force", "basis: {LAW: LAW 20, LAW21: LAW21 20}\nin_force")
    texts = small(**{path: text})
    texts["instruments.yaml"] += LAWS
    (rule,) = loaded(texts).local_rules("dispute")
    assert rule.overlay.basis == {date(2021, 1, 1): "LAW 20", date(2021, 6, 1): "LAW21 20"}


BROKEN = {
    "an instrument that there is not": (
        "{LAW: LAW 9, LAW12: LAW 12}",
        "unknown instrument 'LAW12': a citation is dated by day or by instrument. Did you mean 'LAW21'?",
        "没有代号为“LAW12”的法律文本：引据须以日期或者文本代号为键。是否应为“LAW21”？",
        "",
    ),
    "two that begin on one day": (
        "{LAW: LAW 9, GUIDE: GUIDE 2, TWIN: TWIN 2}",
        "'TWIN' and 'GUIDE' begin on the same day, 2020-09-01",
        "“TWIN”与“GUIDE”自同一日（2020-09-01）起",
        "",
    ),
    "none in force on the first day": (
        "{GUIDE: GUIDE 2}",
        "no citation is given for 2020-01-01, the first day in force",
        "",
        "",
    ),
    "an article of an instrument that is not in force then": (
        "{LAW: LAW 9, GUIDE: LAW21 2}",
        "'LAW21' is not in force on 2020-09-01",
        "",
        "",
    ),
    "an unknown code that only the later version cites": (
        "{LAW: LAW 9, LAW21: LAV 12}",
        "unknown instrument 'LAV'",
        "",
        f"{NEXT}:5",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_citation_that_cannot_be_dated_is_refused_at_its_line(name: str) -> None:
    basis, en, zh, heir = BROKEN[name]
    texts = with_basis(basis)
    found = faults(texts)
    line = line_of(texts[BASE], f"basis: {basis}")
    there = [fault for fault in found if (fault.file, fault.line) == (BASE, line) and en in fault.en]
    assert there, "\n".join(map(str, found))
    assert all(zh in fault.zh and fault.inherited_by == heir for fault in there)


def test_each_citation_is_refused_at_the_line_of_its_own_key() -> None:
    text = small()[BASE].replace("basis: LAW 9", "basis:\n      LAW: LAW 9\n      GUIDE: LAV 2", 1)
    texts = small(**{BASE: text})
    texts["instruments.yaml"] += LAWS
    (fault,) = faults(texts)
    assert fault.line == line_of(text, "GUIDE: LAV 2")


def test_a_version_with_an_end_cites_nothing_that_begins_after_it() -> None:
    head = HEAD.replace("in_force: {from: 2021-06-01}", "in_force: {from: 2020-03-01, until: 2020-06-01}")
    texts = with_basis("{LAW: LAW 9, GUIDE: GUIDE 2}")
    del texts[NEXT]
    texts["quarrel/2020-03-01.yaml"] = head.replace("workflow: dispute", "workflow: quarrel")
    found = loaded(texts).versions_by_key["quarrel"][date(2020, 3, 1)].workflow
    assert found.incidents[0].basis == "LAW 9"


def ending(basis: str, more: str = "") -> list[str]:
    """What is said of an entry that cites this, where GONE is in force until the middle of 2022."""
    texts = with_basis(basis)
    texts["instruments.yaml"] += (
        "GONE: {title: {zh: 废法, en: Gone Law}, authority: 虚, in_force: {from: 1990-01-01, until: 2022-06-01}, "
        "days: explicit}\n"
    )
    return [fault.en for fault in faults({**texts, **({LOCAL: more} if more else {})})]


LOCAL = "dispute/local/990000/2021-01-01.yaml"


def test_a_citation_that_goes_out_of_force_in_the_time_of_a_version_needs_one_after_it() -> None:
    for basis in ("GONE 9", "LAW 9; GONE 9", "{LAW: LAW 9, GUIDE: GONE 9}", "{2020-01-01: LAW 9, 2020-09-01: GONE 9}"):
        (said,) = ending(basis)
        assert said == "'GONE' is out of force from 2022-06-01, and nothing is cited in its place from that day"
    assert ending("{2020-01-01: GONE 9, 2022-06-01: LAW 9}") == []


def test_a_citation_may_go_out_of_force_after_the_time_of_its_version() -> None:
    """The version of 2020 ends in 2021; the one after it cites another instrument."""
    assert ending("{GONE: GONE 9, LAW21: LAW21 9}") == []


def test_a_local_rule_does_not_outlive_what_it_cites() -> None:
    found = ending("LAW 9", small()[LOCAL].replace("    basis: LAW 20\n", "    basis: GONE 20\n", 1))
    assert found == ["'GONE' is out of force from 2022-06-01, and nothing is cited in its place from that day"]
    limited = small()[LOCAL].replace("in_force: {from: 2021-01-01}", "in_force: {from: 2021-01-01, until: 2022-06-01}")
    assert ending("LAW 9", limited.replace("    basis: LAW 20\n", "    basis: GONE 20\n", 1)) == []
