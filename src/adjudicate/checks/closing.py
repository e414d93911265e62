"""Whether every case can be ended though all parties stay silent; who ought to end it is not asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

from adjudicate.checks.abstraction import Key
from adjudicate.checks.exploring import Explorer, TooLarge, described, path_to, too_large
from adjudicate.checks.space import OUTSIDE, PARTY, Space, Transition
from adjudicate.checks.structure import traps
from adjudicate.definition.models import NOTHING
from adjudicate.errors import Fault

QUESTION = "every case can be ended though all parties stay silent"


@dataclass(frozen=True)
class Closing:
    """Faults, and the states that only an outside body's act leads out of."""

    faults: tuple[Fault, ...]
    waits: tuple[str, ...]


def closing(explorer: Explorer) -> Closing:
    """Ask the question; a state found stranded is reported once and then taken as ended, so that all are found."""
    begun, excused = perf_counter(), {NOTHING, *traps(explorer.subject)}
    faults: list[Fault] = []
    kept: frozenset[Key] = frozenset()
    while True:
        try:
            space = explorer.space(kept)
        except TooLarge:
            return Closing((*faults, too_large(explorer.subject, QUESTION)), ())
        ending = _ending(space, excused, outside=True)
        stuck = next((n for n in range(len(space.states)) if n not in ending), None)
        if stuck is None:
            break
        wanting = _wanting(space, stuck, ending)
        if wanting:
            kept |= wanting
            continue
        bottom = _bottom(space, stuck)
        place = space.states[bottom][0]
        excused.add(place)
        faults.append(
            explorer.subject.fault(
                ("states", place),
                f"the silence of the parties strands the case in {explorer.subject.state(place)}: "
                f"no act of the office and no deadline leads on: {described(space, path_to(space, bottom))}",
            )
        )
    explorer.measured(QUESTION, space, begun)
    return Closing(tuple(faults), tuple(_waits(explorer, space)))


def _counts(transition: Transition, *, outside: bool) -> bool:
    return transition.sure and transition.mover != PARTY and (outside or transition.mover != OUTSIDE)


def _ending(space: Space, excused: set[str], *, outside: bool) -> set[int]:
    """The states from which ways that can be counted on lead to an end."""
    back: dict[int, list[int]] = {}
    for transition in space.transitions:
        if _counts(transition, outside=outside):
            back.setdefault(transition.target, []).append(transition.source)
    found = {n for n in range(len(space.states)) if space.is_final(n) or space.states[n][0] in excused}
    open_ends = list(found)
    while open_ends:
        for source in back.get(open_ends.pop(), ()):
            if source not in found:
                found.add(source)
                open_ends.append(source)
    return found


def _forward(space: Space, stuck: int) -> list[int]:
    """Where the silent case may yet come to, nearest first."""
    seen, order = {stuck}, [stuck]
    for number in order:
        for transition in space.out[number]:
            if _counts(transition, outside=True) and transition.target not in seen:
                seen.add(transition.target)
                order.append(transition.target)
    return order


def _wanting(space: Space, stuck: int, ending: set[int]) -> frozenset[Key]:
    """The variables of one uncertain transition out of the stuck state, or else of one on the path to it."""
    kept = set(space.keys)
    ahead = [
        transition for number in _forward(space, stuck) for transition in space.out[number] if transition.mover != PARTY
    ]
    hopeful = [transition for transition in ahead if transition.needs - kept and not transition.sure]
    leading = [transition for transition in hopeful if transition.target in ending] or hopeful
    if leading:
        return min((transition.needs - kept for transition in leading), key=lambda needs: (len(needs), sorted(needs)))
    path = path_to(space, stuck)
    return next((transition.needs - kept for transition in reversed(path) if transition.needs - kept), frozenset())


def _bottom(space: Space, stuck: int) -> int:
    """The last place a silent case drifts to, where what it does no longer changes."""
    return _forward(space, stuck)[-1]


def _waits(explorer: Explorer, space: Space) -> Iterator[str]:
    ending = _ending(space, {NOTHING}, outside=False)
    places = dict.fromkeys(space.states[n][0] for n in range(len(space.states)) if n not in ending)
    for place in places:
        if any(
            transition.mover == OUTSIDE
            for n, s in enumerate(space.states)
            if s[0] == place
            for transition in space.out[n]
        ):
            yield f"{explorer.subject.version.path}: {explorer.subject.state(place)}"
