"""Whether every case can be ended though all parties stay silent; who ought to end it is not asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter

from adjudicate.checks.abstraction import Key
from adjudicate.checks.diagrams import ALL, EMPTY, Values
from adjudicate.checks.exploring import Explorer, TooLarge, path_text, too_large
from adjudicate.checks.moves import OUTSIDE, PARTY, Move, PathStep
from adjudicate.checks.report import Wait
from adjudicate.checks.space import Region, Space
from adjudicate.checks.structure import traps
from adjudicate.definition.models import NOTHING
from adjudicate.errors import Fault
from adjudicate.law.text import Text

QUESTION = Text("当事人均不作为时，每个案件仍能结束", "every case can be ended though all parties stay silent")


@dataclass(frozen=True)
class Closing:
    """Faults, and the states that only an outside body's act leads out of."""

    faults: tuple[Fault, ...]
    waits: tuple[Wait, ...]


def closing(explorer: Explorer) -> Closing:
    """Ask the question; a state found stranded is reported once and then taken as ended, so that all are found."""
    begun, excused = perf_counter(), {NOTHING, *traps(explorer.subject)}
    faults: list[Fault] = []
    kept: frozenset[Key] = frozenset()
    while True:
        try:
            space = explorer.space(kept)
            ending = _ending(space, excused, outside=True)
            stranded = _stranded(space, ending)
            if not stranded:
                break
            missing = _missing(space, stranded, ending)
            if missing:
                kept |= missing
                continue
            place, path = _last_reached(space, stranded)
        except TooLarge:
            return Closing((*faults, too_large(explorer.subject, QUESTION)), ())
        excused.add(place)
        faults.append(
            explorer.subject.fault(
                ("states", place),
                "当事人均不作为时，案件停在{state}：机关没有可以作出的行为，也没有期限推动程序：{path}",
                "the silence of the parties strands the case in {state}: "
                "no act of the office and no deadline leads on: {path}",
                state=explorer.subject.naming.state(place),
                path=path_text(space, path),
            )
        )
    explorer.note_size(QUESTION, space, begun)
    return Closing(tuple(faults), tuple(_waits(explorer, space)))


def _without_parties(move: Move) -> bool:
    return move.mover != PARTY


def _by_office_or_time(move: Move) -> bool:
    return move.mover not in (PARTY, OUTSIDE)


def _ending(space: Space, excused: Iterable[str], *, outside: bool) -> Region:
    """The states from which moves that can be counted on lead to an end."""
    ends = dict.fromkeys((*space.index.final, *excused), ALL)
    return space.backward(ends, by=_without_parties if outside else _by_office_or_time, must=True)


def _stranded(space: Space, ending: Region) -> Region:
    """The states that a case may come to and from which none does."""
    found = {
        place: space.diagrams.difference(number, ending.get(place, EMPTY)) for place, number in space.reached.items()
    }
    return {place: number for place, number in found.items() if number != EMPTY}


def _missing(space: Space, stranded: Region, ending: Region) -> frozenset[Key]:
    """The variables that would settle a move ahead of a stranded case, or else one on the path to it; none if none."""
    place, number = next(iter(stranded.items()))
    anywhere = (place, space.diagrams.first(number, len(space.keys)))
    # Any stranded case will do to widen the slice; the path to the nearest one is sought only where that says nothing.
    missing = _missing_ahead(space, *anywhere, ending)
    if missing:
        return missing
    path = space.path(stranded) or []
    missing = _missing_ahead(space, *space.end(path), ending)
    return missing or next((one.missing for one in reversed(path) if one.missing), frozenset())


def _missing_ahead(space: Space, place: str, values: Values, ending: Region) -> frozenset[Key]:
    """The variables that would settle the moves that a silent case may still come to: those that lack the fewest."""
    diagrams = space.diagrams
    ahead = space.forward({place: diagrams.single(values)}, by=_without_parties)
    found: dict[tuple[bool, int], frozenset[Key]] = {}
    for source, number in ahead.items():
        for move in space.leaving.get(source, ()):
            if _without_parties(move) and (missing := move.unknown(diagrams, number)):
                leads_on = diagrams.intersection(move.image(diagrams, number), ending.get(move.target, EMPTY)) != EMPTY
                rank = (not leads_on, len(missing))
                found[rank] = found.get(rank, frozenset()) | missing
    return found[min(found)] if found else frozenset()


def _last_reached(space: Space, stranded: Region) -> tuple[str, list[PathStep]]:
    """The last state that the nearest stranded case drifts to, with a path to it."""
    place, values = space.end(space.path(stranded) or [])
    *_, last = space.layers({place: space.diagrams.single(values)}, by=_without_parties)
    place = next(iter(last))
    return place, space.path({place: last[place]}) or []


def _waits(explorer: Explorer, space: Space) -> Iterator[Wait]:
    ending = _ending(space, {NOTHING}, outside=False)
    for place in _stranded(space, ending):
        if any(_outside_can_move(space, move) for move in space.leaving.get(place, ())):
            yield Wait(explorer.subject.version.path, explorer.subject.naming.state(place))


def _outside_can_move(space: Space, move: Move) -> bool:
    return move.mover == OUTSIDE and space.moment(move) != EMPTY
