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
from adjudicate.law.folding import is_blank
from adjudicate.law.periods import Length, parse_day
from adjudicate.law.suggestion import suggestion
from adjudicate.states.entries import Reason

FIRST_YEAR, LAST_YEAR = 1900, 2200
TEXT_LIMIT = 4000

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_DIGEST = re.compile(r"(sha-256|sm3):[0-9a-f]{64}")


def check(
    compiled: CompiledWorkflow,
    step: Step,
    facts: Mapping[str, Any],
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
    faults = [_not_recorded(name, step) for name in facts if name not in given]
    for name in step.records:
        rule = compiled.facts.get(name)
        if name in given or rule is None:
            continue
        if again and rule.particulars:
            continue
        if rule.day and not rule.may_be_future and not again:
            given[name] = on.isoformat()
        else:
            faults.append(fault(name, f"缺少“{rule.label.zh}”", f"'{rule.label.en}' is missing"))
    for name, value in given.items():
        faults += _mistyped(compiled.facts[name], name, value, party, today)
    return given, faults


def _not_recorded(name: str, step: Step) -> Reason:
    hint = suggestion(name, step.takes)
    zh = f"此步骤不记录事实“{name}”" + (f"。{hint.zh}" if hint.zh else "")
    return fault(name, zh, f"this step records no fact '{name}'.{hint.en}")


def _mistyped(rule: Fact, name: str, value: Any, party: str | None, today: date) -> Iterator[Reason]:
    """What is wrong with a value: of the case or of one party, or of each party by its name."""
    if rule.per is None or party is not None:
        values: Iterable[Any] = (value,)
    elif isinstance(value, Mapping):
        values = value.values()
    else:
        yield fault(name, f"“{rule.label.zh}”须按当事人分别给出", f"'{rule.label.en}' is given per party")
        return
    for one in values:
        problem = _CHECKS[rule.type](rule, one, today)
        if problem:
            yield fault(name, f"“{rule.label.zh}”{problem[0]}", f"'{rule.label.en}' {problem[1]}")


def fault(name: str, zh: str, en: str) -> Reason:
    """What is wrong with a fact, and where it stands in the request."""
    return Reason("fact", zh, en, condition=name, details={"pointer": f"/facts/{name}"})


_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")

Problem = tuple[str, str] | None


def _day(rule: Fact, value: Any, today: date) -> Problem:
    try:
        day = parse_day(value) if isinstance(value, str) else None
    except PeriodError:
        day = None
    if day is None:
        return "须为真实日期（YYYY-MM-DD）", "must be a real day (YYYY-MM-DD)"
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return f"超出可处理的年份（{FIRST_YEAR} 至 {LAST_YEAR}）", f"lies outside the years {FIRST_YEAR} to {LAST_YEAR}"
    if day > today and not rule.may_be_future:
        return f"不得晚于今日（{today}）", f"must not lie after today ({today})"
    return None


def _choice(rule: Fact, value: Any, today: date) -> Problem:
    del today
    options = rule.choice or {}
    if not isinstance(value, str) or value not in options:
        listed = "、".join(options)
        return f"须为下列之一：{listed}", f"must be one of: {', '.join(options)}"
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
        return f"不得超过 {TEXT_LIMIT} 字", f"must not exceed {TEXT_LIMIT} characters"
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
    return None if sound else ("须为非负整数", "must be a whole number, not negative")


def _amount(rule: Fact, value: Any, today: date) -> Problem:
    del rule, today
    try:
        sound = isinstance(value, str) and len(value) <= 30 and Decimal(value).is_finite() and Decimal(value) >= 0
    except InvalidOperation:
        sound = False
    return None if sound else ("须为十进制金额文字", "must be a decimal amount as text")


def _flag(rule: Fact, value: Any, today: date) -> Problem:
    del rule, today
    return None if isinstance(value, bool) else ("须为 true 或 false", "must be true or false")


def _list(rule: Fact, value: Any, today: date) -> Problem:
    if not isinstance(value, list) or len(value) > LONGEST_LIST:
        return f"须为列表（至多 {LONGEST_LIST} 项）", f"must be a list of at most {LONGEST_LIST}"
    inner = _document if rule.list == FactType.DOCUMENT.value else _text
    return next((problem for one in value if (problem := inner(rule, one, today))), None)


def _length(rule: Fact, value: Any, today: date) -> Problem:
    del rule, today
    try:
        if not isinstance(value, str):
            raise PeriodError(zh="须为文字", en="must be text")
        Length.parse(value)
    except PeriodError as error:
        return f"不是期限长度：{error.zh}", f"is no length: {error.en}"
    return None


def _document(rule: Fact, value: Any, today: date) -> Problem:
    del rule, today
    sound = isinstance(value, str) and _DIGEST.fullmatch(value) is not None
    return None if sound else ("须为文件摘要，如 sha-256:…", "must be a document's digest, such as sha-256:…")


def _checklist(rule: Fact, value: Any, today: date) -> Problem:
    items = rule.checklist or {}
    if not isinstance(value, dict) or set(value) != set(items):
        return f"须逐项填写：{'、'.join(items)}", f"must answer each of: {', '.join(items)}"
    for name, answer in value.items():
        sound = isinstance(answer, dict) and set(answer) <= {"finding", "reason"} and answer.get("finding") in FINDINGS
        if not sound or _text(rule, answer.get("reason", "-"), today):
            return f"第“{name}”项须有结论", f"item '{name}' needs a finding out of: {', '.join(FINDINGS)}"
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
