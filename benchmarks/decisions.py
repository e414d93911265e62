"""The pure core on one core: how many steps a second it decides and folds, beside a bare dispatch table."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from adjudicate import db
from adjudicate.cases.queries import writing
from adjudicate.states import codec, engine
from adjudicate.states.fold import Fold
from benchmarks.office import CLERK, STEPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.office import BenchOffice


def _standings(office: BenchOffice) -> tuple[Any, list[tuple[Any, int]]]:
    """What the core is given before each measured step: the law with the calendar, and where the case stands."""
    with db.reading(office.registry.engine) as tx:
        row = writing.case_row(tx, office.case_id, visible=None)
        assert row is not None
        law = office.registry.legal(tx, row)
    standing, sequence, found = codec.standing_from_json(row["standing"]), office.version + 1, []
    for number in range(len(STEPS)):
        found.append((standing, sequence))
        done = _decide(office, law, standing, sequence, number)
        standing, sequence = done.standing, done.entries[-1].sequence + 1
    return law, found


def _decide(office: BenchOffice, law: Any, standing: Any, sequence: int, step: int) -> engine.Result:
    return engine.record(
        law, standing, office.draft(step), today=office.day, roles=CLERK.roles, next_sequence=sequence, history=list
    )


class _Plain:
    """The yardstick: a state machine as one would write it in an afternoon, two guards and two effects a step."""

    def __init__(self) -> None:
        self.table = {("a", "go"): ([self._yes, self._yes], [self._note, self._note], "b")}
        self.state, self.noted = "a", 0

    def _yes(self) -> bool:
        return self.noted >= 0

    def _note(self) -> None:
        self.noted += 1

    def step(self) -> None:
        guards, effects, target = self.table["a", "go"]
        if all(guard() for guard in guards):
            for effect in effects:
                effect()
            self.state = target


def _rate(work: Callable[[], Any], seconds: float) -> float:
    """Calls a second of this thread's processor time, so that a busy machine does not count."""
    for _ in range(200):
        work()
    calls, begin = 0, time.thread_time()
    while (spent := time.thread_time() - begin) < seconds:
        for _ in range(50):
            work()
        calls += 50
    return calls / spent


def measure(office: BenchOffice, *, rounds: int, seconds: float) -> dict[str, list[float]]:
    """Rates in each round, by what was done."""
    law, standings = _standings(office)
    work: dict[str, Callable[[], Any]] = {}
    for number, (standing, sequence) in enumerate(standings):
        draft = office.draft(number)

        def decide(standing: Any = standing, sequence: int = sequence, draft: Any = draft) -> Any:
            return engine.record(
                law, standing, draft, today=office.day, roles=CLERK.roles, next_sequence=sequence, history=list
            )

        act = next(one for one in decide().entries if one.kind.value == "act")

        def fold(standing: Any = standing, act: Any = act) -> Any:
            Fold(law, standing.copy()).act(act)

        work[f"decide {draft.event}"] = decide
        work[f"fold {draft.event}"] = fold
    work["plain dispatch"] = _Plain().step
    found: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, function in work.items():
            found[name].append(_rate(function, seconds))
    return found
