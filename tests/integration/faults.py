"""Databases that can be made read-only, full, locked, gone and slow from outside while they are in use; no test here.

PostgreSQL: read-only by `default_transaction_read_only` as a failover leaves it, locked by a transaction of another
session, gone by SIGQUIT to the server's own process, slow by a trigger that sleeps, stopped by SIGSTOP to its sessions.
A full disk cannot be had without root, so a trigger raises what the server raises then, SQLSTATE 53100: what travels to
the client is the same.
SQLite: locked by an exclusive transaction of another connection, gone by moving the file, slow by a trigger that counts
to a thousand million. Read-only and full are asked of SQLite itself, by `query_only` and `max_page_count` on each
connection of the pool: file modes mean nothing to root, and to a file that is open.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import event, make_url

from tests.postgres import account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from tests.postgres import Server

WRITING = "-c default_transaction_read_only=off"
FAULTS = ("read_only", "full", "locked", "gone", "slow")


class PostgresFaults:
    """One database on a server of the test's own."""

    names = (*FAULTS, "stopped")

    def __init__(self, server: Server, url: str) -> None:
        self._server, self._process = server, server.process
        self._address = url.replace("+psycopg", "")
        self._database = str(make_url(url).database)

    def attach(self, _engine: Engine) -> None:
        """Nothing need be done in the process that serves."""

    def _execute(self, *statements: str) -> None:
        with psycopg.connect(self._address, autocommit=True, options=WRITING) as connection:
            for statement in statements:
                connection.execute(statement)  # type: ignore[call-overload]

    def _new_sessions_only(self) -> None:
        self._execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{self._database}' AND pid <> pg_backend_pid()"
        )

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """As after a failover: sessions opened meanwhile stay read-only when the database no longer is."""
        self._execute(f'ALTER DATABASE "{self._database}" SET default_transaction_read_only = on')
        self._new_sessions_only()
        try:
            yield
        finally:
            self._execute(f'ALTER DATABASE "{self._database}" RESET default_transaction_read_only')

    @contextmanager
    def _trigger(self, body: str) -> Iterator[None]:
        self._execute(
            f"CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NEW; END $$",
            "CREATE TRIGGER fault BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION fault()",
        )
        try:
            yield
        finally:
            self._execute("DROP FUNCTION fault() CASCADE")

    @contextmanager
    def full(self) -> Iterator[None]:
        """What the server says when its disk is full."""
        with self._trigger("RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100';"):
            yield

    @contextmanager
    def slow(self) -> Iterator[None]:
        """Writing takes a minute."""
        with self._trigger("PERFORM pg_sleep(60);"):
            yield

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Every process that serves a session is stopped, so that no limit of the server itself can end anything."""
        with psycopg.connect(self._address, autocommit=True, options=WRITING) as connection:
            others = "pid <> pg_backend_pid() AND backend_type = 'client backend'"
            found = connection.execute(f"SELECT pid FROM pg_stat_activity WHERE {others}").fetchall()
        for (pid,) in found:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for (pid,) in found:
                os.kill(pid, signal.SIGCONT)

    @contextmanager
    def locked(self, case_id: str) -> Iterator[None]:
        """Somebody keeps the row of a case."""
        with psycopg.connect(self._address) as connection:
            connection.execute("SELECT 1 FROM cases WHERE id = %s FOR UPDATE", [case_id])
            yield
            connection.rollback()

    @contextmanager
    def gone(self) -> Iterator[None]:
        """The server is stopped at once, and started again."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)
        try:
            yield
        finally:
            arguments: Any = self._process.args
            with (self._server.workdir / "log").open("ab") as log:
                self._process = subprocess.Popen(
                    arguments, cwd=self._server.workdir, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, **account().popen_options(),
                )  # fmt: skip
            self._wait()

    def _wait(self) -> None:
        for _ in range(600):
            with suppress(psycopg.OperationalError):
                psycopg.connect(self._address, connect_timeout=2).close()
                return
            time.sleep(0.05)

    def close(self) -> None:
        """Stop the server, whichever process it is by now."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)
        self._server.stop()


class SqliteFaults:
    """One SQLite file, served by a process of the test's own."""

    names = FAULTS

    def __init__(self, url: str, seconds: float) -> None:
        self.seconds = seconds
        self._path = Path(str(make_url(url).database))
        self._pragmas: tuple[str, ...] = ()

    def attach(self, engine: Engine) -> None:
        """Put the pragmas of the fault on every connection that the pool gives out."""

        @event.listens_for(engine, "checkout")
        def checked(connection: sqlite3.Connection, _record: Any, _proxy: Any) -> None:
            for pragma in self._pragmas or ("query_only=0", "max_page_count=1073741823"):
                connection.execute(f"PRAGMA {pragma}").close()

    @contextmanager
    def _with(self, *pragmas: str) -> Iterator[None]:
        self._pragmas = pragmas
        try:
            yield
        finally:
            self._pragmas = ()

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """SQLite writes nothing."""
        with self._with("query_only=1"):
            yield

    @contextmanager
    def full(self) -> Iterator[None]:
        """The file may grow no more; the space it has is filled first."""
        with self._with("max_page_count=1"):
            yield

    @contextmanager
    def slow(self) -> Iterator[None]:
        """Writing takes minutes; by its own clock the trigger ends with the fault, when nobody could remove it yet."""
        until = int(time.time() + self.seconds) + 1
        self._execute(
            f"CREATE TRIGGER fault BEFORE INSERT ON events WHEN CAST(strftime('%s', 'now') AS INTEGER) < {until} "
            "BEGIN SELECT count(*) FROM (WITH RECURSIVE n(x) AS "
            "(SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000000000) SELECT x FROM n); END"
        )
        try:
            yield
        finally:
            time.sleep(max(0.0, until - time.time()))
            self._execute("DROP TRIGGER fault")

    def _execute(self, statement: str) -> None:
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        connection.execute(statement)
        connection.close()

    @contextmanager
    def locked(self, _case_id: str) -> Iterator[None]:
        """Somebody else writes and does not end."""
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
        connection.close()

    @contextmanager
    def gone(self) -> Iterator[None]:
        """The file is moved away, and back again."""
        away = self._path.with_suffix(".away")
        self._path.rename(away)
        try:
            yield
        finally:
            assert not self._path.exists(), "an empty database was put in the place of the one moved away"
            away.rename(self._path)

    def close(self) -> None:
        """Nothing was started."""
