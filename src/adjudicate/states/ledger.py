"""What a step does to deadlines: start, stop, restart, extend, open or close uncounted time; nothing else does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from adjudicate.definition.models import Deadline, Start, Step
from adjudicate.definition.rulebook import Road
from adjudicate.errors import LawError
from adjudicate.states import dates
from adjudicate.states.case_view import CaseView, lookup, members, plays
from adjudicate.states.fold_context import Course, Happening, Uncountable
from adjudicate.states.standing import Interval, Running, Status, deadline_key


def apply(course: Course, road: Road, step: Step, happening: Happening) -> None:
    """Carry out what the step says about deadlines: uncounted time first, then stops, restarts, extensions, starts."""
    if step.keeps_time:
        _keep_time(course, road, step, happening)
    if happening.joins:
        _start_for_joined(course, happening)


def _keep_time(course: Course, road: Road, step: Step, happening: Happening) -> None:
    thread = happening.thread if road.incident is not None else None
    if step.ends:
        close(course, set(step.ends), thread, happening.on)
    for kind in step.begins:
        _open(course, kind, thread, happening.on)
    # An act not said to concern one party touches every instance, whoever made it.
    party = happening.party if step.per else None
    own = happening if happening.party == party or not (step.stops or step.extends) else replace(happening, party=None)
    for name in step.stops:
        _stop(course, name, thread, own)
    for name in step.restarts:
        _start(course, road, name, happening, party)
    if step.extends is not None:
        _extend(course, road, step, own)
    for start in step.starts:
        if isinstance(start, Start):
            if _holds(course, road, start.if_, happening, bound=step.per is not None):
                _start(course, road, start.deadline, happening, party)
        else:
            _start(course, road, start, happening, party)


def close(course: Course, kinds: set[str], thread: str | None, on: date) -> None:
    """End the open intervals of these kinds that the same thread (or the main road) opened."""
    touched = set()
    intervals = course.standing.intervals
    for i, one in enumerate(intervals):
        if one.kind in kinds and one.thread == thread and one.until_on is None:
            intervals[i] = Interval(one.kind, one.thread, one.from_on, max(on, one.from_on))
            touched.add(one.kind)
    _refresh(course, touched, on)


def _open(course: Course, kind: str, thread: str | None, on: date) -> None:
    intervals = course.standing.intervals
    if not any(i.kind == kind and i.thread == thread and i.until_on is None for i in intervals):
        intervals.append(Interval(kind, thread, on))
        _refresh(course, {kind}, on)


def _refresh(course: Course, kinds: set[str], on: date) -> None:
    if not kinds:
        return
    for running in course.standing.deadlines.values():
        rule = rule_of(course, running)
        if running.status is Status.RUNNING and kinds.intersection(rule.excludes):
            own = course.standing.own_deadline(running)
            dates.refresh(rule, own, course.standing.intervals, course.ground.calendar, on)


def rule_of(course: Course, running: Running) -> Deadline:
    """The definition behind an instance."""
    incident = None if running.thread is None else course.standing.threads[running.thread].incident
    return course.rulebook.road(incident).deadlines[running.name]


def _instances(course: Course, name: str, thread: str | None, party: str | None) -> list[Running]:
    found = [r for r in course.standing.deadlines.values() if r.name == name and r.thread == thread]
    member = course.standing.members.get(party or "")
    if member is None or not found:
        return found
    per = rule_of(course, found[0]).per
    # Of a party's own even where it has none: what others still have to do is not ended by somebody else's act.
    return [r for r in found if r.party == party] if per and plays(member, per) else found


_ENDED = {Status.RUNNING: Status.MET, Status.MISSED: Status.MET_LATE}


def _stop(course: Course, name: str, thread: str | None, happening: Happening) -> None:
    for running in _instances(course, name, thread, happening.party):
        ended = _ENDED.get(running.status)
        if ended is not None:
            own = course.standing.own_deadline(running)
            own.status, own.ended_on = ended, happening.on


def _extend(course: Course, road: Road, step: Step, happening: Happening) -> None:
    extend = step.extends
    thread = happening.thread if road.incident is not None else None
    length = None if extend is None else happening.facts.get(extend.with_)
    if extend is None or not isinstance(length, str):
        return
    for running in _instances(course, extend.deadline, thread, happening.party):
        if running.status in (Status.RUNNING, Status.MISSED):
            rule, own = rule_of(course, running), course.standing.own_deadline(running)
            own.extensions = [*own.extensions, (length, happening.by, happening.on)]
            dates.refresh(rule, own, course.standing.intervals, course.ground.calendar, happening.on)
            _revive(own, happening.on)


def _revive(running: Running, on: date) -> None:
    """An extension granted after the former end puts the deadline back to running."""
    if running.status is Status.MISSED and (running.due_on is None or running.due_on >= on):
        running.status, running.lapsed_on, running.ended_on = Status.RUNNING, None, None


def _start(course: Course, road: Road, name: str, happening: Happening, bound: str | None) -> None:
    for party in _holders(course, road.deadlines[name], bound):
        _start_one(course, road, name, party, happening)


def _holders(course: Course, rule: Deadline, bound: str | None) -> list[str | None]:
    if not rule.per:
        return [None]
    member = course.standing.members.get(bound or "")
    if member is not None and plays(member, rule.per):
        return [bound]
    return list(members(course.standing, rule.per))


def _start_one(course: Course, road: Road, name: str, party: str | None, happening: Happening) -> None:
    rule, standing = road.deadlines[name], course.standing
    thread = happening.thread if road.incident is not None else None

    def fact(wanted: str) -> Any:
        return lookup(standing, road, wanted, thread=thread, party=party or happening.party)

    try:
        parts = dates.components(rule, fact, happening.on)
        if not parts:
            return
        running = Running(name, party, thread, parts[0][0], happening.on, happening.sequence, parts, happening.at)
        dates.refresh(rule, running, standing.intervals, course.ground.calendar, happening.on)
    except LawError as error:
        course.unstartable.append(Uncountable(name, rule.label, error))
        return
    key = running.key
    former = standing.deadlines.get(key)
    if former is not None and _ran_out_today(former, running, happening.on):
        return
    # Put at the end even when it replaces an earlier count, so that the order never depends on what was there before.
    standing.deadlines.pop(key, None)
    standing.deadlines[key] = running


def _ran_out_today(former: Running, running: Running, today: date) -> bool:
    """Whether time itself starts the very count again that it let run out today: it does nothing twice on one day."""
    same = (former.trigger_on, former.due_on) == (running.trigger_on, running.due_on)
    return same and former.lapsed_on == today


def _start_for_joined(course: Course, happening: Happening) -> None:
    """A party added later gets the case's running per-party deadlines, counted from the day of joining."""
    road = course.rulebook.main
    for joining in happening.joins:
        member = course.standing.members[joining.party]
        for name, rule in road.deadlines.items():
            if rule.per and plays(member, rule.per) and _runs_for_others(course, road, name, joining.party):
                _join(course, road, name, joining.party, happening)


