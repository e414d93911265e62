"""The sign of life that each worker leaves in the database, and what is to be thought of the latest one."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

from adjudicate import clock, db
from adjudicate.cases.clock_check import ClockWrong, require_true_clock
from adjudicate.cases.queries import workers as queries

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from adjudicate.cases.registry import Registry

EVERY_SECONDS = 10.0
# Six beats missed: longer than any single wait of a worker that is well.
STALE_SECONDS = 60.0
KEPT = timedelta(days=1)


@dataclass(slots=True)
class Tally:
    """What one round did."""

    settled: int = 0
    unsettled: int = 0
    dated: int = 0
    warned: int = 0
    delivered: int = 0
    undelivered: int = 0
    removed_messages: int = 0
    removed_answers: int = 0

    @property
    def failed(self) -> int:
        """How many cases and messages failed and are to be tried again."""
        return self.unsettled + self.undelivered

    @property
    def removed(self) -> int:
        """How many rows were kept no longer."""
        return self.removed_messages + self.removed_answers

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do. What failed is no reason to pause: behind it more may be waiting."""
        return not (self.settled or self.dated or self.warned or self.delivered or self.failed)


def _own_name() -> str:
    # A container that is started again has the same machine and process: its counts must not overwrite the last ones.
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"


@dataclass(slots=True)
class Heartbeat:
    """What one worker says of itself: that it lives, how its rounds go, and what it has done since it started.

    `failed_rounds` only grows, so that a failure between two beats is told too; `failed_in_a_row` is how it goes now.
    """

    name: str = field(default_factory=_own_name)
    started_at: datetime = field(default_factory=clock.now)
    failed_rounds: int = 0
    failed_in_a_row: int = 0
    total: Tally = field(default_factory=Tally)
    _due_at: float = float("inf")
    _clock_ahead: timedelta = timedelta(0)

    def require_true_clock(self, registry: Registry) -> None:
        """Raises ClockWrong where nothing may be done by this machine's clock; Unavailable.

        The heart then beats at the time of what the clock was compared with: a beat in the future would hide those of
        the workers that are well.
        """
        self._clock_ahead = timedelta(0)
        try:
            require_true_clock(registry)
        except ClockWrong as error:
            self._clock_ahead = error.ahead
            raise

    def start(self) -> None:
        """Beat from now on."""
        self._due_at = 0.0

    @property
    def is_due(self) -> bool:
        """Whether it beats at all and the last beat, or the attempt at one, is long enough ago."""
        return monotonic() >= self._due_at

    def round_failed(self) -> None:
        """Count a round that ended with an error."""
        self.failed_rounds += 1
        self.failed_in_a_row += 1

    def round_succeeded(self) -> None:
        """Note that a round ended without an error."""
        self.failed_in_a_row = 0

    def add(self, tally: Tally) -> None:
        """Count what a round did."""
        for each in fields(Tally):
            setattr(self.total, each.name, getattr(self.total, each.name) + getattr(tally, each.name))

    def beat(self, registry: Registry) -> None:
        """Write the heartbeat, by the real clock also in a sandbox. Raises Unavailable."""
        seen_at = clock.now() - self._clock_ahead
        total = self.total
        row = {"worker": self.name, "started_at": self.started_at, "seen_at": seen_at}
        row |= {"failed_rounds": self.failed_rounds, "failed_in_a_row": self.failed_in_a_row, "failed": total.failed}
        for name in ("settled", "warned", "delivered", "removed_messages", "removed_answers"):
            row[name] = getattr(total, name)

        if self.is_due:
            self._due_at = monotonic() + EVERY_SECONDS

        def work(tx: Connection) -> None:
            queries.beat(tx, row)
            queries.forget_before(tx, seen_at - KEPT)

        db.run(registry.engine, work)


def latest(tx: Connection, *, interval_seconds: float) -> tuple[str, datetime | None]:
    """How the worker seen last is: `alive`, `failing` (its rounds fail), `stale` (not seen lately) or `none`; and when.

    `interval_seconds` is how long an idle worker may pause.
    """
    row = queries.latest_beat(tx)
    if row is None:
        return "none", None
    silent = (clock.now() - row["seen_at"]).total_seconds()
    if silent > max(STALE_SECONDS, 3 * interval_seconds):
        return "stale", row["seen_at"]
    return ("failing" if row["failed_in_a_row"] else "alive"), row["seen_at"]
