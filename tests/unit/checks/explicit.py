"""A second explorer that knows no slices and no diagrams: every state of a definition with everything kept, one by one.

It reads the YAML itself and is written apart from `adjudicate.checks`, for definitions as `random_law` makes them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import yaml

NOTHING = "nothing"
RUNS = ("running", "overdue")
OVER = ("overdue", "lapsed", "passed")
STOPPED = {"running": "stopped", "overdue": "passed", "lapsed": "passed"}
COLOURS = ("red", "green", "blue")
ERRAND = ("errand_begun", "errand_done", "errand_lapsed")


@dataclass(frozen=True)
class State:
    """A case: where it stands, what happened, what became of each deadline, one fact, who is there, what is owed."""

    place: str = NOTHING
    recorded: frozenset[str] = frozenset()
    deadlines: tuple[tuple[str, str], ...] = ()
    colour: str | None = None
    friend: bool = False
    resting: bool = False
    errand: bool = False
    entered: frozenset[str] = frozenset()
    owed: frozenset[int] = frozenset()

    def of(self, deadline: str) -> str:
        """What became of a deadline."""
        return dict(self.deadlines).get(deadline, "never")

    def having(self, deadline: str, value: str) -> State:
        """The same with another fate of a deadline."""
        return replace(self, deadlines=tuple(sorted({**dict(self.deadlines), deadline: value}.items())))


@dataclass(frozen=True)
class Way:
    """One transition: the event, if any, the state at its moment, who made it, and where it leads.

    `certain` is false where nobody can count on it; `unnoticed` is a deadline that ends without a step.
    """

    event: str | None
    mover: str
    moment: State
    target: State
    certain: bool = True
    unnoticed: str | None = None


@dataclass
class Found:
    """What exploring everything shows: lines broken, whether a case may be stranded, deadlines that end unnoticed."""

    broken: set[int] = field(default_factory=set)
    stranded: bool = False
    unnoticed: set[str] = field(default_factory=set)


def several(value: Any) -> list[Any]:
    """A list, where the file may have a single word or nothing."""
    return [] if value is None else value if isinstance(value, list) else [value]


class Explicit:
    """One definition."""

    def __init__(self, text: str, roles: str) -> None:
        self.law = yaml.safe_load(text)
        self.kinds = {name: role["kind"] for name, role in yaml.safe_load(roles).items()}
        self.steps = self.law["steps"]
        self.deadlines = self.law.get("deadlines", {})
        self.final = {name for name, state in self.law["states"].items() if state.get("final")}
        self.always = self.law.get("always", [])
        self.conditions = {
            name: {k: v for k, v in one.items() if k not in ("label", "basis")}
            for name, one in self.law.get("conditions", {}).items()
        }
        self.events = {step["event"] for step in self.steps} | set(ERRAND)
        self.use = (self.law.get("incidents") or [None])[0]
        # What the definition never speaks of makes no difference to any answer.
        self.spoken = set(re.findall(r"[a-z_0-9]+", json.dumps([self.conditions, self.always])))

    def holds(self, guard: Any, at: State) -> bool:
        """Whether a condition holds at a moment."""
        if isinstance(guard, str):
            return self.holds(self.conditions[guard], at)
        ((word, argument),) = guard.items()
        if word == "not":
            return not self.holds(argument, at)
        if word in ("all", "any"):
            return (all if word == "all" else any)(self.holds(one, at) for one in argument)
        if word == "for_each":
            nobody = at.place == NOTHING or (argument["role"] == "friend" and not at.friend)
            return nobody or self.holds(argument["holds"], at)
        return self._simple(word, argument, at)

    def _simple(self, word: str, argument: Any, at: State) -> bool:
        if word in ("recorded", "not_recorded"):
            return (argument in at.recorded) is (word == "recorded")
        if word in ("over", "not_over"):
            return (at.of(argument) in OVER) is (word == "over")
        answers = {
            "started": lambda: at.of(argument) != "never",
            "in_state": lambda: at.place in several(argument),
            "fact_known": lambda: at.colour is not None,
            "fact_is": lambda: at.colour in several(argument["colour"]),
            "has_party": lambda: at.friend,
            "thread_open": lambda: at.errand,
        }
        return answers[word]()

    def begun(self, name: str, state: State, *, automatic: bool) -> Iterator[State]:
        """What may become of a deadline when it is started."""
        rule, value = self.deadlines[name], state.of(name)
        if rule.get("per") and not state.friend:
            yield state
            return
        yield state.having(name, "running")
        if rule.get("counted_from"):
            yield state.having(name, "overdue")
            if automatic and value == "lapsed":
                yield state

    def effects(self, step: dict[str, Any], at: State, target: str, *, automatic: bool) -> Iterator[State]:
        """Everything that a step may make of the moment at which it is taken."""
        after = replace(at, recorded=at.recorded | ({step["event"]} & self.spoken))
        after = replace(after, resting=(after.resting and not step.get("ends")) or bool(step.get("begins")))
        joined = [after]
        if "friend" in several(step.get("joins")):
            joined = [after, replace(after, friend=True)]
        states = joined
        for name in several(step.get("stops")):
            states = [state.having(name, STOPPED.get(state.of(name), state.of(name))) for state in states]
        for name in several(step.get("restarts")):
            states = [new for state in states for new in self.begun(name, state, automatic=automatic)]
        if "extends" in step:
            name = step["extends"]["deadline"]
            late = [s.having(name, "running") for s in states if s.of(name) in ("lapsed", "overdue")]
            states = [*states, *late]
        for one in several(step.get("starts")):
            name, condition = (one, None) if isinstance(one, str) else (one["deadline"], one["if"])
            states = [
                new
                for state in states
                for new in (
                    self.begun(name, state, automatic=automatic)
                    if condition is None or self.holds(condition, state)
                    else [state]
                )
            ]
        for state in states:
            yield self.arrived(step["event"], at, state, target)

    def arrived(self, event: str, at: State, state: State, target: str) -> State:
        """The state at the end of a step."""
        entered = target if target != at.place else None
        if target in self.final:
            for name, value in state.deadlines:
                state = state.having(name, "stopped" if value in RUNS else value)
        seen = state.entered | ({entered} & self.spoken if entered else set())
        return self.noted(event, entered, replace(state, place=target, entered=frozenset(seen)))

    def noted(self, event: str, entered: str | None, state: State) -> State:
        """The same with what is owed after it."""
        owed, happened = set(state.owed), {event, f"state {entered}"}
        for i, line in enumerate(self.always):
            if "after" in line and happened & {self.moment_of(name) for name in several(line["follows"])}:
                owed.discard(i)
            elif "after" in line and self.moment_of(line["after"]) in happened:
                owed.add(i)
        return replace(state, owed=frozenset(owed))

    def moment_of(self, name: str) -> str:
        """An event by its name, a state with a word before it."""
        return name if name in self.events else f"state {name}"

    def target(self, step: dict[str, Any], at: State) -> str:
        """Where a step leads from a moment."""
        to = step.get("to") or at.place
        if isinstance(to, str):
            return to
        return str(to["then"] if self.holds(to["if"], at) else to["otherwise"])

    def given(self, step: dict[str, Any], state: State) -> Iterator[State]:
        """The moments that the facts which an act brings make possible."""
        if "colour" not in self.spoken:
            yield state
        elif "colour" in several(step.get("records")):
            yield from (replace(state, colour=colour) for colour in COLOURS)
        elif "colour" in several(step.get("may_record")):
            yield from (replace(state, colour=colour) for colour in (state.colour, *COLOURS))
        else:
            yield state

    def reachable_from(self, places: list[str]) -> set[str]:
        """The states that steps lead to from some, conditions left aside."""
        found = set(places)
        while True:
            more = set(found)
            for step in self.steps:
                if found & set(several(step["from"])):
                    to = step.get("to")
                    more |= {to} if isinstance(to, str) else set() if to is None else {to["then"], to["otherwise"]}
            if more == found:
                return found
            found = more

    @cached_property
    def beside(self) -> set[str]:
        """The states in which an errand may be under way."""
        return self.reachable_from(self.use["while"]) if self.use else set()

    def ways(self, state: State) -> Iterator[Way]:
        """Every transition out of a state."""
        if state.place in self.final:
            return
        for step in self.steps:
            if state.place in several(step["from"]):
                yield from self.acts(step, state)
        yield from self.in_time(state)
        yield from self.errands(state)

    def acts(self, step: dict[str, Any], state: State) -> Iterator[Way]:
        """A step as people take it, and as an errand records it."""
        movers = {self.kinds[role] for role in several(step["by"])} - {"automatic"}
        for mover in [one for one in ("office", "outside", "party") if one in movers][:1]:
            for moment in self.given(step, state):
                if all(self.holds(name, moment) for name in several(step.get("requires"))):
                    yield from self.taken(step, moment, mover)
        if step["event"] == "told" and state.place in self.beside:
            yield from self.taken(step, state, "caused", certain=state.place in self.use["while"])

    def taken(self, step: dict[str, Any], moment: State, mover: str, *, certain: bool = True) -> Iterator[Way]:
        """The ways of a step from one moment."""
        target = self.target(step, moment)
        for after in self.effects(step, moment, target, automatic=mover in ("lapse", "caused")):
            yield Way(step["event"], mover, moment, after, certain)

    def in_time(self, state: State) -> Iterator[Way]:
        """What time does."""
        for name, rule in self.deadlines.items() if state.place != NOTHING else ():
            if state.of(name) == "stopped":
                yield Way(None, "time", state, state.having(name, "passed"))
            if state.of(name) not in RUNS:
                continue
            certain = not (state.resting and rule.get("excludes"))
            lapsed = state.having(name, "lapsed")
            steps = [s for s in self.steps if s["event"] == rule["when_over"] and state.place in several(s["from"])]
            if not steps:
                yield Way(None, "time", state, lapsed, certain, name)
            for step in steps:
                yield from self.taken(step, lapsed, "lapse", certain=certain)

    def errands(self, state: State) -> Iterator[Way]:
        """What happens in an errand."""
        if state.place not in self.beside:
            return
        if "thread_open" not in self.spoken:
            pass
        elif state.place in self.use["while"] and not state.errand:
            yield Way(None, "time", state, replace(state, errand=True), certain=False)
        elif state.errand:
            yield Way(None, "time", state, replace(state, errand=False))
        for event in set(ERRAND) & self.spoken:
            after = self.noted(event, None, replace(state, recorded=state.recorded | {event}))
            yield Way(event, "caused", state, after)

    def explored(self) -> Found:
        """Everything there is to find."""
        ways: dict[State, list[Way]] = {}
        ahead = [State()]
        while ahead:
            state = ahead.pop()
            if state not in ways:
                ways[state] = list(self.ways(state))
                ahead.extend(way.target for way in ways[state])
        found = Found()
        for state, leaving in ways.items():
            found.broken |= {i for i, line in enumerate(self.always) if self.left_broken(i, line, state)}
            for way in leaving:
                found.broken |= {i for i, line in enumerate(self.always) if self.breaks(line, state, way)}
                found.unnoticed |= {way.unnoticed} if way.unnoticed else set()
        found.stranded = self.stranded(ways)
        return found

    def left_broken(self, i: int, line: dict[str, Any], state: State) -> bool:
        """Whether a promise about how things stand is broken in a state."""
        if "after" in line:
            return state.place in self.final and i in state.owed
        both = line.get("never_both")
        return bool(both) and all(self.came_about(name, state) for name in both)

    def came_about(self, name: str, state: State) -> bool:
        """Whether an event has happened, or a state was entered."""
        return name in (state.recorded if name in self.events else state.entered)

    def breaks(self, line: dict[str, Any], state: State, way: Way) -> bool:
        """Whether a promise about what must not come first is broken by a transition."""
        name = line.get("before") or line.get("never")
        is_event = name in self.events
        happens = way.event == name if is_event else way.target.place == name != state.place
        if name is None or not happens:
            return False
        at = way.moment
        if not is_event and way.event is not None:
            place = "" if at.place == NOTHING else at.place
            at = replace(at, place=place, recorded=at.recorded | {way.event}, friend=way.target.friend)
        if "never" in line:
            return not self.holds(line["until"], at)
        return not any(self.came_about(one, at) for one in line["one_of"])

    def stranded(self, ways: dict[State, list[Way]]) -> bool:
        """Whether a case may be left with no way to an end that needs no party."""
        hopeless = {place for place in self.law["states"] if not self.reachable_from([place]) & self.final}
        able = {state for state in ways if state.place in self.final | hopeless | {NOTHING}}
        before: dict[State, list[State]] = {}
        for state, leaving in ways.items():
            for way in leaving:
                if way.mover != "party" and way.certain:
                    before.setdefault(way.target, []).append(state)
        ahead = list(able)
        while ahead:
            for state in before.get(ahead.pop(), ()):
                if state not in able:
                    able.add(state)
                    ahead.append(state)
        return len(able) < len(ways)
