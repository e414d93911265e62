"""What a definition based on another says as a whole: entries replaced, dropped or new; nothing is merged inside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from adjudicate.definition.law_files import Which
from adjudicate.definition.nouns import LISTED, NAMED
from adjudicate.definition.parts import (
    BASED_ON,
    DROPS,
    PLACED_AFTER,
    SECTIONS,
    Item,
    Part,
    Written,
    called,
    grouped,
    promise,
)
from adjudicate.errors import Fault
from adjudicate.law.suggestion import suggestion

_DEEPEST = 2
_BASE = re.compile(r"([a-z][a-z0-9-]*)/(\d{4}-\d{2}-\d{2})")
# What the head of a base hands on; the rest of it (title, basis, time in force, notes) speaks of that version alone.
_INHERITED = ("kind", "governs", "levels", "indexes")


class Resolver:
    """Resolves every definition once. `broken` are those whose files could not be read: they are nobody's base."""

    def __init__(self, written: Mapping[Which, Written], broken: Iterable[Which] = ()) -> None:
        self._written = written
        self._broken = frozenset(broken)
        self._done: dict[Which, tuple[Written | None, list[Fault]]] = {}

    def resolve(self, which: Which) -> tuple[Written | None, list[Fault]]:
        """The definition with all that it inherits, and what is wrong with how it inherits.

        None where it cannot be told; without a fault then, if the reason is a base that has faults of its own.
        """
        if which not in self._done:
            self._done[which] = self._resolved(self._written[which])
        return self._done[which]

    def _resolved(self, own: Written) -> tuple[Written | None, list[Fault]]:
        if BASED_ON not in own.singles:
            return own, []
        base, faults = self._base(own)
        if base is None or faults:
            return None, faults
        heir = own.singles[BASED_ON].place
        dropped, faults = _dropped(own, base)
        faults += _other_kind(own, base)
        sections = {}
        for section in [name for name in (*NAMED, *LISTED) if name in base.sections or name in own.sections]:
            theirs = [Item(item.name, item.part._replace(heir=heir)) for item in base.sections.get(section, ())]
            mine = own.sections.get(section, ())
            items = _merged(section, theirs, mine, dropped.get(section, frozenset()), faults)
            if items:
                sections[section] = items
        singles = {key: base.singles[key]._replace(heir=heir) for key in _INHERITED if key in base.singles}
        whole = Written(own.key, own.day, own.head, {**singles, **own.singles}, sections, own.files)
        return whole, faults

    def _base(self, own: Written) -> tuple[Written | None, list[Fault]]:
        """The base as a whole. Its own faults are told where they are."""
        chain, at = [(own.key, own.day)], own
        while BASED_ON in at.singles:
            named = self._named(at.singles[BASED_ON].value)
            if named is None or named not in self._written:
                if at is not own or named in self._broken:
                    return None, []
                return None, [self._missing(own)]
            if named in chain:
                return None, [_circle(own, [*chain, named])] if named == chain[0] else []
            chain.append(named)
            at = self._written[named]
            if len(chain) > _DEEPEST + 1:
                return None, [_too_deep(own, chain)]
        return self.resolve(chain[1])[0], []

    @staticmethod
    def _named(value: Any) -> Which | None:
        match = _BASE.fullmatch(value) if isinstance(value, str) else None
        try:
            return None if match is None else (match[1], date.fromisoformat(match[2]))
        except ValueError:
            return None

    def _missing(self, own: Written) -> Fault:
        value = own.singles[BASED_ON].value
        known = [shown(which) for which in self._written if which != (own.key, own.day)]
        if self._named(value) is None:
            en = f"'based_on' names a procedure and a first day in force, as in 'procedure/2025-02-01', not '{value}'."
            zh = f"based_on 须写明程序和施行首日，例如“procedure/2025-02-01”，而不是“{value}”。"
        else:
            en, zh = f"it is based on '{value}', which there is not.", f"所依据的“{value}”不存在。"
        near = suggestion(str(value), known)
        return own.fault(BASED_ON, f"{en}{near.en}", f"{zh}{near.zh}")


def shown(which: Which) -> str:
    """A definition as `based_on` names it."""
    return f"{which[0]}/{which[1]}"


def _circle(own: Written, chain: list[Which]) -> Fault:
    way_en = ", which is based on ".join(f"'{shown(which)}'" for which in chain[1:])
    way_zh = "，后者依据".join(f"“{shown(which)}”" for which in chain[1:])
    return own.fault(BASED_ON, f"it is based on {way_en}: a circle", f"此定义依据{way_zh}：循环依据")


