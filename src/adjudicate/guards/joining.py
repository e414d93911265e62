"""The words that join conditions: all, any and not."""

from __future__ import annotations

from typing import ClassVar

from adjudicate.guards.arguments import need
from adjudicate.guards.kinds import Place
from adjudicate.guards.why import Why, joined
from adjudicate.guards.word import Compile, Labels, Pending, View, Word


class _Several(Word):
    """A word about several conditions; `decisive` is the answer of one that settles the whole."""

    places = (Place("condition"),)
    decisive: ClassVar[bool]
    between: ClassVar[str]

    def prepare(self, compile_inner: Compile) -> None:
        several = isinstance(self.argument, list) and bool(self.argument)
        need(several, f"“{self.word}”须跟条件的列表", f"'{self.word}' takes a list of conditions")
        self.children = tuple(compile_inner(inner) for inner in self.argument)

    def why(self, view: View) -> Why | None:
        return joined(_cause(child, view, holds=self.test(view)) for child in self.children)

    def in_chinese(self, labels: Labels) -> str:
        return self.between.join(in_brackets(child, labels) for child in self.children)


def _cause(child: Word, view: View, *, holds: bool) -> Why | None:
    """What decides a condition that answers like the whole; one that waits for a fact decides nothing yet."""
    try:
        return child.why(view) if child.test(view) is holds else None
    except Pending:
        return None


def in_brackets(child: Word, labels: Labels) -> str:
    """A condition inside another: by its label, or spelled out between brackets."""
    return child.said(labels) if child.name else f"（{child.said(labels)}）"


class All(_Several):
    """Every one of the conditions holds."""

    word = "all"
    zh = "所列条件均成立"
    example = "[CONDITION, CONDITION]"
    decisive = False
    between = " 且 "

    def test(self, view: View) -> bool:
        return all(child.test(view) for child in self.children)


class AnyOf(_Several):
    """At least one of the conditions holds."""

    word = "any"
    zh = "所列条件至少一项成立"
    example = "[CONDITION, CONDITION]"
    decisive = True
    between = " 或 "

    def test(self, view: View) -> bool:
        return any(child.test(view) for child in self.children)


class Not(Word):
    """The condition does not hold."""

    word = "not"
    zh = "该条件不成立"
    example = "CONDITION"
    places = (Place("condition"),)

    def prepare(self, compile_inner: Compile) -> None:
        self.children = (compile_inner(self.argument),)

    def test(self, view: View) -> bool:
        return not self.children[0].test(view)

    def why(self, view: View) -> Why | None:
        return self.children[0].why(view)

    def in_chinese(self, labels: Labels) -> str:
        return f"并非{in_brackets(self.children[0], labels)}"
