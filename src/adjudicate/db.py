"""Engines, column types, migrations, and the one place that commits; it knows no table."""

from __future__ import annotations

import json
import random
import select
import sqlite3
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from weakref import WeakKeyDictionary

import psycopg
from sqlalchemy import DateTime, Dialect, MetaData, Text, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError, OperationalError
from sqlalchemy.types import TypeDecorator

from adjudicate.compact_json import compact
from adjudicate.errors import AdjudicateError
from adjudicate.postgres import prepared
from adjudicate.shipped_files import migrations_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic.config import Config
    from sqlalchemy import Connection, Engine

T = TypeVar("T")

# SQLSTATEs after which a transaction may be retried: serialization failure, deadlock, lock not available, and the two
# of a prepared statement that the server has forgotten or that a changed table made invalid.
_TRANSIENT = {"40001", "40P01", "55P03", "26000", "0A000"}
_ATTEMPTS = 8
# How long a writer on SQLite waits for the others.
_WRITE_LOCK_SECONDS = 30

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Unavailable(AdjudicateError):
    """The database cannot be reached, or is too busy; nothing is known to have been recorded."""

    code: ClassVar[str] = "unavailable"


class NotMigrated(AdjudicateError):
    """The schema of the database is older than this program needs."""

    code: ClassVar[str] = "not-migrated"


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite keeps it without a zone, PostgreSQL with one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive value; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        aware = value if value.tzinfo is UTC else value.astimezone(UTC)
        return aware.replace(tzinfo=None) if dialect.name == "sqlite" else aware

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give back UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """A JSON value as compact text, the same bytes on both databases. SQL null is None."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        """Write the value; not-a-number is refused."""
        if value is None:
            return None
        return compact(value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:
        """Read the value."""
        return None if value is None else json.loads(value)


def connect(url: str, *, pool_size: int = 20) -> Engine:
    """An engine for either database. For a SQLite file its folder is made."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(url)
    if address.drivername in {"postgres", "postgresql"}:
        address = address.set(drivername="postgresql+psycopg")
    # If the driver prepared statements itself, its rollback would deallocate ours as well.
    arguments = {"prepare_threshold": None, "client_encoding": "utf-8"}
    engine = create_engine(address, pool_size=pool_size, max_overflow=20, pool_use_lifo=True, connect_args=arguments)
    event.listen(engine, "checkout", _reject_closed)
    event.listen(engine, "before_cursor_execute", _flush_queue)
    return engine


def _flush_queue(connection: Connection, *_: Any) -> None:
    """Keep the order of statements: one that is executed directly comes after those that are queued."""
    prepared.flush(connection)


