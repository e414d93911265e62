"""What a condition asks for, in short lines: contraries are said outright, and what is nested is counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from adjudicate.definition.models import Always, Occasion
from adjudicate.guards.compiling import compile_guard
from adjudicate.guards.joining import All, AnyOf, Not
from adjudicate.guards.people import ForEach
from adjudicate.guards.word import Word
from adjudicate.review.names import Names

# Characters that are read at a glance; what is longer is told in several lines.
_SHORT = 56
# How what is nested is counted, by depth; deeper, and beyond the last sign, by plain numbers between brackets.
_COUNTED = ("", "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳", "㈠㈡㈢㈣㈤㈥㈦㈧㈨㈩")


@dataclass(frozen=True)
class _Leaf:
    """One thing that is asked for."""

    text: str


@dataclass(frozen=True)
class _Joined:
    """Several things: all of them, or any."""

    every: bool
    parts: tuple[_Node, ...]


@dataclass(frozen=True)
class _Where:
    """What is asked for only where other things are so."""

    cases: tuple[_Node, ...]
    asked: _Node


@dataclass(frozen=True)
class _Each:
    """What is asked of each party of a part, or of one of them at least."""

    whose: str
    asked: _Node


_Node = _Leaf | _Joined | _Where | _Each


def meaning(names: Names, written: Any) -> tuple[str, ...]:
    """A condition in words, one line for each thing that is asked for."""
    return tuple(_lines(_node(names, compile_guard(written, names.guards)), 0))


def in_one(names: Names, written: Any) -> str:
    """The same in one line, for a place inside a sentence."""
    return _flat(_node(names, compile_guard(written, names.guards)))


def promise(names: Names, line: Always) -> str:
    """An invariant by its label or, where it has none, as a sentence."""
    if line.label:
        return line.label.zh
    if line.before:
        return f"{_occasions(names, [line.before])}之前须有{_occasions(names, line.one_of)}"
    if line.after:
        return f"{_occasions(names, [line.after])}之后须有{_occasions(names, line.follows)}"
    if line.never:
        return f"须{in_one(names, line.until)}，方可有{_occasions(names, [line.never])}"
    return f"{_occasions(names, line.never_both, '和')}不得并存"


def _occasions(names: Names, occasions: Iterable[Occasion] | None, joined: str = "或者") -> str:
    """Events and states by their labels; a bare name that is both is the event."""
    events = {step.event for step in names.workflow.steps}
    found = []
    for one in occasions or ():
        name = one if isinstance(one, str) else str(one.event or one.state)
        is_state = one.state is not None if not isinstance(one, str) else name not in events
        found.append(f"“{names.state(name) if is_state and name in names.workflow.states else names.event(name)}”")
    return joined.join(found)


def _node(names: Names, word: Word, *, holds: bool = True) -> _Node:
    """The condition, or its contrary."""
    if word.name:
        label = f"“{names.condition_label(word.name)}”"
        return _Leaf(f"{label if holds else f'不符合{label}'}{names.counted(word.name)}")
    if isinstance(word, Not):
        return _node(names, word.children[0], holds=not holds)
    if isinstance(word, ForEach):
        inner, role = _node(names, word.children[0], holds=holds), names.role(word.role)
        return _Each(f"对每一名{role}" if holds else f"对至少一名{role}", inner)
    if isinstance(word, All | AnyOf):
        excluded = [child for child in word.children if isinstance(child, Not) and not child.children[0].children]
        others = [child for child in word.children if child not in excluded]
        if holds and isinstance(word, AnyOf) and excluded and others:
            # Unless A, or B: a lawyer says it of A, not of its contrary.
            cases = tuple(_node(names, child.children[0]) for child in excluded)
            return _Where(cases, _joined(every=False, parts=[_node(names, child) for child in others]))
        every = isinstance(word, All) is holds
        return _joined(every=every, parts=[_node(names, child, holds=holds) for child in word.children])
    return _joined(every=holds, parts=[_Leaf(said) for said in word.each_in_chinese(names, holds=holds)])


def _joined(*, every: bool, parts: Sequence[_Node]) -> _Node:
    """Several things as one; what is joined in the same way inside them is not counted apart."""
    found: list[_Node] = []
    for part in parts:
        found += part.parts if isinstance(part, _Joined) and part.every is every else (part,)
    return found[0] if len(found) == 1 else _Joined(every, tuple(found))


def _flat(node: _Node) -> str:
    match node:
        case _Leaf(text):
            return text
        case _Joined(every, parts):
            return ("，且" if every else "，或者").join(map(_inner, parts))
        case _Where(cases, asked):
            return f"{'，且'.join(map(_inner, cases))}的，须{_flat(asked)}"
        case _Each(whose, asked):
            return f"{whose}：{_flat(asked)}"


def _inner(node: _Node) -> str:
    return node.text if isinstance(node, _Leaf) else f"（{_flat(node)}）"


def _plain(node: _Node) -> bool:
    """Whether it can be read in one line: short, and without anything nested in what it joins."""
    joined = node.asked if isinstance(node, _Each | _Where) else node
    cases = node.cases if isinstance(node, _Where) else ()
    parts = (*cases, *(joined.parts if isinstance(joined, _Joined) else (joined,)))
    return all(isinstance(part, _Leaf) for part in parts) and (len(parts) == 1 or len(_flat(node)) <= _SHORT)


def _lines(node: _Node, depth: int) -> Iterator[str]:
    if _plain(node):
        yield _flat(node)
        return
    match node:
        case _Joined(every, parts):
            yield "下列各项均成立：" if every else "下列任一项成立："
            yield from _listed(parts, depth)
        case _Each(whose, asked):
            first, *more = _lines(asked, depth)
            yield f"{whose}{'，' if more else '：'}{first}"
            yield from more
        case _Where(cases, asked):
            said = "，且".join(map(_inner, cases))
            first, *more = _lines(asked, depth)
            yield f"{said}的，{'' if more else '须'}{first}"
            yield from more
        case _Leaf(text):
            yield text


def _listed(parts: Sequence[_Node], depth: int) -> Iterator[str]:
    signs = _COUNTED[depth] if depth < len(_COUNTED) else ""
    for i, part in enumerate(parts):
        first, *more = _lines(part, depth + 1)
        yield (signs[i] if i < len(signs) else f"（{i + 1}）") + first
        yield from more
