"""The general words of which a lawyer's conditions are made; each is pure and says why it does not hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from adjudicate.law.text import Text
from adjudicate.states.words import Compile, Pending, View, Word
from adjudicate.states.yamlfile import suggestion

__all__ = ["WORDS", "Compile", "Pending", "View", "Word", "compile_guard", "reads_of"]


def _need(holds: bool, sentence: str) -> None:
    if not holds:
        raise ValueError(sentence)


def _one_name(argument: Any, word: str) -> str:
    _need(isinstance(argument, str), f"'{word}' takes one name")
    return str(argument)


class FactIs(Word):
    """The fact has the value, or one of the values, for every fact named."""

    word = "fact_is"

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        _need(isinstance(self.argument, dict) and bool(self.argument), "'fact_is' takes {fact: value or values}")
        self.wanted = {k: tuple(v) if isinstance(v, list) else (v,) for k, v in self.argument.items()}

    def test(self, view: View) -> bool:
        return all(view.fact(name) in values for name, values in self.wanted.items())

    def names(self) -> Iterator[tuple[str, str]]:
        yield from (("fact", name) for name in self.wanted)


class FactKnown(Word):
    """Every fact named has been recorded."""

    word = "fact_known"

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        facts = [self.argument] if isinstance(self.argument, str) else self.argument
        _need(isinstance(facts, list) and all(isinstance(f, str) for f in facts), "'fact_known' takes names")
        self.facts: list[str] = facts

    def test(self, view: View) -> bool:
        return all(view.fact(name) not in (None, "", [], {}) for name in self.facts)

    def names(self) -> Iterator[tuple[str, str]]:
        yield from (("fact", name) for name in self.facts)


class CountOf(Word):
    """The size of a list, or a number, lies within bounds and has the parity."""

    word = "count_of"

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        bounds = {"odd", "even", "at_least", "at_most"}
        shape = isinstance(self.argument, dict) and len(self.argument) == 1
        _need(shape, "'count_of' takes {fact: {at_least, at_most, odd, even}}")
        ((self.name, rule),) = self.argument.items()
        _need(isinstance(rule, dict) and bool(rule) and set(rule) <= bounds, f"'count_of' knows {sorted(bounds)}")
        self.rule: dict[str, Any] = rule

    def test(self, view: View) -> bool:
        value = view.fact(self.name)
        if value is None:
            return False
        count = len(set(value)) if isinstance(value, list) else value
        rule = self.rule
        return (
            rule.get("at_least", count) <= count <= rule.get("at_most", count)
            and (not rule.get("odd") or count % 2 == 1)
            and (not rule.get("even") or count % 2 == 0)
        )

    def names(self) -> Iterator[tuple[str, str]]:
        yield ("fact", self.name)

    def why(self, view: View) -> Text | None:
        value = view.fact(self.name)
        count = len(value) if isinstance(value, list) else value
        return Text(
            f"现为 {count if count is not None else '未记录'}", f"it is {count if count is not None else 'unknown'}"
        )


class _OfEvent(Word):
    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        self.event = _one_name(self.argument, self.word)

    def names(self) -> Iterator[tuple[str, str]]:
        yield ("event", self.event)


class Recorded(_OfEvent):
    """The event has happened."""

    word = "recorded"

    def test(self, view: View) -> bool:
        return view.happened(self.event)


class NotRecorded(_OfEvent):
    """The event has not happened."""

    word = "not_recorded"

    def test(self, view: View) -> bool:
        return not view.happened(self.event)


class _OfDeadline(Word):
    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        self.deadline = _one_name(self.argument, self.word)

    def names(self) -> Iterator[tuple[str, str]]:
        yield ("deadline", self.deadline)

    def why(self, view: View) -> Text | None:
        due = view.due(self.deadline)
        return None if due is None else Text(f"期限届满日为 {due}", f"its last day is {due}")


class Over(_OfDeadline):
    """The deadline's last day has passed."""

    word = "over"

    def test(self, view: View) -> bool:
        return view.over(self.deadline)


