"""Checking a folder of the law as a whole: every defect of every file, with its line; it changes and loads nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

from adjudicate.checks import clocks, conditions, invariants, ledgers, parties, structure, threads, versions
from adjudicate.checks.closing import closing
from adjudicate.checks.exploring import Explorer
from adjudicate.checks.naming import quoted
from adjudicate.checks.report import Report, Ruling, SliceSize, Wait
from adjudicate.checks.subject import Subject
from adjudicate.definition.catalogue import Survey, Version, read_texts, survey
from adjudicate.definition.rulebook import CompiledWorkflow
from adjudicate.errors import Fault
from adjudicate.law.text import Text

REGISTERS = 3  # instruments, roles and documents: the files of the law that are neither a version nor an overlay

__all__ = ["Report", "Ruling", "SliceSize", "Wait", "check", "check_texts"]


def check(folder: Path) -> Report:
    """Check every file of the law in a folder and explore what the sound ones allow."""
    return check_texts(read_texts(folder))


def check_texts(texts: Mapping[str, str]) -> Report:
    """The same for texts by path."""
    begun = perf_counter()
    found = survey(texts)
    faults = list(found.faults)
    slices: list[SliceSize] = []
    waits: list[Wait] = []
    subjects = _subjects(found)
    admitted = {use.opens for subject in subjects for use in subject.workflow.incidents}
    whole = len(subjects) + sum(len(rules) for rules in found.local_rules.values()) + REGISTERS == len(texts)
    for subject in subjects:
        faults.extend(_table_faults(subject))
        faults.extend(threads.unadmitted(subject, admitted) if whole else ())
        explorer = Explorer(subject)
        faults.extend((*invariants.faults(explorer), *ledgers.faults(explorer), *conditions.faults(explorer)))
        ends = closing(explorer)
        faults.extend(ends.faults)
        waits.extend(ends.waits)
        slices.extend(explorer.slices)
    for older, newer in _neighbours(subjects):
        faults.extend(versions.faults(older, newer))
    return Report(
        files=len(texts),
        faults=tuple(sorted(set(faults), key=lambda fault: (fault.file, fault.line, fault.en))),
        slices=tuple(slices),
        rulings=tuple(_rulings(found)),
        waits=tuple(waits),
        seconds=perf_counter() - begun,
    )


def _table_faults(subject: Subject) -> Iterator[Fault]:
    yield from structure.faults(subject)
    yield from clocks.faults(subject)
    yield from parties.faults(subject)
    yield from threads.faults(subject)


def _subjects(found: Survey) -> list[Subject]:
    """The versions that can be compiled: those without a fault of words, whose incidents have none either."""
    if found.registers is None:
        return []
    faulty = {fault.file for fault in found.faults}
    compiled_versions: dict[str, dict[date, CompiledWorkflow]] = {}
    for key, by_day in found.versions.items():
        for day, version in by_day.items():
            if version.path not in faulty:
                incident = key if version.workflow.kind == "incident" else None
                compiled_versions.setdefault(key, {})[day] = CompiledWorkflow(version.workflow, incident=incident)
    subjects = []
    for key, compiled_by_day in compiled_versions.items():
        for day, compiled in sorted(compiled_by_day.items()):
            version = found.versions[key][day]
            incidents = _incidents(version, compiled_versions, day)
            if incidents is not None:
                subjects.append(Subject(version, compiled, found.registers, incidents))
    return subjects


def _incidents(
    version: Version, compiled_versions: Mapping[str, Mapping[date, CompiledWorkflow]], day: date
) -> dict[str, CompiledWorkflow] | None:
    found = {}
    for use in version.workflow.incidents:
        known = [first for first in compiled_versions.get(use.opens, {}) if first <= day]
        if not known:
            return None
        found[use.opens] = compiled_versions[use.opens][max(known)]
    return found


def _neighbours(subjects: list[Subject]) -> Iterator[tuple[Subject, Subject]]:
    by_key: dict[str, list[Subject]] = {}
    for subject in subjects:
        by_key.setdefault(subject.workflow.workflow, []).append(subject)
    for versions_of_one in by_key.values():
        yield from pairwise(versions_of_one)


def _rulings(found: Survey) -> Iterator[Ruling]:
    sources = [version.source for by_day in found.versions.values() for version in by_day.values()]
    sources += [rule.source for rules in found.local_rules.values() for rule in rules]
    for source in sources:
        for at, codes in _marked(source.data, ()):
            for code in [codes] if isinstance(codes, str) else codes:
                yield Ruling(str(code), source.file, source.line((*at, "ruling_needed")), _called(source.data, at))


def _called(data: Any, at: tuple[Any, ...]) -> Text:
    """What stands at a path of a file: by the nearest label, or by the words of the path."""
    path = ".".join(str(part) for part in at)
    called = Text(path, path) if at else Text("整个文件", "the whole file")
    for part in at:
        data = data[part] if isinstance(data, list) else data.get(part, {})
        label = data.get("label") if isinstance(data, dict) else None
        if isinstance(label, dict) and {"zh", "en"} <= set(label):
            called = quoted(Text(label["zh"], label["en"]))
    return called


def _marked(data: Any, at: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "ruling_needed":
                yield at, value
            else:
                yield from _marked(value, (*at, str(key)))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from _marked(value, (*at, i))