def _too_deep(own: Written, chain: list[Which]) -> Fault:
    way_en = ", which is based on ".join(f"'{shown(which)}'" for which in chain[1:])
    way_zh = "，后者依据".join(f"“{shown(which)}”" for which in chain[1:])
    return own.fault(
        BASED_ON,
        f"it is based on {way_en}: at most {_DEEPEST} definitions may stand behind one",
        f"此定义依据{way_zh}：向上至多依据 {_DEEPEST} 层",
    )


def _other_kind(own: Written, base: Written) -> list[Fault]:
    def kind(one: Written) -> Any:
        return one.singles["kind"].value if "kind" in one.singles else "procedure"

    if "kind" not in own.singles or kind(own) == kind(base):
        return []
    other = f"{base.key}/{base.day}"
    en = f"this is of kind '{kind(own)}', but what it is based on, '{other}', is of kind '{kind(base)}'"
    return [own.fault("kind", en, f"此定义的类型为“{kind(own)}”，而所依据的“{other}”为“{kind(base)}”")]


def _dropped(own: Written, base: Written) -> tuple[dict[str, frozenset[str]], list[Fault]]:
    """The names that each section loses. What the base does not have, or is written anew, cannot be dropped."""
    part = own.singles.get(DROPS)
    if part is None:
        return {}, []
    if not isinstance(part.value, dict):
        en = "'drops' lists names by section, such as {deadlines: [answer], steps: [case_docketed]}"
        return {}, [part.fault(en, "drops 按部分列出名称，例如 {deadlines: [answer], steps: [case_docketed]}")]
    found: dict[str, frozenset[str]] = {}
    faults: list[Fault] = []
    for section, listed in part.value.items():
        if section not in SECTIONS:
            near = suggestion(str(section), SECTIONS)
            en = f"'drops' knows no section '{section}'.{near.en}"
            faults.append(part.fault(en, f"drops 中没有“{section}”这一部分。{near.zh}", str(section)))
            continue
        names = []
        for place, name in enumerate(listed if isinstance(listed, list) else [listed]):
            here = (section, place) if isinstance(listed, list) else (section,)
            names.append(promise(name) if section == "always" and isinstance(name, dict) else str(name))
            faults.extend(_undroppable(section, names[-1], own, base, part, here))
        found[section] = frozenset(names)
    return found, faults


def _undroppable(
    section: str, name: str, own: Written, base: Written, part: Part, here: tuple[str | int, ...]
) -> Iterable[Fault]:
    said = called(section, name)
    theirs = {item.name for item in base.sections.get(section, ())}
    mine = [item.part for item in own.sections.get(section, ()) if item.name == name]
    if name not in theirs:
        near = suggestion(name, theirs)
        en = f"the base, '{base.key}/{base.day}', has no {said.en} that could be dropped.{near.en}"
        zh = f"所依据的“{base.key}/{base.day}”没有{said.zh}，无从略去。{near.zh}"
        yield part.fault(en, zh, *here)
    elif mine:
        where = mine[0].place
        en = f"{said.en} is dropped, but written anew at {where}: an entry written anew replaces the base's by itself"
        yield part.fault(en, f"{said.zh}既被略去，又在 {where} 重新写出：重新写出的条目本就取代原条目", *here)


def _merged(
    section: str, theirs: list[Item], mine: tuple[Item, ...], dropped: frozenset[str], faults: list[Fault]
) -> tuple[Item, ...]:
    """The base's items with mine in them.

    Mine stand where the base's of that name began; new ones behind the entry that I wrote before them, or behind the
    one that `placed_after` names, or else at the end.
    """
    groups = grouped(mine)
    known = {item.name for item in theirs}
    result: list[Item] = []
    for item in theirs:
        if item.name in groups:
            result.extend(() if any(one.name == item.name for one in result) else groups[item.name])
        elif item.name not in dropped:
            result.append(item)
    before: str | None = None
    for name, items in groups.items():
        after = _placed_after(items[0].part)
        if after is not None:
            result = [one for one in result if one.name != name]
            if not any(one.name == after for one in result):
                faults.append(_nowhere(section, items[0], after, result))
        elif name not in known:
            after = before
        if after is not None or name not in known:
            places = [place for place, one in enumerate(result) if one.name == after]
            end = places[-1] + 1 if places else len(result)
            result[end:end] = items
        before = name
    return tuple(result)


def _placed_after(part: Part) -> str | None:
    value = part.value.get(PLACED_AFTER) if isinstance(part.value, dict) else None
    return None if value is None else str(value)


def _nowhere(section: str, item: Item, after: str, result: list[Item]) -> Fault:
    near = suggestion(after, {one.name for one in result})
    here, there = called(section, item.name), called(section, after)
    return item.part.fault(
        f"{here.en} is to be placed after {there.en}, which there is not.{near.en}",
        f"{here.zh}须置于{there.zh}之后，但后者不存在。{near.zh}",
        PLACED_AFTER,
    )
