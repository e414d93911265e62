"""What a step does to deadlines: start, stop, restart, extend, open or close uncounted time; nothing else does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from adjudicate.definition.deadline_models import Deadline, Start
from adjudicate.definition.models import Step
from adjudicate.definition.rulebook import CompiledWorkflow
from adjudicate.errors import LawError
from adjudicate.states import dates
from adjudicate.states.case_view import is_over, lookup, members, plays
from adjudicate.states.fold_context import FoldContext, Occurrence, Uncountable
from adjudicate.states.standing import Interval, Running, Status, deadline_key
from adjudicate.states.threads import rule_of


def apply(context: FoldContext, compiled: CompiledWorkflow, step: Step, occurrence: Occurrence) -> None:
    """Carry out what the step says about deadlines: uncounted time first, then stops, restarts, extensions, starts."""
    if step.keeps_time:
        _keep_time(context, compiled, step, occurrence)
    if occurrence.joins:
        _start_for_joined(context, occurrence)


def _keep_time(context: FoldContext, compiled: CompiledWorkflow, step: Step, occurrence: Occurrence) -> None:
    thread = occurrence.thread if compiled.incident is not None else None
    if step.ends:
        close(context, set(step.ends), thread, occurrence.on)
    for kind in step.begins:
        _open(context, kind, thread, occurrence.on)
    # An act not said to concern one party touches every instance, whoever made it.
    party = occurrence.party if step.per else None
    own = (
        occurrence if occurrence.party == party or not (step.stops or step.extends) else replace(occurrence, party=None)
    )
    for name in step.stops:
        _stop(context, name, thread, own)
    for name in step.restarts:
        _start(context, compiled, name, occurrence, party)
    if step.extends is not None:
        _extend(context, compiled, step, own)
    for start in step.starts:
        if isinstance(start, Start):
            if _holds(context, compiled, start.if_, occurrence, bound=step.per is not None):
                _start(context, compiled, start.deadline, occurrence, party)
        else:
            _start(context, compiled, start, occurrence, party)


def close(context: FoldContext, kinds: set[str], thread: str | None, on: date) -> None:
    """End the open intervals of these kinds that the same thread (or the main procedure) opened."""
    touched = set()
    intervals = context.standing.intervals
    for i, one in enumerate(intervals):
        if one.kind in kinds and one.thread == thread and one.until_on is None:
            intervals[i] = Interval(one.kind, one.thread, one.from_on, max(on, one.from_on))
            touched.add(one.kind)
    _refresh(context, touched, on)


def _open(context: FoldContext, kind: str, thread: str | None, on: date) -> None:
    intervals = context.standing.intervals
    if not any(i.kind == kind and i.thread == thread and i.until_on is None for i in intervals):
        intervals.append(Interval(kind, thread, on))
        _refresh(context, {kind}, on)


def _refresh(context: FoldContext, kinds: set[str], on: date) -> None:
    if not kinds:
        return
    for running in context.standing.deadlines.values():
        rule = rule_of(context.rulebook, running.name, running.thread)
        if running.status is Status.RUNNING and kinds.intersection(rule.excludes):
            own = context.standing.own_deadline(running)
            dates.refresh(rule, own, context.standing.intervals, context.legal.calendar, on)


def _instances(context: FoldContext, name: str, thread: str | None, party: str | None) -> list[Running]:
    found = [r for r in context.standing.deadlines.values() if r.name == name and r.thread == thread]
    member = context.standing.members.get(party or "")
    if member is None or not found:
        return found
    per = rule_of(context.rulebook, name, thread).per
    # Of a party's own even where it has none: what others still have to do is not ended by somebody else's act.
    return [r for r in found if r.party == party] if per and plays(member, per) else found


def _stop(context: FoldContext, name: str, thread: str | None, occurrence: Occurrence) -> None:
    for running in _instances(context, name, thread, occurrence.party):
        if running.status in (Status.RUNNING, Status.MISSED):
            own = context.standing.own_deadline(running)
            # One that was over when it started has not lapsed yet on that day, and was not met all the same.
            late = running.status is Status.MISSED or is_over(running, occurrence.on, occurrence.at)
            own.status, own.ended_on = Status.MET_LATE if late else Status.MET, occurrence.on


def _extend(context: FoldContext, compiled: CompiledWorkflow, step: Step, occurrence: Occurrence) -> None:
    extend = step.extends
    thread = occurrence.thread if compiled.incident is not None else None
    length = None if extend is None else occurrence.facts.get(extend.with_)
    if extend is None or not isinstance(length, str):
        return
    for running in _instances(context, extend.deadline, thread, occurrence.party):
        if running.status in (Status.RUNNING, Status.MISSED):
            rule = rule_of(context.rulebook, running.name, running.thread)
            own = context.standing.own_deadline(running)
            own.extensions = [*own.extensions, (length, occurrence.by, occurrence.on)]
            dates.refresh(rule, own, context.standing.intervals, context.legal.calendar, occurrence.on)
            _revive(own, occurrence.on)


def _revive(running: Running, on: date) -> None:
    """An extension granted after the former end puts the deadline back to running, if its new day is not over too."""
    if running.status is Status.MISSED and (running.due_on is None or running.due_on >= on or running.provisional):
        running.status, running.lapsed_on, running.ended_on = Status.RUNNING, None, None


def _start(
    context: FoldContext, compiled: CompiledWorkflow, name: str, occurrence: Occurrence, bound: str | None
) -> None:
    for party in _holders(context, compiled.deadlines[name], bound):
        _start_one(context, compiled, name, party, occurrence)


def _holders(context: FoldContext, rule: Deadline, bound: str | None) -> list[str | None]:
    if not rule.per:
        return [None]
    member = context.standing.members.get(bound or "")
    if member is not None and plays(member, rule.per):
        return [bound]
    return list(members(context.standing, rule.per))


def _start_one(
    context: FoldContext, compiled: CompiledWorkflow, name: str, party: str | None, occurrence: Occurrence
) -> None:
    rule, standing = compiled.deadlines[name], context.standing
    thread = occurrence.thread if compiled.incident is not None else None

    def fact(wanted: str) -> Any:
        return lookup(standing, compiled, wanted, thread=thread, party=party or occurrence.party)

    try:
        parts = dates.components(rule, fact, occurrence.on)
        if not parts:
            return
        running = Running(
            name=name,
            party=party,
            thread=thread,
            trigger_on=parts[0][0],
            started_on=occurrence.on,
            started_by=occurrence.sequence,
            components=parts,
            trigger_at=occurrence.at,
        )
        dates.refresh(rule, running, standing.intervals, context.legal.calendar, occurrence.on)
    except LawError as error:
        context.not_startable.append(Uncountable(name, rule.label, error))
        return
    key = running.key
    former = standing.deadlines.get(key)
    if former is not None and _ran_out_today(former, running, occurrence.on):
        return
    # Put at the end even when it replaces an earlier count, so that the order never depends on what was there before.
    standing.deadlines.pop(key, None)
    standing.deadlines[key] = running


def _ran_out_today(former: Running, running: Running, today: date) -> bool:
    """Whether time itself starts the very count again that it let run out today: it does nothing twice on one day."""
    same = (former.trigger_on, former.due_on) == (running.trigger_on, running.due_on)
    return same and former.lapsed_on == today


def _start_for_joined(context: FoldContext, occurrence: Occurrence) -> None:
    """A party added later gets the case's running per-party deadlines, counted from the day of joining.

    What is counted back, from the day of a hearing for instance, is counted back from that day for everybody.
    """
    compiled = context.rulebook.main
    for joining in occurrence.joins:
        member = context.standing.members[joining.party]
        for name, rule in compiled.deadlines.items():
            if rule.per and plays(member, rule.per) and _runs_for_others(context, compiled, name, joining.party):
                _join(context, compiled, name, joining.party, occurrence)


def _runs_for_others(context: FoldContext, compiled: CompiledWorkflow, name: str, party: str) -> bool:
    rule = compiled.deadlines[name]
    own_day = rule.counted_from is not None and compiled.facts[rule.counted_from].per
    own_step = any(step.per and name in _started(step) for step in compiled.workflow.steps)
    if own_day or own_step or deadline_key(name, party, None) in context.standing.deadlines:
        return False
    return _sample(context, compiled, name) is not None


def _sample(context: FoldContext, compiled: CompiledWorkflow, name: str) -> Running | None:
    """The count of another that a party who joins takes over.

    What is counted back from a day still ahead binds towards whoever joins though it was done towards the others,
    as long as the case stands where it can be done for one party.
    """
    found = [r for r in context.standing.deadlines.values() if r.name == name]
    running = next((r for r in found if r.status is Status.RUNNING), None)
    if running is not None or not compiled.deadlines[name].counted_back:
        return running
    state = context.standing.state
    if not any(step.per and name in step.stops and state in step.from_ for step in compiled.workflow.steps):
        return None
    counted_from = compiled.deadlines[name].counted_from
    day = (
        dates.as_day(lookup(context.standing, compiled, counted_from, thread=None, party=None))
        if counted_from
        else None
    )
    return next((r for r in reversed(found) if r.trigger_on == day), None)


def _started(step: Step) -> Iterable[str]:
    return (start.deadline if isinstance(start, Start) else start for start in step.starts)


def _join(context: FoldContext, compiled: CompiledWorkflow, name: str, party: str, occurrence: Occurrence) -> None:
    rule, standing = compiled.deadlines[name], context.standing
    sample = _sample(context, compiled, name)
    if sample is None:
        return
    parts = [(trigger if rule.counted_back else occurrence.on, length) for trigger, length in sample.components]
    running = Running(
        name=name,
        party=party,
        thread=None,
        trigger_on=parts[0][0],
        started_on=occurrence.on,
        started_by=occurrence.sequence,
        components=parts,
        trigger_at=occurrence.at,
    )
    dates.refresh(rule, running, standing.intervals, context.legal.calendar, occurrence.on)
    standing.deadlines[running.key] = running


def _holds(
    context: FoldContext, compiled: CompiledWorkflow, condition: str, occurrence: Occurrence, *, bound: bool
) -> bool:
    thread = occurrence.thread if compiled.incident is not None else None
    view = context.view(compiled, occurrence, thread=thread, bound=bound)
    return compiled.conditions[condition].word.test(view)
