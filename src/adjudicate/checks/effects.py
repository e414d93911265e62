"""What a step changes in the kept variables, in the order of the engine's ledger; guards are not asked here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from adjudicate.checks.abstraction import LAPSED, OVERDUE, PASSED, RUNNING, STOPPED, Key, Value, starts_over
from adjudicate.checks.diagrams import Diagrams, Map, Relation
from adjudicate.checks.guard_sets import UNKNOWN, GuardPart, GuardSets, Variables, exactly
from adjudicate.checks.index import Index
from adjudicate.checks.moves import ConditionalUpdate, Stage, Update
from adjudicate.definition.models import NOTHING, PARTY, Start, Step

Becomes = Callable[[Value], Iterable[Value]]


class Changes:
    """Changes of single variables, one upon another, gathered into one relation."""

    def __init__(self, variables: Variables) -> None:
        self._variables = variables
        self._maps: dict[int, Map] = {}

    def add(self, key: Key, becomes: Becomes) -> None:
        """What each value of a variable becomes next; nothing where the variable is not kept."""
        level = self._variables.level.get(key)
        if level is None:
            return
        values = self._variables.values[level]
        next_ = [[values.index(after) for after in becomes(value)] for value in values]
        before = self._maps.get(level, tuple((i,) for i in range(len(values))))
        self._maps[level] = tuple(tuple(sorted({b for a in one for b in next_[a]})) for one in before)

    def set(self, key: Key, *values: Value) -> None:
        """The variable has one of these values next."""
        self.add(key, lambda _: values)

    def mark(self, key: Key) -> None:
        """What the variable stands for has come about."""
        self.set(key, *(True,))

    def clear(self, key: Key) -> None:
        """It is so no longer."""
        self.set(key, *(False,))

    def relation(self, diagrams: Diagrams) -> Relation | None:
        """All that was gathered, which is then forgotten; None where nothing changes."""
        maps, self._maps = self._maps, {}
        return diagrams.relation(maps) if maps else None


class Effects:
    """The effects of the steps of one definition on the kept variables."""

    def __init__(self, index: Index, variables: Variables, diagrams: Diagrams, guards: GuardSets) -> None:
        self._index, self._variables, self._diagrams, self._guards = index, variables, diagrams, guards
        self._deadlines = [key for key in variables.keys if key[0] == "deadline"]
        self._owed = [key for key in variables.keys if key[0] == "owed"]
        self._known: dict[tuple[int, str, str, str | None], tuple[Stage, ...]] = {}

    def given(self, step: Step, lapsing: str | None = None) -> Relation | None:
        """The facts that the act brings, and the end of the deadline whose lapse it is."""
        changes = Changes(self._variables)
        if lapsing is not None:
            changes.add(("deadline", lapsing), lambda value: (LAPSED,) if value in (RUNNING, OVERDUE) else ())
        for key in self._variables.keys:
            if key[0] == "fact" and key[1] in step.takes:
                self._record(key, step, changes)
            elif key[0] == "atom" and self._index.atoms[key] & step.takes:
                changes.set(key, *self._index.domains.values(key))
        return changes.relation(self._diagrams)

    def _record(self, key: Key, step: Step, changes: Changes) -> None:
        values = self._index.domains.of(key[1])
        if key[1] in step.records:
            changes.set(key, *values)
        else:
            changes.add(key, lambda older: (older, *values))

    def of(self, number: int, step: Step, place: str, target: str, lapsing: str | None = None) -> tuple[Stage, ...]:
        """What the step changes when it leads from one state of the procedure to another."""
        by_state = any(isinstance(one, Start) and one.if_ in self._index.state_dependent for one in step.starts)
        known = (number, place if by_state else "", target if target != place else "", lapsing)
        if known not in self._known:
            self._known[known] = tuple(self._stages(step, place, target, lapsing))
        return self._known[known]

    def _stages(self, step: Step, place: str, target: str, lapsing: str | None) -> Iterator[Stage]:
        changes = Changes(self._variables)
        self._people(step, changes)
        changes.mark(("event", step.event))
        for kind in step.ends:
            changes.clear(("open", kind))
        for kind in step.begins:
            changes.mark(("open", kind))
        for name in step.stops:
            changes.add(("deadline", name), _stopped)
        for name in step.restarts:
            yield from self._started(name, lapsing, changes)
        if step.extends is not None:
            changes.add(("deadline", step.extends.deadline), _extended)
        for one in step.starts:
            if isinstance(one, Start):
                yield from self._started_if(one, place, lapsing, changes)
            else:
                yield from self._started(one, lapsing, changes)
        self._arrive(step, place, target, changes)
        yield from self._gathered(changes)

    def _gathered(self, changes: Changes) -> Iterator[Stage]:
        relation = changes.relation(self._diagrams)
        if relation is not None:
            yield Update(relation)

    def _people(self, step: Step, changes: Changes) -> None:
        parties = self._index.subject.workflow.parties
        for role in step.joins:
            if step.opens and parties[role].at_least:
                changes.mark(("role", role))
            else:
                changes.add(("role", role), lambda value: (value, True))
        if step.joins:
            sure = step.opens and not self._index.may_lack(PARTY)
            changes.add(("role", PARTY), lambda value: (True,) if sure else (value, True))
        for role in self._leaving(step) if step.leaves else ():
            changes.add(("role", role), lambda value: (value, False))

    def _leaving(self, step: Step) -> tuple[str, ...]:
        if step.per in (None, PARTY):
            return (*self._index.subject.workflow.parties, PARTY)
        return (str(step.per), PARTY)

    def _begun(self, name: str, lapsing: str | None) -> Becomes:
        over = starts_over(self._index.subject.compiled.deadlines[name])
        running = (RUNNING, OVERDUE) if over else (RUNNING,)
        # A count that its own end starts again from the same day does nothing: the ledger has it run out once a day.
        again = over and name == lapsing
        return lambda value: (*running, value) if again and value == LAPSED else running

    def _started(self, name: str, lapsing: str | None, changes: Changes) -> Iterator[Stage]:
        """A deadline that runs for each party of a part does not start where nobody plays it."""
        key, per = ("deadline", name), self._index.subject.compiled.deadlines[name].per
        if per is None or not self._index.may_lack(per):
            changes.add(key, self._begun(name, lapsing))
        elif key in self._variables.level:
            yield from self._gathered(changes)
            yield from self._begun_if(name, lapsing, self._played(("role", per)))

    def _played(self, role: Key) -> GuardPart:
        level = self._variables.level.get(role)
        if level is None:
            return GuardPart(UNKNOWN, frozenset([role]))
        return GuardPart(exactly(self._diagrams.where(level, [self._variables.number(role, value=True)])), frozenset())

    def _started_if(self, one: Start, place: str, lapsing: str | None, changes: Changes) -> Iterator[Stage]:
        if ("deadline", one.deadline) in self._variables.level:
            yield from self._gathered(changes)
            holds = GuardPart(self._guards.condition(one.if_, place), self._guards.missing(one.if_))
            yield from self._begun_if(one.deadline, lapsing, holds)

    def _begun_if(self, name: str, lapsing: str | None, holds: GuardPart) -> Iterator[Stage]:
        changes = Changes(self._variables)
        changes.add(("deadline", name), self._begun(name, lapsing))
        for stage in self._gathered(changes):
            if isinstance(stage, Update):
                yield ConditionalUpdate(stage.relation, holds, self._guards.negation(holds.truth))

    def _arrive(self, step: Step, place: str, target: str, changes: Changes) -> None:
        """A final state releases what runs; what a question asks about is noted."""
        entered = target if target not in (place, NOTHING) else None
        if target in self._index.final:
            for key in self._deadlines:
                changes.add(key, lambda value: (STOPPED if value in (RUNNING, OVERDUE) else value,))
        if entered is not None:
            changes.mark(("entered", entered))
        self.note(step.event, entered, changes)

    def note(self, event: str, entered: str | None, changes: Changes) -> None:
        """Note what is owed after this event, and after this state if one is entered."""
        happened = {("event", event), ("state", entered)}
        for key in self._owed:
            # What is owed may come about by the very step that begins the debt: then nothing is owed.
            first, *follows = zip(key[1::2], key[2::2], strict=True)
            if happened & set(follows):
                changes.clear(key)
            elif first in happened:
                changes.mark(key)


def _stopped(value: Value) -> tuple[Value, ...]:
    return ({RUNNING: STOPPED, OVERDUE: PASSED, LAPSED: PASSED}.get(value, value),)


def _extended(value: Value) -> tuple[Value, ...]:
    """An extension may come too late, or be too short, to bring the deadline back to running."""
    return (RUNNING, value) if value in (LAPSED, OVERDUE) else (value,)
