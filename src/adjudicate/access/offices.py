"""Offices added, renamed and closed, each change with its entry in the administrative ledger."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adjudicate.access import queries
from adjudicate.access.administration import begin, new_row, record
from adjudicate.access.errors import OfficeInvalid
from adjudicate.access.texts import is_text
from adjudicate.definition.values import LEVELS
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
        raise _invalid(f"机构“{draft.code}”已存在", f"there already is an office '{draft.code}'")
    _check_numbering(tx, draft.code, kind, draft.docket_name, rules)
    above = "" if draft.parent is None else _path_under(tx, draft.parent, rules)
    path = f"{above}{draft.code}/"
    if len(path) > _DEEPEST:
        raise _invalid("机构层级过深", "the office lies too deep in the tree")
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
            "people still hold roles at the office; let them move or leave first",
        )
    change = Change(kind="office_closed", actor=by, at=at, rows={"offices": [{**row, "closed_at": at}]}, reason=reason)
    record(tx, change)


def _known(tx: Connection, code: str) -> Mapping[Any, Any]:
    row = queries.office(tx, code)
    if row is None:
        raise _invalid(f"没有机构“{code[:32]}”", f"there is no office '{code[:32]}'")
    return row


def _check(draft: OfficeDraft, kind: str, rules: Offices) -> None:
    if not _CODE.fullmatch(draft.code):
        raise _invalid("机构代码应为二至三十二个字母和数字", "an office code is two to thirty-two letters and digits")
    if not _REGION.fullmatch(draft.region):
        raise _invalid("区划代码应为六位数字", "a region is a code of six digits")
    if draft.level not in LEVELS:
        raise _invalid(f"层级应为 {'、'.join(LEVELS)} 之一", f"a level is one of {', '.join(LEVELS)}")
    if kind not in rules.kinds:
        known = ", ".join(rules.kinds)
        raise _invalid(
            f"没有“{kind[:40]}”这类机构（已知：{known}）", f"no kind of office is '{kind[:40]}'; known: {known}"
        )
    for name in _LONGEST:
        _check_name(name, getattr(draft, name))


def _check_name(name: str, value: str) -> None:
    if not is_text(value, _LONGEST[name]):
        zh = f"机构名称和案号名称不得为空，不得超过 {_LONGEST[name]} 个字，且应为有效的文字"
        raise _invalid(zh, f"an office's name is valid text of one to {_LONGEST[name]} characters")


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
                f"机构“{row['code']}”的案号已以“{name}”开头，两机构会编出相同案号",
                f"the docket numbers of the office '{row['code']}' begin with '{name}' already; "
                "two cases would bear the same number",
            )


def _path_under(tx: Connection, code: str, rules: Offices) -> str:
    row = _known(tx, code)
    if row["closed_at"] is not None:
        raise _invalid(f"上级机构“{code}”已撤销", f"the office '{code}' above it is closed")
    kind = rules.kinds.get(row["kind"] or rules.usual)
    if kind is not None and kind.outside:
        raise _invalid("外部机构之下不能再设机构", "no office can be placed under an outside body")
    return str(row["path"])


def _invalid(zh: str, en: str) -> OfficeInvalid:
    return OfficeInvalid(zh=zh, en=en)
