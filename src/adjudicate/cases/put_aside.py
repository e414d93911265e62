"""What failed and is left alone for a while, longer each time, so that it keeps nothing else from being done."""

from __future__ import annotations

from time import monotonic
from typing import Generic, TypeVar

FIRST_SECONDS = 5.0
LONGEST_SECONDS = 3600.0

KeyT = TypeVar("KeyT")


class PutAside(Generic[KeyT]):
    """What one worker leaves alone; it is forgotten when the worker ends."""

    def __init__(self) -> None:
        self._until: dict[KeyT, tuple[float, float]] = {}

    def put(self, key: KeyT) -> None:
        """Leave this alone: for five seconds the first time, twice as long each further time, an hour at most.

        Also where the database did not answer in time: perhaps this very thing takes too long, and then a wait that
        did not grow would let the first few such things take all the time there is.
        """
        _, before = self._until.get(key, (0.0, FIRST_SECONDS / 2))
        pause = min(2 * before, LONGEST_SECONDS)
        self._until[key] = (monotonic() + pause, pause)

    def done(self, key: KeyT) -> None:
        """Forget that this ever failed."""
        self._until.pop(key, None)

    def now(self) -> list[KeyT]:
        """What is to be left alone at present. What was long left alone in vain counts as new again after a day."""
        at = monotonic()
        self._until = {key: kept for key, kept in self._until.items() if at < kept[0] + 24 * LONGEST_SECONDS}
        return [key for key, (until, _) in self._until.items() if at < until]

    def ever(self) -> list[KeyT]:
        """All that failed and was not done since, also what may be tried again: it comes after what never failed."""
        return list(self._until)
