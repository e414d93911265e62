"""Takes away the rows that migrations wrote into a database that nobody used, so that a backup's own can stand there.

The triggers that keep history refuse that. They are taken off such a table and put back as they were, in the
transaction that loads the backup, and only where `restoring` found the database without any row of somebody's work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, text

from adjudicate.backup.queries.tables import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from adjudicate.backup.queries.tables import Stored

# How PostgreSQL says when a trigger fires, and the words that make it so.
_ENABLED = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA", "D": "DISABLE"}


def clear(tx: Connection, tables: Sequence[Stored]) -> None:
    """Remove every row of these tables. Raises RuntimeError if a trigger would not be afterwards what it was."""
    before = _triggers(tx)
    for stored in reversed(tables):
        if count(tx, stored):
            _clear_one(tx, stored, before)
    if _triggers(tx) != before:
        raise RuntimeError("the triggers are not what they were")


def _clear_one(tx: Connection, stored: Stored, triggers: list[tuple[Any, ...]]) -> None:
    quote = tx.dialect.identifier_preparer.quote_identifier
    own = [(name, how) for table, name, how, _ in triggers if table == stored.name]
    if tx.dialect.name == "sqlite":
        for name, _ in own:
            tx.execute(text(f"DROP TRIGGER {quote(name)}"))
        tx.execute(delete(stored.table))
        for _, how in own:
            tx.exec_driver_sql(how)
        return
    altered = f"ALTER TABLE {quote(stored.name)}"
    for name, _ in own:
        tx.execute(text(f"{altered} DISABLE TRIGGER {quote(name)}"))
    tx.execute(delete(stored.table))
    for name, how in own:
        tx.execute(text(f"{altered} {_ENABLED[how]} TRIGGER {quote(name)}"))


def _triggers(tx: Connection) -> list[tuple[Any, ...]]:
    """Each trigger: its table, its name, how it is put back, and its whole definition."""
    if tx.dialect.name == "sqlite":
        found = text("SELECT tbl_name, name, sql, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
    else:
        found = text(
            "SELECT c.relname, t.tgname, t.tgenabled::text, pg_get_triggerdef(t.oid) FROM pg_trigger t"
            " JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = current_schema() AND NOT t.tgisinternal ORDER BY c.relname, t.tgname"
        )
    return [tuple(row) for row in tx.execute(found)]
