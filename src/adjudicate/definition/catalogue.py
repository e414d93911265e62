"""The law as loaded: every version of every procedure, its incidents and overlays, from a folder or from kept texts."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from adjudicate.definition import overlays, yaml_source
from adjudicate.definition.cross_references import CrossReferences
from adjudicate.definition.models import Overlay, Workflow
from adjudicate.definition.registers import Registers, read_registers
from adjudicate.definition.rulebook import AdmittedIncident, CompiledWorkflow, Rulebook
from adjudicate.errors import DefinitionError, Fault, NoLawInForce
from adjudicate.law.suggestion import suggestion

_VERSION = re.compile(r"^([a-z][a-z0-9-]*)/(\d{4}-\d{2}-\d{2})\.yaml$")
_OVERLAY = re.compile(r"^([a-z][a-z0-9-]*)/local/(\d{6})/(\d{4}-\d{2}-\d{2})\.yaml$")
_REGISTERS = ("instruments.yaml", "roles.yaml", "documents/index.yaml")
_SKIPPED = ("calendars/", "documents/templates/")


@dataclass(frozen=True)
class Version:
    """One file of a procedure or an incident."""

    path: str
    workflow: Workflow
    source: yaml_source.Source


@dataclass(frozen=True)
class LocalRule:
    """One overlay file."""

    path: str
    overlay: Overlay
    source: yaml_source.Source


class Catalogue:
    """All versions by key and day. Build it with `load` or `from_texts`; a catalogue with a fault is never built."""

    def __init__(
        self,
        texts: Mapping[str, str],
        registers: Registers,
        versions: Mapping[str, Mapping[date, Version]],
        local_rules: Mapping[str, tuple[LocalRule, ...]],
    ) -> None:
        self.texts = texts
        self.registers = registers
        self.versions_by_key = versions
        self._local = local_rules
        self._rulebook = lru_cache(maxsize=512)(self._build)

    def keys(self, kind: str = "procedure") -> list[str]:
        """The keys of all procedures (or of all incidents)."""
        return sorted(k for k, v in self.versions_by_key.items() if next(iter(v.values())).workflow.kind == kind)

    def versions(self, key: str) -> list[date]:
        """The first days in force of all versions of a key, in order. Raises NoLawInForce for an unknown key."""
        if key not in self.versions_by_key:
            hint = suggestion(key, self.versions_by_key)
            raise NoLawInForce(zh=f"没有名为“{key[:60]}”的程序", en=f"there is no procedure '{key[:60]}'.{hint}")
        return sorted(self.versions_by_key[key])

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
            raise NoLawInForce(zh=f"{on} 没有生效的“{key}”程序", en=f"no version of '{key}' is in force on {on}")
        return max(days)

    def _build(self, key: str, day: date, region: str) -> Rulebook:
        versions = self.versions_by_key.get(key, {})
        if day not in versions:
            raise NoLawInForce(zh=f"“{key}”没有自 {day} 起施行的版本", en=f"'{key}' has no version of {day}")
        version = versions[day]
        workflow, used = version.workflow, [version.path, *_REGISTERS]
        for rule in self.overlays(key, day, region):
            workflow = overlays.applied(workflow, rule.overlay)
            used.append(rule.path)
        incidents = {}
        for use in version.workflow.incidents:
            inner = self.versions_by_key[use.opens][self.selected(use.opens, day)]
            incidents[use.opens] = AdmittedIncident(use, CompiledWorkflow(inner.workflow, incident=use.opens))
            used.append(inner.path)
        texts = {path: self.texts[path] for path in sorted(used)}
        return Rulebook(
            key=key,
            day=day,
            region=region,
            digest=_digest(texts),
            texts=texts,
            main=CompiledWorkflow(workflow, incident=None),
            incidents=incidents,
            registers=self.registers,
        )

    def local_rules(self, key: str) -> tuple[LocalRule, ...]:
        """Every overlay of a procedure, in force or not."""
        return self._local.get(key, ())

    def overlays(self, key: str, day: date, region: str) -> list[LocalRule]:
        """The overlays that meet a version in a region: its province's first, then its city's."""
        following = [d for d in self.versions(key) if d > day]
        until = min(following) if following else None
        regions = dict.fromkeys([f"{region[:2]}0000", f"{region[:4]}00", region])
        return [
            rule
            for code in regions
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


def _digest(texts: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(texts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def read_texts(folder: Path) -> dict[str, str]:
    """Every file of the law in a folder, by its path in it."""
    texts = {}
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder).as_posix()
        if not name.startswith(_SKIPPED) and "/scenarios/" not in name:
            texts[name] = path.read_text(encoding="utf-8")
    return texts


def load(folder: Path) -> Catalogue:
    """Load the law in a folder. Raises DefinitionError with every fault of every file."""
    return from_texts(read_texts(folder))


@dataclass(frozen=True)
class Survey:
    """Whatever could be read of a folder, with the faults met; `registers` is None where they are faulty."""

    texts: Mapping[str, str]
    registers: Registers | None
    versions: Mapping[str, Mapping[date, Version]]
    local_rules: Mapping[str, tuple[LocalRule, ...]]
    faults: tuple[Fault, ...]


def survey(texts: Mapping[str, str]) -> Survey:
    """Read everything and find every fault of words, names and citations; it never raises for a faulty file."""
    faults: list[Fault] = []
    versions: dict[str, dict[date, Version]] = {}
    local: dict[str, list[LocalRule]] = {}
    for path, text in texts.items():
        if path in _REGISTERS:
            continue
        try:
            _read_one(path, text, versions, local)
        except DefinitionError as error:
            faults.extend(error.faults)
    rules = {key: tuple(found) for key, found in local.items()}
    try:
        registers = read_registers(texts)
    except DefinitionError as error:
        return Survey(dict(texts), None, versions, rules, (*faults, *error.faults))
    faults.extend(_overlapping(versions))
    faults.extend(_crossrefs(versions, registers))
    if not faults:
        faults.extend(_local_faults(versions, local, registers))
    return Survey(dict(texts), registers, versions, rules, tuple(faults))


def from_texts(texts: Mapping[str, str]) -> Catalogue:
    """Build a catalogue from texts by path, as the database keeps them. Raises DefinitionError with every fault."""
    found = survey(texts)
    if found.registers is None or found.faults:
        raise DefinitionError(found.faults)
    return Catalogue(found.texts, found.registers, found.versions, found.local_rules)


def _read_one(
    path: str, text: str, versions: dict[str, dict[date, Version]], local: dict[str, list[LocalRule]]
) -> None:
    version, overlay = _VERSION.match(path), _OVERLAY.match(path)
    source = yaml_source.read(text, path)
    if version:
        workflow = yaml_source.model(source, Workflow)
        _check_name(source, ("workflow",), workflow.workflow, version[1])
        _check_day(source, workflow.in_force.from_, version[2])
        versions.setdefault(version[1], {})[workflow.in_force.from_] = Version(path, workflow, source)
    elif overlay:
        rule = yaml_source.model(source, Overlay)
        _check_name(source, ("overlay",), rule.overlay, overlay[1])
        _check_name(source, ("region",), rule.region, overlay[2])
        _check_day(source, rule.in_force.from_, overlay[3])
        local.setdefault(overlay[1], []).append(LocalRule(path, rule, source))
    else:
        raise DefinitionError([Fault(path, 1, "no file of the law has its place here")])


def _check_name(source: yaml_source.Source, at: tuple[str, ...], found: str, wanted: str) -> None:
    if found != wanted:
        raise DefinitionError([source.fault(at, f"the file lies under '{wanted}' but says '{found}'")])


def _check_day(source: yaml_source.Source, found: date, wanted: str) -> None:
    if found.isoformat() != wanted:
        raise DefinitionError([source.fault(("in_force",), f"the file is named {wanted} but is in force from {found}")])


def _overlapping(versions: Mapping[str, Mapping[date, Version]]) -> list[Fault]:
    faults = []
    for by_day in versions.values():
        days = sorted(by_day)
        for day, following in pairwise(days):
            until = by_day[day].workflow.in_force.until
            if until is not None and until > following:
                other = by_day[following].path
                faults.append(
                    by_day[day].source.fault(("in_force", "until"), f"overlaps the version of {following} ({other})")
                )
    return faults


def _crossrefs(versions: Mapping[str, Mapping[date, Version]], registers: Registers) -> list[Fault]:
    faults: list[Fault] = []
    for by_day in versions.values():
        for day, version in by_day.items():
            incidents = {}
            for key, others in versions.items():
                known = [d for d in others if d <= day]
                if known and others[max(known)].workflow.kind == "incident":
                    incidents[key] = others[max(known)].workflow
            faults.extend(CrossReferences(version.workflow, version.source, registers, incidents).check())
    return faults


def _local_faults(
    versions: Mapping[str, Mapping[date, Version]], local: Mapping[str, list[LocalRule]], registers: Registers
) -> list[Fault]:
    faults: list[Fault] = []
    for key, rules in local.items():
        for rule in rules:
            bases = [v.workflow for v in versions.get(key, {}).values()]
            faults.extend(overlays.faults(rule.overlay, rule.source, bases, registers))
    return faults
