"""Whether deadlines and uncounted time end as they should on every path: noticed, stoppable, and closed."""

from __future__ import annotations

from collections.abc import Iterator

from adjudicate.checks.abstraction import LAPSED, RUNNING, Key, keys_of
from adjudicate.checks.exploring import Explorer, TooLarge, described, path_to, too_large
from adjudicate.checks.space import Space, Transition
from adjudicate.checks.subject import Subject, started
from adjudicate.definition.models import Deadline, DeadlineKind, Start
from adjudicate.errors import Fault


def faults(explorer: Explorer) -> Iterator[Fault]:
    """Every fault of this kind."""
    for name, rule in explorer.subject.compiled.deadlines.items():
        question = f"every end of '{name}' is noticed"
        try:
            yield from _noticed(explorer, name, rule, question)
            yield from _stopped(explorer, name, rule)
        except TooLarge:
            yield too_large(explorer.subject, question)
    kinds = dict.fromkeys(kind for step in explorer.subject.workflow.steps for kind in step.begins)
    for kind in kinds:
        yield from _closed(explorer, kind)


def _noticed(explorer: Explorer, name: str, rule: Deadline, question: str) -> Iterator[Fault]:
    if rule.when_over is None:
        return
    subject = explorer.subject
    key = ("deadline", name)

    def bad(space: Space, transition: Transition) -> bool:
        values = space.states[transition.source][1]
        return transition.step is None and transition.deadline == name and values[space.index[key]] == RUNNING

    found = explorer.counterexample(question, [key], bad)
    if found is None:
        return
    space, path = found
    place = space.states[path[-1].source][0]
    others = dict.fromkeys(
        space.states[transition.source][0] for transition in space.transitions if bad(space, transition)
    )
    others.pop(place)
    more = f", and perhaps in {', '.join(subject.state(other) for other in others)}" if others else ""
    yield subject.fault(
        ("deadlines", name),
        f"deadline '{name}' ({rule.label.zh}) may run out unnoticed in {subject.state(place)}{more}: "
        f"'{rule.when_over}' has no step there: {described(space, path)}",
    )


def _stopped(explorer: Explorer, name: str, rule: Deadline) -> Iterator[Fault]:
    subject = explorer.subject
    space = explorer.space([("deadline", name), *_conditional(subject, name)])
    at = space.index[("deadline", name)]
    live = {place for place, values in space.states if values[at] in (RUNNING, LAPSED)}
    for i, step in enumerate(subject.workflow.steps):
        if name in step.stops and not live & set(subject.compiled.sources(step)):
            yield subject.fault(
                subject.at_step(i, "stops"),
                f"step '{step.event}' stops '{name}', which can be running in no state it is taken from",
            )
    if rule.kind is DeadlineKind.DUTY:
        yield from _ever_met(subject, space, name)


def _conditional(subject: Subject, name: str) -> Iterator[Key]:
    """The variables of the conditions under which a deadline starts."""
    for step in subject.workflow.steps:
        for one in step.starts:
            if isinstance(one, Start) and one.deadline == name:
                yield from keys_of(subject.compiled.conditions[one.if_].word)


def _ever_met(subject: Subject, space: Space, name: str) -> Iterator[Fault]:
    """A duty must be one that can still be met from where it starts."""
    steps = subject.workflow.steps
    meeting = {w.source for w in space.transitions if w.step is not None and name in steps[w.step].stops}
    able, open_ends = set(meeting), list(meeting)
    back: dict[int, list[int]] = {}
    for transition in space.transitions:
        back.setdefault(transition.target, []).append(transition.source)
    while open_ends:
        for source in back.get(open_ends.pop(), ()):
            if source not in able:
                able.add(source)
                open_ends.append(source)
    told_of: set[int] = set()
    for transition in space.transitions:
        if (
            transition.step is None
            or name not in started(steps[transition.step])
            or transition.step in told_of
            or transition.target in able
        ):
            continue
        at = space.index[("deadline", name)]
        before, after = (space.states[number][1][at] for number in (transition.source, transition.target))
        if space.is_final(transition.target) or after != RUNNING or before == RUNNING:
            continue
        told_of.add(transition.step)
        path = described(space, [*path_to(space, transition.source), transition])
        yield subject.fault(
            subject.at_step(transition.step, "starts"),
            f"step '{steps[transition.step].event}' starts the duty '{name}', but no step after it can end it: {path}",
        )


def _closed(explorer: Explorer, kind: str) -> Iterator[Fault]:
    subject = explorer.subject
    space = explorer.space([("open", kind)])
    at = space.index[("open", kind)]
    transitions = [
        transition
        for transition in space.transitions
        if space.is_final(transition.target) and space.states[transition.target][1][at]
    ]
    seen: set[int | None] = set()
    for transition in transitions if subject.is_incident else ():
        if transition.step is None or transition.step in seen:
            continue
        seen.add(transition.step)
        path = described(space, [*path_to(space, transition.source), transition])
        yield subject.fault(
            subject.at_step(transition.step),
            f"step '{subject.workflow.steps[transition.step].event}' ends the thread, "
            f"but the uncounted time '{kind}' is still open: {path}",
        )
    for i, step in enumerate(subject.workflow.steps):
        open_in = {place for place, values in space.states if values[at]}
        if kind in step.ends and not open_in & set(subject.compiled.sources(step)):
            yield subject.fault(
                subject.at_step(i, "ends"),
                f"step '{step.event}' ends the uncounted time '{kind}', which is open in no state it is taken from",
            )
