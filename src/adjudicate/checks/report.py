"""What checking a folder found: faults, sizes of what was explored, points that wait for a ruling; it finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from adjudicate.errors import Fault


@dataclass(frozen=True, slots=True)
class SliceSize:
    """How much of a definition's state space one question needed; `seconds` is wall time.

    `states` are those told apart; they stand for so many `combinations` of a state of the procedure and kept values.
    """

    file: str
    question: str
    variables: tuple[str, ...]
    states: int
    combinations: int
    transitions: int
    seconds: float

    def __str__(self) -> str:
        kept = ", ".join(self.variables) or "the states alone"
        return (
            f"{self.file}: {self.question}: {self.states} states, {self.transitions} transitions, "
            f"{self.seconds:.2f} s (kept: {kept}; {self.combinations} combinations)"
        )


@dataclass(frozen=True, slots=True)
class Ruling:
    """An unsettled point of law and where a default was taken for it."""

    code: str
    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.code}: {self.file}:{self.line}: {self.what}"


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one run found. `waits` are states that only an outside body's act ends: no fault, but good to know."""

    files: int
    faults: tuple[Fault, ...]
    slices: tuple[SliceSize, ...]
    rulings: tuple[Ruling, ...]
    waits: tuple[str, ...]
    seconds: float

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """The report as text, faults last, where they are seen."""
        if self.slices:
            yield "explored:"
            yield from (f"  {size}" for size in self.slices)
        if self.rulings:
            yield "ruling needed:"
            yield from (f"  {ruling}" for ruling in self.rulings)
        if self.waits:
            yield "ended by an outside body alone:"
            yield from (f"  {wait}" for wait in self.waits)
        yield from (str(fault) for fault in self.faults)
        states = sum(size.states for size in self.slices)
        found = f"{len(self.faults)} faults" if self.faults else "no fault"
        yield f"{self.files} files, {len(self.slices)} slices, {states} states, {self.seconds:.1f} s: {found}"
