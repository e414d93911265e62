"""Faults in how a procedure admits incidents: openings, holds and outcomes that can never be; threads run elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from adjudicate.checks.naming import listed, quoted
from adjudicate.checks.subject import Subject, reachable_from
from adjudicate.definition.models import IncidentUse
from adjudicate.errors import Fault
from adjudicate.law.text import Text


def faults(subject: Subject) -> Iterator[Fault]:
    """Every fault of this kind in one procedure."""
    seen: set[str] = set()
    for i, use in enumerate(subject.workflow.incidents):
        if use.opens in seen:
            yield subject.fault(
                ("incidents", i),
                "附随程序{incident}重复列出",
                "incident {incident} is admitted twice",
                incident=subject.naming.incident(use.opens),
            )
        seen.add(use.opens)
        yield from _places(subject, i, use)
        yield from _holds(subject, i, use)
        yield from _outcomes(subject, i, use)


def _places(subject: Subject, i: int, use: IncidentUse) -> Iterator[Fault]:
    for name in use.while_:
        if subject.compiled.states[name].final:
            yield subject.fault(
                ("incidents", i, "while"),
                "附随程序{incident}可在{state}启动，但该阶段是终结阶段",
                "incident {incident} may open in {state}, which is final",
                incident=subject.naming.incident(use.opens),
                state=subject.naming.state(name),
            )


def _holds(subject: Subject, i: int, use: IncidentUse) -> Iterator[Fault]:
    holding = any(state.holds for state in subject.incidents[use.opens].states.values())
    incident = subject.naming.incident(use.opens)
    if use.holds and not holding:
        yield subject.fault(
            ("incidents", i, "holds"),
            "附随程序{incident}在此列有须暂停的事项，但其任何阶段都不暂停主程序",
            "incident {incident} holds events here, but no state of it holds anything",
            incident=incident,
        )
    if holding and not use.holds:
        yield subject.fault(
            ("incidents", i),
            "附随程序{incident}有暂停主程序的阶段，但此处没有列出须暂停的事项",
            "incident {incident} has states that hold the main procedure, but nothing is held here",
            incident=incident,
        )


def _outcomes(subject: Subject, i: int, use: IncidentUse) -> Iterator[Fault]:
    later = reachable_from(subject.passages, use.while_)
    incident = subject.naming.incident(use.opens)
    for j, outcome in enumerate(use.outcomes):
        at, event = ("incidents", i, "outcomes", j), subject.naming.event(outcome.records)
        if not any(subject.compiled.step(outcome.records, state) for state in later):
            yield subject.fault(
                at,
                "附随程序{incident}记录{event}，但在其可能进行的任何阶段都不能记录该事项",
                "incident {incident} records {event}, which is possible in no state where the incident may be open",
                incident=incident,
                event=event,
            )
        for step in subject.compiled.events[outcome.records]:
            lacking = [n for n in step.records if n not in outcome.carries and not subject.compiled.facts[n].day]
            if lacking:
                yield subject.fault(
                    at,
                    "附随程序{incident}记录{event}时缺少{facts}",
                    "incident {incident} records {event} without its {facts}",
                    incident=incident,
                    event=event,
                    facts=listed(subject.naming.fact(name) for name in lacking),
                )
                break
        unknown = _unknown(subject, use, outcome.carries.values())
        if unknown:
            yield subject.fault(
                at,
                "附随程序{incident}带出{facts}，但其任何步骤都不记录该事实",
                "incident {incident} carries {facts}, which no step of it records",
                incident=incident,
                facts=listed(_inner_fact(subject, use, name) for name in unknown),
            )


def _inner_fact(subject: Subject, use: IncidentUse, name: str) -> Text:
    fact = subject.incidents[use.opens].facts.get(name)
    return quoted(fact.label if fact else Text(name, name), name)


def _unknown(subject: Subject, use: IncidentUse, facts: Iterable[str]) -> list[str]:
    """The thread's facts that no step of the incident records."""
    steps = subject.incidents[use.opens].workflow.steps
    recorded = {name for step in steps for name in step.takes}
    return [name for name in facts if name not in recorded]


def unadmitted(subject: Subject, admitted: set[str]) -> Iterator[Fault]:
    """An incident that no procedure opens."""
    if subject.is_incident and subject.workflow.workflow not in admitted:
        yield subject.fault(
            ("workflow",),
            "附随程序{incident}没有任何程序启用",
            "incident {incident} is admitted by no procedure",
            incident=quoted(subject.workflow.title, subject.workflow.workflow),
        )
