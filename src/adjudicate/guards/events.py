"""The words of conditions that read events, deadlines, threads, states and the day of the act."""

from __future__ import annotations

from collections.abc import Iterator
from operator import not_

from adjudicate.guards.arguments import one_name, with_keys, worded
from adjudicate.guards.kinds import Place
from adjudicate.guards.why import Why
from adjudicate.guards.word import NEVER, OVER, Compile, Key, Labels, Literal, Surroundings, View, Word
from adjudicate.law.text import Text
from adjudicate.law.written import whole

MOST_EXTENSIONS = 99  # a technical bound; no rule of law


class _OfEvent(Word):
    """A word about one event."""

    places = (Place("event"),)
    example = "hearing_held"

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        self.event = one_name(self.argument, self.word)

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield ("event", self.event)

    def variables(self) -> Iterator[Key]:
        yield ("event", self.event)

    def why(self, view: View) -> Why | None:
        label, doers = view.names.event(self.event), view.names.doers(self.event)
        if view.happened(self.event):
            return Why(f"已经记录“{label.zh}”", f"'{label.en}' is recorded", {"events": [self.event]})
        return Why(
            f"尚未记录“{label.zh}”（{doers.zh}）",
            f"'{label.en}' is not recorded yet ({doers.en})",
            {"events": [self.event]},
        )


class Recorded(_OfEvent):
    """The event has happened; inside `for_each` and in `per` steps: for that party."""

    word = "recorded"
    zh = "该事项已经发生；在 for_each 之内以及 per 步骤中，指就该当事人已经发生"

    def test(self, view: View) -> bool:
        return view.happened(self.event)

    def in_chinese(self, labels: Labels) -> str:
        return f"已发生“{labels.event(self.event)}”"

    def each_in_chinese(self, labels: Labels, *, holds: bool = True) -> tuple[str, ...]:
        return (self.in_chinese(labels) if holds else f"未发生“{labels.event(self.event)}”",)


class NotRecorded(_OfEvent):
    """The event has not happened; inside `for_each` and in `per` steps: not for that party."""

    word = "not_recorded"
    zh = "该事项没有发生；在 for_each 之内以及 per 步骤中，指就该当事人没有发生"

    def test(self, view: View) -> bool:
        return not view.happened(self.event)

    def literals(self) -> Iterator[tuple[Key, Literal]]:
        yield ("event", self.event), not_

    def in_chinese(self, labels: Labels) -> str:
        return f"未发生“{labels.event(self.event)}”"

    def each_in_chinese(self, labels: Labels, *, holds: bool = True) -> tuple[str, ...]:
        return (self.in_chinese(labels) if holds else f"已发生“{labels.event(self.event)}”",)


class _OfDeadline(Word):
    """A word about one deadline."""

    places = (Place("deadline"),)
    example = "answer"

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        self.deadline = one_name(self.argument, self.word)

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield ("deadline", self.deadline)

    def variables(self) -> Iterator[Key]:
        yield ("deadline", self.deadline)

    def why(self, view: View) -> Why | None:
        return time_now(view, self.deadline)


def time_now(view: View, deadline: str) -> Why:
    """How a deadline stands on the day of the act: not started, provisional, running until its last day, or ended."""
    label, keys = view.names.deadline(deadline), {"deadlines": [deadline]}
    zh, en, due, missing = label.zh, label.en, view.due(deadline), view.missing_notice(deadline)
    if not view.started(deadline):
        by = view.names.started_by(deadline)
        after_zh, after_en = (f"（随{by.zh}开始）", f" (it starts with {by.en})") if by.zh else ("", "")
        return Why(f"“{zh}”尚未开始{after_zh}", f"'{en}' has not started{after_en}", keys)
    if due is None:
        return Why(f"“{zh}”的届满日尚不能确定", f"the last day of '{en}' cannot be told yet", keys)
    if missing is not None:
        return Why(
            f"“{zh}”暂定至{due}届满，不产生失权：{missing.zh}",
            f"'{en}' ends provisionally on {due} and cuts off nothing: {missing.en}",
            keys,
        )
    if due < view.on:
        return Why(f"“{zh}”已于{due}届满", f"'{en}' ended on {due}", keys)
    return Why(f"“{zh}”至{due}届满", f"'{en}' ends on {due}", keys)


