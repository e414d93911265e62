"""What a question keeps of a case: a few variables, and guards answered by them as yes, no or not known; no dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adjudicate.checks.subject import Subject
from adjudicate.definition.models import Fact
from adjudicate.guards.compiling import WORDS, Word
from adjudicate.guards.word import LAPSED, NEVER, PASSED, RUNNING, STOPPED, Comparison, Key

__all__ = ["LAPSED", "NEVER", "PASSED", "RUNNING", "STOPPED", "Domains", "Key", "Seen", "Value"]

Value = Any
KNOWN = "known"


def keys_of(word: Word) -> Iterator[Key]:
    """The variables that decide a word; what none can decide (dates, other threads) has none and stays open."""
    return word.keys()


def atoms_of(subject: Subject) -> Mapping[Key, frozenset[str]]:
    """Every unknown that stands for a comparison of facts, with the facts that settle it anew when recorded."""
    found: dict[Key, frozenset[str]] = {}

    def visit(word: Word) -> None:
        if isinstance(word, Comparison):
            found.update(dict.fromkeys(word.own_keys, word.settled_by()))
        for child in word.children:
            visit(child)

    for condition in subject.compiled.conditions.values():
        visit(condition.word)
    return found


def unknown_atom(key: Key) -> bool:
    """What a comparison says while its facts are unknown."""
    kind = WORDS[key[1].partition(" ")[0]]
    return issubclass(kind, Comparison) and kind.unknown


class Seen:
    """A case as a slice keeps it: where it stands and the values kept, by key."""

    __slots__ = ("index", "is_incident", "place", "values")

    def __init__(self, place: str, values: tuple[Value, ...], index: Mapping[Key, int], *, is_incident: bool) -> None:
        self.place, self.values, self.index, self.is_incident = place, values, index, is_incident


def holds(word: Word, seen: Seen) -> bool | None:
    """Whether a word holds as far as the slice knows; None where it does not."""
    return word.answer(seen)


class Domains:
    """The values of each fact worth telling apart: those that guards and ways on treat alike count as one."""

    def __init__(self, subject: Subject) -> None:
        self._facts: dict[str, Fact] = {**subject.workflow.reads, **subject.workflow.facts}
        self._uses: dict[str, list[Mapping[Any, Any]]] = {}
        for condition in subject.compiled.conditions.values():
            self._note(condition.word)
        for step in subject.workflow.steps:
            if step.to is not None and not isinstance(step.to, str) and step.to.choose:
                for name, options in step.to.choose.items():
                    self._uses.setdefault(name, []).append(options)
        self._known: dict[str, tuple[Value, ...]] = {}

    def _note(self, word: Word) -> None:
        for name, values in word.told_apart():
            self._uses.setdefault(name, []).append(dict.fromkeys(values, True))

    def of(self, name: str) -> tuple[Value, ...]:
        """The values a step may record for a fact, one for each class."""
        if name not in self._known:
            self._known[name] = self._classes(name)
        return self._known[name]

    def _classes(self, name: str) -> tuple[Value, ...]:
        fact = self._facts[name]
        if fact.flag:
            return (True, False)
        if fact.choice is None:
            return (KNOWN,)
        uses = self._uses.get(name, [])
        classes: dict[tuple[Any, ...], str] = {}
        for value in fact.choice:
            classes.setdefault(tuple(use.get(value) for use in uses), value)
        return tuple(classes.values())
