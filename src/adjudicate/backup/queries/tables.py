"""The statements on whole tables: which ones there are, their rows, and loading rows, whatever their columns.

Tables are read from the database and not from this program's models, because a backup may be of an earlier revision.
"""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import islice
from typing import TYPE_CHECKING, Any

from psycopg import sql
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    func,
    insert,
    inspect,
    select,
    text,
)

import adjudicate.access.models
import adjudicate.cases.models  # noqa: F401 - fills the metadata, as does the line above
from adjudicate.backup.errors import RowUnfit
from adjudicate.backup.values import Kind
from adjudicate.db import Instant, metadata
from adjudicate.postgres import prepared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection
    from sqlalchemy.types import TypeEngine

REVISIONS = "alembic_version"
# What opening a database writes, before anybody works in it.
WRITTEN_BY_OPENING = frozenset(
    {
        *("marker", "administration_entries", "administration_particulars", "administration_head"),
        *("calendars", "worker_heartbeats"),
    }
)
_ROWS_AT_ONCE = 100

_KINDS: tuple[tuple[type[TypeEngine[Any]], Kind, Any], ...] = (
    (DateTime, Kind.INSTANT, Instant()),
    (Date, Kind.DAY, Date()),
    (Boolean, Kind.BOOLEAN, Boolean()),
    (Integer, Kind.INTEGER, BigInteger()),
    (String, Kind.TEXT, Text()),
    (LargeBinary, Kind.BYTES, LargeBinary()),
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A table as the database has it: its columns by kind, without those that the database computes."""

    name: str
    columns: Mapping[str, Kind]
    table: Table


def only_read(tx: Connection) -> None:
    """Let a transaction take as long as it needs, and write nothing. Call it first."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("SET TRANSACTION READ ONLY"))
        _take_time(tx)


def _take_time(tx: Connection) -> None:
    for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
        tx.execute(text(f"SET LOCAL {setting} = 0"))


def table_names(tx: Connection) -> set[str]:
    """Every table in the database, also those of other programs."""
    return set(inspect(tx).get_table_names())


def own_table_names() -> set[str]:
    """The tables that this program knows."""
    return set(metadata.tables)


def stored_tables(tx: Connection, names: Iterable[str]) -> list[Stored]:
    """These tables, each behind those that it refers to. Raises RowUnfit for a kind of column that nobody carries."""
    chosen = sorted(names)
    looking = inspect(tx)
    before = {
        name: {key["referred_table"] for key in looking.get_foreign_keys(name)} & set(chosen) - {name}
        for name in chosen
    }
    return [_stored(looking, name) for name in TopologicalSorter(before).static_order()]


def _stored(looking: Any, name: str) -> Stored:
    kinds, columns = {}, []
    keys = set(looking.get_pk_constraint(name)["constrained_columns"])
    for column in looking.get_columns(name):
        if column.get("computed"):
            continue
        kind, carried = _kind(name, column["name"], column["type"])
        kinds[column["name"]] = kind
        columns.append(Column(column["name"], carried, primary_key=column["name"] in keys))
    return Stored(name, kinds, Table(name, MetaData(), *columns))


def _kind(table: str, column: str, found: TypeEngine[Any]) -> tuple[Kind, Any]:
    for type_, kind, carried in _KINDS:
        if isinstance(found, type_):
            return kind, carried
    raise RowUnfit(
        zh=f"表 {table} 的列 {column} 为备份不认识的类型",
        en=f"column {column} of table {table} is of a kind that no backup carries",
    )


def count(tx: Connection, stored: Stored) -> int:
    """The number of rows."""
    return int(tx.execute(select(func.count()).select_from(stored.table)).scalar_one())


def rows(tx: Connection, stored: Stored) -> Iterator[Sequence[Any]]:
    """Every row in the order of the key, fetched a few at a time. JSON stays the text that is stored."""
    statement = select(*stored.table.c).order_by(*stored.table.primary_key.columns)
    yield from tx.execute(statement, execution_options={"yield_per": _ROWS_AT_ONCE})


def document_digests(tx: Connection, documents: Stored) -> Iterator[tuple[str, str]]:
    """The digest of every registered document once, in order, each with a case that it is registered in."""
    table = documents.table
    # A document that was erased has no name left, and no bytes.
    kept = select(table.c.digest, func.min(table.c.case_id)).where(table.c.name != "")
    statement = kept.group_by(table.c.digest).order_by(table.c.digest)
    yield from map(tuple, tx.execute(statement, execution_options={"yield_per": 1000}))


def is_on_file(tx: Connection, documents: Stored, digest: str) -> bool:
    """Whether a document is still registered in a case, and not erased."""
    table = documents.table
    where = (table.c.digest == digest, table.c.name != "")
    return tx.execute(select(table.c.digest).where(*where).limit(1)).first() is not None


def keep_others_out(tx: Connection, tables: Sequence[Stored]) -> None:
    """Begin a restore: nobody else writes to these tables until the end, and keys may be checked at the end."""
    if tx.dialect.name == "sqlite":
        tx.execute(text("PRAGMA defer_foreign_keys=ON"))
        return
    _take_time(tx)
    tx.execute(text("SET LOCAL lock_timeout = '10s'"))
    names = ", ".join(_quoted(tx, stored.name) for stored in tables)
    tx.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))


def load(tx: Connection, stored: Stored, rows_: Iterable[Sequence[Any]]) -> None:
    """Insert rows; on PostgreSQL by one statement, so that they may refer to each other. Raises DBAPIError."""
    if tx.dialect.name == "sqlite":
        names, waiting = list(stored.columns), iter(rows_)
        while some := [dict(zip(names, row, strict=True)) for row in islice(waiting, _ROWS_AT_ONCE)]:
            tx.execute(insert(stored.table), some)
        return
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(stored.name), sql.SQL(", ").join(map(sql.Identifier, stored.columns))
    )
    driver: Any = tx.connection.driver_connection
    with prepared.named_errors(tx), driver.cursor() as cursor, cursor.copy(statement) as copying:
        for row in rows_:
            copying.write_row(row)


def broken_references(tx: Connection) -> list[str]:
    """The tables of SQLite in which a row refers to none; PostgreSQL has refused such a row already."""
    if tx.dialect.name != "sqlite":
        return []
    return sorted({row[0] for row in tx.execute(text("PRAGMA foreign_key_check"))})


def take_statistics(tx: Connection, tables: Sequence[Stored]) -> None:
    """Let PostgreSQL plan for the rows loaded, which it would notice a minute later."""
    if tx.dialect.name == "postgresql":
        for stored in tables:
            tx.execute(text(f"ANALYZE {_quoted(tx, stored.name)}"))


def continue_numbers(tx: Connection, tables: Sequence[Stored]) -> None:
    """Let each sequence of PostgreSQL go on behind the greatest number loaded, as SQLite does by itself."""
    if tx.dialect.name != "postgresql":
        return
    owned = text("SELECT pg_get_serial_sequence(:table, :column)")
    for stored in tables:
        for name in (name for name, kind in stored.columns.items() if kind is Kind.INTEGER):
            sequence = tx.execute(owned, {"table": _quoted(tx, stored.name), "column": name}).scalar()
            last = None if sequence is None else tx.execute(select(func.max(stored.table.c[name]))).scalar()
            if last is not None:
                tx.execute(text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": last})


def _quoted(tx: Connection, name: str) -> str:
    return tx.dialect.identifier_preparer.quote_identifier(name)