def _runs_for_others(course: Course, road: Road, name: str, party: str) -> bool:
    rule = road.deadlines[name]
    own_day = rule.counted_from is not None and road.facts[rule.counted_from].per
    own_step = any(step.per and name in _started(step) for step in road.workflow.steps)
    if own_day or own_step or deadline_key(name, party, None) in course.standing.deadlines:
        return False
    return any(r.name == name and r.status is Status.RUNNING for r in course.standing.deadlines.values())


def _started(step: Step) -> Iterable[str]:
    return (start.deadline if isinstance(start, Start) else start for start in step.starts)


def _join(course: Course, road: Road, name: str, party: str, happening: Happening) -> None:
    rule, standing = road.deadlines[name], course.standing
    sample = next(r for r in standing.deadlines.values() if r.name == name and r.status is Status.RUNNING)
    parts = [(happening.on, length) for _, length in sample.components]
    running = Running(name, party, None, happening.on, happening.on, happening.sequence, parts, happening.at)
    dates.refresh(rule, running, standing.intervals, course.ground.calendar, happening.on)
    standing.deadlines[running.key] = running


def _holds(course: Course, road: Road, condition: str, happening: Happening, *, bound: bool) -> bool:
    thread = happening.thread if road.incident is not None else None
    view = CaseView(
        course.rulebook,
        course.standing,
        course.ground.calendar,
        road=road,
        on=happening.on,
        at=happening.at,
        thread=thread,
        party=happening.party,
        given=happening.facts,
        bound=bound,
    )
    return road.conditions[condition].word.test(view)
