"""What checking a folder found: faults, sizes of what was explored, points that wait for a ruling; it finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from adjudicate.errors import Fault
from adjudicate.law.text import Text


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
    what: Text

    def said(self, language: str) -> str:
        """Where it stands and what it is about, in `zh` or `en`."""
        return f"{self.code}: {self.file}:{self.line}: {self.what.in_language(language)}"


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
        return "\n".join(self.lines("en"))

    def lines(self, language: str) -> Iterator[str]:
        """The report as text in `zh` or `en`, faults last, where they are seen."""

        def said(zh: str, en: str) -> str:
            return Text(zh, en).in_language(language)

        if self.slices:
            yield said("已探查：", "explored:")
            yield from (f"  {size}" for size in self.slices)
        if self.rulings:
            yield said("待裁断：", "ruling needed:")
            yield from (f"  {ruling.said(language)}" for ruling in self.rulings)
        if self.waits:
            yield said("只能由外部机构终结：", "ended by an outside body alone:")
            yield from (f"  {wait}" for wait in self.waits)
        yield from (fault.said(language) for fault in self.faults)
        files, slices, faults = self.files, len(self.slices), len(self.faults)
        states, seconds = sum(size.states for size in self.slices), f"{self.seconds:.1f}"
        found = (
            said(f"{faults} 处错误", f"{faults} fault{'' if faults == 1 else 's'}")
            if faults
            else said("没有错误", "no fault")
        )
        yield said(
            f"{files} 个文件，{slices} 项探查，{states} 个状态，{seconds} 秒：{found}",
            f"{files} files, {slices} slices, {states} states, {seconds} s: {found}",
        )
