"""Where the processor's time goes while the product records events: one profile for each thread, added up."""

from __future__ import annotations

import cProfile
import io
import pstats
import threading
import time
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import starlette.concurrency

if TYPE_CHECKING:
    from pathlib import Path

_own = threading.local()
_profiles: list[cProfile.Profile] = []


def _profile() -> cProfile.Profile:
    found: cProfile.Profile | None = getattr(_own, "profile", None)
    if found is None:
        # The thread's own processor time: waiting for the database or another thread costs nothing here.
        found = _own.profile = cProfile.Profile(time.thread_time)
        _profiles.append(found)
    return found


def profiled(app: Any, path: Path) -> Any:
    """The application with its handlers and its loop under profile; the sum is written to `path` at the end."""
    run_sync = anyio.to_thread.run_sync

    async def running(function: Any, *args: Any, **options: Any) -> Any:
        def watched() -> Any:
            return _profile().runcall(function, *args)

        return await run_sync(watched, **options)

    anyio.to_thread.run_sync = running  # type: ignore[assignment]
    starlette.concurrency.anyio.to_thread.run_sync = running  # type: ignore[assignment]

    def write() -> None:
        if _profiles:
            total = pstats.Stats(_profiles[0])
            for one in _profiles[1:]:
                total.add(one)
            total.dump_stats(path)

    async def asgi(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)
        if scope["type"] == "lifespan":
            write()

    return asgi


def summary(path: Path, requests: int, *, top: int = 40) -> str:
    """The functions that cost most, themselves and with what they call."""
    text = io.StringIO()
    stats = pstats.Stats(str(path), stream=text)
    stats.strip_dirs().sort_stats("cumulative").print_stats(top)
    stats.sort_stats("tottime").print_stats(top)
    return f"{requests} requests, {stats.total_tt / max(requests, 1) * 1000:.2f} ms each\n{text.getvalue()}"
