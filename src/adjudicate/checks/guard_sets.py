"""Conditions as sets of combinations: where a word must hold and where it may, as far as the kept variables can say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from adjudicate.checks.abstraction import Domains, Key, Value
from adjudicate.checks.diagrams import ALL, EMPTY, Diagrams
from adjudicate.checks.index import Index
from adjudicate.definition.models import NOTHING, Step
from adjudicate.guards.compiling import Word
from adjudicate.guards.joining import All, AnyOf, Not
from adjudicate.guards.people import ForEach
from adjudicate.guards.threads import InState


class Variables:
    """The variables that a question keeps, each at a level of the diagrams, with its values in their order."""

    def __init__(self, keys: Sequence[Key], domains: Domains) -> None:
        self.keys = tuple(keys)
        self.level = {key: level for level, key in enumerate(self.keys)}
        self.values = [domains.values(key) for key in self.keys]

    def number(self, key: Key, value: Value) -> int:
        """A value as the diagrams know it."""
        return self.values[self.level[key]].index(value)


@dataclass(frozen=True, slots=True)
class Truth:
    """The combinations for which a condition must hold, and those for which it may.

    For those in between the answer depends on variables that are not kept.
    """

    must: int
    may: int


ALWAYS, UNKNOWN = Truth(ALL, ALL), Truth(EMPTY, ALL)


@dataclass(frozen=True, slots=True)
class GuardPart:
    """A part of a guard that is answered by itself; the `missing` variables would settle it where it is unknown."""

    truth: Truth
    missing: frozenset[Key]


class GuardSets:
    """The conditions of one definition over the kept variables."""

    def __init__(self, index: Index, variables: Variables, diagrams: Diagrams) -> None:
        self._index, self._variables, self._diagrams = index, variables, diagrams
        self._chosen_levels: dict[Key, int] = {}
        self._conditions: dict[tuple[str, str | None, frozenset[Key]], Truth] = {}

    def condition(self, name: str, place: str, chosen: frozenset[Key] = frozenset()) -> Truth:
        """A named condition, asked in a state of the procedure; `chosen` facts get levels below the kept ones."""
        by_place = name in self._index.state_dependent or place == NOTHING
        known = (name, place if by_place else None, chosen & self._index.keys[name])
        if known not in self._conditions:
            self._conditions[known] = self.word(self._index.subject.compiled.conditions[name].word, place, known[2])
        return self._conditions[known]

    def word(self, word: Word, place: str, chosen: frozenset[Key] = frozenset()) -> Truth:
        """A word, asked in a state of the procedure."""
        diagrams = self._diagrams
        if isinstance(word, Not):
            return self.negation(self.word(word.children[0], place, chosen))
        if isinstance(word, AnyOf):
            return self._joined(diagrams.union, EMPTY, [self.word(child, place, chosen) for child in word.children])
        if isinstance(word, All):
            return self.conjunction([self.word(child, place, chosen) for child in word.children])
        if isinstance(word, ForEach):
            return self._for_each(word, place, chosen)
        if isinstance(word, InState):
            return UNKNOWN if self._index.subject.is_incident else exactly(ALL if place in word.states else EMPTY)
        found = [self._literal(key, test, chosen) for key, test in word.literals()]
        return self.conjunction(found) if found else UNKNOWN

    def negation(self, truth: Truth) -> Truth:
        """The truth of the contrary."""
        return Truth(self._diagrams.difference(ALL, truth.may), self._diagrams.difference(ALL, truth.must))

    def conjunction(self, truths: Sequence[Truth]) -> Truth:
        """The truth of all of them together."""
        return self._joined(self._diagrams.intersection, ALL, truths)

    def _joined(self, join: Callable[[int, int], int], start: int, truths: Sequence[Truth]) -> Truth:
        must = may = start
        # The last first: its level lies lowest, so that each join adds one node above.
        for truth in reversed(truths):
            must, may = join(must, truth.must), join(may, truth.may)
        return Truth(must, may)

    def _for_each(self, word: ForEach, place: str, chosen: frozenset[Key]) -> Truth:
        """One party stands for all who play the part; where nobody plays it, what is asked of each holds."""
        if place == NOTHING:
            return ALWAYS
        inner = self.word(word.children[0], place, chosen)
        if not self._index.may_be_empty(word.role):
            return inner
        played = self._literal(("role", word.role), bool, chosen)
        return self._joined(self._diagrams.union, EMPTY, [inner, self.negation(played)])

    def _literal(self, key: Key, test: Callable[[Value], bool], chosen: frozenset[Key]) -> Truth:
        level = self._variables.level.get(key)
        if level is None and key in chosen:
            level = self._chosen_level(key)
        if level is None:
            return UNKNOWN
        values = self._index.domains.values(key)
        return exactly(self._diagrams.where(level, (i for i, value in enumerate(values) if test(value))))

    def _chosen_level(self, key: Key) -> int:
        if key not in self._chosen_levels:
            self._chosen_levels[key] = self._diagrams.add_level(len(self._index.domains.values(key)))
        return self._chosen_levels[key]

    def required(self, step: Step, place: str) -> tuple[GuardPart, ...]:
        """What a step requires, in parts that have no fact in common which the act brings and the slice does not keep.

        Such a fact may be whatever the act says: a part holds where some choice of these facts makes it hold.
        """
        return tuple(self._part(step, place, names, own) for names, own in self._grouped(step))

    def _grouped(self, step: Step) -> Iterator[tuple[list[str], frozenset[Key]]]:
        groups: list[tuple[list[str], frozenset[Key]]] = []
        for name in step.requires:
            own = frozenset(key for key in self.missing(name) if self._brings(key, step))
            names = [name]
            for other in [group for group in groups if group[1] & own]:
                groups.remove(other)
                names, own = other[0] + names, own | other[1]
            groups.append((names, own))
        yield from groups

    def _brings(self, key: Key, step: Step) -> bool:
        if key[0] == "atom":
            return bool(self._index.atoms[key] & step.takes)
        return key[0] == "fact" and key[1] in step.takes

    def _part(self, step: Step, place: str, names: list[str], own: frozenset[Key]) -> GuardPart:
        diagrams, kept = self._diagrams, len(self._variables.keys)
        truth = self.conjunction([self.condition(name, place, own) for name in names])
        if own:
            # An act that need not record a fact may leave an older value standing: that one is not kept.
            chosen = self._known(own)
            recorded = self._known(key for key in own if key[1] in step.records)
            truth = Truth(
                diagrams.project(diagrams.intersection(truth.must, chosen), kept),
                diagrams.project(diagrams.intersection(truth.may, recorded), kept),
            )
        missing = frozenset[Key]().union(*(self.missing(name) for name in names))
        settled = {key for key in own if key[0] == "atom" or key[1] in step.records}
        return GuardPart(truth, missing - settled)

    def _known(self, facts: Iterable[Key]) -> int:
        """Where each of these facts has a value."""
        found = ALL
        for key in facts:
            if key[0] == "fact":
                known = range(1, len(self._index.domains.values(key)))
                found = self._diagrams.intersection(found, self._diagrams.where(self._chosen_level(key), known))
        return found

    def missing(self, name: str) -> frozenset[Key]:
        """The variables of a condition that are not kept."""
        return frozenset(key for key in self._index.keys[name] if key not in self._variables.level)


def exactly(number: int) -> Truth:
    """The truth of what holds for the combinations of a set and for no others."""
    return Truth(number, number)
