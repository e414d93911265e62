"""The kinds of fact, and which of them a guard word takes in each place of its argument; it holds no definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from adjudicate.law.text import Text

# Technical bounds of what may be recorded; no rule of law.
LONGEST_LIST = 200
LARGEST_NUMBER = 10**9


class FactType(StrEnum):
    """The kinds of value a fact may hold.

    `several` is any number of its choices, `length` a count with its unit, `checklist` a finding for each item.
    """

    DAY = "day"
    TIME = "time"
    CHOICE = "choice"
    SEVERAL = "several"
    TEXT = "text"
    NUMBER = "number"
    AMOUNT = "amount"
    FLAG = "flag"
    LIST = "list"
    LENGTH = "length"
    DOCUMENT = "document"
    ACTOR = "actor"
    CHECKLIST = "checklist"


EVERY_TYPE = tuple(FactType)
# What a person may find on an item of a checklist.
FINDINGS: Mapping[str, Text] = {
    "met": Text("成立", "met"),
    "not_met": Text("不成立", "not met"),
    "not_applicable": Text("不适用", "not applicable"),
}
TYPE_NAMES: Mapping[FactType, Text] = {
    FactType.DAY: Text("日期", "a day"),
    FactType.TIME: Text("时刻", "a time of day"),
    FactType.CHOICE: Text("选项", "a choice"),
    FactType.SEVERAL: Text("多项选择", "several choices"),
    FactType.TEXT: Text("文字", "text"),
    FactType.NUMBER: Text("整数", "a number"),
    FactType.AMOUNT: Text("金额", "an amount"),
    FactType.FLAG: Text("是非", "a flag"),
    FactType.LIST: Text("列表", "a list"),
    FactType.LENGTH: Text("期限长度", "a length"),
    FactType.DOCUMENT: Text("文件", "a document"),
    FactType.ACTOR: Text("人员", "an actor"),
    FactType.CHECKLIST: Text("核对清单", "a checklist"),
}
_LISTS: Mapping[str, Text] = {
    "actor": Text("人员名单", "a list of actors"),
    "party": Text("当事人名单", "a list of parties"),
    "text": Text("文字列表", "a list of texts"),
    "document": Text("文件列表", "a list of documents"),
}


class FactRule(Protocol):
    """What a definition says of a fact, as far as a guard word asks."""

    @property
    def type(self) -> FactType:
        """Its kind."""

    @property
    def choice(self) -> Mapping[str, Any] | None:
        """The values that a choice has."""

    @property
    def several(self) -> Mapping[str, Any] | None:
        """The choices of which any number may be made."""

    @property
    def checklist(self) -> Mapping[str, Any] | None:
        """The items that a checklist has."""

    @property
    def list(self) -> str | None:
        """What a list holds."""

    @property
    def per(self) -> str | None:
        """The role of whose parties each has a value of its own."""


def kind_of(rule: FactRule) -> Text:
    """The kind of a fact as a sentence names it: a day, a list of actors."""
    return TYPE_NAMES[rule.type] if rule.list is None else _LISTS[rule.list]


@dataclass(frozen=True, slots=True)
class Place:
    """What stands in one place of a word's argument: a name of this kind; of facts, which types, and lists of what."""

    kind: str
    types: tuple[FactType, ...] = ()
    lists_of: tuple[str, ...] = tuple(_LISTS)

    def takes(self, rule: FactRule) -> bool:
        """Whether a fact of this kind may stand here."""
        return rule.type in self.types and (rule.type is not FactType.LIST or rule.list in self.lists_of)

    def said(self) -> Text:
        """Everything that may stand here."""
        if not self.types:
            return KIND_NAMES[self.kind]
        if self.types == EVERY_TYPE:
            return Text("任何种类", "any kind")
        known = [
            *(TYPE_NAMES[one] for one in self.types if one is not FactType.LIST),
            *(_LISTS[one] for one in self.lists_of if FactType.LIST in self.types),
        ]
        if FactType.LIST in self.types and len(self.lists_of) == len(_LISTS):
            known = [TYPE_NAMES[one] for one in self.types]
        *most, last = (one.en for one in known)
        return Text("、".join(one.zh for one in known), f"{', '.join(most)} or {last}" if most else last)


KIND_NAMES: Mapping[str, Text] = {
    "event": Text("事项", "an event"),
    "deadline": Text("期限", "a deadline"),
    "incident": Text("附随程序", "an incident"),
    "state": Text("阶段", "a state"),
    "role": Text("当事人身份", "a part that parties play"),
    "condition": Text("条件", "a condition"),
    "day": Text("日期", "days"),
}
