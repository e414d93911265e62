"""The `always` lines of a definition, proved or shown broken by a shortest path; other promises are asked elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from adjudicate.checks.abstraction import Key
from adjudicate.checks.diagrams import ALL
from adjudicate.checks.exploring import Explorer, Search, TooLarge, path_text, too_large
from adjudicate.checks.moves import Move, PathStep
from adjudicate.checks.naming import filled, listed, quoted
from adjudicate.checks.space import Space
from adjudicate.checks.subject import Subject
from adjudicate.definition.models import NOTHING, Always, Guard, Happening, Occasion
from adjudicate.errors import Fault
from adjudicate.guards.compiling import Word, compile_guard
from adjudicate.law.text import Text

At = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What an `always` line names: an event of this file or of an incident, or a state that is entered."""

    kind: Literal["event", "state"]
    name: str
    foreign: bool

    @property
    def key(self) -> Key:
        """The variable that says that it has happened."""
        return (self.kind if self.kind == "event" else "entered", self.name)


def faults(explorer: Explorer) -> Iterator[Fault]:
    """Every `always` line that some path breaks, or that has two meanings."""
    subject = explorer.subject
    for i, line in enumerate(subject.workflow.always):
        unclear = [name for name in _occasions(line) if isinstance(name, str) and ambiguous(subject, name)]
        if unclear:
            yield from (_two_meanings(subject, ("always", i), name) for name in dict.fromkeys(unclear))
            continue
        try:
            yield from _broken(explorer, ("always", i), line)
        except TooLarge:
            yield too_large(subject, promise(subject, line))


def ambiguous(subject: Subject, name: str) -> bool:
    """Whether a name is an event and a state that do not always come about together."""
    compiled = subject.compiled
    events = set(compiled.events).union(*(incident.events for incident in subject.incidents.values()))
    if name not in events or name not in compiled.states:
        return False
    entering = {passage.step.event for passage in subject.passages if passage.target == name != passage.source}
    leading = {
        passage.target if passage.target != passage.source else None
        for passage in subject.passages
        if passage.step.event == name
    }
    return entering != {name} or leading != {name}


def _two_meanings(subject: Subject, at: At, name: str) -> Fault:
    return subject.fault(
        at,
        "“{name}”既是事项{event}，又是阶段{state}，二者并不总是同时发生："
        "请写明 {{event: {name}}} 或者 {{state: {name}}}",
        "'{name}' is both an event and a state here, {event} and {state}, and they do not always come about together: "
        "write {{event: {name}}} or {{state: {name}}}",
        name=name,
        event=subject.naming.event(name, key=False),
        state=subject.naming.state(name, key=False),
    )


def _occasions(line: Always) -> Iterator[Occasion]:
    yield from (name for name in (line.before, line.after, line.never) if name)
    yield from (*(line.one_of or ()), *(line.follows or ()), *(line.never_both or ()))


def occurrence(subject: Subject, occasion: Occasion) -> Occurrence:
    """What a name means; where a bare name is both, and both come about together, the event."""
    if isinstance(occasion, Happening):
        name, is_state = str(occasion.event or occasion.state), occasion.state is not None
    else:
        name = occasion
        inner = any(name in incident.events for incident in subject.incidents.values())
        is_state = not inner and name not in subject.compiled.events
    if is_state:
        return Occurrence("state", name, foreign=False)
    return Occurrence("event", name, foreign=name not in subject.compiled.events)


def promise(subject: Subject, line: Always) -> Text:
    """An invariant as a sentence: its label, or what it says."""
    if line.label:
        return quoted(line.label)

    def words(*occasions: Occasion) -> Text:
        occurrences = [occurrence(subject, one) for one in occasions]
        calls = {"event": subject.naming.event, "state": subject.naming.state}
        return listed(calls[one.kind](one.name, key=False) for one in occurrences)

    if line.before:
        names = {"first": words(*(line.one_of or ())), "then": words(line.before)}
        return filled("{then}之前须有{first}之一", "before {then} one of {first}", names)
    if line.after:
        names = {"first": words(line.after), "then": words(*(line.follows or ()))}
        return filled("{first}之后须有{then}之一", "after {first} follows {then}", names)
    if line.never:
        return filled(
            "须待条件成立，方可{then}", "never {then} before its condition holds", {"then": words(line.never)}
        )
    return filled("{both}不得并存", "never both of {both}", {"both": words(*(line.never_both or ()))})


