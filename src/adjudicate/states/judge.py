"""Judging: whether an act may be recorded where the case stands, with all reasons; it applies nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from typing import Any

from adjudicate import errors
from adjudicate.definition.models import PARTY, Step
from adjudicate.definition.rulebook import CompiledWorkflow, Rulebook
from adjudicate.guards.why import quoted_list
from adjudicate.law.legal_time import legal_day
from adjudicate.law.periods import parse_day
from adjudicate.law.suggestion import nearest
from adjudicate.law.text import Text
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
from adjudicate.states.naming import CaseNames
from adjudicate.states.requests import Position, concerned, enough_parties, joining, locate, whose
from adjudicate.states.standing import Standing
from adjudicate.states.ways import not_open


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
    _check_day(draft, today, again=roles is None)
    rulebook = rulebook_for(legal, standing, draft)
    if draft.event not in rulebook.homes:
        raise _unknown_event(rulebook, draft)
    position = locate(rulebook, standing, draft)
    step = position.compiled.step(draft.event, position.state)
    if step is None:
        raise not_open(rulebook, standing, draft, position)
    by = whose(rulebook, draft, step, roles)
    joins = joining(rulebook, standing, draft, step, used=used)
    if roles is not None:
        _names_parties(rulebook, standing, position.compiled, given=draft.facts, joins=joins)
        enough_parties(rulebook, standing, step, joins)
    party = concerned(
        rulebook=rulebook, standing=standing, draft=draft, step=step, position=position, by=by, joins=joins
    )
    given = _checked(
        rulebook, standing, position, step, draft, joins=joins, today=today, party=party, again=roles is None
    )
    if position.incident is None and step.per is None and not position.compiled.of_parties.isdisjoint(step.records):
        _each_party_has(rulebook, standing, step, given, party=party, joins=joins)
    complete = replace(draft, by=by, thread=position.thread, party=party, facts=given, joins=joins)
    return weigh(legal=legal, rulebook=rulebook, standing=standing, draft=complete, step=step, position=position)


def _unknown_event(rulebook: Rulebook, draft: Draft) -> errors.UnknownEvent:
    """The refusal of an event that the version does not have, with the one that may have been meant."""
    names, near = CaseNames(rulebook, None), nearest(draft.event, rulebook.homes)
    hint = None if near is None else names.event(near)
    title = rulebook.main.workflow.title
    zh = f"“{title.zh}”没有所填的事项" + (f"，是否应为“{hint.zh}”？" if hint else "，请按事项列表填写")
    en = f"'{title.en}' has no such event" + (f". Did you mean '{hint.en}'?" if hint else ": take one from its list")
    details = {"pointer": "/event", "event": draft.event[:60], "nearest": near}
    return errors.UnknownEvent(zh=zh, en=en, reasons=[Reason("event", zh, en, details=details)])


def _checked(
    rulebook: Rulebook,
    standing: Standing | None,
    position: Position,
    step: Step,
    draft: Draft,
    *,
    joins: Sequence[Joining],
    today: date,
    party: str | None,
    again: bool,
) -> Mapping[str, Any]:
    """The facts of an act as its step takes them. Raises InvalidFacts.

    Asked `again` of what was recorded: after a correction it may be another step that takes these facts.
    """
    names = CaseNames(rulebook, standing, position.compiled, joins)
    given, faults = facts.check(
        position.compiled, step, draft.facts, names, on=draft.effective_on, today=today, party=party, again=again
    )
    if faults:
        said = _first_of(faults)
        raise errors.InvalidFacts(zh=said.zh, en=said.en, reasons=faults)
    return given


def _each_party_has(
    rulebook: Rulebook,
    standing: Standing | None,
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
        rule = rulebook.main.facts[name]
        if not rule.per:
            continue
        told = {party} if party is not None else set(given[name])
        holders = [who for who, member in present.items() if member.left_on is None and plays(member, rule.per)]
        holders += [one.party for one in joins if plays(one, rule.per)]
        lacking = [who for who in holders if who not in told and known.get(who, {}).get(name) is None]
        if lacking:
            who = CaseNames(rulebook, standing, joins=joins).parties(lacking)
            zh = f"“{rule.label.zh}”须就每一名当事人给出，还须给出：{who.zh}"
            en = f"'{rule.label.en}' is given for each party; still to be given for: {who.en}"
            raise errors.InvalidFacts(zh=zh, en=en, reasons=[facts.fault(name, zh, en, parties=lacking)])


def _names_parties(
    rulebook: Rulebook,
    standing: Standing | None,
    compiled: CompiledWorkflow,
    given: Mapping[str, Any],
    joins: Sequence[Joining],
) -> None:
    """Whoever a list of parties names is in the case now, or joins with the act. Raises InvalidFacts."""
    present = {} if standing is None else standing.members
    there = {who for who, member in present.items() if member.left_on is None} | {one.party for one in joins}
    for name, told in given.items():
        rule = compiled.facts.get(name)
        if rule is None or rule.list != PARTY or not isinstance(told, list):
            continue
        for place, one in enumerate(told):
            if one not in there:
                now = CaseNames(rulebook, standing, joins=joins).parties(who for who in present if who in there)
                zh = f"“{rule.label.zh}”的第 {place + 1} 项不是本案现有的当事人或者代理人"
                en = f"entry {place + 1} of '{rule.label.en}' is no party or representative who is in the case now"
                zh, en = (f"{zh}；现有：{now.zh}", f"{en}; there are: {now.en}") if now.zh else (zh, en)
                reason = Reason("fact", zh, en, name, details={"pointer": f"/facts/{name}/{place}"})
                raise errors.InvalidFacts(zh=zh, en=en, reasons=[reason])


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
    error = one.error
    zh = f"“{one.label.zh}”无法起算：{error.zh}"
    en = f"'{one.label.en}' cannot be counted: {error.en}"
    return errors.GuardsUnmet(zh=zh, en=en, reasons=[Reason("deadline-not-countable", zh, en, one.name)])


def _check_day(draft: Draft, today: date, *, again: bool) -> None:
    """Raises DayNotPossible. What lies on record is not asked `again` whether its instant fits its day."""
    if draft.effective_on > today:
        zh = f"发生日{draft.effective_on}晚于今日{today}：尚未发生的事项，发生之后才能记录"
        en = f"{draft.effective_on} lies after today, {today}: what has not happened cannot be recorded until it has"
        details = {"pointer": "/effective_on", "today": today.isoformat()}
        raise errors.DayNotPossible(zh=zh, en=en, reasons=[Reason("day", zh, en, details=details)])
    if draft.effective_at is None or again:
        return
    day = legal_day(draft.effective_at)
    if day != draft.effective_on:
        zh = f"发生时刻在北京时间为{day}，与发生日{draft.effective_on}不是同一日"
        en = f"the instant it happened lies on {day} in Beijing time, not on {draft.effective_on}, the day given"
        details = {"pointer": "/effective_at", "day": day.isoformat()}
        raise errors.DayNotPossible(zh=zh, en=en, reasons=[Reason("day", zh, en, details=details)])


def refuse(verdict: Verdict, roles: Collection[str], *, own: bool = True) -> None:
    """Raise what the law's conditions ask for: GuardsUnmet, or Irregular where nobody entitled took it upon himself."""
    names = CaseNames(verdict.rulebook, None, verdict.compiled)
    if verdict.refusals or verdict.pending:
        reasons = verdict.refusals or (_awaited(names, verdict.pending),)
        said = _first_of(reasons)
        raise errors.GuardsUnmet(zh=said.zh, en=said.en, reasons=reasons)
    if not verdict.irregular or not own:
        return
    draft, step = verdict.draft, verdict.step
    register = verdict.rulebook.registers.roles
    able = step.may_override or tuple(name for name, role in register.items() if role.may_override)
    if draft.accept_irregular and draft.reason and any(role in able for role in roles):
        return
    first, who = _first_of(verdict.irregular), names.roles(able)
    raise errors.Irregular(
        zh=f"程序瑕疵：{first.zh}。如事项确已发生，须由{who.zh}予以确认并说明理由",
        en=f"irregular: {first.en}. If it really happened, {who.en} must accept it and give a reason",
        reasons=verdict.irregular,
        allowed=able,
    )


def _first_of(reasons: Sequence[Reason]) -> Text:
    """The first reason, and how many more there are."""
    first, rest = reasons[0], len(reasons) - 1
    more = Text(f"（另有 {rest} 项）", f" (and {rest} more)") if rest else Text("", "")
    return Text(f"{first.zh}{more.zh}", f"{first.en}{more.en}")


def _awaited(names: CaseNames, pending: Mapping[str, Sequence[str]]) -> Reason:
    """The facts that conditions wait for."""
    awaited = list(dict.fromkeys(fact for facts_of in pending.values() for fact in facts_of))
    said = quoted_list(map(names.fact, awaited))
    return Reason("pending", f"须先给出{said.zh}", f"still to be given: {said.en}", details={"facts": awaited})
