"""What incidents ask beside a step's own conditions: whether they may open, what they hold, what they cause."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from adjudicate.definition.models import OPEN_ENDED
from adjudicate.definition.rulebook import Rulebook
from adjudicate.law.citations import basis_at
from adjudicate.states.case_view import CaseView, concerns
from adjudicate.states.entries import Draft, Reason
from adjudicate.states.fold import LegalContext, carried, facts_held
from adjudicate.states.machine import unmet
from adjudicate.states.requests import Position
from adjudicate.states.standing import Standing

HELD = "held_by:"


def opening_refusals(
    rulebook: Rulebook, standing: Standing, position: Position, draft: Draft, view: CaseView
) -> list[Reason]:
    """Why an incident may not be opened now; nothing for any other event."""
    if not position.opens or position.incident is None:
        return []
    use = rulebook.incidents[position.incident].use
    cited = basis_at(use.basis, draft.effective_on)
    found: list[Reason] = []
    if standing.state not in use.while_:
        where = rulebook.main.states[standing.state].label if standing.state else None
        zh, en = (where.zh, where.en) if where else ("尚无案件", "no case yet")
        found.append(Reason("while", f"“{zh}”阶段不能启动此分支程序", f"it cannot be opened at '{en}'", basis=cited))
    alike = [
        t
        for t in standing.threads.values()
        if t.incident == position.incident and not t.final and (not use.per or t.party == draft.party)
    ]
    if use.at_once != OPEN_ENDED and len(alike) >= int(use.at_once):
        found.append(Reason("at-once", "同一分支程序尚在进行", "one of these is still open", basis=cited))
    found.extend(
        Reason("not-with", f"“{title.zh}”进行期间不能启动", f"not while '{title.en}' is open", basis=cited)
        for title in (
            rulebook.incidents[other].compiled.workflow.title for other in use.not_with if view.thread_open(other, None)
        )
    )
    for name in use.requires:
        reason = unmet(rulebook.main.conditions[name], view, {})
        if reason is not None:
            found.append(reason)
    return found


def held_irregularities(rulebook: Rulebook, standing: Standing, position: Position, draft: Draft) -> list[Reason]:
    """Threads that hold this event of the main procedure: not void if it happens all the same, but irregular."""
    if position.incident is not None:
        return []
    return [found for key in standing.threads if (found := _holding(rulebook, standing, key, draft))]


def _holding(rulebook: Rulebook, standing: Standing, key: str, draft: Draft) -> Reason | None:
    thread = standing.threads[key]
    admitted = rulebook.incidents.get(thread.incident)
    if admitted is None or thread.final or draft.event not in admitted.use.holds:
        return None
    state = admitted.compiled.states[thread.state]
    if not state.holds:
        return None
    return Reason(
        "held",
        f"处于“{state.label.zh}”时不能进行",
        f"not while '{state.label.en}' lasts",
        condition=f"{HELD}{key}",
        basis=basis_at(admitted.use.basis, draft.effective_on),
        weight=admitted.use.weight,
        details={"thread": key},
    )


def outcome_refusals(rulebook: Rulebook, standing: Standing, position: Position, draft: Draft) -> list[Reason]:
    """What the act would record in the main procedure must be possible there."""
    if position.incident is None or standing.closed:
        return []
    known = facts_held(standing, position.thread, draft.facts)
    found = []
    for outcome in rulebook.incidents[position.incident].following(draft.event, known):
        step = rulebook.main.step(outcome.records, str(standing.state))
        if step is None:
            zh, en = _named(rulebook, outcome.records)
            found.append(Reason("outcome", f"当前阶段不能产生“{zh}”的结果", f"its outcome '{en}' is not possible now"))
            continue
        if not concerns(standing, step, draft.party):
            continue
        facts, carries = rulebook.main.facts, outcome.carries
        if missing := [name for name in step.records if not facts[name].day and carries.get(name) not in known]:
            zh, en = _named(rulebook, outcome.records)
            labels = [facts[name].label for name in missing]
            lacking_zh, lacking_en = "、".join(one.zh for one in labels), ", ".join(one.en for one in labels)
            found.append(Reason("outcome", f"“{zh}”缺少：{lacking_zh}", f"'{en}' lacks: {lacking_en}"))
    return found


def outcome_irregularities(
    legal: LegalContext, rulebook: Rulebook, standing: Standing, position: Position, draft: Draft
) -> list[Reason]:
    """What the main procedure expects of the events that the act brings about there: the act bears the marks.

    Nobody is asked when an event is recorded by the link, so it is asked of the act that causes it.
    """
    if position.incident is None or standing.closed:
        return []
    main, known = rulebook.main, facts_held(standing, position.thread, draft.facts)
    found: list[Reason] = []
    for outcome in rulebook.incidents[position.incident].following(draft.event, known):
        step = main.step(outcome.records, str(standing.state))
        if step is None or not step.expects or not concerns(standing, step, draft.party):
            continue
        given = carried(outcome, known)
        days = [date.fromisoformat(given[name]) for name in step.records if name in given and main.facts[name].day]
        view = CaseView(
            rulebook,
            standing,
            legal.calendar,
            compiled=main,
            # A receipt entered some days later was in time if the day that it proves was.
            on=min([draft.effective_on, *days]),
            at=None if days else draft.effective_at,
            party=draft.party,
            given=given,
            bound=step.per is not None,
            dated_back=bool(days),
        )
        conditions = (main.conditions[name] for name in step.expects)
        found += [replace(one, weight=rule.weight) for rule in conditions if (one := unmet(rule, view, {}))]
    return found


def _named(rulebook: Rulebook, event: str) -> tuple[str, str]:
    label = rulebook.label(event)
    return (label.zh, label.en) if label else (event, event)
