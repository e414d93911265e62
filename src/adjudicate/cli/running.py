"""The commands that run: serve, worker and migrate; they start processes and threads and decide nothing."""

from __future__ import annotations

import threading
from contextlib import closing, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import click

from adjudicate.cli.language import language_option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from adjudicate.cases.registry import Registry
    from adjudicate.settings import Settings

STOPPING_SECONDS = 15


def settings_now() -> Settings:
    """The settings of this process, with logging set up. Raises SettingInvalid."""
    import logging

    from adjudicate.settings import Settings

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("alembic", "transitions"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    return Settings.from_environment()


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


def run_api(registry: Registry, *, started: Callable[[], None] | None = None) -> None:
    """Serve the API of one process until it is told to stop; `started` is called once it accepts requests."""
    import uvicorn

    from adjudicate.api.app import create_app

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if self.started and started is not None:
                started()

    settings = registry.settings
    app = create_app(registry=registry)
    config = uvicorn.Config(app, host=settings.host, port=settings.port, log_level="warning", server_header=False)
    Server(config).run()


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
    if processes > 1:
        import uvicorn

        factory = "adjudicate.api.app:create_app"
        uvicorn.run(
            factory, factory=True, host=settings.host, port=settings.port, workers=processes, log_level="warning"
        )
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
        workers.serve(registry, stop)


@click.command()
def migrate() -> None:
    """Bring the database to the newest shape; harmless when it is there already."""
    from adjudicate import db

    settings = settings_now()
    if settings.database_url.startswith("sqlite"):
        db.connect(settings.database_url).dispose()
    db.migrate(settings.database_url)
    click.echo("the database is up to date", err=True)
