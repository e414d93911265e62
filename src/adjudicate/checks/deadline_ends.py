"""Whether deadlines and uncounted time end as they should on every path: noticed, stoppable, and closed."""

from __future__ import annotations

from collections.abc import Iterator

from adjudicate.checks.abstraction import LAPSED, OVERDUE, RUNNING, Key, Value
from adjudicate.checks.diagrams import ALL, EMPTY
from adjudicate.checks.exploring import Explorer, TooLarge, path_text, too_large
from adjudicate.checks.moves import TIME, Move
from adjudicate.checks.naming import filled, listed
from adjudicate.checks.space import Region, Space
from adjudicate.checks.subject import Subject, started
from adjudicate.definition.deadline_models import Deadline, DeadlineKind, Start
from adjudicate.errors import Fault
from adjudicate.law.text import Text


def faults(explorer: Explorer) -> Iterator[Fault]:
    """Every fault of this kind."""
    for name, rule in explorer.subject.compiled.deadlines.items():
        question = filled(
            "期限{deadline}的届满均有记录",
            "every end of {deadline} is noticed",
            {"deadline": explorer.subject.naming.deadline(name)},
        )
        try:
            yield from _end_noticed(explorer, name, rule, question)
            yield from _stopped(explorer, name, rule)
        except TooLarge:
            yield too_large(explorer.subject, question)
    kinds = dict.fromkeys(kind for step in explorer.subject.workflow.steps for kind in step.begins)
    for kind in kinds:
        yield from _time_closed(explorer, kind)


def _end_noticed(explorer: Explorer, name: str, rule: Deadline, question: Text) -> Iterator[Fault]:
    if rule.when_over is None:
        return
    subject = explorer.subject
    key = ("deadline", name)

    def unnoticed(space: Space) -> list[tuple[Move, int]]:
        live = space.where(key, _not_ended(space, key))
        return [
            (move, move.moment(space.diagrams, live))
            for move in space.moves
            if move.mover == TIME and move.deadline == name
        ]

    found = explorer.counterexample(question, [key], lambda space: space.path_to_moment(unnoticed(space)))
    if found is None:
        return
    space, path = found
    place = path[-1].move.source
    places = dict.fromkeys(
        move.source
        for move, moment in unnoticed(space)
        if space.diagrams.intersection(space.moment(move), moment) != EMPTY
    )
    places.pop(place)
    more = Text("", "")
    if places:
        others = listed(subject.naming.state(other) for other in places)
        more = Text(f"（也可能在{others.zh}）", f", and perhaps in {others.en}")
    yield subject.fault(
        ("deadlines", name),
        "期限{deadline}在{state}届满时可能无人记录{more}：{event}在该阶段没有步骤：{path}",
        "deadline {deadline} may run out unnoticed in {state}{more}: {event} has no step there: {path}",
        deadline=subject.naming.deadline(name),
        state=subject.naming.state(place),
        more=more,
        event=subject.naming.event(rule.when_over),
        path=path_text(space, path),
    )


def _not_ended(space: Space, key: Key) -> list[Value]:
    """The values of a deadline that is still to come to its end."""
    return [value for value in space.index.domains.values(key) if value in (RUNNING, OVERDUE)]


def _stopped(explorer: Explorer, name: str, rule: Deadline) -> Iterator[Fault]:
    subject, key = explorer.subject, ("deadline", name)
    space = explorer.space([key, *_conditional(explorer, name)])
    stoppable = space.where(key, [*_not_ended(space, key), LAPSED])
    live = space.places_of(stoppable)
    for i, step in enumerate(subject.workflow.steps):
        if name in step.stops and not live & set(subject.compiled.sources(step)):
            yield subject.fault(
                subject.at_step(i, "stops"),
                "步骤{step}终止期限{deadline}，但在可以进行该步骤的任何阶段，该期限都不可能正在计算",
                "step {step} stops {deadline}, which can be running in no state it is taken from",
                step=subject.naming.step(step),
                deadline=subject.naming.deadline(name),
            )
    if rule.kind is DeadlineKind.DUTY:
        yield from _can_be_met(subject, space, name)


def _conditional(explorer: Explorer, name: str) -> Iterator[Key]:
    """The variables of the conditions under which a deadline starts."""
    for step in explorer.subject.workflow.steps:
        for one in step.starts:
            if isinstance(one, Start) and one.deadline == name:
                yield from explorer.index.keys[one.if_]


def _can_be_met(subject: Subject, space: Space, name: str) -> Iterator[Fault]:
    """A duty must be one that can still be met from where it starts."""
    steps, diagrams, key = subject.workflow.steps, space.diagrams, ("deadline", name)
    meeting: Region = {}
    for move in space.moves:
        if move.step is not None and name in steps[move.step].stops:
            able = move.preimage(diagrams, ALL)
            meeting[move.source] = diagrams.union(meeting.get(move.source, EMPTY), able)
    able_to_end = space.backward(meeting, by=lambda _: True, must=False)
    running = space.where(key, _not_ended(space, key))
    reported: set[int] = set()
    for move in space.moves:
        if move.step is None or name not in started(steps[move.step]) or move.step in reported:
            continue
        begun = diagrams.difference(space.reached.get(move.source, EMPTY), running)
        unable = diagrams.difference(
            diagrams.intersection(move.image(diagrams, begun), running), able_to_end.get(move.target, EMPTY)
        )
        if move.target in space.index.final or unable == EMPTY:
            continue
        reported.add(move.step)
        yield subject.fault(
            subject.at_step(move.step, "starts"),
            "步骤{step}起算义务期限{deadline}，但此后没有任何步骤能使其终止：{path}",
            "step {step} starts the duty {deadline}, but no step after it can end it: {path}",
            step=subject.naming.step(steps[move.step]),
            deadline=subject.naming.deadline(name),
            path=path_text(space, space.path_by(move, begun, unable)),
        )


def _time_closed(explorer: Explorer, kind: str) -> Iterator[Fault]:
    subject, key = explorer.subject, ("open", kind)
    space = explorer.space([key])
    is_open = space.where(key, [True])
    reported: set[int] = set()
    for move in space.moves if subject.is_incident else ():
        if move.step is None or move.step in reported or move.target not in space.index.final:
            continue
        here = space.reached.get(move.source, EMPTY)
        left_open = space.diagrams.intersection(move.image(space.diagrams, here), is_open)
        if left_open == EMPTY:
            continue
        reported.add(move.step)
        yield subject.fault(
            subject.at_step(move.step),
            "步骤{step}结束本分支程序，但{kind}尚未结束：{path}",
            "step {step} ends the thread, but {kind} is still open: {path}",
            step=subject.naming.step(subject.workflow.steps[move.step]),
            kind=subject.naming.uncounted(kind),
            path=path_text(space, space.path_by(move, here, left_open)),
        )
    open_in = space.places_of(is_open)
    for i, step in enumerate(subject.workflow.steps):
        if kind in step.ends and not open_in & set(subject.compiled.sources(step)):
            yield subject.fault(
                subject.at_step(i, "ends"),
                "步骤{step}结束{kind}，但在可以进行该步骤的任何阶段，该时间都不可能已经开始",
                "step {step} ends {kind}, which is open in no state it is taken from",
                step=subject.naming.step(step),
                kind=subject.naming.uncounted(kind),
            )
