"""Faults in how deadlines are started, stopped, extended and left uncounted, as the table shows; it counts no days."""

from __future__ import annotations

from collections.abc import Iterator

from adjudicate.checks.subject import Subject, started
from adjudicate.definition.deadline_names import needed
from adjudicate.definition.models import NOTHING, Deadline, DeadlineKind, Start, Step
from adjudicate.errors import Fault
from adjudicate.guards.compiling import reads_of


def faults(subject: Subject) -> Iterator[Fault]:
    """Every fault of this kind in one definition."""
    for name, rule in subject.compiled.deadlines.items():
        yield from _one(subject, name, rule)
        yield from _extensions(subject, name, rule)
    yield from _extending(subject)
    yield from _uncertain_days(subject)
    yield from _uncounted_time(subject)


def _one(subject: Subject, name: str, rule: Deadline) -> Iterator[Fault]:
    steps = subject.workflow.steps
    at = ("deadlines", name)
    says = f"deadline '{name}' ({rule.label.zh})"
    if not any(name in started(step) for step in steps):
        yield subject.fault(at, f"{says} is started by no step")
    if rule.kind is not DeadlineKind.DUTY:
        return
    if not any(name in step.stops for step in steps):
        yield subject.fault(at, f"{says} is a duty that nothing ends: no step stops it")
    elif all(_by_parties(subject, step) for step in steps if name in step.stops):
        yield subject.fault(at, f"{says} is a duty of the office, but only acts of parties stop it")
    if rule.when_over is None:
        yield subject.fault(at, f"{says} is a duty, but nothing says that it was missed: it lacks 'when_over'")


def _by_parties(subject: Subject, step: Step) -> bool:
    return subject.kinds(step) == {"party"}


def _extensions(subject: Subject, name: str, rule: Deadline) -> Iterator[Fault]:
    granting = {
        role for step in subject.workflow.steps if step.extends and step.extends.deadline == name for role in step.by
    }
    for j, extension in enumerate(rule.extend):
        if extension.by not in granting:
            yield subject.fault(
                ("deadlines", name, "extend", j),
                f"deadline '{name}' may be extended by '{extension.by}', but no step of theirs extends it",
            )


def _extending(subject: Subject) -> Iterator[Fault]:
    for index, step in enumerate(subject.workflow.steps):
        if step.extends is None:
            continue
        rule = subject.compiled.deadlines[step.extends.deadline]
        if not {extension.by for extension in rule.extend} & set(step.by):
            yield subject.fault(
                subject.at_step(index, "by"),
                f"step '{step.event}' extends '{step.extends.deadline}', but nobody whose act it is may do so",
            )


def _certain(subject: Subject) -> dict[str, set[str]]:
    """The facts that every path to a state has recorded, or has had to show for a condition it requires."""
    every = set(subject.compiled.facts)
    known = {name: set(every) for name in (*subject.compiled.states,)}
    known[NOTHING] = set()
    changed = True
    while changed:
        changed = False
        for edge in subject.edges:
            after = (known[edge.source] | _shown(subject, edge.step)) & known[edge.target]
            if edge.target != NOTHING and after != known[edge.target]:
                known[edge.target] = after
                changed = True
    return known


def _shown(subject: Subject, step: Step) -> set[str]:
    words = [subject.compiled.conditions[name].word for name in step.requires]
    return {*step.records, *reads_of(words, "fact")}


def _uncertain_days(subject: Subject) -> Iterator[Fault]:
    certain = _certain(subject)
    for index, step in enumerate(subject.workflow.steps):
        plain = [one for one in step.starts if not isinstance(one, Start)]
        sources = [
            source for source in subject.compiled.sources(step) if source == NOTHING or source in subject.reachable
        ]
        for name in (*plain, *step.restarts):
            for fact in needed(subject.compiled.deadlines[name]):
                lacking = [s for s in sources if fact not in certain[s] | _shown(subject, step)]
                if lacking and fact not in subject.workflow.reads:
                    where = "" if lacking[0] == NOTHING else f" in {subject.state(lacking[0])}"
                    yield subject.fault(
                        subject.at_step(index),
                        f"step '{step.event}' starts '{name}'{where}, but '{fact}', "
                        "which it is counted by, may not have been recorded",
                    )


def _uncounted_time(subject: Subject) -> Iterator[Fault]:
    steps = subject.workflow.steps
    begun = {kind: index for index, step in reversed(list(enumerate(steps))) for kind in step.begins}
    ended = {kind for step in steps for kind in step.ends}
    for kind, index in begun.items():
        if kind not in ended:
            at = subject.at_step(index, "begins")
            yield subject.fault(at, f"uncounted time '{kind}' is begun but no step ends it")
    if subject.is_incident:
        return
    excluded = {kind for rule in subject.compiled.deadlines.values() for kind in rule.excludes}
    for kind, index in begun.items():
        if kind not in excluded:
            at = subject.at_step(index, "begins")
            yield subject.fault(at, f"uncounted time '{kind}' is begun, but no deadline leaves it uncounted")
    for i, use in enumerate(subject.workflow.incidents):
        compiled = subject.incidents[use.opens]
        own = {kind for rule in compiled.deadlines.values() for kind in rule.excludes}
        for kind in dict.fromkeys(kind for step in compiled.workflow.steps for kind in step.begins):
            if kind not in excluded | own:
                yield subject.fault(
                    ("incidents", i),
                    f"incident '{use.opens}' begins uncounted time '{kind}', but no deadline here leaves it uncounted",
                )
