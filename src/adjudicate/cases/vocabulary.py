"""Which stages and deadlines there are by name, in the law as loaded and as kept with cases; it reads no case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adjudicate.cases.queries import law as law_queries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from adjudicate.cases.registry import Registry
    from adjudicate.definition.models import State, Workflow
    from adjudicate.definition.rulebook import Rulebook


def state(tx: Connection, registry: Registry, workflow: str | None, name: str) -> State | None:
    """The state of this name in the newest version that has it, of one procedure or of any; None if there is none."""
    for one in _procedures(tx, registry, workflow):
        if name in one.states:
            return one.states[name]
    return None


def has_deadline(tx: Connection, registry: Registry, name: str) -> bool:
    """Whether a procedure or an incident has, or had, a deadline of this name."""
    loaded = registry.catalogue.versions_by_key.values()
    if any(name in version.workflow.deadlines for versions in loaded for version in versions.values()):
        return True
    for kept in _kept(tx, registry, None):
        incidents = (admitted.compiled.workflow for admitted in kept.incidents.values())
        if any(name in one.deadlines for one in (kept.main.workflow, *incidents)):
            return True
    return False


def _procedures(tx: Connection, registry: Registry, workflow: str | None) -> Iterator[Workflow]:
    catalogue = registry.catalogue
    for key in catalogue.keys() if workflow is None else [workflow]:
        for _, version in sorted(catalogue.versions_by_key[key].items(), reverse=True):
            yield version.workflow
    # A case may stand under a version that the folder of the law no longer has.
    yield from (kept.main.workflow for kept in _kept(tx, registry, workflow))


def _kept(tx: Connection, registry: Registry, workflow: str | None) -> Iterator[Rulebook]:
    for key, region, digest in law_queries.kept_of(tx, workflow):
        if key in registry.catalogue.versions_by_key:
            yield registry.kept_law(tx, key, region, digest)
