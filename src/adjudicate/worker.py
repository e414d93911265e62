"""The background worker: records lapses, gives warnings, delivers the outbox; any number may run at the same time."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from adjudicate import db, logs, tracing
from adjudicate.cases import kill_points, outbox, recording
from adjudicate.cases.calendars import reproject_open_cases
from adjudicate.cases.command import Command
from adjudicate.cases.queries import outbox as outbox_queries
from adjudicate.cases.queries import writing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from threading import Event

    from sqlalchemy import Connection, RowMapping

    from adjudicate.cases.registry import Registry

log = logs.logger(__name__)

BATCH = 50
LONGEST_PAUSE_SECONDS = 3600


@dataclass(slots=True)
class Tally:
    """What one round did."""

    settled: int = 0
    warned: int = 0
    delivered: int = 0
    failed: int = 0

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.settled or self.warned or self.delivered)


def _log_delivery(_tx: Connection, message: RowMapping) -> None:
    """Deliver a message that no handler takes: its ids go into the log, its body stays in the database."""
    log.info("message delivered", **{name: message[name] for name in ("topic", "id", "case_id", "sequence")})


@dataclass
class Worker:
    """One worker. `handlers` deliver messages by topic; a message without a handler is logged by its ids.

    A handler works in the transaction that marks the message as done. An effect outside the database must itself bear
    repetition, by the message's id: a worker may die after the effect and before the mark.
    """

    registry: Registry
    handlers: Mapping[str, Callable[[Connection, RowMapping], None]] = field(default_factory=dict)
    name: str = field(default_factory=lambda: f"{socket.gethostname()[:40]}-{os.getpid()}")
    _put_aside: dict[str, date] = field(default_factory=dict)

    @tracing.traced("worker round")
    def run_once(self) -> Tally:
        """One round: every lapse due, every warning due, every message open."""
        tally = Tally()
        tally.settled, failed = self.announce_lapses()
        tally.warned = self.give_warnings()
        tally.delivered, undelivered = self.deliver()
        tally.failed = failed + undelivered
        return tally

    def run(self, stop: Event) -> None:
        """Work until `stop` is set. Waits while there is nothing to do or the database is unavailable."""
        pause = self.registry.settings.worker_interval_seconds
        fresh = True
        while not stop.is_set():
            try:
                if fresh:
                    # A new release may ship another calendar than the one the open cases were last dated by.
                    reproject_open_cases(self.registry, reason="calendar of a new release")
                    fresh = False
                tally = self.run_once()
            except db.Unavailable as error:
                log.warning("database unavailable, the worker waits", exc_info=error, seconds=pause * 5)
                stop.wait(pause * 5)
                continue
            if tally.idle:
                stop.wait(pause)

    def announce_lapses(self) -> tuple[int, int]:
        """Record the lapses that are due, a case to a transaction; a case that fails is logged and left for a day."""
        done = failed = 0

        def work(tx: Connection) -> str | None:
            today = self.registry.moment(tx).today
            aside = [case_id for case_id, day in self._put_aside.items() if day == today]
            case_id = writing.next_unsettled(tx, before=today, skip=aside)
            if case_id is None:
                return None
            claimed[case_id] = today
            kill_points.reached("worker-after-claim")
            recording.settle(Command(tx, self.registry), case_id)
            kill_points.reached("worker-after-work", tx)
            return case_id

        while True:
            claimed: dict[str, date] = {}
            try:
                if db.run(self.registry.engine, work) is None:
                    return done, failed
                done += 1
            except db.Unavailable:
                raise
            except Exception:
                if not claimed:
                    raise
                log.exception("case not settled, left until tomorrow", case_id=next(iter(claimed)))
                self._put_aside.update(claimed)
                failed += 1

    def give_warnings(self) -> int:
        """Put a warning into the outbox for each deadline that is close to its due day, once for each due day."""
        done = 0

        def work(tx: Connection) -> bool:
            moment = self.registry.moment(tx)
            row = outbox_queries.next_warning(tx, today=moment.today)
            if row is None:
                return False
            kill_points.reached("worker-after-claim")
            if row["due_on"] >= moment.today:
                body = {
                    name: row[name] for name in ("case_id", "key", "name", "kind", "party", "thread", "provisional")
                }
                body["due_on"] = row["due_on"].isoformat()
                outbox.put_once(
                    tx, outbox.WARNING, case_id=row["case_id"], sequence=None, body=body,
                    dedupe_key=f"warning:{row['case_id']}:{row['key']}:{row['due_on']}", moment=moment,
                )  # fmt: skip
            outbox_queries.warned(tx, case_id=row["case_id"], key=row["key"])
            kill_points.reached("worker-after-work", tx)
            return True

        while db.run(self.registry.engine, work):
            done += 1
        return done

    def deliver(self) -> tuple[int, int]:
        """Deliver open messages under a lease; returns how many were delivered and how many are to be tried again."""
        lease = timedelta(seconds=self.registry.settings.lease_seconds)

        def claim(tx: Connection) -> list[Any]:
            at = self.registry.moment(tx).at
            return outbox_queries.claim(tx, worker=holder, at=at, until=at + lease, limit=BATCH)

        done = failed = 0
        while True:
            # A name of its own for each lease, so that one that ran out can no longer mark anything.
            holder = f"{self.name}-{secrets.token_hex(6)}"
            messages = db.run(self.registry.engine, claim)
            kill_points.reached("worker-after-claim")
            if not messages:
                return done, failed
            for message in messages:
                if self._deliver_one(message, holder):
                    done += 1
                else:
                    failed += 1

    def _deliver_one(self, message: RowMapping, holder: str) -> bool:
        handle = self.handlers.get(message["topic"], _log_delivery)

        def work(tx: Connection) -> bool:
            # The mark comes first: whoever lost the lease meanwhile learns it before doing anything.
            if not outbox_queries.mark_done(tx, message["id"], worker=holder, at=self.registry.moment(tx).at):
                return False
            handle(tx, message)
            kill_points.reached("worker-after-work", tx)
            return True

        try:
            return db.run(self.registry.engine, work)
        except db.Unavailable:
            raise
        except Exception as error:
            fields = {name: message[name] for name in ("topic", "id", "case_id", "sequence", "attempts")}
            log.exception("message not delivered, to be tried again", **fields)
            self._put_off(message, holder, f"{type(error).__name__}: {error}"[:2000])
            return False

    def _put_off(self, message: RowMapping, holder: str, error: str) -> None:
        pause = min(2 ** min(message["attempts"], 20), LONGEST_PAUSE_SECONDS)

        def work(tx: Connection) -> None:
            again_at = self.registry.moment(tx).at + timedelta(seconds=pause)
            outbox_queries.mark_failed(tx, message["id"], worker=holder, again_at=again_at, error=error)

        db.run(self.registry.engine, work)


def run_once(registry: Registry) -> Tally:
    """One round of work, for tests and for the command line."""
    return Worker(registry).run_once()


def serve(registry: Registry, stop: Event) -> None:
    """Work until told to stop."""
    Worker(registry).run(stop)
