"""All connections of a process: how many there may be, how long each may take, and one line where many are ended."""

from __future__ import annotations

import heapq
import resource
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

from adjudicate import logs
from adjudicate.api.metrics import count_cut_off, set_open_connections

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from uvicorn.server import ServerState

log = logs.logger(__name__)

# How long, and how much, is still read and dropped of a client that was answered before it had sent everything.
LINGER_SECONDS = 5.0
LINGER_BYTES = 16 * 1024 * 1024

_SECONDS_BETWEEN_CHECKS = 1.0
_SECONDS_BETWEEN_LINES = 10.0
# Files that are no connections: the database, the documents, the log.
_OTHER_FILES = 200
# As many idle connections at once give way to new ones, so that a flood does not look through all for each.
_MAKES_ROOM = 16
_OFTEN_HARMLESS = {"hung-up", "idle"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process grants its clients; times in seconds, sizes in bytes.

    A head must be complete after `head_seconds`. A body may take `body_seconds` and one second more for every 64 KiB
    that have come. An answer that the client does not read at all for `body_seconds` is given up.
    """

    connections: int
    head_bytes: int
    head_fields: int
    head_seconds: float
    body_seconds: float
    idle_seconds: float

    @classmethod
    def granted(cls, connections: int, *others: Any) -> Limits:
        """These limits, and no more connections than the system grants the process files."""
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = connections if files == resource.RLIM_INFINITY else max(min(connections, files - _OTHER_FILES), 1)
        return cls(most, *others)


class Connection(Protocol):
    """What this module must know of a connection."""

    limits: Limits
    transport: Any
    waiting_since: float
    close_at: float | None

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered."""

    def check(self, now: float, elapsed: float) -> None:
        """Look at the clock, `elapsed` seconds after the last time, and end a connection that takes too long."""


class Connections:
    """The connections of one server."""

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._open: set[Connection] = set()
        self._checked_at: float | None = None
        self._reported_at: dict[str, float] = {}
        self._unreported: Counter[str] = Counter()

    @classmethod
    def of(cls, server: ServerState, loop: AbstractEventLoop) -> Connections:
        """Those of a server."""
        found = _of_servers.get(server)
        if found is None:
            found = _of_servers[server] = cls(loop)
        return found

    def admit(self, connection: Connection) -> bool:
        """Take a connection; False where all others are busy and it must be refused."""
        admitted = len(self._open) < connection.limits.connections or self._make_room()
        self._open.add(connection)
        if self._checked_at is None:
            self._checked_at = self._loop.time()
            self._loop.call_later(_SECONDS_BETWEEN_CHECKS, self._check)
        # A flood of refused connections, each still lingering, must not grow either.
        if not admitted and len(self._open) > 2 * connection.limits.connections:
            connection.transport.abort()
        return admitted

    def _make_room(self) -> bool:
        """End the connections that have waited longest without a request; False if there is none."""
        waiting = (one for one in self._open if one.is_idle and one.close_at is None)
        longest = heapq.nsmallest(_MAKES_ROOM, waiting, key=lambda one: one.waiting_since)
        for one in longest:
            self.report("gave-way")
            # Its end was told: it did not hang up as well, though half a head may have come.
            one.close_at = self._loop.time()
            self.forget(one)
            one.transport.abort()
        return bool(longest)

    def forget(self, connection: Connection) -> None:
        """Count a connection no longer."""
        self._open.discard(connection)

    def report(self, reason: str) -> None:
        """Count a connection that ended before its time; the log has one line, and one more for all that follow."""
        count_cut_off(reason)
        self._unreported[reason] += 1
        self._write(reason)

    def _write(self, reason: str) -> None:
        now = self._loop.time()
        before = self._reported_at.get(reason)
        if before is None or now - before >= _SECONDS_BETWEEN_LINES:
            self._reported_at[reason] = now
            tell = log.info if reason in _OFTEN_HARMLESS else log.warning
            tell("connections cut off", reason=reason, count=self._unreported.pop(reason))

    def _check(self) -> None:
        now = self._loop.time()
        set_open_connections(len(self._open))
        elapsed = now - (self._checked_at or now)
        for connection in list(self._open):
            connection.check(now, elapsed)
        for reason in list(self._unreported):
            self._write(reason)
        if self._open or self._unreported:
            self._checked_at = now
            self._loop.call_later(_SECONDS_BETWEEN_CHECKS, self._check)
        else:
            self._checked_at = None


_of_servers: WeakKeyDictionary[ServerState, Connections] = WeakKeyDictionary()