def _broken(explorer: Explorer, at: At, line: Always) -> Iterator[Fault]:
    subject, question = explorer.subject, promise(explorer.subject, line)
    keys, search = _question(explorer, line)
    main = [occurrence(subject, one) for one in (line.before, line.never, line.after, *(line.never_both or ())) if one]
    watched = {one.name for one in main if one.kind == "event"}
    found = explorer.counterexample(question, keys, search, watched)
    if found is None:
        return
    space, path = found
    over = Text("", "")
    if line.after:
        state = subject.naming.state(path[-1].move.target)
        over = Text(f"，而案件已终结于{state.zh}", f", and the case is over in {state.en}")
    yield subject.fault(
        at,
        "规则不成立：{promise}：{path}{over}",
        "a promise does not hold: {promise}: {path}{over}",
        promise=question,
        path=path_text(space, path),
        over=over,
    )


def _question(explorer: Explorer, line: Always) -> tuple[list[Key], Search]:
    subject = explorer.subject
    if line.before:
        return _before(occurrence(subject, line.before), [occurrence(subject, one) for one in line.one_of or ()])
    if line.after:
        return _after(occurrence(subject, line.after), [occurrence(subject, one) for one in line.follows or ()])
    if line.never:
        return _never(explorer, occurrence(subject, line.never), line.until or {})
    keys = [occurrence(subject, one).key for one in line.never_both or ()]

    def both(space: Space) -> list[PathStep] | None:
        first, second = (space.where(key, [True]) for key in keys)
        return space.path(dict.fromkeys(space.reached, space.diagrams.intersection(first, second)))

    return keys, both


def _before(what: Occurrence, one_of: list[Occurrence]) -> tuple[list[Key], Search]:
    keys = [other.key for other in one_of]

    def too_early(space: Space) -> list[PathStep] | None:
        none_yet = ALL
        for key in keys:
            none_yet = space.diagrams.intersection(none_yet, space.where(key, [False]))
        occurrences = [
            (move, none_yet)
            for move in space.moves
            if happens(move, what) and not (what.kind == "state" and ("event", move.event) in keys)
        ]
        return space.path_to_moment(occurrences)

    return keys, too_early


def _after(what: Occurrence, follows: Iterable[Occurrence]) -> tuple[list[Key], Search]:
    owed: Key = ("owed", *(part for one in (what, *follows) for part in (one.kind, one.name)))

    def left_owing(space: Space) -> list[PathStep] | None:
        return space.path(dict.fromkeys(space.index.final, space.where(owed, [True])))

    return [owed], left_owing


def _never(explorer: Explorer, what: Occurrence, until: Guard) -> tuple[list[Key], Search]:
    word = compile_guard(until, explorer.subject.guards)

    def too_early(space: Space) -> list[PathStep] | None:
        return space.path_to_moment(
            (move, _unmet(space, word, what, move)) for move in space.moves if happens(move, what)
        )

    return [*explorer.index.keys_of(word)], too_early


def _unmet(space: Space, word: Word, what: Occurrence, move: Move) -> int:
    """The moments at which the word does not surely hold.

    A state is entered once the event that leads there has happened; what the step does to deadlines comes after that.
    """
    guards, diagrams = space.builder.guards, space.diagrams
    if what.kind == "event" or move.step is None:
        return diagrams.difference(ALL, guards.word(word, move.source).must)
    unmet = diagrams.difference(ALL, guards.word(word, "" if move.source == NOTHING else move.source).must)
    happened = space.builder.effects.happened(space.subject.workflow.steps[move.step])
    return unmet if happened is None else diagrams.preimage(happened, unmet)


def happens(move: Move, what: Occurrence) -> bool:
    """Whether the move is the event, or enters the state."""
    if what.kind == "state":
        return move.target == what.name != move.source
    return move.event == what.name
