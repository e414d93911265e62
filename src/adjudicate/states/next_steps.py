"""What may happen next: every step with all its reasons, answered by the same judging as a command."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from adjudicate.definition.models import CLOCK, LINK, NOTHING, PARTY, Step
from adjudicate.definition.rulebook import CompiledWorkflow, Rulebook
from adjudicate.states.case_view import members
from adjudicate.states.entries import Draft, Reason
from adjudicate.states.fold import Fold, LegalContext
from adjudicate.states.judge import weigh
from adjudicate.states.requests import Position, may_record
from adjudicate.states.standing import Standing
from adjudicate.states.threads import thread_name
from adjudicate.states.ways import not_open


@dataclass(frozen=True, slots=True)
class NextStep:
    """An event that may, or may not, be recorded now.

    `refusals` are why not; `pending` the conditions that will be asked once the facts they read are given; `party` the
    party for whom it was asked, where the step concerns one.
    """

    event: str
    thread: str | None
    opens: str | None
    party: str | None
    by: tuple[str, ...]
    step: Step
    compiled: CompiledWorkflow
    entitled: bool
    refusals: tuple[Reason, ...]
    irregular: tuple[Reason, ...]
    advice: tuple[Reason, ...]
    pending: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        """Whether nothing known stands against it, for the caller's roles."""
        return self.entitled and not self.refusals


def next_steps(legal: LegalContext, standing: Standing, *, today: date, roles: Collection[str]) -> list[NextStep]:
    """Every event that people may record as of `today`, also in threads and by opening one; allowed ones first."""
    folding = Fold(legal, standing)
    rulebook = folding.rulebook
    found: list[NextStep] = []
    state = standing.state or NOTHING
    for position in _places(rulebook, standing, state):
        for step in position.compiled.workflow.steps:
            if set(step.by) <= {CLOCK, LINK} or (position.opens != step.opens and position.incident is not None):
                continue
            if position.compiled.step(step.event, position.state) is step:
                found.extend(
                    _asked(
                        legal=legal,
                        rulebook=rulebook,
                        standing=standing,
                        step=step,
                        position=position,
                        today=today,
                        roles=roles,
                    )
                )
            elif position.incident is None and not step.opens:
                found.extend(_closed(rulebook, standing, step, position, roles, today))
    return sorted(found, key=lambda option: not option.allowed)


def _places(rulebook: Rulebook, standing: Standing, state: str) -> list[Position]:
    threads = [
        Position(rulebook.incidents[thread.incident].compiled, thread.incident, key, thread.state)
        for key, thread in standing.threads.items()
        if not thread.final
    ]
    openings = [
        Position(admitted.compiled, key, thread_name(key, standing.opened_threads.get(key, 0) + 1), NOTHING, opens=True)
        for key, admitted in rulebook.incidents.items()
        if not standing.closed
    ]
    return [Position(rulebook.main, None, None, state), *threads, *openings]


def _asked(
    legal: LegalContext,
    rulebook: Rulebook,
    standing: Standing,
    step: Step,
    position: Position,
    today: date,
    roles: Collection[str],
) -> list[NextStep]:
    pending = (*step.records, *step.may_record)
    found = []
    for party in _parties(rulebook, standing, step, position):
        draft = Draft(step.event, today, thread=position.thread, party=party)
        verdict = weigh(
            legal=legal,
            rulebook=rulebook,
            standing=standing,
            draft=draft,
            step=step,
            position=position,
            pending=pending,
        )
        found.append(
            NextStep(
                event=step.event,
                thread=None if position.opens else position.thread,
                opens=position.incident if position.opens else None,
                party=party,
                by=step.by,
                step=step,
                compiled=position.compiled,
                entitled=_entitled(rulebook, roles, step),
                refusals=verdict.refusals,
                irregular=verdict.irregular,
                advice=verdict.advice,
                pending=tuple(verdict.pending),
            )
        )
    return found


def _parties(rulebook: Rulebook, standing: Standing, step: Step, position: Position) -> list[str | None]:
    opened = rulebook.incidents[position.incident].use if position.incident and position.opens else None
    per = step.per or (opened.per if opened else None)
    if not position.opens and position.thread is not None and position.thread in standing.threads:
        return [standing.threads[position.thread].party]
    if per is None:
        return [None]
    return [*members(standing, per or PARTY)]


def _entitled(rulebook: Rulebook, roles: Collection[str], step: Step) -> bool:
    return any(may_record(rulebook, roles, role) for role in step.by if role not in (CLOCK, LINK))


def _closed(
    rulebook: Rulebook, standing: Standing, step: Step, position: Position, roles: Collection[str], today: date
) -> list[NextStep]:
    if any(position.compiled.step(step.event, position.state) for step in position.compiled.events[step.event]):
        return []
    refusal = not_open(rulebook, standing, Draft(step.event, today), position)
    return [
        NextStep(
            event=step.event,
            thread=None,
            opens=None,
            party=None,
            by=step.by,
            step=step,
            compiled=position.compiled,
            entitled=_entitled(rulebook, roles, step),
            refusals=tuple(refusal.reasons),
            irregular=(),
            advice=(),
            pending=(),
        )
    ]
