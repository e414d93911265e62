"""The `always` lines of a definition, proved or shown broken by a shortest path; other promises are asked elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from adjudicate.checks.abstraction import Key, holds, keys_of
from adjudicate.checks.exploring import Bad, Explorer, TooLarge, described, too_large
from adjudicate.checks.space import Space, Transition
from adjudicate.checks.subject import Subject
from adjudicate.definition.models import Always, Guard, Happening, Occasion
from adjudicate.errors import Fault
from adjudicate.guards.compiling import compile_guard


@dataclass(frozen=True, slots=True)
class Named:
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
        unclear = [name for name in _names(line) if isinstance(name, str) and ambiguous(subject, name)]
        if unclear:
            yield from (subject.fault(("always", i), _two_meanings(subject, name)) for name in dict.fromkeys(unclear))
            continue
        try:
            found = _broken(explorer, line)
        except TooLarge:
            yield too_large(subject, said(line))
            continue
        if found is not None:
            yield subject.fault(("always", i), found)


def ambiguous(subject: Subject, name: str) -> bool:
    """Whether a name is an event and a state that do not always come about together."""
    compiled = subject.compiled
    events = set(compiled.events).union(*(incident.events for incident in subject.incidents.values()))
    if name not in events or name not in compiled.states:
        return False
    entering = {edge.step.event for edge in subject.edges if edge.target == name != edge.source}
    leading = {edge.target if edge.target != edge.source else None for edge in subject.edges if edge.step.event == name}
    return entering != {name} or leading != {name}


def _two_meanings(subject: Subject, name: str) -> str:
    return (
        f"'{name}' is both an event and a state ({subject.compiled.states[name].label.zh}), and they do not "
        f"always come about together: write {{event: {name}}} or {{state: {name}}}"
    )


def _names(line: Always) -> Iterator[Occasion]:
    yield from (name for name in (line.before, line.after, line.never) if name)
    yield from (*(line.one_of or ()), *(line.follows or ()), *(line.never_both or ()))


def named(subject: Subject, occasion: Occasion) -> Named:
    """What a name means; where a bare name is both, and both come about together, the event."""
    if isinstance(occasion, Happening):
        name, is_state = str(occasion.event or occasion.state), occasion.state is not None
    else:
        name = occasion
        inner = any(name in incident.events for incident in subject.incidents.values())
        is_state = not inner and name not in subject.compiled.events
    if is_state:
        return Named("state", name, foreign=False)
    return Named("event", name, foreign=name not in subject.compiled.events)


def _word(occasion: Occasion) -> str:
    return occasion if isinstance(occasion, str) else str(occasion.event or occasion.state)


def said(line: Always) -> str:
    """An invariant as a sentence."""
    if line.before:
        return f"before '{_word(line.before)}' one of {', '.join(_word(one) for one in line.one_of or ())}"
    if line.after:
        return f"after '{_word(line.after)}' follows {', '.join(_word(one) for one in line.follows or ())}"
    if line.never:
        return f"never '{_word(line.never)}' until {line.until}"
    return f"never both {' and '.join(_word(one) for one in line.never_both or ())}"


def _broken(explorer: Explorer, line: Always) -> str | None:
    subject, question = explorer.subject, said(line)
    keys, bad = _question(subject, line)
    main = (line.before, line.never, line.after, *(line.never_both or ()))
    found = explorer.counterexample(question, keys, bad, {_word(name) for name in main if name})
    if found is None:
        return None
    space, path = found
    label = f" ({line.label.zh})" if line.label else ""
    return f"'{question}'{label} does not hold: {described(space, path)}{_ends_in(space, line, path)}"


def _ends_in(space: Space, line: Always, path: list[Transition]) -> str:
    if not line.after:
        return ""
    place = space.states[path[-1].target][0]
    return f", and the case is over in {space.subject.state(place)}"


def _question(subject: Subject, line: Always) -> tuple[list[Key], Bad]:
    if line.before:
        return _before(named(subject, line.before), [named(subject, one) for one in line.one_of or ()])
    if line.after:
        return _after(named(subject, line.after), [named(subject, one) for one in line.follows or ()])
    if line.never:
        return _never(subject, named(subject, line.never), line.until or {})
    first, second = (named(subject, one) for one in line.never_both or ())
    keys = [first.key, second.key]

    def both(space: Space, transition: Transition) -> bool:
        values = space.states[transition.target][1]
        fresh = happens(space, transition, first) or happens(space, transition, second)
        return fresh and all(values[space.index[key]] for key in keys)

    return keys, both


def _before(what: Named, one_of: Iterable[Named]) -> tuple[list[Key], Bad]:
    keys = [other.key for other in one_of]

    def bad(space: Space, transition: Transition) -> bool:
        values = space.states[transition.source][1]
        return happens(space, transition, what) and not any(values[space.index[key]] for key in keys)

    return [*keys, *_foreign(what)], bad


def _after(what: Named, follows: Iterable[Named]) -> tuple[list[Key], Bad]:
    owed: Key = ("owed", *(part for one in (what, *follows) for part in (one.kind, one.name)))

    def bad(space: Space, transition: Transition) -> bool:
        return space.is_final(transition.target) and bool(space.states[transition.target][1][space.index[owed]])

    return [owed], bad


def _never(subject: Subject, what: Named, until: Guard) -> tuple[list[Key], Bad]:
    word = compile_guard(until, {n: c.guard for n, c in subject.workflow.conditions.items()})

    def bad(space: Space, transition: Transition) -> bool:
        at = (space.states[transition.source][0], transition.moment)
        return happens(space, transition, what) and holds(word, space.seen(at)) is not True

    return [*keys_of(word), *_foreign(what)], bad


def _foreign(what: Named) -> list[Key]:
    """An incident's event is seen only through a variable of its own."""
    return [what.key] if what.foreign else []


def happens(space: Space, transition: Transition, what: Named) -> bool:
    """Whether the way is the event, or enters the state."""
    (source, before), (target, after) = space.states[transition.source], space.states[transition.target]
    if what.kind == "state":
        return target == what.name != source
    if what.foreign:
        at = space.index[what.key]
        return bool(after[at]) and not before[at]
    return transition.step is not None and space.subject.workflow.steps[transition.step].event == what.name
