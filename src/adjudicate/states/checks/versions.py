"""Whether a case that moves from one version of a procedure to the next finds everything it stands on by name."""

from __future__ import annotations

from collections.abc import Iterator

from adjudicate.errors import Fault
from adjudicate.states.checks.subject import Edge, Subject, reach, started
from adjudicate.states.definition import NOTHING


def faults(older: Subject, newer: Subject) -> Iterator[Fault]:
    """What a case may hold when a later day selects the newer version, and the newer version does not know."""
    crossing = _crossing(older)
    if not crossing:
        return
    before = _before(older, crossing)
    day = newer.workflow.in_force.from_
    at = ("in_force",)
    for name in sorted(before - {NOTHING}):
        if name not in newer.road.states:
            yield newer.fault(
                at,
                f"a case may stand in {older.state(name)} when this version takes over on {day}, "
                "but it has no such state",
            )
    for edge in crossing:
        lost = edge.source in newer.road.states and newer.road.step(edge.step.event, edge.source) is None
        if edge.source in before and lost:
            yield newer.fault(
                at,
                f"'{edge.step.event}' selects this version in {older.state(edge.source)}, "
                "but here it has no step from there",
            )
    yield from _carried(older, newer, before)


def _crossing(older: Subject) -> list[Edge]:
    """The steps, after the first, that make a day known which selects the version."""
    governs = set(older.workflow.governs)
    return [
        edge for edge in older.edges if edge.source != NOTHING and governs & {*edge.step.records, *edge.step.may_record}
    ]


def _before(older: Subject, crossing: list[Edge]) -> frozenset[str]:
    """The states in which a case may still come to be governed by another version."""
    first = older.workflow.governs[0]
    edges = [edge for edge in older.edges if first not in edge.step.records]
    leads_on = {edge.source for edge in crossing}
    return frozenset(state for state in reach(edges, (NOTHING,)) if state in leads_on)


def _carried(older: Subject, newer: Subject, before: frozenset[str]) -> Iterator[Fault]:
    at = ("in_force",)
    first = older.workflow.governs[0]
    taken = [e for e in older.edges if e.source in before | {NOTHING} and first not in e.step.records]
    facts = {name for edge in taken for name in (*edge.step.records, *edge.step.may_record)}
    running = {name for edge in taken for name in started(edge.step)}
    for what, names, known in (
        ("fact", facts, newer.road.facts),
        ("deadline", running, newer.road.deadlines),
        ("incident", {use.opens for use in older.workflow.incidents if before & set(use.while_)}, newer.incidents),
    ):
        for name in sorted(names):
            if name not in known:
                yield newer.fault(
                    at,
                    f"a case may bring the {what} '{name}' from the version of "
                    f"{older.workflow.in_force.from_}, but this version has none of that name",
                )
