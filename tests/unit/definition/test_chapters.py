"""A definition in chapters says what it says in one file; names stand once, and faults point into the chapter."""

from __future__ import annotations

from datetime import date

import pytest

from tests.unit.definition.law import BASE, faults, line_of, loaded, small

DAY = date(2020, 1, 1)
FOLDER = "dispute/2020-01-01"
HEAD, FACTS, STEPS = (f"{FOLDER}/{name}.yaml" for name in ("01-head", "02-facts-and-states", "03-steps"))


def cut() -> dict[str, str]:
    """The newest version in three chapters: up to the parties, up to the incidents, and the rest."""
    text = small()[BASE]
    first, rest = text.split("facts:\n", 1)
    second, third = rest.split("incidents:\n", 1)
    return {HEAD: first, FACTS: f"facts:\n{second}", STEPS: f"incidents:\n{third}"}


def in_chapters(**changed: str) -> dict[str, str]:
    texts = {path: text for path, text in small().items() if path != BASE}
    return {**texts, **cut(), **changed}


def test_chapters_say_what_one_file_says() -> None:
    whole, parts = loaded(small()), loaded(in_chapters())
    one, other = (law.versions_by_key["dispute"][DAY] for law in (whole, parts))
    assert one.workflow == other.workflow
    assert [law.rulebook("dispute", DAY, "440000").digest for law in (whole, parts)] == [
        whole.rulebook("dispute", DAY, "440000").digest
    ] * 2
    assert (one.path, other.path) == (BASE, FOLDER)


def test_a_version_may_be_based_on_one_in_chapters() -> None:
    head = "workflow: dispute\ntitle: {zh: 新, en: New}\nbasis: LAW 1\nin_force: {from: 2021-06-01}\n"
    law = loaded(in_chapters(**{"dispute/2021-06-01.yaml": f"{head}based_on: dispute/2020-01-01\n"}))
    first, second = law.versions_by_key["dispute"][DAY], law.versions_by_key["dispute"][date(2021, 6, 1)]
    assert first.workflow.steps == second.workflow.steps


def test_a_fault_points_into_its_chapter() -> None:
    text = cut()[STEPS].replace("requires: [lawful_panel]", "requires: [lawful_panl]")
    (fault,) = faults(in_chapters(**{STEPS: text}))
    assert (fault.file, fault.line) == (STEPS, line_of(text, "lawful_panl"))


def test_a_word_that_no_model_knows_points_into_its_chapter() -> None:
    text = cut()[FACTS].replace("list: actor}", "lst: actor}", 1)
    (fault,) = faults(in_chapters(**{FACTS: text}))
    assert (fault.file, fault.line) == (FACTS, line_of(text, "lst: actor"))


BROKEN = {
    "a name in two chapters": (
        {STEPS: cut()[STEPS] + "\nfacts:\n  panel: {label: {zh: 甲, en: A}, list: actor}\n"},
        STEPS,
        "panel: {label",
        "fact 'panel' stands in two chapters: also at dispute/2020-01-01/02-facts-and-states.yaml:6",
        "事实“panel”在两章中重复：另见 dispute/2020-01-01/02-facts-and-states.yaml:6",
    ),
    "the steps of an event in two chapters": (
        {FACTS: cut()[FACTS] + "\nsteps:\n  - {event: heard, label: {zh: 甲, en: A}, from: [opened], by: [clerk]}\n"},
        STEPS,
        "event: heard",
        "step 'heard' stands in two chapters: also at dispute/2020-01-01/02-facts-and-states.yaml:",
        "步骤“heard”在两章中重复",
    ),
    "two heads": (
        {STEPS: "workflow: dispute\n" + cut()[STEPS]},
        STEPS,
        "workflow",
        "'workflow' stands in two chapters: also at dispute/2020-01-01/01-head.yaml:2",
        "“workflow”在两章中重复：另见 dispute/2020-01-01/01-head.yaml:2",
    ),
    "a part of the head elsewhere": (
        {STEPS: "note: {zh: 注, en: Note}\n" + cut()[STEPS]},
        STEPS,
        "note",
        "'note' belongs to the chapter that carries the head, dispute/2020-01-01/01-head.yaml",
        "“note”属于首部，应写在 dispute/2020-01-01/01-head.yaml",
    ),
    "no head": (
        {HEAD: "parties:\n  claimant: {label: {zh: 甲, en: A}}\n"},
        HEAD,
        "parties",
        "no chapter says 'workflow'",
        "没有一章写明 workflow",
    ),
    "a chapter that is a list": (
        {FACTS: "- facts\n"},
        FACTS,
        "- facts",
        "the file is a mapping of keys and values",
        "文件",
    ),
    "one file and chapters": (
        {BASE: small()[BASE]},
        HEAD,
        "# A small dispute",
        "'dispute/2020-01-01.yaml' holds this definition too: write it as one file or as chapters, not as both",
        "“dispute/2020-01-01.yaml”也写有此定义",
    ),
    "a chapter without a number": (
        {f"{FOLDER}/steps.yaml": "always: []\n"},
        f"{FOLDER}/steps.yaml",
        "always",
        "a chapter is named by two digits and a word, such as '03-hearing.yaml'",
        "章的文件名由两位数字和一个词组成",
    ),
    "a section of the wrong kind": (
        {STEPS: cut()[STEPS].split("\nalways:")[0] + "\nalways: {before: heard}\n"},
        STEPS,
        "always: {before",
        "always",
        "",
    ),
    "a file of no kind": (
        {"dispute/steps.yaml": "steps: []\n"},
        "dispute/steps.yaml",
        "steps",
        "no file of the law has its place here",
        "此处不是放置法律文件的位置",
    ),
    "a day that there is not": (
        {"dispute/2021-02-30.yaml": "workflow: dispute\n"},
        "dispute/2021-02-30.yaml",
        "workflow",
        "there is no day 2021-02-30: a file is named by its first day in force",
        "不存在的日期 2021-02-30：文件以施行首日命名",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_chapters_that_do_not_fit_are_refused_with_file_line_and_a_sentence_in_both_languages(name: str) -> None:
    changed, file, words, en, zh = BROKEN[name]
    texts = in_chapters(**changed)
    at = (file, line_of(texts[file], words))
    found = faults(texts)
    there = [fault for fault in found if (fault.file, fault.line) == at and en in fault.en and zh in fault.zh]
    assert there, f"{at}\n" + "\n".join(map(str, found))
