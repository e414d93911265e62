"""What all questions about one definition share: which steps read and change which variables, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from adjudicate.checks.abstraction import Domains, Key, atoms_of, keys_of
from adjudicate.checks.subject import Subject, reachable_from, read_by, started
from adjudicate.definition.models import NOTHING, PARTY, Step
from adjudicate.guards.people import ForEach
from adjudicate.guards.threads import InState
from adjudicate.guards.word import Word

# A guard in these places decides what a step does; one that it merely expects or advises decides nothing.
_DECIDING = ("requires", "to", "starts")


class Index:
    """One definition, prepared once."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.domains = Domains(subject)
        self.atoms = atoms_of(subject)
        self.places = (NOTHING, *subject.compiled.states)
        self.final = frozenset(name for name, state in subject.compiled.states.items() if state.final)
        self.begun_here = frozenset(kind for step in subject.workflow.steps for kind in step.begins)
        self._played = frozenset(self._always_played())
        conditions = subject.compiled.conditions
        self.keys = {name: frozenset(self.keys_of(one.word)) for name, one in conditions.items()}
        self.state_dependent = frozenset(name for name, one in conditions.items() if _reads_state(one.word))
        self.steps_by_key: dict[Key, set[int]] = {}
        self.steps_by_event: dict[str, set[int]] = {}
        # Variables that are read, or change, together.
        self.groups = [frozenset(self.keys_of(word)) for one in conditions.values() for word in _inside(one.word)]
        for i, step in enumerate(subject.workflow.steps):
            self._add(i, step)

    def _add(self, number: int, step: Step) -> None:
        changed, read = self.changed_by(step), self._read_by(step)
        self.groups += [changed, changed | read]
        self.steps_by_event.setdefault(step.event, set()).add(number)
        for key in changed | read:
            self.steps_by_key.setdefault(key, set()).add(number)

    def _always_played(self) -> Iterator[str]:
        """The parts that somebody plays from the first event on. That all of them may leave again is not considered."""
        openings = [step for step in self.subject.workflow.steps if step.opens]
        for role, rule in self.subject.workflow.parties.items():
            if rule.at_least and all(role in step.joins for step in openings):
                yield from (role,) if rule.represents else (role, PARTY)

    def may_be_empty(self, role: str) -> bool:
        """Whether nobody may play a part; an incident does not know who takes part in its case."""
        return role not in self._played and not self.subject.is_incident

    def keys_of(self, word: Word) -> Iterator[Key]:
        """The variables that decide a word; what is asked of each party holds where there is none.

        Of a deadline of its case an incident knows nothing: what asks about one stays open.
        """
        own = self.subject.compiled.deadlines
        yield from (key for key in keys_of(word) if key[0] != "deadline" or key[1] in own)
        yield from (("role", role) for role in _asked_of_each(word) if self.may_be_empty(role))

    @cached_property
    def deadlines_ending_with(self) -> Mapping[str, tuple[str, ...]]:
        """The deadlines that end with each event of the clock."""
        found: dict[str, tuple[str, ...]] = {}
        for name, rule in self.subject.compiled.deadlines.items():
            if rule.when_over:
                found[rule.when_over] = (*found.get(rule.when_over, ()), name)
        return found

    @cached_property
    def incident_places(self) -> Mapping[str, frozenset[str]]:
        """The states in which a thread of each incident may be open: those it opens in, and what follows them."""
        return {use.opens: reachable_from(self.subject.passages, use.while_) for use in self.subject.workflow.incidents}

    @cached_property
    def caused_in(self) -> Mapping[str, frozenset[str]]:
        """The states in which an incident may record each event here."""
        found: dict[str, frozenset[str]] = {}
        for use in self.subject.workflow.incidents:
            for outcome in use.outcomes:
                found[outcome.records] = found.get(outcome.records, frozenset()) | self.incident_places[use.opens]
        return found

    @cached_property
    def incident_of(self) -> Mapping[str, str]:
        """The incident that each event of one belongs to."""
        return {event: name for name, one in self.subject.incidents.items() for event in one.events}

    def changed_by(self, step: Step) -> frozenset[Key]:
        """The variables that a step may change."""
        found: set[Key] = {("event", step.event)}
        extended = (step.extends.deadline,) if step.extends else ()
        found |= {("deadline", name) for name in (*started(step), *step.stops, *extended)}
        found |= {("deadline", name) for name in self.deadlines_ending_with.get(step.event, ())}
        found |= {("fact", name) for name in step.takes}
        found |= {("open", kind) for kind in (*step.begins, *step.ends)}
        found |= {key for key, facts in self.atoms.items() if facts & step.takes}
        if step.joins:
            found |= {("role", role) for role in (*step.joins, PARTY)}
        if step.leaves:
            found |= {("role", role) for role in (*self.subject.workflow.parties, PARTY)}
        return frozenset(found)

    def _read_by(self, step: Step) -> frozenset[Key]:
        """The variables that decide whether a step may be taken, where it leads and what it starts."""
        names = {name for key, name in read_by(step) if key in _DECIDING}
        found = {key for name in names for key in self.keys[name]}
        if step.to is not None and not isinstance(step.to, str) and step.to.choose:
            found |= {("fact", name) for name in step.to.choose}
        for name in started(step):
            per = self.subject.compiled.deadlines[name].per
            found |= {("role", per)} if per and self.may_be_empty(per) else set()
        return frozenset(found)

    def steps_for(self, key: Key) -> set[int]:
        """The steps that read or change a variable."""
        if key[0] == "owed":
            named = list(zip(key[1::2], key[2::2], strict=True))
        else:
            named = [("state", key[1])] if key[0] == "entered" else []
        found = set(self.steps_by_key.get(key, ()))
        for kind, name in named:
            found |= self.steps_by_event.get(name, set()) if kind == "event" else self._steps_into({name})
        # A final state releases the deadlines that still run.
        return found | self._steps_into(self.final) if key[0] == "deadline" else found

    def _steps_into(self, states: frozenset[str] | set[str]) -> set[int]:
        return {passage.index for passage in self.subject.passages if passage.target in states}


def _inside(word: Word) -> Iterator[Word]:
    """A word with all the words in it."""
    yield word
    for child in word.children:
        yield from _inside(child)


def _reads_state(word: Word) -> bool:
    return any(isinstance(one, InState) for one in _inside(word))


def _asked_of_each(word: Word) -> Iterator[str]:
    yield from (one.role for one in _inside(word) if isinstance(one, ForEach))
