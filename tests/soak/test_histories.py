"""Random histories through the pure core of every procedure, held to the naive interpreter at each step.

`make test` runs a twentieth of them with a fixed seed, `make soak` all.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from adjudicate.states import engine
from adjudicate.states.entries import Correction
from tests.soak import generate
from tests.soak.aims import Aim
from tests.soak.closing import Search
from tests.soak.journey import Journey
from tests.soak.pair import Disagreement, Pair, pair_for, rules_of, without_counters
from tests.soak.report import Exercised, aims_of, demands, table
from tests.surroundings import SOAKING
from tests.workflows.runner import Case, legal_context_for, shipped
from tests.workflows.watch import Watch, watching

HISTORIES = 2000 if SOAKING else 100
# Of a hundred histories: so many in order, so many with late entries, so many corrected in batches.
SHARES = {"in order": 56, "out of order": 34, "corrected": 10}
LONGEST = 60
# How many more histories look for one thing that all the others left out.
SEARCHED = 200
REGION = "440000"

pytestmark = [pytest.mark.soak] if SOAKING else []

# A number for each move would be repeated from example to example by Hypothesis, and most histories with it.
chances = st.integers(0, 2**64 - 1)
lengths = st.integers(1, LONGEST)


@dataclass
class Soaked:
    """One procedure, and what was exercised of it wherever the engine and the naive interpreter were compared."""

    key: str
    watch: Watch
    counted: Counter[str] = field(default_factory=Counter)


def _live(
    soaked: Soaked, chance: int, length: int, mode: str, *, version: date | None = None, aim: Aim | None = None
) -> Pair:
    catalogue, key, counted = shipped(), soaked.key, soaked.counted
    pair = pair_for(catalogue, rules_of(key), legal_context_for(catalogue, key, REGION))
    pair.heard = soaked.watch.listening
    rng = Random(chance)
    days = catalogue.versions(key) if version is None else [version]
    start = generate.first_day(days, rng)
    pair.move_to(start)
    while not pair.act(generate.opening(pair, rng, start)):
        counted["act refused"] += 1
    journey = Journey(pair, rng, counted, aim)
    for move in range(1, length):
        # Each move has chances of its own, so that a shorter history is the beginning of a longer one.
        rng = Random(f"{chance}/{move}")
        if pair.standing.closed and rng.random() < 0.3:
            break
        pair.move_to(generate.later(pair, rng))
        kind, done = _one_move(journey, rng, mode)
        counted[f"{kind} {'recorded' if done else 'refused'}"] += 1
        journey.went_on(rng)
    pair.agree("the end")
    return pair


def _one_move(journey: Journey, rng: Random, mode: str) -> tuple[str, bool]:
    pair, draw = journey.pair, rng.random()
    if mode == "out of order" and draw < 0.3:
        return "late entry", pair.act(generate.late_act(pair, rng))
    if mode == "corrected" and draw < 0.3:
        before = without_counters(
            engine.announce_lapses(pair.legal, pair.standing, today=pair.case.today, next_sequence=1).standing
        )
        changes = generate.corrections(pair, rng)
        done = pair.rectify(changes)
        if done and rng.random() < 0.5:
            _withdraw(pair, len(changes), before)
        return "batch of corrections", done
    kind, draft = journey.next(rng)
    return kind, pair.act(draft)


def _withdraw(pair: Pair, count: int, before: dict[str, object]) -> None:
    """Void the corrections just made: everything stands as it did before them."""
    rows = [act.sequence for act in pair.record.acts] + [row for row, _ in pair.record.voids]
    latest = sorted(rows)[-count:]
    if not pair.rectify([Correction(row, "撤回更正") for row in reversed(latest)]):
        raise Disagreement(f"a correction could not be withdrawn: {pair.told[-1]}")
    after = without_counters(pair.standing)
    if after != before:
        differing = {key: (before[key], after[key]) for key in after if after[key] != before[key]}
        raise Disagreement(f"withdrawing a correction did not restore (before, after): {differing}; {pair.told}")


def _live_again_with_a_worker(pair: Pair) -> None:
    """The same commands with a worker that wakes every day: the same stream."""
    awake = Case(pair.legal, pair.roles)
    for command in pair.commands:
        if awake.standing is not None:
            while awake.today < command.today:
                awake.today += timedelta(1)
                awake.settle()
        awake.today = command.today
        if command.draft is not None:
            awake.act(command.draft, command.roles)
        else:
            awake.rectify(list(command.corrections), command.roles)
    while awake.today < pair.case.today:
        awake.today += timedelta(1)
        awake.settle()
    pair.case.settle()
    asleep = [replace(entry, recorded_at=None) for entry in pair.case.entries]
    if asleep != awake.entries:
        first = next(i for i, (a, b) in enumerate(zip(asleep, awake.entries, strict=False)) if a != b)
        raise Disagreement(f"row {first + 1}: asleep {asleep[first]}; awake {awake.entries[first]}")


def _hold_to_the_rest(pair: Pair, chance: int) -> None:
    """A worker that slept changed nothing, and some lawful continuation closes the case."""
    _live_again_with_a_worker(pair)
    search = Search(pair.legal, pair.standing, pair.case.today, list(pair.case.entries), Random(chance))
    if not search.closes():
        told = "\n  ".join(pair.told)
        raise Disagreement(
            f"no lawful continuation was found that closes the case ({search.standing.state}):\n  {told}"
        )


def _look_for(soaked: Soaked, lacking: Exercised) -> None:
    """More histories, with what none has exercised so far for their first aim."""
    ways = aims_of(shipped(), soaked.key, lacking)
    for chance in range(SEARCHED):
        if not any(one.lacks and one == lacking for one in demands(shipped(), soaked.key, soaked.watch)):
            return
        version, aim = ways[chance % len(ways)]
        soaked.counted["histories looking for what was missing"] += 1
        _hold_to_the_rest(_live(soaked, chance, LONGEST, "in order", version=version, aim=aim), chance)


def _live_many(soaked: Soaked, mode: str) -> None:
    @settings(
        max_examples=HISTORIES * SHARES[mode] // 100,
        deadline=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink] if SOAKING else [Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(chances, lengths)
    def lived(chance: int, length: int) -> None:
        soaked.counted[f"histories {mode}"] += 1
        _hold_to_the_rest(_live(soaked, chance, length, mode), chance)

    lived()


@pytest.mark.slow
@pytest.mark.parametrize("key", shipped().keys())
def test_engine_and_naive_interpreter_tell_the_same_story_of_every_history(key: str) -> None:
    """One test for each procedure, since what its histories exercised is counted in the process they ran in."""
    with watching() as watch:
        watch.deaf = True
        soaked = Soaked(key, watch)
        for mode in SHARES:
            _live_many(soaked, mode)
        for one in demands(shipped(), key, watch) if SOAKING else ():
            if one.lacks:
                _look_for(soaked, one)
    found = demands(shipped(), key, watch)
    print(f"\n{key}\n{table(found, soaked.counted)}")  # noqa: T201 - the table is asked for
    missing = [f"{one.file[0]} {one.file[1]}: {one.kind} {one.what}: {one.lacks}" for one in found if one.lacks]
    if missing and SOAKING:
        pytest.fail(f"{len(missing)} never exercised:\n  " + "\n  ".join(missing), pytrace=False)
