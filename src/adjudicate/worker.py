"""The background worker: records lapses, gives warnings, delivers the outbox; any number may run at the same time."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from adjudicate import db, logs, tracing
from adjudicate.cases import kill_points, outbox, recording, retention
from adjudicate.cases.calendars import Reprojection
from adjudicate.cases.clock_check import ClockWrong
from adjudicate.cases.command import Command
from adjudicate.cases.delivering import Deliveries
from adjudicate.cases.each_case import require_writable
from adjudicate.cases.heartbeat import Heartbeat, Tally
from adjudicate.cases.put_aside import PutAside
from adjudicate.cases.queries import outbox as outbox_queries
from adjudicate.cases.queries import writing
from adjudicate.documents import removing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection, RowMapping

    from adjudicate.cases.registry import Registry

log = logs.logger(__name__)

# After a round that failed: from this to that, doubled each time.
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0
REMOVAL_SECONDS = 60.0
# For how long one part of a round begins new steps: what the others do waits no longer for it, however much there is.
PART_SECONDS = 10.0

Claimed = TypeVar("Claimed")


@dataclass
class Worker:
    """One worker. `handlers` deliver messages by topic; a message without a handler is logged by its ids, and one about
    the bytes of an erased document is carried out.

    A handler works in the transaction that marks the message as done. An effect outside the database must itself bear
    repetition, by the message's id: a worker may die after the effect and before the mark.

    Each part of a round does at least one step, and begins no other after `part_seconds` or once `stop` is set.
    """

    registry: Registry
    handlers: Mapping[str, Callable[[Connection, RowMapping], None]] = field(default_factory=dict)
    heartbeat: Heartbeat = field(default_factory=Heartbeat)
    part_seconds: float = PART_SECONDS
    stop: Event = field(default_factory=Event)
    _unsettled: PutAside[str] = field(default_factory=PutAside)
    _unwarned: PutAside[str] = field(default_factory=PutAside)
    _removed_at: float = float("-inf")
    _dating: Reprojection = field(init=False)

    def __post_init__(self) -> None:
        # A new release may ship another calendar than the one the open cases were last dated by.
        self._dating = Reprojection(self.registry, reason="calendar of a new release")

    @property
    def name(self) -> str:
        """The worker's name in leases and heartbeats: machine, process and a number drawn at random."""
        return self.heartbeat.name

    @tracing.traced("worker round")
    def run_once(self) -> Tally:
        """One round: lapses due, cases to be dated anew, warnings due, messages open, rows that are kept no longer.

        Each of these is done whatever becomes of the others. Raises Unavailable when the database cannot now, and else
        the first other error at the end of the round.
        """
        tally = Tally()
        faults: list[Exception] = []

        def announce() -> None:
            tally.settled, tally.unsettled = self.announce_lapses()

        def date() -> None:
            tally.dated = self.date_open_cases()

        def warn() -> None:
            tally.warned = self.give_warnings()

        def deliver() -> None:
            tally.delivered, tally.undelivered = self.deliver()

        def remove() -> None:
            tally.removed_messages, tally.removed_answers = self.remove_old()

        for work in (announce, date, warn, deliver, remove):
            if self.stop.is_set():
                break
            try:
                work()
            except Exception as error:  # noqa: BLE001 - raised below, when the other parts are done
                self._require_database(error)
                faults.append(error)
        self.heartbeat.add(tally)
        if faults:
            raise faults[0]
        return tally

    def _require_database(self, error: Exception) -> None:
        """Raises Unavailable where it is the database that fails, and not only what was being done."""
        if isinstance(error, db.Unavailable):
            require_writable(self.registry.engine)

    def run(self, stop: Event) -> None:
        """Work until `stop` is set, whatever happens: after an error it waits, longer each time, and goes on.

        Once `stop` is set it finishes the transaction it is in, which takes a command's deadline at most.
        """
        self.stop = stop
        pause = self.registry.settings.worker_interval_seconds
        self.heartbeat.start()
        wait = FIRST_WAIT_SECONDS
        while not stop.is_set():
            try:
                self.heartbeat.require_true_clock(self.registry)
                tally = self.run_once()
                self.heartbeat.round_succeeded()
                self._alive()
            except Exception as error:  # noqa: BLE001 - logged below; the worker outlives any error
                self.heartbeat.round_failed()
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
        if self.stop.is_set() or not self.heartbeat.is_due:
            return
        try:
            self.heartbeat.beat(self.registry)
        except Exception as error:
            log.warning("heartbeat not written", exc_info=error)

    def _part(self) -> Callable[[], bool]:
        """Begin a part of a round. What is returned says after each step whether there may be another one."""
        until = monotonic() + self.part_seconds

        def goes_on() -> bool:
            self._alive()
            return not self.stop.is_set() and monotonic() < until

        return goes_on

    def date_open_cases(self) -> int:
        """Bring open cases to the calendar of today, each once in this worker's life; returns how many were looked at.

        One that fails is logged; it is brought to today's calendar with its next act or lapse.
        """
        before = self._dating.looked_at
        self._dating.go_on(self._part())
        return self._dating.looked_at - before

    def announce_lapses(self) -> tuple[int, int]:
        """Record the lapses that are due, a case to a transaction; one that fails is logged and tried again later."""

        def claim(tx: Connection, skip: Sequence[str]) -> str | None:
            return writing.next_unsettled(tx, before=self.registry.moment(tx).today, skip=skip)

        def settle(tx: Connection, case_id: str) -> None:
            recording.settle(Command(tx, self.registry), case_id)

        return self._each_claimed(
            claim, settle, case_of=str, aside=self._unsettled, failure="lapses not announced, to be tried again"
        )

    def give_warnings(self) -> int:
        """Put a warning into the outbox for each deadline that is close to its due day, once for each due day."""

        def claim(tx: Connection, skip: Sequence[str]) -> RowMapping | None:
            return outbox_queries.next_warning(tx, today=self.registry.moment(tx).today, skip=skip)

        def case_of(row: RowMapping) -> str:
            return str(row["case_id"])

        failure = "warning not given, to be tried again"
        return self._each_claimed(claim, self._warn, case_of=case_of, aside=self._unwarned, failure=failure)[0]

    def _warn(self, tx: Connection, row: RowMapping) -> None:
        moment = self.registry.moment(tx)
        if row["due_on"] >= moment.today:
            body = {name: row[name] for name in ("case_id", "key", "name", "kind", "party", "thread", "provisional")}
            body["due_on"] = row["due_on"].isoformat()
            outbox.put_once(
                tx, outbox.WARNING, case_id=row["case_id"], sequence=None, body=body,
                dedupe_key=f"warning:{row['case_id']}:{row['key']}:{row['due_on']}", moment=moment,
            )  # fmt: skip
        outbox_queries.warned(tx, case_id=row["case_id"], key=row["key"])

    def _each_claimed(
        self,
        claim: Callable[[Connection, Sequence[str]], Claimed | None],
        do: Callable[[Connection, Claimed], None],
        *,
        case_of: Callable[[Claimed], str],
        aside: PutAside[str],
        failure: str,
    ) -> tuple[int, int]:
        """Claim and do one thing after the other, each in a transaction; how many were done, and how many failed.

        What failed before comes after what never failed: it must not take the time of all others.
        """

        def step(tx: Connection) -> bool:
            claimed.clear()
            found = _next_claim(tx, claim, aside)
            if found is None:
                return False
            claimed.append(case_of(found))
            kill_points.reached("worker-after-claim")
            do(tx, found)
            kill_points.reached("worker-after-work", tx)
            return True

        claimed: list[str] = []
        done = failed = 0
        goes_on = self._part()
        while True:
            # A connection that cannot be had must not be held against the case before.
            claimed.clear()
            try:
                if not db.run(self.registry.engine, step):
                    break
                done += 1
                aside.done(claimed[0])
            except Exception as error:
                if not claimed:
                    raise
                aside.put(claimed[0])
                self._require_database(error)
                failed += 1
                log.exception(failure, case_id=claimed[0])
            if not goes_on():
                break
        return done, failed

    def deliver(self) -> tuple[int, int]:
        """Deliver open messages under a lease; returns how many were delivered and how many are to be tried again."""
        handlers = {**removing.handlers(self.registry.settings.documents), **self.handlers}
        return Deliveries(self.registry, self.name, handlers, self.stop.is_set).deliver(self._part())

    def remove_old(self) -> tuple[int, int]:
        """Remove messages and answers that are kept no longer, once a minute while there are few; returns how many."""
        if monotonic() - self._removed_at < REMOVAL_SECONDS:
            return 0, 0
        goes_on = self._part()
        removed, finished = retention.remove(self.registry, goes_on)
        if finished:
            self._removed_at = monotonic()
        return removed


def _next_claim(
    tx: Connection, claim: Callable[[Connection, Sequence[str]], Claimed | None], aside: PutAside[str]
) -> Claimed | None:
    ever, now = aside.ever(), aside.now()
    found = claim(tx, ever)
    return claim(tx, now) if found is None and len(now) < len(ever) else found


def run_once(registry: Registry) -> Tally:
    """All the work there is now, as one round without limits of time, for tests and for the command line."""
    worker = Worker(registry, part_seconds=float("inf"))
    worker.heartbeat.require_true_clock(registry)
    tally = worker.run_once()
    worker.heartbeat.beat(registry)
    return tally


def serve(registry: Registry, stop: Event) -> None:
    """Work until told to stop."""
    Worker(registry).run(stop)
