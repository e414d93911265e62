"""What incidents ask beside a step's own conditions: whether they may open, what they hold, what they cause."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from adjudicate.definition.models import NOTHING, OPEN_ENDED, IncidentUse
from adjudicate.definition.rulebook import Rulebook
from adjudicate.guards.why import listed, quoted_list
from adjudicate.law.citations import basis_at
from adjudicate.law.text import Text
from adjudicate.states.case_view import CaseView, concerns
from adjudicate.states.entries import Draft, Reason
from adjudicate.states.fold import LegalContext, carried, facts_held
from adjudicate.states.machine import unmet
from adjudicate.states.naming import CaseNames
from adjudicate.states.requests import Position
from adjudicate.states.standing import Standing
from adjudicate.states.ways import how_to_get_there, some_of, where_it_stands

HELD = "held_by:"


def opening_refusals(
    rulebook: Rulebook, standing: Standing, position: Position, draft: Draft, view: CaseView
) -> list[Reason]:
    """Why an incident may not be opened now; nothing for any other event."""
    if not position.opens or position.incident is None:
        return []
    use, names = rulebook.incidents[position.incident].use, CaseNames(rulebook, standing)
    title, cited = names.incident(position.incident), basis_at(use.basis, draft.effective_on)
    found: list[Reason] = []
    if standing.state not in use.while_:
        found.append(_not_here(rulebook, standing, draft, use, names=names, title=title))
    alike = [
        key
        for key, t in standing.threads.items()
        if t.incident == position.incident and not t.final and (not use.per or t.party == draft.party)
    ]
    if use.at_once != OPEN_ENDED and len(alike) >= int(use.at_once):
        there = listed(map(names.thread, alike))
        found.append(
            Reason(
                "at-once",
                f"尚在进行的有：{there.zh}；办结之后才能再次启动",
                f"still open: {there.en}; another one is opened when that is over",
                basis=cited,
                details={"threads": alike},
            )
        )
    found += [_beside(standing, other, names, title, cited) for other in use.not_with if view.thread_open(other, None)]
    reasons = (unmet(rulebook.main.conditions[name], view, {}) for name in use.requires)
    return found + [reason for reason in reasons if reason is not None]


def _not_here(
    rulebook: Rulebook, standing: Standing, draft: Draft, use: IncidentUse, *, names: CaseNames, title: Text
) -> Reason:
    """That the incident cannot be opened where the case stands, and what leads to where it can."""
    state = standing.state or NOTHING
    where = where_it_stands(rulebook.main, state, Text("案件", "the case"), draft.effective_on)
    able = some_of([rulebook.main.states[one].label for one in use.while_])
    how = how_to_get_there(names, rulebook.main, state, use.while_)
    return Reason(
        "while",
        f"{where.zh}，不能启动“{title.zh}”；只能在{able.zh}阶段启动{how.zh}",
        f"{where.en}: '{title.en}' cannot be opened; it can be opened only at {able.en}{how.en}",
        basis=basis_at(use.basis, draft.effective_on),
        details={"state": standing.state, "possible_at": list(use.while_)},
    )


def _beside(standing: Standing, other: str, names: CaseNames, title: Text, cited: str | None) -> Reason:
    """That the incident is not opened while another one lasts."""
    others = [key for key, t in standing.threads.items() if t.incident == other and not t.final]
    there = listed(map(names.thread, others))
    return Reason(
        "not-with",
        f"{there.zh}进行期间不能启动“{title.zh}”，须待其办结",
        f"'{title.en}' is not opened while this is open: {there.en}; that must be over first",
        basis=cited,
        details={"threads": others},
    )


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
    names = CaseNames(rulebook, standing)
    said, which = names.event(draft.event), names.thread(key)
    return Reason(
        "held",
        f"{which.zh}处于“{state.label.zh}”，此间不能进行“{said.zh}”",
        f"'{said.en}' cannot take place while {which.en} is at '{state.label.en}'",
        condition=f"{HELD}{key}",
        basis=basis_at(admitted.use.basis, draft.effective_on),
        weight=admitted.use.weight,
        details={"thread": key},
    )


def outcome_refusals(rulebook: Rulebook, standing: Standing, position: Position, draft: Draft) -> list[Reason]:
    """What the act would record in the main procedure must be possible there."""
    if position.incident is None or standing.closed:
        return []
    known, names = facts_held(standing, position.thread, draft.facts), CaseNames(rulebook, standing)
    found = []
    for outcome in rulebook.incidents[position.incident].following(draft.event, known):
        step, said = rulebook.main.step(outcome.records, str(standing.state)), names.event(outcome.records)
        if step is None:
            found.append(_no_outcome(rulebook, standing, outcome.records, names=names))
            continue
        if not concerns(standing, step, draft.party):
            continue
        facts, carries = rulebook.main.facts, outcome.carries
        if missing := [name for name in step.records if not facts[name].day and carries.get(name) not in known]:
            lacking = quoted_list(map(names.fact, missing))
            found.append(
                Reason(
                    "outcome",
                    f"由此产生的“{said.zh}”还须有：{lacking.zh}",
                    f"its outcome '{said.en}' still needs: {lacking.en}",
                    details={"event": outcome.records, "facts": missing},
                )
            )
    return found


def _no_outcome(rulebook: Rulebook, standing: Standing, event: str, *, names: CaseNames) -> Reason:
    """That an event of the main procedure cannot follow where the case stands, and where it could."""
    main, said, where = rulebook.main, names.event(event), names.state(str(standing.state))
    sources = (state for step in main.events[event] for state in main.sources(step) if state in main.states)
    able = quoted_list(dict.fromkeys(names.state(state) for state in sources))
    return Reason(
        "outcome",
        f"案件处于“{where.zh}”，不能由此产生“{said.zh}”；该事项只能发生在：{able.zh}",
        f"its outcome '{said.en}' is not possible at '{where.en}', only at: {able.en}",
        details={"event": event, "state": standing.state},
    )


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
