"""Faults in what runs for each party by itself: facts, deadlines and steps that do not agree on whose they are."""

from __future__ import annotations

from collections.abc import Iterator

from adjudicate.checks.clocks import needed
from adjudicate.checks.subject import Subject
from adjudicate.definition.models import Step
from adjudicate.errors import Fault
from adjudicate.guards.compiling import ForEach, Word
from adjudicate.guards.plain import NotRecorded, Recorded
from adjudicate.law.text import Text


def faults(subject: Subject) -> Iterator[Fault]:
    """Every fault of this kind in one procedure; an incident's thread has one party at most."""
    if subject.is_incident:
        return
    for index, step in enumerate(subject.workflow.steps):
        yield from _step(subject, index, step)
    yield from _deadlines(subject)
    yield from _for_each(subject)
    yield from _outcomes(subject)


def _step(subject: Subject, index: int, step: Step) -> Iterator[Fault]:
    if step.per:
        return
    facts, deadlines, named = subject.compiled.facts, subject.compiled.deadlines, subject.named
    for name in step.records:
        per = facts[name].per
        if facts[name].day and per:
            yield subject.fault(
                subject.at_step(index, "records"),
                "步骤{step}未指明当事人，却记录按每一名{role}分别保存的日期{fact}",
                "step {step} names no party, but records the day {fact}, which is kept for each {role}",
                step=named.step(step),
                fact=named.fact(name),
                role=named.role(per),
            )
    extended = step.extends.deadline if step.extends is not None else None
    if extended is not None and (per := deadlines[extended].per):
        yield subject.fault(
            subject.at_step(index, "extends"),
            "步骤{step}未指明当事人，却延长对每一名{role}分别计算的期限{deadline}",
            "step {step} names no party, but extends {deadline}, which runs for each {role}",
            step=named.step(step),
            deadline=named.deadline(extended),
            role=named.role(per),
        )


def _whose(subject: Subject, per: str | None) -> Text:
    """For whom a deadline runs, or whose a step is."""
    if per is None:
        return Text("不分当事人", "for the case as a whole")
    role = subject.named.role(per)
    return Text(f"按每一名{role.zh}", f"for each {role.en}")


def _deadlines(subject: Subject) -> Iterator[Fault]:
    compiled, named = subject.compiled, subject.named
    for name, rule in compiled.deadlines.items():
        at = ("deadlines", name)
        for fact in needed(rule):
            if compiled.facts[fact].per and compiled.facts[fact].per != rule.per:
                yield subject.fault(
                    at,
                    "期限{deadline}{runs}计算，但其依据的{fact}{kept}保存",
                    "deadline {deadline} runs {runs}, but {fact}, which it is counted by, is kept {kept}",
                    deadline=named.deadline(name),
                    fact=named.fact(fact),
                    runs=_whose(subject, rule.per),
                    kept=_whose(subject, compiled.facts[fact].per),
                )
        for step in compiled.events.get(rule.when_over or "", ()):
            if step.per != rule.per:
                yield subject.fault(
                    at,
                    "期限{deadline}{runs}计算，但其届满事项{step}{recorded}记录",
                    "deadline {deadline} runs {runs}, but its lapse {step} is recorded {recorded}",
                    deadline=named.deadline(name),
                    step=named.step(step),
                    runs=_whose(subject, rule.per),
                    recorded=_whose(subject, step.per),
                )
                break


def _for_each(subject: Subject) -> Iterator[Fault]:
    for name, condition in subject.compiled.conditions.items():
        for inner in _inside(condition.word):
            steps = subject.compiled.events.get(inner.event, ())
            if not any(step.per or "party" in subject.kinds(step) for step in steps):
                yield subject.fault(
                    ("conditions", name),
                    "条件{condition}逐一查问每名当事人的{event}，但该事项不按当事人记录",
                    "condition {condition} asks for {event} of each party, but that event is recorded for none",
                    condition=subject.named.condition(name),
                    event=subject.named.event(inner.event),
                )


def _inside(word: Word, *, each: bool = False) -> Iterator[Recorded | NotRecorded]:
    if each and isinstance(word, Recorded | NotRecorded):
        yield word
    for child in word.children:
        yield from _inside(child, each=each or isinstance(word, ForEach))


def _outcomes(subject: Subject) -> Iterator[Fault]:
    for i, use in enumerate(subject.workflow.incidents):
        if use.per:
            continue
        openings = [step for step in subject.incidents[use.opens].workflow.steps if step.opens]
        if all(step.per for step in openings):
            continue
        for j, outcome in enumerate(use.outcomes):
            if any(step.per for step in subject.compiled.events.get(outcome.records, ())):
                yield subject.fault(
                    ("incidents", i, "outcomes", j),
                    "附随程序{incident}记录涉及某一当事人的{event}，但启动时没有指明当事人",
                    "incident {incident} records {event}, which concerns a party, but names no party when it opens",
                    incident=subject.named.incident(use.opens),
                    event=subject.named.event(outcome.records),
                )
