"""The `always` lines of a definition, proved or shown broken by a shortest path; other promises are asked elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from adjudicate.checks.abstraction import Key, holds, keys_of
from adjudicate.checks.exploring import Bad, Explorer, TooLarge, described, too_large
from adjudicate.checks.space import Space, Transition
from adjudicate.checks.subject import Subject
from adjudicate.definition.models import Always, Guard
from adjudicate.errors import Fault
from adjudicate.guards.compiling import compile_guard


def faults(explorer: Explorer) -> Iterator[Fault]:
    """Every `always` line that some path breaks."""
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
    space, path = found
    label = f" ({line.label.zh})" if line.label else ""
    return f"'{question}'{label} does not hold: {described(space, path)}{_ends_in(space, line, path)}"


def _ends_in(space: Space, line: Always, path: list[Transition]) -> str:
    if not line.after:
        return ""
    place = space.states[path[-1].target][0]
    return f", and the case is over in {space.subject.state(place)}"


def been(subject: Subject, name: str) -> Key:
    """The variable that says that an event happened or a state was entered; a name that is both means the event."""
    is_state = name in subject.compiled.states and name not in subject.compiled.events
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

    def both(space: Space, transition: Transition) -> bool:
        values = space.states[transition.target][1]
        fresh = happens(space, transition, first) or happens(space, transition, second)
        return fresh and all(values[space.index[key]] for key in keys)

    return keys, both


def _before(subject: Subject, name: str, one_of: Iterable[str]) -> tuple[list[Key], Bad]:
    keys = [been(subject, other) for other in one_of]

    def bad(space: Space, transition: Transition) -> bool:
        values = space.states[transition.source][1]
        return happens(space, transition, name) and not any(values[space.index[key]] for key in keys)

    return [*keys, *_foreign(subject, name)], bad


def _after(name: str, follows: Iterable[str]) -> tuple[list[Key], Bad]:
    owed: Key = ("owed", name, *follows)

    def bad(space: Space, transition: Transition) -> bool:
        return space.is_final(transition.target) and bool(space.states[transition.target][1][space.index[owed]])

    return [owed], bad


def _never(subject: Subject, name: str, until: Guard) -> tuple[list[Key], Bad]:
    word = compile_guard(until, {n: c.guard for n, c in subject.workflow.conditions.items()})

    def bad(space: Space, transition: Transition) -> bool:
        return happens(space, transition, name) and holds(word, space.seen(space.states[transition.source])) is not True

    return [*keys_of(word), *_foreign(subject, name)], bad


def _foreign(subject: Subject, name: str) -> list[Key]:
    """An incident's event is seen only through a variable of its own."""
    own = name in subject.compiled.events or name in subject.compiled.states
    return [] if own else [("event", name)]


def happens(space: Space, transition: Transition, name: str) -> bool:
    """Whether the way is the event, or enters the state, of that name."""
    path = space.subject.compiled
    (source, before), (target, after) = space.states[transition.source], space.states[transition.target]
    if name in path.events:
        return transition.step is not None and space.subject.workflow.steps[transition.step].event == name
    if name in path.states:
        return target == name != source
    at = space.index[("event", name)]
    return bool(after[at]) and not before[at]
