"""The ways in which a shipped definition is broken, one change at a time; nothing here judges the result."""

from __future__ import annotations

import copy
import hashlib
from dataclasses import dataclass, field

from tests.mutants.changes import Operator, Raw
from tests.mutants.of_conditions import OF_CONDITIONS
from tests.mutants.of_deadlines import OF_DEADLINES
from tests.mutants.of_steps import OF_STEPS

OPERATORS: dict[str, Operator] = {**OF_STEPS, **OF_DEADLINES, **OF_CONDITIONS}


@dataclass(frozen=True)
class Mutant:
    """One broken definition: which operator, in which file, what is changed and how; `place` is the step, or -1.

    It is broken only when `data` is asked for: thousands of whole definitions would fill the memory.
    """

    operator: str
    file: str
    what: str
    place: int
    sound: Raw = field(repr=False, compare=False)

    @property
    def data(self) -> Raw:
        """The definition as changed, a copy of its own."""
        changes = OPERATORS[self.operator](self.sound)
        change = next(change for what, change, place in changes if (what, place) == (self.what, self.place))
        broken = copy.deepcopy(self.sound)
        change(broken)
        return broken

    @property
    def name(self) -> str:
        """What names it among the survivors, whatever else changes in its file."""
        return f"{self.operator}: {self.file}: {self.what}"


def mutants_of(operator: str, file: str, data: Raw) -> list[Mutant]:
    """Every way in which one operator breaks one file."""
    return [Mutant(operator, file, what, place, data) for what, _, place in OPERATORS[operator](data)]


def all_mutants(files: dict[str, Raw]) -> dict[str, list[Mutant]]:
    """Every mutant of every file by operator, in an order that mixes the files and depends on each one's name alone."""
    found: dict[str, list[Mutant]] = {}
    for operator in OPERATORS:
        every = [one for file, data in sorted(files.items()) for one in mutants_of(operator, file, data)]
        found[operator] = sorted(every, key=lambda one: hashlib.sha256(one.name.encode()).hexdigest())
    return found
