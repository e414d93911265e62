"""Judging: whether an act may be recorded where the case stands, with all reasons; it applies nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from typing import Any

from adjudicate import errors
from adjudicate.definition.models import Step
from adjudicate.definition.rulebook import CompiledWorkflow, Rulebook
from adjudicate.law.periods import parse_day
from adjudicate.law.suggestion import suggestion
from adjudicate.law.values import value
from adjudicate.states import facts
from adjudicate.states.case_view import CaseView, plays
from adjudicate.states.entries import Draft, Entry, Joining, Reason
from adjudicate.states.fold import LegalContext
from adjudicate.states.fold_context import Uncountable
from adjudicate.states.incident_rules import (
    held_irregularities,
    opening_refusals,
    outcome_irregularities,
    outcome_refusals,
)
from adjudicate.states.lengths import lengths
from adjudicate.states.machine import Run, machine_of, unmet
from adjudicate.states.requests import Position, concerned, joining, locate, not_open, whose
from adjudicate.states.standing import Standing


@value
class Verdict:
    """What judging found: the completed draft, its step, and every reason against, beside or for it."""

    draft: Draft
    step: Step
    rulebook: Rulebook
    compiled: CompiledWorkflow
    thread: str | None
    refusals: tuple[Reason, ...] = ()
    irregular: tuple[Reason, ...] = ()
    advice: tuple[Reason, ...] = ()
    pending: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def rulebook_for(legal: LegalContext, standing: Standing | None, draft: Draft) -> Rulebook:
    """The version the act is judged under: the one it selects where it makes a day of higher precedence known."""
    if standing is None:
        first = legal.laws.select(draft.effective_on)
        for name in first.main.workflow.governs:
            stated = draft.facts.get(name)
            if isinstance(stated, str):
                return legal.laws.select(_day(stated) or draft.effective_on)
        return first
    rulebook = legal.laws.at(standing.law_day)
    if draft.thread is not None:
        return rulebook
    # Only a day of higher precedence than the one that governs so far can select another version.
    for name in rulebook.main.workflow.governs[: standing.governed_by]:
        recorded = name in rulebook.main.records.get(draft.event, ())
        stated = draft.facts.get(name) or (draft.effective_on.isoformat() if recorded else None)
        if isinstance(stated, str):
            return legal.laws.select(_day(stated) or draft.effective_on)
    return rulebook


def _day(stated: str) -> date | None:
    """A governing day as it was sent; one that is no day is left for the facts' own check to refuse."""
    try:
        return parse_day(stated)
    except errors.PeriodError:
        return None


def begin(legal: LegalContext, first: Draft | Entry) -> Standing:
    """The empty standing of a case that begins with this act, under the version that its days select."""
    draft = first if isinstance(first, Draft) else Draft(first.event, first.effective_on, facts=first.facts)
    rulebook = rulebook_for(legal, None, draft)
    governs = rulebook.main.workflow.governs
    known = next((i for i, name in enumerate(governs) if name in draft.facts), None)
    return Standing(law_day=rulebook.day, governed_by=known)


def judge(
    legal: LegalContext,
    standing: Standing | None,
    draft: Draft,
    *,
    today: date,
    roles: Collection[str] | None,
    used: Collection[str] = (),
) -> Verdict:
    """Judge an act. `roles` None judges again what was recorded: its roles and days are no longer asked about.

    `used` are the ids of parties that no one who joins may have.

    Raises the StepRefused that says what is wrong with the request itself (unknown event, thread, party, facts, role,
    day); conditions of the law that fail are returned in the verdict, all of them.
    """
    _check_day(draft, today)
    rulebook = rulebook_for(legal, standing, draft)
    if draft.event not in rulebook.homes:
        hint = suggestion(draft.event, rulebook.homes)
        raise errors.UnknownEvent(
            zh=f"本程序没有“{draft.event[:60]}”这一事项" + (f"。{hint.zh}" if hint.zh else ""),
            en=f"no event '{draft.event[:60]}'.{hint.en}",
        )
    position = locate(rulebook, standing, draft)
    step = position.compiled.step(draft.event, position.state)
    if step is None:
        raise not_open(rulebook, draft, position)
    by = whose(rulebook, draft, step, roles)
    joins = joining(rulebook, standing, draft, step, used=used)
    party = concerned(
        rulebook=rulebook, standing=standing, draft=draft, step=step, position=position, by=by, joins=joins
    )
    given = _checked(position, step, draft, today=today, party=party, again=roles is None)
    if position.incident is None and step.per is None and not position.compiled.of_parties.isdisjoint(step.records):
        _each_party_has(standing, position.compiled, step, given, party=party, joins=joins)
    complete = replace(draft, by=by, thread=position.thread, party=party, facts=given, joins=joins)
    return weigh(legal=legal, rulebook=rulebook, standing=standing, draft=complete, step=step, position=position)


def _checked(
    position: Position, step: Step, draft: Draft, *, today: date, party: str | None, again: bool
) -> Mapping[str, Any]:
    """The facts of an act as its step takes them. Raises InvalidFacts.

    Asked `again` of what was recorded: after a correction it may be another step that takes these facts.
    """
    given, faults = facts.check(
        position.compiled, step, draft.facts, on=draft.effective_on, today=today, party=party, again=again
    )
    if faults:
        raise errors.InvalidFacts(zh=faults[0].zh, en=faults[0].en, reasons=faults)
    return given


