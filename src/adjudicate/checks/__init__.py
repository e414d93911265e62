"""Checking a folder of the law as a whole: every defect of every file, with its line; it changes and loads nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from time import perf_counter

from adjudicate.checks import (
    articles,
    conditions,
    courses,
    deadline_ends,
    deadline_rules,
    invariants,
    open_points,
    parties,
    structure,
    threads,
    versions,
)
from adjudicate.checks.closing import closing
from adjudicate.checks.exploring import Explorer
from adjudicate.checks.report import Report, Ruling, SliceSize, Wait
from adjudicate.checks.subject import Subject
from adjudicate.definition import calendar_points
from adjudicate.definition.catalogue import Survey, Version, survey
from adjudicate.definition.folder import read_folder
from adjudicate.definition.open_points import Marked, marked, read_points
from adjudicate.definition.rulebook import CompiledWorkflow
from adjudicate.definition.survey import without_repeats
from adjudicate.definition.yaml_source import Source
from adjudicate.errors import Fault, Leaves

__all__ = ["Report", "Ruling", "SliceSize", "Wait", "check", "check_texts"]


def check(folder: Path) -> Report:
    """Check every file of the law in a folder and explore what the sound ones allow."""
    found = read_folder(folder)
    year_end = calendar_points.year_end(folder)
    return check_texts(found.texts, [*found.faults, *year_end.faults], year_end.points)


def check_texts(texts: Mapping[str, str], met: Sequence[Fault] = (), also: Sequence[Marked] = ()) -> Report:
    """The same for texts by path; `met` and `also` are faults and open points of files not among these texts."""
    begun = perf_counter()
    found = survey(texts, met)
    spoiled = _elements(found, found.faults)
    faults = list(found.faults)
    slices: list[SliceSize] = []
    waits: list[Wait] = []
    subjects = _subjects(found)
    admitted = {use.opens for subject in subjects for use in subject.workflow.incidents}
    whole = found.complete and len(subjects) == sum(len(by_day) for by_day in found.versions.values())
    for subject in subjects:
        table = [*_table_faults(subject), *(threads.unadmitted(subject, admitted) if whole else ())]
        faults.extend(fault for fault in table if not spoiled or not _elements(found, [fault]) & spoiled)
        if not _explorable(found, subject):
            continue
        explorer = Explorer(subject)
        faults.extend((*invariants.faults(explorer), *deadline_ends.faults(explorer), *conditions.faults(explorer)))
        ends = closing(explorer)
        faults.extend(ends.faults)
        waits.extend(ends.waits)
        slices.extend(explorer.slices)
    for older, newer in _neighbours(subjects):
        faults.extend(versions.faults(older, newer))
    faults.extend(articles.faults(found, texts))
    faults.extend(courses.faults(found, texts))
    register, unreadable = read_points(texts)
    rests = [*marked(_sources(found)), *also]
    known = found.registers.everything if found.registers else None
    faults.extend(unreadable or open_points.faults(register, rests, known, texts))
    return Report(
        files=len(texts),
        faults=tuple(sorted(without_repeats(faults), key=lambda fault: (fault.file, fault.line, fault.en))),
        slices=tuple(slices),
        rulings=tuple(Ruling(one.number, one.file, one.line, one.what) for one in rests),
        unused=tuple(open_points.unused(register, rests)) if found.complete else (),
        waits=tuple(waits),
        seconds=perf_counter() - begun,
    )


def _table_faults(subject: Subject) -> Iterator[Fault]:
    yield from structure.faults(subject)
    yield from deadline_rules.faults(subject)
    yield from parties.faults(subject)
    yield from threads.faults(subject)


def _elements(found: Survey, faults: Iterable[Fault]) -> set[tuple[str, int]]:
    """The steps, deadlines, conditions … in which faults lie, by file and first line: of one nothing more is said."""
    sources = [version.source for by_day in found.versions.values() for version in by_day.values()]
    elements: set[tuple[str, int]] = set()
    for fault in faults:
        lines = (source.element_line(fault.file, fault.line) for source in sources)
        line = next((line for line in lines if line is not None), None)
        if line is not None:
            elements.add((fault.file, line))
    return elements


def _explorable(found: Survey, subject: Subject) -> bool:
    """Whether nothing was mended in the definition or in an incident that it admits."""
    day = subject.workflow.in_force.from_
    versions = [subject.version]
    for key in subject.incidents:
        by_day = found.versions[key]
        versions.append(by_day[max(first for first in by_day if first <= day)])
    return all(version.leaves is Leaves.ALL for version in versions)


def _subjects(found: Survey) -> list[Subject]:
    """The versions that can be compiled, those among them whose wrong names were mended for judging the rest."""
    if found.registers is None:
        return []
    compiled_versions: dict[str, dict[date, CompiledWorkflow]] = {}
    for key, by_day in found.versions.items():
        for day, version in by_day.items():
            if version.leaves is not Leaves.NOTHING:
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


def _sources(found: Survey) -> Iterator[Source]:
    yield from (version.source for by_day in found.versions.values() for version in by_day.values())
    yield from (rule.source for rules in found.local_rules.values() for rule in rules)
