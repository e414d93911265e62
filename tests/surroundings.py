"""Where the tests run: the root of the project, whether at full length, and a port that nobody uses."""

from __future__ import annotations

import os
import socket
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOAKING = os.environ.get("ADJUDICATE_SOAK") == "1"


def free_port() -> int:
    """A local port that was free a moment ago; whoever binds it must be ready to lose it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