def _each_party_has(
    standing: Standing | None,
    compiled: CompiledWorkflow,
    step: Step,
    given: Mapping[str, Any],
    *,
    party: str | None,
    joins: Sequence[Joining],
) -> None:
    """Every party of the role, whoever joins with the act included, has a value of what the step records of each.

    Without it a period that the value decides could not be counted later, when nobody is there to be asked. (A step
    that is each party's own records its own alone.) Raises InvalidFacts.
    """
    present = {} if standing is None else standing.members
    known = {} if standing is None else standing.party_facts
    for name in step.records:
        rule = compiled.facts[name]
        if not rule.per:
            continue
        told = {party} if party is not None else set(given[name])
        holders = [who for who, member in present.items() if member.left_on is None and plays(member, rule.per)]
        holders += [one.party for one in joins if plays(one, rule.per)]
        lacking = [who for who in holders if who not in told and known.get(who, {}).get(name) is None]
        if lacking:
            zh = f"须逐一给出“{rule.label.zh}”，尚缺：{'、'.join(lacking)}"
            en = f"'{rule.label.en}' is given for each; it lacks: {', '.join(lacking)}"
            raise errors.InvalidFacts(zh=zh, en=en, reasons=[facts.fault(name, zh, en)])


def weigh(
    legal: LegalContext,
    rulebook: Rulebook,
    standing: Standing | None,
    draft: Draft,
    step: Step,
    position: Position,
    pending: Collection[str] = (),
) -> Verdict:
    """Ask the machine and the conditions about a draft whose request is in order."""
    seen = standing or Standing(law_day=rulebook.day)
    view = _view_of(legal, rulebook, seen, draft, step, position, pending)
    run = Run(position.state, view)
    machine_of(position.compiled).ask(run, draft.event)
    refusals = [
        *run.refusals.values(),
        *opening_refusals(rulebook, seen, position, draft, view),
        *lengths(rulebook, seen, draft, step, position),
        *outcome_refusals(rulebook, seen, position, draft),
    ]
    irregular = held_irregularities(rulebook, seen, position, draft)
    irregular += outcome_irregularities(legal, rulebook, seen, position, draft)
    irregular += [
        replace(reason, weight=position.compiled.conditions[name].weight)
        for name in step.expects
        if (reason := unmet(position.compiled.conditions[name], view, run.pending))
    ]
    advice = [r for name in step.advises if (r := unmet(position.compiled.conditions[name], view, run.pending))]
    return Verdict(
        draft=draft,
        step=step,
        rulebook=rulebook,
        compiled=position.compiled,
        thread=position.thread,
        refusals=tuple(refusals),
        irregular=tuple(irregular),
        advice=tuple(advice),
        pending=run.pending,
    )


def _view_of(
    legal: LegalContext,
    rulebook: Rulebook,
    seen: Standing,
    draft: Draft,
    step: Step,
    position: Position,
    pending: Collection[str],
) -> CaseView:
    """What the conditions of a step see when a draft is put to it."""
    return CaseView(
        rulebook,
        seen,
        legal.calendar,
        compiled=position.compiled,
        on=draft.effective_on,
        at=draft.effective_at,
        thread=None if position.opens else position.thread,
        party=draft.party,
        given=draft.facts,
        pending=pending,
        bound=step.per is not None,
    )


def not_countable(one: Uncountable) -> errors.GuardsUnmet:
    """The refusal of an act that would start a deadline nobody could count."""
    error, zh, en = one.error, one.label.zh, one.label.en
    return errors.GuardsUnmet(
        zh=f"“{zh}”无法起算：{error.zh}",
        en=f"'{en}' cannot be counted: {error.en}",
        reasons=[Reason("deadline-not-countable", error.zh, error.en, one.name)],
    )


def _check_day(draft: Draft, today: date) -> None:
    if draft.effective_on > today:
        raise errors.DayNotPossible(
            zh=f"发生日 {draft.effective_on} 晚于今日 {today}，尚未发生的事项不能记录",
            en=f"{draft.effective_on} lies after today, {today}: what has not happened cannot be recorded",
        )


def refuse(verdict: Verdict, roles: Collection[str], *, own: bool = True) -> None:
    """Raise what the law's conditions ask for: GuardsUnmet, or Irregular where nobody entitled took it upon himself."""
    if verdict.refusals or verdict.pending:
        reasons = verdict.refusals or (Reason("pending", "事实不全", "facts are missing"),)
        raise errors.GuardsUnmet(zh=reasons[0].zh, en=reasons[0].en, reasons=reasons)
    if not verdict.irregular or not own:
        return
    draft, step = verdict.draft, verdict.step
    register = verdict.rulebook.registers.roles
    able = step.may_override or tuple(name for name, role in register.items() if role.may_override)
    if draft.accept_irregular and draft.reason and any(role in able for role in roles):
        return
    first = verdict.irregular[0]
    raise errors.Irregular(
        zh=f"程序瑕疵：{first.zh}。如事实确已发生，须由有权角色说明理由后记录",
        en=f"irregular: {first.en}. If it really happened, an entitled role records it with a reason",
        reasons=verdict.irregular,
        allowed=able,
    )
