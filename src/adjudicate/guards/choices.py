"""The word of conditions that reads which of several choices a person made."""

from __future__ import annotations

from collections.abc import Iterator

from adjudicate.guards.arguments import need, some_names
from adjudicate.guards.facts import fact_now
from adjudicate.guards.kinds import FactRule, FactType, Place
from adjudicate.guards.why import Why
from adjudicate.guards.word import Comparison, Compile, Labels, View
from adjudicate.law.suggestion import unknown
from adjudicate.law.text import Text


class Chosen(Comparison):
    """Each of those choices was made among the several that the fact offers."""

    word = "chosen"
    zh = "该事实的多项选择中，所列各项均已选"
    example = "{measures: [stop_making, stop_selling]}"
    places = (Place("fact", (FactType.SEVERAL,)),)

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        shape = isinstance(self.argument, dict) and len(self.argument) == 1
        need(shape, "“chosen”须写作 {事实: [选项, …]}", "'chosen' takes {fact: choice or choices}")
        ((self.fact, choices),) = self.argument.items()
        self.wanted = some_names(choices, self.word)

    def test(self, view: View) -> bool:
        return set(self.wanted) <= set(view.fact(self.fact) or [])

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield ("fact", self.fact)

    def fact_faults(self, name: str, rule: FactRule) -> Iterator[Text]:
        offered = rule.several or {}
        for one in self.wanted:
            if one not in offered:
                yield unknown(f"“{name}”没有选项“{one}”", f"'{name}' has no choice '{one}'", one, offered)

    def why(self, view: View) -> Why | None:
        return fact_now(view, self.fact)

    def in_chinese(self, labels: Labels) -> str:
        return "，且".join(self.each_in_chinese(labels))

    def each_in_chinese(self, labels: Labels, *, holds: bool = True) -> tuple[str, ...]:
        return tuple(
            f"“{labels.fact(self.fact)}”{'' if holds else '没有'}选“{labels.value(self.fact, one)}”"
            for one in self.wanted
        )
