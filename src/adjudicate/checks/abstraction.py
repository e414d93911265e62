"""What may be kept of a case: variables with a few values each, and which of them decide a condition; no dates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from operator import contains
from typing import Any

from adjudicate.checks.subject import Subject
from adjudicate.definition.models import Deadline, Fact
from adjudicate.guards.compiling import Word, compile_guard
from adjudicate.guards.plain import (
    CountOf,
    FactIs,
    FactKnown,
    HasParty,
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

# What becomes of a deadline: it runs; it is over already when it starts, and its lapse follows at the end of that day;
# it lapses; it is stopped in time; or it is stopped and its last day passes later.
NEVER, RUNNING, OVERDUE, LAPSED, STOPPED, PASSED = "never", "running", "overdue", "lapsed", "stopped", "passed"
OVER = (OVERDUE, LAPSED, PASSED)
KNOWN = "known"


def keys_of(word: Word) -> Iterator[Key]:
    """The variables that decide a word and the words in it."""
    yield from own_keys(word)
    for child in word.children:
        yield from keys_of(child)


def own_keys(word: Word) -> Iterator[Key]:
    """The variables that decide a word by itself; what none can decide (dates, other threads) stays open."""
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


def literals(word: Word) -> Iterator[tuple[Key, Callable[[Value], bool]]]:
    """The tests of single variables that must all pass for a word without inner words to hold; none: it stays open."""
    if isinstance(word, FactIs):
        for name, wanted in word.wanted.items():
            yield ("fact", name), partial(contains, wanted)
    elif isinstance(word, Over | NotOver):
        yield ("deadline", word.deadline), lambda value: (value in OVER) is isinstance(word, Over)
    elif isinstance(word, Started):
        yield ("deadline", word.deadline), lambda value: value != NEVER
    elif isinstance(word, NotRecorded):
        yield ("event", word.event), lambda value: not value
    elif isinstance(word, FactKnown):
        yield from ((key, lambda value: value is not None) for key in own_keys(word))
    else:
        yield from ((key, bool) for key in own_keys(word))


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
                self._note(compile_guard(line.until, {n: c.guard for n, c in subject.workflow.conditions.items()}))
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

    def values(self, key: Key) -> tuple[Value, ...]:
        """Everything that a variable may be, the value with which a case begins first (an atom's comes as it may)."""
        if key[0] == "fact":
            return (None, *self.of(key[1]))
        if key[0] == "deadline":
            overdue = (OVERDUE,) if starts_over(self._deadlines[key[1]]) else ()
            return (NEVER, RUNNING, *overdue, LAPSED, STOPPED, PASSED)
        return (False, True)

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


def starts_over(rule: Deadline) -> bool:
    """Whether a deadline's last day may have passed when it starts: it is counted from a day that lies where it may."""
    return bool(rule.counted_from or rule.earliest or rule.latest or rule.counted_back)
