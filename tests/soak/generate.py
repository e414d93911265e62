"""Plausible acts, and some that are not, for a case as it stands: drawn from what the engine says is open."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from adjudicate.definition.models import CLOCK, LINK, NOTHING, Fact, Step
from adjudicate.definition.rulebook import CompiledWorkflow, Rulebook
from adjudicate.errors import AdjudicateError
from adjudicate.guards.kinds import FactType
from adjudicate.states import engine
from adjudicate.states.entries import Correction, Draft, EntryKind, Joining
from adjudicate.states.next_steps import NextStep, next_steps
from adjudicate.states.standing import Standing, Status
from tests.soak.pair import Pair

PEOPLE = ["甲", "乙", "丙"]
PAPER = b"a paper"
DIGEST = f"sha-256:{sha256(PAPER).hexdigest()}"
LAST_DAY = date(2026, 12, 31)


def value_of(rule: Fact, rng: Random, on: date, standing: Standing | None) -> Any:
    """A value of the fact's type, mostly the usual one."""
    kind = rule.type
    if kind is FactType.DAY:
        back = rng.choice([0, 0, 0, 1, 3, 10])
        return (on + timedelta(rng.randrange(1, 25) if rule.may_be_future else -back)).isoformat()
    if kind is FactType.CHOICE:
        return rng.choice(list(rule.choice or {}))
    if kind is FactType.SEVERAL:
        return rng.sample(sorted(rule.several or {}), rng.randrange(1, 1 + len(rule.several or {})))
    if kind is FactType.FLAG:
        return rng.random() < 0.85
    if kind is FactType.LIST:
        if rule.list == "document":
            return [DIGEST]
        if rule.list == "party":
            present = [who for who, one in standing.members.items() if one.left_on is None] if standing else ["p1"]
            return present if rng.random() < 0.8 else present[: rng.randrange(len(present) + 1)]
        return PEOPLE if rng.random() < 0.85 else PEOPLE[: rng.randrange(4)]
    if kind is FactType.LENGTH:
        return rng.choice(["5 working_days", "15 days", "1 month", "2 months", "20 days", "30 days", "7 days"])
    if kind is FactType.CHECKLIST:
        return {item: {"finding": rng.choice(["met", "not_met", "not_applicable"])} for item in rule.checklist or {}}
    return {
        FactType.TIME: rng.choice(["09:30", "14:00"]),
        FactType.NUMBER: rng.randrange(10),
        FactType.AMOUNT: "100.00",
        FactType.DOCUMENT: DIGEST,
        FactType.ACTOR: rng.choice(PEOPLE),
    }.get(kind, "文字")


def facts_for(
    compiled: CompiledWorkflow,
    step: Step,
    rng: Random,
    on: date,
    *,
    standing: Standing | None,
    party: str | None,
    joins: tuple[Joining, ...] = (),
) -> dict[str, Any]:
    """Facts for a step: what it must record, some of what it may, rarely one that is wrong."""
    facts = {}
    # Now and then everything is told long after it happened: periods may be over when they start.
    long_ago = on - timedelta(100) if rng.random() < 0.08 else None
    for name in (*step.records, *(name for name in step.may_record if rng.random() < 0.6)):
        rule = compiled.facts[name]
        if rule.day and not rule.may_be_future and not rule.per and long_ago is not None:
            facts[name] = long_ago.isoformat()
            continue
        if rule.day and not rule.may_be_future and rng.random() < 0.7:
            continue
        if rule.per and party is None:
            members = standing.members if standing else {}
            whose = [who for who, m in members.items() if m.role == rule.per]
            whose = [*whose, *(one.party for one in joins if one.role == rule.per and rng.random() < 0.95)] or ["p2"]
            facts[name] = {who: value_of(rule, rng, on, standing) for who in whose}
        else:
            facts[name] = value_of(rule, rng, on, standing)
    if facts and rng.random() < 0.03:
        facts[rng.choice(list(facts))] = rng.choice([None, 7, "?", [], {}, "2024-02-30"])
    if rng.random() < 0.02:
        facts["no_such_fact"] = 1
    return facts


def joining(rulebook: Rulebook, step: Step, rng: Random, standing: Standing | None) -> tuple[Joining, ...]:
    """Who comes with the act, under ids of their own."""
    number = 1 if standing is None else standing.joined + 1
    found: list[Joining] = []
    for role in step.joins:
        rule = rulebook.main.workflow.parties[role]
        wanted = role in step.must_join or not rule.represents
        usual = 1 if wanted and (standing is None or rng.random() < 0.8) else 0
        for _ in range(max(rule.at_least if standing is None else 0, usual + (rng.random() < 0.25))):
            whom = "p1" if rule.represents else None
            found.append(Joining(f"p{number}", role, whom))
            number += 1
    return tuple(found)


