"""Faults in what runs for each party by itself: facts, deadlines and steps that do not agree on whose they are."""

from __future__ import annotations

from collections.abc import Iterator

from adjudicate.checks.clocks import needed
from adjudicate.checks.subject import Subject
from adjudicate.definition.models import Step
from adjudicate.errors import Fault
from adjudicate.guards.compiling import Word


def faults(subject: Subject) -> Iterator[Fault]:
    """Every fault of this kind in one procedure; an incident's thread has one party at most."""
    if subject.is_incident:
        return
    for index, step in enumerate(subject.workflow.steps):
        yield from _step(subject, index, step)
    yield from _deadlines(subject)
    yield from _for_each(subject)
    yield from _outcomes(subject)


def _step(subject: Subject, index: int, step: Step) -> Iterator[Fault]:
    if step.per:
        return
    says = f"step '{step.event}' names no party, but"
    facts, deadlines = subject.compiled.facts, subject.compiled.deadlines
    for name in step.records:
        if facts[name].day and facts[name].per:
            at = subject.at_step(index, "records")
            yield subject.fault(at, f"{says} records the day '{name}', which is kept per {facts[name].per}")
    if step.extends is not None and deadlines[step.extends.deadline].per:
        name = step.extends.deadline
        at = subject.at_step(index, "extends")
        yield subject.fault(at, f"{says} extends '{name}', which runs per {deadlines[name].per}")


def _deadlines(subject: Subject) -> Iterator[Fault]:
    compiled = subject.compiled
    for name, rule in compiled.deadlines.items():
        at = ("deadlines", name)
        for fact in needed(rule):
            if compiled.facts[fact].per and compiled.facts[fact].per != rule.per:
                yield subject.fault(
                    at,
                    f"deadline '{name}' is counted by '{fact}', which is kept per {compiled.facts[fact].per}, "
                    f"but it runs {'per ' + rule.per if rule.per else 'once for all'}",
                )
        for step in compiled.events.get(rule.when_over or "", ()):
            if step.per != rule.per:
                yield subject.fault(
                    at,
                    f"deadline '{name}' runs {'per ' + rule.per if rule.per else 'once for all'}, but its lapse "
                    f"'{step.event}' is {'per ' + step.per if step.per else 'of no party'}",
                )
                break


def _for_each(subject: Subject) -> Iterator[Fault]:
    for name, condition in subject.compiled.conditions.items():
        for event in _inside(condition.word):
            steps = subject.compiled.events.get(event, ())
            if not any(step.per or "party" in subject.kinds(step) for step in steps):
                yield subject.fault(
                    ("conditions", name),
                    f"condition '{name}' asks for '{event}' of each party, but that event is recorded for none",
                )


def _inside(word: Word, *, each: bool = False) -> Iterator[str]:
    """The events that a word asks about for each party."""
    if each:
        yield from (name for kind, name in word.own_names() if kind == "event")
    for child in word.children:
        yield from _inside(child, each=each or word.binds)


def _outcomes(subject: Subject) -> Iterator[Fault]:
    for i, use in enumerate(subject.workflow.incidents):
        if use.per:
            continue
        openings = [step for step in subject.incidents[use.opens].workflow.steps if step.opens]
        if all(step.per for step in openings):
            continue
        for j, outcome in enumerate(use.outcomes):
            if any(step.per for step in subject.compiled.events.get(outcome.records, ())):
                yield subject.fault(
                    ("incidents", i, "outcomes", j),
                    f"incident '{use.opens}' records '{outcome.records}', which concerns a party, "
                    "but names no party when it opens",
                )
