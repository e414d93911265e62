"""The words of conditions that read events, deadlines, threads, states and the day of the act."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from operator import not_

from adjudicate.guards.arguments import need, no_such_state, one_name, some_names, with_keys, worded
from adjudicate.guards.kinds import Place
from adjudicate.guards.why import Why, quoted_list
from adjudicate.guards.word import NEVER, OVER, Compile, Key, Labels, Literal, Surroundings, View, Word
from adjudicate.law.text import Text
from adjudicate.law.written import day, whole

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


class ThreadOpen(Word):
    """A thread of the incident is open, in that state if one is named."""

    word = "thread_open"
    zh = "该附随程序有分支正在进行；写明阶段的，处于该阶段"
    example = "{incident: suspension, state: suspended}"
    places = (Place("incident"),)

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        plain = {"incident": self.argument} if isinstance(self.argument, str) else self.argument
        named = with_keys(plain, self.word, required={"incident"}, optional=frozenset({"state"}))
        self.incident = one_name(named["incident"], self.word)
        self.state = one_name(named["state"], self.word) if "state" in named else None

    def test(self, view: View) -> bool:
        return view.thread_open(self.incident, self.state)

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield ("incident", self.incident)

    def faults(self, known: Surroundings) -> Iterator[Text]:
        yield from super().faults(known)
        states = known.thread_states(self.incident)
        if states is None or self.state is None:
            return
        if self.state not in states:
            yield no_such_state(self.incident, self.state, states)
        elif states[self.state]:
            yield Text(
                f"附随程序“{self.incident}”到达阶段“{self.state}”即告终结，不会仍在进行",
                f"the incident '{self.incident}' is over in its state '{self.state}': no thread is open there",
            )

    def variables(self) -> Iterator[Key]:
        yield ("thread", self.incident, self.state or "")

    def why(self, view: View) -> Why | None:
        title, there_zh, there_en = view.names.incident(self.incident), "", ""
        if self.state is not None:
            where = view.names.thread_state(self.incident, self.state)
            there_zh, there_en = f"、处于“{where.zh}”", f" at '{where.en}'"
        is_open = self.test(view)
        return Why(
            f"{'有' if is_open else '没有'}正在进行{there_zh}的“{title.zh}”",
            f"there is {'an' if is_open else 'no'} open '{title.en}'{there_en}",
            {"incidents": [self.incident]},
        )

    def in_chinese(self, labels: Labels) -> str:
        return f"有{self._where(labels)}"

    def each_in_chinese(self, labels: Labels, *, holds: bool = True) -> tuple[str, ...]:
        return (self.in_chinese(labels) if holds else f"没有{self._where(labels)}",)

    def _where(self, labels: Labels) -> str:
        where = f"处于“{labels.thread_state(self.incident, self.state)}”" if self.state else "正在进行"
        return f"{where}的“{labels.incident(self.incident)}”"


class InState(Word):
    """The main procedure stands there, or in one of those states."""

    word = "in_state"
    zh = "主程序处于该阶段（或者所列阶段之一）"
    example = "[docketed, heard]"
    places = (Place("state"),)

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        self.states = some_names(self.argument, self.word)

    def test(self, view: View) -> bool:
        return view.stands_in(self.states)

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield from (("state", state) for state in self.states)

    def why(self, view: View) -> Why | None:
        if view.state is None:
            return Why("案件尚未开始", "the case has not begun")
        here, wanted = view.names.state(view.state), quoted_list(map(view.names.state, self.states), "或者", " or ")
        return Why(
            f"案件现处于“{here.zh}”（所问的阶段：{wanted.zh}）",
            f"the case stands at '{here.en}' (the stage in question: {wanted.en})",
            {"states": list(self.states)},
        )

    def in_chinese(self, labels: Labels) -> str:
        return "主程序处于" + "或者".join(f"“{labels.place(state)}”" for state in self.states)


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
