"""Nothing that loads may fail later: definitions made by chance are refused, or lead their cases without a crash."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from adjudicate.definition.catalogue import Catalogue, from_texts, survey
from adjudicate.definition.yaml_source import read
from adjudicate.errors import AdjudicateError, DefinitionError, Fault
from adjudicate.states.case_view import plays
from adjudicate.states.entries import Draft, Joining
from adjudicate.states.next_steps import NextStep, next_steps
from tests.soak.generate import value_of
from tests.unit.definition.random_law import RandomLaw
from tests.workflows.runner import Case, everybody, legal_context_for

FIRST_DAY = date(2021, 3, 1)
PARTIES = (Joining("p1", "claimant", None), Joining("p2", "opponent", None), Joining("p3", "opponent", None))
ROUNDS = 40
SOAKING = os.environ.get("ADJUDICATE_SOAK") == "1"
LAWS = 2000 if SOAKING else 40

pytestmark = [pytest.mark.soak] if SOAKING else []


def without_faults(law: RandomLaw) -> Catalogue | None:
    """The definitions once every part with a fault was taken out of them; None where too little is left."""
    for _ in range(ROUNDS):
        texts = law.texts()
        found = survey(texts)
        if not found.faults:
            return from_texts(texts)
        for fault in found.faults:
            if not fault.file.startswith(("matter", "side")):
                raise AssertionError(fault)
        if not take_out(law, texts, found.faults):
            return None
    return None


def take_out(law: RandomLaw, texts: dict[str, str], faults: Iterable[Fault]) -> bool:
    """Take the keys, or else the parts, with a fault out of each file."""
    done = False
    for path, data in law.data.items():
        lines = {fault.line for fault in faults if fault.file == path}
        deepest: dict[int, tuple[Any, ...]] = {}
        for at, line in read(texts[path], path).lines.items():
            if line in lines and len(at) > 1 and len(at) >= len(deepest.get(line, ())):
                deepest[line] = at
        # From the end, so that what is taken out of a list moves nothing that is still to be taken out.
        for at in sorted({whole_part(at) for at in deepest.values()}, key=str, reverse=True):
            done = take_one(data, at) or done
    return done


NEEDED = {"label", "event", "from", "by", "kind", "when", "records", "opens", "while"}


def whole_part(at: tuple[Any, ...]) -> tuple[Any, ...]:
    """The path of what can be left out: a key of a step or of an incident, else the whole part."""
    if at[0] in ("indexes", "governs"):
        return at[:1]
    if at[0] == "incidents" and len(at) > 3 and at[2] == "outcomes":
        return at[:4]
    if at[0] in ("steps", "incidents") and len(at) > 2 and at[2] not in NEEDED:
        return at[:3]
    if at[0] in ("steps", "incidents") and at[-1] == "records":
        return at[:3]
    if at[0] == "deadlines" and len(at) > 2 and at[2] in ("when_over", "extend", "excludes", "per"):
        return at[:3]
    return at[:2]


def take_one(data: Any, at: tuple[Any, ...]) -> bool:
    for part in at[:-1]:
        if not (isinstance(part, int) and part < len(data)) and not (isinstance(data, dict) and part in data):
            return False
        data = data[part]
    if (isinstance(data, list) and at[-1] >= len(data)) or (isinstance(data, dict) and at[-1] not in data):
        return False
    del data[at[-1]]
    return True


def facts_for(case: Case, option: NextStep, rng: Random) -> dict[str, Any]:
    found: dict[str, Any] = {}
    members = case.standing.members if case.standing else {}
    for name in (*option.step.records, *(n for n in option.step.may_record if rng.random() < 0.5)):
        rule = option.compiled.facts[name]
        value = value_of(rule, rng, case.today, case.standing)
        if rule.per and option.party is None and option.compiled.incident is None:
            value = {who: value for who, member in members.items() if plays(member, rule.per)}
        found[name] = value
    return found


def led(law: RandomLaw, catalogue: Catalogue, rng: Random) -> int:
    """One case led by chance; AdjudicateError is a refusal, anything else a crash. The number of acts recorded."""
    case = Case(legal_context_for(catalogue, "matter", "110000"), everybody(catalogue), today=FIRST_DAY)
    opening = catalogue.rulebook("matter", date(2000, 1, 1), "110000").main
    (step,) = opening.events["opened"]
    facts = {name: value_of(opening.facts[name], rng, FIRST_DAY, None) for name in step.records}
    try:
        case.act(Draft("opened", FIRST_DAY, by="claimant", facts=facts, joins=PARTIES))
    except AdjudicateError:
        return 0
    for _ in range(12):
        case.today += timedelta(days=rng.choice((0, 1, 5, 20, 60)))
        assert case.standing is not None
        next_steps(case.legal, case.standing, today=case.today, roles=case.roles)
        case.settle()
        options = next_steps(case.legal, case.standing, today=case.today, roles=case.roles)
        able = [option for option in options if option.allowed]
        if not able:
            break
        option = rng.choice(able)
        joins = tuple(Joining(None, role, None) for role in option.step.joins)
        facts = facts_for(case, option, rng)
        draft = Draft(
            option.event, case.today, by=rng.choice(option.by), thread=option.thread, party=option.party, facts=facts,
            joins=joins, reason="x", accept_irregular=True,
        )  # fmt: skip
        try:
            case.act(draft)
        except AdjudicateError:
            continue
    return len(case.entries)


def tried(seeds: range) -> tuple[int, int, int]:
    """How many definitions were refused as they came, how many were led once mended, and how many rows they made."""
    refused = mended = rows = 0
    for seed in seeds:
        law = RandomLaw(seed)
        catalogue = without_faults(law)
        if catalogue is None:
            refused += 1
            continue
        mended += 1
        for turn in range(3):
            try:
                rows += led(law, catalogue, Random(seed * 10 + turn))
            except Exception as error:
                texts = "\n".join(law.texts()[path] for path in law.data)
                raise AssertionError(f"seed {seed}: {error!r}\n{texts}") from error
    return refused, mended, rows


@pytest.mark.parametrize("first", range(0, LAWS, 40))
def test_what_loads_leads_a_case_and_answers_what_comes_next(first: int) -> None:
    _, mended, rows = tried(range(first, first + 40))
    assert mended > 20
    assert rows > 300


def test_what_does_not_load_is_refused_with_faults_and_never_with_a_crash() -> None:
    for seed in range(200, 230):
        law = RandomLaw(seed)
        texts = law.texts()
        with pytest.raises(DefinitionError) as refused:
            from_texts(texts)
        assert all(fault.zh and fault.en and fault.line > 0 for fault in refused.value.faults)
