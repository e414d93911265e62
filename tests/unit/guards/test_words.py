"""Every guard word: when it holds, what it says when it does not, and that it waits for a fact still to be given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from adjudicate.errors import Misworded
from adjudicate.guards.compiling import WORDS, compile_guard
from adjudicate.guards.word import Pending
from adjudicate.guards.word_table import brought_up_to_date
from adjudicate.law.text import Text
from tests.naive.eye import Eye

ROOT = Path(__file__).parents[3]
LAW = ROOT / "workflows"
DOCUMENT = ROOT / "docs" / "workflow-format.md"


class Labels:
    """Labels that show the key they stand for, so that a test sees which one was asked for."""

    def __getattr__(self, kind: str) -> Any:
        return lambda *names: Text(*[f"<{kind} {names[-1]}>"] * 2)


@dataclass(frozen=True)
class Seen:
    """A case as a test says it is; party p2 was served, p3 was not."""

    facts: dict[str, Any] = field(default_factory=dict)
    pending: tuple[str, ...] = ()
    party: str | None = None
    on: date = date(2024, 3, 15)
    dues: dict[str, date | None] = field(default_factory=dict)
    names = Labels()
    state = "heard"

    def fact(self, name: str) -> Any:
        if name in self.pending:
            raise Pending(name)
        return self.facts.get(name)

    def happened(self, event: str) -> bool:
        return event == "told" or (event == "served" and self.party in (None, "p2"))

    def over(self, deadline: str) -> bool:
        due = self.dues.get(deadline)
        return due is not None and due < self.on

    def kept(self, deadline: str) -> bool:
        return deadline == "kept"

    def started(self, deadline: str) -> bool:
        return deadline in self.dues

    def due(self, deadline: str) -> date | None:
        return self.dues.get(deadline)

    def missing_notice(self, deadline: str) -> Text | None:
        wanting = deadline == "provisional"
        return Text("<notice>尚未加载", "<notice> is not loaded") if wanting else None

    def furthest_due_on(self, deadline: str, extensions: int) -> date | None:
        return self.dues.get(deadline) if extensions else date(2024, 3, 10)

    def thread_open(self, incident: str, state: str | None) -> bool:
        return incident == "pause" and state in (None, "paused")

    def named_in_threads(self, incident: str, fact: str, states: Sequence[str]) -> frozenset[str]:
        return frozenset({"d"}) if (incident, fact) == ("challenge", "whom") and "barred" in states else frozenset()

    def stands_in(self, states: Sequence[str]) -> bool:
        return "opened" in states

    def members(self, role: str) -> Sequence[str]:
        return {"opponent": ["p2", "p3"], "claimant": ["p1"]}.get(role, [])

    def principal(self, party: str) -> str:
        return "p2" if party == "agent" else party

    def is_working(self, on: date) -> bool:
        return on.day == 1

    def bound(self, party: str) -> Seen:
        return replace(self, party=party)

    def twin(self, facts: Sequence[str]) -> bool:
        return "method" in facts


SEEN = Seen(
    facts={
        "panel": ["a", "b", "c"],
        "heard_by": ["c", "b", "a"],
        "others": ["a", "d"],
        "barred_one": ["d"],
        "kind": "design",
        "number": 4,
        "first": "2024-03-01",
        "second": "2024-03-02",
        "hour": "03:00",
        "today": "2024-03-15",
        "present": ["agent"],
        "empty": [],
        "acts": ["making", "selling"],
        "two": ["b", "a"],
        "guests": ["p1", "p2"],
        "points": {"covered": {"finding": "met"}, "barred": {"finding": "not_applicable"}},
        "vacant": [],
    },
    dues={
        "past": date(2024, 3, 14),
        "today": date(2024, 3, 15),
        "open": None,
        "provisional": date(2027, 1, 4),
    },
)

HOLD: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"fact_is": {"kind": "design"}}, {"fact_is": {"kind": ["invention", "utility"]}}),
    ({"fact_is": {"kind": ["design", "x"], "number": 4}}, {"fact_is": {"kind": "design", "number": 5}}),
    ({"fact_known": "kind"}, {"fact_known": "nothing"}),
    ({"fact_known": ["kind", "panel"]}, {"fact_known": ["kind", "empty"]}),
    ({"count_of": {"panel": {"odd": True, "at_least": 3, "at_most": 3}}}, {"count_of": {"panel": {"at_least": 4}}}),
    ({"count_of": {"number": {"even": True}}}, {"count_of": {"number": {"odd": True}}}),
    ({"count_of": {"panel": {"at_most": 3}}}, {"count_of": {"nothing": {"at_most": 3}}}),
    ({"recorded": "told"}, {"recorded": "heard"}),
    ({"not_recorded": "heard"}, {"not_recorded": "told"}),
    ({"over": "past"}, {"over": "today"}),
    ({"over": "past"}, {"over": "open"}),
    ({"not_over": "today"}, {"not_over": "past"}),
    ({"not_over": "never_started"}, {"over": "never_started"}),
    ({"kept": "kept"}, {"kept": "open"}),
    ({"started": "open"}, {"started": "never_started"}),
    ({"in_reach": {"deadline": "today", "extensions": 1}}, {"in_reach": {"deadline": "today", "extensions": 0}}),
    ({"thread_open": "pause"}, {"thread_open": {"incident": "pause", "state": "over"}}),
    (
        {"free_of": {"people": "panel", "incident": "challenge", "fact": "whom", "states": ["barred"]}},
        {"free_of": {"people": "others", "incident": "challenge", "fact": "whom", "states": ["barred"]}},
    ),
    (
        {"each_named": {"people": "barred_one", "incident": "challenge", "fact": "whom", "states": ["barred"]}},
        {"each_named": {"people": "others", "incident": "challenge", "fact": "whom", "states": ["barred"]}},
    ),
    (
        {"not": {"each_named": {"people": "nothing", "incident": "challenge", "fact": "whom", "states": ["barred"]}}},
        {"each_named": {"people": "empty", "incident": "challenge", "fact": "whom", "states": ["barred"]}},
    ),
    (
        {"no_paper_of": {"papers": "empty", "incident": "challenge", "fact": "whom", "states": ["barred"]}},
        {"no_paper_of": {"papers": "others", "incident": "challenge", "fact": "whom", "states": ["barred"]}},
    ),
    ({"same_people": ["panel", "heard_by"]}, {"same_people": ["panel", "others"]}),
    ({"most_of": ["two", "panel"]}, {"most_of": ["others", "panel"]}),
    ({"most_of": ["heard_by", "panel"]}, {"most_of": ["empty", "panel"]}),
    (
        {"for_each": {"role": "claimant", "holds": {"named_in": "guests"}}},
        {"for_each": {"role": "opponent", "holds": {"named_in": "guests"}}},
    ),
    ({"not": {"named_in": "guests"}}, {"named_in": "nothing"}),
    ({"finding_is": {"points": {"covered": "met"}}}, {"finding_is": {"points": {"covered": ["not_met"]}}}),
    (
        {"finding_is": {"points": {"covered": "met", "barred": ["not_met", "not_applicable"]}}},
        {"finding_is": {"points": {"missing": "met"}}},
    ),
    ({"chosen": {"acts": "selling"}}, {"chosen": {"acts": "using"}}),
    ({"chosen": {"acts": ["making", "selling"]}}, {"chosen": {"acts": ["making", "using"]}}),
    ({"not": {"chosen": {"nothing": "making"}}}, {"chosen": {"empty": "making"}}),
    ({"same_people": ["panel", "heard_by"]}, {"same_people": ["empty", "vacant"]}),
    ({"not_after": ["first", "second"]}, {"not_after": ["second", "first"]}),
    ({"not_after": ["first", "nothing"]}, {"not_after": ["second", "first"]}),
    ({"act_day": {"today": "not_before"}}, {"act_day": {"first": "not_before"}}),
    ({"act_day": {"today": "same", "nothing": "same"}}, {"act_day": {"today": "same", "second": "same"}}),
    ({"working_day": "first"}, {"working_day": "second"}),
    ({"working_day": "nothing"}, {"working_day": "second"}),
    (
        {"time_between": {"fact": "hour", "first": "03:00", "last": "20:00"}},
        {"time_between": {"fact": "hour", "first": "03:01", "last": "20:00"}},
    ),
    (
        {"time_between": {"fact": "nothing", "first": "08:00", "last": "20:00"}},
        {"time_between": {"fact": "hour", "first": "02:00", "last": "02:59"}},
    ),
    ({"among": {"list": "present", "role": "opponent"}}, {"among": {"list": "present", "role": "claimant"}}),
    ({"among": {"list": "present", "role": "opponent"}}, {"among": {"list": "empty", "role": "opponent"}}),
    ({"no_twin": ["place"]}, {"no_twin": ["method"]}),
    ({"in_state": ["opened", "heard"]}, {"in_state": "heard"}),
    ({"in_time": {"from": date(2024, 3, 15)}}, {"in_time": {"from": date(2024, 3, 1), "until": date(2024, 3, 15)}}),
    ({"has_party": "opponent"}, {"has_party": "third_party"}),
    (
        {"has_party": {"role": "opponent", "at_least": 2}},
        {"has_party": {"role": "opponent", "at_least": 3}},
    ),
    (
        {"for_each": {"role": "claimant", "holds": {"recorded": "told"}}},
        {"for_each": {"role": "opponent", "holds": {"recorded": "served"}}},
    ),
    ({"all": [{"recorded": "told"}, {"over": "past"}]}, {"all": [{"recorded": "told"}, {"over": "today"}]}),
    ({"any": [{"recorded": "heard"}, {"over": "past"}]}, {"any": [{"recorded": "heard"}, {"over": "today"}]}),
    ({"not": {"recorded": "heard"}}, {"not": {"recorded": "told"}}),
]


def test_every_word_is_shown_here() -> None:
    assert {word for pair in HOLD for guard in pair for word in guard} == set(WORDS)


@pytest.mark.parametrize(("holds", "fails"), HOLD, ids=[f"{next(iter(h))}-{i}" for i, (h, _) in enumerate(HOLD)])
def test_a_word_holds_when_it_should_and_only_then(holds: dict[str, Any], fails: dict[str, Any]) -> None:
    assert compile_guard(holds, {}).test(SEEN) is True
    assert compile_guard(fails, {}).test(SEEN) is False


PANEL = "the number of '<fact panel>' is 3 and must be at least 5"
UNKNOWN = "'<fact nothing>' is not recorded yet (it comes with <recorded_with nothing>)"
WHY = [
    ({"fact_is": {"kind": ["invention", "utility"], "number": 4}}, "'<fact kind>' is <value design>"),
    ({"fact_is": {"nothing": "x"}}, UNKNOWN),
    ({"fact_known": ["kind", "nothing"]}, UNKNOWN),
    ({"count_of": {"panel": {"at_least": 5}}}, PANEL),
    ({"count_of": {"panel": {"even": True, "at_most": 2}}}, f"{PANEL[:34]}and must be even, at most 2"),
    ({"count_of": {"nothing": {"at_least": 5}}}, UNKNOWN),
    ({"not_after": ["second", "first"]}, "'<fact second>' is <value 2024-03-02>; '<fact first>' is <value 2024-03-01>"),
    (
        {"no_twin": ["method"]},
        "another one with the same party and the same '<fact method>' is open and must be finished first",
    ),
    ({"recorded": "heard"}, "'<event heard>' is not recorded yet (<doers heard>)"),
    ({"not_recorded": "told"}, "'<event told>' is recorded"),
    ({"not": {"recorded": "told"}}, "'<event told>' is recorded"),
    ({"not_over": "past"}, "'<deadline past>' ended on 2024-03-14"),
    ({"over": "today"}, "'<deadline today>' ends on 2024-03-15"),
    ({"over": "open"}, "the last day of '<deadline open>' cannot be told yet"),
    ({"over": "other"}, "'<deadline other>' has not started (it starts with <started_by other>)"),
    (
        {"over": "provisional"},
        ("'<deadline provisional>' ends provisionally on 2027-01-04 and cuts off nothing: <notice> is not loaded"),
    ),
    (
        {"in_reach": {"deadline": "today", "extensions": 0}},
        "'<deadline today>' can last until 2024-03-10 at the latest, and the day is 2024-03-15",
    ),
    (
        {"in_time": {"from": date(2024, 3, 1), "until": date(2024, 3, 15)}},
        "the day is 2024-03-15; the time in question runs from 2024-03-01 until 2024-03-15, exclusive",
    ),
    ({"in_state": "opened"}, "the case stands at '<state heard>' (the stage in question: '<state opened>')"),
    (
        {"thread_open": {"incident": "pause", "state": "over"}},
        "there is no open '<incident pause>' at '<thread_state over>'",
    ),
    ({"has_party": "third_party"}, "the case has no party who is: <role third_party>"),
    (
        {"free_of": {"people": "others", "incident": "challenge", "fact": "whom", "states": ["barred"]}},
        "<value d>: '<thread_state barred>' in '<incident challenge>'",
    ),
    (
        {"same_people": ["panel", "others"]},
        (
            "in '<fact panel>' but not in '<fact others>': <value b>, <value c>; "
            "in '<fact others>' but not in '<fact panel>': <value d>"
        ),
    ),
    ({"same_people": ["empty", "vacant"]}, "'<fact empty>' names nobody; '<fact vacant>' names nobody"),
    (
        {"for_each": {"role": "opponent", "holds": {"recorded": "served"}}},
        "<party p3>: '<event served>' is not recorded yet (<doers served>)",
    ),
    ({"all": [{"recorded": "told"}, {"not_over": "past"}]}, "'<deadline past>' ended on 2024-03-14"),
    (
        {"any": [{"recorded": "heard"}, {"not_over": "past"}]},
        "'<event heard>' is not recorded yet (<doers heard>); '<deadline past>' ended on 2024-03-14",
    ),
    ({"most_of": ["others", "panel"]}, "1 of the 3 in '<fact panel>' are in '<fact others>'"),
    ({"act_day": {"first": "not_before"}}, "'<fact first>' is 2024-03-01, and the act is of 2024-03-15"),
    ({"working_day": "second"}, "2024-03-02 is no working day"),
    (
        {"each_named": {"people": "others", "incident": "challenge", "fact": "whom", "states": ["barred"]}},
        "<value a>: not '<thread_state barred>' in '<incident challenge>'",
    ),
    (
        {"no_paper_of": {"papers": "others", "incident": "challenge", "fact": "whom", "states": ["barred"]}},
        "1 of the papers: '<thread_state barred>' in '<incident challenge>'",
    ),
    (
        {"time_between": {"fact": "hour", "first": "08:00", "last": "20:00"}},
        "'<fact hour>' is 03:00, and usually lies between 08:00 and 20:00",
    ),
    ({"among": {"list": "present", "role": "claimant"}}, "'<fact present>' lists <party agent>"),
    ({"named_in": "guests"}, "'<fact guests>' does not name the party"),
    ({"finding_is": {"points": {"covered": "not_met"}}}, "'<item covered>' was found met"),
    ({"chosen": {"acts": "using"}}, "'<fact acts>' is <value ['making', 'selling']>"),
]


def test_every_word_says_why() -> None:
    assert {next(iter(guard)) for guard, _ in WHY} == set(WORDS) - {"kept", "started"}


@pytest.mark.parametrize(("guard", "reason"), WHY, ids=[next(iter(guard)) for guard, _ in WHY])
def test_a_word_that_fails_says_what_made_it_fail(guard: dict[str, Any], reason: str) -> None:
    found = compile_guard(guard, {}).why(SEEN)
    assert found is not None
    assert found.en == reason
    assert found.zh != found.en
    said_zh, said_en = (re.findall("<.*?>", sentence) for sentence in (found.zh, found.en))
    assert sorted(said_zh) == sorted(said_en)
    assert not re.search("[A-Za-z]", re.sub("<.*?>", "", found.zh))


@pytest.mark.parametrize(
    "guard",
    [
        {"fact_is": {"kind": "design"}},
        {"fact_known": "kind"},
        {"count_of": {"kind": {"at_least": 1}}},
        {"same_people": ["panel", "kind"]},
        {"not_after": ["kind", "first"]},
        {"not": {"fact_known": "kind"}},
        {"all": [{"recorded": "told"}, {"fact_known": "kind"}]},
        {"for_each": {"role": "opponent", "holds": {"fact_known": "kind"}}},
    ],
    ids=lambda guard: next(iter(guard)),
)
def test_a_word_waits_for_a_fact_that_the_act_will_still_be_asked_for(guard: dict[str, Any]) -> None:
    with pytest.raises(Pending) as waiting:
        compile_guard(guard, {}).test(replace(SEEN, pending=("kind",)))
    assert waiting.value.fact == "kind"


def test_what_is_decided_without_the_fact_waits_for_nothing() -> None:
    guard = compile_guard({"any": [{"recorded": "told"}, {"fact_known": "kind"}]}, {})
    assert guard.test(replace(SEEN, pending=("kind",)))


def test_a_name_stands_for_its_condition() -> None:
    named = {"told_first": {"recorded": "told"}, "both": {"all": ["told_first", {"over": "past"}]}}
    assert compile_guard("both", named).test(SEEN)


WRONG = [
    ({"recordd": "told"}, "unknown guard 'recordd'. Did you mean 'recorded'?"),
    ({"recorded": "told", "over": "past"}, "exactly one guard word"),
    ("both_of", "unknown condition 'both_of'. Did you mean 'both'?"),
    ({"count_of": {"panel": {"at_lest": 3}}}, "'count_of' knows"),
    ({"in_reach": "close_case"}, "'in_reach' takes"),
    ({"for_each": {"role": "opponent"}}, "'for_each' takes"),
    ({"same_people": ["panel"]}, "'same_people' takes two facts"),
    ({"time_between": {"fact": "hour", "first": 570, "last": "20:00"}}, "times in quotation marks"),
    ({"time_between": {"fact": "hour", "first": "20:00", "last": "08:00"}}, "the first earlier"),
    ({"recorded": ["told"]}, "'recorded' takes one name"),
    ({"chosen": "acts"}, "'chosen' takes {fact: choice or choices}"),
    ({"chosen": {"acts": []}}, "'chosen' takes"),
    ({"finding_is": "points"}, "'finding_is' takes {checklist: {item: finding or findings}}"),
    ({"finding_is": {"points": {"covered": "mett"}}}, "a finding on 'covered' is one of met, not_met"),
]


@pytest.mark.parametrize(("guard", "sentence"), WRONG, ids=[str(guard)[:40] for guard, _ in WRONG])
def test_a_condition_that_says_nothing_is_refused_with_a_sentence(guard: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        compile_guard(guard, {"both": {"recorded": "told"}})
    assert sentence in str(refused.value)


def test_a_condition_does_not_speak_of_itself() -> None:
    with pytest.raises(ValueError, match="speaks of itself"):
        compile_guard("a", {"a": {"not": "b"}, "b": {"not": "a"}})


def words_of(path: Path) -> set[str]:
    """The guard words that a file of the shipped law uses."""

    def used(written: Any) -> set[str]:
        inner = written.values() if isinstance(written, dict) else written if isinstance(written, list) else ()
        keys = {key for key in written if key in WORDS} if isinstance(written, dict) else set()
        return keys.union(*map(used, inner))

    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return used([data.get("conditions", {}), data.get("always", [])])


def test_the_naive_interpreter_knows_every_word_that_the_shipped_law_uses() -> None:
    shipped = set().union(*(words_of(path) for path in (*LAW.glob("*/[0-9]*.yaml"), *LAW.glob("*/[0-9]*/*.yaml"))))
    assert len(shipped) > 15
    assert sorted(word for word in shipped if not hasattr(Eye, f"_{word}")) == []


def test_the_documentation_has_a_fresh_row_for_every_word() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == brought_up_to_date(text), "run: make law"
    for word in WORDS.values():
        assert f"\n| `{word.word}: {word.example}` | " in text


def test_every_word_reads_in_chinese_and_in_english() -> None:
    for word in WORDS.values():
        assert re.search(r"[\u4e00-\u9fff]", word.zh), word.word
        assert word.en()[0].isupper(), word.word
        assert word.places, word.word


def test_conditions_that_double_one_another_are_refused_and_not_unfolded() -> None:
    named: dict[str, Any] = {"c0": {"recorded": "told"}}
    named |= {f"c{i}": {"all": [f"c{i - 1}", f"c{i - 1}"]} for i in range(1, 60)}
    with pytest.raises(Misworded, match="more than 500 guard words"):
        compile_guard("c59", named)
