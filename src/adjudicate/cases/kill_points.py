"""Named places where a test may kill the process; outside a sandbox they do nothing."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from adjudicate.postgres import prepared

if TYPE_CHECKING:
    from sqlalchemy import Connection

_armed: dict[str, str] = {"at": ""}

POINTS = (
    *("after-lock", "after-decision", "after-numbers", "after-events", "after-projections", "after-outbox"),
    *("after-idempotency", "before-commit", "after-commit", "worker-after-claim", "worker-after-work"),
)


def arm(point: str) -> None:
    """Die by SIGKILL at this point from now on; '' for never. Settings allow a point in a sandbox only."""
    if point and point not in POINTS:
        raise ValueError(f"no such point: {point}; known are {', '.join(POINTS)}")
    _armed["at"] = point


def reached(point: str, tx: Connection | None = None) -> None:
    """Die here if this point is armed, once everything queued in `tx` was sent."""
    if _armed["at"] == point:
        if tx is not None:
            prepared.flush(tx)
        os.kill(os.getpid(), signal.SIGKILL)