class NotOver(_OfDeadline):
    """The deadline's last day has not passed, or it never started."""

    word = "not_over"

    def test(self, view: View) -> bool:
        return not view.over(self.deadline)


class Started(_OfDeadline):
    """The deadline has been started."""

    word = "started"

    def test(self, view: View) -> bool:
        return view.started(self.deadline)


class InReach(Word):
    """The day is not after the due day that the first n extensions, granted in full, would give."""

    word = "in_reach"

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        shape = isinstance(self.argument, dict) and set(self.argument) == {"deadline", "extensions"}
        _need(shape and isinstance(self.argument["extensions"], int), "'in_reach' takes {deadline, extensions: n}")
        self.deadline: str = self.argument["deadline"]

    def test(self, view: View) -> bool:
        last = view.reach(self.deadline, self.argument["extensions"])
        return last is None or view.on <= last

    def names(self) -> Iterator[tuple[str, str]]:
        yield ("deadline", self.deadline)

    def why(self, view: View) -> Text | None:
        last = view.reach(self.deadline, self.argument["extensions"])
        return None if last is None else Text(f"最迟可至 {last}", f"at the latest {last}")


class ThreadOpen(Word):
    """A thread of the incident is open, in that state if one is named."""

    word = "thread_open"

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        named = {"incident": self.argument} if isinstance(self.argument, str) else self.argument
        _need(isinstance(named, dict) and set(named) <= {"incident", "state"}, "'thread_open' takes an incident")
        self.incident: str = named["incident"]
        self.state: str | None = named.get("state")

    def test(self, view: View) -> bool:
        return view.thread_open(self.incident, self.state)

    def names(self) -> Iterator[tuple[str, str]]:
        yield ("incident", self.incident)


class SamePeople(Word):
    """Two lists name the same people, whatever their order."""

    word = "same_people"

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        _need(isinstance(self.argument, list) and len(self.argument) == 2, "'same_people' takes two facts")

    def test(self, view: View) -> bool:
        first, second = (view.fact(name) for name in self.argument)
        return bool(first) and bool(second) and set(first) == set(second)

    def names(self) -> Iterator[tuple[str, str]]:
        yield from (("fact", name) for name in self.argument)

    def why(self, view: View) -> Text | None:
        first, second = (set(view.fact(name) or ()) for name in self.argument)
        differing = sorted(first ^ second)
        zh, en = "、".join(differing), ", ".join(differing)
        return Text(f"不一致的人员：{zh}", f"differing people: {en}") if differing else None


class NotAfter(Word):
    """The first day is not after the second; a day not known does not fail."""

    word = "not_after"

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        _need(isinstance(self.argument, list) and len(self.argument) == 2, "'not_after' takes two day facts")

    def test(self, view: View) -> bool:
        first, second = (view.fact(name) for name in self.argument)
        return first is None or second is None or bool(first <= second)

    def names(self) -> Iterator[tuple[str, str]]:
        yield from (("fact", name) for name in self.argument)


class NoTwin(Word):
    """No other open thread of this incident has the same party and the same values of these facts."""

    word = "no_twin"

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        _need(isinstance(self.argument, list), "'no_twin' takes a list of facts")

    def test(self, view: View) -> bool:
        return not view.twin(self.argument)

    def names(self) -> Iterator[tuple[str, str]]:
        yield from (("fact", name) for name in self.argument)


class InState(Word):
    """The main road stands in one of the states."""

    word = "in_state"

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        self.states = [self.argument] if isinstance(self.argument, str) else list(self.argument)

    def test(self, view: View) -> bool:
        return view.stands_in(self.states)

    def names(self) -> Iterator[tuple[str, str]]:
        yield from (("state", state) for state in self.states)


class InTime(Word):
    """The act's day lies within a half-open time; this is how a rule of limited validity is said."""

    word = "in_time"

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        shape = isinstance(self.argument, dict) and {"from"} <= set(self.argument) <= {"from", "until"}
        days = self.argument.values() if shape else ()
        _need(shape and all(isinstance(day, date) for day in days), "'in_time' takes {from, until}, both days")
        self.from_on: date = self.argument["from"]
        self.until_on: date = self.argument.get("until", date.max)

    def test(self, view: View) -> bool:
        return self.from_on <= view.on < self.until_on


