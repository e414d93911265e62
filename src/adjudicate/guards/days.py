"""The words of conditions that compare days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from adjudicate.guards.arguments import need, one_name, two_facts, with_keys, worded
from adjudicate.guards.facts import fact_now
from adjudicate.guards.kinds import FactType, Place
from adjudicate.guards.why import Why, joined
from adjudicate.guards.word import Comparison, Compile, Labels, View, Word
from adjudicate.law.written import day

_NOT_BEFORE, _SAME = "not_before", "same"


class NotAfter(Comparison):
    """The first day is not after the second; a day that is not known does not fail."""

    word = "not_after"
    zh = "前一日期不晚于后一日期；尚不知道的日期不算违反"
    example = "[signed_on, completed_on]"
    places = (Place("fact", (FactType.DAY,)), Place("fact", (FactType.DAY,)))
    unknown = True

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        self.first, self.second = two_facts(self.argument, self.word)

    def test(self, view: View) -> bool:
        first, second = view.fact(self.first), view.fact(self.second)
        return first is None or second is None or bool(first <= second)

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield from (("fact", self.first), ("fact", self.second))

    def why(self, view: View) -> Why | None:
        return joined(fact_now(view, name) for name in (self.first, self.second))

    def in_chinese(self, labels: Labels) -> str:
        return f"“{labels.fact(self.first)}”不晚于“{labels.fact(self.second)}”"


class ActDay(Comparison):
    """Each day is, as asked, `not_before` the day of the act, or the `same`; one that is not known does not fail."""

    word = "act_day"
    zh = "各日期与行为发生日的关系符合所写：不早于该日（not_before），或者即为该日（same）；尚不知道的日期不算违反"
    example = "{hearing_on: not_before}"
    places = (Place("fact", (FactType.DAY,)),)
    unknown = True

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        said = self.argument
        sound = isinstance(said, dict) and bool(said) and all(isinstance(name, str) for name in said)
        sound = sound and all(wanted in (_NOT_BEFORE, _SAME) for wanted in said.values())
        need(
            sound,
            f"“act_day”须写作 {{事实: {_NOT_BEFORE} 或者 {_SAME}}}",
            f"'act_day' takes {{fact: {_NOT_BEFORE} or {_SAME}}}",
        )
        self.wanted: dict[str, str] = said

    def _wrong(self, view: View) -> list[str]:
        on = view.on.isoformat()
        days = [(view.fact(name), wanted) for name, wanted in self.wanted.items()]
        return [one for one, wanted in days if one is not None and (one < on if wanted == _NOT_BEFORE else one != on)]

    def test(self, view: View) -> bool:
        return not self._wrong(view)

    def why(self, view: View) -> Why | None:
        told = [(name, day) for name in self.wanted if (day := view.fact(name)) is not None]
        if not told:
            return None
        labels = [(view.names.fact(name), day) for name, day in told]
        zh = "、".join(f"“{label.zh}”为{day}" for label, day in labels)
        en = ", ".join(f"'{label.en}' is {day}" for label, day in labels)
        facts = {"facts": [name for name, _ in told]}
        return Why(f"{zh}，行为发生日为{view.on}", f"{en}, and the act is of {view.on}", facts)

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield from (("fact", name) for name in self.wanted)

    def in_chinese(self, labels: Labels) -> str:
        said = {_NOT_BEFORE: "不早于行为发生日", _SAME: "即为行为发生日"}
        return "，且".join(f"“{labels.fact(name)}”{said[wanted]}" for name, wanted in self.wanted.items())


class WorkingDay(Comparison):
    """The day is a working day, as far as the calendar is known; a day that is not known does not fail."""

    word = "working_day"
    zh = "该日期按现有日历为工作日；尚不知道的日期不算违反"
    example = "hearing_on"
    places = (Place("fact", (FactType.DAY,)),)
    unknown = True

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        self.fact = one_name(self.argument, self.word)

    def test(self, view: View) -> bool:
        told = view.fact(self.fact)
        return told is None or view.is_working(date.fromisoformat(told))

    def why(self, view: View) -> Why | None:
        told = view.fact(self.fact)
        if told is None:
            return None
        is_one = view.is_working(date.fromisoformat(told))
        zh, en = ("是", "is a") if is_one else ("不是", "is no")
        return Why(f"{told}{zh}工作日", f"{told} {en} working day", {"facts": [self.fact]})

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield ("fact", self.fact)

    def in_chinese(self, labels: Labels) -> str:
        return f"“{labels.fact(self.fact)}”为工作日"


class InTime(Word):
    """The act's day lies in that time: `from` belongs to it, `until` no longer; for rules of limited validity."""

    word = "in_time"
    zh = "行为日在该期间内：含首日，不含末日；用于有施行期间的规则"
    example = "{from: 2016-01-01, until: 2023-01-01}"
    places = (Place("day"),)

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        given = with_keys(self.argument, self.word, required={"from"}, optional=frozenset({"until"}))
        self.from_on: date = worded("from", lambda: day(given["from"]))
        self.until_on: date = worded("until", lambda: day(given["until"])) if "until" in given else date.max
        need(
            self.from_on < self.until_on,
            f"“in_time”的首日 {self.from_on} 不早于末日 {self.until_on}",
            f"'in_time' begins on {self.from_on}, which is not before it ends on {self.until_on}",
        )

    def test(self, view: View) -> bool:
        return self.from_on <= view.on < self.until_on

    def why(self, view: View) -> Why | None:
        until = self.until_on != date.max
        return Why(
            f"该日为{view.on}，所问的时间自{self.from_on}起{f'至{self.until_on}（不含）' if until else ''}",
            f"the day is {view.on}; the time in question runs from {self.from_on}"
            f"{f' until {self.until_on}, exclusive' if until else ''}",
        )

    def in_chinese(self, labels: Labels) -> str:
        del labels
        until = f"、{self.until_on} 以前（不含当日）" if self.until_on != date.max else ""
        return f"行为日在 {self.from_on} 以后（含当日）{until}"
