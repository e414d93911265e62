"""Faults that a definition's table alone shows: states, steps and words that lead nowhere; it explores nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from adjudicate.checks.naming import listed, quoted
from adjudicate.checks.subject import Passage, Subject, reachable_from, read_by
from adjudicate.definition.models import CLOCK, LINK, NOTHING
from adjudicate.errors import Fault
from adjudicate.guards.compiling import reads_of


def faults(subject: Subject) -> Iterator[Fault]:
    """Every fault of this kind in one definition."""
    yield from _openings(subject)
    yield from _states(subject)
    yield from _automatic(subject)
    yield from _words(subject)
    yield from _facts(subject)
    yield from _series(subject)


def _openings(subject: Subject) -> Iterator[Fault]:
    if not any(passage.source == NOTHING for passage in subject.passages):
        yield subject.fault(
            ("steps",),
            "没有可以开始的步骤：没有一个步骤写有“from: nothing”",
            "no step begins it: none comes from 'nothing'",
        )
    for passage in subject.passages:
        if passage.source == NOTHING and passage.target == NOTHING:
            yield subject.fault(
                subject.at_step(passage.index),
                "步骤{step}是开始的步骤，却不导向任何阶段",
                "step {step} begins it but leads to no state",
                step=subject.naming.step(passage.step),
            )


def _states(subject: Subject) -> Iterator[Fault]:
    states = subject.compiled.states
    if not any(state.final for state in states.values()):
        yield subject.fault(
            ("states",), "没有任何阶段是终结阶段：程序永远不会结束", "no state is final: nothing ever ends it"
        )
        return
    trapped = traps(subject)
    for name in states:
        at, state = ("states", name), subject.naming.state(name)
        if name not in subject.reachable:
            yield subject.fault(
                at,
                "阶段{state}无法到达：没有任何步骤导向它",
                "state {state} is unreachable: no path of steps leads to it",
                state=state,
            )
        elif name in trapped:
            yield subject.fault(
                at,
                "阶段{state}有进无出：从该阶段不能到达任何终结阶段",
                "state {state} is a trap: no final state can be reached from it",
                state=state,
            )


def traps(subject: Subject) -> frozenset[str]:
    """The states from which no final state can be reached, guards left aside."""
    final = {name for name, state in subject.compiled.states.items() if state.final}
    return frozenset(subject.compiled.states) - backwards(subject.passages, final)


def backwards(passages: tuple[Passage, ...], targets: set[str]) -> frozenset[str]:
    """The states from which one of the targets can be reached."""
    turned = [Passage(passage.index, passage.step, passage.target, passage.source) for passage in passages]
    return reachable_from(turned, targets)


def _automatic(subject: Subject) -> Iterator[Fault]:
    ending = {rule.when_over for rule in subject.compiled.deadlines.values()}
    caused = {*subject.causes}
    for index, step in enumerate(subject.workflow.steps):
        at, called = subject.at_step(index), subject.naming.step(step)
        if CLOCK in step.by and step.event not in ending:
            yield subject.fault(
                at,
                "步骤{step}由时钟作出，但没有任何期限以“when_over”指明它",
                "step {step} is an act of the clock, but no deadline names it under 'when_over'",
                step=called,
            )
        # What the link's step expects is asked of the act that causes it.
        unasked = step.requires or step.advises or (step.expects and CLOCK in step.by)
        if set(step.by) <= {CLOCK, LINK} and unasked:
            yield subject.fault(
                at,
                "步骤{step}自动发生：其条件不会有人查问",
                "step {step} is automatic: nobody is asked about its conditions",
                step=called,
            )
        if set(step.by) == {LINK} and step.event not in caused:
            yield subject.fault(
                at,
                "步骤{step}由其他程序引起，但没有任何程序引起它",
                "step {step} is an act of the link, but nothing causes it",
                step=called,
            )


def _words(subject: Subject) -> Iterator[Fault]:
    workflow = subject.workflow
    used = {name for step in workflow.steps for _, name in read_by(step)}
    used |= {name for use in workflow.incidents for name in use.requires}
    inner = {name for condition in workflow.conditions.values() for name in _spoken(condition.guard)}
    inner |= {name for line in workflow.always if line.until for name in _spoken(line.until)}
    for name in workflow.conditions:
        if name not in used and name not in inner:
            yield subject.fault(
                ("conditions", name),
                "条件{condition}没有任何步骤使用",
                "condition {condition} is asked for by no step",
                condition=subject.naming.condition(name),
            )


def _spoken(argument: Any) -> Iterator[str]:
    """Every word in a guard's argument: names of conditions are among them."""
    if isinstance(argument, str):
        yield argument
    elif isinstance(argument, dict):
        for value in argument.values():
            yield from _spoken(value)
    elif isinstance(argument, list):
        for value in argument:
            yield from _spoken(value)


def _facts(subject: Subject) -> Iterator[Fault]:
    workflow, naming = subject.workflow, subject.naming
    recorded = {name for step in workflow.steps for name in step.takes}
    for name in workflow.facts:
        if name not in recorded:
            yield subject.fault(
                ("facts", name),
                "事实{fact}没有任何步骤记录",
                "fact {fact} is recorded by no step",
                fact=naming.fact(name),
            )
    possible = _possible(subject)
    for index, step in enumerate(workflow.steps):
        sources = subject.compiled.sources(step)
        known = step.takes.union(*(possible.get(source, set()) for source in sources))
        for key, condition in read_by(step):
            word = subject.compiled.conditions[condition].word
            read = reads_of([word], "fact") & recorded
            if read and not read & known and not word.children:
                yield subject.fault(
                    subject.at_step(index, key),
                    "步骤{step}使用的条件{condition}须读取{facts}，但此前没有步骤可能记录该事实",
                    "step {step} asks for {condition}, which reads {facts}: no step before it can have recorded that",
                    step=naming.step(step),
                    condition=naming.condition(condition),
                    facts=listed(naming.fact(name) for name in sorted(read)),
                )


def _possible(subject: Subject) -> dict[str, set[str]]:
    """The facts that some path to each state records."""
    known: dict[str, set[str]] = {NOTHING: set()}
    changed = True
    while changed:
        changed = False
        for passage in subject.passages:
            if passage.source not in known:
                continue
            after = known[passage.source] | passage.step.takes
            held = known.setdefault(passage.target, set())
            if not after <= held:
                held |= after
                changed = True
    return known


def _series(subject: Subject) -> Iterator[Fault]:
    workflow = subject.workflow
    drawn = {step.numbers for step in workflow.steps}
    for name, docket in workflow.dockets.items():
        if name not in drawn:
            yield subject.fault(
                ("dockets", name),
                "没有任何步骤编发{series}",
                "no step draws a number of the series {series}",
                series=quoted(docket.label, name),
            )
    joined = {role for step in workflow.steps for role in step.joins}
    for name in workflow.parties:
        if name not in joined:
            yield subject.fault(
                ("parties", name),
                "没有任何步骤使{role}参加进来",
                "no step joins a party of the part {role}",
                role=subject.naming.role(name),
            )
