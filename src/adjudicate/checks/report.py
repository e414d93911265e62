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
    question: Text
    variables: tuple[Text, ...]
    states: int
    combinations: int
    moves: int
    seconds: float

    def said(self, language: str) -> str:
        """The size as a line of the report, in `zh` or `en`."""
        question = self.question.in_language(language)
        if language == "zh":
            kept = "、".join(one.zh for one in self.variables) or "只有阶段"
            return (
                f"{self.file}: {question}：{self.states} 个状态，{self.moves} 种变动，{self.seconds:.2f} 秒"
                f"（考察：{kept}；代表 {self.combinations} 种组合）"
            )
        kept = ", ".join(one.en for one in self.variables) or "the states alone"
        return (
            f"{self.file}: {question}: {self.states} states, {self.moves} moves, {self.seconds:.2f} s "
            f"(kept: {kept}; standing for {self.combinations} combinations)"
        )


@dataclass(frozen=True, slots=True)
class Ruling:
    """An unsettled point of law and where a default was taken for it."""

    code: str
    file: str
    line: int
    what: Text

    def said(self, language: str) -> str:
        """The point as a line of the report."""
        return f"{self.code}: {self.file}:{self.line}: {self.what.in_language(language)}"


@dataclass(frozen=True, slots=True)
class Wait:
    """A state that only an outside body's act ends: no fault, but good to know."""

    file: str
    state: Text

    def said(self, language: str) -> str:
        """The state as a line of the report."""
        return f"{self.file}: {self.state.in_language(language)}"


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one run found; `unused` are the numbers of open points that nothing bears."""

    files: int
    faults: tuple[Fault, ...]
    slices: tuple[SliceSize, ...]
    rulings: tuple[Ruling, ...]
    unused: tuple[str, ...]
    waits: tuple[Wait, ...]
    seconds: float

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def __str__(self) -> str:
        return self.text("en")

    def text(self, language: str) -> str:
        """The report in `zh` or `en`."""
        return "\n".join(self.lines(language))

    def lines(self, language: str) -> Iterator[str]:
        """The same by lines, faults last, where they are seen."""
        parts = (
            (Text("考察的范围：", "explored:"), self.slices),
            (Text("待裁断的问题：", "ruling needed:"), self.rulings),
            (Text("只有外部机构的行为才能结束的阶段：", "ended by an outside body alone:"), self.waits),
        )
        if self.unused:
            zh, en = "没有任何文件使用的待裁断问题", "open points that nothing uses"
            named = Text(f"{zh}：{'、'.join(self.unused)}", f"{en}: {', '.join(self.unused)}")
            yield named.in_language(language)
        for heading, found in parts:
            if found:
                yield heading.in_language(language)
                yield from (f"  {one.said(language)}" for one in found)
        yield from (fault.said(language) for fault in self.faults)
        yield self._summary().in_language(language)

    def _summary(self) -> Text:
        states, count = sum(size.states for size in self.slices), len(self.faults)
        zh = f"{count} 处缺陷" if count else "没有缺陷"
        en = "no fault" if not count else "1 fault" if count == 1 else f"{count} faults"
        return Text(
            f"{self.files} 个文件，{len(self.slices)} 个切片，{states} 个状态，{self.seconds:.1f} 秒：{zh}",
            f"{self.files} files, {len(self.slices)} slices, {states} states, {self.seconds:.1f} s: {en}",
        )
