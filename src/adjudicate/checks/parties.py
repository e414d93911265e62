"""Faults in conditions that are asked of each party; whose facts, deadlines and steps are is held when they load."""

from __future__ import annotations

from collections.abc import Iterator

from adjudicate.checks.subject import Subject
from adjudicate.errors import Fault
from adjudicate.guards.compiling import Word


def faults(subject: Subject) -> Iterator[Fault]:
    """Every fault of this kind in one procedure; an incident's thread has one party at most."""
    if not subject.is_incident:
        yield from _for_each(subject)


def _for_each(subject: Subject) -> Iterator[Fault]:
    for name, condition in subject.compiled.conditions.items():
        for event in _inside(condition.word):
            steps = subject.compiled.events.get(event, ())
            if not any(step.per or "party" in subject.kinds(step) for step in steps):
                yield subject.fault(
                    ("conditions", name),
                    "条件{condition}逐一查问每名当事人的{event}，但该事项不按当事人记录",
                    "condition {condition} asks for {event} of each party, but that event is recorded for none",
                    condition=subject.naming.condition(name),
                    event=subject.naming.event(event),
                )


def _inside(word: Word, *, each: bool = False) -> Iterator[str]:
    """The events that a word asks about for each party."""
    if each:
        yield from (name for kind, name in word.own_names() if kind == "event")
    for child in word.children:
        yield from _inside(child, each=each or word.binds)
