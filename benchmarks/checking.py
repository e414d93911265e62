"""`python -m benchmarks.checking [--rounds N]`: how `adjudicate check` grows with procedures and with conditions.

Processor time of one process, the median of some rounds, and the states told apart; each next to the row before it.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from adjudicate.checks import Report, check_texts
from adjudicate.definition.catalogue import read_texts

LAW = Path(__file__).parents[1] / "workflows"
PROCEDURE = "patent-adjudication"
COPIES = (1, 2, 4, 8)
CONDITIONS = (4, 8, 12, 16, 20, 24)

_REGISTERS = {
    "instruments.yaml": (
        "LAW: {title: {zh: 虚构法, en: Invented Law}, number: 虚构, authority: 虚构, in_force: {from: 1990-01-01}, "
        "days: explicit}\n"
    ),
    "roles.yaml": (
        "clerk: {label: {zh: 经办人, en: Clerk}, kind: office}\n"
        "clock: {label: {zh: 时钟, en: Clock}, kind: automatic}\n"
        "link: {label: {zh: 关联, en: Link}, kind: automatic}\n"
    ),
    "documents/index.yaml": "paper: {label: {zh: 文书, en: Paper}, basis: LAW 1}\n",
}


def copies(number: int) -> dict[str, str]:
    """The shipped registers and the incidents it admits, with so many copies of one procedure, each under its own name.

    Local rules are left out, and so are the lists of articles, which answer for what the copies' names cite.
    """
    shipped = read_texts(LAW)
    texts = {path: text for path, text in shipped.items() if not path.startswith((PROCEDURE, "articles/"))}
    original = {
        path: text for path, text in shipped.items() if path.startswith(f"{PROCEDURE}/") and "/local/" not in path
    }
    # What only a procedure left out admits would be admitted by none.
    admitted = set(re.findall(r"opens: ([a-z-]+)", "".join(original.values())))
    texts = {
        path: text for path, text in texts.items() if "kind: incident\n" not in text or path.split("/")[0] in admitted
    }
    for i in range(number):
        for path, text in original.items():
            renamed = text.replace(f"workflow: {PROCEDURE}\n", f"workflow: copy-{i}\n")
            renamed = renamed.replace(f"based_on: {PROCEDURE}/", f"based_on: copy-{i}/")
            texts[path.replace(PROCEDURE, f"copy-{i}", 1)] = renamed
    return texts


def conditions(number: int) -> dict[str, str]:
    """A procedure whose last step requires so many events that know nothing of one another."""

    def step(event: str, source: str, to: str, more: str = "") -> str:
        label = f"label: {{zh: 事项{event}, en: Event {event}}}"
        return f"  - {{event: {event}, {label}, from: {source}, to: {to}, by: clerk{more}, basis: LAW 1}}\n"

    names = [f"e{i}" for i in range(number)]
    lines = [
        "workflow: matter\ntitle: {zh: 虚构事务, en: Invented matter}\nbasis: LAW 1\nin_force: {from: 2020-01-01}\n",
        "conditions:\n",
        *(f"  c_{e}: {{label: {{zh: 已有{e}, en: There is {e}}}, recorded: {e}, basis: LAW 1}}\n" for e in names),
        "states:\n  pending: {label: {zh: 待办, en: Pending}}\n",
        "  closed: {label: {zh: 办结, en: Closed}, final: true}\n",
        "steps:\n",
        step("begun", "nothing", "pending"),
        *(step(event, "pending", "pending") for event in names),
        step("ended", "pending", "closed", f", requires: [{', '.join(f'c_{event}' for event in names)}]"),
    ]
    return {**_REGISTERS, "matter/2020-01-01.yaml": "".join(lines)}


@dataclass(frozen=True)
class Row:
    """One size: processor seconds of one check, states in all and in the largest slice."""

    size: int
    seconds: float
    states: int
    largest: int


def measured(texts: Mapping[str, str], size: int, rounds: int) -> Row:
    """Check the same texts several times."""
    times, report = [], Report(0, (), (), (), (), 0.0)
    for _ in range(rounds):
        begun = time.process_time()
        report = check_texts(texts)
        times.append(time.process_time() - begun)
    states = [one.states for one in report.slices]
    return Row(size, median(times), sum(states), max(states))


def table(title: str, made: Callable[[int], Mapping[str, str]], sizes: tuple[int, ...], rounds: int) -> Iterator[str]:
    """A table by size, each row with what one more of the kind costs since the row before."""
    yield f"| {title} | seconds | each more | states | each more | largest slice |"
    yield "|---|---|---|---|---|---|"
    before: Row | None = None
    for size in sizes:
        row = measured(made(size), size, rounds)
        step = size - before.size if before else 1
        seconds = f"{(row.seconds - before.seconds) / step:.3f}" if before else "–"
        states = f"{(row.states - before.states) / step:.0f}" if before else "–"
        yield f"| {size} | {row.seconds:.3f} | {seconds} | {row.states} | {states} | {row.largest} |"
        before = row


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    check_texts(conditions(2))  # what is only made once is made before the first row
    for line in table("copies of a procedure", copies, COPIES, rounds):
        print(line, flush=True)
    print()
    for line in table("conditions of one step", conditions, CONDITIONS, rounds):
        print(line, flush=True)


if __name__ == "__main__":
    main()
