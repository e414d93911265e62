"""What a version says with its chapters and all that it inherits, put together once more and as plainly as can be."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

Raw = dict[str, Any]
NAMES = {"steps": "event", "incidents": "opens"}


def read(path: Path) -> Any:
    """A file as plain data, by the parser in C where there is one."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def written(folder: Path) -> dict[str, list[str]]:
    """The first days of every version by the folder it lies in."""
    found: dict[str, set[str]] = {}
    for path in [*folder.glob("*/????-??-??.yaml"), *folder.glob("*/????-??-??/*.yaml")]:
        day = path.stem if path.parent.parent == folder else path.parent.name
        key = path.parent.name if path.parent.parent == folder else path.parent.parent.name
        found.setdefault(key, set()).add(day)
    return {key: sorted(days) for key, days in sorted(found.items())}


@cache
def base_of(folder: Path, key: str, day: str) -> str | None:
    """The version that a version says it is based on, as it names it."""
    one_file = folder / key / f"{day}.yaml"
    paths = [one_file] if one_file.exists() else sorted((folder / key / day).glob("*.yaml"))
    return next((str(part["based_on"]) for part in map(read, paths) if "based_on" in part), None)


@cache
def whole(folder: Path, key: str, day: str) -> Raw:
    """A version as one mapping. What is written anew replaces what is inherited.

    What nobody here reads is left as it stands: a `basis`, and the promises, of which only the version's own are there.
    """
    one_file = folder / key / f"{day}.yaml"
    parts = [read(one_file)] if one_file.exists() else [read(p) for p in sorted((folder / key / day).glob("*.yaml"))]
    own: Raw = {}
    for part in parts:
        for section, entries in part.items():
            if isinstance(entries, dict) and isinstance(own.get(section), dict):
                own[section] = {**own[section], **entries}
            elif isinstance(entries, list) and isinstance(own.get(section), list):
                own[section] = own[section] + entries
            else:
                own[section] = entries
    if "based_on" not in own:
        return own
    base = whole(folder, *str(own["based_on"]).split("/"))
    gone = own.get("drops") or {}
    result = {k: v for k, v in base.items() if k not in ("title", "basis", "in_force", "note", "ruling_needed")}
    result |= {section: entries for section, entries in own.items() if section not in ("based_on", "drops")}
    for section in {**base, **own}:
        mine, theirs = own.get(section), base.get(section)
        kind = next((type(one) for one in (mine, theirs) if one is not None), None)
        if section in ("governs", "levels", "indexes", "in_force", "title", "note", "basis", "drops", "always"):
            continue
        if kind is dict:
            result[section] = _named(theirs or {}, mine or {}, gone.get(section) or [])
        elif section in NAMES:
            result[section] = _listed(theirs or [], mine or [], gone.get(section) or [], NAMES[section])
    return result


def _named(theirs: Raw, mine: Raw, gone: Any) -> Raw:
    names = [name for name in theirs if name not in _many(gone)]
    names = _placed(names, {name: entry.get("placed_after") for name, entry in mine.items()})
    return {name: _plain(mine[name] if name in mine else theirs[name]) for name in names}


def _listed(theirs: list[Raw], mine: list[Raw], gone: Any, word: str) -> list[Raw]:
    """Groups of one name count as one entry, at the place of the first of them unless nothing replaces them."""
    anew: dict[str, list[Raw]] = {}
    for entry in mine:
        anew.setdefault(entry[word], []).append(entry)
    left: list[tuple[str, list[Raw]]] = []
    for entry in theirs:
        name = entry[word]
        if name in anew:
            if name not in [one for one, _ in left]:
                left.append((name, anew[name]))
        elif name not in _many(gone):
            left.append((name, [entry]))
    for before, (name, entries) in zip([None, *anew], anew.items(), strict=False):
        after = entries[0].get("placed_after")
        if after is None and name in [one for one, _ in left]:
            continue
        left = [one for one in left if one[0] != name]
        at = [place for place, one in enumerate(left) if one[0] == (after or before)]
        left.insert(at[-1] + 1 if at else len(left), (name, entries))
    return [_plain(entry) for _, entries in left for entry in entries]


def _plain(entry: Raw) -> Raw:
    return {key: value for key, value in entry.items() if key != "placed_after"}


def _placed(names: list[str], mine: dict[str, str | None]) -> list[str]:
    before = None
    for name, after in mine.items():
        if after is not None or name not in names:
            names = [one for one in names if one != name]
            behind = after or before
            names.insert(names.index(behind) + 1 if behind in names else len(names), name)
        before = name
    return names


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
