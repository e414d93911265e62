"""Engines for either database: how sessions are opened, limited, and dropped when they are of no use any more."""

from __future__ import annotations

import os
import select
import sqlite3
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from weakref import WeakKeyDictionary, WeakValueDictionary

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from adjudicate.failures import explained
from adjudicate.postgres import prepared
from adjudicate.postgres.connection import BoundedConnection, arguments
from adjudicate.settings import SettingInvalid
from adjudicate.time_limits import PATIENT, Limits, at_most, left

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg
    from sqlalchemy import URL, Connection, Engine

# Connections beyond the size of a pool, closed again when they are given back.
RESERVE = 5
# How many instructions of SQLite's machine pass between two looks at the deadline: about a millisecond's worth.
_INSTRUCTIONS = 100_000


class Turn:
    """The turn to write to one SQLite file, for the threads of this process.

    SQLite's own busy handler sleeps longer each time it finds the file locked, while the file lies idle. Other
    processes are kept out by the file lock alone.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()


@dataclass(slots=True)
class Sessions:
    """What is known of the sessions of one engine; times are those of `time.monotonic`."""

    limits: Limits
    turn: Turn | None = None
    opened_before: float = 0.0  # sessions opened before are not used again
    written_at: float = float("-inf")  # the last commit
    refused_at: float = float("-inf")  # when a write was last refused for want of room

    def drop(self) -> None:
        """Use none of the sessions again that are open now."""
        self.opened_before = monotonic()


_sessions: WeakKeyDictionary[Engine, Sessions] = WeakKeyDictionary()
# One for each file, since a process may have several engines on it.
_turns: WeakValueDictionary[str, Turn] = WeakValueDictionary()


def sessions_of(engine: Engine) -> Sessions:
    """What is known of an engine's sessions; an engine made elsewhere has no limits."""
    found = _sessions.get(engine)
    if found is None:
        found = _sessions[engine] = Sessions(PATIENT)
    return found


def address_of(url: str) -> URL:
    """The parsed address of a database. Raises SettingInvalid, which does not quote it: it may hold a password."""
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise _not_usable() from None
    if "@" in f"{address.host}{address.database}" and address.get_backend_name() != "sqlite":
        # The password would be read up to the first @ only, and its rest shown as the host wherever that is named.
        raise _not_encoded()
    if address.drivername in {"postgres", "postgresql"}:
        return address.set(drivername="postgresql+psycopg")
    if address.drivername in {"sqlite+pysqlite", "postgresql+psycopg"} or address.drivername == "sqlite":
        return address
    raise _not_usable()


def _not_usable() -> SettingInvalid:
    return SettingInvalid(
        zh="环境变量 ADJUDICATE_DATABASE_URL 不是可用的数据库地址，"
        "应形如 sqlite:///文件 或 postgresql://用户:密码@主机:端口/数据库",
        en="environment variable ADJUDICATE_DATABASE_URL is no usable address of a database; "
        "it looks like sqlite:///file or postgresql://user:password@host:port/database",
    )


def _not_encoded() -> SettingInvalid:
    return SettingInvalid(
        zh="环境变量 ADJUDICATE_DATABASE_URL 的用户名或密码含有未编码的符号：请将 @ 写作 %40，/ 写作 %2F，: 写作 %3A，"
        "# 写作 %23，% 写作 %25",
        en="environment variable ADJUDICATE_DATABASE_URL holds a sign in its user or password that must be encoded: "
        "write @ as %40, / as %2F, : as %3A, # as %23 and % as %25",
    )


def connect(url: str, *, pool_size: int = 20, limits: Limits = PATIENT, create: bool = True) -> Engine:
    """An engine for either database; nothing is connected yet.

    A SQLite file is made together with its folder, unless `create` is false: a service must not put an empty file in
    the place of one that was moved away. Raises SettingInvalid for an address that cannot be used, Unavailable where
    the folder cannot be made.
    """
    address = address_of(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address, pool_size, limits, create=create)
    engine = create_engine(
        address,
        pool_size=pool_size,
        max_overflow=RESERVE,
        pool_timeout=limits.lock_seconds,
        pool_use_lifo=True,
        connect_args=arguments(limits, address.query),
    )
    _sessions[engine] = Sessions(limits)
    event.listen(engine, "do_connect", _open_bounded)
    event.listen(engine, "before_cursor_execute", _flush_queue)
    _check_out(engine, _reject_closed)
    return engine


def _open_bounded(_dialect: Any, _record: Any, words: Any, named: Any) -> psycopg.Connection[Any]:
    return BoundedConnection.connect(*words, **named)


