"""One move of a case over the kept variables: what it asks and changes, and who makes it; no search."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from adjudicate.checks.abstraction import Key
from adjudicate.checks.diagrams import EMPTY, Diagrams, Relation, Values
from adjudicate.checks.guard_sets import ALWAYS, GuardPart, Truth

# Who makes a move: an office, an outside body, a party, the clock, an incident or sibling case, or mere time.
OFFICE, OUTSIDE, PARTY, LAPSE, CAUSED, TIME = "office", "outside", "party", "lapse", "caused", "time"


class Stage(Protocol):
    """One of the things that a move does to a set of combinations, one after another.

    With `must` only what is sure to be possible counts; without it also what the kept variables cannot exclude.
    """

    def image(self, diagrams: Diagrams, number: int, *, must: bool) -> int:
        """What a set becomes."""

    def preimage(self, diagrams: Diagrams, number: int, *, must: bool) -> int:
        """What becomes part of a set."""

    def missing(self, diagrams: Diagrams, values: Values) -> Iterator[Key]:
        """The variables that would settle what the stage does to this combination."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Lets pass only what all parts of a guard allow."""

    truth: Truth
    parts: tuple[GuardPart, ...] = ()

    def image(self, diagrams: Diagrams, number: int, *, must: bool) -> int:
        """What passes."""
        return diagrams.intersection(number, self.truth.must if must else self.truth.may)

    def preimage(self, diagrams: Diagrams, number: int, *, must: bool) -> int:
        """What passes: asking changes nothing."""
        return self.image(diagrams, number, must=must)

    def missing(self, diagrams: Diagrams, values: Values) -> Iterator[Key]:
        """What those parts lack that are unknown for this combination."""
        for part in self.parts:
            if not diagrams.holds(part.truth.must, values):
                yield from part.missing


@dataclass(frozen=True, slots=True)
class Update:
    """Changes every combination."""

    relation: Relation

    def image(self, diagrams: Diagrams, number: int, *, must: bool) -> int:  # noqa: ARG002 - nothing is unknown here
        """What a set becomes."""
        return diagrams.image(self.relation, number)

    def preimage(self, diagrams: Diagrams, number: int, *, must: bool) -> int:  # noqa: ARG002 - nothing is unknown here
        """What becomes part of a set."""
        return diagrams.preimage(self.relation, number)

    def missing(self, diagrams: Diagrams, values: Values) -> Iterator[Key]:
        """Nothing."""
        del diagrams, values
        yield from ()


@dataclass(frozen=True, slots=True)
class ConditionalUpdate:
    """Changes the combinations for which a condition holds, and leaves the others as they are."""

    relation: Relation
    holds: GuardPart
    fails: Truth

    def image(self, diagrams: Diagrams, number: int, *, must: bool) -> int:
        """What a set becomes, changed and unchanged together."""
        holds, fails = self._where(must=must)
        changed = diagrams.image(self.relation, diagrams.intersection(number, holds))
        return diagrams.union(changed, diagrams.intersection(number, fails))

    def preimage(self, diagrams: Diagrams, number: int, *, must: bool) -> int:
        """What becomes part of a set, changed or unchanged."""
        holds, fails = self._where(must=must)
        changed = diagrams.intersection(diagrams.preimage(self.relation, number), holds)
        return diagrams.union(changed, diagrams.intersection(number, fails))

    def _where(self, *, must: bool) -> tuple[int, int]:
        holds = self.holds.truth
        return (holds.must, self.fails.must) if must else (holds.may, self.fails.may)

    def missing(self, diagrams: Diagrams, values: Values) -> Iterator[Key]:
        """What the condition lacks where it is unknown for this combination."""
        if diagrams.holds(self.unknown(diagrams), values):
            yield from self.holds.missing

    def unknown(self, diagrams: Diagrams) -> int:
        """The combinations for which the kept variables do not settle the condition."""
        return diagrams.difference(self.holds.truth.may, self.holds.truth.must)


