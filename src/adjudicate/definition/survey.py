"""Reads a folder of the law whole: every definition with what it inherits, and every fault of words and names in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from adjudicate.definition import chapters, law_files, modelling, overlay_faults, yaml_source
from adjudicate.definition.dated_bases import dated_by_day
from adjudicate.definition.law_files import Layout, Which
from adjudicate.definition.models import Overlay, Workflow
from adjudicate.definition.offices import Offices, read_offices
from adjudicate.definition.parts import BASED_ON, LawFile, Written, composed
from adjudicate.definition.registers import RegisterSet, read_register_set
from adjudicate.definition.resolving import Resolver
from adjudicate.definition.versions import LocalRule, Version, crossed
from adjudicate.definition.yaml_source import Source
from adjudicate.errors import DefinitionError, Fault, Leaves
from adjudicate.law.citations import Instrument


@dataclass(frozen=True)
class Survey:
    """Whatever could be read of a folder, with the faults met; `registers` and `offices` are None where faulty.

    Of a version with faults as much is given as can still be judged. `complete` says that no file was left out.
    """

    registers: RegisterSet | None
    offices: Offices | None
    versions: Mapping[str, Mapping[date, Version]]
    local_rules: Mapping[str, tuple[LocalRule, ...]]
    faults: tuple[Fault, ...]
    complete: bool


def survey(texts: Mapping[str, str], met: Iterable[Fault] = ()) -> Survey:
    """Read everything and find every fault of words, names and citations; it never raises for a faulty file.

    `met` are faults of files that are no text.
    """
    found = _Reading(texts, met)
    found.read()
    return found.survey()


class _Reading:
    """The faults of one folder as they are met; `broken` are the definitions of which nothing can be judged."""

    def __init__(self, texts: Mapping[str, str], met: Iterable[Fault]) -> None:
        self.texts = texts
        self.files: Layout = law_files.layout(texts)
        self.faults = [*met, *self.files.faults]
        self.unreadable = {fault.file for fault in self.faults}
        self.unreadable_keys = {file.split("/")[0] for file in self.unreadable if "/local/" not in file}
        self.broken: set[Which] = set()
        self.registers: RegisterSet | None = None
        self.offices: Offices | None = None
        self.versions: dict[str, dict[date, Version]] = {}
        self.local: dict[str, list[LocalRule]] = {}

    def read(self) -> None:
        """Read the files, resolve what is based on other files, and hold the names against one another."""
        try:
            self.registers = read_register_set(self.texts)
        except DefinitionError as error:
            self.faults.extend(fault for fault in error.faults if fault.file not in self.unreadable)
        else:
            self._offices(self.registers)
        self._definitions()
        for path, (key, region, day) in self.files.overlays.items():
            self._overlay(path, key, region, day)
        self._owners()
        if self.registers is not None:
            lacking = self._lacking()
            self.faults.extend((*self._overlapping(), *self._two_kinds()))
            self.faults.extend(crossed(self.versions, self.registers, lacking - self.versions.keys()))
            self.faults.extend(self._local_faults(self.registers, lacking))

    def _lacking(self) -> frozenset[str]:
        """The keys of procedures and incidents of which a version could not be read."""
        unread = {which[0] for which in self.files.definitions if which[1] not in self.versions.get(which[0], {})}
        stray = {fault.file.split("/")[0] for fault in self.files.faults if "/local/" not in fault.file}
        return frozenset(unread | (stray | self.unreadable_keys) - self.versions.keys())

    def survey(self) -> Survey:
        """What was found, each fault once."""
        read = sum(len(days) for days in self.versions.values()) + sum(len(rules) for rules in self.local.values())
        return Survey(
            self.registers,
            self.offices,
            self.versions,
            {key: tuple(rules) for key, rules in self.local.items()},
            tuple(without_repeats(self.faults)),
            read == len(self.files.definitions) + len(self.files.overlays),
        )

    def _offices(self, registers: RegisterSet) -> None:
        try:
            self.offices = read_offices(self.texts, registers.everything.roles)
        except DefinitionError as error:
            self.faults.extend(fault for fault in error.faults if fault.file not in self.unreadable)

    def _definitions(self) -> None:
        written: dict[Which, Written] = {}
        for which, paths in self.files.definitions.items():
            found = self._written(which, paths)
            if found is not None:
                written[which] = found
        resolver = Resolver(written, self.files.definitions.keys() - written.keys())
        for which, own in written.items():
            whole, faults = resolver.resolve(which)
            self._note(which, faults)
            if whole is not None:
                self._version(which, own, whole)

    def _written(self, which: Which, paths: Iterable[str]) -> Written | None:
        files = []
        for path in paths:
            try:
                files.append(LawFile(yaml_source.read(self.texts[path], path)))
            except DefinitionError as error:
                self._note(which, error.faults)
        if which in self.broken:
            return None
        found, faults = chapters.written(which, files)
        self._note(which, faults)
        return found

    def _version(self, which: Which, own: Written, whole: Written) -> None:
        alone = BASED_ON not in own.singles and len(own.files) == 1
        source = own.head.source if alone else composed(whole)
        source, faults = dated_by_day(source, self._instruments(which[0]), which[1], self._until(which, source))
        self._note(which, faults)
        read = modelling.read_model(source, Workflow)
        self.faults.extend(read.faults)
        if read.model is None:
            self.broken.add(which)
            return
        workflow, source = read.model, read.source
        try:
            _check_name(source, ("workflow",), workflow.workflow, which[0])
            _check_day(source, workflow.in_force.from_, which[1].isoformat())
        except DefinitionError as error:
            self._note(which, error.faults)
            return
        leaves = Leaves.NOTHING if which in self.broken else Leaves.of(read.faults)
        self.versions.setdefault(which[0], {})[which[1]] = Version(own.path, workflow, source, leaves)

    def _instruments(self, key: str) -> Mapping[str, Instrument] | None:
        return None if self.registers is None else self.registers.of(key).instruments

    def _until(self, which: Which, source: Source) -> date | None:
        """The first day on which the version is no longer the newest, or no longer in force."""
        said = source.data.get("in_force")
        until = said.get("until") if isinstance(said, dict) else None
        ends = [day for key, day in self.files.definitions if key == which[0] and day > which[1]]
        return min([*ends, *([until] if isinstance(until, date) else [])], default=None)

    def _overlay(self, path: str, key: str, region: str, day: str) -> None:
        try:
            source = yaml_source.read(self.texts[path], path)
            first = source.data.get("in_force") if isinstance(source.data, dict) else None
            begins, ends = (first.get("from"), first.get("until")) if isinstance(first, dict) else (None, None)
            if isinstance(begins, date):
                until = ends if isinstance(ends, date) else None
                source, faults = dated_by_day(source, self._instruments(key), begins, until)
                self.faults.extend(faults)
            rule = modelling.model(source, Overlay)
            _check_name(source, ("overlay",), rule.overlay, key)
            _check_name(source, ("region",), rule.region, region)
            _check_day(source, rule.in_force.from_, day)
        except DefinitionError as error:
            self.faults.extend(error.faults)
        else:
            self.local.setdefault(key, []).append(LocalRule(path, rule, source))

    def _owners(self) -> None:
        keys = {key for key, _ in self.files.definitions}
        for path, (_, owner) in self.files.registers.items():
            if owner is not None and owner not in keys:
                en = f"'{owner}' has no definition that could use this file"
                self.faults.append(Fault(path, 1, en, f"“{owner}”没有任何定义，此文件无人使用"))

    def _overlapping(self) -> Iterator[Fault]:
        for by_day in self.versions.values():
            for day, following in pairwise(sorted(by_day)):
                until = by_day[day].workflow.in_force.until
                if until is not None and until > following:
                    other = by_day[following].path
                    yield by_day[day].source.fault(
                        ("in_force", "until"),
                        f"overlaps the version of {following} ({other})",
                        f"与自 {following} 起施行的版本（{other}）重叠",
                        Leaves.ALL,
                    )

    def _two_kinds(self) -> Iterator[Fault]:
        """A key is a procedure's or an incident's, in all its versions."""
        for by_day in self.versions.values():
            for day, following in pairwise(sorted(by_day)):
                earlier, later = by_day[day], by_day[following]
                if earlier.workflow.kind != later.workflow.kind:
                    en = f"'{later.workflow.workflow}' is of another kind than its version of {day}"
                    zh = f"“{later.workflow.workflow}”与其自 {day} 起施行的版本种类（kind）不同"
                    yield later.source.fault(("kind",), en, zh)

    def _local_faults(self, registers: RegisterSet, lacking: frozenset[str]) -> Iterator[Fault]:
        """Faults of local rules, but for those upon a procedure of which a version could not be read."""
        for key, rules in self.local.items():
            bases = list(self.versions.get(key, {}).values())
            if key in lacking or any(version.leaves is Leaves.NOTHING for version in bases):
                continue
            workflows = [version.workflow for version in bases]
            for rule in rules:
                others = [other.overlay for other in rules if other is not rule]
                yield from overlay_faults.faults(rule.overlay, rule.source, workflows, others, registers.of(key))

    def _note(self, which: Which, faults: Iterable[Fault]) -> None:
        found = list(faults)
        self.faults.extend(found)
        if found:
            self.broken.add(which)


def without_repeats(faults: Iterable[Fault]) -> list[Fault]:
    """Each fault once, in the order met; one that lies in a base is told there and not again for who inherits it."""
    found = list(dict.fromkeys(faults))
    own = {(fault.file, fault.line, fault.en) for fault in found if not fault.inherited_by}
    told: set[tuple[str, int, str]] = set()
    kept = []
    for fault in found:
        where = (fault.file, fault.line, fault.en)
        if fault.inherited_by and (where in own or where in told):
            continue
        told.add(where)
        kept.append(fault)
    return kept


def _check_name(source: Source, at: tuple[str, ...], found: str, wanted: str) -> None:
    if found != wanted:
        en, zh = f"the file lies under '{wanted}' but says '{found}'", f"文件位于“{wanted}”之下，内容却写作“{found}”"
        raise DefinitionError([source.fault(at, en, zh)])


def _check_day(source: Source, found: date, wanted: str) -> None:
    if found.isoformat() != wanted:
        en, zh = (
            f"the file is named {wanted} but is in force from {found}",
            f"文件以 {wanted} 命名，内容却自 {found} 起施行",
        )
        raise DefinitionError([source.fault(("in_force",), en, zh)])
