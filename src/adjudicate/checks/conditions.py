"""Whether what a step asks for can hold, and can fail, where it is asked; it does not say whether it should."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from time import perf_counter

from adjudicate.checks.abstraction import Key
from adjudicate.checks.diagrams import ALL, EMPTY, Relation
from adjudicate.checks.exploring import Explorer, TooLarge, too_large
from adjudicate.checks.naming import filled, listed
from adjudicate.checks.space import Space
from adjudicate.checks.subject import Subject, read_by
from adjudicate.definition.models import NOTHING, Step
from adjudicate.errors import Fault
from adjudicate.guards.compiling import Word
from adjudicate.guards.days import InTime
from adjudicate.guards.joining import All, AnyOf
from adjudicate.law.text import Text


def faults(explorer: Explorer) -> Iterator[Fault]:
    """Every condition that can never hold where a step needs it, or can never fail wherever it is asked.

    And conditions that a step or an incident needs together and that never hold together.
    """
    subject = explorer.subject
    asked: dict[str, list[tuple[int, Step, str]]] = {}
    for i, step in enumerate(subject.workflow.steps):
        for key, name in read_by(step):
            asked.setdefault(name, []).append((i, step, key))
    hopeless: set[int] = set()
    for name, places in asked.items():
        question = filled(
            "条件{condition}确有作用",
            "condition {condition} decides something",
            {"condition": subject.naming.condition(name)},
        )
        space = _space(explorer, question, [name])
        if isinstance(space, Fault):
            yield space
        else:
            yield from _condition(space, name, places, hopeless)
    yield from _together(explorer, hopeless)
    yield from _openings(explorer)


def _space(explorer: Explorer, question: Text, names: Iterable[str]) -> Space | Fault:
    """The space of these conditions, or the fault that it is too large."""
    begun = perf_counter()
    try:
        space = explorer.space(frozenset[Key]().union(*(explorer.index.keys[name] for name in names)))
    except TooLarge:
        return too_large(explorer.subject, question)
    explorer.note_size(question, space, begun)
    return space


def _condition(space: Space, name: str, places: list[tuple[int, Step, str]], hopeless: set[int]) -> Iterator[Fault]:
    """`hopeless` gets the steps that ask for what never holds."""
    subject = space.subject
    past = over_before(subject.compiled.conditions[name].word, subject.workflow.in_force.from_)
    every: set[bool | None] = set()
    for i, step, key in places:
        answers = {False} if past else _answers(space, [name], step)
        every |= answers
        if answers == {False} and key != "advises":
            hopeless.add(i)
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
    if every == {True} and (by_history or _holds_by_itself(space, name, places)):
        yield subject.fault(
            ("conditions", name),
            "条件{condition}在各步骤使用之处永远成立",
            "condition {condition} can never fail where a step asks for it",
            condition=subject.naming.condition(name),
        )


def _holds_by_itself(space: Space, name: str, places: list[tuple[int, Step, str]]) -> bool:
    """Whether a condition holds whatever its facts are."""
    sources = {source for _, step, _ in places for source in space.subject.compiled.sources(step)}
    if name in space.index.state_dependent or NOTHING in sources:
        return False
    return all(space.builder.guards.condition(name, place).must == ALL for place in sources)


def over_before(word: Word, first: date) -> bool:
    """Whether a word can hold only for acts of days before the first one of the version."""
    if isinstance(word, InTime):
        return word.until_on <= first
    inner = [over_before(child, first) for child in word.children]
    return any(inner) if isinstance(word, All) else isinstance(word, AnyOf) and all(inner)


def _together(explorer: Explorer, hopeless: set[int]) -> Iterator[Fault]:
    """Steps whose conditions hold one by one and never together."""
    subject = explorer.subject
    for i, step in enumerate(subject.workflow.steps):
        names = (*step.requires, *step.expects)
        if len(names) < 2 or i in hopeless:
            continue
        said = {"step": subject.naming.step(step)}
        question = filled("步骤{step}的各项条件能够同时成立", "what step {step} asks for can hold together", said)
        space = _space(explorer, question, names)
        if isinstance(space, Fault):
            yield space
        elif len(step.requires) > 1 and _answers(space, step.requires, step) == {False}:
            yield _apart(subject, i, step, step.requires, "requires", _TAKEN)
        elif _answers(space, names, step) == {False}:
            yield _apart(subject, i, step, names, "expects", _IRREGULAR)


def _apart(subject: Subject, i: int, step: Step, names: Iterable[str], key: str, so: Text) -> Fault:
    return subject.fault(
        subject.at_step(i, key),
        "步骤{step}的条件{conditions}永远不能同时成立{so}",
        "step {step} asks for {conditions}, which can never hold together{so}",
        step=subject.naming.step(step),
        conditions=listed(subject.naming.condition(name) for name in names),
        so=so,
    )


def _openings(explorer: Explorer) -> Iterator[Fault]:
    """Incidents that open only where what they require never holds, or never holds together."""
    subject = explorer.subject
    for i, use in enumerate(subject.workflow.incidents):
        if not use.requires:
            continue
        said = {"incident": subject.naming.incident(use.opens)}
        question = filled("附随程序{incident}能够启动", "incident {incident} can be opened", said)
        space = _space(explorer, question, use.requires)
        if isinstance(space, Fault):
            yield space
            continue
        words = (subject.compiled.conditions[name].word for name in use.requires)
        past = any(over_before(word, subject.workflow.in_force.from_) for word in words)
        answers = {answer for place in use.while_ for answer in _at(space, use.requires, place, None)}
        if past or answers == {False}:
            yield subject.fault(
                ("incidents", i),
                "附随程序{incident}须具备{conditions}，但在其可以启动的阶段永远不能具备",
                "incident {incident} requires {conditions}, which can never hold where it may be opened",
                conditions=listed(subject.naming.condition(name) for name in use.requires),
                **said,
            )


_ASKS = {
    "requires": Text("须具备", "requires"),
    "expects": Text("应符合", "expects"),
    "advises": Text("提示", "advises"),
    "starts": Text("起算期限取决于", "starts a deadline under"),
    "to": Text("的去向取决于", "chooses its way by"),
}
_TAKEN = Text("：该步骤永远不能进行", ": it can never be taken")
_IRREGULAR = Text("：该步骤总是有瑕疵", ": it is always irregular")


def _answers(space: Space, names: Sequence[str], step: Step) -> set[bool | None]:
    """What the conditions say together wherever the step may be taken; others are left aside."""
    given = space.builder.effects.given(step)
    return {answer for place in space.subject.compiled.sources(step) for answer in _at(space, names, place, given)}


def _at(space: Space, names: Sequence[str], place: str, given: Relation | None) -> set[bool | None]:
    diagrams = space.diagrams
    at = space.reached.get(place, EMPTY)
    if given is not None:
        at = diagrams.image(given, at)
    truth = space.builder.guards.conjunction([space.builder.guards.condition(name, place) for name in names])
    holding, failing = diagrams.intersection(at, truth.must), diagrams.difference(at, truth.may)
    open_ = diagrams.difference(diagrams.difference(at, holding), failing)
    answers = {True: holding, False: failing, None: open_}
    return {answer for answer, number in answers.items() if number != EMPTY}
