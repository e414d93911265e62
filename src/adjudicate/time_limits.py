"""How long the database may keep anybody waiting, and the deadline of what the present thread or task is doing."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds to wait: for a connection, for a lock or a place in the pool, for one statement, and for all of it.

    None for a statement or for all of it means without a limit.
    """

    connect_seconds: int = 3
    lock_seconds: float = 4.0
    statement_seconds: float | None = None
    command_seconds: float | None = None


# For work that nobody waits for at the other end of a socket: migrations, verification, a rebuild.
PATIENT = Limits(lock_seconds=10.0)

_until: ContextVar[float | None] = ContextVar("adjudicate_deadline", default=None)


@contextmanager
def within(seconds: float | None) -> Iterator[None]:
    """Give the block this long (seconds, None: no limit of its own); a deadline that is nearer already stays."""
    nearer = _until.get()
    if seconds is not None:
        own = monotonic() + seconds
        nearer = own if nearer is None else min(own, nearer)
    token = _until.set(nearer)
    try:
        yield
    finally:
        _until.reset(token)


def left() -> float | None:
    """The seconds until the deadline, negative once it has passed; None where there is none."""
    until = _until.get()
    return None if until is None else until - monotonic()


def at_most(seconds: float) -> float:
    """`seconds`, or what is left until the deadline where that is less; never below zero."""
    rest = left()
    return seconds if rest is None else max(0.0, min(seconds, rest))
