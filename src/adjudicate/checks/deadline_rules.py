"""Faults in how deadlines are started, stopped, extended and left uncounted, as the table shows; it counts no days."""

from __future__ import annotations

from collections.abc import Iterator

from adjudicate.checks.subject import Subject, started
from adjudicate.definition.deadline_models import Deadline, DeadlineKind, Start
from adjudicate.definition.deadline_names import needed
from adjudicate.definition.models import NOTHING, Step
from adjudicate.errors import Fault
from adjudicate.guards.compiling import reads_of


def faults(subject: Subject) -> Iterator[Fault]:
    """Every fault of this kind in one definition."""
    for name, rule in subject.compiled.deadlines.items():
        yield from _of_one(subject, name, rule)
        yield from _extensions(subject, name, rule)
    yield from _extending(subject)
    yield from _uncertain_days(subject)
    yield from _uncounted_time(subject)


def _of_one(subject: Subject, name: str, rule: Deadline) -> Iterator[Fault]:
    steps, at, deadline = subject.workflow.steps, ("deadlines", name), subject.naming.deadline(name)
    if not any(name in started(step) for step in steps):
        yield subject.fault(
            at, "期限{deadline}没有任何步骤起算", "deadline {deadline} is started by no step", deadline=deadline
        )
    if rule.kind is not DeadlineKind.DUTY:
        return
    stopping = [step for step in steps if name in step.stops]
    if not stopping:
        yield subject.fault(
            at,
            "期限{deadline}是义务，却没有任何步骤使其终止",
            "deadline {deadline} is a duty that nothing ends: no step stops it",
            deadline=deadline,
        )
    elif all(subject.kinds(step) == {"party"} for step in stopping):
        yield subject.fault(
            at,
            "期限{deadline}是机关的义务，却只有当事人的行为能使其终止",
            "deadline {deadline} is a duty of the office, but only acts of parties stop it",
            deadline=deadline,
        )
    if rule.when_over is None:
        yield subject.fault(
            at,
            "期限{deadline}是义务，却没有写明逾期时记录什么：缺少“when_over”",
            "deadline {deadline} is a duty, but nothing says that it was missed: it lacks 'when_over'",
            deadline=deadline,
        )


def _extensions(subject: Subject, name: str, rule: Deadline) -> Iterator[Fault]:
    granting = {
        role for step in subject.workflow.steps if step.extends and step.extends.deadline == name for role in step.by
    }
    for here, extension in rule.extensions():
        if extension.by not in granting:
            yield subject.fault(
                ("deadlines", name, "extend", *here),
                "期限{deadline}可由{role}延长，却没有由其作出的延长步骤",
                "deadline {deadline} may be extended by {role}, but no step of theirs extends it",
                deadline=subject.naming.deadline(name),
                role=subject.naming.role(extension.by),
            )


def _extending(subject: Subject) -> Iterator[Fault]:
    for index, step in enumerate(subject.workflow.steps):
        if step.extends is None:
            continue
        rule = subject.compiled.deadlines[step.extends.deadline]
        if not {extension.by for _, extension in rule.extensions()} & set(step.by):
            yield subject.fault(
                subject.at_step(index, "by"),
                "步骤{step}延长期限{deadline}，但可以作出该步骤的人均无权延长",
                "step {step} extends {deadline}, but nobody whose act it is may do so",
                step=subject.naming.step(step),
                deadline=subject.naming.deadline(step.extends.deadline),
            )


def _always_known(subject: Subject) -> dict[str, set[str]]:
    """For each state the facts that every path to it has recorded, or has had to show for a condition it requires."""
    every = set(subject.compiled.facts)
    known = {name: set(every) for name in subject.compiled.states}
    known[NOTHING] = set()
    changed = True
    while changed:
        changed = False
        for passage in subject.passages:
            after = (known[passage.source] | _known_by(subject, passage.step)) & known[passage.target]
            if passage.target != NOTHING and after != known[passage.target]:
                known[passage.target] = after
                changed = True
    return known


def _known_by(subject: Subject, step: Step) -> set[str]:
    """The facts that are known once the step is taken."""
    words = [subject.compiled.conditions[name].word for name in step.requires]
    return {*step.records, *reads_of(words, "fact")}


def _uncertain_days(subject: Subject) -> Iterator[Fault]:
    known = _always_known(subject)
    for index, step in enumerate(subject.workflow.steps):
        unconditional = [one for one in step.starts if not isinstance(one, Start)]
        sources = [
            source for source in subject.compiled.sources(step) if source == NOTHING or source in subject.reachable
        ]
        for name in (*unconditional, *step.restarts):
            for fact in needed(subject.compiled.deadlines[name]):
                lacking = [source for source in sources if fact not in known[source] | _known_by(subject, step)]
                if lacking and fact not in subject.workflow.reads:
                    yield subject.fault(
                        subject.at_step(index),
                        "步骤{step}在{state}起算期限{deadline}，但计算所依据的{fact}此时可能尚未记录",
                        "step {step} starts {deadline} in {state}, "
                        "but {fact}, which it is counted by, may not have been recorded",
                        step=subject.naming.step(step),
                        deadline=subject.naming.deadline(name),
                        state=subject.naming.state(lacking[0]),
                        fact=subject.naming.fact(fact),
                    )


def _uncounted_time(subject: Subject) -> Iterator[Fault]:
    steps = subject.workflow.steps
    begun = {kind: index for index, step in reversed(list(enumerate(steps))) for kind in step.begins}
    ended = {kind for step in steps for kind in step.ends}
    for kind, index in begun.items():
        if kind not in ended:
            yield subject.fault(
                subject.at_step(index, "begins"),
                "{kind}没有任何步骤使其结束",
                "{kind} is begun, but no step ends it",
                kind=subject.naming.uncounted(kind),
            )
    if subject.is_incident:
        return
    excluded = {kind for rule in subject.compiled.deadlines.values() for kind in rule.excludes}
    for kind, index in begun.items():
        if kind not in excluded:
            yield subject.fault(
                subject.at_step(index, "begins"),
                "没有任何期限扣除{kind}",
                "{kind} is begun, but no deadline leaves it uncounted",
                kind=subject.naming.uncounted(kind),
            )
    for i, use in enumerate(subject.workflow.incidents):
        compiled = subject.incidents[use.opens]
        own = {kind for rule in compiled.deadlines.values() for kind in rule.excludes}
        for kind in dict.fromkeys(kind for step in compiled.workflow.steps for kind in step.begins):
            if kind not in excluded | own:
                yield subject.fault(
                    ("incidents", i),
                    "附随程序{incident}的{kind}，本程序没有任何期限予以扣除",
                    "incident {incident} begins {kind}, but no deadline here leaves it uncounted",
                    incident=subject.naming.incident(use.opens),
                    kind=subject.naming.uncounted(kind),
                )