def first_day(versions: list[date], rng: Random) -> date:
    """A day on which a case may begin, as often under one version as under another; some just before the next."""
    ends = [*versions[1:], date(2026, 6, 1)]
    begin, until = rng.choice(list(zip(versions, ends, strict=True)))
    if until in versions and rng.random() < 0.3:
        return until - timedelta(rng.randrange(1, 20))
    return begin + timedelta(rng.randrange((until - begin).days))


def opening(pair: Pair, rng: Random, on: date) -> Draft:
    """The first act of a case."""
    rulebook = pair.legal.laws.select(on)
    step = rng.choice([one for one in rulebook.main.workflow.steps if one.opens])
    return Draft(
        step.event,
        on,
        facts=facts_for(rulebook.main, step, rng, on, standing=None, party=None),
        joins=joining(rulebook, step, rng, None),
    )


def of_option(pair: Pair, option: NextStep, standing: Standing, rng: Random, on: date) -> Draft:
    """An act out of what is open."""
    rulebook = pair.legal.laws.at(standing.law_day)
    compiled, step = option.compiled, option.step
    joins = joining(rulebook, step, rng, standing)
    party = option.party
    if compiled.incident is None and rng.random() < 0.5:
        # The act may make a day known that selects another version, which then asks for that version's facts.
        newer = pair.legal.laws.select(on).main
        other = newer.step(step.event, str(standing.state))
        if other is not None and set(newer.workflow.governs) & set(other.records):
            compiled, step = newer, other
    if joins and rng.random() < 0.3:
        party = joins[-1].party
    irregular = rng.random() < 0.8
    people = [role for role in step.by if role not in (CLOCK, LINK)]
    return Draft(
        event=option.event,
        effective_on=on,
        by=rng.choice(people) if rng.random() < 0.8 else None,
        thread=option.thread,
        party=party,
        facts=facts_for(compiled, step, rng, on, standing=standing, party=party, joins=joins),
        joins=joins,
        accept_irregular=irregular,
        reason="理由" if irregular else None,
    )


def noise(pair: Pair, standing: Standing, rng: Random, on: date) -> Draft:
    """An act that nobody would expect here."""
    rulebook = pair.legal.laws.at(standing.law_day)
    event = rng.choice([*rulebook.homes])
    compiled = rulebook.compiled(rulebook.homes[event])
    step = rng.choice(compiled.events[event])
    return Draft(
        event=event if rng.random() < 0.95 else "nobody_knows",
        effective_on=on + timedelta(rng.random() < 0.05),
        by=rng.choice([None, *step.by, "head", "respondent"]),
        thread=rng.choice([None, *standing.threads, "service-99"]),
        party=rng.choice([None, *standing.members, "p99"]),
        facts=facts_for(compiled, step, rng, on, standing=standing, party=None),
        accept_irregular=rng.random() < 0.5,
        reason=rng.choice([None, "理由"]),
    )


def next_act(pair: Pair, rng: Random) -> Draft:
    """Something to ask for today; tried a few times, so that most histories get somewhere."""
    case = pair.case
    standing = engine.announce_lapses(pair.legal, pair.standing, today=case.today, next_sequence=1).standing
    if rng.random() < 0.06:
        return noise(pair, standing, rng, case.today)
    return plausible(pair, standing, rng, case.today)


def plausible(pair: Pair, standing: Standing, rng: Random, on: date) -> Draft:
    """An act out of what is open on a day, mostly one that the engine would accept."""
    found = next_steps(pair.legal, standing, today=on, roles=pair.roles)
    allowed = [one for one in found if one.allowed and one.step.by != (LINK,)]
    if not allowed or rng.random() < 0.08:
        allowed = found or allowed
    if rng.random() < 0.93:
        # A case that ends at once shows little; the way to every end is searched for by itself.
        allowed = [one for one in allowed if not _ends(one)] or allowed
    # Acts in the main procedure are outnumbered by incidents that may always be opened.
    main = [one for one in allowed if one.compiled.incident is None and one.step.to is not None]
    running = [one for one in allowed if one.thread is not None]
    pools = [pool for pool in (main, running, running, allowed) if pool]
    if not pools:
        return noise(pair, standing, rng, on)
    pool = rng.choice(pools)
    return _worked_out(pair, rng.choices(pool, [_promise(one) for one in pool])[0], standing, rng, on)


