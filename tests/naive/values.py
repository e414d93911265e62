"""Whether a value is of a fact's type, as the naive interpreter reads the YAML; it knows no engine's check."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from adjudicate.errors import PeriodError
from adjudicate.law.periods import Length
from tests.naive.rules import Raw


def day_of(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def _is_text(value: Any) -> bool:
    return (
        isinstance(value, str) and bool(value.strip()) and len(value) <= 4000 and not re.search(r"[\x00-\x08]", value)
    )


def _is_document(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"(sha-256|sm3):[0-9a-f]{64}", value))


def _is_length(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(Length.parse(value))
    except PeriodError:
        return False


def fits(rule: Raw, value: Any, today: date) -> bool:
    """Whether a value is of the fact's type."""
    if rule.get("day"):
        day = day_of(value)
        return day is not None and 1900 <= day.year <= 2200 and (day <= today or bool(rule.get("may_be_future")))
    if rule.get("time"):
        return isinstance(value, str) and bool(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value, re.ASCII))
    if "choice" in rule:
        return isinstance(value, str) and value in rule["choice"]
    if "several" in rule:
        sound = isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)
        return sound and len({*value}) == len(value) and all(one in rule["several"] for one in value)
    if rule.get("text") or rule.get("actor"):
        return _is_text(value)
    if rule.get("number"):
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10**9
    if rule.get("amount"):
        return isinstance(value, str) and bool(re.fullmatch(r"\d+(\.\d+)?", value))
    if rule.get("flag"):
        return isinstance(value, bool)
    if "list" in rule:
        inner = _is_document if rule["list"] == "document" else _is_text
        return isinstance(value, list) and len(value) <= 200 and all(inner(one) for one in value)
    if rule.get("length"):
        return _is_length(value)
    if rule.get("document"):
        return _is_document(value)
    items = rule["checklist"]
    findings = ("met", "not_met", "not_applicable")
    return (
        isinstance(value, dict)
        and set(value) == set(items)
        and all(v.get("finding") in findings for v in value.values())
    )


def covers(long: str, short: str) -> bool:
    """Whether the first length is never shorter than the second: whatever month, whatever run of holidays."""
    shortest = {"hours": 1, "days": 24, "working_days": 24, "months": 672, "years": 8760}
    longest = {"hours": 1, "days": 24, "working_days": 336, "months": 744, "years": 8784}
    a, b = Length.parse(long), Length.parse(short)
    if a.unit == b.unit:
        return a.count >= b.count
    return a.count * shortest[a.unit.value] >= b.count * longest[b.unit.value]
