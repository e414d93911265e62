"""The background worker: records lapses, gives warnings, delivers the outbox; any number may run at the same time."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

from adjudicate import db, logs, tracing
from adjudicate.cases import kill_points, outbox, recording, retention
from adjudicate.cases.calendars import reproject_open_cases
from adjudicate.cases.clock_check import ClockWrong
from adjudicate.cases.command import Command
from adjudicate.cases.heartbeat import Heartbeat, Tally
from adjudicate.cases.put_aside import PutAside
from adjudicate.cases.queries import outbox as outbox_queries
from adjudicate.cases.queries import writing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from threading import Event

    from sqlalchemy import Connection, RowMapping

    from adjudicate.cases.registry import Registry

log = logs.logger(__name__)

BATCH = 50
LONGEST_PAUSE_SECONDS = 3600
# After a round that failed: from this to that, doubled each time.
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0
REMOVAL_SECONDS = 60.0


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
    heartbeat: Heartbeat = field(default_factory=Heartbeat)
    _unsettled: PutAside[str] = field(default_factory=PutAside)
    _unwarned: PutAside[str] = field(default_factory=PutAside)
    _dated: bool = False
    _removed_at: float = float("-inf")

    @property
    def name(self) -> str:
        """The worker's name in leases and heartbeats: machine, process and a number."""
        return self.heartbeat.name

    @tracing.traced("worker round")
    def run_once(self) -> Tally:
        """One round: every lapse due, every warning due, every message open, every row that is kept no longer.

        Each of these is done whatever becomes of the others. Raises Unavailable when the database cannot now, and else
        the first other error at the end of the round.
        """
        tally = Tally()
        faults: list[Exception] = []

        def part(work: Callable[[], None]) -> None:
            try:
                work()
            except db.Unavailable:
                raise
            except Exception as error:  # noqa: BLE001 - raised below, when the other parts are done
                faults.append(error)

        def announce() -> None:
            tally.settled, tally.unsettled = self.announce_lapses()

        def warn() -> None:
            tally.warned = self.give_warnings()

        def deliver() -> None:
            tally.delivered, tally.undelivered = self.deliver()

        def remove() -> None:
            tally.removed_messages, tally.removed_answers = self.remove_old()

        for work in (announce, warn, deliver, remove):
            part(work)
        self.heartbeat.add(tally)
        if faults:
            raise faults[0]
        return tally

    def run(self, stop: Event) -> None:
        """Work until `stop` is set, whatever happens: after an error it waits, longer each time, and goes on."""
        pause = self.registry.settings.worker_interval_seconds
        self.heartbeat.start()
        wait = FIRST_WAIT_SECONDS
        while not stop.is_set():
            try:
                self.heartbeat.require_true_clock(self.registry)
                self._date_open_cases()
                tally = self.run_once()
                self.heartbeat.failed_rounds = 0
                self._alive()
            except Exception as error:  # noqa: BLE001 - logged below; the worker outlives any error
                self.heartbeat.failed_rounds += 1
                self._log_failed_round(error, wait)
                stop.wait(wait)
                wait = min(2 * wait, LONGEST_WAIT_SECONDS)
                continue
            wait = FIRST_WAIT_SECONDS
            if tally.idle:
                stop.wait(pause)

    def _log_failed_round(self, error: Exception, seconds: float) -> None:
        if isinstance(error, db.Unavailable):
            log.warning("database unavailable, the worker waits", exc_info=error, seconds=seconds)
            return
        wrong = {"clock_ahead_seconds": round(error.ahead.total_seconds())} if isinstance(error, ClockWrong) else {}
        log.error("round failed, the worker waits", exc_info=error, seconds=seconds, **wrong)
        self._alive()

    def _alive(self) -> None:
        """Let the heart beat if it is time; work goes on where that fails."""
        if not self.heartbeat.is_due:
            return
        try:
            self.heartbeat.beat(self.registry)
        except Exception as error:
            log.warning("heartbeat not written", exc_info=error)

    def _date_open_cases(self) -> None:
        """Once: a new release may ship another calendar than the one the open cases were last dated by."""
        if self._dated:
            return

        # One that fails is logged; it is brought to today's calendar with its next act or lapse.
        reproject_open_cases(self.registry, reason="calendar of a new release", put_aside=[])
        self._dated = True

    def announce_lapses(self) -> tuple[int, int]:
        """Record the lapses that are due, a case to a transaction; one that fails is logged and tried again later."""
        done = failed = 0

        def work(tx: Connection) -> str | None:
            claimed.clear()
            case_id = writing.next_unsettled(tx, before=self.registry.moment(tx).today, skip=self._unsettled.now())
            if case_id is None:
                return None
            claimed.append(case_id)
            kill_points.reached("worker-after-claim")
            recording.settle(Command(tx, self.registry), case_id)
            kill_points.reached("worker-after-work", tx)
            return case_id

        claimed: list[str] = []
        while True:
            self._alive()
            try:
                if db.run(self.registry.engine, work) is None:
                    return done, failed
                done += 1
            except Exception as error:
                if not claimed:
                    raise
                if isinstance(error, db.Unavailable):
                    # It may be this very case that takes too long.
                    self._unsettled.put_briefly(claimed[0])
                    raise
                self._unsettled.put(claimed[0])
                log.exception("lapses not announced, to be tried again", case_id=claimed[0])
                failed += 1

    def give_warnings(self) -> int:
        """Put a warning into the outbox for each deadline that is close to its due day, once for each due day."""
        done = 0

        def work(tx: Connection) -> bool:
            claimed.clear()
            moment = self.registry.moment(tx)
            row = outbox_queries.next_warning(tx, today=moment.today, skip=self._unwarned.now())
            if row is None:
                return False
            claimed.append(row["case_id"])
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

        claimed: list[str] = []
        while True:
            self._alive()
            try:
                if not db.run(self.registry.engine, work):
                    return done
                done += 1
            except Exception as error:
                if not claimed:
                    raise
                if isinstance(error, db.Unavailable):
                    self._unwarned.put_briefly(claimed[0])
                    raise
                self._unwarned.put(claimed[0])
                log.exception("warning not given, to be tried again", case_id=claimed[0])

    def deliver(self) -> tuple[int, int]:
        """Deliver open messages under a lease; returns how many were delivered and how many are to be tried again."""
        lease = timedelta(seconds=self.registry.settings.lease_seconds)

        def claim(tx: Connection) -> list[Any]:
            at = self.registry.moment(tx).at
            return outbox_queries.claim(tx, worker=holder, at=at, until=at + lease, limit=BATCH)

        done = failed = 0
        while True:
            self._alive()
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

    def remove_old(self) -> tuple[int, int]:
        """Remove messages and answers that are kept no longer, once a minute while there are few; returns how many."""
        if monotonic() - self._removed_at < REMOVAL_SECONDS:
            return 0, 0
        removed = retention.remove(self.registry, alive=self._alive)
        if max(removed) < retention.MOST:
            self._removed_at = monotonic()
        return removed

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
        except Exception as error:
            # Unavailable too: it may be this very message. Where the database is gone, putting it off fails likewise.
            self._put_off(message, holder, f"{type(error).__name__}: {error}"[:2000])
            fields = {name: message[name] for name in ("topic", "id", "case_id", "sequence", "attempts")}
            log.exception("message not delivered, to be tried again", **fields)
            return False

    def _put_off(self, message: RowMapping, holder: str, error: str) -> None:
        pause = min(2 ** min(message["attempts"], 20), LONGEST_PAUSE_SECONDS)

        def work(tx: Connection) -> None:
            again_at = self.registry.moment(tx).at + timedelta(seconds=pause)
            outbox_queries.mark_failed(tx, message["id"], worker=holder, again_at=again_at, error=error)

        db.run(self.registry.engine, work)


def run_once(registry: Registry) -> Tally:
    """One round of work, for tests and for the command line."""
    worker = Worker(registry)
    worker.heartbeat.require_true_clock(registry)
    tally = worker.run_once()
    worker.heartbeat.beat(registry)
    return tally


def serve(registry: Registry, stop: Event) -> None:
    """Work until told to stop."""
    Worker(registry).run(stop)
