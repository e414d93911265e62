"""Whether what a step asks for can hold, and can fail, where it is asked; it does not say whether it should."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from adjudicate.checks.abstraction import holds, keys_of
from adjudicate.checks.exploring import Explorer, TooLarge, too_large
from adjudicate.checks.space import Space
from adjudicate.checks.subject import read_by
from adjudicate.definition.models import Step
from adjudicate.errors import Fault
from adjudicate.guards.compiling import Word


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
            space = explorer.space(keys_of(subject.compiled.conditions[name].word))
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
        answers = _answers(space, condition.word, step)
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


def _answers(space: Space, word: Word, step: Step) -> set[bool | None]:
    """What the condition says wherever the step may be taken; other conditions are left aside."""
    sources = set(space.subject.compiled.sources(step))
    found: set[bool | None] = set()
    for state in space.states:
        if state[0] in sources:
            for given in space.given_options(step, state[1]):
                found.add(holds(word, space.seen((state[0], given))))
        if len(found) > 1:
            break
    return found
