"""The law of a folder as loaded: every version of every procedure, its incidents and its local rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock

from adjudicate.definition import article_index, overlays, pinned
from adjudicate.definition.article_index import ArticleIndex
from adjudicate.definition.folder import read_folder
from adjudicate.definition.models import Overlay
from adjudicate.definition.offices import Offices
from adjudicate.definition.registers import Registers, RegisterSet
from adjudicate.definition.rulebook import CompiledWorkflow, Rulebook
from adjudicate.definition.survey import Survey, survey
from adjudicate.definition.versions import LocalRule, Version
from adjudicate.errors import DefinitionError, NoLawInForce
from adjudicate.law.periods import quoted
from adjudicate.law.suggestion import unknown
from adjudicate.law.text import Text

__all__ = ["Catalogue", "LocalRule", "RegionalLaws", "Survey", "Version", "from_texts", "load", "read_texts", "survey"]


class Catalogue:
    """All versions by key and day. Build it with `load` or `from_texts`; a catalogue with a fault is never built."""

    def __init__(
        self,
        registers: RegisterSet,
        offices: Offices,
        versions: Mapping[str, Mapping[date, Version]],
        local_rules: Mapping[str, tuple[LocalRule, ...]],
        texts: Mapping[str, str] | None = None,
    ) -> None:
        self._texts = texts or {}
        self.register_set = registers
        self.offices = offices
        self.versions_by_key = versions
        self._local = local_rules
        self._rulebook = lru_cache(maxsize=4096)(self._in_region)
        self._compiled: dict[tuple[str, date, tuple[str, ...]], Rulebook] = {}
        self._compiling = Lock()

    @property
    def registers(self) -> Registers:
        """Every instrument, role and document, those of single procedures included."""
        return self.register_set.everything

    @cached_property
    def articles(self) -> ArticleIndex:
        """What rests on each article. Built when it is first asked for, in about a second, and then kept."""
        return article_index.build(self.versions_by_key, self._local, self.registers, self._texts)

    def keys(self, kind: str = "procedure") -> list[str]:
        """The keys of all procedures (or of all incidents)."""
        return sorted(k for k, v in self.versions_by_key.items() if next(iter(v.values())).workflow.kind == kind)

    def versions(self, key: str) -> list[date]:
        """The first days in force of all versions of a key, in order. Raises NoLawInForce for an unknown key."""
        if key not in self.versions_by_key:
            named = quoted(key)
            said = unknown(f"没有名为“{named}”的程序", f"there is no procedure '{named}'", key, self.versions_by_key)
            raise NoLawInForce(zh=said.zh, en=said.en)
        return sorted(self.versions_by_key[key])

    def titles(self) -> list[Text]:
        """What the procedures are called, each by its latest version."""
        latest = (max(self.versions(key)) for key in self.keys())
        found = (self.versions_by_key[key][day].workflow.title for key, day in zip(self.keys(), latest, strict=True))
        return [Text(title.zh, title.en) for title in found]

    def laws(self, key: str, region: str) -> RegionalLaws:
        """The versions of one procedure as they apply in a region (a GB/T 2260 code)."""
        self.versions(key)
        return RegionalLaws(self, key, region)

    def rulebook(self, key: str, day: date, region: str) -> Rulebook:
        """A version by its first day, with the overlays of the region. Raises NoLawInForce."""
        return self._rulebook(key, day, region)

    def selected(self, key: str, on: date) -> date:
        """The first day of the version in force on a day. Raises NoLawInForce."""
        days = [day for day in self.versions(key) if day <= on]
        until = self.versions_by_key[key][max(days)].workflow.in_force.until if days else None
        if not days or (until is not None and on >= until):
            first = min(self.versions_by_key[key])
            title = self.versions_by_key[key][first].workflow.title
            held_zh = f"在此收录的最后一个版本至{until}止" if days else f"在此收录的版本自{first}起施行"
            held_en = f"the last version held here ends on {until}" if days else f"those held here begin on {first}"
            raise NoLawInForce(
                zh=f"{on}没有在此收录的“{title.zh}”版本：{held_zh}",
                en=f"no version of '{title.en}' that is held here is in force on {on}: {held_en}",
            )
        return max(days)

    def _in_region(self, key: str, day: date, region: str) -> Rulebook:
        if day not in self.versions_by_key.get(key, {}):
            raise NoLawInForce(zh=f"“{key}”没有自 {day} 起施行的版本", en=f"'{key}' has no version of {day}")
        rules = self.overlays(key, day, region)
        wanted = (key, day, tuple(rule.path for rule in rules))
        # Compiling takes a good part of a second: regions without rules of their own share it, and of the threads of a
        # process that has just started only one does it.
        with self._compiling:
            if wanted not in self._compiled:
                self._compiled[wanted] = self._build(key, day, region, [rule.overlay for rule in rules])
        return replace(self._compiled[wanted], region=region)

    def _build(self, key: str, day: date, region: str, local: list[Overlay]) -> Rulebook:
        workflow = overlays.applied(self.versions_by_key[key][day].workflow, local)
        inner = {
            use.opens: self.versions_by_key[use.opens][self.selected(use.opens, day)].workflow
            for use in workflow.incidents
        }
        registers = self.register_set.of(key, *inner)
        return Rulebook(
            key=key,
            day=day,
            region=region,
            kept=pinned.pinned(workflow, inner, local, registers),
            main=CompiledWorkflow(workflow, incident=None),
            incidents=pinned.admitted(workflow.incidents, inner),
            registers=registers,
        )

    def local_rules(self, key: str) -> tuple[LocalRule, ...]:
        """Every overlay of a procedure, in force or not."""
        return self._local.get(key, ())

    def overlays(self, key: str, day: date, region: str) -> list[LocalRule]:
        """The overlays that meet a version in a region: its province's first, then its city's."""
        following = [d for d in self.versions(key) if d > day]
        until = min(following) if following else None
        return [
            rule
            for code in pinned.regions_of(region)
            for rule in self._local.get(key, ())
            if rule.overlay.region == code and overlays.meets(rule.overlay, day, until)
        ]


@dataclass(frozen=True)
class RegionalLaws:
    """The `Laws` of one procedure for one region, out of a catalogue."""

    catalogue: Catalogue
    key: str
    region: str

    def select(self, on: date) -> Rulebook:
        """The version in force on a day. Raises NoLawInForce."""
        return self.catalogue.rulebook(self.key, self.catalogue.selected(self.key, on), self.region)

    def at(self, day: date) -> Rulebook:
        """The version whose first day in force this is. Raises NoLawInForce."""
        return self.catalogue.rulebook(self.key, day, self.region)


def read_texts(folder: Path) -> dict[str, str]:
    """Every file of the law in a folder, by its path in it. Raises DefinitionError for one that is no text."""
    found = read_folder(folder)
    if found.faults:
        raise DefinitionError(found.faults)
    return found.texts


def load(folder: Path) -> Catalogue:
    """Load the law in a folder. Raises DefinitionError with every fault of every file."""
    found = read_folder(folder)
    return _built(survey(found.texts, found.faults), found.texts)


def from_texts(texts: Mapping[str, str]) -> Catalogue:
    """Build a catalogue from the texts of a folder by path. Raises DefinitionError with every fault."""
    return _built(survey(texts), texts)


def _built(found: Survey, texts: Mapping[str, str]) -> Catalogue:
    if found.registers is None or found.offices is None or found.faults:
        raise DefinitionError(found.faults)
    return Catalogue(found.registers, found.offices, found.versions, found.local_rules, texts)
