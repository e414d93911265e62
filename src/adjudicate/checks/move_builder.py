"""Everything that a definition lets happen, as moves over the kept variables: acts, lapses, incidents, mere time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from adjudicate.checks.abstraction import LAPSED, OVERDUE, PASSED, RUNNING, STOPPED, Key, Value
from adjudicate.checks.diagrams import ALL, EMPTY, Diagrams, Relation
from adjudicate.checks.effects import Changes, Effects
from adjudicate.checks.guard_sets import ALWAYS, UNKNOWN, GuardPart, GuardSets, Truth, Variables, exactly
from adjudicate.checks.index import Index
from adjudicate.checks.moves import CAUSED, FREE, LAPSE, OFFICE, OUTSIDE, PARTY, TIME, Filter, Move, Stage, Update
from adjudicate.checks.subject import without_parties
from adjudicate.definition.models import CLOCK, LINK, NOTHING, Step


class MoveBuilder:
    """The moves of one definition over the variables that a question keeps."""

    def __init__(self, index: Index, variables: Variables, diagrams: Diagrams) -> None:
        self._index, self._variables, self._diagrams = index, variables, diagrams
        self.guards = GuardSets(index, variables, diagrams)
        self.effects = Effects(index, variables, diagrams, self.guards)
        self._required: dict[tuple[int, str], Filter] = {}
        self._deadlines = {key[1]: self._time_counts(key[1]) for key in variables.keys if key[0] == "deadline"}

    def of_step(self, number: int) -> Iterator[Move]:
        """Every move of a step, whoever makes it, from every state that it may be taken from."""
        step = self._index.subject.workflow.steps[number]
        given, actor = self.effects.given(step), self._actor(step)
        lapsing = self._index.deadlines_ending_with.get(step.event, ()) if CLOCK in step.by else ()
        left_out = frozenset(("deadline", name) for name in lapsing if name not in self._deadlines)
        for place in self._index.subject.compiled.sources(step):
            if actor is not None:
                yield from self._to_targets(number, step, place, actor, given, self._requires(number, step, place))
            if place in self._index.caused_in.get(step.event, ()):
                yield from self._to_targets(number, step, place, CAUSED, given, self._caused(step, place))
            if left_out:
                # A deadline that is not kept may end at any time, or never.
                unknown = Filter(UNKNOWN, (GuardPart(UNKNOWN, left_out),))
                yield from self._to_targets(number, step, place, LAPSE, given, unknown)
            for name in lapsing:
                if name in self._deadlines:
                    ended = self.effects.given(step, name)
                    yield from self._to_targets(number, step, place, LAPSE, ended, self._deadlines[name], name)

    def _actor(self, step: Step) -> str | None:
        """Who takes the step on his own account; where several may, the first of these."""
        kinds = self._index.subject.kinds(step) - {CLOCK, LINK, "automatic"}
        return next((mover for mover in (OFFICE, OUTSIDE, PARTY) if mover in kinds), None)

    def _requires(self, number: int, step: Step, place: str) -> Filter:
        by_state = place == NOTHING or any(name in self._index.state_dependent for name in step.requires)
        known = (number, place if by_state else "")
        if known not in self._required:
            parts = self.guards.required(step, place)
            self._required[known] = Filter(self.guards.conjunction([part.truth for part in parts]), parts)
        return self._required[known]

    def _caused(self, step: Step, place: str) -> Filter:
        """What an incident records is asked no condition; it can be counted on where no party has to act for it."""
        states, free = self._index.subject.causes[step.event]
        return FREE if free and place in states else Filter(UNKNOWN)

    def _to_targets(
        self,
        number: int,
        step: Step,
        place: str,
        mover: str,
        given: Relation | None,
        guard: Filter,
        lapsing: str | None = None,
    ) -> Iterator[Move]:
        """The moves of a step from one state, one for each state that it may lead to."""
        for target, deciding in self._targets(step, place):
            asked = guard
            if deciding is not None:
                truth = self.guards.conjunction([guard.truth, deciding.truth])
                asked = Filter(truth, (*guard.parts, deciding))
            if asked.truth.may != EMPTY:
                effects = self.effects.of(number, step, place, target, automatic=mover in (LAPSE, CAUSED))
                yield Move(place, target, mover, number, lapsing, given, asked, effects, step.event)

    def _targets(self, step: Step, place: str) -> Iterator[tuple[str, GuardPart | None]]:
        """Each state that a step may lead to, with what decides that it does."""
        if step.to is None or isinstance(step.to, str):
            yield step.to or place, None
        elif step.to.choose is not None:
            yield from self._chosen(step, step.to.choose)
        else:
            name = str(step.to.if_)
            truth, missing = self.guards.condition(name, place), self.guards.missing(name)
            yield str(step.to.then), GuardPart(truth, missing)
            yield str(step.to.otherwise), GuardPart(self.guards.negation(truth), missing)

    def _chosen(self, step: Step, choose: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, GuardPart]]:
        ((name, options),) = choose.items()
        key: Key = ("fact", name)
        for target in dict.fromkeys(options.values()):
            if key in self._variables.level:
                leading = [value for value in self._index.domains.recordable(name) if options.get(value) == target]
                yield target, GuardPart(exactly(self._where(key, leading)), frozenset())
            elif name in step.takes:
                yield target, GuardPart(ALWAYS, frozenset())
            else:
                yield target, GuardPart(UNKNOWN, frozenset([key]))

    def _where(self, key: Key, wanted: Iterable[Value]) -> int:
        return self._diagrams.where(self._variables.level[key], (self._variables.number(key, one) for one in wanted))

    def _time_counts(self, name: str) -> Filter:
        """Whether the time of a deadline passes: it can be counted on unless a time is open that it leaves uncounted.

        It may pass even then: what is opened after the last counted day holds nothing up.
        """
        parts = []
        for kind in sorted(set(self._index.subject.compiled.deadlines[name].excludes) & self._index.begun_here):
            key = ("open", kind)
            if key in self._variables.level:
                parts.append(GuardPart(Truth(self._where(key, [False]), ALL), frozenset()))
            else:
                parts.append(GuardPart(UNKNOWN, frozenset([key])))
        return Filter(self.guards.conjunction([part.truth for part in parts]), tuple(parts)) if parts else FREE

    def of_time(self) -> Iterator[Move]:
        """What time alone does to the kept deadlines: they end where no step of the clock takes notice."""
        compiled = self._index.subject.compiled
        for name, counts in self._deadlines.items():
            key, event = ("deadline", name), compiled.deadlines[name].when_over
            passed = self._turning(key, {STOPPED: PASSED})
            ended = self._turning(key, {RUNNING: LAPSED, OVERDUE: LAPSED})
            for place in self._open_places():
                yield Move(place, place, TIME, deadline=name, given=passed)
                step = compiled.step(event, place) if event else None
                if step is None or CLOCK not in step.by:
                    yield Move(place, place, TIME, deadline=name, given=ended, guard=counts)

    def _open_places(self) -> Iterator[str]:
        yield from (place for place in self._index.places if place != NOTHING and place not in self._index.final)

    def _turning(self, key: Key, turned: Mapping[Value, Value]) -> Relation:
        return self._relation(key, lambda value: (turned[value],) if value in turned else ())

    def _relation(self, key: Key, becomes: Callable[[Value], Iterable[Value]]) -> Relation:
        """What the values of one kept variable become; a value that becomes nothing stops the move."""
        level = self._variables.level[key]
        values = self._variables.values[level]
        return self._diagrams.relation(
            {level: tuple(tuple(values.index(after) for after in becomes(value)) for value in values)}
        )

    def beside(self, watched: frozenset[str]) -> Iterator[Move]:
        """What comes about beside the procedure: threads open and close, events in them, facts of the case change."""
        subject = self._index.subject
        for key in self._variables.keys:
            if key[0] == "thread":
                yield from self._threads(key)
            elif subject.is_incident and (key[0] == "role" or (key[0] == "fact" and key[1] in subject.workflow.reads)):
                yield from self._of_the_case(key)
        named = {name for key in self._variables.keys if key[0] == "owed" for name in key[2::2]}
        named |= {key[1] for key in self._variables.keys if key[0] == "event"}
        for event in sorted((named | watched) & set(self._index.incident_of)):
            yield from self._in_thread(event)

    def _threads(self, key: Key) -> Iterator[Move]:
        """A thread may come to the state asked about wherever one may be open; one that is just opened, where it may.

        Of the threads beside an incident nothing is known here.
        """
        opened, closed = self._turning(key, {False: True}), self._turning(key, {True: False})
        _, incident, state = key
        inside = self._index.subject.is_incident
        uses = [use for use in self._index.subject.workflow.incidents if use.opens == incident]
        places = self._index.incident_places.get(incident, frozenset())
        opening = places if state else frozenset(place for use in uses for place in use.while_)
        for place in self._open_places():
            if inside or place in opening:
                yield Move(place, place, TIME, given=opened, guard=Filter(UNKNOWN))
            if inside or place in places:
                yield Move(place, place, TIME, given=closed, guard=Filter(UNKNOWN) if inside else FREE)

    def _of_the_case(self, key: Key) -> Iterator[Move]:
        """What an incident reads of its case may change beside it at any time."""
        values = tuple(value for value in self._index.domains.values(key) if value is not None)
        changed = self._relation(key, lambda _: values)
        for place in self._open_places():
            yield Move(place, place, TIME, given=changed, guard=Filter(UNKNOWN))

    def _in_thread(self, event: str) -> Iterator[Move]:
        """An event of an incident happens; how it comes about is asked in the incident's own file."""
        home = self._index.incident_of[event]
        changes = Changes(self._variables)
        changes.mark(("event", event))
        self.effects.note(event, None, changes)
        relation = changes.relation(self._diagrams)
        effects: tuple[Stage, ...] = () if relation is None else (Update(relation),)
        free = without_parties(self._index.subject.incidents[home], event, self._index.subject.registers)
        for place in self._open_places():
            if place in self._index.incident_places.get(home, ()):
                guard = FREE if free else Filter(UNKNOWN)
                yield Move(place, place, CAUSED, guard=guard, effects=effects, event=event)
