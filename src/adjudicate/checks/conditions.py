"""Whether what a step asks for can hold, and can fail, where it is asked; it does not say whether it should."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from adjudicate.checks.diagrams import EMPTY
from adjudicate.checks.exploring import Explorer, TooLarge, too_large
from adjudicate.checks.naming import filled
from adjudicate.checks.space import Space
from adjudicate.checks.subject import read_by
from adjudicate.definition.models import Step
from adjudicate.errors import Fault
from adjudicate.law.text import Text


def faults(explorer: Explorer) -> Iterator[Fault]:
    """Every condition that can never hold where a step needs it, or can never fail wherever it is asked."""
    subject = explorer.subject
    asked: dict[str, list[tuple[int, Step, str]]] = {}
    for i, step in enumerate(subject.workflow.steps):
        for key, name in read_by(step):
            asked.setdefault(name, []).append((i, step, key))
    for name, places in asked.items():
        question = filled(
            "条件{condition}确有作用",
            "condition {condition} decides something",
            {"condition": subject.naming.condition(name)},
        )
        begun = perf_counter()
        try:
            space = explorer.space(explorer.index.keys[name])
        except TooLarge:
            yield too_large(subject, question)
            continue
        yield from _condition(space, name, places)
        explorer.note_size(question, space, begun)


def _condition(space: Space, name: str, places: list[tuple[int, Step, str]]) -> Iterator[Fault]:
    subject = space.subject
    every: set[bool | None] = set()
    for i, step, key in places:
        answers = _answers(space, name, step)
        every |= answers
        if answers == {False} and key != "advises":
            asks, so = _ASKS[key], _TAKEN if key == "requires" else Text("", "")
            yield subject.fault(
                subject.at_step(i, key),
                "步骤{step}{asks}条件{condition}，但该条件在此永远不成立{so}",
                "step {step} {asks} {condition}, which can never hold there{so}",
                step=subject.naming.step(step),
                asks=asks,
                condition=subject.naming.condition(name),
                so=so,
            )
    by_history = any(kind in ("event", "deadline", "thread") for kind, *_ in space.index.keys[name])
    if every == {True} and by_history:
        yield subject.fault(
            ("conditions", name),
            "条件{condition}在各步骤使用之处永远成立",
            "condition {condition} can never fail where a step asks for it",
            condition=subject.naming.condition(name),
        )


_ASKS = {
    "requires": Text("须具备", "requires"),
    "expects": Text("应符合", "expects"),
    "advises": Text("提示", "advises"),
    "starts": Text("起算期限取决于", "starts a deadline under"),
    "to": Text("的去向取决于", "chooses its way by"),
}
_TAKEN = Text("：该步骤永远不能进行", ": it can never be taken")


def _answers(space: Space, name: str, step: Step) -> set[bool | None]:
    """What the condition says wherever the step may be taken; other conditions are left aside."""
    diagrams, given = space.diagrams, space.builder.effects.given(step)
    found: set[bool | None] = set()
    for place in space.subject.compiled.sources(step):
        at = space.reached.get(place, EMPTY)
        if given is not None:
            at = diagrams.image(given, at)
        truth = space.builder.guards.condition(name, place)
        holding, failing = diagrams.intersection(at, truth.must), diagrams.difference(at, truth.may)
        found |= {True} if holding != EMPTY else set()
        found |= {False} if failing != EMPTY else set()
        found |= {None} if diagrams.difference(diagrams.difference(at, holding), failing) != EMPTY else set()
    return found
