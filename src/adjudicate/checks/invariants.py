"""The `always` lines of a definition, proved or shown broken by a shortest road; other promises are asked elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from adjudicate.checks.abstraction import Key, holds, keys_of
from adjudicate.checks.exploring import Bad, Explorer, TooLarge, told, too_large
from adjudicate.checks.space import Space, Way
from adjudicate.checks.subject import Subject
from adjudicate.definition.models import Always, Guard
from adjudicate.errors import Fault
from adjudicate.guards.compiling import compile_guard


def faults(explorer: Explorer) -> Iterator[Fault]:
    """Every `always` line that some road breaks."""
    for i, line in enumerate(explorer.subject.workflow.always):
        try:
            found = _broken(explorer, line)
        except TooLarge:
            yield too_large(explorer.subject, said(line))
            continue
        if found is not None:
            yield explorer.subject.fault(("always", i), found)


def said(line: Always) -> str:
    """An invariant as a sentence."""
    if line.before:
        return f"before '{line.before}' one of {', '.join(line.one_of or ())}"
    if line.after:
        return f"after '{line.after}' follows {', '.join(line.follows or ())}"
    if line.never:
        return f"never '{line.never}' until {line.until}"
    return f"never both {' and '.join(line.never_both or ())}"


def _broken(explorer: Explorer, line: Always) -> str | None:
    subject, question = explorer.subject, said(line)
    keys, bad = _question(subject, line)
    watched = {name for name in (line.before, line.never, line.after) if name} | {*(line.never_both or ())}
    found = explorer.counterexample(question, keys, bad, watched)
    if found is None:
        return None
    space, road = found
    label = f" ({line.label.zh})" if line.label else ""
    return f"'{question}'{label} does not hold: {told(space, road)}{_ends_in(space, line, road)}"


def _ends_in(space: Space, line: Always, road: list[Way]) -> str:
    if not line.after:
        return ""
    place = space.states[road[-1].target][0]
    return f", and the case is over in {space.subject.state(place)}"


def been(subject: Subject, name: str) -> Key:
    """The variable that says that an event happened or a state was entered; a name that is both means the event."""
    is_state = name in subject.road.states and name not in subject.road.events
    return ("been", name) if is_state else ("event", name)


def _question(subject: Subject, line: Always) -> tuple[list[Key], Bad]:
    if line.before:
        return _before(subject, line.before, line.one_of or ())
    if line.after:
        return _after(line.after, line.follows or ())
    if line.never:
        return _never(subject, line.never, line.until or {})
    first, second = line.never_both or ("", "")
    keys = [been(subject, first), been(subject, second)]

    def both(space: Space, way: Way) -> bool:
        values = space.states[way.target][1]
        fresh = happens(space, way, first) or happens(space, way, second)
        return fresh and all(values[space.index[key]] for key in keys)

    return keys, both


def _before(subject: Subject, name: str, one_of: Iterable[str]) -> tuple[list[Key], Bad]:
    keys = [been(subject, other) for other in one_of]

    def bad(space: Space, way: Way) -> bool:
        values = space.states[way.source][1]
        return happens(space, way, name) and not any(values[space.index[key]] for key in keys)

    return [*keys, *_foreign(subject, name)], bad


def _after(name: str, follows: Iterable[str]) -> tuple[list[Key], Bad]:
    owed: Key = ("owed", name, *follows)

    def bad(space: Space, way: Way) -> bool:
        return space.is_final(way.target) and bool(space.states[way.target][1][space.index[owed]])

    return [owed], bad


def _never(subject: Subject, name: str, until: Guard) -> tuple[list[Key], Bad]:
    word = compile_guard(until, {n: c.guard for n, c in subject.workflow.conditions.items()})

    def bad(space: Space, way: Way) -> bool:
        return happens(space, way, name) and holds(word, space.seen(space.states[way.source])) is not True

    return [*keys_of(word), *_foreign(subject, name)], bad


def _foreign(subject: Subject, name: str) -> list[Key]:
    """An incident's event is seen only through a variable of its own."""
    own = name in subject.road.events or name in subject.road.states
    return [] if own else [("event", name)]


def happens(space: Space, way: Way, name: str) -> bool:
    """Whether the way is the event, or enters the state, of that name."""
    road = space.subject.road
    (source, before), (target, after) = space.states[way.source], space.states[way.target]
    if name in road.events:
        return way.step is not None and space.subject.workflow.steps[way.step].event == name
    if name in road.states:
        return target == name != source
    at = space.index[("event", name)]
    return bool(after[at]) and not before[at]
