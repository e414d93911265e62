"""The versions of procedures and incidents held against one another; what has wrong names is mended for judging."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from adjudicate.definition.cross_references import CrossReferences
from adjudicate.definition.dated_bases import expiring
from adjudicate.definition.mending import mended
from adjudicate.definition.models import CLOCK, Overlay, Workflow
from adjudicate.definition.naming import Wrong
from adjudicate.definition.registers import Registers, RegisterSet
from adjudicate.definition.yaml_source import Source
from adjudicate.errors import Fault, Leaves


@dataclass(frozen=True)
class Version:
    """One version of a procedure or an incident as it reads with all that it inherits.

    `path` is its file, or the folder of its chapters; `source` knows the file and line of every entry; `leaves` says
    how much of it can be judged.
    """

    path: str
    workflow: Workflow
    source: Source
    leaves: Leaves = Leaves.ALL


@dataclass(frozen=True)
class LocalRule:
    """One overlay file."""

    path: str
    overlay: Overlay
    source: Source


Versions = dict[str, dict[date, Version]]


def crossed(versions: Versions, registers: RegisterSet, unread: frozenset[str]) -> list[Fault]:
    """Every fault of names in every version; a version that has one is replaced by what can be judged of it.

    `unread` are the keys of files that could not be read.
    """
    faults: list[Fault] = []
    judged: list[tuple[str, date, Version]] = []
    for key, by_day in versions.items():
        for day, version in by_day.items():
            crossing = _Crossing(versions, registers.of(key), unread, key, day)
            found, _ = crossing.look(version.workflow, version.source)
            faults.extend(found)
            judged.append((key, day, crossing.judgeable(version, found)))
    for key, day, version in judged:
        versions[key][day] = version
    return faults


class _Crossing:
    """One version among the others."""

    def __init__(self, versions: Versions, registers: Registers, unread: frozenset[str], key: str, day: date) -> None:
        self._registers, self._unread = registers, unread
        self._incidents = incidents_on(versions, day)
        self._following = [later for later in versions[key] if later > day]
        self._admitting = tuple(_admitting(versions, key, day))

    def look(self, workflow: Workflow, source: Source) -> tuple[list[Fault], list[Wrong]]:
        """The faults of a definition in this place, and its wrong names."""
        crossing = CrossReferences(
            workflow, source, self._registers, self._incidents, admitting=self._admitting, unread=self._unread
        )
        late = expiring(source, self._registers.instruments, workflow.in_force.from_, self._until(workflow))
        return [*crossing.check(), *late], crossing.naming.wrong

    def _until(self, workflow: Workflow) -> date | None:
        """The first day on which the version is no longer the newest, or no longer in force."""
        said = workflow.in_force.until
        return min([*self._following, *([said] if said else [])], default=None)

    def judgeable(self, version: Version, faults: list[Fault]) -> Version:
        """The version as far as it can be judged with these faults."""
        left = Leaves.of(faults)
        lacking = any(
            use.opens not in self._incidents and use.opens in self._unread for use in version.workflow.incidents
        )
        if left is Leaves.ALL and not lacking:
            return version
        _, wrong = self.look(version.workflow, version.source)
        absent = [
            Wrong(("incidents", i, "opens"), use.opens, None)
            for i, use in enumerate(version.workflow.incidents)
            if use.opens not in self._incidents
        ]
        anybody = next((name for name, role in self._registers.roles.items() if role.kind == "office"), CLOCK)
        found = mended(version.source, [*wrong, *absent], self.look, anybody)
        if found is None:
            return replace(version, leaves=Leaves.NOTHING)
        return Version(version.path, *found, Leaves.TABLE)


def incidents_on(versions: Mapping[str, Mapping[date, Version]], day: date) -> dict[str, Workflow]:
    """The version of each incident that a procedure of this first day admits."""
    found = {}
    for key, by_day in versions.items():
        known = [first for first in by_day if first <= day]
        if known and by_day[max(known)].workflow.kind == "incident":
            found[key] = by_day[max(known)].workflow
    return found


def _admitting(versions: Versions, key: str, day: date) -> Iterator[Workflow]:
    """The versions of procedures that admit this version of an incident."""
    own = sorted(versions[key])
    for by_day in versions.values():
        for first, version in by_day.items():
            known = [mine for mine in own if mine <= first]
            admits = any(use.opens == key for use in version.workflow.incidents)
            if admits and known and max(known) == day:
                yield version.workflow
