"""Whether what a step asks for can hold, and can fail, where it is asked; it does not say whether it should."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from adjudicate.checks.abstraction import keys_of
from adjudicate.checks.diagrams import EMPTY
from adjudicate.checks.exploring import Explorer, TooLarge, too_large
from adjudicate.checks.space import Space
from adjudicate.checks.subject import read_by
from adjudicate.definition.models import Step
from adjudicate.errors import Fault


def faults(explorer: Explorer) -> Iterator[Fault]:
    """Every condition that can never hold where a step needs it, or can never fail wherever it is asked."""
    subject = explorer.subject
    asked: dict[str, list[tuple[int, Step, str]]] = {}
    for i, step in enumerate(subject.workflow.steps):
        for key, name in read_by(step):
            asked.setdefault(name, []).append((i, step, key))
    for name, places in asked.items():
        question = f"condition '{name}' decides something"
        begun = perf_counter()
        try:
            space = explorer.space(explorer.index.keys[name])
        except TooLarge:
            yield too_large(subject, question)
            continue
        yield from _condition(space, name, places)
        explorer.measured(question, space, begun)


def _condition(space: Space, name: str, places: list[tuple[int, Step, str]]) -> Iterator[Fault]:
    subject = space.subject
    condition = subject.compiled.conditions[name]
    every: set[bool | None] = set()
    for i, step, key in places:
        answers = _answers(space, name, step)
        every |= answers
        if answers == {False} and key != "advises":
            yield subject.fault(
                subject.at_step(i, key),
                f"step '{step.event}' {_asks(key)} '{name}' ({condition.label.zh}), which can never hold there"
                + (": it can never be taken" if key == "requires" else ""),
            )
    if every == {True} and any(kind in ("event", "deadline", "thread") for kind, *_ in keys_of(condition.word)):
        yield subject.fault(
            ("conditions", name), f"condition '{name}' ({condition.label.zh}) can never fail where a step asks for it"
        )


def _asks(key: str) -> str:
    return {"starts": "starts under", "to": "chooses by"}.get(key, key)


def _answers(space: Space, name: str, step: Step) -> set[bool | None]:
    """What the condition says wherever the step may be taken; other conditions are left aside."""
    diagrams, given = space.diagrams, space.builder.effects.given(step)
    found: set[bool | None] = set()
    for place in space.subject.compiled.sources(step):
        at = space.reached.get(place, EMPTY)
        if given is not None:
            at = diagrams.image(given, at)
        truth = space.builder.guards.condition(name, place)
        holding, failing = diagrams.both(at, truth.must), diagrams.minus(at, truth.may)
        found |= {True} if holding != EMPTY else set()
        found |= {False} if failing != EMPTY else set()
        found |= {None} if diagrams.minus(diagrams.minus(at, holding), failing) != EMPTY else set()
    return found
