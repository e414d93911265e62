"""What a version inherits, replaces and drops, and every way in which that can be wrong, with file and line."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from adjudicate.checks import check_texts
from adjudicate.definition.models import Workflow
from adjudicate.definition.nouns import ENTRIES, NAMED, NOUNS
from adjudicate.definition.parts import called
from adjudicate.definition.placing import placed
from tests.unit.definition.law import BASE, HEAD, NEXT, faults, following, line_of, loaded, small

OLD, NEW = date(2020, 1, 1), date(2021, 6, 1)
LABEL = "label: {zh: 新, en: New}"


def versions(texts: dict[str, str]) -> tuple[Workflow, Workflow]:
    found = loaded(texts).versions_by_key["dispute"]
    return found[OLD].workflow, found[NEW].workflow


def test_a_version_that_adds_nothing_says_what_its_base_says_under_its_own_head() -> None:
    base, new = versions(following(""))
    own = {"title": new.title, "in_force": new.in_force, "basis": new.basis}
    assert base.model_copy(update=own) == new
    assert new.title.zh == "虚构纠纷（新）"
    assert (new.governs, new.levels) == (base.governs, base.levels) == (("opened_on", "received_on"), ("city",))


def test_an_entry_of_the_same_name_replaces_the_whole_entry_where_it_stood() -> None:
    text = "deadlines:\n  answer_time: {" + LABEL + ", kind: right, length: 20 days, when_over: answer_time_over, "
    text += "per: opponent, counted_from: request_arrived_on, basis: NAT 4, ruling_needed: C9}\n"
    base, new = versions(following(text))
    assert list(new.deadlines) == list(base.deadlines)
    assert (str(new.deadlines["answer_time"].length), new.deadlines["answer_time"].label.en) == ("20 days", "New")
    others = [name for name in base.deadlines if name != "answer_time"]
    assert all(new.deadlines[name] == base.deadlines[name] for name in others)


def test_all_steps_of_an_event_are_replaced_together() -> None:
    text = (
        "steps:\n  - {event: decided_upon, " + LABEL + ", from: [heard, on_paper], to: decided, by: [clerk], "
        "records: [result], requires: [every_opponent_could_state], stops: [decision_time], basis: LAW 5}\n"
    )
    base, new = versions(following(text))
    assert [step.event for step in base.steps].count("decided_upon") == 2
    assert [step.event for step in new.steps].count("decided_upon") == 1
    order = list(dict.fromkeys(step.event for step in base.steps))
    assert [step.event for step in new.steps] == order


def test_nothing_is_merged_inside_an_entry() -> None:
    text = "facts:\n  result:\n    " + LABEL + "\n    choice: {granted: {zh: 支持, en: Granted}}\n"
    _, new = versions(following(text))
    assert list(new.facts["result"].choice or {}) == ["granted"]


def test_a_new_entry_stands_behind_the_one_written_before_it() -> None:
    told = "{" + LABEL + ", text: true}"
    text = f"facts:\n  told_text: {told}\n  told_again: {told}\n  told_last: {told}\n"
    _, new = versions(following(text))
    names = list(new.facts)
    at = names.index("told_text")
    assert names[at : at + 4] == ["told_text", "told_again", "told_last", "address"]


def test_a_new_entry_first_in_its_section_stands_behind_all_others_unless_it_says_where() -> None:
    told = "{" + LABEL + ", text: true}"
    _, new = versions(following(f"facts:\n  told_again: {told}\n"))
    assert list(new.facts)[-1] == "told_again"
    placed = "{" + LABEL + ", text: true, placed_after: received_on}"
    _, new = versions(following(f"facts:\n  told_again: {placed}\n  told_last: {told}\n"))
    assert list(new.facts)[:3] == ["received_on", "told_again", "told_last"]


def test_where_a_new_deadline_stands_decides_which_of_a_day_lapses_first() -> None:
    rule = "{" + LABEL + ", kind: wait, length: 10 days, when_over: demand_wait_over, basis: LAW 6, "
    text = f"deadlines:\n  wait_again: {rule}placed_after: opening_time}}\n"
    _, new = versions(following(text))
    assert list(new.deadlines)[:2] == ["opening_time", "wait_again"]


def test_a_step_may_say_where_it_stands_and_a_replaced_one_may_move() -> None:
    step = "{event: case_closed, " + LABEL + ", from: [effective], to: closed, by: [clerk], basis: LAW 7, "
    _, new = versions(following(f"steps:\n  - {step}placed_after: took_effect}}\n"))
    events = [step.event for step in new.steps]
    assert events.index("case_closed") == events.index("took_effect") + 1
    assert events.count("case_closed") == 1


def test_what_is_dropped_is_gone_and_its_name_is_free() -> None:
    text = (
        "drops:\n  steps: [answered, answer_time_over]\n  deadlines: answer_time\n"
        "  always: [{never_both: [closed, enforced]}]\n"
        "steps:\n  - {event: request_arrived, " + LABEL + ", from: [opened, heard, on_paper], by: [link], "
        "per: opponent, records: [request_arrived_on], basis: LAW 4}\n"
    )
    base, new = versions(following(text))
    assert {step.event for step in base.steps} - {step.event for step in new.steps} == {"answered", "answer_time_over"}
    assert set(base.deadlines) - set(new.deadlines) == {"answer_time"}
    assert len(new.always) == len(base.always) - 1


def test_a_promise_is_named_by_what_it_says() -> None:
    same = "  - {follows: [decision_arrived], after: decided_upon, basis: LAW 55}\n"
    other = "  - {after: decided_upon, follows: took_effect, basis: LAW 56}\n"
    base, new = versions(following(f"always:\n{same}{other}"))
    assert [line.basis for line in base.always] == ["LAW 4", "LAW 5", "LAW 6", "LAW 7"]
    assert [line.basis for line in new.always] == ["LAW 4", "LAW 55", "LAW 56", "LAW 6", "LAW 7"]


def test_an_incident_is_replaced_by_what_it_opens() -> None:
    text = "incidents:\n  - {opens: pause, while: [opened], basis: LAW 9}\n"
    _, new = versions(following(text))
    assert [use.opens for use in new.incidents] == ["pause", "parcel"]
    assert new.incidents[0].holds == ()


def test_two_definitions_may_stand_behind_one() -> None:
    third = HEAD.replace("2021-06-01", "2022-06-01").replace("dispute/2020-01-01", "dispute/2021-06-01")
    with_third = following(
        "drops: {conditions: [told_of_rights]}\n" + CASE_OPENED, **{"dispute/2022-06-01.yaml": third}
    )
    catalogue = loaded({path: one for path, one in with_third.items() if "/local/" not in path})
    newest = catalogue.versions_by_key["dispute"][date(2022, 6, 1)].workflow
    assert "told_of_rights" not in newest.conditions
    assert newest.title.zh == "虚构纠纷（新）"


CASE_OPENED = (
    "steps:\n  - {event: case_opened, label: {zh: 立案, en: Case opened}, from: [received], to: opened, by: [clerk], "
    "records: [opened_on, panel], requires: [lawful_panel], expects: [opened_in_time], stops: [opening_time], "
    "starts: [decision_time], numbers: main, basis: LAW 2}\n"
)


def test_another_procedure_may_be_the_base() -> None:
    other = HEAD.replace("workflow: dispute", "workflow: quarrel")
    catalogue = loaded(small(**{"quarrel/2021-06-01.yaml": other}))
    quarrel = catalogue.versions_by_key["quarrel"][NEW].workflow
    assert quarrel.steps == catalogue.versions_by_key["dispute"][OLD].workflow.steps
    assert (quarrel.workflow, quarrel.in_force.from_) == ("quarrel", NEW)


FOURTH = {
    "dispute/2022-06-01.yaml": HEAD.replace("2021-06-01", "2022-06-01").replace("2020-01-01", "2021-06-01"),
    "dispute/2023-06-01.yaml": HEAD.replace("2021-06-01", "2023-06-01").replace("2020-01-01", "2022-06-01"),
}
PAUSE = "pause/1995-01-01.yaml"

# name: (what follows the head, other files, file of the fault, words of its line, what it says in English, in Chinese)
BROKEN: dict[str, tuple[str, dict[str, str], str, str, str, str]] = {
    "a base that there is not": (
        "",
        {NEXT: HEAD.replace("dispute/2020-01-01", "dispute/2020-01-02")},
        NEXT,
        "based_on",
        "it is based on 'dispute/2020-01-02', which there is not. Did you mean 'dispute/2020-01-01'?",
        "所依据的“dispute/2020-01-02”不存在。是否应为“dispute/2020-01-01”？",
    ),
    "a base that is no name of a version": (
        "",
        {NEXT: HEAD.replace("dispute/2020-01-01", "dispute")},
        NEXT,
        "based_on",
        "'based_on' names a procedure and a first day in force, as in 'procedure/2025-02-01', not 'dispute'.",
        "based_on 须写明程序和施行首日",
    ),
    "a base on a day that does not exist": (
        "",
        {NEXT: HEAD.replace("dispute/2020-01-01", "dispute/2020-02-30")},
        NEXT,
        "based_on",
        "names a procedure and a first day",
        "须写明程序和施行首日",
    ),
    "a circle of one": (
        "",
        {NEXT: HEAD.replace("dispute/2020-01-01", "dispute/2021-06-01")},
        NEXT,
        "based_on",
        "it is based on 'dispute/2021-06-01': a circle",
        "此定义依据“dispute/2021-06-01”：循环依据",
    ),
    "a circle of two": (
        "",
        {
            "quarrel/2021-06-01.yaml": HEAD.replace("workflow: dispute", "workflow: quarrel").replace(
                "dispute/2020-01-01", "dispute/2021-06-01"
            ),
            NEXT: HEAD.replace("dispute/2020-01-01", "quarrel/2021-06-01"),
        },
        NEXT,
        "based_on",
        "'quarrel/2021-06-01', which is based on 'dispute/2021-06-01': a circle",
        "循环依据",
    ),
    "three levels": (
        "",
        FOURTH,
        "dispute/2023-06-01.yaml",
        "based_on",
        "which is based on 'dispute/2020-01-01': at most 2 definitions may stand behind one",
        "向上至多依据 2 层",
    ),
    "a base of another kind": (
        "",
        {"pause/2021-06-01.yaml": HEAD.replace("workflow: dispute", "kind: incident\nworkflow: pause")},
        "pause/2021-06-01.yaml",
        "kind",
        "this is of kind 'incident', but what it is based on, 'dispute/2020-01-01', is of kind 'procedure'",
        "此定义的类型为“incident”，而所依据的“dispute/2020-01-01”为“procedure”",
    ),
    "something dropped that the base does not have": (
        "drops:\n  deadlines: [opening_tme]\n",
        {},
        NEXT,
        "deadlines:",
        "the base, 'dispute/2020-01-01', has no deadline 'opening_tme' that could be dropped. Did you mean 'opening",
        "所依据的“dispute/2020-01-01”没有期限“opening_tme”，无从略去。是否应为“opening_time”？",
    ),
    "something dropped in the line of its own": (
        "drops:\n  steps:\n    - answered\n    - answerd\n",
        {},
        NEXT,
        "- answerd",
        "has no step 'answerd'",
        "没有步骤“answerd”",
    ),
    "a promise dropped that was never made": (
        "drops:\n  always:\n    - {never_both: [opened, closed]}\n",
        {},
        NEXT,
        "never_both",
        "has no 'always' line",
        "没有“always”规则",
    ),
    "something dropped and written anew": (
        "drops: {facts: [told_text]}\nfacts:\n  told_text: {label: {zh: 新, en: New}, text: true}\n",
        {},
        NEXT,
        "drops",
        f"fact 'told_text' is dropped, but written anew at {NEXT}:8",
        "既被略去，又在",
    ),
    "a section that there is not": (
        "drops: {deadline: [answer_time]}\n",
        {},
        NEXT,
        "drops",
        "'drops' knows no section 'deadline'. Did you mean 'deadlines'?",
        "drops 中没有“deadline”这一部分。是否应为“deadlines”？",
    ),
    "drops that are a list": (
        "drops: [answer_time]\n",
        {},
        NEXT,
        "drops",
        "'drops' lists names by section",
        "drops 按部分列出名称",
    ),
    "drops without a base": (
        "",
        {NEXT: HEAD.replace("based_on: dispute/2020-01-01", "drops: {deadlines: [answer_time]}")},
        NEXT,
        "drops",
        "it lacks 'based_on'",
        "没有写明 based_on",
    ),
    "a place behind nothing": (
        "facts:\n  told_again: {label: {zh: 新, en: New}, text: true, placed_after: told_txt}\n",
        {},
        NEXT,
        "told_again",
        "fact 'told_again' is to be placed after fact 'told_txt', which there is not. Did you mean 'told_text'?",
        "事实“told_again”须置于事实“told_txt”之后，但后者不存在。是否应为“told_text”？",
    ),
    "a word of its own that is unknown": (
        "facts:\n  told_text: {label: {zh: 新, en: New}, txt: true}\n",
        {},
        NEXT,
        "told_text",
        "unknown key 'txt' in fact 'told_text'",
        "事实“told_text”中有未知的键“txt”",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_version_that_inherits_wrongly_is_refused_with_file_line_and_a_sentence_in_both_languages(name: str) -> None:
    text, files, file, words, en, zh = BROKEN[name]
    texts = following(text, **files)
    at = (file, line_of(texts[file], words))
    there = [fault for fault in faults(texts) if (fault.file, fault.line) == at]
    assert [fault for fault in there if en in fault.en and zh in fault.zh], "\n".join(map(str, faults(texts)))


def test_a_place_is_only_for_a_version_that_inherits() -> None:
    text = small()[BASE].replace("received_on: {label", "received_on: {placed_after: panel, label")
    (fault,) = [one for one in faults(small(**{BASE: text})) if one.file == BASE]
    assert "unknown key 'placed_after'" in fault.en


def test_a_fault_that_inheriting_makes_names_the_line_of_the_entry_and_the_version_that_inherits_it() -> None:
    texts = following("drops: {facts: [told_text]}\n")
    step = line_of(texts[BASE], "told_text]")
    (fault,) = [one for one in faults(texts) if one.line == step]
    assert (fault.file, fault.inherited_by) == (BASE, f"{NEXT}:5")
    assert str(fault) == f"{BASE}:{step}: {fault.en} (inherited by {NEXT}:5)"
    assert fault.said("zh").endswith(f"（由 {NEXT}:5 继承）")


def test_a_fault_of_the_base_is_told_once_and_where_it_is() -> None:
    text = small()[BASE].replace("basis: LAW 7\n\nalways", "basis: LAV 7\n\nalways")
    found = faults({**following(""), BASE: text})
    assert [(fault.file, fault.inherited_by) for fault in found] == [(BASE, "")]


def test_an_inherited_citation_that_is_out_of_force_names_both_files() -> None:
    text = small()[BASE].replace("basis: LAW 9", "basis: ENDS 9", 1)
    ended = "ENDS: {title: {zh: 终, en: Ended}, authority: 虚, days: natural, in_force: {from: 1990-01-01, "
    ended += "until: 2021-06-01}}\n"
    texts = {**following(""), BASE: text}
    texts["instruments.yaml"] += ended
    (fault,) = faults(texts)
    assert (fault.file, fault.line) == (BASE, line_of(text, "ENDS 9"))
    assert fault.inherited_by == f"{NEXT}:5"
    assert "'ENDS' is not in force on 2021-06-01" in fault.en


def test_check_explores_an_inherited_version_and_points_into_the_file_of_the_entry() -> None:
    texts = following("drops: {steps: [paper_chosen]}\n")
    report = check_texts(texts)
    state = line_of(texts[BASE], "  on_paper:")
    found = [fault for fault in report.faults if fault.inherited_by]
    assert found
    assert {fault.file for fault in found} == {BASE}
    assert state in {fault.line for fault in found} or any("on_paper" in fault.en for fault in found)
    assert not [fault for fault in report.faults if not fault.inherited_by]


def test_a_ruling_that_is_needed_is_listed_where_it_was_written() -> None:
    report = check_texts(following(""))
    assert {(ruling.file, ruling.line) for ruling in report.rulings} == {
        (BASE, line_of(small()[BASE], "ruling_needed: C1"))
    }


def test_a_version_stands_on_its_own_when_its_base_cannot_be_read() -> None:
    texts: dict[str, Any] = {**following(""), BASE: "workflow: [\n"}
    assert {fault.file for fault in faults(texts) if "/local/" not in fault.file} == {BASE}


@pytest.mark.parametrize("section", ENTRIES)
def test_an_entry_has_one_name_however_a_fault_comes_upon_it(section: str) -> None:
    named = (*NAMED, "incidents", "steps")
    data = {section: {"x": {}} if section in NAMED else [{"event": "x"} if section == "steps" else {"opens": "x"}]}
    key = "x" if section in NAMED else 0
    if section in named:
        assert placed((section, key), data) == called(section, "x")
    assert NOUNS.get(ENTRIES[section].en, ENTRIES[section]) == ENTRIES[section]
