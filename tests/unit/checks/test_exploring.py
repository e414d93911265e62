"""The explorer against the engine: its counter-examples can be recorded, and no real case goes where it does not."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from adjudicate.checks import _subjects, check_texts
from adjudicate.checks.abstraction import LAPSED, NEVER, OVERDUE, PASSED, RUNNING, STOPPED, Key
from adjudicate.checks.exploring import Explorer
from adjudicate.definition.catalogue import from_texts, survey
from adjudicate.errors import StepRefused
from adjudicate.states.entries import Draft, Joining
from adjudicate.states.next_steps import NextStep, next_steps
from adjudicate.states.standing import Standing, Status
from tests.unit.checks.test_checks import CASES, EDITED, base, broken
from tests.workflows.runner import Case, everybody, legal_context_for

FIRST_DAY = date(2021, 3, 1)
PARTIES = (Joining("p1", "claimant", None), Joining("p2", "opponent", None))
GIVEN: dict[str, Any] = {
    "panel": ["a", "b", "c"],
    "heard_by": ["a", "b", "c"],
    "told_text": "x",
    "supplement_time": "10 days",
    "longer_by": "1 month",
}
CHOICES = {"result": ("granted", "refused"), "paper": ("request", "decision")}


def case_of(texts: dict[str, str]) -> Case:
    catalogue = from_texts(texts)
    return Case(legal_context_for(catalogue, "dispute", "110000"), everybody(catalogue), today=FIRST_DAY)


def facts_for(names: tuple[str, ...], chance: random.Random) -> dict[str, Any]:
    found = {name: GIVEN[name] for name in names if name in GIVEN}
    return found | {name: chance.choice(CHOICES[name]) for name in names if name in CHOICES}


def begin(case: Case) -> None:
    facts = {"received_on": FIRST_DAY.isoformat()}
    case.act(Draft("request_received", FIRST_DAY, by="claimant", facts=facts, joins=PARTIES))


def road_of(name: str) -> tuple[dict[str, str], list[str]]:
    """The broken texts, and the labels of the road by which check shows that a promise is broken."""
    case = next(case for case in CASES if case["name"] == name)
    texts = broken(case)
    message = next(f.zh for f in check_texts(texts).faults if "规则不成立" in f.zh)
    return texts, message.partition("”：")[2].partition("，而案件")[0].split(" → ")


@pytest.mark.parametrize("name", ["a_path_that_rules_without_hearing_or_statement", "a_ruling_never_served"])
def test_a_counter_example_is_a_road_that_a_case_can_take(name: str) -> None:
    texts, labels = road_of(name)
    case = case_of(texts)
    begin(case)
    steps = case.legal.laws.select(FIRST_DAY).main.workflow.steps
    for label in labels[1:]:
        case.today += timedelta(days=1)
        (step,) = (step for step in steps if step.label.zh == label)
        party = "p2" if step.per else None
        facts = facts_for(step.records, random.Random(1))
        case.act(Draft(step.event, case.today, by=step.by[0], party=party, facts=facts))
    assert case.standing is not None
    assert case.standing.recorded["decided_upon"] == 1


def test_the_unbroken_base_lets_no_case_take_that_road() -> None:
    _, labels = road_of("a_path_that_rules_without_hearing_or_statement")
    assert labels[-2:] == ["决定书面审", "书面作出决定"]
    case = case_of(dict(base()))
    begin(case)
    case.act(Draft("case_opened", FIRST_DAY, by="clerk", facts={"panel": ["a", "b", "c"]}))
    case.act(Draft("paper_chosen", FIRST_DAY, by="clerk"))
    with pytest.raises(StepRefused, match="已给予陈述机会"):
        case.act(Draft("decided_upon", FIRST_DAY, by="clerk", facts={"result": "granted"}))


KEYS: tuple[Key, ...] = (
    ("event", "decision_arrived"),
    ("event", "statement_chance_given"),
    ("event", "supplement_time_over"),
    ("deadline", "opening_time"),
    ("deadline", "supplement_deadline"),
    ("deadline", "decision_time"),
    ("deadline", "demand_wait"),
    ("fact", "result"),
)
SEEN_AS = {
    Status.RUNNING: {RUNNING, OVERDUE},
    Status.MISSED: {LAPSED},
    Status.MET: {STOPPED, PASSED},
    Status.MET_LATE: {PASSED},
    Status.RELEASED: {STOPPED, PASSED},
}


def fits(standing: Standing, key: Key, value: Any) -> bool:
    if key[0] == "event":
        return (key[1] in standing.recorded) is value
    if key[0] == "fact":
        return standing.facts.get(key[1]) == value
    running = [r for r in standing.deadlines.values() if r.name == key[1]]
    return value in SEEN_AS[running[0].status] if running else value == NEVER


@dataclass(frozen=True)
class Explored:
    """Every combination that the explorer came to, with the variables kept in their order."""

    keys: tuple[Key, ...]
    states: tuple[tuple[str, tuple[Any, ...]], ...]


def explored_base() -> Explored:
    (subject,) = (s for s in _subjects(survey(base())) if s.version.path == EDITED)
    space = Explorer(subject).space(KEYS)
    return Explored(space.keys, tuple(space.listed()))


def test_no_case_goes_where_the_explorer_has_not_been() -> None:
    explored = explored_base()
    visited: set[int] = set()
    for seed in range(60):
        visited |= wandered(explored, random.Random(seed))
    places = {explored.states[number][0] for number in visited}
    assert places >= {"received", "incomplete", "opened", "heard", "on_paper", "decided", "effective", "demanded"}
    assert len(visited) > 40


def wandered(explored: Explored, chance: random.Random) -> set[int]:
    """One case led by chance until it ends; every standing on the way must be a state of the space."""
    case, visited = case_of(dict(base())), set[int]()
    begin(case)
    for _ in range(25):
        case.today += timedelta(days=chance.choice((0, 1, 3, 12, 40)))
        case.settle()
        assert case.standing is not None
        visited.add(number_of(explored, case.standing))
        open_now = [o for o in next_steps(case.legal, case.standing, today=case.today, roles=case.roles) if o.allowed]
        if not open_now:
            break
        take(case, chance.choice(open_now), chance)
    return visited


def take(case: Case, option: NextStep, chance: random.Random) -> None:
    facts = facts_for((*option.step.records, *option.step.may_record), chance)
    party = option.party or ("p2" if option.opens == "parcel" else None)
    try:
        case.act(
            Draft(
                option.event,
                case.today,
                by=option.step.by[0],
                thread=option.thread,
                party=party,
                facts=facts,
                accept_irregular=True,
                reason="x",
            )
        )
    except StepRefused:
        return


def number_of(explored: Explored, standing: Standing) -> int:
    for number, (place, values) in enumerate(explored.states):
        if place == standing.state and all(
            fits(standing, key, value) for key, value in zip(explored.keys, values, strict=True)
        ):
            return number
    held = {r.name: str(r.status) for r in standing.deadlines.values()}
    raise AssertionError(f"the explorer has not been in {standing.state} with {held}, {sorted(standing.recorded)}")
