"""The words of conditions that read facts: their values, whether they are known, how many, and which day is first."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from operator import contains
from typing import Any

from adjudicate.guards.arguments import need, some_names, worded
from adjudicate.guards.kinds import EVERY_TYPE, FINDINGS, LARGEST_NUMBER, LONGEST_LIST, FactRule, FactType, Place
from adjudicate.guards.why import Why, joined, quoted_list
from adjudicate.guards.word import Comparison, Compile, Key, Labels, Literal, Pending, Surroundings, View, Word
from adjudicate.law.suggestion import unknown
from adjudicate.law.text import Text
from adjudicate.law.written import described, whole

# Kinds whose values are one and the same only where they are written alike; of an amount or a length that is not so.
_WRITTEN_ALIKE = (
    FactType.DAY,
    FactType.TIME,
    FactType.CHOICE,
    FactType.TEXT,
    FactType.NUMBER,
    FactType.FLAG,
    FactType.DOCUMENT,
    FactType.ACTOR,
)
_UNKNOWN: tuple[Any, ...] = (None, "", [], {})
COMPARABLE = (FactType.CHOICE, FactType.FLAG, FactType.NUMBER)


def no_value(rule: FactRule, name: str, value: Any) -> Text | None:
    """Why the fact can never have the value; None where it can. Its kind is one of those that have named values."""
    shown = described(value)
    if rule.type is FactType.CHOICE:
        options = rule.choice or {}
        if isinstance(value, str) and value in options:
            return None
        return unknown(f"“{name}”不会是{shown.zh}", f"'{name}' is never {shown.en}", value, options)
    if rule.type is FactType.FLAG:
        sound = isinstance(value, bool)
        wanted = Text(" true 或者 false", "true or false")
    else:
        sound = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_NUMBER
        wanted = Text("整数", "a whole number")
    if sound:
        return None
    return Text(f"“{name}”只会是{wanted.zh}，不会是{shown.zh}", f"'{name}' is {wanted.en}, never {shown.en}")


def fact_now(view: View, name: str) -> Why:
    """What a fact is at present or, where it is not recorded, with which events it would be."""
    label, value = view.names.fact(name), view.fact(name)
    if value in _UNKNOWN:
        source = view.names.recorded_with(name)
        return Why(
            f"尚未记录“{label.zh}”{f'（随{source.zh}记录）' if source.zh else ''}",
            f"'{label.en}' is not recorded yet{f' (it comes with {source.en})' if source.en else ''}",
            {"facts": [name]},
        )
    said = view.names.value(name, value)
    return Why(f"“{label.zh}”为{said.zh}", f"'{label.en}' is {said.en}", {"facts": [name]})


def _is(view: View, name: str, wanted: tuple[Any, ...]) -> bool | None:
    """Whether the fact has one of the values; None while it waits to be given."""
    try:
        return view.fact(name) in wanted
    except Pending:
        return None


class FactIs(Word):
    """The fact has that value, or one of those; of several facts each."""

    word = "fact_is"
    zh = "该事实为所列的值（或者所列各值之一）；写有几个事实的，各个均是"
    example = "{patent_kind: [utility_model, design]}"
    places = (Place("fact", COMPARABLE),)

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        sound = (
            isinstance(self.argument, dict) and bool(self.argument) and all(isinstance(k, str) for k in self.argument)
        )
        need(sound, "“fact_is”须写作 {事实: 值} 或者 {事实: [值, …]}", "'fact_is' takes {fact: value or values}")
        self.wanted = {k: tuple(v) if isinstance(v, list) else (v,) for k, v in self.argument.items()}
        for name, values in self.wanted.items():
            need(bool(values), f"“fact_is”没有写出“{name}”的值", f"'fact_is' gives no value for '{name}'")
            twice = any(values.count(value) > 1 for value in values)
            need(not twice, f"“fact_is”重复写了“{name}”的一个值", f"'fact_is' gives a value of '{name}' twice")

    def test(self, view: View) -> bool:
        return all(view.fact(name) in values for name, values in self.wanted.items())

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield from (("fact", name) for name in self.wanted)

    def fact_faults(self, name: str, rule: FactRule) -> Iterator[Text]:
        yield from (fault for value in self.wanted[name] if (fault := no_value(rule, name, value)))

    def why(self, view: View) -> Why | None:
        holds = self.test(view)
        return joined(fact_now(view, name) for name, wanted in self.wanted.items() if _is(view, name, wanted) is holds)

    def variables(self) -> Iterator[Key]:
        yield from (("fact", name) for name in self.wanted)

    def literals(self) -> Iterator[tuple[Key, Literal]]:
        for name, wanted in self.wanted.items():
            yield ("fact", name), partial(contains, wanted)

    def told_apart(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        yield from self.wanted.items()

    def in_chinese(self, labels: Labels) -> str:
        return "，且".join(self.each_in_chinese(labels))

    def each_in_chinese(self, labels: Labels, *, holds: bool = True) -> tuple[str, ...]:
        return tuple(
            f"“{labels.fact(name)}”{'为' if holds else '不是'}"
            + "或者".join(f"“{labels.value(name, value)}”" for value in values)
            for name, values in self.wanted.items()
        )


class FactKnown(Word):
    """The fact has been recorded; of several each."""

    word = "fact_known"
    zh = "该事实已经记录；写有几个的，各个均已记录"
    example = "docketed_on"
    places = (Place("fact", EVERY_TYPE),)

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        self.facts = some_names(self.argument, self.word)

    def test(self, view: View) -> bool:
        return all(view.fact(name) not in _UNKNOWN for name in self.facts)

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield from (("fact", name) for name in self.facts)

    def why(self, view: View) -> Why | None:
        holds = self.test(view)
        return joined(fact_now(view, name) for name in self.facts if _is(view, name, _UNKNOWN) is (not holds))

    def variables(self) -> Iterator[Key]:
        yield from (("fact", name) for name in self.facts)

    def literals(self) -> Iterator[tuple[Key, Literal]]:
        for key in self.own_keys:
            yield key, lambda value: value is not None

    def in_chinese(self, labels: Labels) -> str:
        return "已记录" + "、".join(f"“{labels.fact(name)}”" for name in self.facts)

    def each_in_chinese(self, labels: Labels, *, holds: bool = True) -> tuple[str, ...]:
        return (self.in_chinese(labels),) if holds else tuple(f"没有记录“{labels.fact(name)}”" for name in self.facts)


_ASKED = {
    "at_least": Text("不少于 {}", "at least {}"),
    "at_most": Text("不多于 {}", "at most {}"),
    "odd": Text("为单数", "odd"),
    "even": Text("为双数", "even"),
}
_BOUNDS = tuple(_ASKED)


class CountOf(Comparison):
    """The length of a list, or a number, lies within `at_least` and `at_most`, and is `odd` or `even` as asked."""

    word = "count_of"
    zh = "列表的项数，或者整数的大小，在 at_least 与 at_most 之间，并按要求为单数（odd）或者双数（even）"
    example = "{panel: {odd: true, at_least: 3, at_most: 9}}"
    places = (Place("fact", (FactType.NUMBER, FactType.LIST)),)

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        shape = isinstance(self.argument, dict) and len(self.argument) == 1
        need(
            shape,
            "“count_of”须写作 {事实: {at_least, at_most, odd, even}}",
            "'count_of' takes {fact: {at_least, at_most, odd, even}}",
        )
        ((self.fact, rule),) = self.argument.items()
        listed = ", ".join(_BOUNDS)
        known = isinstance(self.fact, str) and isinstance(rule, dict) and bool(rule) and set(rule) <= set(_BOUNDS)
        need(known, f"“count_of”只能写 {listed}", f"'count_of' knows {listed}")
        self.rule: dict[str, Any] = rule
        for bound in ("at_least", "at_most"):
            if bound in rule:
                worded(bound, partial(whole, rule[bound], 0, LARGEST_NUMBER))
        for parity in ("odd", "even"):
            sound = rule.get(parity, True) is True
            shown = described(rule.get(parity))
            need(sound, f"“{parity}”只能写 true，而不是{shown.zh}", f"'{parity}' can only be true, not {shown.en}")
        self.low, self.high = rule.get("at_least", 0), rule.get("at_most", LARGEST_NUMBER)
        need(
            any(self._within(count) for count in (self.low, self.low + 1)),
            "没有数目能同时满足“count_of”所列的各项",
            "no number is within all that 'count_of' asks for",
        )

    def _within(self, count: int) -> bool:
        rule = self.rule
        fits = not (rule.get("odd") and count % 2 == 0) and not (rule.get("even") and count % 2 == 1)
        return fits and bool(self.low <= count <= self.high)

    def test(self, view: View) -> bool:
        value = view.fact(self.fact)
        if value is None:
            return False
        return self._within(len(set(value)) if isinstance(value, list) else value)

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield ("fact", self.fact)

    def fact_faults(self, name: str, rule: FactRule) -> Iterator[Text]:
        if rule.type is FactType.LIST and self.low > LONGEST_LIST:
            yield Text(
                f"“{name}”至多有 {LONGEST_LIST} 项，不会达到 {self.low}",
                f"'{name}' holds at most {LONGEST_LIST} and is never {self.low}",
            )

    def why(self, view: View) -> Why | None:
        value, label = view.fact(self.fact), view.names.fact(self.fact)
        if value is None:
            return fact_now(view, self.fact)
        count = len(set(value)) if isinstance(value, list) else value
        zh = "，".join(_ASKED[key].zh.format(asked) for key, asked in self.rule.items())
        en = ", ".join(_ASKED[key].en.format(asked) for key, asked in self.rule.items())
        return Why(
            f"“{label.zh}”的数目为 {count}，须{zh}",
            f"the number of '{label.en}' is {count} and must be {en}",
            {"facts": [self.fact]},
        )

    def in_chinese(self, labels: Labels) -> str:
        asked = "，".join(_ASKED[key].zh.format(value) for key, value in self.rule.items())
        return f"“{labels.fact(self.fact)}”（人数或者数目）{asked}"


class FindingIs(Comparison):
    """The finding on that item of a checklist is that one, or one of those; of several items each."""

    word = "finding_is"
    zh = "核对清单中该项的认定为所列的一种；写有几项的，各项均是"
    example = "{infringement_findings: {all_features_covered: [met]}}"
    places = (Place("fact", (FactType.CHECKLIST,)),)

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        shape = isinstance(self.argument, dict) and len(self.argument) == 1
        inner = next(iter(self.argument.values())) if shape else None
        need(
            isinstance(inner, dict) and bool(inner),
            "“finding_is”须写作 {核对清单: {项目: 认定}}",
            "'finding_is' takes {checklist: {item: finding or findings}}",
        )
        ((self.fact, items),) = self.argument.items()
        self.wanted = {item: tuple(v) if isinstance(v, list) else (v,) for item, v in items.items()}
        for item, wanted in self.wanted.items():
            for one in wanted:
                shown = described(one)
                need(
                    isinstance(one, str) and one in FINDINGS,
                    f"“{item}”的认定只有{'、'.join(FINDINGS)}，没有{shown.zh}",
                    f"a finding on '{item}' is one of {', '.join(FINDINGS)}, not {shown.en}",
                )

    def test(self, view: View) -> bool:
        found = view.fact(self.fact) or {}
        return all(item in found and found[item]["finding"] in wanted for item, wanted in self.wanted.items())

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield ("fact", self.fact)

    def why(self, view: View) -> Why | None:
        found = view.fact(self.fact) or {}
        told = [
            (view.names.item(self.fact, item), FINDINGS[found[item]["finding"]])
            for item in self.wanted
            if item in found
        ]
        zh = "、".join(f"“{label.zh}”认定为{finding.zh}" for label, finding in told)
        en = ", ".join(f"'{label.en}' was found {finding.en}" for label, finding in told)
        return Why(zh, en, {"facts": [self.fact]}) if told else None

    def fact_faults(self, name: str, rule: FactRule) -> Iterator[Text]:
        items = rule.checklist or {}
        for item in self.wanted:
            if item not in items:
                yield unknown(f"“{name}”没有项目“{item}”", f"'{name}' has no item '{item}'", item, items)

    def in_chinese(self, labels: Labels) -> str:
        return "，且".join(self.each_in_chinese(labels))

    def each_in_chinese(self, labels: Labels, *, holds: bool = True) -> tuple[str, ...]:
        return tuple(
            f"“{labels.item(self.fact, item)}”{'' if holds else '没有'}认定为"
            + "或者".join(FINDINGS[one].zh for one in wanted)
            for item, wanted in self.wanted.items()
        )


class NoTwin(Word):
    """No other open thread of this incident has the same party and the same values of these facts."""

    word = "no_twin"
    zh = "本附随程序没有另一个进行中的、当事人相同且这些事实也相同的分支（只用于附随程序）"
    example = "[document, method]"
    places = (Place("fact", _WRITTEN_ALIKE),)

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        self.facts = some_names(self.argument, self.word)

    def test(self, view: View) -> bool:
        return not view.twin(self.facts)

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield from (("fact", name) for name in self.facts)

    def faults(self, known: Surroundings) -> Iterator[Text]:
        yield from super().faults(known)
        if not known.is_incident:
            yield Text(
                "“no_twin”比较同一附随程序的各个分支，只能用于附随程序",
                "'no_twin' compares the threads of an incident: it stands in an incident only",
            )

    def why(self, view: View) -> Why | None:
        same = quoted_list(view.names.fact(name) for name in self.facts)
        return Why(
            f"已有一件当事人相同、{same.zh}也相同的程序正在进行，须先办结",
            f"another one with the same party and the same {same.en} is open and must be finished first",
            {"facts": list(self.facts)},
        )

    def in_chinese(self, labels: Labels) -> str:
        return (
            "没有同一当事人且" + "、".join(f"“{labels.fact(name)}”" for name in self.facts) + "相同的另一进行中的程序"
        )
