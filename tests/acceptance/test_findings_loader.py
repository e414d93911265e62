"""A wrong definition does not load: each is refused with file, line and a sentence, in Chinese and in English."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from adjudicate.cli import main

if TYPE_CHECKING:
    from pathlib import Path

FILE = "matter/2020-01-01.yaml"
REGISTERS = {
    "instruments.yaml": """\
LAW:
  title: {zh: 虚构法, en: Invented Law}
  number: 虚构
  authority: 虚构
  in_force: {from: 1990-01-01}
  days: explicit
""",
    "roles.yaml": """\
clerk: {label: {zh: 经办人, en: Clerk}, kind: office, records_for: [claimant]}
chief: {label: {zh: 主管, en: Chief}, kind: office, may_override: true, may_rectify: true}
claimant: {label: {zh: 申请方, en: Claimant}, kind: party}
clock: {label: {zh: 时钟, en: Clock}, kind: automatic}
link: {label: {zh: 关联, en: Link}, kind: automatic}
""",
    "documents/index.yaml": "paper: {label: {zh: 决定书, en: Decision}, basis: LAW 1}\n",
}
MATTER = """\
workflow: matter
kind: procedure
title: {zh: 虚构事项, en: Invented matter}
basis: LAW 1
in_force: {from: 2020-01-01}
governs: [received_on]
levels: [city]
parties:
  claimant: {label: {zh: 申请方, en: Claimant}, at_least: 1}
facts:
  received_on: {label: {zh: 收到日, en: Day received}, day: true}
  decided_on: {label: {zh: 决定日, en: Day decided}, day: true}
  number: {label: {zh: 编号, en: Number}, text: true}
  asked: {label: {zh: 请求金额, en: Amount asked for}, amount: true}
  given: {label: {zh: 准予金额, en: Amount granted}, amount: true}
  pages: {label: {zh: 页数, en: Pages}, number: true}
  urgent: {label: {zh: 是否紧急, en: Urgent}, flag: true}
  longer: {label: {zh: 延长, en: Extension}, length: true}
  readers: {label: {zh: 审阅人, en: Readers}, list: actor}
  signers: {label: {zh: 署名人, en: Signers}, list: actor}
  result:
    label: {zh: 结果, en: Result}
    choice:
      granted: {zh: 准予, en: Granted}
      refused: {zh: 驳回, en: Refused}
conditions:
  enough_readers:
    count_of: {readers: {odd: true, at_least: 3, at_most: 9}}
    label: {zh: 审阅人三人以上, en: Enough readers}
    basis: LAW 2
  in_order:
    not_after: [received_on, decided_on]
    label: {zh: 先收后决, en: In order}
    weight: minor
    basis: LAW 2
  small:
    fact_is: {urgent: false}
    label: {zh: 不紧急, en: Not urgent}
    basis: LAW 2
  same_readers:
    same_people: [readers, signers]
    label: {zh: 审阅人署名, en: The readers sign}
    weight: grave
    basis: LAW 2
states:
  received: {label: {zh: 已收到, en: Received}}
  closed: {label: {zh: 已结, en: Closed}, final: true}
deadlines:
  time_to_decide:
    label: {zh: 决定期限, en: Time to decide}
    kind: duty
    length: 10 working_days
    counted_from: received_on
    extend: [{by: chief, at_most: 5 working_days}]
    when_over: decision_missed
    warn_before: 2 working_days
    basis: LAW 3
steps:
  - event: matter_received
    label: {zh: 收到, en: Matter received}
    from: nothing
    to: received
    by: [claimant]
    records: [received_on, number, asked, pages, urgent]
    joins: [claimant]
    starts: [time_to_decide]
    basis: LAW 1
  - event: time_extended
    label: {zh: 延长, en: Time extended}
    from: [received]
    by: [chief]
    records: [longer]
    extends: {deadline: time_to_decide, with: longer}
    basis: LAW 3
  - event: decision_missed
    label: {zh: 逾期, en: Decision missed}
    from: [received]
    by: [clock]
    basis: LAW 3
  - event: matter_decided
    label: {zh: 决定, en: Matter decided}
    from: [received]
    to: closed
    by: [clerk]
    records: [decided_on, result, readers, signers, given]
    requires: [enough_readers]
    expects: [in_order, same_readers]
    advises: [small]
    stops: [time_to_decide]
    issues: [paper]
    basis: LAW 4
