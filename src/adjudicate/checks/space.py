"""The states that a slice of a definition can come to, with every way between them; it asks nothing of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from adjudicate.checks.abstraction import (
    LAPSED,
    NEVER,
    PASSED,
    RUNNING,
    STOPPED,
    Domains,
    Key,
    Seen,
    Value,
    atoms_of,
    unknown_atom,
)
from adjudicate.checks.effects import Effects
from adjudicate.checks.permits import Permits
from adjudicate.checks.subject import Subject, without_parties
from adjudicate.definition.models import CLOCK, NOTHING, Start, Step

State = tuple[str, tuple[Value, ...]]
LIMIT = 150_000

# Who moves the case along a way: an office, an outside body, a party, the clock, an incident or sibling, or mere time.
OFFICE, OUTSIDE, PARTY, LAPSE, CAUSED, TIME = "office", "outside", "party", "lapse", "caused", "time"


class TooLarge(Exception):
    """The slice has more states than are worth exploring."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One way on: `sure` where nothing left out could close it; `needs` are the variables that would settle it.

    `moment` are the values at the moment of a step: those of the source, with the facts that the act brings, and with
    the deadline already over whose own end the step is.
    """

    source: int
    target: int
    step: int | None
    mover: str
    sure: bool
    needs: frozenset[Key]
    moment: tuple[Value, ...]
    deadline: str | None = None


@dataclass(slots=True)
class Successor:
    """A candidate successor before it has a number."""

    state: State
    step: int | None
    mover: str
    sure: bool = True
    needs: frozenset[Key] = frozenset()
    moment: tuple[Value, ...] | None = None
    deadline: str | None = None


class Space:
    """Explores breadth first on construction. Raises TooLarge."""

    def __init__(self, subject: Subject, domains: Domains, keys: Iterable[Key], watched: frozenset[str]) -> None:
        self.subject, self.domains, self.watched = subject, domains, watched
        self.keys = tuple(sorted(set(keys)))
        self.index = {key: i for i, key in enumerate(self.keys)}
        self.atoms = {key: facts for key, facts in atoms_of(subject).items() if key in self.index}
        self.permits = Permits(subject, domains, self.index)
        self._effects = Effects(subject, self.index)
        self._steps = self._by_place()
        self.states: list[State] = []
        self.transitions: list[Transition] = []
        self.out: list[list[Transition]] = []
        self.first: list[Transition | None] = []
        self._numbers: dict[State, int] = {}
        self._explore()

    def _by_place(self) -> dict[str, list[tuple[int, Step]]]:
        found: dict[str, list[tuple[int, Step]]] = {}
        for i, step in enumerate(self.subject.workflow.steps):
            for place in self.subject.compiled.sources(step):
                if self._matters(step, place):
                    found.setdefault(place, []).append((i, step))
        return found

    def _matters(self, step: Step, place: str) -> bool:
        if step.event in self.watched or any(t != place for t in self.subject.compiled.destinations(step)):
            return True
        if any(key[0] == "owed" and step.event in key[2::2] for key in self.keys):
            return True
        touched: set[Key] = {("event", step.event)}
        starts = (one.deadline if isinstance(one, Start) else one for one in step.starts)
        extended = (step.extends.deadline,) if step.extends else ()
        touched |= {("deadline", name) for name in (*starts, *step.stops, *step.restarts, *extended)}
        recorded = {*step.records, *step.may_record}
        touched |= {("fact", name) for name in recorded}
        touched |= {("open", kind) for kind in (*step.begins, *step.ends)}
        touched |= {("role", role) for role in (*step.joins, *([step.per] if step.leaves and step.per else []))}
        return bool(touched & set(self.index)) or any(facts & recorded for facts in self.atoms.values())

    def _explore(self) -> None:
        for values in self._beginnings():
            self._number((NOTHING, values), None)
        at = 0
        while at < len(self.states):
            for found in self.successors(self.states[at]):
                fresh = found.state not in self._numbers
                target = len(self.states) if fresh else self._numbers[found.state]
                moment = self.states[at][1] if found.moment is None else found.moment
                transition = Transition(
                    at, target, found.step, found.mover, found.sure, found.needs, moment, found.deadline
                )
                if fresh:
                    self._number(found.state, transition)
                self.transitions.append(transition)
                self.out[at].append(transition)
            at += 1

    def _number(self, state: State, transition: Transition | None) -> None:
        if len(self.states) >= LIMIT:
            raise TooLarge
        self._numbers[state] = len(self.states)
        self.states.append(state)
        self.out.append([])
        self.first.append(transition)

    def _beginnings(self) -> Iterator[tuple[Value, ...]]:
        options: list[tuple[Value, ...]] = []
        for key in self.keys:
            if key[0] == "fact":
                foreign = key[1] in self.subject.workflow.reads
                options.append((None, *self.domains.of(key[1])) if foreign else (None,))
            elif key[0] == "deadline":
                options.append((NEVER,))
            else:
                options.append((unknown_atom(key) if key[0] == "atom" else False,))
        yield from product(*options)

    def seen(self, state: State) -> Seen:
        """The state as guards look at it."""
        return Seen(state[0], state[1], self.index, is_incident=self.subject.is_incident)

    def is_final(self, number: int) -> bool:
        """Whether nothing follows."""
        place = self.states[number][0]
        return place != NOTHING and self.subject.compiled.states[place].final

    def successors(self, state: State) -> Iterator[Successor]:
        """Every way on from a state."""
        place, values = state
        if place != NOTHING and self.subject.compiled.states[place].final:
            return
        for i, step in self._steps.get(place, ()):
            mover = self._mover(step)
            if mover is not None:
                yield from self._taken(state, i, step, mover)
            yield from self._lapse_from_outside(state, i, step)
        yield from self._time(place, values)
        yield from self._beside(place, values)

    def _mover(self, step: Step) -> str | None:
        kinds = self.subject.kinds(step) - {CLOCK, "automatic"}
        if not kinds:
            return None
        for mover in (OFFICE, OUTSIDE, PARTY):
            if mover in kinds:
                return mover
        return CAUSED

    def _taken(self, state: State, i: int, step: Step, mover: str) -> Iterator[Successor]:
        place, values = state
        contract = self._contract(step, place) if mover == CAUSED else True
        for given in self._given(step, values):
            allowed, needs = (True, frozenset[Key]()) if mover == CAUSED else self.permits.ask(i, step, place, given)
            if allowed is False:
                continue
            for found in self.applied(step, i, place, given, mover):
                found.sure = found.sure and allowed is True and contract
                found.needs |= needs
                yield found

    def _contract(self, step: Step, place: str) -> bool:
        """Whether an incident may be counted on to cause the step here without an act of a party."""
        if step.event in self.subject.caused_by_siblings:
            return True
        states, free = self.subject.causes.get(step.event, (frozenset[str](), False))
        return free and place in states

    def given_options(self, step: Step, values: tuple[Value, ...]) -> Iterator[tuple[Value, ...]]:
        """The values after the facts that a step brings, one for each choice it leaves."""
        yield from self._given(step, values)

    def _given(self, step: Step, values: tuple[Value, ...]) -> Iterator[tuple[Value, ...]]:
        must, may = set(step.records), set(step.may_record)
        options: list[tuple[Value, ...]] = []
        for key, value in zip(self.keys, values, strict=True):
            if key[0] == "fact" and key[1] in must:
                options.append(self.domains.of(key[1]))
            elif key[0] == "fact" and key[1] in may:
                options.append(tuple(dict.fromkeys((value, *self.domains.of(key[1])))))
            elif key[0] == "atom" and self.atoms[key] & (must | may):
                options.append((True, False))
            elif key[0] == "role" and key[1] in (*step.joins, "party" if step.joins else ""):
                sure = step.opens and key[1] in self.subject.workflow.parties
                least = self.subject.workflow.parties[key[1]].at_least if sure else 0
                options.append((True,) if least else tuple(dict.fromkeys((value, True))))
            elif key[0] == "role" and step.leaves:
                options.append(tuple(dict.fromkeys((value, False))))
            else:
                options.append((value,))
        yield from product(*options)

    def applied(
        self, step: Step, i: int | None, place: str, values: tuple[Value, ...], mover: str
    ) -> Iterator[Successor]:
        """What a step leads to once its facts are given and it is allowed."""
        after = list(self._effects.of(step, place, values))
        for target, sure, wants in self.permits.destinations(step, place, values):
            for kept, unsettled in after:
                moved = self._effects.arrived(kept, step, place, target)
                yield Successor((target, moved), i, mover, sure and not unsettled, wants | unsettled, values)

    def _lapse_from_outside(self, state: State, i: int, step: Step) -> Iterator[Successor]:
        """An act of the clock whose deadline the slice leaves out may come at any time, or never."""
        if CLOCK not in step.by:
            return
        naming = {name for name, rule in self.subject.compiled.deadlines.items() if rule.when_over == step.event}
        left_out = frozenset(("deadline", name) for name in naming if ("deadline", name) not in self.index)
        if not left_out:
            return
        for given in self._given(step, state[1]):
            for found in self.applied(step, i, state[0], given, LAPSE):
                found.sure, found.needs = False, found.needs | left_out
                yield found

    def _time(self, place: str, values: tuple[Value, ...]) -> Iterator[Successor]:
        for key, i in self.index.items():
            if key[0] != "deadline" or values[i] not in (RUNNING, STOPPED):
                continue
            passed = (*values[:i], LAPSED if values[i] == RUNNING else PASSED, *values[i + 1 :])
            event = self.subject.compiled.deadlines[key[1]].when_over
            step = self.subject.compiled.step(event, place) if event and values[i] == RUNNING else None
            if step is None or CLOCK not in step.by:
                yield Successor((place, passed), None, TIME, deadline=key[1])
                continue
            number = next(n for n, other in enumerate(self.subject.workflow.steps) if other is step)
            for given in self._given(step, passed):
                for found in self.applied(step, number, place, given, LAPSE):
                    found.deadline = key[1]
                    yield found

    def _beside(self, place: str, values: tuple[Value, ...]) -> Iterator[Successor]:
        """What incidents do: a thread opens or closes, an event in one happens; their own files are checked apart."""
        uses = {use.opens: use for use in self.subject.workflow.incidents}
        for key, i in self.index.items():
            if key[0] == "thread" and key[1] in uses:
                if values[i] or place in uses[key[1]].while_:
                    yield Successor(
                        (place, (*values[:i], not values[i], *values[i + 1 :])), None, TIME, sure=bool(values[i])
                    )
            elif key[0] == "event" and key[1] not in self.subject.compiled.events and not values[i]:
                home = next((k for k, compiled in self.subject.incidents.items() if key[1] in compiled.events), None)
                if home is not None and place in uses[home].while_:
                    free = without_parties(self.subject.incidents[home], key[1], self.subject.registers)
                    yield Successor((place, (*values[:i], True, *values[i + 1 :])), None, CAUSED, sure=free)
