"""What a question keeps of a case: a few variables, and guards answered by them as yes, no or not known; no dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adjudicate.checks.subject import Subject
from adjudicate.definition.models import Fact
from adjudicate.guards.compiling import All, AnyOf, ForEach, Not, Word
from adjudicate.guards.plain import (
    CountOf,
    FactIs,
    FactKnown,
    HasParty,
    InState,
    NotAfter,
    NotOver,
    NotRecorded,
    Over,
    Recorded,
    SamePeople,
    Started,
    ThreadOpen,
)

Key = tuple[str, ...]
Value = Any

# What becomes of a deadline: it runs, lapses, is stopped in time, or is stopped and its last day passes later.
NEVER, RUNNING, LAPSED, STOPPED, PASSED = "never", "running", "lapsed", "stopped", "passed"
KNOWN = "known"


def keys_of(word: Word) -> Iterator[Key]:
    """The variables that decide a word; what none can decide (dates, other threads) has none and stays open."""
    if isinstance(word, FactIs | FactKnown):
        yield from (("fact", name) for _, name in word.names())
    elif isinstance(word, CountOf | SamePeople | NotAfter):
        yield atom(word)
    elif isinstance(word, Recorded | NotRecorded):
        yield ("event", word.event)
    elif isinstance(word, Over | NotOver | Started):
        yield ("deadline", word.deadline)
    elif isinstance(word, ThreadOpen):
        yield ("thread", word.incident, word.state or "")
    elif isinstance(word, HasParty):
        yield ("role", word.role)
    for child in word.children:
        yield from keys_of(child)


def atom(word: Word) -> Key:
    """The unknown that stands for one comparison of facts."""
    return ("atom", f"{word.word} {word.argument}")


def atoms_of(subject: Subject) -> Mapping[Key, frozenset[str]]:
    """Every such unknown of a definition, with the facts that settle it anew when they are recorded."""
    found: dict[Key, frozenset[str]] = {}

    def visit(word: Word) -> None:
        if isinstance(word, CountOf | SamePeople | NotAfter):
            found[atom(word)] = frozenset(name for kind, name in word.names() if kind == "fact")
        for child in word.children:
            visit(child)

    for condition in subject.compiled.conditions.values():
        visit(condition.word)
    return found


def unknown_atom(key: Key) -> bool:
    """What a comparison says while its facts are unknown: only `not_after` lets the unknown pass."""
    return key[1].startswith(NotAfter.word)


class Seen:
    """A case as a slice keeps it: where it stands and the values kept, by key."""

    __slots__ = ("index", "is_incident", "place", "values")

    def __init__(self, place: str, values: tuple[Value, ...], index: Mapping[Key, int], *, is_incident: bool) -> None:
        self.place, self.values, self.index, self.is_incident = place, values, index, is_incident


def holds(word: Word, seen: Seen) -> bool | None:
    """Whether a word holds as far as the slice knows; None where it does not."""
    if isinstance(word, Not):
        inner = holds(word.children[0], seen)
        return None if inner is None else not inner
    if isinstance(word, All):
        return _all_or_any(word, seen)
    if isinstance(word, ForEach):
        # One party stands for all who play the part: nothing here depends on how many there are.
        return holds(word.children[0], seen)
    if isinstance(word, InState):
        return None if seen.is_incident else seen.place in word.states
    return _plain(word, seen)


def _all_or_any(word: Word, seen: Seen) -> bool | None:
    decisive = isinstance(word, AnyOf)
    open_ones = False
    for child in word.children:
        found = holds(child, seen)
        if found is decisive:
            return decisive
        open_ones = open_ones or found is None
    return None if open_ones else not decisive


def _plain(word: Word, seen: Seen) -> bool | None:
    if isinstance(word, FactIs):
        return _facts_are(word, seen)
    values = []
    for key in keys_of(word):
        place = seen.index.get(key)
        if place is None:
            return None
        values.append(seen.values[place])
    if not values:
        return None
    if isinstance(word, FactKnown):
        return all(value is not None for value in values)
    (value,) = values
    if isinstance(word, Over | NotOver):
        return (value in (LAPSED, PASSED)) is isinstance(word, Over)
    if isinstance(word, Started):
        return bool(value != NEVER)
    return bool(value) is not isinstance(word, NotRecorded)


def _facts_are(word: FactIs, seen: Seen) -> bool | None:
    open_ones = False
    for name, wanted in word.wanted.items():
        place = seen.index.get(("fact", name))
        if place is None:
            open_ones = True
        elif seen.values[place] not in wanted:
            return False
    return None if open_ones else True


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
        if isinstance(word, FactIs):
            for name, wanted in word.wanted.items():
                self._uses.setdefault(name, []).append(dict.fromkeys(wanted, True))
        for child in word.children:
            self._note(child)

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
