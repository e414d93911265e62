"""The legality oracle: one `transitions` machine per workflow, asked whether an event may happen; it stores nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from transitions import EventData, Machine, MachineError
from transitions.core import Condition, Event, Transition

from adjudicate.definition.models import NOTHING, Branch, Step
from adjudicate.definition.rulebook import CompiledWorkflow, NamedCondition
from adjudicate.guards.compiling import Pending, View
from adjudicate.law.citations import basis_at
from adjudicate.states.entries import Reason


@dataclass(slots=True)
class Run:
    """A throw-away subject: where the workflow stands, how the case is seen, and what was found out by asking."""

    state: str
    view: View
    refusals: dict[str, Reason] = field(default_factory=dict)
    pending: dict[str, tuple[str, ...]] = field(default_factory=dict)
    asked: bool = False
    met: bool = False


class _ReasonedCondition(Condition):
    """A condition whose callable records its own reason, so that a refusal never comes back as a bare False."""

    def check(self, event_data: EventData) -> bool:
        return self.func(event_data) is self.target  # type: ignore[operator]


class _ReasonedTransition(Transition):
    condition_cls = _ReasonedCondition

    def execute(self, event_data: EventData) -> bool:
        """Ask the conditions and move the throw-away subject: no callback hangs on it, and nothing is logged."""
        event_data.transition = self
        for condition in self.conditions:
            if not condition.check(event_data):
                return False
        _run(event_data).state = str(self.dest)
        return True


class _ReasonedEvent(Event):
    def trigger(self, model: Any, *args: Any, **kwargs: Any) -> bool:
        """Try each way on from where the subject stands, as the library does, without its queue and its callbacks."""
        ways = self.transitions.get(model.state)
        if ways is None:
            raise MachineError(f"{self.name} leads nowhere from {model.state}")
        event_data = EventData(None, self, self.machine, model, args=args, kwargs=kwargs)
        return any(way.execute(event_data) for way in ways)


class _ReasonedMachine(Machine):
    transition_cls = _ReasonedTransition
    event_cls = _ReasonedEvent


Test = Callable[[EventData], bool]


def _run(event_data: EventData) -> Run:
    run: Run = event_data.model  # type: ignore[assignment]
    return run


class Oracle:
    """Answers for one workflow. Shared by all threads: it holds no case, and its callbacks write to the Run only."""

    def __init__(self, compiled: CompiledWorkflow) -> None:
        self._road = compiled
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
        required = _required([self._road.conditions[name] for name in step.requires])
        for source in self._road.sources(step):
            if not isinstance(step.to, Branch):
                self._transition(step.event, source, step.to or source, [required])
                continue
            for target in self._road.destinations(step):
                self._transition(step.event, source, target, [required, _leads(self._road, step, target)])

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


def _required(conditions: list[NamedCondition]) -> Test:
    def test(event_data: EventData) -> bool:
        run = _run(event_data)
        # A step that branches is one transition for each way on: its conditions are asked once all the same.
        if not run.asked:
            run.asked = True
            for condition in conditions:
                reason = unmet(condition, run.view, run.pending)
                if reason is not None:
                    run.refusals[condition.name] = reason
            run.met = not run.refusals
        return run.met

    return test


def _leads(compiled: CompiledWorkflow, step: Step, target: str) -> Test:
    def test(event_data: EventData) -> bool:
        run = _run(event_data)
        return destination(compiled, step, run) == target

    return test


def unmet(condition: NamedCondition, view: View, pending: dict[str, tuple[str, ...]]) -> Reason | None:
    """Why a condition does not hold, or None; a condition that waits for a fact is noted in `pending`."""
    try:
        if condition.word.test(view):
            return None
        detail = condition.word.why(view)
    except Pending as waiting:
        pending[condition.name] = (waiting.fact,)
        return None
    zh = f"不满足“{condition.label.zh}”" + (f"：{detail.zh}" if detail else "")
    en = f"'{condition.label.en}' does not hold" + (f": {detail.en}" if detail else "")
    return Reason(condition.word.word.replace("_", "-"), zh, en, condition.name, basis_at(condition.basis, view.on))


def destination(compiled: CompiledWorkflow, step: Step, run: Run) -> str | None:
    """Where the step leads from here as the run sees the case; None while the fact that decides is unknown."""
    found = step.to
    if found is None or isinstance(found, str):
        return found or run.state
    try:
        if found.choose is not None:
            ((fact, options),) = found.choose.items()
            target: str | None = options.get(run.view.fact(fact))
            if target is None:
                run.refusals[fact] = undecided(compiled, fact)
            return target
        holds = compiled.conditions[str(found.if_)].word.test(run.view)
    except Pending as waiting:
        run.pending["to"] = (waiting.fact,)
        return None
    return found.then if holds else found.otherwise


def undecided(compiled: CompiledWorkflow, fact: str) -> Reason:
    """The refusal of a step whose way on depends on a fact without a usable value."""
    label = compiled.facts[fact].label if fact in compiled.facts else None
    zh, en = (label.zh, label.en) if label else (fact, fact)
    return Reason("way-undecided", f"须先确定“{zh}”", f"'{en}' must be known first", fact)
