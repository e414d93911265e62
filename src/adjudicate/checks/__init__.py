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
from adjudicate.checks.report import Report, Ruling, SliceSize
from adjudicate.checks.subject import Subject
from adjudicate.definition.catalogue import Survey, Version, read_texts, survey
from adjudicate.definition.rulebook import CompiledWorkflow
from adjudicate.definition.survey import without_repeats
from adjudicate.errors import Fault

__all__ = ["Report", "Ruling", "SliceSize", "check", "check_texts"]


def check(folder: Path) -> Report:
    """Check every file of the law in a folder and explore what the sound ones allow."""
    return check_texts(read_texts(folder))


def check_texts(texts: Mapping[str, str]) -> Report:
    """The same for texts by path."""
    begun = perf_counter()
    found = survey(texts)
    faults = list(found.faults)
    slices: list[SliceSize] = []
    waits: list[str] = []
    subjects = _subjects(found)
    admitted = {use.opens for subject in subjects for use in subject.workflow.incidents}
    whole = found.complete and len(subjects) == sum(len(by_day) for by_day in found.versions.values())
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
        faults=tuple(sorted(without_repeats(faults), key=lambda fault: (fault.file, fault.line, fault.en))),
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
    compiled_versions: dict[str, dict[date, CompiledWorkflow]] = {}
    for key, by_day in found.versions.items():
        for day, version in by_day.items():
            if (key, day) not in found.faulty:
                incident = key if version.workflow.kind == "incident" else None
                compiled_versions.setdefault(key, {})[day] = CompiledWorkflow(version.workflow, incident=incident)
    subjects = []
    for key, compiled_by_day in compiled_versions.items():
        for day, compiled in sorted(compiled_by_day.items()):
            version = found.versions[key][day]
            incidents = _incidents(version, compiled_versions, day)
            if incidents is not None:
                subjects.append(Subject(version, compiled, found.registers.of(key, *incidents), incidents))
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
            what = ".".join(str(part) for part in at) or "the whole file"
            if at and at[0] == "steps":
                what = f"step '{source.data['steps'][at[1]].get('event')}'"
            for code in [codes] if isinstance(codes, str) else codes:
                yield Ruling(str(code), *source.place((*at, "ruling_needed")), what)


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
