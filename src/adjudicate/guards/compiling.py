"""All words of which a lawyer's conditions are made, those that join others, and how a condition is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from adjudicate.guards.plain import (
    CountOf,
    FactIs,
    FactKnown,
    HasParty,
    InReach,
    InState,
    InTime,
    NotAfter,
    NotOver,
    NotRecorded,
    NoTwin,
    Over,
    Recorded,
    SamePeople,
    Started,
    ThreadOpen,
)
from adjudicate.guards.word import Compile, Pending, View, Word, need
from adjudicate.law.suggestion import suggestion
from adjudicate.law.text import Text

__all__ = ["WORDS", "Compile", "Pending", "View", "Word", "compile_guard", "reads_of"]


class ForEach(Word):
    """The condition holds for each party that plays the role now."""

    word = "for_each"

    def prepare(self, compile_inner: Compile) -> None:
        shape = isinstance(self.argument, dict) and set(self.argument) == {"role", "holds"}
        need(shape, "'for_each' takes {role, holds: condition}")
        self.role: str = self.argument["role"]
        self.children = (compile_inner(self.argument["holds"]),)

    def test(self, view: View) -> bool:
        return all(self.children[0].test(view.bound(party)) for party in view.members(self.role))

    def names(self) -> Iterator[tuple[str, str]]:
        yield ("role", self.role)
        yield from super().names()

    def why(self, view: View) -> Text | None:
        lacking = [party for party in view.members(self.role) if not self.children[0].test(view.bound(party))]
        return Text(f"尚缺：{'、'.join(lacking)}", f"not yet for: {', '.join(lacking)}")


class All(Word):
    """Every condition holds."""

    word = "all"

    def prepare(self, compile_inner: Compile) -> None:
        need(isinstance(self.argument, list) and bool(self.argument), f"'{self.word}' takes a list of conditions")
        self.children = tuple(compile_inner(inner) for inner in self.argument)

    def test(self, view: View) -> bool:
        return all(child.test(view) for child in self.children)

    def why(self, view: View) -> Text | None:
        return next((child.why(view) for child in self.children if not child.test(view)), None)


class AnyOf(All):
    """At least one condition holds."""

    word = "any"

    def test(self, view: View) -> bool:
        return any(child.test(view) for child in self.children)


class Not(Word):
    """The condition does not hold."""

    word = "not"

    def prepare(self, compile_inner: Compile) -> None:
        self.children = (compile_inner(self.argument),)

    def test(self, view: View) -> bool:
        return not self.children[0].test(view)


_CLASSES: tuple[type[Word], ...] = (
    FactIs,
    FactKnown,
    CountOf,
    Recorded,
    NotRecorded,
    Over,
    NotOver,
    Started,
    InReach,
    ThreadOpen,
    SamePeople,
    NotAfter,
    NoTwin,
    InState,
    InTime,
    HasParty,
    ForEach,
    All,
    AnyOf,
    Not,
)
WORDS: Mapping[str, type[Word]] = {kind.word: kind for kind in _CLASSES}


def compile_guard(guard: Any, named: Mapping[str, Any], seen: tuple[str, ...] = ()) -> Word:
    """Turn `{word: argument}`, or the name of a condition, into a Word.

    `named` maps each condition's name to its guard. Raises ValueError with a sentence that names the fault.
    """
    if isinstance(guard, str):
        if guard in seen:
            raise ValueError(f"condition '{guard}' speaks of itself")
        if guard not in named:
            raise ValueError(f"unknown condition '{guard}'.{suggestion(guard, named)}")
        return compile_guard(named[guard], named, (*seen, guard))
    if not isinstance(guard, dict) or len(guard) != 1:
        words = ", ".join(sorted(guard)) if isinstance(guard, dict) else str(guard)
        raise ValueError(f"a condition has exactly one guard word, not: {words or 'none'}")
    ((word, argument),) = guard.items()
    if word not in WORDS:
        raise ValueError(f"unknown guard '{word}'.{suggestion(word, WORDS)}")
    return WORDS[word](argument, lambda inner: compile_guard(inner, named, seen))


def reads_of(words: Iterable[Word], kind: str) -> frozenset[str]:
    """The names of one kind that the words read."""
    return frozenset(name for word in words for found, name in word.names() if found == kind)
