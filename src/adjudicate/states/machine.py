"""The state machine of one workflow, on `transitions`: may an event happen, and where does it lead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from transitions import EventData, Machine, MachineError
from transitions.core import Condition, Event, Transition

from adjudicate.definition.models import NOTHING, Branch, Step
from adjudicate.definition.rulebook import CompiledWorkflow, NamedCondition
from adjudicate.guards.word import Pending, View
from adjudicate.law.citations import basis_at
from adjudicate.states.entries import Reason


@dataclass(slots=True)
class Run:
    """The throw-away model of one question: the state it starts from, how the case is seen, and what was found out.

    With `judged` what the step requires is tested. An act on record is applied without: it was tested when the act was
    recorded, and only the conditions that choose its destination are asked again.
    """

    state: str
    view: View
    judged: bool = True
    refusals: dict[str, Reason] = field(default_factory=dict)
    pending: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tested: bool = False
    met: bool = False


class _ReasonedCondition(Condition):
    """A condition whose callable records its own reason, so that a refusal never comes back as a bare False."""

    def check(self, event_data: EventData) -> bool:
        return self.func(event_data) is self.target  # type: ignore[operator]


class _ReasonedTransition(Transition):
    condition_cls = _ReasonedCondition

    def execute(self, event_data: EventData) -> bool:
        """Test the conditions and move the throw-away model: no callback hangs on it, and nothing is logged."""
        event_data.transition = self
        for condition in self.conditions:
            if not condition.check(event_data):
                return False
        _run(event_data).state = str(self.dest)
        return True


class _ReasonedEvent(Event):
    def trigger(self, model: Any, *args: Any, **kwargs: Any) -> bool:
        """Try each transition from where the model stands, as the library does, without its queue and its callbacks."""
        transitions = self.transitions.get(model.state)
        if transitions is None:
            raise MachineError(f"{self.name} leads nowhere from {model.state}")
        event_data = EventData(None, self, self.machine, model, args=args, kwargs=kwargs)
        return any(transition.execute(event_data) for transition in transitions)


class _ReasonedMachine(Machine):
    transition_cls = _ReasonedTransition
    event_cls = _ReasonedEvent


Test = Callable[[EventData], bool]


def _run(event_data: EventData) -> Run:
    run: Run = event_data.model  # type: ignore[assignment]
    return run


class StateMachine:
    """Answers for one workflow. Shared by all threads: it holds no case, and its callbacks write to the Run only."""

    def __init__(self, compiled: CompiledWorkflow) -> None:
        self._compiled = compiled
        self._machine = _ReasonedMachine(
            model=None,
            states=[NOTHING, *compiled.states],
            initial=NOTHING,
            auto_transitions=False,
            send_event=True,
            queued=False,
        )
        for step in compiled.workflow.steps:
            self._add(step)

    def _add(self, step: Step) -> None:
        required = _required([self._compiled.conditions[name] for name in step.requires])
        for source in self._compiled.sources(step):
            if not isinstance(step.to, Branch):
                self._transition(step.event, source, step.to or source, [required])
                continue
            for target, chosen in _branches(self._compiled, step.to):
                self._transition(step.event, source, target, [required, chosen])

    def _transition(self, event: str, source: str, target: str, conditions: list[Test]) -> None:
        self._machine.add_transition(event, source, target, conditions=[*conditions])

    def ask(self, run: Run, event: str) -> str | None:
        """The state the event leads to, or None with the reasons (or the facts still awaited) left on the run.

        A state without a step for the event also answers None and leaves no reason.
        """
        try:
            passed = self._machine.events[event].trigger(run)
        except MachineError:
            return None
        return run.state if passed and not run.pending else None

    def destination(self, event: str, state: str, view: View) -> str | None:
        """The state that an event on record leads to; None where the fact that would choose it is not known."""
        return self.ask(Run(state, view, judged=False), event)


@cache
def machine_of(compiled: CompiledWorkflow) -> StateMachine:
    """The one machine of a workflow, built on first use."""
    return StateMachine(compiled)


def _required(conditions: list[NamedCondition]) -> Test:
    def test(event_data: EventData) -> bool:
        run = _run(event_data)
        if not run.judged:
            return True
        # A step that branches is one transition for each destination: what it requires is tested once all the same.
        if not run.tested:
            run.tested = True
            for condition in conditions:
                reason = unmet(condition, run.view, run.pending)
                if reason is not None:
                    run.refusals[condition.name] = reason
            run.met = not run.refusals
        return run.met

    return test


def _branches(compiled: CompiledWorkflow, branch: Branch) -> Iterator[tuple[str, Test]]:
    """Each destination of a step that branches, with the condition under which it is taken: at most one holds."""
    if branch.choose is None:
        condition = compiled.conditions[str(branch.if_)]
        yield str(branch.then), _holds(condition, wanted=True)
        yield str(branch.otherwise), _holds(condition, wanted=False)
        return
    ((fact, options),) = branch.choose.items()
    leading: dict[str, set[str]] = {}
    for value, target in options.items():
        leading.setdefault(target, set()).add(value)
    for target, values in leading.items():
        yield target, _fact_is(compiled, fact, values, options)


def _holds(condition: NamedCondition, *, wanted: bool) -> Test:
    def test(event_data: EventData) -> bool:
        run = _run(event_data)
        try:
            return condition.word.test(run.view) is wanted
        except Pending as waiting:
            run.pending["to"] = (waiting.fact,)
            return False

    return test


def _fact_is(compiled: CompiledWorkflow, fact: str, values: set[str], options: dict[str, str]) -> Test:
    def test(event_data: EventData) -> bool:
        run = _run(event_data)
        try:
            value = run.view.fact(fact)
        except Pending as waiting:
            run.pending["to"] = (waiting.fact,)
            return False
        if not isinstance(value, str) or value not in options:
            run.refusals[fact] = _undecided(compiled, fact)
            return False
        return value in values

    return test


def _undecided(compiled: CompiledWorkflow, fact: str) -> Reason:
    """The refusal of a step whose destination depends on a fact without a usable value."""
    label = compiled.facts[fact].label if fact in compiled.facts else compiled.workflow.reads[fact].label
    return Reason(
        "way-undecided",
        f"须先记录“{label.zh}”，才能确定此后的阶段",
        f"'{label.en}' must be recorded first: it decides where the case goes on",
        fact,
    )


def unmet(condition: NamedCondition, view: View, pending: dict[str, tuple[str, ...]]) -> Reason | None:
    """Why a condition does not hold, or None; a condition that waits for a fact is noted in `pending`."""
    try:
        if condition.word.test(view):
            return None
        detail = condition.word.why(view)
    except Pending as waiting:
        pending[condition.name] = (waiting.fact,)
        return None
    return Reason(
        condition.word.word.replace("_", "-"),
        f"不满足“{condition.label.zh}”{f'：{detail.zh}' if detail else ''}",
        f"'{condition.label.en}' does not hold{f': {detail.en}' if detail else ''}",
        condition.name,
        basis_at(condition.basis, view.on),
        details=detail.details if detail else {},
    )
