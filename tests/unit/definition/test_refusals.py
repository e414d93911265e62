"""What cannot mean anything in a definition is refused once, with its line and a sentence in Chinese and in English."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from adjudicate.definition.catalogue import read_texts, survey

HERE = Path(__file__).parent
BASE = HERE.parent / "checks" / "broken" / "base"
MAIN = "dispute/2020-01-01.yaml"
CONDITION = "  cooled_down:\n    over: demand_wait"
CASES: list[dict[str, Any]] = yaml.safe_load((HERE / "refusals.yaml").read_text(encoding="utf-8"))
MORE_FACTS = """\
  fee: {label: {zh: 费用, en: Fee}, amount: true}
  pages: {label: {zh: 页数, en: Pages}, number: true}
  urgent: {label: {zh: 紧急, en: Urgent}, flag: true}
  notes: {label: {zh: 备注, en: Notes}, list: text}
  came: {label: {zh: 到场, en: Who came}, list: party}
  paper: {label: {zh: 文书, en: Paper}, document: true}
  points: {label: {zh: 要点, en: Points}, checklist: {one: {zh: 甲, en: One}}}
  home: {label: {zh: 住所, en: Home}, per: opponent, choice: {here: {zh: 内, en: In}, abroad: {zh: 外, en: Out}}}
  share: {label: {zh: 份额, en: Share}, per: opponent, number: true}
  planned_on: {label: {zh: 预定日, en: Day planned}, day: true, may_be_future: true}
  result:
"""


@cache
def base() -> dict[str, str]:
    """The law of the broken definitions, with a fact of every kind."""
    texts = read_texts(BASE)
    texts[MAIN] = texts[MAIN].replace("  result:\n", MORE_FACTS, 1)
    return texts


def edited(case: dict[str, Any]) -> dict[str, str]:
    name, texts = case.get("file", MAIN), {**base(), **case.get("add", {})}
    if "add" in case and "old" not in case:
        return texts
    old, new = case.get("old", CONDITION), case.get("new", f"  cooled_down:\n    {case.get('guard')}")
    begin = texts[name].index(case.get("after", ""))
    assert old in texts[name][begin:], f"the base has no {old!r}"
    texts[name] = texts[name][:begin] + texts[name][begin:].replace(old, new, 1)
    return texts


def test_the_base_has_no_fault() -> None:
    assert survey(base()).faults == ()


def test_no_case_stands_here_twice() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES)
    assert len({(case.get("guard"), case.get("old"), case.get("new"), case.get("file")) for case in CASES}) == len(
        CASES
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_means_nothing_is_refused_once_with_its_line_in_both_languages(case: dict[str, Any]) -> None:
    texts = edited(case)
    faults = survey(texts).faults
    file = case.get("at") or case.get("file", MAIN)
    lines, marker = texts[file].splitlines(), case.get("line", "  cooled_down:")
    there = [fault for fault in faults if fault.file == file and marker in lines[fault.line - 1]]
    told = "\n".join(f"{fault.said('en')}\n{fault.said('zh')}" for fault in faults) or "nothing"
    assert any(case["en"] in fault.en and case["zh"] in fault.zh for fault in there), told
    # One slip is one fault: nothing else is made of it.
    assert case.get("several", False) or len(faults) == 1, told
