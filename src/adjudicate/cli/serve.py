"""The commands serve and worker: they start processes and threads and decide nothing about cases."""

from __future__ import annotations

import signal
import threading
from contextlib import closing, nullcontext

import click

from adjudicate.cli.language import language_option
from adjudicate.cli.processes import run_processes
from adjudicate.cli.running import (
    crashes_logged,
    listening,
    nothing,
    run_api,
    settings_now,
    tell_shipped,
    working,
)


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
        beside = working if with_worker else lambda _: nullcontext(nothing)
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