class Over(_OfDeadline):
    """Its last day has passed on the act's day; one never started is not over, a provisional one cuts off nothing."""

    word = "over"
    zh = "行为当日，该期限的最后一日已过；从未开始的期限不算届满，暂定的期限不产生失权"

    def test(self, view: View) -> bool:
        return view.over(self.deadline)

    def literals(self) -> Iterator[tuple[Key, Literal]]:
        yield ("deadline", self.deadline), lambda value: value in OVER

    def in_chinese(self, labels: Labels) -> str:
        return f"“{labels.deadline(self.deadline)}”已届满"

    def each_in_chinese(self, labels: Labels, *, holds: bool = True) -> tuple[str, ...]:
        return (self.in_chinese(labels) if holds else f"“{labels.deadline(self.deadline)}”未届满",)


class NotOver(_OfDeadline):
    """Its last day has not passed on the act's day, or it never started."""

    word = "not_over"
    zh = "行为当日，该期限的最后一日未过，或者该期限从未开始"

    def test(self, view: View) -> bool:
        return not view.over(self.deadline)

    def literals(self) -> Iterator[tuple[Key, Literal]]:
        yield ("deadline", self.deadline), lambda value: value not in OVER

    def in_chinese(self, labels: Labels) -> str:
        return f"“{labels.deadline(self.deadline)}”未届满"

    def each_in_chinese(self, labels: Labels, *, holds: bool = True) -> tuple[str, ...]:
        return (self.in_chinese(labels) if holds else f"“{labels.deadline(self.deadline)}”已届满",)


class Kept(_OfDeadline):
    """What it asks for was done no later than its last day; one still running, or never started, is not kept."""

    word = "kept"
    zh = "所要求的事项在其最后一日以前（含当日）已经完成；仍在进行或者从未开始的，不成立"

    def test(self, view: View) -> bool:
        return view.kept(self.deadline)

    def variables(self) -> Iterator[Key]:
        # An explorer tells no day of the ending from another: it has to take both answers for possible.
        yield from ()

    def in_chinese(self, labels: Labels) -> str:
        return f"已在“{labels.deadline(self.deadline)}”内完成"


class Started(_OfDeadline):
    """It has been started, whatever became of it."""

    word = "started"
    zh = "该期限已经开始，不论后来如何"

    def test(self, view: View) -> bool:
        return view.started(self.deadline)

    def literals(self) -> Iterator[tuple[Key, Literal]]:
        yield ("deadline", self.deadline), lambda value: bool(value != NEVER)

    def in_chinese(self, labels: Labels) -> str:
        return f"“{labels.deadline(self.deadline)}”已开始"

    def each_in_chinese(self, labels: Labels, *, holds: bool = True) -> tuple[str, ...]:
        return (self.in_chinese(labels) if holds else f"“{labels.deadline(self.deadline)}”没有开始",)


class InReach(Word):
    """The act's day is not after the due day that the first n extensions, granted in full, would give for certain."""

    word = "in_reach"
    zh = "行为日不晚于前 n 次延长全部足额批准时的届满日；该日为暂定的，视为未届满"
    example = "{deadline: close_case, extensions: 1}"
    places = (Place("deadline"),)

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        given = with_keys(self.argument, self.word, required={"deadline", "extensions"})
        self.deadline = one_name(given["deadline"], self.word)
        self.extensions = worded("extensions", lambda: whole(given["extensions"], 0, MOST_EXTENSIONS))

    def test(self, view: View) -> bool:
        last = view.furthest_due_on(self.deadline, self.extensions)
        return last is None or view.on <= last

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield ("deadline", self.deadline)

    def faults(self, known: Surroundings) -> Iterator[Text]:
        yield from super().faults(known)
        most = known.extensions(self.deadline)
        if most is not None and self.extensions > most:
            yield Text(
                f"“{self.deadline}”至多延长 {most} 次，而“in_reach”问的是延长 {self.extensions} 次",
                f"'{self.deadline}' can be extended {most} time{'' if most == 1 else 's'}, "
                f"but 'in_reach' asks for {self.extensions}",
            )

    def why(self, view: View) -> Why | None:
        last, label = view.furthest_due_on(self.deadline, self.extensions), view.names.deadline(self.deadline)
        if last is None:
            return None
        return Why(
            f"“{label.zh}”最迟可至{last}，而该日为{view.on}",
            f"'{label.en}' can last until {last} at the latest, and the day is {view.on}",
            {"deadlines": [self.deadline]},
        )

    def in_chinese(self, labels: Labels) -> str:
        return f"不晚于“{labels.deadline(self.deadline)}”足额延长 {self.extensions} 次后的届满日"
