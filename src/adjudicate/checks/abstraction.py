"""What may be kept of a case: variables with a few values each, and which of them decide a condition; no dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adjudicate.checks.subject import Subject
from adjudicate.definition.deadline_models import Deadline
from adjudicate.definition.models import Fact
from adjudicate.guards.compiling import WORDS, Word, compile_guard
from adjudicate.guards.word import LAPSED, NEVER, OVERDUE, PASSED, RUNNING, STOPPED, Comparison, Key

__all__ = ["LAPSED", "NEVER", "OVERDUE", "PASSED", "RUNNING", "STOPPED", "Domains", "Key", "Value"]

Value = Any
KNOWN = "known"


def keys_of(word: Word) -> Iterator[Key]:
    """The variables that decide a word and the words in it."""
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


class Domains:
    """The values of each variable worth telling apart: those that guards and ways on treat alike count as one."""

    def __init__(self, subject: Subject) -> None:
        self._facts: dict[str, Fact] = {**subject.workflow.reads, **subject.workflow.facts}
        self._deadlines = subject.compiled.deadlines
        self._uses: dict[str, list[Mapping[Any, Any]]] = {}
        for condition in subject.compiled.conditions.values():
            self._note(condition.word)
        for line in subject.workflow.always:
            if line.until:
                self._note(compile_guard(line.until, subject.guards))
        for step in subject.workflow.steps:
            if step.to is not None and not isinstance(step.to, str) and step.to.choose:
                for name, options in step.to.choose.items():
                    self._uses.setdefault(name, []).append(options)
        self._known: dict[str, tuple[Value, ...]] = {}

    def _note(self, word: Word) -> None:
        for name, values in word.told_apart():
            self._uses.setdefault(name, []).append(dict.fromkeys(values, True))

    def values(self, key: Key) -> tuple[Value, ...]:
        """Everything that a variable may be, the value with which a case begins first (an atom's comes as it may)."""
        if key[0] == "fact":
            return (None, *self.recordable(key[1]))
        if key[0] == "deadline":
            overdue = (OVERDUE,) if starts_over(self._deadlines[key[1]]) else ()
            return (NEVER, RUNNING, *overdue, LAPSED, STOPPED, PASSED)
        return (False, True)

    def recordable(self, name: str) -> tuple[Value, ...]:
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


def starts_over(rule: Deadline) -> bool:
    """Whether a deadline's last day may have passed when it starts: it is counted from a day that lies where it may."""
    return bool(rule.counted_from or rule.earliest or rule.latest or rule.counted_back)
