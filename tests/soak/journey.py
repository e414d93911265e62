"""One history under way: its next act mostly leads toward an aim, and in time another aim takes its place."""

from __future__ import annotations

from collections import Counter
from random import Random

from adjudicate.states import engine
from adjudicate.states.entries import Draft
from tests.soak import generate
from tests.soak.aims import Aim, draw
from tests.soak.closing import next_end
from tests.soak.guide import Guide
from tests.soak.pair import Pair

# How often the next act is one that leads toward the aim; the rest is whatever comes to mind.
GUIDED = 0.8
# How many moves an aim is pursued before another takes its place.
PATIENCE = 18
# How often in a row time passes for the aim's sake before something else is done.
WAITS = 3


class Journey:
    """Proposes acts for a case kept twice, and counts the aims that were reached."""

    def __init__(self, pair: Pair, rng: Random, counted: Counter[str], aim: Aim | None = None) -> None:
        self.pair, self.counted = pair, counted
        self._set_out(rng, aim)

    def _set_out(self, rng: Random, aim: Aim | None = None) -> None:
        aim = aim or draw(self.pair.rulebook, str(self.pair.standing.state), rng)
        self.guide = Guide(self.pair.legal, self.pair.roles, rng, aim)
        self.moves = 0

    def next(self, rng: Random, *, waits: bool = True) -> tuple[str, Draft]:
        """The next act to ask for, and whether the guide proposed it.

        Where the guide has nothing to propose, time passes until something runs out (unless others share the calendar:
        then not `waits`) and whatever comes to mind is asked for.
        """
        pair = self.pair
        self.guide.rng = rng
        for _ in range(WAITS if rng.random() < GUIDED else 0):
            standing = engine.announce_lapses(
                pair.legal, pair.standing, today=pair.case.today, next_sequence=1
            ).standing
            draft = self.guide.next(standing, pair.case.today)
            if draft is not None:
                return "guided act", draft
            if not waits or self.guide.hit(standing):
                break
            pair.move_to(min(next_end(standing, pair.case.today, rng), generate.LAST_DAY))
        return "act", generate.next_act(pair, rng)

    def went_on(self, rng: Random) -> None:
        """Take another aim where this one is reached, or was pursued long enough."""
        self.moves += 1
        if self.guide.hit(self.pair.standing):
            self.counted["aim reached"] += 1
        elif self.moves > PATIENCE:
            self.counted["aim given up"] += 1
        else:
            return
        self._set_out(rng)
