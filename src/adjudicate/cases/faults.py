"""Named places where a test may kill the process; outside a sandbox they do nothing."""

from __future__ import annotations

import os
import signal

_armed: dict[str, str] = {"at": ""}

POINTS = (
    *("after-lock", "after-lapses", "after-event", "after-deadlines", "after-outbox", "after-idempotency"),
    *("before-commit", "after-commit", "worker-after-claim", "worker-after-work"),
)


def arm(point: str) -> None:
    """Die by SIGKILL at this point from now on; '' for never. Settings allow a point in a sandbox only."""
    if point and point not in POINTS:
        raise ValueError(f"no such point: {point}; known are {', '.join(POINTS)}")
    _armed["at"] = point


def reach(point: str) -> None:
    """Say that the work has come to this point."""
    if _armed["at"] == point:
        os.kill(os.getpid(), signal.SIGKILL)
