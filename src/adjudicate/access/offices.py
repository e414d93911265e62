"""Offices added, renamed and closed, each change with its entry in the administrative ledger."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adjudicate.access import queries
from adjudicate.access.administration import begin, new_row, record
from adjudicate.access.errors import OfficeInvalid
from adjudicate.access.texts import is_text
from adjudicate.definition.values import LEVEL_NAMES
from adjudicate.guards.why import listed
from adjudicate.law.text import Text
from adjudicate.ledger import Change

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from adjudicate.definition.offices import Offices

_CODE = re.compile(r"[A-Za-z0-9]{2,32}")
_REGION = re.compile(r"[0-9]{6}")
_LONGEST = {"name_zh": 200, "name_en": 200, "docket_name": 40}
_DEEPEST = 400
NO_SUCH_OFFICE = ("没有所填代码的机构，请核对代码", "no office has the code that was given: check it")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeDraft:
    """An office to be added: `region` is a GB/T 2260 code, `docket_name` what its docket numbers begin with.

    `kind` is one of those in the file of offices; without one it is the usual kind of an office inside.
    """

    code: str
    region: str
    name_zh: str
    name_en: str
    docket_name: str
    level: str
    parent: str | None = None
    kind: str | None = None


def add_office(tx: Connection, draft: OfficeDraft, *, rules: Offices, by: str, at: datetime) -> None:
    """Add an office under its parent. Raises OfficeInvalid."""
    begin(tx)
    kind = draft.kind or rules.usual
    _check(draft, kind, rules)
    if queries.office(tx, draft.code) is not None:
        raise _invalid("已有机构使用所填的代码，请另填代码", "an office has that code already: give another")
    _check_numbering(tx, draft.code, kind, draft.docket_name, rules)
    above = "" if draft.parent is None else _path_under(tx, draft.parent, rules)
    path = f"{above}{draft.code}/"
    if len(path) > _DEEPEST:
        raise _invalid(
            "机构层级过深，请置于层级较高的机构之下",
            "the office lies too deep in the tree: place it under one further up",
        )
    values = {name: getattr(draft, name) for name in (*_LONGEST, "code", "region", "level", "parent")}
    row = new_row("offices", {**values, "path": path, "kind": kind})
    record(tx, Change(kind="office_added", actor=by, at=at, rows={"offices": [row]}))


def change_office(
    tx: Connection,
    code: str,
    changes: Mapping[str, str],
    *,
    rules: Offices,
    by: str,
    at: datetime,
    reason: str | None = None,
) -> None:
    """Change names of an office (`name_zh`, `name_en`, `docket_name`). Its place stays. Raises OfficeInvalid.

    Nothing happens where they are those already.
    """
    begin(tx)
    known = dict(_known(tx, code))
    row = {**known, **changes}
    for name, value in changes.items():
        _check_name(name, value)
    if row["docket_name"] != known["docket_name"]:
        _check_numbering(tx, code, row["kind"] or rules.usual, row["docket_name"], rules)
    if row != known:
        record(tx, Change(kind="office_changed", actor=by, at=at, rows={"offices": [row]}, reason=reason))


def close_office(tx: Connection, code: str, *, by: str, at: datetime, reason: str | None = None) -> None:
    """Close an office: no case is opened there and nobody is appointed there any more. Raises OfficeInvalid.

    Its people must have moved or left before; its cases stay where they are and seen by the offices above.
    Nothing happens where it is closed already.
    """
    begin(tx)
    row = dict(_known(tx, code))
    if row["closed_at"] is not None:
        return
    if queries.people_at(tx, code, at=at):
        raise _invalid(
            "机构还有在任人员，请先办理调动或者离任",
            "people still hold roles at the office: let them move or leave first",
        )
    change = Change(kind="office_closed", actor=by, at=at, rows={"offices": [{**row, "closed_at": at}]}, reason=reason)
    record(tx, change)


def _known(tx: Connection, code: str) -> Mapping[Any, Any]:
    row = queries.office(tx, code)
    if row is None:
        raise _invalid(*NO_SUCH_OFFICE)
    return row


def _check(draft: OfficeDraft, kind: str, rules: Offices) -> None:
    if not _CODE.fullmatch(draft.code):
        raise _invalid("机构代码应为二至三十二个字母和数字", "an office code is two to thirty-two letters and digits")
    if not _REGION.fullmatch(draft.region):
        raise _invalid("区划代码应为六位数字", "a region is a code of six digits")
    if draft.level not in LEVEL_NAMES:
        able = listed(LEVEL_NAMES.values())
        raise _invalid(f"层级须为下列之一：{able.zh}", f"a level is one of: {able.en}")
    if kind not in rules.kinds:
        able = listed(Text(one.label.zh, one.label.en) for one in rules.kinds.values())
        raise _invalid(
            f"没有所填的机构类别；可以填写的有：{able.zh}", f"there is no such kind of office; there are: {able.en}"
        )
    for name in _LONGEST:
        _check_name(name, getattr(draft, name))


def _check_name(name: str, value: str) -> None:
    if not is_text(value, _LONGEST[name]):
        longest = _LONGEST[name]
        raise _invalid(
            f"机构的各项名称须为 1 至 {longest} 字的有效文字",
            f"each of an office's names is valid text of 1 to {longest} characters",
        )


def _check_numbering(tx: Connection, code: str, kind: str, name: str, rules: Offices) -> None:
    """Raises OfficeInvalid where another open office's docket numbers begin alike: two cases would bear one number.

    Outside bodies number no cases.
    """

    def numbers(one: str) -> bool:
        return one in rules.kinds and not rules.kinds[one].outside

    if not numbers(kind):
        return
    for row in queries.all_offices(tx):
        alike = row["docket_name"].strip() == name.strip() and row["code"] != code
        if alike and row["closed_at"] is None and numbers(row["kind"] or rules.usual):
            raise _invalid(
                f"“{row['name_zh']}”的案号已以“{name}”开头，两机构会编出相同案号，请另填案号名称",
                f"the docket numbers of '{row['name_en']}' begin with '{name}' already, and two cases would bear the "
                "same number: give another name for them",
            )


def _path_under(tx: Connection, code: str, rules: Offices) -> str:
    row = _known(tx, code)
    if row["closed_at"] is not None:
        raise _invalid(
            f"上级机构“{row['name_zh']}”已撤销，请填写现有的上级机构",
            f"the office above it, '{row['name_en']}', is closed: name one that is not",
        )
    kind = rules.kinds.get(row["kind"] or rules.usual)
    if kind is not None and kind.outside:
        raise _invalid(
            "外部机构之下不能再设机构，请填写其他上级机构",
            "no office can be placed under an outside body: name another office above it",
        )
    return str(row["path"])


def _invalid(zh: str, en: str) -> OfficeInvalid:
    return OfficeInvalid(zh=zh, en=en)
