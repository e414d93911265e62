"""The commands serve and worker: they start processes and threads and decide nothing about cases."""

from __future__ import annotations

import errno
import itertools
import signal
import sys
import threading
import time
from contextlib import closing, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import click

from adjudicate.cli.language import language_option, spoken
from adjudicate.cli.metrics_folder import shared_metrics
from adjudicate.cli.serving import limiting_options
from adjudicate.errors import AdjudicateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from socket import socket

    from fastapi import FastAPI

    from adjudicate.cases.registry import Registry
    from adjudicate.settings import Settings

STOPPING_SECONDS = 15
CRASHED = 1
APPLICATION = "adjudicate.cli.running:application"
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
        errno.EADDRINUSE: ("该端口已被占用", "the port is in use"),
        errno.EACCES: ("无权使用该端口", "this port may not be used"),
    }.get(error.errno or 0, ("本机没有该地址", "this machine has no such address"))
    english = spoken(click.get_current_context()) == "en"
    return click.ClickException(f"Cannot serve on {where}: {en}." if english else f"无法在 {where} 上服务：{zh}。")


def _nothing() -> None:
    pass


def run_api(
    registry: Registry,
    listener: socket,
    *,
    started: Callable[[], None] = _nothing,
    stopping: Callable[[], None] = _nothing,
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


@click.command()
@click.option("--with-worker/--without-worker", default=None, help="Default: with one on SQLite, without elsewhere.")
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True, help="On PostgreSQL only.")
@language_option
def serve(*, with_worker: bool | None, processes: int) -> None:
    """Serve the API. On SQLite a database that is not there yet is made, and a worker runs in the same process.

    A database of an earlier release is refused: back it up, and run `adjudicate migrate`.

    With several processes a worker, if asked for, runs in the one that supervises them.
    """
    from adjudicate import db
    from adjudicate.cases.registry import Registry

    settings = settings_now()
    embedded = settings.database_url.startswith("sqlite")
    if embedded and processes > 1:
        raise click.UsageError("SQLite is served by one process")
    with_worker = embedded if with_worker is None else with_worker
    with crashes_logged(), closing(listening(settings)) as listener:
        if embedded and db.make_if_new(settings.database_url):
            click.echo(f"made a new database: {db.place_of(settings.database_url)}", err=True)
        # Also where other processes serve: whatever keeps them from starting is said here, once.
        beside = working if with_worker else lambda _: nullcontext(_nothing)
        with closing(Registry.start(settings)) as registry, beside(registry) as stop_worker:
            tell_shipped(registry)
            if processes > 1:
                run_processes(settings, processes, listener, stopping=stop_worker)
                return
            click.echo(f"adjudicate: http://{settings.host}:{settings.port}", err=True)
            run_api(registry, listener, stopping=stop_worker)


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now and end.")
@click.option("--clock-is-right", is_flag=True, help="On SQLite, after the clock was ahead: believe it from now on.")
@language_option
def worker(*, once: bool, clock_is_right: bool) -> None:
    """Announce lapses that are due, give warnings and carry out the outbox.

    Nothing is done while this machine's clock is minutes off the database server's, or on SQLite behind the last run.
    """
    import signal

    from adjudicate import db
    from adjudicate import worker as workers
    from adjudicate.cases.clock_check import trust_clock
    from adjudicate.cases.registry import Registry

    with closing(Registry.start(settings_now())) as registry:
        if clock_is_right:
            db.run(registry.engine, trust_clock)
        tell_shipped(registry)
        if once:
            done = workers.run_once(registry)
            click.echo(
                f"lapses announced in {done.settled} cases, warnings given {done.warned}, "
                f"messages delivered {done.delivered}, failed {done.failed}, rows removed {done.removed}"
            )
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        with crashes_logged():
            workers.serve(registry, stop)
