"""`python -m tests.mutants`: break the shipped definitions in every way we know and count what is noticed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter

import yaml

from adjudicate.checks import check_texts
from tests.mutants.inherited import inherited
from tests.mutants.judging import Bench, files, texts
from tests.mutants.operators import OPERATORS, Mutant, all_mutants

SURVIVORS = Path(__file__).parent / "survivors.yaml"
EACH = 20
ENOUGH = 0.95

_bench: list[Bench] = []


@dataclass(frozen=True)
class Result:
    """What became of one mutant."""

    mutant: str
    operator: str
    killed_by: str | None


def _judge(mutant: Mutant) -> Result:
    if not _bench:
        _bench.append(Bench())
    return Result(mutant.name, mutant.operator, _bench[0].killed_by(mutant))


def known_survivors() -> dict[str, str]:
    """The survivors that a lawyer has looked at, each with the reason why it is lawful."""
    listed = yaml.safe_load(SURVIVORS.read_text(encoding="utf-8")) or []
    return {one["mutant"]: one["reason"] for one in listed}


def table(results: Iterable[Result]) -> str:
    """How many of each operator were noticed, and by what."""
    lines = [f"{'operator':24}{'mutants':>9}{'loading':>9}{'scenario':>10}{'check':>7}{'survive':>9}"]
    found = list(results)
    for operator in [*OPERATORS, "all"]:
        those = [one for one in found if operator in (one.operator, "all")]
        by = [str(one.killed_by).partition(":")[0] for one in those]
        counts = [by.count(word) for word in ("loading", "scenario", "check", "None")]
        cells = f"{counts[0]:>9}{counts[1]:>10}{counts[2]:>7}{counts[3]:>9}"
        lines.append(f"{operator:24}{len(those):>9}{cells}")
    return "\n".join(lines)


def main() -> int:
    """Run the mutants; 1 if too many survive, or one that is not listed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--each", type=int, default=EACH, help="mutants of each operator (0: all)")
    parser.add_argument("--operator", choices=list(OPERATORS), help="one operator only")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    if faults := check_texts(texts()).faults:
        sys.stdout.write(f"the law itself has faults, so that nothing can be told of mutants: {faults[0]}\n")
        return 1
    begun = perf_counter()
    chosen: list[Mutant] = []
    for operator, every in all_mutants(files()).items():
        if asked.operator in (None, operator):
            own = (one for one in every if not inherited(one))
            chosen.extend(islice(own, asked.each or None))
    with ProcessPoolExecutor(asked.processes) as pool:
        results = list(pool.map(_judge, chosen, chunksize=4))
    known = known_survivors()
    survivors = [one.mutant for one in results if one.killed_by is None]
    say = sys.stdout.write
    say(table(results) + f"\n{perf_counter() - begun:.0f} seconds\n")
    for name in survivors:
        say(f"survives: {name}\n  {known.get(name, 'NOT LISTED in tests/mutants/survivors.yaml')}\n")
    enough = len(survivors) <= (1 - ENOUGH) * len(results)
    say(f"{len(results) - len(survivors)} of {len(results)} noticed; {'enough' if enough else 'too few'}\n")
    return 0 if enough and all(name in known for name in survivors) else 1


if __name__ == "__main__":
    sys.exit(main())