def _reject_closed(connection: psycopg.Connection[Any], _record: Any, _proxy: Any) -> None:
    """Let the pool replace a connection that the server closed: then, and only then, its idle socket is readable."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
    if poll.poll(0):
        raise DisconnectionError


def _sqlite(url: str) -> Engine:
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    # isolation_level None leaves BEGIN to us: the driver's own deferred BEGIN loses updates or fails with "locked".
    arguments = {"isolation_level": None, "timeout": _WRITE_LOCK_SECONDS, "check_same_thread": False}
    engine = create_engine(url, connect_args=arguments)
    _write_locks[engine] = threading.Lock()

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={_WRITE_LOCK_SECONDS * 1000}",
            "journal_mode=WAL",
            "foreign_keys=ON",
            "recursive_triggers=ON",
            "synchronous=FULL",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        driver: Any = connection.connection.driver_connection
        with prepared.named_errors(connection):
            driver.execute("BEGIN DEFERRED" if reading else "BEGIN IMMEDIATE")

    return engine


_write_locks: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()


@contextmanager
def _write_lock(engine: Engine) -> Iterator[None]:
    """Let one thread of this process at a time write to a SQLite file.

    SQLite's own busy handler sleeps longer each time it finds the file locked, while the file lies idle. Other
    processes are kept out by the file lock alone, and so is a thread that waited in vain: the database refuses it.
    """
    lock = _write_locks.get(engine)
    if lock is None:
        yield
        return
    acquired = lock.acquire(timeout=_WRITE_LOCK_SECONDS)
    try:
        yield
    finally:
        if acquired:
            lock.release()


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction: committed when the block ends, rolled back when it raises. The only commit there is."""
    with _write_lock(engine), engine.connect() as connection, connection.begin(), prepared.deferred(connection):
        yield connection
        prepared.flush(connection, last="COMMIT")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A consistent read that takes no write lock and is always rolled back. Raises Unavailable without a database."""
    level = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    try:
        with engine.connect() as plain:
            connection = plain.execution_options(reading=True, **level)
            begun = connection.begin()
            try:
                with prepared.deferred(connection):
                    yield connection
            finally:
                begun.rollback()
    except DBAPIError as error:
        if lost(error):
            raise _unavailable() from error
        raise


def run(engine: Engine, work: Callable[[Connection], T], *, again_over: str | None = None) -> T:
    """Do `work` in one transaction, again after a deadlock or a busy database; `work` must have no other effect.

    Again too where PostgreSQL says that another transaction was first to write a row under the constraint `again_over`;
    on SQLite no two write at once. Raises Unavailable when the database stays busy or cannot be reached.
    """
    for attempt in range(_ATTEMPTS):
        try:
            with transaction(engine) as tx:
                result = work(tx)
        except DBAPIError as error:
            if not is_transient(error) and not (again_over is not None and broken_constraint(error) == again_over):
                if lost(error):
                    raise _unavailable() from error
                raise
        else:
            return result
        time.sleep(random.uniform(0.002, 0.01) * 2**attempt)  # noqa: S311 - spreads retries, guards nothing
    raise _unavailable()


def is_transient(error: DBAPIError) -> bool:
    """Whether the transaction was rolled back because of another one, and may be tried again."""
    cause = error.orig
    if isinstance(cause, psycopg.Error):
        return cause.sqlstate in _TRANSIENT
    return isinstance(cause, sqlite3.OperationalError) and "locked" in str(cause)


def broken_constraint(error: DBAPIError) -> str | None:
    """The name of the constraint that PostgreSQL says was broken."""
    cause = error.orig
    return (
        cause.diag.constraint_name if isinstance(error, IntegrityError) and isinstance(cause, psycopg.Error) else None
    )


def lost(error: DBAPIError) -> bool:
    """Whether the connection, not the statement, failed."""
    return error.connection_invalidated or (
        isinstance(error, OperationalError) and isinstance(error.orig, psycopg.Error) and error.orig.sqlstate is None
    )


def _unavailable() -> Unavailable:
    return Unavailable(
        zh="数据库繁忙或无法连接，请稍后重试。", en="The database is busy or cannot be reached; please try again later."
    )


def migrate(url: str, revision: str = "head") -> None:
    """Bring a database to the newest schema, or to `revision`; harmless when it is there already."""
    from alembic import command  # noqa: PLC0415 - only migrating needs it

    configuration = _migrations()
    configuration.attributes["url"] = url
    command.upgrade(configuration, revision)


def require_migrated(engine: Engine) -> None:
    """Raises NotMigrated when a migration that this program knows was not run; Unavailable without a database.

    A database that later releases have migrated is opened: old and new code run side by side while an office updates.
    """
    from alembic.migration import MigrationContext  # noqa: PLC0415 - loaded when a process starts, not for due-date
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - the same

    scripts = ScriptDirectory.from_config(_migrations())
    with reading(engine) as connection:
        present = set(MigrationContext.configure(connection).get_current_heads())
    newest, known = set(scripts.get_heads()), {script.revision for script in scripts.walk_revisions()}
    if present != newest and present <= known:
        stands_at = ", ".join(sorted(present))
        raise NotMigrated(
            zh=f"数据库结构为 {stands_at or '空'}，本程序需要 {', '.join(sorted(newest))}："
            "请先运行 adjudicate migrate。",
            en=f"The database stands at {stands_at or 'nothing'} and this program needs {', '.join(sorted(newest))}: "
            "run adjudicate migrate first.",
        )


def _migrations() -> Config:
    from alembic.config import Config  # noqa: PLC0415 - the same

    configuration = Config()
    configuration.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    return configuration
