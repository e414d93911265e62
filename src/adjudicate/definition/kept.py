"""Laws as the database keeps them, each read by the rules of the format it was kept in; it reads no folder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from adjudicate.definition import kept_format_1, pinned
from adjudicate.definition.rulebook import Rulebook
from adjudicate.errors import KeptLawUnreadable


def read(form: int, body: Mapping[str, Any], key: str, day: date, region: str) -> Rulebook:
    """The law of that procedure and first day. Raises KeptLawUnreadable, also for a format of a later release."""
    if form == kept_format_1.FORMAT:
        return kept_format_1.read(body, key, day, region)
    if form != pinned.FORMAT:
        raise unknown_format(form)
    found = pinned.read(body, region)
    if (found.key, found.day) != (key, day):
        said = f"{found.key}/{found.day}"
        raise KeptLawUnreadable(
            zh=f"所存法律文本写的是 {said}，不是 {key}/{day}",
            en=f"a kept law says {said} where {key}/{day} is looked for",
        )
    return found


def unknown_format(form: int) -> KeptLawUnreadable:
    """The refusal of what this release cannot read."""
    known = f"{kept_format_1.FORMAT}–{pinned.FORMAT}"
    return KeptLawUnreadable(
        zh=f"所存法律文本的格式为 {form}，本版本只能读取 {known}：请使用写入该数据库的版本或者更新的版本",
        en=f"a law was kept in format {form}, this release reads {known}: use the release that wrote it or a later one",
    )
