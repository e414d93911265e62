"""Sets of combinations of values, kept as shared decision diagrams; what the values mean is not known here.

A set is the number of a node. A node stands at a level, one for each variable, and has one child for each value of that
variable; where the value makes no difference there is no node. Equal sets have one number, so that comparing is cheap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

EMPTY, ALL = 0, 1
LIMIT = 400_000

Values = tuple[int, ...]
Map = tuple[Values, ...]  # for each value of a variable, those that it may become

_BELOW = 1 << 30  # the level of the two sets without a node


class TooLarge(Exception):
    """The sets need more nodes than are worth building."""


class Relation:
    """What becomes of the values at some levels, all others staying as they are; none means that it cannot be."""

    __slots__ = ("inverse", "levels", "maps", "memo")

    def __init__(self, maps: Mapping[int, Map]) -> None:
        self.levels = tuple(sorted(maps))
        self.maps = tuple(maps[level] for level in self.levels)
        self.memo: dict[tuple[int, int], int] = {}
        self.inverse: Relation | None = None


class Diagrams:
    """All sets over variables with so many values each. Raises TooLarge from whatever builds a set."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self.sizes = list(sizes)
        self._levels = [_BELOW, _BELOW]
        self._children: list[Values] = [(), ()]
        self._numbers: dict[tuple[int, Values], int] = {}
        self._unions: dict[tuple[int, int], int] = {}
        self._shared: dict[tuple[int, int], int] = {}
        self._differences: dict[tuple[int, int], int] = {}
        self._relations: dict[tuple[tuple[int, Map], ...], Relation] = {}

    def add_level(self, size: int) -> int:
        """One more variable, below all others."""
        self.sizes.append(size)
        return len(self.sizes) - 1

    def node(self, level: int, children: Values) -> int:
        """The set that continues with the child of whichever value the level has."""
        first = children[0]
        if children.count(first) == len(children):
            return first
        key = (level, children)
        number = self._numbers.get(key)
        if number is None:
            number = len(self._levels)
            if number > LIMIT:
                raise TooLarge
            self._numbers[key] = number
            self._levels.append(level)
            self._children.append(children)
        return number

    def where(self, level: int, wanted: Iterable[int]) -> int:
        """All combinations with one of these values at the level."""
        values = set(wanted)
        return self.node(level, tuple(ALL if value in values else EMPTY for value in range(self.sizes[level])))

    def single(self, values: Sequence[int]) -> int:
        """The one combination of values at the first levels."""
        found = ALL
        for level in range(len(values) - 1, -1, -1):
            found = self.node(
                level, tuple(found if value == values[level] else EMPTY for value in range(self.sizes[level]))
            )
        return found

    def union(self, first: int, second: int) -> int:
        """What is in either."""
        if second in (first, EMPTY):
            return first
        if first == EMPTY:
            return second
        if ALL in (first, second):
            return ALL
        key = (first, second) if first < second else (second, first)
        found = self._unions.get(key)
        if found is None:
            level, pairs = self._cofactors(first, second)
            found = self._unions[key] = self.node(level, tuple([self.union(a, b) for a, b in pairs]))
        return found

    def intersection(self, first: int, second: int) -> int:
        """What is in both."""
        if second in (first, ALL):
            return first
        if first == ALL:
            return second
        if EMPTY in (first, second):
            return EMPTY
        key = (first, second) if first < second else (second, first)
        found = self._shared.get(key)
        if found is None:
            level, pairs = self._cofactors(first, second)
            found = self._shared[key] = self.node(level, tuple([self.intersection(a, b) for a, b in pairs]))
        return found

    def difference(self, first: int, second: int) -> int:
        """What is in the first and not in the second."""
        if first in (EMPTY, second) or second == ALL:
            return EMPTY
        if second == EMPTY:
            return first
        key = (first, second)
        found = self._differences.get(key)
        if found is None:
            level, pairs = self._cofactors(first, second)
            found = self._differences[key] = self.node(level, tuple([self.difference(a, b) for a, b in pairs]))
        return found

    def _cofactors(self, first: int, second: int) -> tuple[int, Iterable[tuple[int, int]]]:
        """The upper level of two nodes, with their children at it."""
        at, other = self._levels[first], self._levels[second]
        if at == other:
            return at, zip(self._children[first], self._children[second], strict=True)
        if at < other:
            return at, [(child, second) for child in self._children[first]]
        return other, [(first, child) for child in self._children[second]]

    def relation(self, maps: Mapping[int, Map]) -> Relation:
        """The relation of these maps by level, the same object for the same maps."""
        key = tuple(sorted(maps.items()))
        if key not in self._relations:
            self._relations[key] = Relation(maps)
        return self._relations[key]

    def image(self, relation: Relation, number: int) -> int:
        """What a set may become."""
        return self._image(relation, number, 0)

    def preimage(self, relation: Relation, number: int) -> int:
        """What may become part of a set."""
        if relation.inverse is None:
            turned = {}
            for level, one in zip(relation.levels, relation.maps, strict=True):
                values = range(self.sizes[level])
                turned[level] = tuple(tuple(a for a in values if b in one[a]) for b in values)
            relation.inverse = Relation(turned)
        return self._image(relation.inverse, number, 0)

    def _image(self, relation: Relation, number: int, done: int) -> int:
        if number == EMPTY or done == len(relation.levels):
            return number
        key = (number, done)
        found = relation.memo.get(key)
        if found is None:
            level, touched = self._levels[number], relation.levels[done]
            if level < touched:
                found = self.node(level, tuple([self._image(relation, c, done) for c in self._children[number]]))
            else:
                children = self._children[number] if level == touched else (number,) * self.sizes[touched]
                found = self._moved(relation, children, done)
            relation.memo[key] = found
        return found

    def _moved(self, relation: Relation, children: Values, done: int) -> int:
        moved = [EMPTY] * len(children)
        for targets, child in zip(relation.maps[done], children, strict=True):
            if child != EMPTY and targets:
                after = self._image(relation, child, done + 1)
                for target in targets:
                    moved[target] = self.union(moved[target], after)
        return self.node(relation.levels[done], tuple(moved))

    def project(self, number: int, levels: int) -> int:
        """What the first levels may be in a set, whatever the levels below them are."""
        if self._levels[number] >= levels:
            return EMPTY if number == EMPTY else ALL
        return self.node(self._levels[number], tuple([self.project(child, levels) for child in self._children[number]]))

    def first(self, number: int, levels: int) -> Values:
        """The least combination of the first levels in a set that is not empty."""
        values = []
        for level in range(levels):
            if self._levels[number] == level:
                value = next(v for v, child in enumerate(self._children[number]) if child != EMPTY)
                number = self._children[number][value]
            else:
                value = 0
            values.append(value)
        return tuple(values)

    def holds(self, number: int, values: Sequence[int]) -> bool:
        """Whether a combination is in a set."""
        while number not in (EMPTY, ALL):
            number = self._children[number][values[self._levels[number]]]
        return number == ALL

    def nodes(self, numbers: Iterable[int]) -> set[int]:
        """Every node that these sets are made of."""
        seen: set[int] = set()
        ahead = [number for number in numbers if number > ALL]
        while ahead:
            number = ahead.pop()
            if number not in seen:
                seen.add(number)
                ahead.extend(child for child in self._children[number] if child > ALL)
        return seen

    def count(self, number: int, levels: int, memo: dict[int, int] | None = None) -> int:
        """How many combinations of the first levels a set has; no level below them may occur in it."""
        known: dict[int, int] = {} if memo is None else memo
        return self._count(number, levels, known) * self._between(0, self._levels[number], levels)

    def _count(self, number: int, levels: int, known: dict[int, int]) -> int:
        if number in (EMPTY, ALL):
            return number
        if number not in known:
            level = self._levels[number]
            known[number] = sum(
                self._count(child, levels, known) * self._between(level + 1, self._levels[child], levels)
                for child in self._children[number]
            )
        return known[number]

    def _between(self, begin: int, end: int, levels: int) -> int:
        found = 1
        for level in range(begin, min(end, levels)):
            found *= self.sizes[level]
        return found
