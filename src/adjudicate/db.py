"""Column types and the one place that begins, commits and repeats transactions; it knows no table."""

from __future__ import annotations

import json
import random
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import DateTime, Dialect, MetaData, Text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.types import TypeDecorator

from adjudicate import failures, schema
from adjudicate.compact_json import compact
from adjudicate.engines import address_of, connect, is_missing, sessions_of, turn_to_write
from adjudicate.failures import Failure, Unavailable, broken_constraint
from adjudicate.postgres import prepared
from adjudicate.schema import NotMigrated, migrate
from adjudicate.time_limits import left, within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

__all__ = [
    "Instant",
    "Json",
    "NotMigrated",
    "Unavailable",
    "cannot_now",
    "connect",
    "make_if_new",
    "metadata",
    "migrate",
    "place_of",
    "probe_write",
    "reading",
    "require_migrated",
    "run",
    "standing_of",
    "transaction",
]

T = TypeVar("T")

_ATTEMPTS = 8
# A write was refused for want of room: for this long no trial that is rolled back can prove that there is room again.
_REFUSED_SECONDS = 15
# A commit that wrote something proves for this long that writing is possible.
_PROVEN_SECONDS = 2
_PROBE_SECONDS = 1.5

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


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


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction: committed when the block ends, rolled back when it raises. The only commit there is."""
    with turn_to_write(engine), engine.connect() as connection, connection.begin(), prepared.deferred(connection):
        connection.info.pop(prepared.WROTE, None)
        yield connection
        prepared.flush(connection, last="COMMIT")
        wrote = connection.info.pop(prepared.WROTE, False)
    if wrote:
        sessions_of(engine).written_at = time.monotonic()


@contextmanager
def reading(engine: Engine, *, patient: bool = False) -> Iterator[Connection]:
    """A consistent read that takes no write lock and is always rolled back. Raises Unavailable without a database.

    `patient` lifts the engine's limits of time, for an operator's command over the whole record.
    """
    limits = sessions_of(engine).limits
    level = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    try:
        with within(None if patient else limits.command_seconds), engine.connect() as plain:
            connection = plain.execution_options(reading=True, **level)
            begun = connection.begin()
            try:
                if patient and limits.statement_seconds is not None and level:
                    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                with prepared.deferred(connection):
                    yield connection
            finally:
                begun.rollback()
    except (DBAPIError, PoolExhausted) as error:
        _raise_if_not_now(engine, error)
        raise


def run(engine: Engine, work: Callable[[Connection], T], *, again_over: str | None = None) -> T:
    """Do `work` in one transaction, again after a deadlock; `work` must have no other effect.

    Again too where PostgreSQL says that another transaction was first to write a row under the constraint `again_over`;
    on SQLite no two write at once. Raises Unavailable when the database stays busy, cannot be reached or cannot be
    written; then nothing was recorded, unless a COMMIT was sent and its answer never came. All attempts together, and
    all that they wait for, share one deadline, the engine's `command_seconds`.
    """
    with within(sessions_of(engine).limits.command_seconds):
        for attempt in range(_ATTEMPTS):
            try:
                with transaction(engine) as tx:
                    return work(tx)
            except (DBAPIError, PoolExhausted) as error:
                clash = again_over is not None and broken_constraint(error) == again_over
                if not clash and failures.kind_of(error) is not Failure.AGAIN:
                    _raise_if_not_now(engine, error, writing=True)
                    raise
            pause = random.uniform(0.002, 0.01) * 2**attempt  # noqa: S311 - spreads retries, guards nothing
            rest = left()
            if rest is not None and rest < pause:
                break
            time.sleep(pause)
    raise failures.unavailable()


def cannot_now(error: BaseException) -> bool:
    """Whether an error says that the database cannot do this now, and not that the program is wrong."""
    return failures.kind_of(error) in failures.NOT_NOW


def _raise_if_not_now(engine: Engine, error: BaseException, *, writing: bool = False) -> None:
    """Raises Unavailable where the database cannot now; sessions that are of no use any more are dropped."""
    kind = failures.kind_of(error)
    if kind not in failures.NOT_NOW:
        return
    sessions = sessions_of(engine)
    if kind is Failure.AWAY:
        sessions.drop()
    if kind is Failure.FULL and writing:
        sessions.refused_at = time.monotonic()
    raise failures.unavailable() from error


def probe_write(engine: Engine, write: Callable[[Connection], None], *, proven_by: Engine | None = None) -> None:
    """Find out whether a write is possible now: carry out `write` and roll it back. Raises Unavailable if it is not.

    Bounded to a second and a half, its turn on SQLite included. Nothing is tried where a commit of this engine, or of
    `proven_by` on the same database, succeeded a moment ago; and a write lately refused for want of room counts,
    since a trial that is rolled back needs no room.
    """
    known = [sessions_of(each) for each in (engine, *([] if proven_by is None else [proven_by]))]
    written, refused = max(each.written_at for each in known), max(each.refused_at for each in known)
    now = time.monotonic()
    if written > refused and now - written < _PROVEN_SECONDS:
        return
    if refused > written and now - refused < _REFUSED_SECONDS:
        raise failures.unavailable()
    try:
        with within(_PROBE_SECONDS), turn_to_write(engine), engine.connect() as connection:
            begun = connection.begin()
            try:
                write(connection)
            finally:
                begun.rollback()
    except (DBAPIError, PoolExhausted) as error:
        for each in known:
            if failures.kind_of(error) is Failure.AWAY:
                each.drop()
        _raise_if_not_now(engine, error, writing=True)
        raise


def standing_of(url: str) -> set[str]:
    """The newest migrations that a database has seen; none where it is empty or a file that is not there.

    Raises Unavailable, which says why, where it cannot be read; SettingInvalid.
    """
    engine = connect(url, create=False)
    try:
        if is_missing(engine):
            return set()
        with reading(engine) as connection:
            return schema.stands_at(connection)
    except (Unavailable, DBAPIError) as error:
        if isinstance(error, DBAPIError) and not failures.is_of_the_database(error):
            raise
        raise failures.explained(error, engine.url) from error
    finally:
        engine.dispose()


def place_of(url: str) -> str:
    """Which database this is, for an operator's terminal: a file by its whole path, and never a password."""
    return failures.shown(address_of(url))


def make_if_new(url: str) -> bool:
    """Migrate a database that is empty or not there yet; True if it was. An older one is left as it is.

    Whoever serves it next is refused with NotMigrated, so that nothing migrates a record before it was backed up.
    """
    if standing_of(url):
        return False
    migrate(url)
    return True


def require_migrated(engine: Engine) -> None:
    """Raises NotMigrated when a migration that this program knows was not run; Unavailable, saying why, without it."""
    if is_missing(engine):
        raise schema.not_migrated(set())
    try:
        with reading(engine) as connection:
            schema.require_newest(connection)
    except (Unavailable, DBAPIError) as error:
        if isinstance(error, DBAPIError) and not failures.is_of_the_database(error):
            raise
        raise failures.explained(error, engine.url) from error
