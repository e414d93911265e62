"""Faults that a definition's table alone shows: states, steps and words that lead nowhere; it explores nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from adjudicate.checks.subject import Edge, Subject, reachable_from, read_by
from adjudicate.definition.models import CLOCK, LINK, NOTHING
from adjudicate.errors import Fault
from adjudicate.guards.compiling import reads_of


def faults(subject: Subject) -> Iterator[Fault]:
    """Every fault of this kind in one definition."""
    yield from _openings(subject)
    yield from _states(subject)
    yield from _automatic(subject)
    yield from _words(subject)
    yield from _facts(subject)
    yield from _series(subject)


def _openings(subject: Subject) -> Iterator[Fault]:
    if not any(edge.source == NOTHING for edge in subject.edges):
        yield subject.fault(("steps",), "no step begins it: none comes from 'nothing'")
    for edge in subject.edges:
        if edge.source == NOTHING and edge.target == NOTHING:
            at = subject.at_step(edge.index)
            yield subject.fault(at, f"step '{edge.step.event}' begins it but leads to no state")


def _states(subject: Subject) -> Iterator[Fault]:
    states = subject.compiled.states
    if not any(state.final for state in states.values()):
        yield subject.fault(("states",), "no state is final: nothing ever ends it")
        return
    trapped = traps(subject)
    for name in states:
        at = ("states", name)
        if name not in subject.reachable:
            yield subject.fault(at, f"state {subject.state(name)} is unreachable: no path of steps leads to it")
        elif name in trapped:
            yield subject.fault(at, f"state {subject.state(name)} is a trap: no final state can be reached from it")


def traps(subject: Subject) -> frozenset[str]:
    """The states from which no final state can be reached, guards left aside."""
    final = {name for name, state in subject.compiled.states.items() if state.final}
    return frozenset(subject.compiled.states) - backwards(subject.edges, final)


def backwards(edges: tuple[Edge, ...], targets: set[str]) -> frozenset[str]:
    """The states from which one of the targets can be reached."""
    turned = [Edge(edge.index, edge.step, edge.target, edge.source) for edge in edges]
    return reachable_from(turned, targets)


def _automatic(subject: Subject) -> Iterator[Fault]:
    ending = {rule.when_over for rule in subject.compiled.deadlines.values()}
    caused = {*subject.causes}
    for index, step in enumerate(subject.workflow.steps):
        at = subject.at_step(index)
        if CLOCK in step.by and step.event not in ending:
            yield subject.fault(
                at, f"step '{step.event}' is an act of the clock, but no deadline names it under 'when_over'"
            )
        if set(step.by) <= {CLOCK, LINK} and (step.requires or step.expects or step.advises):
            yield subject.fault(at, f"step '{step.event}' is automatic: nobody is asked about its conditions")
        if set(step.by) == {LINK} and step.event not in caused:
            yield subject.fault(at, f"step '{step.event}' is an act of the link, but nothing causes it")


def _words(subject: Subject) -> Iterator[Fault]:
    workflow = subject.workflow
    used = {name for step in workflow.steps for _, name in read_by(step)}
    used |= {name for use in workflow.incidents for name in use.requires}
    conditions = workflow.conditions
    inner = {name for condition in conditions.values() for name in _spoken(condition.guard)}
    inner |= {name for line in workflow.always if line.until for name in _spoken(line.until)}
    for name in conditions:
        if name not in used and name not in inner:
            yield subject.fault(("conditions", name), f"condition '{name}' is asked for by no step")


def _spoken(argument: Any) -> Iterator[str]:
    """Every word in a guard's argument: names of conditions are among them."""
    if isinstance(argument, str):
        yield argument
    elif isinstance(argument, dict):
        for value in argument.values():
            yield from _spoken(value)
    elif isinstance(argument, list):
        for value in argument:
            yield from _spoken(value)


def recorded_by(edge: Edge) -> set[str]:
    """The facts that a step may record."""
    return {*edge.step.records, *edge.step.may_record}


def _facts(subject: Subject) -> Iterator[Fault]:
    workflow = subject.workflow
    recorded = {name for step in workflow.steps for name in (*step.records, *step.may_record)}
    for name in workflow.facts:
        if name not in recorded:
            yield subject.fault(("facts", name), f"fact '{name}' is recorded by no step")
    possible = _possible(subject)
    for index, step in enumerate(workflow.steps):
        sources = subject.compiled.sources(step)
        known = {*step.records, *step.may_record}.union(*(possible.get(source, set()) for source in sources))
        for key, condition in read_by(step):
            read = reads_of([subject.compiled.conditions[condition].word], "fact") & recorded
            if read and not read & known and not subject.compiled.conditions[condition].word.children:
                yield subject.fault(
                    subject.at_step(index, key),
                    f"step '{step.event}' asks for '{condition}', which reads '{', '.join(sorted(read))}': "
                    "no step before it can have recorded that",
                )


def _possible(subject: Subject) -> dict[str, set[str]]:
    """The facts that some path to each state records."""
    known: dict[str, set[str]] = {NOTHING: set()}
    changed = True
    while changed:
        changed = False
        for edge in subject.edges:
            if edge.source not in known:
                continue
            after = known[edge.source] | recorded_by(edge)
            held = known.setdefault(edge.target, set())
            if not after <= held:
                held |= after
                changed = True
    return known


def _series(subject: Subject) -> Iterator[Fault]:
    workflow = subject.workflow
    drawn = {step.numbers for step in workflow.steps}
    for name in workflow.dockets:
        if name not in drawn:
            yield subject.fault(("dockets", name), f"no step draws a number of the series '{name}'")
    joined = {role for step in workflow.steps for role in step.joins}
    for name in workflow.parties:
        if name not in joined:
            yield subject.fault(("parties", name), f"no step joins a party of the part '{name}'")
