"""Serving in several processes on one port: the parent that supervises them, and what each of them runs."""

from __future__ import annotations

import itertools
import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from adjudicate.cli.metrics_folder import shared_metrics
from adjudicate.cli.running import CRASHED, server_options, settings_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from socket import socket

    from fastapi import FastAPI

    from adjudicate.settings import Settings

APPLICATION = "adjudicate.cli.processes:application"


def run_processes(settings: Settings, processes: int, listener: socket, *, stopping: Callable[[], None]) -> None:
    """Serve the API in several processes on one port until told to stop; each opens the database for itself.

    `stopping` is called before the processes are told to end. Raises SystemExit with code 1 where a process could not
    start: it would fail the same way again.
    """
    import uvicorn
    from uvicorn.config import STARTUP_FAILURE
    from uvicorn.supervisors import Multiprocess

    class Supervisor(Multiprocess):
        def terminate_all(self) -> None:
            stopping()
            super().terminate_all()

    with shared_metrics(settings.metrics_folder, processes=processes):
        config = uvicorn.Config(APPLICATION, factory=True, workers=processes, **server_options(settings))
        supervisor = Supervisor(config, sockets=[listener])
        supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        raise SystemExit(CRASHED)


def application() -> FastAPI:
    """The application of one of several processes, with the settings from the environment.

    While the database is away it waits: the parent found it before, and the other processes may go on serving. Ends
    the process with uvicorn's code for a failed start on any other error, in one line of the log.
    """
    from uvicorn.config import STARTUP_FAILURE

    from adjudicate import logs
    from adjudicate.api.app import create_app
    from adjudicate.db import Unavailable

    settings = settings_now()
    log = logs.logger(__name__)
    for wait in itertools.chain((1, 2, 4), itertools.repeat(8)):
        try:
            with _ended_at_once():
                return create_app(settings)
        except Unavailable as error:
            log.warning("database unavailable, the process waits to start", exc_info=error, seconds=wait)
        except Exception:
            log.critical("process could not start", exc_info=True)
            raise SystemExit(STARTUP_FAILURE) from None
        with _ended_at_once():
            time.sleep(wait)
    raise AssertionError


@contextmanager
def _ended_at_once() -> Iterator[None]:
    """Let SIGTERM end a process that serves nothing yet: the server has taken it over and would only note it."""
    former = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)
