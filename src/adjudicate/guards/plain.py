"""The words of conditions that join no others: of facts, events, deadlines, threads, states, days and parties."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from adjudicate.guards.word import Compile, View, Word, need, one_name
from adjudicate.law.text import Text


class FactIs(Word):
    """The fact has the value, or one of the values, for every fact named."""

    word = "fact_is"

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        need(isinstance(self.argument, dict) and bool(self.argument), "'fact_is' takes {fact: value or values}")
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
        need(isinstance(facts, list) and all(isinstance(f, str) for f in facts), "'fact_known' takes names")
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
        need(shape, "'count_of' takes {fact: {at_least, at_most, odd, even}}")
        ((self.name, rule),) = self.argument.items()
        need(isinstance(rule, dict) and bool(rule) and set(rule) <= bounds, f"'count_of' knows {sorted(bounds)}")
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
        self.event = one_name(self.argument, self.word)

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
        self.deadline = one_name(self.argument, self.word)

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
        need(shape and isinstance(self.argument["extensions"], int), "'in_reach' takes {deadline, extensions: n}")
        self.deadline: str = self.argument["deadline"]

    def test(self, view: View) -> bool:
        last = view.furthest_due_on(self.deadline, self.argument["extensions"])
        return last is None or view.on <= last

    def names(self) -> Iterator[tuple[str, str]]:
        yield ("deadline", self.deadline)

    def why(self, view: View) -> Text | None:
        last = view.furthest_due_on(self.deadline, self.argument["extensions"])
        return None if last is None else Text(f"最迟可至 {last}", f"at the latest {last}")


class ThreadOpen(Word):
    """A thread of the incident is open, in that state if one is named."""

    word = "thread_open"

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        named = {"incident": self.argument} if isinstance(self.argument, str) else self.argument
        need(isinstance(named, dict) and set(named) <= {"incident", "state"}, "'thread_open' takes an incident")
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
        need(isinstance(self.argument, list) and len(self.argument) == 2, "'same_people' takes two facts")

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
        need(isinstance(self.argument, list) and len(self.argument) == 2, "'not_after' takes two day facts")

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
        need(isinstance(self.argument, list), "'no_twin' takes a list of facts")

    def test(self, view: View) -> bool:
        return not view.twin(self.argument)

    def names(self) -> Iterator[tuple[str, str]]:
        yield from (("fact", name) for name in self.argument)


class InState(Word):
    """The main procedure stands in one of the states."""

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
        need(shape and all(isinstance(day, date) for day in days), "'in_time' takes {from, until}, both days")
        self.from_on: date = self.argument["from"]
        self.until_on: date = self.argument.get("until", date.max)

    def test(self, view: View) -> bool:
        return self.from_on <= view.on < self.until_on


class HasParty(Word):
    """Somebody plays that part now."""

    word = "has_party"

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        self.role = one_name(self.argument, self.word)

    def test(self, view: View) -> bool:
        return bool(view.members(self.role))

    def names(self) -> Iterator[tuple[str, str]]:
        yield ("role", self.role)
