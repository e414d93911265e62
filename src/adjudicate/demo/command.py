"""The command `adjudicate demo`: fills an empty database with the demo office and serves it; the data lie beside it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adjudicate.cli.language import language_option

if TYPE_CHECKING:
    from adjudicate.cases.registry import Registry
    from adjudicate.settings import Settings

DATABASE = "sqlite:///./var/demo.db"
DOCUMENTS = Path("var/demo-documents")


@click.group()
def demo() -> None:
    """A demo office with invented cases."""


def settings() -> Settings:
    """The settings, with a database of the demo's own unless one is named."""
    import logging

    from adjudicate.cli.running import settings_now

    found = settings_now()
    logging.getLogger("adjudicate.worker").setLevel(logging.WARNING)
    if "database_url" not in found.model_fields_set:
        found = found.model_copy(update={"database_url": DATABASE})
    if "documents" not in found.model_fields_set:
        found = found.model_copy(update={"documents": DOCUMENTS})
    return found


def prepared(chosen: Settings) -> Registry:
    """A migrated and furnished database, ready to serve."""
    from adjudicate import db
    from adjudicate.cases.registry import Registry
    from adjudicate.demo.loading import furnish

    # The demo's own database may be brought up to date as it stands; one that was named may hold a record.
    (db.migrate if chosen.database_url == DATABASE else db.make_if_new)(chosen.database_url)
    registry = Registry.start(chosen)
    try:
        tales = furnish(registry)
    except BaseException:
        registry.close()
        raise
    if tales:
        click.echo(f"loaded {sum(tale.case_id is not None for tale in tales)} cases", err=True)
    return registry


@demo.command()
@language_option
def load() -> None:
    """Fill an empty database with the demo office and end."""
    prepared(settings()).close()


@demo.command()
@language_option
def serve() -> None:
    """Serve the demo office: API and worker, with new tokens for every role and lines to try."""
    from adjudicate.cli.running import listening, run_api, working
    from adjudicate.demo.loading import issue_tokens
    from adjudicate.demo.welcome import welcome

    chosen = settings()
    # The port first: a second demo that cannot serve must not revoke the tokens of the first one.
    with closing(listening(chosen)) as listener, closing(prepared(chosen)) as registry:
        tokens = issue_tokens(registry)
        with working(registry) as stop_worker:
            run_api(
                registry,
                listener,
                started=lambda: click.echo(welcome(registry, tokens)),
                stopping=stop_worker,
            )
