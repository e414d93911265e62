"""Faults in an input and their messages; the problem and its status are made in `errors.py`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from adjudicate.api.member_names import MEMBER_NAMES
from adjudicate.law.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One fault in an input: where it is (a JSON Pointer, or a parameter's name), its kind and both sentences."""

    pointer: str
    code: str
    zh: str
    en: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The fault as it stands in a problem's `errors`."""
        shown: dict[str, Any] = {"pointer": self.pointer, "code": self.code, "zh": self.zh, "en": self.en}
        return {**shown, "details": dict(self.details)} if self.details else shown


def pointer(path: Iterable[str | int]) -> str:
    """A JSON Pointer (RFC 6901) for a path of keys and positions."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


# What each kind of validation error is called here: the library has English of its own, for programmers.
_SENTENCES: Mapping[str, tuple[str, str]] = {
    "missing": ("缺少必填的这一项", "this member is required and missing"),
    "extra_forbidden": ("没有这一项，请核对名称或者去掉", "there is no such member: check its name or leave it out"),
    "string_type": ("须为文字", "it must be text"),
    "string_pattern_mismatch": ("写法不符合要求", "it is not written as it must be"),
    "bool_type": ("须答“是”或者“否”", "it must be answered yes or no"),
    "bool_parsing": ("须答“是”或者“否”", "it must be answered yes or no"),
    "int_type": ("须为整数", "it must be a whole number"),
    "int_parsing": ("须为整数", "it must be a whole number"),
    "int_from_float": ("须为整数", "it must be a whole number"),
    "list_type": ("须为列表", "it must be a list"),
    "tuple_type": ("须为列表", "it must be a list"),
    "dict_type": ("须为按名称填写的一组项目", "it must be a set of named members"),
    "model_type": ("须为按名称填写的一组项目", "it must be a set of named members"),
    "model_attributes_type": ("须为按名称填写的一组项目", "it must be a set of named members"),
    "string_too_long": ("文字过长，至多 {max_length} 字", "the text is too long: at most {max_length} characters"),
    "string_too_short": ("文字过短，至少 {min_length} 字", "the text is too short: at least {min_length} characters"),
    "too_long": (
        "项目过多，至多 {max_length} 项，现有 {actual_length} 项",
        "there are too many items: at most {max_length}, but there are {actual_length}",
    ),
    "too_short": (
        "项目过少，至少 {min_length} 项，现有 {actual_length} 项",
        "there are too few items: at least {min_length}, but there are {actual_length}",
    ),
    "literal_error": ("不是可以填写的取值", "it is none of the values that can be given"),
    "enum": ("不是可以填写的取值", "it is none of the values that can be given"),
    "greater_than_equal": ("数值过小，不得小于 {ge}", "the number is too small: at least {ge}"),
    "less_than_equal": ("数值过大，不得大于 {le}", "the number is too large: at most {le}"),
    "uuid_parsing": ("不是有效的编号", "it is no valid id"),
    "uuid_type": ("不是有效的编号", "it is no valid id"),
}
_GENERAL = ("取值无效", "the value is not valid")
# A bound on a text that is checked before it is known to be one is reported as a bound on items.
_OF_TEXT = {"too_long": "string_too_long", "too_short": "string_too_short"}


def _sentences(error: Mapping[str, Any]) -> tuple[str, str]:
    context = error.get("ctx", {})
    if "messages" in context:
        zh, en = context["messages"]
        return str(zh), str(en)
    kind = str(error["type"])
    if isinstance(error.get("input"), str):
        kind = _OF_TEXT.get(kind, kind)
    zh, en = _SENTENCES.get(kind, _GENERAL)
    return zh.format(**context), en.format(**context)


def _details(error: Mapping[str, Any]) -> dict[str, Any]:
    """What a program may send instead, which no sentence can hold: the values of a choice, or the pattern."""
    context = error.get("ctx", {})
    if "expected" in context:
        return {"allowed": re.findall(r"'([^']*)'", str(context["expected"]))}
    return {"pattern": context["pattern"]} if "pattern" in context else {}


def faults_of(errors: Iterable[Mapping[str, Any]], *, skip: int = 0) -> tuple[FieldFault, ...]:
    """Pydantic's errors as faults; `skip` drops leading parts of each location, such as `query`."""
    found = []
    for error in errors:
        zh, en = _sentences(error)
        code = str(error["type"]).replace("_", "-")
        found.append(FieldFault(pointer(error["loc"][skip:]), code, zh, en, _details(error)))
    return tuple(found)


def first_of(faults: Sequence[FieldFault]) -> Text:
    """The first fault with what is faulty, and how many more there are, for the sentence of the whole problem."""
    first, more = faults[0], len(faults) - 1
    path = [part for part in first.pointer.split("/") if part in MEMBER_NAMES]
    where = MEMBER_NAMES[path[-1]] if path else None
    member = Text(f"“{where.zh}”：", f"'{where.en}': ") if where else Text("", "")
    rest = Text(f"（另有 {more} 处）", f" (and {more} more)") if more else Text("", "")
    return Text(f"{member.zh}{first.zh}{rest.zh}", f"{member.en}{first.en}{rest.en}")
