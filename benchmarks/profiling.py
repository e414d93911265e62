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


# Which part of the whole a file belongs to, the first that fits.
LAYERS = (
    ("/psycopg", "the driver: psycopg"),
    ("/sqlite3", "the driver: sqlite3"),
    ("/sqlalchemy/", "SQLAlchemy: connections and transactions"),
    ("/adjudicate/postgres/pipeline.py", "the driver: psycopg"),
    ("/adjudicate/postgres/prepared.py", "statements ready-made: values in and out"),
    ("/adjudicate/db.py", "statements ready-made: values in and out"),
    ("/adjudicate/states/", "the decision: states and law"),
    ("/adjudicate/law/", "the decision: states and law"),
    ("/transitions/", "the decision: states and law"),
    ("/adjudicate/cases/", "the use case: rows, hashes, projections"),
    ("/adjudicate/access/", "who asks"),
    ("/adjudicate/api/", "the API: reading, rendering"),
    ("/json/", "JSON"),
    ("/pydantic", "FastAPI and pydantic"),
    ("/fastapi/", "FastAPI and pydantic"),
    ("/starlette/", "FastAPI and pydantic"),
)


def _layer(path: str) -> str:
    return next((name for part, name in LAYERS if part in path), "the rest of Python")


def by_layer(path: Path) -> dict[str, float]:
    """Seconds by layer; what is built into the interpreter counts for whoever called it."""
    found: dict[str, float] = {}
    for (file, _line, _name), (_calls, _primitive, own, _all, callers) in pstats.Stats(str(path)).stats.items():
        shares = {file: own} if file != "~" or not callers else {}
        if not shares:
            for (caller, _l, _n), figures in callers.items():
                shares[caller] = shares.get(caller, 0.0) + figures[2]
        for source, seconds in shares.items():
            found[_layer(source)] = found.get(_layer(source), 0.0) + seconds
    return found


def summary(path: Path, requests: int, *, top: int = 40) -> str:
    """Where the time went: by layer, then the functions that cost most with what they call, then by themselves."""
    layers = by_layer(path)
    total = sum(layers.values())
    lines = [f"{requests} requests, {total / max(requests, 1) * 1000:.2f} ms each under the profiler", ""]
    lines += ["| layer | share |", "|---|---|"]
    lines += [f"| {name} | {seconds / total:.0%} |" for name, seconds in sorted(layers.items(), key=lambda i: -i[1])]
    text = io.StringIO()
    stats = pstats.Stats(str(path), stream=text)
    stats.strip_dirs().sort_stats("cumulative").print_stats(top)
    stats.sort_stats("tottime").print_stats(top)
    return "\n".join([*lines, text.getvalue()])
