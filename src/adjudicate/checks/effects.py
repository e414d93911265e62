"""What a step changes in the kept variables, in the order of the engine's ledger; guards are not asked here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from adjudicate.checks.abstraction import LAPSED, OVERDUE, PASSED, RUNNING, STOPPED, Key, Value, starts_over
from adjudicate.checks.diagrams import Diagrams, Map, Relation
from adjudicate.checks.guard_sets import UNKNOWN, GuardPart, GuardSets, Variables, exactly
from adjudicate.checks.index import Index
from adjudicate.checks.moves import ConditionalUpdate, Stage, Update
from adjudicate.definition.deadline_models import Deadline, Start
from adjudicate.definition.models import NOTHING, PARTY, Step

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
        self._known: dict[tuple[int, str, str, bool], tuple[Stage, ...]] = {}

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
        values = self._index.domains.recordable(key[1])
        if key[1] in step.records:
            changes.set(key, *values)
        else:
            changes.add(key, lambda older: (older, *values))

    def of(self, number: int, step: Step, place: str, target: str, *, automatic: bool) -> tuple[Stage, ...]:
        """What the step changes when it leads from one state of the procedure to another."""
        by_state = any(isinstance(one, Start) and one.if_ in self._index.state_dependent for one in step.starts)
        known = (number, place if by_state or place == NOTHING else "", target if target != place else "", automatic)
        if known not in self._known:
            self._known[known] = tuple(self._stages(step, place, target, automatic=automatic))
        return self._known[known]

    def happened(self, step: Step) -> Relation | None:
        """That the event has happened and that whoever joins with it is there; all else comes after that."""
        changes = Changes(self._variables)
        self._people(step, changes)
        changes.mark(("event", step.event))
        return changes.relation(self._diagrams)

    def _stages(self, step: Step, place: str, target: str, *, automatic: bool) -> Iterator[Stage]:
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
            yield from self._started(name, None, changes, automatic=automatic)
        if step.extends is not None:
            changes.add(("deadline", step.extends.deadline), _extended)
        for one in step.starts:
            name, condition = (one.deadline, one.if_) if isinstance(one, Start) else (one, None)
            holds = self._condition(condition, place) if condition else None
            yield from self._started(name, holds, changes, automatic=automatic)
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
            sure = step.opens and not self._index.may_be_empty(PARTY)
            changes.add(("role", PARTY), lambda value: (True,) if sure else (value, True))
        for role in self._leaving(step) if step.leaves else ():
            changes.add(("role", role), lambda value: (value, False))

    def _leaving(self, step: Step) -> tuple[str, ...]:
        if step.per in (None, PARTY):
            return (*self._index.subject.workflow.parties, PARTY)
        return (str(step.per), PARTY)

    def _started(self, name: str, condition: GuardPart | None, changes: Changes, *, automatic: bool) -> Iterator[Stage]:
        """A deadline starts under its condition; one of each party of a part, where somebody plays it."""
        key, rule = ("deadline", name), self._index.subject.compiled.deadlines[name]
        parts = [] if condition is None else [condition]
        if rule.per and self._index.may_be_empty(rule.per):
            parts.append(self._played(("role", rule.per)))
        begun = self._begun(rule, automatic=automatic)
        if not parts:
            changes.add(key, begun)
        elif key in self._variables.level:
            yield from self._gathered(changes)
            holds = self._guards.conjunction([part.truth for part in parts])
            missing = frozenset[Key]().union(*(part.missing for part in parts))
            changes.add(key, begun)
            for stage in self._gathered(changes):
                if isinstance(stage, Update):
                    fails = self._guards.negation(holds)
                    yield ConditionalUpdate(stage.relation, GuardPart(holds, missing), fails)

    def _begun(self, rule: Deadline, *, automatic: bool) -> Becomes:
        over = starts_over(rule)
        running = (RUNNING, OVERDUE) if over else (RUNNING,)
        # What happens at the end of a day may start a count that ran out that day: from the same day, it does nothing.
        again = over and automatic
        return lambda value: (*running, value) if again and value == LAPSED else running

    def _condition(self, name: str, place: str) -> GuardPart:
        return GuardPart(self._guards.condition(name, place), self._guards.missing(name))

    def _played(self, role: Key) -> GuardPart:
        level = self._variables.level.get(role)
        if level is None:
            return GuardPart(UNKNOWN, frozenset([role]))
        return GuardPart(exactly(self._diagrams.where(level, [self._variables.number(role, value=True)])), frozenset())

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
