"""The entries of a definition with the file and line of each, put together into one source; it judges none of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from adjudicate.definition.nouns import ENTRIES, LISTED, NAMED
from adjudicate.definition.yaml_source import Path, Source
from adjudicate.errors import Fault, Leaves
from adjudicate.law.text import Text

SECTIONS = frozenset((*NAMED, *LISTED))
BASED_ON, DROPS, PLACED_AFTER = "based_on", "drops", "placed_after"

# The word whose value names an item of a list; a promise has no name but what it says.
_NAMED_BY = {"incidents": ("opens",), "steps": ("event",), "siblings": ("called", "opens"), "handoffs": ("when",)}
_UNSAID = frozenset({"label", "basis", PLACED_AFTER})


@dataclass(frozen=True, eq=False)
class LawFile:
    """One file of the law, with the lines of what lies under each of its entries at hand."""

    source: Source

    @cached_property
    def _under(self) -> Mapping[Path, list[tuple[Path, int]]]:
        found: dict[Path, list[tuple[Path, int]]] = {}
        for path, line in self.source.lines.items():
            for depth in range(1, min(len(path), 2) + 1):
                found.setdefault(path[:depth], []).append((path[depth:], line))
        return found

    def lines_under(self, path: Path) -> Sequence[tuple[Path, int]]:
        """Every path below an entry, from the entry itself, with its line."""
        return self._under.get(path, ())

    def line(self, path: Path) -> int:
        """The line of the deepest known part of a path."""
        return self.source.line(path)

    def at(self, path: Path) -> str:
        """A place as it is printed: file and line."""
        return f"{self.source.file}:{self.line(path)}"


class Part(NamedTuple):
    """A value in a file; `heir` is the place of the definition that inherits it, if it was not written there."""

    file: LawFile
    path: Path
    value: Any
    heir: str = ""

    @property
    def place(self) -> str:
        """File and line."""
        return self.file.at(self.path)

    def fault(self, en: str, zh: str, *below: str | int) -> Fault:
        """A fault at this value, or at something in it."""
        path = (*self.path, *below)
        return Fault(self.file.source.file, self.file.line(path), en=en, zh=zh, inherited_by=self.heir)


class Item(NamedTuple):
    """An entry of a section and what it is called there."""

    name: str
    part: Part


@dataclass(frozen=True, eq=False)
class Written:
    """A definition as it was written or inherited: its single values and the items of each section, in order."""

    key: str
    day: date
    head: LawFile
    singles: Mapping[str, Part]
    sections: Mapping[str, tuple[Item, ...]]
    files: tuple[str, ...]

    @property
    def path(self) -> str:
        """Where the definition lies: its file, or the folder of its chapters."""
        return self.head.source.file if len(self.files) == 1 else self.head.source.file.rpartition("/")[0]

    def fault(self, key: str, en: str, zh: str) -> Fault:
        """A fault at a single value, or at the head where it has none."""
        if key in self.singles:
            return self.singles[key].fault(en, zh)
        return Fault(self.head.source.file, self.head.line(()), en, zh)


def name_of(section: str, value: Any, place: int) -> str:
    """What an item of a list is called: the event of a step, the incident that is opened, what a promise says."""
    if isinstance(value, dict):
        if section == "always":
            return promise(value)
        found = [value[word] for word in _NAMED_BY[section] if isinstance(value.get(word), str)]
        if found:
            return str(found[0])
    return f"#{place}"


def called(section: str, name: str) -> Text:
    """An entry as a sentence names it."""
    kind = ENTRIES[section]
    return Text(f"{kind.zh}“{name}”", f"{kind.en} '{name}'")


def promise(line: Mapping[Any, Any]) -> str:
    """An `always` line without its label and citation: the same text for the same promise, however it is laid out."""
    said = {str(key): _as_list(value) for key, value in line.items() if key not in _UNSAID}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, default=str)


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def items_of(file: LawFile, section: str) -> Iterator[Item]:
    """The items that a file has in a section; nothing where the section is not of the right kind."""
    value = file.source.data.get(section)
    if section in NAMED and isinstance(value, dict):
        for name, entry in value.items():
            yield Item(str(name), Part(file, (section, str(name)), entry))
    elif section in LISTED and isinstance(value, list):
        for place, entry in enumerate(value):
            yield Item(name_of(section, entry, place), Part(file, (section, place), entry))


def is_section(key: str, value: Any) -> bool:
    """Whether a key of a file holds entries; a section of the wrong kind is left to the models to refuse."""
    return (key in NAMED and isinstance(value, dict)) or (key in LISTED and isinstance(value, list))


@dataclass(frozen=True)
class ComposedSource(Source):
    """A definition out of several files as one source; faults point to the file that each entry was written in."""

    origins: Mapping[Path, Part]

    def origin(self, path: Sequence[str | int]) -> Part | None:
        """The part that a path lies in, if it lies in one."""
        for depth in (2, 1):
            found = self.origins.get(tuple(path[:depth]))
            if found is not None:
                return found
        return None

    def place(self, path: Sequence[str | int]) -> tuple[str, int]:
        """The file and the line of a path."""
        found = self.origin(path)
        return (self.file if found is None else found.file.source.file), self.line(path)

    def element_line(self, file: str, line: int) -> int | None:
        """The line on which the step, deadline, fact … begins that a line of one of the files lies in."""
        begun = [
            (at, len(path)) for path, at in self.lines.items()
            if 0 < len(path) <= 2 and at <= line and self.place(path)[0] == file
        ]  # fmt: skip
        found = max(begun, default=(0, 0))
        return found[0] if found[1] > 1 else None

    def fault(self, path: Sequence[str | int], en: str, zh: str, leaves: Leaves = Leaves.NOTHING) -> Fault:
        """A fault at that path; one in an inherited entry names the definition that inherits it as well."""
        found = self.origin(path)
        file, line = self.place(path)
        return Fault(file, line, en, zh, leaves, "" if found is None else found.heir)


def composed(written: Written) -> Source:
    """The whole definition as one source. What only says how it was put together is left out of its data."""
    based = BASED_ON in written.singles
    data: dict[str, Any] = {}
    lines: dict[Path, int] = {(): written.head.line(())}
    origins: dict[Path, Part] = {}
    for key, part in written.singles.items():
        if key not in (BASED_ON, DROPS):
            data[key] = part.value
            _take(part, (key,), lines, origins)
    for section, items in written.sections.items():
        _begin(section, items[0].part, written, lines, origins)
        entries: dict[Any, Any] = {}
        for place, item in enumerate(items):
            name = item.name if section in NAMED else place
            entries[name] = _without_place(item.part.value) if based else item.part.value
            _take(item.part, (section, name), lines, origins)
        data[section] = entries if section in NAMED else list(entries.values())
    return ComposedSource(written.head.source.file, data, lines, origins)


def _begin(section: str, first: Part, written: Written, lines: dict[Path, int], origins: dict[Path, Part]) -> None:
    """Where a section begins: in the head file if it stands there, else where its first entry does."""
    file = written.head if (section,) in written.head.source.lines else first.file
    lines[(section,)] = file.line((section,))
    origins[(section,)] = Part(file, (section,), None, first.heir if file is first.file else "")


def _take(part: Part, path: Path, lines: dict[Path, int], origins: dict[Path, Part]) -> None:
    origins[path] = part
    for below, line in part.file.lines_under(part.path):
        lines[(*path, *below)] = line


def _without_place(value: Any) -> Any:
    return {k: v for k, v in value.items() if k != PLACED_AFTER} if isinstance(value, dict) else value


def grouped(items: Iterable[Item]) -> dict[str, list[Item]]:
    """The items by name, in the order in which each name first stands."""
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.name, []).append(item)
    return found
