"""What the commands that run for long share: settings, sockets, threads and errors; it decides nothing about cases."""

from __future__ import annotations

import errno
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from adjudicate.cli.language import spoken
from adjudicate.cli.metrics_folder import shared_metrics
from adjudicate.cli.serving import limiting_options
from adjudicate.errors import AdjudicateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from socket import socket

    from adjudicate.cases.registry import Registry
    from adjudicate.settings import Settings

STOPPING_SECONDS = 15
CRASHED = 1
# Connections that wait while the process starts or is busy; uvicorn's own number.
BACKLOG = 2048


def settings_now() -> Settings:
    """The settings from the environment; logging is configured by them. Raises SettingInvalid."""
    from adjudicate import logs, tracing
    from adjudicate.settings import SettingInvalid, Settings, unknown_variables

    unknown = unknown_variables()
    try:
        settings = Settings.from_environment()
        logs.configure(settings.log_level)
    except SettingInvalid:
        logs.configure("info")
        raise
    finally:
        # Also where another value is bad: what was misspelt may be the reason.
        if unknown:
            logs.logger(__name__).warning("variables that are no settings", variables=unknown)
    if settings.telemetry:
        tracing.switch_on()
    return settings


def say_put_aside(case_ids: Iterable[str]) -> None:
    """Name the cases that could not be read, on standard error; the log says why."""
    for case_id in case_ids:
        click.echo(f"{case_id}: 案件无法读取，已搁置 / the case could not be read and was put aside", err=True)


@contextmanager
def crashes_logged() -> Iterator[None]:
    """Log in one line the error that ends the block or one of its threads; the block's ends the process with code 1."""
    from adjudicate import logs

    log = logs.logger(__name__)

    def in_thread(crash: threading.ExceptHookArgs) -> None:
        log.critical("thread ended by an error", thread=getattr(crash.thread, "name", None), exc_info=crash.exc_value)

    before, threading.excepthook = threading.excepthook, in_thread
    try:
        yield
    except (AdjudicateError, click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except Exception:
        log.critical("process ended by an error", exc_info=True)
        raise SystemExit(CRASHED) from None
    finally:
        threading.excepthook = before


@contextmanager
def working(registry: Registry) -> Iterator[Callable[[], None]]:
    """A worker in a thread beside whatever the block does, which is given what tells the worker to stop.

    It stops when the block ends at the latest, and then finishes the one transaction it is in.
    """
    from adjudicate import worker as workers

    stop = threading.Event()
    thread = threading.Thread(target=workers.serve, args=(registry, stop), name="worker", daemon=True)
    thread.start()
    try:
        yield stop.set
    finally:
        stop.set()
        thread.join(STOPPING_SECONDS)


def server_options(settings: Settings) -> dict[str, Any]:
    """uvicorn's options. Its own log lines go through `logs`; no request is logged: its address may hold names."""
    level = settings.log_level if settings.log_level == "error" else "warning"
    address = {"host": settings.host, "port": settings.port}
    quiet = {"log_config": None, "log_level": level, "access_log": False, "server_header": False}
    return {**address, **quiet, **limiting_options(settings)}


def listening(settings: Settings) -> socket:
    """The socket to serve on, which keeps the port from now on. Raises click's error, in one sentence, if it cannot.

    Taken before anything else is done: who cannot serve must not change the database first.
    """
    from socket import AI_PASSIVE, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, getaddrinfo, socket

    opened = None
    try:
        family, kind, protocol, _, address = getaddrinfo(
            settings.host, settings.port, type=SOCK_STREAM, flags=AI_PASSIVE
        )[0]
        opened = socket(family, kind, protocol)
        opened.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen(BACKLOG)
    except OSError as error:
        if opened is not None:
            opened.close()
        raise _cannot_listen(settings, error) from None
    return opened


def _cannot_listen(settings: Settings, error: OSError) -> click.ClickException:
    where = f"{settings.host}:{settings.port}"
    zh, en = {
        errno.EADDRINUSE: ("该端口已被占用，请以 PORT 另选一个", "the port is in use, choose another with PORT"),
        errno.EACCES: ("无权使用该端口", "this port may not be used"),
    }.get(error.errno or 0, ("本机没有该地址", "this machine has no such address"))
    english = spoken(click.get_current_context()) == "en"
    return click.ClickException(f"Cannot serve on {where}: {en}." if english else f"无法在 {where} 上服务：{zh}。")


def nothing() -> None:
    """What is called where there is nothing to do."""


def run_api(
    registry: Registry,
    listener: socket,
    *,
    started: Callable[[], None] = nothing,
    stopping: Callable[[], None] = nothing,
) -> None:
    """Serve the API of one process until it is told to stop.

    `started` is called once it accepts requests, `stopping` when it has been told to stop and still answers some.
    """
    import signal

    import uvicorn

    with shared_metrics(registry.settings.metrics_folder):
        from adjudicate.api.app import create_app

        class Server(uvicorn.Server):
            async def startup(self, sockets: Any = None) -> None:
                await super().startup(sockets)
                if self.started:
                    started()

            async def shutdown(self, sockets: Any = None) -> None:
                stopping()
                await super().shutdown(sockets)

        # Uvicorn raises the signal again once it has stopped; as an exception it lets the blocks around it end.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        config = uvicorn.Config(create_app(registry=registry), **server_options(registry.settings))
        Server(config).run(sockets=[listener])


def tell_shipped(registry: Registry) -> None:
    """Let the administrative ledger say which law and calendars this release has brought, if it does not say so yet.

    A database that cannot be written now is no reason not to start: the next start tells it.
    """
    from adjudicate import db, logs
    from adjudicate.cases.shipped import record_shipped

    try:
        record_shipped(registry)
    except db.Unavailable:
        logs.logger(__name__).warning("the ledger could not be told what this release brought")
