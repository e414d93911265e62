"""The order in which variables stand in a diagram: those that change or are asked about together, side by side."""

from __future__ import annotations

from collections.abc import Collection

from adjudicate.checks.abstraction import Key
from adjudicate.checks.index import Index


def ordered(keys: Collection[Key], index: Index) -> list[Key]:
    """The keys, each after the one that it has most to do with; what depends on what it is beside stays small."""
    left = sorted(keys)
    if len(left) < 3:
        return left
    bonds = _bonds(frozenset(left), index)
    found = [left.pop(0)]
    near = dict.fromkeys(left, 0.0)
    while left:
        last = found[-1]
        for key in left:
            # What was placed long ago draws less than what was placed just now.
            near[key] = near[key] / 2 + bonds.get((last, key), 0.0)
        best = max(left, key=lambda key: near[key])
        left.remove(best)
        found.append(best)
    return found


def _bonds(keys: frozenset[Key], index: Index) -> dict[tuple[Key, Key], float]:
    """How much two variables have to do with one another: a group of few binds its members more than a large one."""
    bonds: dict[tuple[Key, Key], float] = {}
    for group in index.groups:
        members = group & keys
        if len(members) < 2:
            continue
        weight = 1 / (len(members) - 1) ** 2
        for one in members:
            for other in members:
                if one != other:
                    bonds[one, other] = bonds.get((one, other), 0.0) + weight
    return bonds
