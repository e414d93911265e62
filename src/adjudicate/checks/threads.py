"""Faults in how a procedure admits incidents: openings, holds and outcomes that can never be; threads run elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from adjudicate.checks.subject import Subject, reachable_from
from adjudicate.definition.models import IncidentUse
from adjudicate.errors import Fault


def faults(subject: Subject) -> Iterator[Fault]:
    """Every fault of this kind in one procedure."""
    seen: set[str] = set()
    for i, use in enumerate(subject.workflow.incidents):
        if use.opens in seen:
            yield subject.fault(("incidents", i), f"incident '{use.opens}' is admitted twice")
        seen.add(use.opens)
        yield from _places(subject, i, use)
        yield from _holds(subject, i, use)
        yield from _outcomes(subject, i, use)


def _places(subject: Subject, i: int, use: IncidentUse) -> Iterator[Fault]:
    for name in use.while_:
        if subject.compiled.states[name].final:
            yield subject.fault(
                ("incidents", i, "while"), f"incident '{use.opens}' may open in {subject.state(name)}, which is final"
            )


def _holds(subject: Subject, i: int, use: IncidentUse) -> Iterator[Fault]:
    holding = any(state.holds for state in subject.incidents[use.opens].states.values())
    if use.holds and not holding:
        yield subject.fault(
            ("incidents", i, "holds"), f"incident '{use.opens}' holds events here, but no state of it holds anything"
        )
    if holding and not use.holds:
        yield subject.fault(
            ("incidents", i),
            f"incident '{use.opens}' has states that hold the main procedure, but nothing is held here",
        )


def _outcomes(subject: Subject, i: int, use: IncidentUse) -> Iterator[Fault]:
    later = reachable_from(subject.edges, use.while_)
    for j, outcome in enumerate(use.outcomes):
        at = ("incidents", i, "outcomes", j)
        if not any(subject.compiled.step(outcome.records, state) for state in later):
            yield subject.fault(
                at,
                f"incident '{use.opens}' records '{outcome.records}', "
                "which is possible in no state where the incident may be open",
            )
        for step in subject.compiled.events[outcome.records]:
            lacking = [n for n in step.records if n not in outcome.carries and not subject.compiled.facts[n].day]
            if lacking:
                yield subject.fault(
                    at, f"incident '{use.opens}' records '{outcome.records}' without its {', '.join(lacking)}"
                )
                break
        unknown = _unknown(subject, use, outcome.carries.values())
        if unknown:
            yield subject.fault(at, f"incident '{use.opens}' carries {', '.join(unknown)}, which no step of it records")


def _unknown(subject: Subject, use: IncidentUse, facts: Iterable[str]) -> list[str]:
    """The thread's facts that no step of the incident records."""
    steps = subject.incidents[use.opens].workflow.steps
    recorded = {name for step in steps for name in (*step.records, *step.may_record)}
    return [name for name in facts if name not in recorded]


def unadmitted(subject: Subject, admitted: set[str]) -> Iterator[Fault]:
    """An incident that no procedure opens."""
    if subject.is_incident and subject.workflow.workflow not in admitted:
        yield subject.fault(("workflow",), f"incident '{subject.workflow.workflow}' is admitted by no procedure")
