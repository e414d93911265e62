"""A definition printed whole, as a lawyer reads it: what it inherits included, each entry with where it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import yaml

from adjudicate.definition import overlays
from adjudicate.definition.catalogue import Catalogue, LocalRule, Version
from adjudicate.definition.kept_form import plain
from adjudicate.errors import NoLawInForce

# The order of a lawyer's questions: which law, who, which facts, conditions, states and times, which steps.
_HEAD = ("workflow", "kind", "title", "basis", "in_force", "governs", "levels", "note", "ruling_needed")
_SECTIONS = (
    *("parties", "reads", "facts", "conditions", "states", "dockets", "deadlines", "incidents", "steps", "siblings"),
    *("handoffs", "indexes", "always"),
)
_WIDTH = 120
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def whole(catalogue: Catalogue, key: str, day: date, region: str | None = None) -> str:
    """A version as one YAML file, as it applies in a region if one is given. Raises NoLawInForce with what there is.

    Without local rules the text, put in place of the definition's files, is the same definition.
    """
    days = catalogue.versions(key)
    if day not in days:
        raise _no_version(catalogue, key, day, days)
    version = catalogue.versions_by_key[key][day]
    local = catalogue.overlays(key, day, region) if region else []
    return "".join(f"{line}\n" for line in _lines(version, local))


def _no_version(catalogue: Catalogue, key: str, day: date, days: Sequence[date]) -> NoLawInForce:
    try:
        in_force = catalogue.selected(key, day)
    except NoLawInForce:
        listed_zh, listed_en = "、".join(map(str, days)), ", ".join(map(str, days))
        hint_zh, hint_en = f"各版本的施行首日为：{listed_zh}。", f"Its versions are in force from: {listed_en}."
    else:
        hint_zh, hint_en = (
            f"该日施行的是自 {in_force} 起的版本。",
            f"In force on that day is the version of {in_force}.",
        )
    return NoLawInForce(
        zh=f"“{key}”没有自 {day} 起施行的版本。{hint_zh}", en=f"'{key}' has no version that begins on {day}. {hint_en}"
    )


def _lines(version: Version, local: Sequence[LocalRule]) -> Iterator[str]:
    data, came_from = version.source.data, _Origins(version)
    if local:
        data = _with_local_rules(version, local, came_from)
    for key in _HEAD:
        if key in data:
            yield from _entry(f"{key}:", data[key], 0, came_from.place((key,)))
    for section in _SECTIONS:
        entries = data.get(section)
        if not entries:
            continue
        yield ""
        if section == "indexes":
            yield from _entry("indexes:", entries, 0, came_from.place(("indexes",)))
            continue
        yield f"{section}:"
        if isinstance(entries, Mapping):
            for name, entry in entries.items():
                yield from _entry(f"{name}:", entry, 2, came_from.place((section, str(name))))
        else:
            for number, entry in enumerate(entries):
                yield from _item(entry, 2, came_from.place((section, number)))


class _Origins:
    """Where each entry was written, or the local rule that changed it."""

    def __init__(self, version: Version) -> None:
        self._source = version.source
        self.changed: dict[tuple[str | int, ...], str] = {}

    def place(self, path: tuple[str | int, ...]) -> str:
        """File and line."""
        file, line = self._source.place(path)
        return self.changed.get(path, f"{file}:{line}")


def _with_local_rules(version: Version, local: Sequence[LocalRule], came_from: _Origins) -> dict[str, Any]:
    """The definition's data with what local rules change, in the words of the models."""
    applied = overlays.applied(version.workflow, [rule.overlay for rule in local])
    data = dict(version.source.data)
    for section in ("conditions", "deadlines"):
        before, after = getattr(version.workflow, section), getattr(applied, section)
        data[section] = dict(data.get(section) or {})
        for name in [name for name in after if before.get(name) != after[name]]:
            data[section][name] = _days(plain(after[name]))
            came_from.changed[section, name] = _changed_by(local, name)
    data["steps"] = [
        one if old == new else {**one, "expects": list(new.expects)}
        for one, old, new in zip(data["steps"], version.workflow.steps, applied.steps, strict=True)
    ]
    return data


def _changed_by(local: Sequence[LocalRule], name: str) -> str:
    """The local rule that an entry comes from; of several that change it the last."""
    for rule in reversed(local):
        raised = [overlays.raised_name(one, rule.overlay) for one in rule.overlay.raises]
        for path in (("deadlines", name), *((("raises",),) if name in raised else ())):
            if path in rule.source.lines:
                return f"{rule.path}:{rule.source.line(path)}"
    return local[-1].path


def _days(value: Any) -> Any:
    """Plain values with days as YAML has them, also where they are keys."""
    if isinstance(value, dict):
        if set(value) == {"$day"}:
            return date.fromisoformat(value["$day"])
        return {_days(key): _days(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_days(one) for one in value]
    return date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else value


def _entry(opening: str, value: Any, indent: int, place: str) -> Iterator[str]:
    """A key with its value, on one line where it fits; the place stands behind the first line."""
    first, *rest = _laid_out(opening, value, indent)
    yield f"{first}  # {place}"
    yield from rest


def _item(value: Any, indent: int, place: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{' ' * indent}- {_flow(value)}  # {place}"
        return
    lines = [line for key, one in value.items() for line in _laid_out(f"{key}:", one, indent + 2)]
    yield f"{' ' * indent}- {lines[0].lstrip()}  # {place}"
    yield from lines[1:]


def _laid_out(opening: str, value: Any, indent: int) -> list[str]:
    space = " " * indent
    short = f"{space}{opening} {_flow(value)}"
    if not isinstance(value, Mapping | list) or not value or len(short) <= _WIDTH:
        return [short]
    if isinstance(value, list) and not any(isinstance(one, Mapping | list) for one in value):
        return [short]
    lines = [f"{space}{opening}"]
    if isinstance(value, Mapping):
        for key, one in value.items():
            lines += _laid_out(f"{_flow(key)}:", one, indent + 2)
        return lines
    for one in value:
        if isinstance(one, Mapping) and len(_flow(one)) + indent + 4 > _WIDTH:
            inner = [line for key, part in one.items() for line in _laid_out(f"{_flow(key)}:", part, indent + 4)]
            lines += [f"{space}  - {inner[0].lstrip()}", *inner[1:]]
        else:
            lines.append(f"{space}  - {_flow(one)}")
    return lines


class _Dumper(yaml.SafeDumper):
    """Writes every value out, and no text over several lines."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - as the library calls it
        return True


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"' if "\n" in value else None)


_Dumper.add_representer(str, _text)


def _flow(value: Any) -> str:
    text: str = yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, default_flow_style=True, sort_keys=False, width=10**9
    )
    return text.strip().removesuffix("...").strip()
