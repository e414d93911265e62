"""Broken definitions, one fault each, are refused with file, line and a sentence; the unbroken base is clean."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from adjudicate.checks import Report, check, check_texts
from adjudicate.definition.catalogue import read_texts, survey

HERE = Path(__file__).parent / "broken"
EDITED = "dispute/2020-01-01.yaml"
CASES: list[dict[str, Any]] = yaml.safe_load((HERE / "cases.yaml").read_text(encoding="utf-8"))


@cache
def base() -> dict[str, str]:
    return read_texts(HERE / "base")


def broken(case: dict[str, Any]) -> dict[str, str]:
    texts = {**base(), **case.get("add", {})}
    for edit in case["edits"]:
        name = edit.get("file", EDITED)
        text = texts[name]
        begin = text.index(edit["after"]) if "after" in edit else 0
        assert edit["old"] in text[begin:], f"the base has no {edit['old']!r}"
        texts[name] = text[:begin] + text[begin:].replace(edit["old"], edit["new"], 1)
    return texts


def expected_at(case: dict[str, Any], texts: dict[str, str]) -> tuple[str, int]:
    name = case.get("file") or case["edits"][0].get("file", EDITED)
    lines = texts[name].splitlines()
    begin = next(i for i, line in enumerate(lines) if case["line_after"] in line) if "line_after" in case else 0
    found = [i for i, line in enumerate(lines) if i >= begin and case["line"] in line]
    return name, found[case.get("nth", 1) - 1] + 1


def test_the_unbroken_base_is_clean() -> None:
    report = check(HERE / "base")
    assert report.faults == ()
    assert report.clean


def test_at_least_forty_definitions_are_broken_in_ways_of_their_own() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES) >= 40


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_broken_definition_is_refused_with_file_line_and_sentence(case: dict[str, Any]) -> None:
    texts = broken(case)
    file, line = expected_at(case, texts)
    report = check_texts(texts)
    there = [fault.en for fault in report.faults if (fault.file, fault.line) == (file, line)]
    found = [message for message in there if all(words in message for words in case["says"])]
    if "zh" in case:
        assert case["zh"] in [fault.zh for fault in report.faults if (fault.file, fault.line) == (file, line)]
    assert found, f"expected {file}:{line} to say {case['says']}, found:\n{said(report)}"


def said(report: Report) -> str:
    return "\n".join(str(fault) for fault in report.faults) or "nothing"


def test_the_size_of_every_slice_is_printed() -> None:
    report = check(HERE / "base")
    text = report.text("en")
    for size in report.slices:
        assert size.states > 0
        measured = f"{size.states} states, {size.moves} moves, {size.seconds:.2f} s"
        assert f"{size.question.en}: {measured}" in text
    asked = {size.question.en for size in report.slices if size.file == EDITED}
    assert "every case can be ended though all parties stay silent" in asked
    assert "'A decision is always served'" in asked


def test_a_question_keeps_only_what_its_path_reads() -> None:
    report = check(HERE / "base")
    question = "'No enforcement before the wait is over'"
    ((kept),) = [size.variables for size in report.slices if size.question.en == question]
    assert [one.en for one in kept] == ["deadline 'Wait after the demand'"]
    assert [one.zh for one in kept] == ["期限“催告等待期”"]


CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_every_sentence_is_said_in_both_languages_and_mixes_none() -> None:
    """Of what check itself finds; what the loader refuses is said elsewhere."""
    loading = {fault for case in CASES for fault in survey(broken(case)).faults}
    found = {fault for case in CASES for fault in check_texts(broken(case)).faults} - loading
    assert len(found) > 40
    labels = {str(en) for text in base().values() for en in re.findall(r"en: ([A-Z][^,}]*)", text)}
    for fault in found:
        assert CHINESE.search(fault.zh), fault
        assert not CHINESE.search(fault.en), fault
        assert not any(f"“{label}”" in fault.zh or f"→ {label}" in fault.zh for label in labels), fault


def test_a_report_is_told_in_the_language_asked_for() -> None:
    texts = dict(base())
    texts[EDITED] = texts[EDITED].replace("    stops: [decision_time]\n", "", 2)
    report = check_texts(texts)
    chinese, english = report.text("zh"), report.text("en")
    assert "期限“办案期限”（decision_time）是义务，却没有任何步骤使其终止" in chinese
    assert "deadline 'Time to decide' (decision_time) is a duty that nothing ends" in english
    assert "当事人均不作为时，每个案件仍能结束：" in chinese
    assert str(report) == english
    assert re.search(r"\d+ 个文件，\d+ 个切片，\d+ 个状态，[0-9.]+ 秒：\d+ 处缺陷$", chinese)


def test_the_points_that_await_a_ruling_are_listed_with_their_line() -> None:
    report = check(HERE / "base")
    lines = base()[EDITED].splitlines()
    ((code, at),) = [(ruling.code, ruling.line) for ruling in report.rulings]
    assert code == "C1"
    assert "ruling_needed: C1" in lines[at - 1]


def test_an_open_point_that_nothing_bears_is_told_and_is_no_fault() -> None:
    texts = dict(base())
    texts["open-points.yaml"] += texts["open-points.yaml"].replace("C1:", "C2:")
    report = check_texts(texts)
    assert (report.faults, report.unused) == ((), ("C2",))
    assert "没有任何文件使用的待裁断问题：C2" in report.text("zh")
    assert "open points that nothing uses: C2" in report.text("en")


def test_every_defect_of_every_file_is_found_at_once() -> None:
    texts = dict(base())
    texts[EDITED] = texts[EDITED].replace("    to: effective", "    to: efective")
    pause = "pause/1995-01-01.yaml"
    texts[pause] = texts[pause].replace(
        "from: [paused]\n    to: over\n    by: [clock]", "from: [paused]\n    by: [clock]"
    )
    overlay = "dispute/local/990000/2021-01-01.yaml"
    texts[overlay] = texts[overlay].replace("basis: LAW 20\nin_force", "basis: LAV 20\nin_force")
    texts["parcel/1995-01-01.yaml"] += (
        "  - {event: x, label: {zh: 甲, en: A}, from: [under_way], by: [clark], basis: LAW 8}\n"
    )
    found = {fault.file for fault in check_texts(texts).faults}
    assert found >= {EDITED, pause, "parcel/1995-01-01.yaml"}


def test_a_state_that_only_an_outside_body_can_end_is_told_but_is_no_fault() -> None:
    texts = dict(base())
    begin, end = texts[EDITED].split("  - event: case_closed\n")
    texts[EDITED] = f"{begin}  - event: case_closed\n" + end.replace("by: [clerk]", "by: [tribunal]", 1)
    texts[EDITED] = texts[EDITED].replace("to: demanded", "to: demanded", 1)
    report = check_texts(texts)
    assert report.clean
    assert [(wait.file, wait.state.en) for wait in report.waits] == [(EDITED, "'Effective' (effective)")]


def test_what_comes_to_be_true_only_on_another_road_is_no_way_on() -> None:
    """The clerk may refuse only after the time is over; a road on which it never starts leaves the case stranded."""
    texts = dict(base())
    texts[EDITED] = (
        texts[EDITED]
        .replace("    starts: [supplement_deadline]\n", "", 1)
        .replace(
            "    restarts: [opening_time]\n", "    restarts: [opening_time]\n    starts: [supplement_deadline]\n", 1
        )
    )
    messages = [fault.en for fault in check_texts(texts).faults]
    assert any("strands the case in 'To be supplemented'" in message for message in messages)


def test_the_shipped_definitions_are_clean() -> None:
    report = check(Path(__file__).parents[3] / "workflows")
    assert said(report) == "nothing"
    asked = [size.question.en for size in report.slices]
    for ending in ("is noticed", "stay silent", "decides something"):
        assert any(question.endswith(ending) for question in asked)
    assert "'No ruling without deliberation'" in asked