def _worked_out(pair: Pair, option: NextStep, standing: Standing, rng: Random, on: date) -> Draft:
    """An act of the option, mostly one that the engine would accept."""
    draft = of_option(pair, option, standing, rng, on)
    for _ in range(0 if rng.random() < 0.15 else 8):
        try:
            engine.record(
                pair.legal,
                standing,
                draft,
                today=on,
                roles=pair.roles,
                next_sequence=1,
                history=list,
            )
        except (AdjudicateError, AssertionError, IndexError):
            draft = of_option(pair, option, standing, rng, on)
        else:
            break
    return draft


def _ends(option: NextStep) -> bool:
    main = option.compiled.incident is None
    return main and any(option.compiled.states[state].final for state in option.compiled.destinations(option.step))


def _promise(option: NextStep) -> float:
    """How much of the procedure still lies beyond an act, so that histories do not all end at the first side door."""
    if option.compiled.incident is not None:
        return 1
    return (
        max((len(reachable(option.compiled, state)) for state in option.compiled.destinations(option.step)), default=4)
        ** 2
    )


_REACHED: dict[int, tuple[CompiledWorkflow, dict[str, frozenset[str]]]] = {}


def reachable(compiled: CompiledWorkflow, state: str) -> frozenset[str]:
    """Every state that some steps lead to from a state."""
    _, known = _REACHED.setdefault(id(compiled), (compiled, {}))
    if state not in known:
        found, waiting = {state}, [state]
        while waiting:
            here = waiting.pop()
            for event in compiled.open_events(here):
                fresh = set(compiled.destinations(compiled.table[event, here])) - found
                found |= fresh
                waiting.extend(fresh)
        known[state] = frozenset(found)
    return known[state]


def late_act(pair: Pair, rng: Random) -> Draft:
    """Something that happened on an earlier day and is told only now, sometimes ahead of another act of its day."""
    live = pair.record.live()
    before = rng.choice(live)
    on = min(before.on + timedelta(rng.choice([0, 0, 1, 4])), pair.case.today)
    told = (EntryKind.ACT, EntryKind.VOIDED)
    earlier = [entry for entry in pair.case.entries if entry.kind in told and entry.effective_on <= on]
    try:
        standing = engine.project(pair.legal, earlier, today=on)
    except (AdjudicateError, KeyError, IndexError):
        return noise(pair, pair.standing, rng, on)
    draft = plausible(pair, standing, rng, on)
    joins = joining(pair.legal.laws.at(standing.law_day), _step_of(pair, standing, draft), rng, pair.standing)
    same_day = [act.sequence for act in live if act.on == draft.effective_on and act is not live[0]]
    ahead = rng.choice(same_day) if same_day and rng.random() < 0.4 else None
    return replace(draft, joins=joins if draft.joins else (), before=ahead)


def _step_of(pair: Pair, standing: Standing, draft: Draft) -> Step:
    rulebook = pair.legal.laws.at(standing.law_day)
    if draft.event not in rulebook.homes:
        return rulebook.main.workflow.steps[0]
    return rulebook.compiled(rulebook.homes[draft.event]).events[draft.event][0]


def corrections(pair: Pair, rng: Random) -> list[Correction]:
    """One to three changes to the record, to be judged as a whole."""
    live = pair.record.live()
    chosen = rng.sample(live, min(len(live), rng.choice([1, 1, 2, 3])))
    found = []
    for act in chosen:
        if rng.random() < 0.35:
            found.append(Correction(act.sequence, "记录有误"))
            continue
        rulebook = pair.legal.laws.at(pair.standing.law_day)
        compiled = rulebook.compiled(rulebook.homes.get(act.event))
        step = rng.choice(compiled.events[act.event])
        shift = rng.choice([0, 0, -1, -3, 1, 5])
        on = min(act.on + timedelta(shift), pair.case.today)
        facts = dict(act.facts)
        fresh = facts_for(compiled, step, rng, on, standing=pair.standing, party=act.party)
        if facts and rng.random() < 0.6:
            name = rng.choice([*facts])
            facts[name] = fresh.get(name, facts[name])
        draft = Draft(
            act.event,
            on,
            act.by,
            None if act.opens else act.thread,
            act.party,
            facts=facts,
            accept_irregular=rng.random() < 0.8,
        )
        found.append(Correction(act.sequence, "更正记录", draft))
    return found


def later(pair: Pair, rng: Random) -> date:
    """The next day on which somebody does something: today, soon, or just after something ran out."""
    today = pair.case.today
    due = [
        running.due_on
        for running in pair.standing.deadlines.values()
        if running.status is Status.RUNNING and running.due_on and running.due_on >= today
    ]
    jump = min(due) + timedelta(1) if due and rng.random() < 0.1 else today
    soon = today + timedelta(rng.choice([0, 0, 0, 1, 1, 2, 3, 7, 20]))
    return min(max(jump, soon), LAST_DAY)


__all__ = ["NOTHING", "corrections", "late_act", "later", "next_act", "opening"]
