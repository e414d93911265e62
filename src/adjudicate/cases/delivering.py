"""Carrying out the outbox: messages are claimed under a lease, handed to who delivers them, and marked or put off."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from adjudicate import db, logs
from adjudicate.cases import kill_points
from adjudicate.cases.queries import outbox as queries
from adjudicate.time_limits import within

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection, RowMapping

    from adjudicate.cases.registry import Registry

log = logs.logger(__name__)

BATCH = 50
LONGEST_PAUSE_SECONDS = 3600
# For giving back what was claimed and not reached: whoever stops is waited for.
GIVING_BACK_SECONDS = 2.0


def _log_delivery(_tx: Connection, message: RowMapping) -> None:
    """Deliver a message that no handler takes: its ids go into the log, its body stays in the database."""
    # Each recorded event has a message; at a usual level their lines would hide all others.
    log.debug("message delivered", **{name: message[name] for name in ("topic", "id", "case_id", "sequence")})


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The deliveries of one worker, by its name; `handlers` by topic. `stopping` says that it is waited for to end."""

    registry: Registry
    name: str
    handlers: Mapping[str, Callable[[Connection, RowMapping], None]]
    stopping: Callable[[], bool]

    def deliver(self, goes_on: Callable[[], bool]) -> tuple[int, int]:
        """Deliver open messages until there are no more, or `goes_on` says so after one.

        Returns how many were delivered and how many are to be tried again. Raises Unavailable.
        """
        lease = timedelta(seconds=self.registry.settings.lease_seconds)

        def claim(tx: Connection) -> list[RowMapping]:
            at = self.registry.moment(tx).at
            return queries.claim(tx, worker=holder, at=at, until=at + lease, limit=BATCH)

        done = failed = 0
        while True:
            # A name of its own for each lease, so that one that ran out can no longer mark anything.
            holder = f"{self.name}-{secrets.token_hex(6)}"
            messages = db.run(self.registry.engine, claim)
            kill_points.reached("worker-after-claim")
            for number, message in enumerate(messages, 1):
                if self._deliver_one(message, holder):
                    done += 1
                else:
                    failed += 1
                if not goes_on():
                    self._give_back(messages[number:], holder)
                    return done, failed
            if not messages:
                return done, failed

    def _deliver_one(self, message: RowMapping, holder: str) -> bool:
        handle = self.handlers.get(message["topic"], _log_delivery)

        def work(tx: Connection) -> bool:
            # The mark comes first: whoever lost the lease meanwhile learns it before doing anything.
            if not queries.mark_done(tx, message["id"], worker=holder, at=self.registry.moment(tx).at):
                return False
            handle(tx, message)
            kill_points.reached("worker-after-work", tx)
            return True

        try:
            return db.run(self.registry.engine, work)
        except Exception as error:
            # Unavailable too: it may be this very message. Where the database is gone, putting it off fails likewise;
            # and a worker that must end leaves it to the end of the lease.
            if not self.stopping():
                self._put_off(message, holder, f"{type(error).__name__}: {error}"[:2000])
            fields = {name: message[name] for name in ("topic", "id", "case_id", "sequence", "attempts")}
            log.exception("message not delivered, to be tried again", **fields)
            return False

    def _put_off(self, message: RowMapping, holder: str, error: str) -> None:
        pause = min(2 ** min(message["attempts"], 20), LONGEST_PAUSE_SECONDS)

        def work(tx: Connection) -> None:
            again_at = self.registry.moment(tx).at + timedelta(seconds=pause)
            queries.mark_failed(tx, message["id"], worker=holder, again_at=again_at, error=error)

        db.run(self.registry.engine, work)

    def _give_back(self, messages: Sequence[RowMapping], holder: str) -> None:
        """Let others have at once what was claimed and not reached. Where that fails they wait for the lease to end."""
        if not messages:
            return
        ids = [message["id"] for message in messages]
        try:
            with within(GIVING_BACK_SECONDS):
                db.run(self.registry.engine, lambda tx: queries.give_back(tx, ids, worker=holder))
        except db.Unavailable as error:
            log.warning("messages not given back, they wait for the end of the lease", exc_info=error)
