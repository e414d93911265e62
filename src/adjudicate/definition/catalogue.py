"""The law as loaded: every version of every procedure, its incidents and overlays, from a folder or from kept texts."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from adjudicate.definition import modelling, overlays, yaml_source
from adjudicate.definition.folder import read_folder
from adjudicate.definition.models import Overlay, Workflow
from adjudicate.definition.registers import Registers, read_registers
from adjudicate.definition.rulebook import AdmittedIncident, CompiledWorkflow, Rulebook
from adjudicate.definition.versions import LocalRule, Version, crossed
from adjudicate.errors import DefinitionError, Fault, Leaves, NoLawInForce
from adjudicate.law.periods import quoted
from adjudicate.law.suggestion import unknown

__all__ = ["Catalogue", "LocalRule", "RegionalLaws", "Survey", "Version", "from_texts", "load", "read_texts", "survey"]

_VERSION = re.compile(r"^([a-z][a-z0-9-]*)/(\d{4}-\d{2}-\d{2})\.yaml$")
_OVERLAY = re.compile(r"^([a-z][a-z0-9-]*)/local/(\d{6})/(\d{4}-\d{2}-\d{2})\.yaml$")
_REGISTERS = ("instruments.yaml", "roles.yaml", "documents/index.yaml")


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
            named = quoted(key)
            said = unknown(f"没有名为“{named}”的程序", f"there is no procedure '{named}'", key, self.versions_by_key)
            raise NoLawInForce(zh=said.zh, en=said.en)
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
    """Every file of the law in a folder, by its path in it. Raises DefinitionError for one that is no text."""
    found = read_folder(folder)
    if found.faults:
        raise DefinitionError(found.faults)
    return found.texts


def load(folder: Path) -> Catalogue:
    """Load the law in a folder. Raises DefinitionError with every fault of every file."""
    found = read_folder(folder)
    return _built(survey(found.texts, found.faults))


@dataclass(frozen=True)
class Survey:
    """Whatever could be read of a folder, with the faults met; `registers` is None where they are faulty."""

    texts: Mapping[str, str]
    registers: Registers | None
    versions: Mapping[str, Mapping[date, Version]]
    local_rules: Mapping[str, tuple[LocalRule, ...]]
    faults: tuple[Fault, ...]


def survey(texts: Mapping[str, str], met: Sequence[Fault] = ()) -> Survey:
    """Read everything and find every fault of words, names and citations; it never raises for a faulty file.

    `met` are faults of files that are no text. Of a version with faults as much is given as can still be judged.
    """
    faults: list[Fault] = list(met)
    versions: dict[str, dict[date, Version]] = {}
    local: dict[str, list[LocalRule]] = {}
    for path, text in texts.items():
        if path in _REGISTERS:
            continue
        try:
            faults.extend(_read_one(path, text, versions, local))
        except DefinitionError as error:
            faults.extend(error.faults)
    rules = {key: tuple(found) for key, found in local.items()}
    try:
        registers = read_registers(texts)
    except DefinitionError as error:
        known = {fault.file for fault in met}
        return Survey(dict(texts), None, versions, rules, (*faults, *(f for f in error.faults if f.file not in known)))
    read = {version.path for by_day in versions.values() for version in by_day.values()}
    lost = {fault.file for fault in faults} - read
    lacking = frozenset(path.split("/")[0] for path in lost if "/local/" not in path)
    unread = lacking - versions.keys()
    faults.extend(_overlapping(versions))
    faults.extend(_two_kinds(versions))
    faults.extend(crossed(versions, registers, unread))
    faults.extend(_local_faults(versions, local, registers, lacking))
    return Survey(dict(texts), registers, versions, rules, tuple(faults))


def from_texts(texts: Mapping[str, str]) -> Catalogue:
    """Build a catalogue from texts by path, as the database keeps them. Raises DefinitionError with every fault."""
    return _built(survey(texts))


def _built(found: Survey) -> Catalogue:
    if found.registers is None or found.faults:
        raise DefinitionError(found.faults)
    return Catalogue(found.texts, found.registers, found.versions, found.local_rules)


def _read_one(
    path: str, text: str, versions: dict[str, dict[date, Version]], local: dict[str, list[LocalRule]]
) -> tuple[Fault, ...]:
    version, overlay = _VERSION.match(path), _OVERLAY.match(path)
    source = yaml_source.read(text, path)
    if version:
        found = modelling.read_model(source, Workflow)
        if found.model is None:
            return found.faults
        workflow, source = found.model, found.source
        _check_name(source, ("workflow",), workflow.workflow, version[1])
        _check_day(source, workflow.in_force.from_, version[2])
        leaves = Leaves.of(found.faults)
        versions.setdefault(version[1], {})[workflow.in_force.from_] = Version(path, workflow, source, leaves)
        return found.faults
    if overlay:
        rule = modelling.model(source, Overlay)
        _check_name(source, ("overlay",), rule.overlay, overlay[1])
        _check_name(source, ("region",), rule.region, overlay[2])
        _check_day(source, rule.in_force.from_, overlay[3])
        local.setdefault(overlay[1], []).append(LocalRule(path, rule, source))
        return ()
    en, zh = "no file of the law has its place here", "此处不是放置法律文件的位置"
    raise DefinitionError([Fault(path, 1, en, zh)])


def _check_name(source: yaml_source.Source, at: tuple[str, ...], found: str, wanted: str) -> None:
    if found != wanted:
        en, zh = f"the file lies under '{wanted}' but says '{found}'", f"文件位于“{wanted}”之下，内容却写作“{found}”"
        raise DefinitionError([source.fault(at, en, zh)])


def _check_day(source: yaml_source.Source, found: date, wanted: str) -> None:
    if found.isoformat() != wanted:
        en = f"the file is named {wanted} but is in force from {found}"
        zh = f"文件以 {wanted} 命名，内容却自 {found} 起施行"
        raise DefinitionError([source.fault(("in_force",), en, zh)])


def _overlapping(versions: Mapping[str, Mapping[date, Version]]) -> list[Fault]:
    faults = []
    for by_day in versions.values():
        days = sorted(by_day)
        for day, following in pairwise(days):
            until = by_day[day].workflow.in_force.until
            if until is not None and until > following:
                other = by_day[following].path
                en = f"overlaps the version of {following} ({other})"
                zh = f"与自 {following} 起施行的版本（{other}）重叠"
                faults.append(by_day[day].source.fault(("in_force", "until"), en, zh, Leaves.ALL))
    return faults


def _two_kinds(versions: Mapping[str, Mapping[date, Version]]) -> list[Fault]:
    """A key is a procedure's or an incident's, in all its versions."""
    faults = []
    for by_day in versions.values():
        for day, following in pairwise(sorted(by_day)):
            earlier, later = by_day[day], by_day[following]
            if earlier.workflow.kind != later.workflow.kind:
                en = f"'{later.workflow.workflow}' is of another kind than its version of {day}"
                zh = f"“{later.workflow.workflow}”与其自 {day} 起施行的版本种类（kind）不同"
                faults.append(later.source.fault(("kind",), en, zh))
    return faults


def _local_faults(
    versions: Mapping[str, Mapping[date, Version]],
    local: Mapping[str, list[LocalRule]],
    registers: Registers,
    lacking: frozenset[str],
) -> list[Fault]:
    """Faults of local rules, but for those upon a procedure of which a version could not be read."""
    faults: list[Fault] = []
    for key, rules in local.items():
        bases = list(versions.get(key, {}).values())
        if key in lacking or any(version.leaves is Leaves.NOTHING for version in bases):
            continue
        for rule in rules:
            workflows = [version.workflow for version in bases]
            faults.extend(overlays.faults(rule.overlay, rule.source, workflows, registers))
            others = [other.overlay for other in rules if other is not rule]
            faults.extend(overlays.stacked(rule.overlay, rule.source, others, workflows))
    return faults
