"""Checking the facts that come with an act against the types a definition gives them; the values stay plain JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from adjudicate.definition.models import Fact, Step
from adjudicate.definition.rulebook import CompiledWorkflow
from adjudicate.errors import PeriodError
from adjudicate.guards.kinds import FINDINGS, LARGEST_NUMBER, LONGEST_LIST, FactType
from adjudicate.guards.why import quoted_list
from adjudicate.law.folding import is_blank
from adjudicate.law.periods import Length, parse_day
from adjudicate.law.suggestion import nearest
from adjudicate.states.entries import Reason
from adjudicate.states.naming import CaseNames, text_of

FIRST_YEAR, LAST_YEAR = 1900, 2200
TEXT_LIMIT = 4000

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_DIGEST = re.compile(r"(sha-256|sm3):[0-9a-f]{64}")


def check(
    compiled: CompiledWorkflow,
    step: Step,
    facts: Mapping[str, Any],
    names: CaseNames,
    *,
    on: date,
    today: date,
    party: str | None,
    again: bool = False,
) -> tuple[dict[str, Any], list[Reason]]:
    """The facts with left-out days filled in, and every fault found: unknown, missing, mistyped, in the future.

    `again`: they lie on record, so that nothing is filled in, and particulars may have been erased and are not missed.
    """
    given = {name: value for name, value in facts.items() if name in step.takes}
    faults = [_not_recorded(compiled, name, step) for name in facts if name not in given]
    for name in step.records:
        rule = compiled.facts.get(name)
        if name in given or rule is None:
            continue
        if again and rule.particulars:
            continue
        if rule.day and not rule.may_be_future and not again:
            given[name] = on.isoformat()
        else:
            zh, en = f"须给出“{rule.label.zh}”", f"'{rule.label.en}' must be given"
            faults.append(fault(name, zh, en))
    for name, value in given.items():
        faults += _mistyped(compiled.facts[name], name, value, names, party, today)
    return given, faults


def _not_recorded(compiled: CompiledWorkflow, name: str, step: Step) -> Reason:
    """A fact that the step does not take: one of another step, or one that there is not, perhaps mistyped."""
    said, known = step.label, compiled.facts.get(name)
    if known is not None:
        zh = f"“{said.zh}”不记录“{known.label.zh}”，请去掉这一项"
        return fault(name, zh, f"'{said.en}' does not record '{known.label.en}': leave it out")
    near = nearest(name, step.takes)
    hint = None if near is None else compiled.facts[near].label
    zh = f"“{said.zh}”没有所填的这一项事实" + (f"，是否应为“{hint.zh}”？" if hint else "，请去掉这一项")
    en = f"'{said.en}' records no such fact" + (f". Did you mean '{hint.en}'?" if hint else ": leave it out")
    return fault(name, zh, en, nearest=near)


def _mistyped(rule: Fact, name: str, value: Any, names: CaseNames, party: str | None, today: date) -> Iterator[Reason]:
    """What is wrong with a value: of the case or of one party, or of each party by its name."""
    zh, en = f"“{rule.label.zh}”", f"'{rule.label.en}'"
    if rule.per is None or party is not None:
        values: Iterable[tuple[str | None, Any]] = ((None, value),)
    elif isinstance(value, Mapping):
        values = value.items()
    else:
        part = names.role(rule.per)
        yield fault(name, f"{zh}须就每一名{part.zh}分别给出", f"{en} is given separately for each: {part.en}")
        return
    for who, one in values:
        problem = _CHECKS[rule.type](rule, one, today)
        if problem and who is None:
            yield fault(name, f"{zh}{problem[0]}", f"{en} {problem[1]}", **_wanted(rule))
        elif problem and who is not None:
            whom = names.party(who)
            of_zh, of_en = f"{whom.zh}的{zh}{problem[0]}", f"{en} of {whom.en} {problem[1]}"
            yield fault(name, of_zh, of_en, party=who, **_wanted(rule))


def _wanted(rule: Fact) -> dict[str, Any]:
    """What a program may send, for the members beside a sentence that lists the same by its labels."""
    if rule.choice is not None:
        return {"allowed": list(rule.choice)}
    return {} if rule.checklist is None else {"items": list(rule.checklist), "allowed": list(FINDINGS)}


def fault(name: str, zh: str, en: str, **more: Any) -> Reason:
    """What is wrong with a fact, and where it stands in the request."""
    given = {key: value for key, value in more.items() if value is not None}
    return Reason("fact", zh, en, condition=name, details={"pointer": f"/facts/{name}", **given})


_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")

Problem = tuple[str, str] | None


def _day(rule: Fact, value: Any, today: date) -> Problem:
    try:
        day = parse_day(value) if isinstance(value, str) else None
    except PeriodError:
        day = None
    if day is None:
        return "须为真实日期，写作“2026-03-05”的样式", "must be a real day, written like '2026-03-05'"
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return (
            f"为{day}，须在{FIRST_YEAR}年至{LAST_YEAR}年之间",
            f"is {day} and must lie within the years {FIRST_YEAR} to {LAST_YEAR}",
        )
    if day > today and not rule.may_be_future:
        return f"为{day}，不得晚于今日（{today}）", f"is {day} and must not lie after today ({today})"
    return None


def _choice(rule: Fact, value: Any, today: date) -> Problem:
    del today
    options = rule.choice or {}
    if not isinstance(value, str) or value not in options:
        able = quoted_list(map(text_of, options.values()))
        return f"须为下列之一：{able.zh}", f"must be one of: {able.en}"
    return None


def _several(rule: Fact, value: Any, today: date) -> Problem:
    del today
    options = rule.several or {}
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        return "须为至少一项的列表", "must be a list of at least one choice"
    if not set(value) <= set(options):
        return f"须为下列各项中的若干项：{'、'.join(options)}", f"must be out of: {', '.join(options)}"
    return None if len(set(value)) == len(value) else ("有重复的项目", "names a choice twice")


def _text(rule: Fact, value: Any, today: date) -> Problem:
    del rule, today
    if not isinstance(value, str) or is_blank(value):
        return "须为非空文字", "must be text and not empty"
    if len(value) > TEXT_LIMIT:
        return (
            f"有 {len(value)} 字，不得超过 {TEXT_LIMIT} 字",
            f"has {len(value)} characters and must not exceed {TEXT_LIMIT}",
        )
    if _CONTROL.search(value):
        return "含有控制字符", "contains control characters"
    return None


def _time(rule: Fact, value: Any, today: date) -> Problem:
    del rule, today
    sound = isinstance(value, str) and _TIME.fullmatch(value) is not None
    return (
        None if sound else ("须为 00:00 至 23:59 的时刻，如 09:30", "must be a time from 00:00 to 23:59, such as 09:30")
    )


def _number(rule: Fact, value: Any, today: date) -> Problem:
    del rule, today
    sound = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_NUMBER
    return (
        None if sound else (f"须为 0 至 {LARGEST_NUMBER} 的整数", f"must be a whole number from 0 to {LARGEST_NUMBER}")
    )


def _amount(rule: Fact, value: Any, today: date) -> Problem:
    del rule, today
    try:
        sound = isinstance(value, str) and len(value) <= 30 and Decimal(value).is_finite() and Decimal(value) >= 0
    except InvalidOperation:
        sound = False
    return (
        None
        if sound
        else (
            "须为不小于零的金额，以文字写作“1200.50”的样式",
            "must be an amount not below zero, written as text like '1200.50'",
        )
    )


def _flag(rule: Fact, value: Any, today: date) -> Problem:
    del rule, today
    return None if isinstance(value, bool) else ("须答“是”或者“否”", "must be answered 'yes' or 'no'")


def _list(rule: Fact, value: Any, today: date) -> Problem:
    if not isinstance(value, list):
        return f"须为列表（至多 {LONGEST_LIST} 项）", f"must be a list of at most {LONGEST_LIST}"
    if len(value) > LONGEST_LIST:
        return (
            f"有 {len(value)} 项，至多 {LONGEST_LIST} 项",
            f"has {len(value)} items and may have {LONGEST_LIST} at most",
        )
    inner = _document if rule.list == FactType.DOCUMENT.value else _text
    problems = ((place, inner(rule, one, today)) for place, one in enumerate(value, 1))
    return next(((f"第{n}项有误：{p[0]}", f"has a faulty item no. {n}: it {p[1]}") for n, p in problems if p), None)


def _length(rule: Fact, value: Any, today: date) -> Problem:
    del rule, today
    try:
        Length.parse(value if isinstance(value, str) else "")
    except PeriodError:
        return "须为期限长度：数目及其单位（时、日、工作日、月、年）", (
            "must be a length of time: a count and its unit (hours, days, working days, months, years)"
        )
    return None


def _document(rule: Fact, value: Any, today: date) -> Problem:
    del rule, today
    sound = isinstance(value, str) and _DIGEST.fullmatch(value) is not None
    return (
        None
        if sound
        else ("须为文件登记时所给出的引用", "must be the reference that a document got when it was registered")
    )


def _checklist(rule: Fact, value: Any, today: date) -> Problem:
    items = rule.checklist or {}
    if not isinstance(value, dict):
        able = quoted_list(map(text_of, items.values()))
        return f"须逐项填写：{able.zh}", f"must answer each of: {able.en}"
    lacking = quoted_list(text_of(items[name]) for name in items if name not in value)
    if lacking.zh:
        return f"尚未填写：{lacking.zh}", f"lacks an answer to: {lacking.en}"
    if set(value) != set(items):
        able = quoted_list(map(text_of, items.values()))
        return f"只能填写下列各项：{able.zh}", f"may answer these only: {able.en}"
    for name, answer in value.items():
        sound = isinstance(answer, dict) and set(answer) <= {"finding", "reason"} and answer.get("finding") in FINDINGS
        if not sound or _text(rule, answer.get("reason", "-"), today):
            item, able = items[name], quoted_list(FINDINGS.values())
            return (
                f"中的“{item.zh}”须有结论（{able.zh}之一），写有理由的，理由不得为空",
                f"needs a finding on '{item.en}' (one of {able.en}), and a reason where one is given may not be empty",
            )
    return None


_CHECKS: Mapping[FactType, Callable[[Fact, Any, date], Problem]] = {
    FactType.DAY: _day,
    FactType.TIME: _time,
    FactType.CHOICE: _choice,
    FactType.SEVERAL: _several,
    FactType.TEXT: _text,
    FactType.NUMBER: _number,
    FactType.AMOUNT: _amount,
    FactType.FLAG: _flag,
    FactType.LIST: _list,
    FactType.LENGTH: _length,
    FactType.DOCUMENT: _document,
    FactType.ACTOR: _text,
    FactType.CHECKLIST: _checklist,
}