class HasParty(Word):
    """Somebody plays that part now."""

    word = "has_party"

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        self.role = _one_name(self.argument, self.word)

    def test(self, view: View) -> bool:
        return bool(view.members(self.role))

    def names(self) -> Iterator[tuple[str, str]]:
        yield ("role", self.role)


class ForEach(Word):
    """The condition holds for each party that plays the role now."""

    word = "for_each"

    def prepare(self, compile_inner: Compile) -> None:
        shape = isinstance(self.argument, dict) and set(self.argument) == {"role", "holds"}
        _need(shape, "'for_each' takes {role, holds: condition}")
        self.role: str = self.argument["role"]
        self.children = (compile_inner(self.argument["holds"]),)

    def test(self, view: View) -> bool:
        return all(self.children[0].test(view.bound(party)) for party in view.members(self.role))

    def names(self) -> Iterator[tuple[str, str]]:
        yield ("role", self.role)
        yield from super().names()

    def why(self, view: View) -> Text | None:
        lacking = [party for party in view.members(self.role) if not self.children[0].test(view.bound(party))]
        return Text(f"尚缺：{'、'.join(lacking)}", f"not yet for: {', '.join(lacking)}")


class All(Word):
    """Every condition holds."""

    word = "all"

    def prepare(self, compile_inner: Compile) -> None:
        _need(isinstance(self.argument, list) and bool(self.argument), f"'{self.word}' takes a list of conditions")
        self.children = tuple(compile_inner(inner) for inner in self.argument)

    def test(self, view: View) -> bool:
        return all(child.test(view) for child in self.children)

    def why(self, view: View) -> Text | None:
        return next((child.why(view) for child in self.children if not child.test(view)), None)


class AnyOf(All):
    """At least one condition holds."""

    word = "any"

    def test(self, view: View) -> bool:
        return any(child.test(view) for child in self.children)


class Not(Word):
    """The condition does not hold."""

    word = "not"

    def prepare(self, compile_inner: Compile) -> None:
        self.children = (compile_inner(self.argument),)

    def test(self, view: View) -> bool:
        return not self.children[0].test(view)


_CLASSES: tuple[type[Word], ...] = (
    FactIs,
    FactKnown,
    CountOf,
    Recorded,
    NotRecorded,
    Over,
    NotOver,
    Started,
    InReach,
    ThreadOpen,
    SamePeople,
    NotAfter,
    NoTwin,
    InState,
    InTime,
    HasParty,
    ForEach,
    All,
    AnyOf,
    Not,
)
WORDS: Mapping[str, type[Word]] = {kind.word: kind for kind in _CLASSES}


def compile_guard(guard: Any, named: Mapping[str, Any], seen: tuple[str, ...] = ()) -> Word:
    """Turn `{word: argument}`, or the name of a condition, into a Word.

    `named` maps each condition's name to its guard. Raises ValueError with a sentence that names the fault.
    """
    if isinstance(guard, str):
        if guard in seen:
            raise ValueError(f"condition '{guard}' speaks of itself")
        if guard not in named:
            raise ValueError(f"unknown condition '{guard}'.{suggestion(guard, named)}")
        return compile_guard(named[guard], named, (*seen, guard))
    if not isinstance(guard, dict) or len(guard) != 1:
        words = ", ".join(sorted(guard)) if isinstance(guard, dict) else str(guard)
        raise ValueError(f"a condition has exactly one guard word, not: {words or 'none'}")
    ((word, argument),) = guard.items()
    if word not in WORDS:
        raise ValueError(f"unknown guard '{word}'.{suggestion(word, WORDS)}")
    return WORDS[word](argument, lambda inner: compile_guard(inner, named, seen))


def reads_of(words: Iterable[Word], kind: str) -> frozenset[str]:
    """The names of one kind that the words read."""
    return frozenset(name for word in words for found, name in word.names() if found == kind)
