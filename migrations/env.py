"""How Alembic reaches the database: through the product's own engine, one transaction per migration."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import context

import adjudicate.access.models
import adjudicate.cases.models  # noqa: F401 - fills the metadata, as does the line above
from adjudicate.db import Instant, Json, connect, metadata
from adjudicate.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

# Long enough for a busy office; behind a longer transaction a migration gives up instead of blocking everybody.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '10s'"
ADVISORY_KEY = 0x61646A75  # 'adju', so that it is no other program's


def render_item(kind: str, item: Any, _autogen_context: Any) -> str | bool:
    """Write the product's column types as what they are in the database, so that a migration imports nothing."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Json):
        return "sa.Text()"
    return False


def migrate(connection: Connection) -> None:
    """Run what is asked for on one connection."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text(LOCK_TIMEOUT))
        context.run_migrations()


@contextmanager
def one_at_a_time(engine: Engine) -> Iterator[None]:
    """Keep other processes that want to migrate waiting; SQLite's own lock does that already."""
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as holding:
        holding.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_KEY})
        try:
            yield
        finally:
            holding.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": ADVISORY_KEY})


url = context.config.attributes.get("url") or Settings.from_environment().database_url
engine = connect(url)
try:
    with one_at_a_time(engine), engine.connect() as opened:
        migrate(opened)
finally:
    engine.dispose()
