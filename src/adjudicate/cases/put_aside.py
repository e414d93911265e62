"""What failed and is left alone for a while, longer each time, so that it keeps nothing else from being done."""

from __future__ import annotations

from time import monotonic
from typing import Generic, TypeVar

FIRST_SECONDS = 5.0
LONGEST_SECONDS = 3600.0
BRIEF_SECONDS = 60.0

KeyT = TypeVar("KeyT")


class PutAside(Generic[KeyT]):
    """What one worker leaves alone; it is forgotten when the worker ends."""

    def __init__(self) -> None:
        self._until: dict[KeyT, tuple[float, float]] = {}

    def put(self, key: KeyT) -> None:
        """Leave this alone: for five seconds the first time, twice as long each further time, an hour at most."""
        _, before = self._until.get(key, (0.0, FIRST_SECONDS / 2))
        pause = min(2 * before, LONGEST_SECONDS)
        self._until[key] = (monotonic() + pause, pause)

    def put_briefly(self, key: KeyT) -> None:
        """Leave this alone for a minute: perhaps not it is at fault but the database, which may soon be well."""
        _, before = self._until.get(key, (0.0, FIRST_SECONDS / 2))
        self._until[key] = (monotonic() + BRIEF_SECONDS, before)

    def now(self) -> list[KeyT]:
        """What is to be left alone at present. What was long left alone in vain counts as new again after a day."""
        at = monotonic()
        self._until = {key: kept for key, kept in self._until.items() if at < kept[0] + 24 * LONGEST_SECONDS}
        return [key for key, (until, _) in self._until.items() if at < until]
