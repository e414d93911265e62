"""A PostgreSQL session that waits no longer than the deadline of whoever uses it; the driver's own has no limit."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

import psycopg

from adjudicate.time_limits import left

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg.abc import RV, PQGen

    from adjudicate.time_limits import Limits

# A rollback after the deadline still gets this long before the connection is given up.
_LEAST_SECONDS = 0.25
_INTERVAL = 0.1
# A peer that vanished without a word is noticed after about 45 seconds, by whoever has no deadline of his own.
_KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 5, "keepalives_count": 3}


class NoAnswer(psycopg.OperationalError):
    """The server did not answer before the deadline; the connection is closed, so the transaction is rolled back."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection on which no wait outlasts the deadline of `time_limits`.

    The server's own limits end a statement first. This one is for a server that is stopped, cut off or swapping.
    """

    def wait(self, gen: PQGen[RV], interval: float = _INTERVAL, timeout: float | None = None) -> RV:
        """Wait for the server. Raises NoAnswer when the deadline has passed; the connection is then closed."""
        rest = left()
        if rest is None or timeout is not None:
            return super().wait(gen, interval, timeout)
        patience = max(rest, _LEAST_SECONDS)
        until = monotonic() + patience
        try:
            return super().wait(gen, interval, patience)
        except psycopg.OperationalError as error:
            # The driver's class for this is private; what the server says bears a code and comes in time.
            if error.sqlstate is not None or monotonic() < until:
                raise
            self.close()
            raise NoAnswer("no answer from the server before the deadline") from error


def arguments(limits: Limits, given: Mapping[str, Any]) -> dict[str, Any]:
    """What libpq is told for `limits`; whatever the URL says itself (`given`) stays.

    The server's limits travel with the start of the session as `options`, so that they cost no round trip.
    """
    options = [f"-c lock_timeout={round(limits.lock_seconds * 1000)}"]
    if limits.statement_seconds is not None:
        options.append(f"-c statement_timeout={round(limits.statement_seconds * 1000)}")
    # The later of two equal options holds.
    options.append(str(given.get("options", "")))
    # If the driver prepared statements itself, its rollback would deallocate ours as well.
    own = {"prepare_threshold": None, "client_encoding": "utf-8", "connect_timeout": limits.connect_seconds}
    return {**own, **_KEEPALIVES, **{name: given[name] for name in (*own, *_KEEPALIVES) if name in given},
            "options": " ".join(options).strip()}  # fmt: skip
