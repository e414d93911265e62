"""Where a case may come to, and what it can still come to, over the variables that a question keeps; it asks nothing.

All combinations of values in one state of the procedure are one set, kept as a decision diagram. However many variables
change independently of one another, each costs a node or two, where a list of all combinations would double with each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product

from adjudicate.checks.abstraction import NEVER, Key, Value, unknown_atom
from adjudicate.checks.diagrams import ALL, EMPTY, Diagrams, TooLarge, Values
from adjudicate.checks.guard_sets import Variables
from adjudicate.checks.index import Index
from adjudicate.checks.move_builder import MoveBuilder
from adjudicate.checks.moves import Move, PathStep, trace_move, trace_to_moment
from adjudicate.checks.ordering import ordered
from adjudicate.definition.models import NOTHING

Region = dict[str, int]  # for each state of the procedure, a set of combinations
MoveFilter = Callable[[Move], bool]

__all__ = ["BaseMoves", "Region", "Space", "TooLarge"]


class BaseMoves:
    """The moves from one state to another as they are where no variable is kept."""

    def __init__(self, index: Index) -> None:
        self.index = index
        builder = MoveBuilder(index, Variables((), index.domains), Diagrams(()))
        self._moves: dict[tuple[str, str], list[Move]] = {}
        for number in range(len(index.subject.workflow.steps)):
            for move in builder.of_step(number):
                if move.source != move.target:
                    self._moves.setdefault((move.source, move.target), []).append(move)
        self._steps = {pair: frozenset(move.step for move in moves) for pair, moves in self._moves.items()}

    def without(self, steps: set[int]) -> Iterator[Move]:
        """The moves of all other steps."""
        for pair, moves in self._moves.items():
            untouched = self._steps[pair].isdisjoint(steps)
            yield from moves if untouched else (move for move in moves if move.step not in steps)


class Space:
    """Explored on construction: `reached` is everything that a case may come to. Raises TooLarge."""

    def __init__(self, base: BaseMoves, keys: Iterable[Key], watched: frozenset[str] = frozenset()) -> None:
        self.index = base.index
        self.subject = self.index.subject
        self.variables = Variables(ordered(set(keys), self.index), self.index.domains)
        self.keys = self.variables.keys
        self.diagrams = Diagrams([len(values) for values in self.variables.values])
        self.builder = MoveBuilder(self.index, self.variables, self.diagrams)
        self.moves = list(self._built(base, watched))
        self.leaving: dict[str, list[Move]] = {}
        self.entering: dict[str, list[Move]] = {}
        for move in self.moves:
            self.leaving.setdefault(move.source, []).append(move)
            self.entering.setdefault(move.target, []).append(move)
        self._beginning: Region = {NOTHING: self._first_values()}
        self.reached = self.forward(self._beginning)

    def _built(self, base: BaseMoves, watched: frozenset[str]) -> Iterator[Move]:
        """All that steps do which read or change what is kept, or are watched; of the others, where they lead."""
        steps = {number for key in self.keys for number in self.index.steps_for(key)}
        steps |= {number for event in watched for number in self.index.steps_by_event.get(event, ())}
        for number in sorted(steps):
            for move in self.builder.of_step(number):
                idle = move.source == move.target and move.given is None and not move.effects
                if not idle or move.event in watched:
                    yield move
        yield from base.without(steps)
        yield from self.builder.of_time()
        yield from self.builder.beside(watched)

    def _first_values(self) -> int:
        found = ALL
        for level in range(len(self.keys) - 1, -1, -1):
            values = self.variables.values[level]
            first = [i for i, value in enumerate(values) if self._begins_with(self.keys[level], value)]
            found = self.diagrams.intersection(self.diagrams.where(level, first), found)
        return found

    def _begins_with(self, key: Key, value: Value) -> bool:
        if key[0] == "fact":
            return value is None or key[1] in self.subject.workflow.reads
        if key[0] == "deadline":
            return bool(value == NEVER)
        if self.subject.is_incident and key[0] in ("thread", "role"):
            return True
        return value is (unknown_atom(key) if key[0] == "atom" else False)

    def forward(self, start: Region, *, by: MoveFilter | None = None) -> Region:
        """Everything that a case may come to from there; with `by`, what it can surely come to by these moves."""
        found, must = dict(start), by is not None
        changed = dict.fromkeys(found)
        while changed:
            place = next(iter(changed))
            del changed[place]
            self._apply_self_loops(place, found, by)
            for move in self.leaving.get(place, ()):
                if move.target != place and (by is None or by(move)):
                    image = move.image(self.diagrams, found[place], must=must)
                    if self._add(found, move.target, image):
                        changed[move.target] = None
        return found

    def _apply_self_loops(self, place: str, found: Region, by: MoveFilter | None) -> None:
        """Everything that comes about without leaving a state."""
        staying = [m for m in self.leaving.get(place, ()) if m.target == place and (by is None or by(m))]
        growing = True
        while growing:
            growing = False
            for move in staying:
                growing |= self._add(found, place, move.image(self.diagrams, found[place], must=by is not None))

    def _add(self, region: Region, place: str, number: int) -> bool:
        """Add a set to a region; whether that adds anything."""
        before = region.get(place, EMPTY)
        after = self.diagrams.union(before, number)
        if after != before:
            region[place] = after
        return after != before

    def backward(self, goal: Mapping[str, int], *, by: MoveFilter, must: bool) -> Region:
        """What can come to the goal by these moves, of all that a case may come to."""
        found: Region = {}
        for place, number in goal.items():
            self._add(found, place, self.among_reached(place, number))
        changed = dict.fromkeys(found)
        while changed:
            place = next(iter(changed))
            del changed[place]
            for move in self.entering.get(place, ()):
                if by(move):
                    able = self.among_reached(move.source, move.preimage(self.diagrams, found[place], must=must))
                    if self._add(found, move.source, able):
                        changed[move.source] = None
        return found

    def among_reached(self, place: str, number: int) -> int:
        """Those combinations of a set that a case may have in a state of the procedure."""
        return self.diagrams.intersection(number, self.reached.get(place, EMPTY))

    def places_of(self, combinations: int) -> set[str]:
        """The states of the procedure in which a case may have one of these combinations."""
        return {place for place in self.reached if self.among_reached(place, combinations) != EMPTY}

    def layers(self, start: Region, *, by: MoveFilter | None = None) -> Iterator[Region]:
        """What a case comes to with no move, with one, with two and so on, each where it comes first."""
        layer, seen = start, dict(start)
        while layer:
            yield layer
            following: Region = {}
            for place, number in layer.items():
                for move in self.leaving.get(place, ()):
                    if by is None or by(move):
                        image = move.image(self.diagrams, number, must=by is not None)
                        self._add(following, move.target, self.diagrams.difference(image, seen.get(move.target, EMPTY)))
            for place, number in following.items():
                self._add(seen, place, number)
            layer = following

    def path(self, goal: Mapping[str, int]) -> list[PathStep] | None:
        """A shortest path from the beginning into the goal, or None where there is none."""
        if all(self.among_reached(place, number) == EMPTY for place, number in goal.items()):
            return None
        passed: list[Region] = []
        for layer in self.layers(self._beginning):
            passed.append(layer)
            for place in self.index.places:
                met = self.diagrams.intersection(layer.get(place, EMPTY), goal.get(place, EMPTY))
                if met != EMPTY:
                    return self._traced(passed[:-1], place, self.diagrams.first(met, len(self.keys)))
        raise AssertionError("what is reached is reached in some number of moves")

    def _traced(self, passed: list[Region], place: str, values: Values) -> list[PathStep]:
        path: list[PathStep] = []
        for layer in reversed(passed):
            step = self._step_before(layer, place, values)
            place, values = step.move.source, step.before
            path.insert(0, step)
        return path

    def _step_before(self, layer: Region, place: str, values: Values) -> PathStep:
        wanted = self.diagrams.single(values)
        for must in (True, False):
            for move in self.entering.get(place, ()):
                able = move.preimage(self.diagrams, wanted, must=must)
                able = self.diagrams.intersection(able, layer.get(move.source, EMPTY))
                if able != EMPTY:
                    return trace_move(self.diagrams, len(self.keys), move, self._first(able), wanted)
        raise AssertionError("something in the layer before leads here")

    def _first(self, number: int) -> Values:
        return self.diagrams.first(number, len(self.keys))

    def path_to_moment(self, occurrences: Iterable[tuple[Move, int]]) -> list[PathStep] | None:
        """A shortest path to the moment of one of these moves with values in its set, or None where there is none."""
        able: list[tuple[Move, int, int]] = []
        goal: Region = {}
        for move, moment in occurrences:
            before = self.among_reached(move.source, move.before_moment(self.diagrams, moment))
            able.append((move, moment, before))
            self._add(goal, move.source, before)
        path = self.path(goal)
        if path is None:
            return None
        place, values = self.end(path)
        move, moment = next((m, at) for m, at, n in able if m.source == place and self.diagrams.holds(n, values))
        return [*path, trace_to_moment(self.diagrams, len(self.keys), move, values, moment)]

    def path_by(self, move: Move, before: int, after: int) -> list[PathStep]:
        """A shortest path that ends with the move, from values in one set to values in the other. There must be one."""
        able = self.diagrams.intersection(before, move.preimage(self.diagrams, after))
        path = self.path({move.source: able}) or []
        _, values = self.end(path)
        return [*path, trace_move(self.diagrams, len(self.keys), move, values, after)]

    def end(self, path: list[PathStep]) -> tuple[str, Values]:
        """Where a path leads."""
        if not path:
            return NOTHING, self._first(self._beginning[NOTHING])
        last = path[-1]
        return last.move.target, last.moment if last.after is None else last.after

    def moment(self, move: Move) -> int:
        """The values with which a move may ever be made."""
        return move.moment(self.diagrams, self.reached.get(move.source, EMPTY))

    def where(self, key: Key, wanted: Iterable[Value]) -> int:
        """All combinations in which a kept variable has one of these values."""
        return self.diagrams.where(self.variables.level[key], (self.variables.number(key, value) for value in wanted))

    @property
    def states(self) -> int:
        """How many states had to be told apart: those of the procedure, and the nodes of what may be in them."""
        return len(self.reached) + len(self.diagrams.nodes(self.reached.values()))

    @property
    def combinations(self) -> int:
        """How many combinations of a state and of kept values they stand for."""
        known: dict[int, int] = {}
        return sum(self.diagrams.count(number, len(self.keys), known) for number in self.reached.values())

    def listed(self) -> Iterator[tuple[str, tuple[Value, ...]]]:
        """Every combination that a case may come to, one by one: for small spaces."""
        for place, number in self.reached.items():
            for values in product(*(range(len(one)) for one in self.variables.values)):
                if self.diagrams.holds(number, values):
                    yield place, tuple(self.variables.values[i][value] for i, value in enumerate(values))
