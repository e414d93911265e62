"""Proofs grow by a fixed number of states with each further condition, in every way conditions may be joined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from tests.unit.checks.small_law import Printed, check, condition, deadline, label, procedure, state, step

SIZES = (4, 8, 16, 24)
CLOSING = "every case can be ended though all parties stay silent"
OPEN = (state("open"), state("closed", final=True))
BEGUN = step("begun", "nothing", "open")
CLAIMANT = ["  claimant: {label: {zh: 申请方, en: Claimant}, at_least: 1}\n"]


def several(names: Sequence[str]) -> str:
    return f"[{', '.join(names)}]"


def named(letter: str, count: int) -> list[str]:
    return [f"{letter}{i}" for i in range(count)]


def joined(word: str, words: Sequence[str]) -> str:
    return f"{word}: [{', '.join('{' + one + '}' for one in words)}]"


def recorded(count: int) -> list[str]:
    return [f"recorded: {event}" for event in named("e", count)]


def events(count: int, **more: str) -> list[str]:
    return [step(event, "[open]", **more) for event in named("e", count)]


def conditions(guards: Sequence[str]) -> list[str]:
    return [condition(f"c{i}", guard) for i, guard in enumerate(guards)]


def closed(requires: Sequence[str], event: str = "ended") -> str:
    return step(event, "[open]", "closed", requires=several(requires))


def all_required(count: int) -> str:
    steps = [BEGUN, *events(count), closed(named("c", count))]
    return procedure(states=OPEN, conditions=conditions(recorded(count)), steps=steps)


def one_of_all(count: int) -> str:
    guards = [joined("all", recorded(count))]
    return procedure(states=OPEN, conditions=conditions(guards), steps=[BEGUN, *events(count), closed(["c0"])])


def one_of_any(count: int) -> str:
    guards = [joined("any", recorded(count))]
    return procedure(states=OPEN, conditions=conditions(guards), steps=[BEGUN, *events(count), closed(["c0"])])


def none_or_any(count: int) -> str:
    either = joined("any", recorded(count))
    steps = [BEGUN, *events(count), closed(["c0"]), closed(["c1"], "ended_otherwise")]
    return procedure(states=OPEN, conditions=conditions([f"not: {{{either}}}", either]), steps=steps)


def pairs(count: int) -> str:
    """Of two events one, and so for each two, which lie far apart in the file."""
    half = count // 2
    guards = [joined("any", [f"recorded: e{i}", f"not_recorded: e{i + half}"]) for i in range(half)]
    steps = [BEGUN, *events(count), closed(["c0"])]
    return procedure(states=OPEN, conditions=conditions([joined("all", guards)]), steps=steps)


def two_ends(count: int) -> str:
    steps = [BEGUN, *events(count), closed(named("c", count)), closed(named("c", count)[::2], "ended_early")]
    return procedure(states=OPEN, conditions=conditions(recorded(count)), steps=steps)


def of_each_party(count: int) -> str:
    guards = [f"for_each: {{role: claimant, holds: {{{one}}}}}" for one in recorded(count)]
    begun = step("begun", "nothing", "open", joins="[claimant]")
    steps = [begun, *events(count, per="claimant"), closed(named("c", count))]
    return procedure(parties=CLAIMANT, states=OPEN, conditions=conditions(guards), steps=steps)


def one_after_another(count: int) -> str:
    later = [step(f"e{i}", "[open]", requires=f"[c{i - 1}]" if i else "") for i in range(count)]
    steps = [BEGUN, *later, closed(named("c", count))]
    return procedure(states=OPEN, conditions=conditions(recorded(count)), steps=steps)


def deadlines_over(count: int) -> str:
    lapses = [step(f"l{i}", "[open]", by="clock") for i in range(count)]
    return procedure(
        states=OPEN,
        deadlines=[deadline(f"d{i}", when_over=f"l{i}") for i in range(count)],
        conditions=conditions([f"over: d{i}" for i in range(count)]),
        steps=[step("begun", "nothing", "open", starts=several(named("d", count))), *lapses, closed(named("c", count))],
    )


def answered_or_lapsed(count: int) -> str:
    lapses = [step(f"l{i}", "[open]", by="clock") for i in range(count)]
    answers = [step(f"e{i}", "[open]", by="claimant", stops=f"[d{i}]") for i in range(count)]
    return procedure(
        states=OPEN,
        deadlines=[deadline(f"d{i}", when_over=f"l{i}") for i in range(count)],
        conditions=conditions([joined("any", [f"recorded: l{i}", f"recorded: e{i}"]) for i in range(count)]),
        steps=[
            step("begun", "nothing", "open", starts=several(named("d", count))),
            *lapses,
            *answers,
            closed(named("c", count)),
        ],
    )


def choices(count: int) -> list[str]:
    values = ", ".join(f"{value}: {label(value)}" for value in ("met", "partly", "unmet"))
    return [f"  f{i}: {{label: {label(f'f{i}')}, choice: {{{values}}}}}\n" for i in range(count)]


def facts_one_by_one(count: int) -> str:
    guards = [f"fact_is: {{f{i}: [met, partly]}}" for i in range(count)]
    steps = [BEGUN, *(step(f"e{i}", "[open]", records=f"[f{i}]") for i in range(count)), closed(named("c", count))]
    return procedure(states=OPEN, facts=choices(count), conditions=conditions(guards), steps=steps)


def facts_at_once(count: int) -> str:
    guards = [f"fact_is: {{{', '.join(f'f{i}: met' for i in range(count))}}}", "not: c0"]
    found = step("found", "[open]", "known", records=several(named("f", count)))
    ends = [step("ended", "[known]", "closed", requires="[c0]"), step("failed", "[known]", "closed", requires="[c1]")]
    return procedure(
        states=(*OPEN, state("known")),
        facts=choices(count),
        conditions=conditions(guards),
        steps=[BEGUN, found, *ends],
    )


FAMILIES = (
    all_required,
    one_of_all,
    one_of_any,
    none_or_any,
    pairs,
    two_ends,
    of_each_party,
    one_after_another,
    deadlines_over,
    answered_or_lapsed,
    facts_one_by_one,
    facts_at_once,
)


def assert_linear(counts: dict[int, int]) -> None:
    """Each further condition costs about as many states as the one before it, and few."""
    sizes = sorted(counts)
    steps = [(counts[b] - counts[a]) / (b - a) for a, b in pairwise(sizes)]
    assert max(steps) <= min(20, 1.5 * max(min(steps), 1)), f"states by number of conditions: {counts}"


def grown(tmp_path: Path, written: Callable[[int], str], largest: Callable[[Printed], int]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for size in SIZES:
        printed = check(tmp_path / str(size), written(size))
        counts[size] = largest(printed)
        assert_linear(counts) if len(counts) > 1 else None
    return counts


def largest_of_clean(printed: Printed) -> int:
    assert printed.clean, printed.text
    return max(printed.states().values())


@pytest.mark.parametrize("written", FAMILIES)
def test_no_slice_doubles_with_one_more_condition(tmp_path: Path, written: Callable[[int], str]) -> None:
    grown(tmp_path, written, largest_of_clean)


@pytest.mark.finding("B9")
@pytest.mark.parametrize("written", [one_of_all, one_of_any, two_ends])
def test_eight_conditions_need_not_three_times_the_states_of_four(
    tmp_path: Path, written: Callable[[int], str]
) -> None:
    four, eight = (largest_of_clean(check(tmp_path / str(size), written(size))) for size in (4, 8))
    assert eight < 3 * four, f"{four} states for four conditions, {eight} for eight"


@pytest.mark.finding("B9")
def test_the_states_of_a_closing_guard_over_so_many_conditions_are_these(tmp_path: Path) -> None:
    counts = grown(tmp_path, all_required, lambda printed: printed.states()[CLOSING])
    assert counts == {4: 11, 8: 19, 16: 35, 24: 51}


def promises(lines: Callable[[list[str]], str]) -> Callable[[int], str]:
    def written(count: int) -> str:
        steps = [BEGUN, *events(count), step("late", "[open]"), closed(named("c", count))]
        always = [lines(named("e", count))]
        return procedure(states=OPEN, conditions=conditions(recorded(count)), steps=steps, always=always)

    return written


KEPT = {
    "one_of_many_before": lambda names: f"{{before: ended, one_of: {several(names)}}}",
    "one_before": lambda names: f"{{before: ended, one_of: [{names[0]}]}}",
    "one_after": lambda names: f"{{after: begun, follows: {names[-1]}}}",
    "all_before": lambda names: f"{{never: ended, until: {{{joined('all', [f'recorded: {e}' for e in names])}}}}}",
    "any_before": lambda names: f"{{never: ended, until: {{{joined('any', [f'recorded: {e}' for e in names])}}}}}",
}


@pytest.mark.parametrize("line", KEPT.values(), ids=KEPT)
def test_a_promise_that_many_conditions_bear_out_is_proved_in_few_states(
    tmp_path: Path, line: Callable[[list[str]], str]
) -> None:
    grown(tmp_path, promises(line), largest_of_clean)


@pytest.mark.finding("B9")
def test_a_promise_that_none_of_many_conditions_bears_out_is_found_broken_in_few_states(tmp_path: Path) -> None:
    def largest(printed: Printed) -> int:
        assert "does not hold" in printed.text
        return max(printed.states().values())

    grown(tmp_path, promises(lambda _: "{after: begun, follows: late}"), largest)


@pytest.mark.finding("B9")
def test_one_condition_of_many_that_only_a_party_can_meet_strands_the_case(tmp_path: Path) -> None:
    def written(count: int) -> str:
        others = events(count)
        others[count // 2] = step(f"e{count // 2}", "[open]", by="claimant")
        steps = [BEGUN, *others, closed(named("c", count))]
        return procedure(states=OPEN, conditions=conditions(recorded(count)), steps=steps)

    def largest(printed: Printed) -> int:
        assert "strands the case in 'open'" in printed.text
        return max(printed.states().values())

    grown(tmp_path, written, largest)
