"""How uvicorn serves the application: its limits and how it stops; it starts nothing itself."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from adjudicate.settings import Settings

# A client that does not finish must not keep the process from stopping.
_STOPPING_SECONDS = 10
# uvicorn kills a process that does not answer its parent for so long; on a busy machine five seconds are soon over.
_SILENT_SECONDS = 60
_LIMITS = ("max_connections", "max_head_bytes", "max_head_fields", "head_seconds", "body_seconds", "idle_seconds")


def limiting_options(settings: Settings) -> dict[str, Any]:
    """The options of uvicorn that bound what a client may take; they can be handed to another process."""
    limits = tuple(getattr(settings, name) for name in _LIMITS)
    return {
        "http": partial(limited_protocol, limits),
        "ws": "none",
        "timeout_keep_alive": settings.idle_seconds,
        "timeout_graceful_shutdown": _STOPPING_SECONDS,
        "timeout_worker_healthcheck": _SILENT_SECONDS,
    }


def limited_protocol(limits: tuple[Any, ...], **given: Any) -> Any:
    """The protocol of one connection.

    A function and plain numbers: a new process reads them before it answers its parent, and what the protocol itself
    imports would then take too long.
    """
    return _protocol_within(limits)(**given)


@cache
def _protocol_within(limits: tuple[Any, ...]) -> Callable[..., Any]:
    from adjudicate.api.connections import Limits
    from adjudicate.api.http_protocol import LimitedProtocol

    return partial(LimitedProtocol, limits=Limits.granted(*limits))
