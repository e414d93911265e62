"""What may happen next: every step of every road with all its reasons, answered by the same judging as a command."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from adjudicate.definition.models import CLOCK, LINK, NOTHING, PARTY, Step
from adjudicate.definition.rulebook import Road, Rulebook
from adjudicate.states.case_view import members
from adjudicate.states.entries import Draft, Reason
from adjudicate.states.fold import Ground, Walk
from adjudicate.states.judge import weigh
from adjudicate.states.requests import Place, may_record
from adjudicate.states.standing import Standing


@dataclass(frozen=True, slots=True)
class Option:
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
    road: Road
    entitled: bool
    refusals: tuple[Reason, ...]
    irregular: tuple[Reason, ...]
    advice: tuple[Reason, ...]
    pending: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        """Whether nothing known stands against it, for the caller's roles."""
        return self.entitled and not self.refusals


def options(ground: Ground, standing: Standing, *, today: date, roles: Collection[str]) -> list[Option]:
    """Every event that people may record as of `today`, on the main road, in threads, by opening one; open first."""
    walk = Walk(ground, standing)
    rulebook = walk.rulebook
    found: list[Option] = []
    state = standing.state or NOTHING
    for place in _places(rulebook, standing, state):
        for step in place.road.workflow.steps:
            if set(step.by) <= {CLOCK, LINK} or (place.opens != step.opens and place.incident is not None):
                continue
            if place.road.step(step.event, place.state) is step:
                found.extend(_asked(ground, rulebook, standing, step, place, today, roles))
            elif place.incident is None and not step.opens:
                found.extend(_closed(rulebook, standing, step, place, roles))
    return sorted(found, key=lambda option: not option.allowed)


def _places(rulebook: Rulebook, standing: Standing, state: str) -> list[Place]:
    threads = [
        Place(rulebook.incidents[thread.incident].road, thread.incident, key, thread.state)
        for key, thread in standing.threads.items()
        if not thread.final
    ]
    openings = [
        Place(admitted.road, key, f"{key}-{standing.opened_threads.get(key, 0) + 1}", NOTHING, opens=True)
        for key, admitted in rulebook.incidents.items()
        if not standing.closed
    ]
    return [Place(rulebook.main, None, None, state), *threads, *openings]


def _asked(
    ground: Ground,
    rulebook: Rulebook,
    standing: Standing,
    step: Step,
    place: Place,
    today: date,
    roles: Collection[str],
) -> list[Option]:
    pending = (*step.records, *step.may_record)
    found = []
    for party in _parties(rulebook, standing, step, place):
        draft = Draft(step.event, today, thread=place.thread, party=party)
        verdict = weigh(ground, rulebook, standing, draft, step, place, pending)
        found.append(
            Option(
                event=step.event,
                thread=None if place.opens else place.thread,
                opens=place.incident if place.opens else None,
                party=party,
                by=step.by,
                step=step,
                road=place.road,
                entitled=_entitled(rulebook, roles, step),
                refusals=verdict.refusals,
                irregular=verdict.irregular,
                advice=verdict.advice,
                pending=tuple(verdict.pending),
            )
        )
    return found


def _parties(rulebook: Rulebook, standing: Standing, step: Step, place: Place) -> list[str | None]:
    opened = rulebook.incidents[place.incident].use if place.incident and place.opens else None
    per = step.per or (opened.per if opened else None)
    if not place.opens and place.thread is not None and place.thread in standing.threads:
        return [standing.threads[place.thread].party]
    if per is None:
        return [None]
    return [*members(standing, per or PARTY)]


def _entitled(rulebook: Rulebook, roles: Collection[str], step: Step) -> bool:
    return any(may_record(rulebook, roles, role) for role in step.by if role not in (CLOCK, LINK))


def _closed(rulebook: Rulebook, standing: Standing, step: Step, place: Place, roles: Collection[str]) -> list[Option]:
    if any(place.road.step(step.event, place.state) for step in place.road.events[step.event]):
        return []
    sources = "、".join(place.road.states[s].label.zh for s in place.road.sources(step) if s in place.road.states)
    names = ", ".join(place.road.states[s].label.en for s in place.road.sources(step) if s in place.road.states)
    where = place.road.states[standing.state].label if standing.state else None
    reason = Reason(
        "state",
        f"当前处于“{where.zh if where else '未开始'}”；此事项只能在以下阶段进行：{sources}",
        f"it stands at '{where.en if where else 'nothing'}'; this may happen at: {names}",
        details={"state": standing.state},
    )
    return [
        Option(
            event=step.event,
            thread=None,
            opens=None,
            party=None,
            by=step.by,
            step=step,
            road=place.road,
            entitled=_entitled(rulebook, roles, step),
            refusals=(reason,),
            irregular=(),
            advice=(),
            pending=(),
        )
    ]