def _flush_queue(connection: Connection, *_: Any) -> None:
    """Keep the order of statements: one that is executed directly comes after those that are queued."""
    prepared.flush(connection)


def _reject_closed(connection: psycopg.Connection[Any], _record: Any) -> None:
    """Let the pool replace a connection that the server closed: then, and only then, its idle socket is readable."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
    if poll.poll(0):
        raise DisconnectionError


def _check_out(engine: Engine, check: Any) -> None:
    """Let the pool replace a session that was dropped, or that `check` refuses, by a new one."""
    sessions = sessions_of(engine)

    @event.listens_for(engine, "connect")
    def opened(_connection: Any, record: Any) -> None:
        record.info["opened_at"] = monotonic()

    @event.listens_for(engine, "checkout")
    def checked(connection: Any, record: Any, _proxy: Any) -> None:
        if record.info.get("opened_at", 0.0) <= sessions.opened_before:
            raise DisconnectionError
        check(connection, record)


def _sqlite(address: URL, pool_size: int, limits: Limits, *, create: bool) -> Engine:
    database = address.database
    in_file = bool(database) and database != ":memory:"
    if in_file and create:
        try:
            Path(str(database)).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise explained(error, address) from error
    # isolation_level None leaves BEGIN to us: the driver's own deferred BEGIN loses updates or fails with "locked".
    options = {"isolation_level": None, "timeout": limits.lock_seconds, "check_same_thread": False}
    path = Path(str(database)).absolute()
    more: dict[str, Any] = {"connect_args": options}
    if in_file:
        file = f"file:{quote(str(path))}?mode={'rwc' if create else 'rw'}"

        def opened() -> sqlite3.Connection:
            if create:
                _make_private(path)
            return sqlite3.connect(file, uri=True, **options)  # type: ignore[call-overload,no-any-return]

        more = {"creator": opened}
        more |= {"pool_size": pool_size, "max_overflow": RESERVE, "pool_timeout": limits.lock_seconds}
    engine = create_engine(address, **more)
    turn = _turns.setdefault(os.path.realpath(path), Turn()) if in_file else Turn()
    _sessions[engine] = Sessions(limits, turn)
    _prepare_sqlite(engine, limits)
    if in_file:
        _check_out(engine, lambda _connection, record: _reject_moved(path, record))
    return engine


def _make_private(path: Path) -> None:
    """Make a file that only its owner may read, if there is none; SQLite gives its companions the same mode."""
    # What keeps the file from being made, SQLite says itself when it opens it.
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def is_missing(engine: Engine) -> bool:
    """Whether the database is a SQLite file that is not there."""
    database = engine.url.database
    in_file = engine.dialect.name == "sqlite" and bool(database) and database != ":memory:"
    return in_file and not Path(str(database)).exists()


def _reject_moved(path: Path, record: Any) -> None:
    """Let the pool reopen a file that was moved away or replaced: the old one would be written and never read."""
    try:
        found = path.stat()
    except OSError:
        raise DisconnectionError from None
    place = (found.st_dev, found.st_ino)
    if record.info.setdefault("place", place) != place:
        raise DisconnectionError


def _prepare_sqlite(engine: Engine, limits: Limits) -> None:
    usual = round(limits.lock_seconds * 1000)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        for pragma in (
            f"busy_timeout={usual}",
            "journal_mode=WAL",
            "foreign_keys=ON",
            "recursive_triggers=ON",
            "synchronous=FULL",
        ):
            connection.execute(f"PRAGMA {pragma}").close()
        connection.set_progress_handler(_out_of_time, _INSTRUCTIONS)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        driver: Any = connection.connection.driver_connection
        patience = round(at_most(limits.lock_seconds) * 1000)
        with prepared.named_errors(connection):
            if connection.info.get("patience", usual) != patience:
                driver.execute(f"PRAGMA busy_timeout={patience}").close()
                connection.info["patience"] = patience
            driver.execute("BEGIN DEFERRED" if reading else "BEGIN IMMEDIATE")


def _out_of_time() -> int:
    rest = left()
    return int(rest is not None and rest < 0)


@contextmanager
def turn_to_write(engine: Engine) -> Iterator[None]:
    """Wait for this thread's turn to write to a SQLite file. Raises sqlalchemy's TimeoutError when it does not come."""
    sessions = sessions_of(engine)
    if sessions.turn is None:
        yield
        return
    if not sessions.turn.lock.acquire(timeout=at_most(sessions.limits.lock_seconds)):
        raise PoolExhausted("other threads kept writing")
    try:
        yield
    finally:
        sessions.turn.lock.release()
