"""Where in a file something stands, as a sentence names it: a step by its event, the third of a list by its number."""

from __future__ import annotations

from typing import Any

from adjudicate.definition.nouns import ENTRIES
from adjudicate.law.periods import quoted
from adjudicate.law.text import Text

THE_FILE = Text("整个文件", "the file")


def ordinal(number: int) -> Text:
    """第3个 / the 3rd, counted from 1."""
    ends = {1: "st", 2: "nd", 3: "rd"}
    suffix = "th" if number % 100 in (11, 12, 13) else ends.get(number % 10, "th")
    return Text(f"第{number}个", f"the {number}{suffix}")


def placed(path: tuple[str | int, ...], data: Any, entries: Text | None = None) -> Text:
    """The place of a path in the data of a file; `entries` is what a register holds, one to a key."""
    if not path:
        return THE_FILE
    first = path[0]
    if entries is not None:
        return _inside(Text(f"{entries.zh}“{quoted(str(first))}”", f"{entries.en} '{quoted(str(first))}'"), path[1:])
    if first in ENTRIES and len(path) > 1:
        return _inside(_element(ENTRIES[str(first)], data, str(first), path[1]), path[2:])
    return _inside(_key(str(first)), path[1:])


def _key(name: str) -> Text:
    return Text(f"“{quoted(name)}”", f"'{quoted(name)}'")


def _element(noun: Text, data: Any, section: str, key: str | int) -> Text:
    if isinstance(key, int):
        element = data[section][key] if isinstance(data, dict) and isinstance(data.get(section), list) else None
        name = (element.get("event") or element.get("opens")) if isinstance(element, dict) else None
        if not isinstance(name, str):
            number = ordinal(key + 1)
            zh = f"{number.zh}{noun.zh}" if section != "always" else f"第{key + 1}条{noun.zh}"
            return Text(zh, f"{number.en} {noun.en}")
        key = name
    return Text(f"{noun.zh}“{quoted(key)}”", f"{noun.en} '{quoted(key)}'")


def _inside(where: Text, rest: tuple[str | int, ...]) -> Text:
    for part in rest:
        if isinstance(part, int):
            number = ordinal(part + 1)
            where = Text(f"{where.zh}的{number.zh.replace('个', '项')}", f"{number.en} of {where.en}")
        else:
            where = Text(f"{where.zh}的“{quoted(part)}”", f"'{quoted(part)}' of {where.en}")
    return where
