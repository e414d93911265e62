"""How a lawyer's condition is read into guard words, and the list of all words that there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from adjudicate.errors import Misworded
from adjudicate.guards import choices, days, events, facts, hours, joining, people, threads
from adjudicate.guards.word import Compile, Pending, View, Word
from adjudicate.law.periods import quoted
from adjudicate.law.suggestion import unknown
from adjudicate.law.text import Text
from adjudicate.law.written import described

__all__ = ["WORDS", "Compile", "Pending", "View", "Word", "compile_guard", "reads_of"]

# Every class of these modules that bears a word is one: a new word needs no line here.
_MODULES = (facts, choices, days, hours, events, threads, people, joining)
WORDS: Mapping[str, type[Word]] = {
    found.word: found
    for module in _MODULES
    for found in vars(module).values()
    if isinstance(found, type)
    and issubclass(found, Word)
    and found.__module__ == module.__name__
    and "word" in vars(found)
}
MOST_WORDS = 500  # in one condition, those it calls by name included; a technical bound


def compile_guard(guard: Any, named: Mapping[str, Any], seen: tuple[str, ...] = ()) -> Word:
    """Turn `{word: argument}`, or the name of a condition, into a Word.

    `named` maps each condition's name to its guard. Raises Misworded with a sentence that names the fault.
    """
    return _Compiler(named).word(guard, seen)


class _Compiler:
    """Reads one condition; it counts the words, because conditions that call one another twice double at each step."""

    def __init__(self, named: Mapping[str, Any]) -> None:
        self._named = named
        self._count = 0

    def word(self, guard: Any, seen: tuple[str, ...]) -> Word:
        if isinstance(guard, str):
            return self._by_name(guard, seen)
        if not isinstance(guard, dict) or len(guard) != 1:
            shown = described(guard)
            if isinstance(guard, dict):
                listed = sorted(quoted(str(word)) for word in guard)
                shown = Text("、".join(listed) or "空值", ", ".join(listed) or "nothing")
            raise Misworded(
                f"一个条件须恰有一个条件词，而不是{shown.zh}", f"a condition has exactly one guard word, not {shown.en}"
            )
        ((word, argument),) = guard.items()
        if word not in WORDS:
            shown_word = quoted(str(word))
            said = unknown(f"没有条件词“{shown_word}”", f"unknown guard '{shown_word}'", word, WORDS)
            raise Misworded(said.zh, said.en)
        self._count += 1
        if self._count > MOST_WORDS:
            raise Misworded(
                f"条件由超过 {MOST_WORDS} 个条件词组成", f"it is made of more than {MOST_WORDS} guard words"
            )
        return WORDS[word](argument, lambda inner: self.word(inner, seen))

    def _by_name(self, name: str, seen: tuple[str, ...]) -> Word:
        if name in seen:
            raise Misworded(f"条件“{name}”直接或者间接引用了自己", f"condition '{name}' speaks of itself")
        if name not in self._named:
            said = unknown(f"没有条件“{quoted(name)}”", f"unknown condition '{quoted(name)}'", name, self._named)
            raise Misworded(said.zh, said.en)
        found = self.word(self._named[name], (*seen, name))
        found.name = found.name or name
        return found


def reads_of(words: Iterable[Word], kind: str) -> frozenset[str]:
    """The names of one kind that the words read."""
    return frozenset(name for word in words for found, name in word.names() if found == kind)
