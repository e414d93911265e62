"""The commands serve, worker and migrate: they start processes and threads and decide nothing about cases."""

from __future__ import annotations

import sys
import threading
from contextlib import closing, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import click

from adjudicate.cli.language import language_option
from adjudicate.cli.metrics_folder import shared_metrics
from adjudicate.cli.serving import limiting_options
from adjudicate.errors import AdjudicateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapi import FastAPI

    from adjudicate.cases.registry import Registry
    from adjudicate.settings import Settings

STOPPING_SECONDS = 15
CRASHED = 1


def settings_now() -> Settings:
    """The settings from the environment; logging is configured by them. Raises SettingInvalid."""
    from adjudicate import logs, tracing
    from adjudicate.settings import Settings, unknown_variables

    settings = Settings.from_environment()
    logs.configure(settings.log_level)
    if settings.telemetry:
        tracing.switch_on()
    unknown = unknown_variables()
    if unknown:
        logs.logger(__name__).warning("variables that are no settings", variables=unknown)
    return settings


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
def working(registry: Registry) -> Iterator[None]:
    """A worker in a thread beside whatever the block does."""
    from adjudicate import worker as workers

    stop = threading.Event()
    thread = threading.Thread(target=workers.serve, args=(registry, stop), name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(STOPPING_SECONDS)


def server_options(settings: Settings) -> dict[str, Any]:
    """uvicorn's options. Its own log lines go through `logs`; no request is logged: its address may hold names."""
    level = settings.log_level if settings.log_level == "error" else "warning"
    address = {"host": settings.host, "port": settings.port}
    quiet = {"log_config": None, "log_level": level, "access_log": False, "server_header": False}
    return {**address, **quiet, **limiting_options(settings)}


def run_api(registry: Registry, *, started: Callable[[], None] | None = None) -> None:
    """Serve the API of one process until it is told to stop; `started` is called once it accepts requests."""
    import signal

    import uvicorn

    with shared_metrics(registry.settings.metrics_folder):
        from adjudicate.api.app import create_app

        class Server(uvicorn.Server):
            async def startup(self, sockets: Any = None) -> None:
                await super().startup(sockets)
                if self.started and started is not None:
                    started()

        # Uvicorn raises the signal again once it has stopped; as an exception it lets the blocks around it end.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        Server(uvicorn.Config(create_app(registry=registry), **server_options(registry.settings))).run()


def run_processes(settings: Settings, processes: int) -> None:
    """Serve the API in several processes on one port until told to stop; each opens the database for itself."""
    import uvicorn

    with shared_metrics(settings.metrics_folder, processes=processes):
        uvicorn.run("adjudicate.cli.running:application", factory=True, workers=processes, **server_options(settings))


def application() -> FastAPI:
    """The application of one of several processes, with the settings from the environment."""
    from adjudicate.api.app import create_app

    return create_app(settings_now())


@click.command()
@click.option("--with-worker/--without-worker", default=None, help="Default: with one on SQLite, without elsewhere.")
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True, help="On PostgreSQL only.")
@language_option
def serve(*, with_worker: bool | None, processes: int) -> None:
    """Serve the API. On SQLite the database is migrated first, and a worker runs in the same process."""
    from adjudicate import db
    from adjudicate.cases.registry import Registry

    settings = settings_now()
    embedded = settings.database_url.startswith("sqlite")
    if embedded:
        db.migrate(settings.database_url)
        if processes > 1:
            raise click.UsageError("SQLite is served by one process")
    with crashes_logged():
        if processes > 1:
            run_processes(settings, processes)
            return
        with closing(Registry.start(settings)) as registry:
            click.echo(f"adjudicate: http://{settings.host}:{settings.port}", err=True)
            with working(registry) if (embedded if with_worker is None else with_worker) else nullcontext():
                run_api(registry)


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now and end.")
@language_option
def worker(*, once: bool) -> None:
    """Announce lapses that are due, give warnings and carry out the outbox."""
    import signal

    from adjudicate import worker as workers
    from adjudicate.cases.registry import Registry

    with closing(Registry.start(settings_now())) as registry:
        if once:
            done = workers.run_once(registry)
            click.echo(
                f"settled {done.settled}, warned {done.warned}, delivered {done.delivered}, failed {done.failed}"
            )
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        with crashes_logged():
            workers.serve(registry, stop)


@click.command()
def migrate() -> None:
    """Migrate the database to the newest version; does nothing if it is there already."""
    from adjudicate import db

    settings = settings_now()
    if settings.database_url.startswith("sqlite"):
        db.connect(settings.database_url).dispose()
    db.migrate(settings.database_url)
    click.echo("the database is up to date", err=True)