"""


def law(folder: Path, matter: str | bytes = MATTER, **others: str | bytes) -> Path:
    """Writes the law, whole or broken, into a folder of its own."""
    for name, text in {**REGISTERS, FILE: matter, **others}.items():
        path = folder / "law" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder / "law"


def said(folder: Path, language: str, command: str = "check") -> list[str]:
    """What a command prints about the law in a folder, in a language that the locale asks for."""
    locale = {"zh": "zh_CN.UTF-8", "en": "en_US.UTF-8"}[language]
    done = CliRunner(env={"LC_ALL": locale}).invoke(main, [command, str(folder)])
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    return done.output.splitlines()


def replaced(old: str, new: str, *, after: str = "") -> str:
    begin = MATTER.index(after)
    assert old in MATTER[begin:], old
    return MATTER[:begin] + MATTER[begin:].replace(old, new, 1)


def line_of(text: str, marker: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if marker in line)


def refused(tmp_path: Path, matter: str, marker: str, en: list[str], zh: list[str]) -> None:
    """Both `check` and what loads the law name file and line, with these words in each language."""
    folder, place = law(tmp_path, matter), f"{FILE}:{line_of(matter, marker)}: "
    for language, words in (("en", en), ("zh", zh)):
        for command in ("check", "render"):
            printed = said(folder, language, command)
            there = [line for line in printed if line.startswith(place)]
            assert any(all(word in line for word in words) for line in there), "\n".join(printed[-12:])


def test_the_law_without_a_fault_is_clean(tmp_path: Path) -> None:
    assert said(law(tmp_path), "en")[-1].endswith("no fault")


COUNT = "count_of: {readers: {odd: true, at_least: 3, at_most: 9}}"
B1 = {
    "a_count_of_a_choice": (
        COUNT,
        "count_of: {result: {at_least: 3}}",
        ["'count_of'", "'result'"],
        ["“count_of”", "“result”"],
    ),
    "a_count_of_an_amount": (
        COUNT,
        "count_of: {asked: {at_least: 3}}",
        ["'count_of'", "an amount"],
        ["“count_of”", "金额"],
    ),
    "amounts_compared_as_days": (
        "not_after: [received_on, decided_on]",
        "not_after: [asked, given]",
        ["'not_after'", "'asked'", "an amount"],
        ["“not_after”", "“asked”", "金额"],
    ),
}


@pytest.mark.finding("B1")
@pytest.mark.parametrize("name", B1)
def test_a_guard_word_takes_only_the_kinds_of_fact_that_it_can_compare(tmp_path: Path, name: str) -> None:
    old, new, en, zh = B1[name]
    condition = "  in_order:" if "not_after" in new else "  enough_readers:"
    refused(tmp_path, replaced(old, new), condition, en, zh)


B2 = ["010", "1:30", "-3", "three", "３", '"3"', "[house]", "3.0", "~"]


@pytest.mark.finding("B2")
@pytest.mark.parametrize("bound", B2)
def test_a_bound_of_a_guard_is_a_whole_number_as_it_is_written(tmp_path: Path, bound: str) -> None:
    matter = replaced("at_least: 3", f"at_least: {bound}")
    refused(tmp_path, matter, "  enough_readers:", ["'at_least'", "a whole number"], ["“at_least”", "整数"])


@pytest.mark.finding("B2")
def test_a_bound_below_that_is_above_the_bound_above_is_refused(tmp_path: Path) -> None:
    matter = replaced("at_least: 3, at_most: 9", "at_least: 9, at_most: 3")
    refused(tmp_path, matter, "  enough_readers:", ["no number is within"], ["没有数目能同时满足"])


@pytest.mark.finding("B3")
def test_an_amount_selects_no_version(tmp_path: Path) -> None:
    matter = replaced("governs: [received_on]", "governs: [asked]")
    refused(
        tmp_path, matter, "governs: [asked]", ["'asked'", "must be a day", "an amount"], ["“asked”", "须为日期", "金额"]
    )


@pytest.mark.finding("B3")
def test_a_day_is_no_patent_number(tmp_path: Path) -> None:
    matter = MATTER.replace("steps:\n", "indexes: {patent: received_on}\nsteps:\n", 1)
    en, zh = ["the patent index", "'received_on'", "must be text"], ["专利号索引", "“received_on”", "须为文字"]
    refused(tmp_path, matter, "indexes:", en, zh)


@pytest.mark.finding("B3")
def test_nobody_leaves_by_a_step_that_concerns_no_party(tmp_path: Path) -> None:
    matter = replaced("    basis: LAW 4\n", "    leaves: true\n    basis: LAW 4\n", after="event: matter_decided")
    refused(tmp_path, matter, "leaves: true", ["'matter_decided'", "lacks 'per'"], ["“matter_decided”", "缺少“per”"])


@pytest.mark.finding("B3")
def test_a_dated_length_has_a_value_from_the_first_day_of_its_version(tmp_path: Path) -> None:
    matter = replaced("length: 10 working_days", "length: {2021-03-01: 10 working_days}")
    en = ["'time_to_decide'", "no length before 2021-03-01", "2020-01-01"]
    refused(tmp_path, matter, "length: {2021", en, ["“time_to_decide”", "2021-03-01", "2020-01-01"])


@pytest.mark.finding("B4")
@pytest.mark.parametrize(
    ("key", "zh"), [("siblings", "尚不能由本案引出关联案件"), ("handoffs", "尚不能向其他机关移交案卷")]
)
def test_what_this_release_does_not_do_yet_cannot_be_declared(tmp_path: Path, key: str, zh: str) -> None:
    matter = MATTER.replace("steps:\n", f"{key}:\n  - {{opens: other, returns: {{done: matter_decided}}}}\nsteps:\n", 1)
    verb = {"siblings": "does not open siblings yet", "handoffs": "does not offer handoffs yet"}[key]
    refused(tmp_path, matter, f"{key}:", [verb], [zh])


@pytest.mark.finding("B4")
def test_check_trusts_no_sibling_to_bring_about_an_act_of_the_link(tmp_path: Path) -> None:
    linked = "  - {event: told, label: {zh: 获知, en: Told}, from: [received], by: [link], basis: LAW 4}\n"
    matter = MATTER.replace("steps:\n", "siblings: [{opens: other, returns: {done: told}}]\nsteps:\n", 1) + linked
    printed = said(law(tmp_path, matter), "en")
    assert any("told" in line and "is an act of the link, but nothing causes it" in line for line in printed), (
        "\n".join(printed)
    )


@pytest.mark.finding("B5")
@pytest.mark.parametrize("name", [FILE, "instruments.yaml", "roles.yaml", "documents/index.yaml"])
def test_a_file_saved_as_gbk_is_named_with_what_it_must_be_saved_as(tmp_path: Path, name: str) -> None:
    text = {**REGISTERS, FILE: MATTER}[name]
    folder = law(tmp_path, **{name: text.encode("gbk")}) if name != FILE else law(tmp_path, text.encode("gbk"))
    line = next(number for number, line in enumerate(text.splitlines(), 1) if not line.isascii())
    for language, words in (("en", "save it as UTF-8"), ("zh", "须另存为 UTF-8")):
        told = [one for one in said(folder, language) if one.startswith(f"{name}:")]
        assert len(told) == 1, "\n".join(told)
        assert told[0].startswith(f"{name}:{line}: ")
        assert "GBK" in told[0]
        assert words in told[0]


@pytest.mark.finding("B5")
def test_aliases_that_double_one_another_are_refused_at_once(tmp_path: Path) -> None:
    doubling = "".join(f"  a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9))
    note = "note:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + doubling
    assert len(note) < 500
    matter = MATTER.replace("facts:\n", f"{note}facts:\n", 1)
    code = "from adjudicate.cli import main; main(prog_name='adjudicate')"
    words = [sys.executable, "-c", code, "check", str(law(tmp_path, matter))]
    try:
        subprocess.run(words, capture_output=True, timeout=30, check=False)
    except subprocess.TimeoutExpired:
        raise AssertionError("'check' does not end") from None
    refused(tmp_path, matter, "a0: &a0", ["the anchor '&a0' has no place here"], ["不得使用锚点“&a0”"])


@pytest.mark.finding("B5")
def test_a_full_width_colon_is_called_one_on_its_own_line(tmp_path: Path) -> None:
    matter = replaced("    kind: duty\n", "    kind：duty\n")
    refused(tmp_path, matter, "kind：duty", ["full-width colon '：'"], ["全角冒号“：”"])


@pytest.mark.finding("B6")
def test_what_does_not_fit_is_said_without_the_words_of_a_library(tmp_path: Path) -> None:
    matter = replaced("label: {zh: 决定, en: Matter decided}", "label: 决定")
    en, zh = ["'label' of step 'matter_decided'", "must be a mapping"], ["步骤“matter_decided”的“label”", "须为键值表"]
    refused(tmp_path, matter, "label: 决定", en, zh)
    printed = " ".join(said(tmp_path / "law", "en"))
    assert "instance of" not in printed
    assert "steps." not in printed


@pytest.mark.finding("B6")
def test_a_step_is_named_by_its_event_or_counted_from_one(tmp_path: Path) -> None:
    matter = replaced("  - event: time_extended\n    label:", "  - label:")
    refused(tmp_path, matter, "  - label:", ["the 2nd step lacks 'event'"], ["第2个步骤缺少“event”"])


@pytest.mark.finding("B6")
def test_the_nearest_word_is_offered_in_chinese_too(tmp_path: Path) -> None:
    matter = replaced("starts: [time_to_decide]", "starts: [time_to_deside]")
    en = ["step 'matter_received' starts unknown deadline 'time_to_deside'. Did you mean 'time_to_decide'?"]
    zh = ["步骤“matter_received”启动不存在的期限“time_to_deside”。是否应为“time_to_decide”？"]
    refused(tmp_path, matter, "starts: [time_to_deside]", en, zh)


@pytest.mark.finding("B6")
def test_the_language_is_chosen_by_an_option_before_the_locale(tmp_path: Path) -> None:
    folder = law(tmp_path, replaced("starts: [time_to_decide]", "starts: [time_to_deside]"))
    for language, locale, told in (("zh", "en_US.UTF-8", "是否应为"), ("en", "zh_CN.UTF-8", "Did you mean")):
        done = CliRunner(env={"LC_ALL": locale}).invoke(main, ["check", str(folder), "--lang", language])
        assert told in done.output


@pytest.mark.finding("B7")
def test_a_wrong_name_does_not_hide_the_unreachable_state_of_its_file(tmp_path: Path) -> None:
    matter = replaced("starts: [time_to_decide]", "starts: [time_to_deside]").replace(
        "  closed: {label", "  limbo: {label: {zh: 无人到达, en: Limbo}}\n  closed: {label", 1
    )
    printed = said(law(tmp_path, matter), "en")
    place = f"{FILE}:{line_of(matter, '  limbo:')}: "
    assert any("unknown deadline 'time_to_deside'" in line for line in printed)
    assert any(line.startswith(place) and "is unreachable" in line for line in printed), "\n".join(printed)
    # Nothing is made of the wrong name beyond itself: the deadline that was meant is not called one that nobody starts.
    assert not any("started by no step" in line for line in printed), "\n".join(printed)