FREE = Filter(ALWAYS)


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """What leads a case from one state of the procedure to another, or back to the same.

    `given` is what the act brings with it, and the end of a deadline whose lapse it is; `guard` is asked of that. What
    passes are the values at the moment of the event; `effects` come after it. `step` is the step's place in the file,
    `deadline` the one that ends with the move, `event` the event of a step or of an incident.
    """

    source: str
    target: str
    mover: str
    step: int | None = None
    deadline: str | None = None
    given: Relation | None = None
    guard: Filter = FREE
    effects: tuple[Stage, ...] = ()
    event: str | None = None

    def moment(self, diagrams: Diagrams, number: int, *, must: bool = False) -> int:
        """The values at the moment of the event, from those before it."""
        given = number if self.given is None else diagrams.image(self.given, number)
        return self.guard.image(diagrams, given, must=must)

    def image(self, diagrams: Diagrams, number: int, *, must: bool = False) -> int:
        """What a set becomes."""
        found = self.moment(diagrams, number, must=must)
        for stage in self.effects:
            found = stage.image(diagrams, found, must=must)
        return found

    def preimage(self, diagrams: Diagrams, number: int, *, must: bool = False) -> int:
        """What becomes part of a set."""
        found = number
        for stage in reversed(self.effects):
            found = stage.preimage(diagrams, found, must=must)
        return self.before_moment(diagrams, found, must=must)

    def before_moment(self, diagrams: Diagrams, number: int, *, must: bool = False) -> int:
        """What comes to the moment of the event with values in a set."""
        found = self.guard.preimage(diagrams, number, must=must)
        return found if self.given is None else diagrams.preimage(self.given, found)

    def unknown(self, diagrams: Diagrams, number: int) -> frozenset[Key]:
        """The variables that would settle the move for those combinations of a set for which it is unknown."""
        found: set[Key] = set()
        at = self.moment(diagrams, number)
        for part in self.guard.parts:
            if diagrams.difference(at, part.truth.must) != EMPTY:
                found |= part.missing
        for stage in self.effects:
            if isinstance(stage, ConditionalUpdate) and diagrams.intersection(at, stage.unknown(diagrams)) != EMPTY:
                found |= stage.holds.missing
            at = stage.image(diagrams, at, must=False)
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class PathStep:
    """A move as one case makes it: its values before, at the moment and after, and what would settle it.

    `after` is None where the moment is all that was asked for.
    """

    move: Move
    before: Values
    moment: Values
    after: Values | None
    missing: frozenset[Key]


def trace_move(diagrams: Diagrams, kept: int, move: Move, before: Values, goal: int) -> PathStep:
    """How a combination comes into a set by a move, in a way that is sure to be possible if there is one."""
    for must in (True, False):
        reached = [move.moment(diagrams, diagrams.single(before), must=must)]
        for stage in move.effects:
            reached.append(stage.image(diagrams, reached[-1], must=must))
        reached[-1] = diagrams.intersection(reached[-1], goal)
        if reached[-1] != EMPTY:
            return _traced(diagrams, kept, move, before, reached, must=must)
    raise AssertionError("the move does not lead into the set")


def _traced(diagrams: Diagrams, kept: int, move: Move, before: Values, reached: list[int], *, must: bool) -> PathStep:
    """One combination of each set, from the last backwards, so that each becomes the next."""
    values = [diagrams.first(reached[-1], kept)]
    for stage, possible in zip(reversed(move.effects), reversed(reached[:-1]), strict=True):
        earlier = diagrams.intersection(stage.preimage(diagrams, diagrams.single(values[0]), must=must), possible)
        values.insert(0, diagrams.first(earlier, kept))
    missing: set[Key] = set()
    if not must:
        missing.update(move.guard.missing(diagrams, values[0]))
        for stage, at in zip(move.effects, values, strict=False):
            missing.update(stage.missing(diagrams, at))
    return PathStep(move, before, values[0], values[-1], frozenset(missing))


def trace_to_moment(diagrams: Diagrams, kept: int, move: Move, before: Values, goal: int) -> PathStep:
    """How a combination comes to the moment of a move with values in a set."""
    for must in (True, False):
        found = diagrams.intersection(move.moment(diagrams, diagrams.single(before), must=must), goal)
        if found != EMPTY:
            values = diagrams.first(found, kept)
            missing = frozenset[Key]() if must else frozenset(move.guard.missing(diagrams, values))
            return PathStep(move, before, values, None, missing)
    raise AssertionError("the move does not come to such a moment")
