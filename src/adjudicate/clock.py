"""The only place that knows what time it is; in a sandbox the day may be set, in production never."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from adjudicate.law.legal_time import legal_day

if TYPE_CHECKING:
    from collections.abc import Callable


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """One reading of the clock, so that a command judges and records at a single time."""

    today: date
    at: datetime


def moment_on(day: date) -> Moment:
    """This time of day as if the legal day were `day`; what a sandbox plays."""
    at = now()
    return Moment(day, at + timedelta(days=(day - legal_day(at)).days))


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells the moment. `played_on` reads the day a sandbox plays from its database; None in production."""

    played_on: Callable[[Any], date | None] | None = None

    def read(self, tx: Any = None) -> Moment:
        """The moment, as the database `tx` belongs to plays it. In a sandbox a connection must be given."""
        played = self.played_on(tx) if self.played_on is not None else None
        if played is not None:
            return moment_on(played)
        at = now()
        return Moment(legal_day(at), at)
