"""Engines, column types, migrations, and the one place that commits; it knows no table."""

from __future__ import annotations

import json
import random
import select
import sqlite3
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import psycopg
from sqlalchemy import DateTime, Dialect, MetaData, Text, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.types import TypeDecorator

from adjudicate.errors import AdjudicateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Engine

T = TypeVar("T")

# Row locks, deadlocks and serialization in PostgreSQL; the file lock in SQLite. All of them mean: nothing was done.
_PASSING = {"40001", "40P01", "55P03"}
_ATTEMPTS = 8

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


class Again(Exception):
    """The work met another transaction's result and must start over in a new one."""


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
        aware = value.astimezone(UTC)
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
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

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
    engine = create_engine(address, pool_size=pool_size, max_overflow=20, pool_use_lifo=True)
    event.listen(engine, "checkout", _refuse_the_dead)
    return engine


def _refuse_the_dead(connection: psycopg.Connection[Any], _record: Any, _proxy: Any) -> None:
    """Let the pool replace a connection the server closed: an idle one has nothing to say, so it need not be asked."""
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
    if waiting.poll(0):
        raise DisconnectionError


def _sqlite(url: str) -> Engine:
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    # isolation_level None leaves BEGIN to us: the driver's own deferred BEGIN loses updates or fails with "locked".
    engine = create_engine(url, connect_args={"isolation_level": None, "timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in (
            "busy_timeout=30000",
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
        connection.exec_driver_sql("BEGIN DEFERRED" if reading else "BEGIN IMMEDIATE")

    return engine


class Ready:
    """A statement that is compiled once for each kind of database and then handed to the driver as it is.

    For what every command runs: building and looking up a statement costs more than the database needs to carry it out.
    `columns` are the names an INSERT or UPDATE without values of its own is given.
    """

    def __init__(self, statement: Any, *, columns: Sequence[str] | None = None) -> None:
        self._statement, self._columns = statement, columns
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, tx: Connection, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Carry it out and return the rows it gives, by column name."""
        compiled = self._for(tx)
        with _named_errors(tx):
            cursor = tx.connection.cursor()
            cursor.execute(compiled.sql, compiled.parameters(values))
            found = cursor.fetchall()
        return compiled.results(found)

    def write(self, tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Carry it out for each row."""
        compiled = self._for(tx)
        with _named_errors(tx):
            cursor = tx.connection.cursor()
            for row in rows:
                cursor.execute(compiled.sql, compiled.parameters(row))

    def _for(self, tx: Connection) -> _Compiled:
        name = tx.dialect.name
        if name not in self._compiled:
            self._compiled[name] = _Compiled(self._statement, tx.dialect, self._columns)
        return self._compiled[name]


@contextmanager
def _named_errors(tx: Connection) -> Iterator[None]:
    """Turn what the driver raises into SQLAlchemy's errors, as its own execution does."""
    drivers = tx.dialect.loaded_dbapi.Error
    try:
        yield
    except drivers as error:
        gone = tx.dialect.is_disconnect(error, tx.connection, None)
        if gone:
            tx.invalidate(error)
        raise DBAPIError.instance("", None, error, drivers, connection_invalidated=gone, dialect=tx.dialect) from error


@contextmanager
def together(tx: Connection) -> Iterator[None]:
    """Send what the block writes without waiting for each answer; an error is raised by its end at the latest."""
    if tx.dialect.name == "sqlite":
        yield
        return
    driver: Any = tx.connection.driver_connection
    with _named_errors(tx), driver.pipeline():
        yield


class _Compiled:
    """What the driver takes and gives for one statement on one kind of database."""

    def __init__(self, statement: Any, dialect: Dialect, columns: Sequence[str] | None) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        self.sql = str(compiled)
        self._order: Sequence[str] | None = compiled.positiontup
        self._makers = dict(compiled._bind_processors)  # noqa: SLF001 - SQLAlchemy keeps it to itself, and it is what we save
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}
        self._names = list(compiled.params)
        found = compiled._result_columns or ()  # noqa: SLF001 - the same
        self._results = [(column.keyname, column.type._cached_result_processor(dialect, None)) for column in found]  # noqa: SLF001

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """The values as the driver takes them. A name that is missing is an error."""
        given = {}
        for name in self._names:
            value = values[name] if name in values else self._fixed[name]
            make = self._makers.get(name)
            given[name] = value if make is None else make(value)
        return given if self._order is None else [given[name] for name in self._order]

    def results(self, rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        """The rows by column name."""
        return [
            {
                name: value if make is None else make(value)
                for (name, make), value in zip(self._results, row, strict=True)
            }
            for row in rows
        ]


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction: committed when the block ends, rolled back when it raises. The only commit there is."""
    with engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A consistent read that takes no write lock and is always rolled back. Raises Unavailable without a database."""
    level = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    try:
        with engine.connect() as plain:
            connection = plain.execution_options(reading=True, **level)
            begun = connection.begin()
            try:
                yield connection
            finally:
                begun.rollback()
    except DBAPIError as error:
        if lost(error):
            raise _unavailable() from error
        raise


def run(engine: Engine, work: Callable[[Connection], T]) -> T:
    """Do `work` in one transaction, again after a deadlock or a busy database; `work` must have no other effect.

    Raises Unavailable when the database stays busy or cannot be reached.
    """
    for attempt in range(_ATTEMPTS):
        try:
            with transaction(engine) as tx:
                result = work(tx)
        except Again:
            pass
        except DBAPIError as error:
            if not passing(error):
                if lost(error):
                    raise _unavailable() from error
                raise
        else:
            return result
        time.sleep(random.uniform(0.002, 0.01) * 2**attempt)  # noqa: S311 - spreads retries, guards nothing
    raise _unavailable()


def passing(error: DBAPIError) -> bool:
    """Whether the database said that the transaction was rolled back for another's sake and may be tried again."""
    cause = error.orig
    if isinstance(cause, psycopg.Error):
        return cause.sqlstate in _PASSING
    return isinstance(cause, sqlite3.OperationalError) and "locked" in str(cause)


def lost(error: DBAPIError) -> bool:
    """Whether the connection, not the statement, failed."""
    return error.connection_invalidated or (
        isinstance(error, OperationalError) and isinstance(error.orig, psycopg.Error) and error.orig.sqlstate is None
    )


def _unavailable() -> Unavailable:
    return Unavailable(
        zh="数据库繁忙或无法连接，请稍后重试。", en="The database is busy or cannot be reached; please try again later."
    )


def migrations_folder() -> Path:
    """Where the migrations lie: beside the source tree, or inside the installed package."""
    beside_source = Path(__file__).resolve().parents[2] / "migrations"
    return beside_source if beside_source.is_dir() else Path(__file__).resolve().parent / "migrations"


def migrate(url: str, revision: str = "head") -> None:
    """Bring a database to the newest shape, or to `revision`; harmless when it is there already."""
    from alembic import command  # noqa: PLC0415 - only migrating needs it
    from alembic.config import Config  # noqa: PLC0415 - the same

    configuration = Config()
    configuration.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    configuration.attributes["url"] = url
    command.upgrade(configuration, revision)
