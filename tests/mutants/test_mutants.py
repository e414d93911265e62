"""A sample of the mutants of `make mutants`: every operator works, and what it breaks is noticed.

`make test` judges one mutant of every third operator, `make soak` one of each.
"""

from __future__ import annotations

from functools import cache

import pytest

from adjudicate.checks import check_texts
from tests.mutants.__main__ import EACH, known_survivors
from tests.mutants.inherited import inherited
from tests.mutants.judging import Bench, files, texts
from tests.mutants.operators import OPERATORS, Mutant, all_mutants
from tests.surroundings import SOAKING

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("mutants"), *([pytest.mark.soak] if SOAKING else [])]

JUDGED = list(OPERATORS) if SOAKING else list(OPERATORS)[::3]
# What the law has so seldom that no operator can break it ten times.
SELDOM = ("drop an expects of a link", "drop an at_most of a part", "drop a reopens", "drop a repeats")


@cache
def mutants() -> dict[str, list[Mutant]]:
    return all_mutants(files())


@cache
def bench() -> Bench:
    return Bench()


def test_there_are_at_least_two_hundred_mutants_and_every_operator_has_its_share() -> None:
    shares = {operator: min(len(found), EACH) for operator, found in mutants().items()}
    assert set(shares) == set(OPERATORS)
    assert min(shares.values()) >= 1
    assert min(share for operator, share in shares.items() if operator not in SELDOM) >= 10
    assert sum(shares.values()) >= 200


def test_a_mutant_differs_from_its_file_and_leaves_the_file_alone() -> None:
    for found in mutants().values():
        assert all(one.data != files()[one.file] for one in found[:5])


def test_nothing_is_noticed_about_the_law_as_it_stands() -> None:
    assert list(check_texts(texts()).faults) == []
    assert list(bench().broken) == []


@pytest.mark.parametrize("operator", JUDGED)
def test_a_broken_definition_is_noticed(operator: str) -> None:
    mutant = next(one for one in mutants()[operator] if one.name not in known_survivors() and not inherited(one))
    assert bench().killed_by(mutant), f"nobody noticed {mutant.name}"


def test_every_survivor_listed_has_a_reason_and_is_still_one_of_the_mutants() -> None:
    names = {one.name for found in mutants().values() for one in found}
    for name, reason in known_survivors().items():
        assert name in names, f"{name} is no mutant any more"
        assert len(reason) > 20
