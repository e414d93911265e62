"""How uvicorn serves the application: its limits and how it stops; it starts nothing itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adjudicate.settings import Settings

# A client that does not finish must not keep the process from stopping.
_STOPPING_SECONDS = 10


def limiting_options(settings: Settings) -> dict[str, Any]:
    """The options of uvicorn that bound what a client may take; they can be handed to another process."""
    from adjudicate.api.connections import Limits
    from adjudicate.api.http_protocol import LimitedProtocol

    limits = Limits.of(settings)
    return {
        "http": partial(LimitedProtocol, limits=limits),
        "ws": "none",
        "timeout_keep_alive": limits.idle_seconds,
        "timeout_graceful_shutdown": _STOPPING_SECONDS,
    }
