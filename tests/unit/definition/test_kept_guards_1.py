"""What a kept law of the first format asked for it still asks for, though folders may no longer say it so."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adjudicate.definition.kept_guards_1 import meant
from adjudicate.guards.compiling import compile_guard

NAMED = {"known": {"fact_known": "a"}}


class Case:
    """As much of a case as these words ask for."""

    on = date(2025, 3, 8)

    def __init__(self, **facts: Any) -> None:
        self._facts = facts

    def fact(self, name: str) -> Any:
        return self._facts.get(name)

    def stands_in(self, states: Any) -> bool:
        return "heard" in states


def holds(guard: Any, case: Any) -> bool:
    return compile_guard(meant(guard), NAMED).test(case)


@pytest.mark.parametrize(
    ("guard", "facts", "held"),
    [
        ({"fact_is": {"a": ["x", "x"]}}, {"a": "x"}, True),
        ({"fact_is": {"a": ["x", "x"]}}, {"a": "y"}, False),
        ({"fact_is": {"a": [], "b": "y"}}, {"b": "y"}, False),
        ({"fact_known": []}, {}, True),
        ({"fact_known": ["a", "a"]}, {"a": 1}, True),
        ({"same_people": ["a", "a"]}, {"a": ["p"]}, True),
        ({"same_people": ["a", "a"]}, {"a": []}, False),
        ({"same_people": ["a", "a"]}, {}, False),
        ({"not_after": ["a", "a"]}, {"a": "2025-01-01"}, True),
        ({"not_after": ["a", "a"]}, {}, True),
        ({"in_state": []}, {}, False),
        ({"in_state": ["heard", "heard"]}, {}, True),
        ({"in_time": {"from": date(2025, 1, 1), "until": date(2025, 1, 1)}}, {}, False),
        ({"in_time": {"from": date(2025, 1, 1), "until": date(2026, 1, 1)}}, {}, True),
        ({"any": [{"in_state": []}, {"not": {"fact_is": {"a": []}}}]}, {}, True),
        ({"all": [{"fact_known": []}, "known"]}, {"a": 1}, True),
    ],
)
def test_it_holds_when_it_held(guard: Any, facts: dict[str, Any], held: bool) -> None:
    assert holds(guard, Case(**facts)) is held


def as_it_was(rule: dict[str, Any], count: int) -> bool:
    """What `count_of` asked of a number when the first format was written."""
    return (
        rule.get("at_least", count) <= count <= rule.get("at_most", count)
        and (not rule.get("odd") or count % 2 == 1)
        and (not rule.get("even") or count % 2 == 0)
    )


BOUNDS = st.fixed_dictionaries(
    {},
    optional={
        "at_least": st.integers(-3, 6),
        "at_most": st.integers(-3, 6),
        "odd": st.booleans(),
        "even": st.booleans(),
    },
).filter(bool)


@given(rule=BOUNDS)
def test_a_count_is_within_what_it_was_within(rule: dict[str, Any]) -> None:
    for count in range(9):
        assert holds({"count_of": {"a": rule}}, Case(a=count)) is as_it_was(rule, count)
        people = [f"p{n}" for n in range(count)]
        assert holds({"count_of": {"a": rule}}, Case(a=people)) is as_it_was(rule, count)
    assert not holds({"count_of": {"a": rule}}, Case())


@pytest.mark.parametrize(
    "guard",
    [{"recorded": "x"}, {"over": "y"}, "known", {"fact_is": "nothing"}, {"count_of": {}}, {"odd": 1, "b": 2}, 5],
)
def test_what_needs_no_other_words_is_left_as_it_is(guard: Any) -> None:
    assert meant(guard) == guard


def test_words_are_told_inside_those_that_join_them() -> None:
    inner = {"fact_is": {"a": ["x", "x"]}}
    once = {"fact_is": {"a": ["x"]}}
    outer = [({"all": [inner]}, {"all": [once]}), ({"not": inner}, {"not": once})]
    outer.append(({"for_each": {"role": "r", "holds": inner}}, {"for_each": {"role": "r", "holds": once}}))
    for (before, after), (deeper, told) in itertools.product(outer, outer):
        assert meant(before) == after
        assert meant({"any": [deeper]}) == {"any": [told]}
