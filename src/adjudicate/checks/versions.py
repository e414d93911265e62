"""Whether a case that moves from one version of a procedure to the next finds everything it stands on by name."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from adjudicate.checks.structure import backwards
from adjudicate.checks.subject import Edge, Subject, reachable_from, started
from adjudicate.definition.models import NOTHING
from adjudicate.errors import Fault


def faults(older: Subject, newer: Subject) -> Iterator[Fault]:
    """What a case may hold when a later day selects the newer version, and the newer version does not know."""
    crossing = _crossing(older)
    if not crossing:
        return
    before = _before(older, crossing)
    day = newer.workflow.in_force.from_
    at = ("in_force",)
    for name in sorted(before - {NOTHING}):
        if name not in newer.compiled.states:
            yield newer.fault(
                at,
                f"a case may stand in {older.state(name)} when this version takes over on {day}, "
                "but it has no such state",
            )
    for edge in crossing:
        lost = edge.source in newer.compiled.states and newer.compiled.step(edge.step.event, edge.source) is None
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


def _unselected(older: Subject) -> tuple[Edge, ...]:
    """The ways a case may go before the day of highest precedence is known."""
    first = older.workflow.governs[0]
    return tuple(edge for edge in older.edges if first not in edge.step.records)


def _before(older: Subject, crossing: list[Edge]) -> frozenset[str]:
    """The states in which a case may stand when another version comes to govern it."""
    return reachable_from(_unselected(older), (NOTHING,)) & {edge.source for edge in crossing}


def _carried(older: Subject, newer: Subject, before: frozenset[str]) -> Iterator[Fault]:
    edges = _unselected(older)
    earlier = reachable_from(edges, (NOTHING,)) & backwards(edges, set(before))
    taken = [edge for edge in edges if edge.source in earlier and edge.target in earlier]
    facts = {name for edge in taken for name in (*edge.step.records, *edge.step.may_record)}
    running = {name for edge in taken for name in started(edge.step)}
    open_ones = {use.opens for use in older.workflow.incidents if earlier & set(use.while_)}
    yield from _named(older, newer, "the fact", facts, newer.compiled.facts)
    yield from _named(older, newer, "the deadline", running, newer.compiled.deadlines)
    yield from _named(older, newer, "the incident", open_ones, newer.incidents)
    for key in sorted(open_ones & set(newer.incidents)):
        old, new = older.incidents[key], newer.incidents[key]
        standing = {name for name, state in old.states.items() if not state.final}
        yield from _named(older, newer, f"a thread of '{key}' in the state", standing, new.states)
        yield from _named(older, newer, f"a thread of '{key}' with the deadline", old.deadlines, new.deadlines)


def _named(older: Subject, newer: Subject, what: str, names: Iterable[str], known: Container[str]) -> Iterator[Fault]:
    since = older.workflow.in_force.from_
    for name in sorted(names):
        if name not in known:
            yield newer.fault(
                ("in_force",),
                f"a case may bring {what} '{name}' from the version of {since}, but this version has none of that name",
            )
