"""Whether a process of this machine still runs; it loads no library, so that it may be asked before metrics are."""

from __future__ import annotations

import os


def lives(pid: int) -> bool:
    """Whether there is a process with this id, whoever owns it."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
