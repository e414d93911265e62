"""Statements compiled once and handed to the driver as they are, on PostgreSQL as many in one trip as can be."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.postgresql import psycopg as postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import Insert

from adjudicate.postgres.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Dialect

# Rows that go into one INSERT: for each number up to it, a connection prepares a statement of its own.
_AT_ONCE = 8
# How SQLAlchemy names a value of a statement for several rows.
_OF_ROW = re.compile(r"(.+)_m(\d+)")
_NUMBERED: Dialect = postgresql.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


class PendingResult:
    """Rows that were asked for and may not have been sent for yet."""

    def __init__(self, tx: Connection, compiled: _Compiled) -> None:
        self._tx, self._compiled = tx, compiled
        self._found: list[dict[str, Any]] | None = None

    def answer(self, rows: Sequence[Sequence[Any]]) -> None:
        """Take the rows that came."""
        self._found = self._compiled.results(rows)

    def rows(self) -> list[dict[str, Any]]:
        """The rows by column name; whatever waits is sent for them."""
        if self._found is None:
            flush(self._tx)
        if self._found is None:
            raise LookupError("what was asked was dropped with its transaction")
        return self._found

    def first(self) -> dict[str, Any] | None:
        """The first row, if there is one."""
        return next(iter(self.rows()), None)


class PreparedStatement:
    """A statement that is compiled once for each kind of database and then handed to the driver as it is.

    For what every command runs: building and looking up a statement costs more than the database needs to carry it out.
    `columns` are the names an INSERT or UPDATE without values of its own is given. On PostgreSQL, in a transaction of
    `db`, what is asked and written waits until an answer is needed, something else is executed, or it ends.
    """

    def __init__(self, statement: Any, *, columns: Sequence[str] | None = None) -> None:
        self._statement, self._columns = statement, columns
        self._compiled: dict[tuple[str, int], _Compiled] = {}

    def ask(self, tx: Connection, values: Mapping[str, Any]) -> PendingResult:
        """Ask for the rows it gives; they are there when they are looked at."""
        compiled = self._for(tx, 1)
        asked = PendingResult(tx, compiled)
        _say(tx, compiled, [values], asked)
        return asked

    def rows(self, tx: Connection, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Carry it out and return the rows it gives, by column name."""
        return self.ask(tx, values).rows()

    def write(self, tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Carry it out for each row."""
        several = isinstance(self._statement, Insert)
        step = _AT_ONCE if several else 1
        for first in range(0, len(rows), step):
            some = rows[first : first + step]
            _say(tx, self._for(tx, len(some)), some, None)

    def _for(self, tx: Connection, rows: int) -> _Compiled:
        name = tx.dialect.name
        found = self._compiled.get((name, rows))
        if found is None:
            dialect = tx.dialect if name == "sqlite" else _NUMBERED
            found = self._compiled[name, rows] = _Compiled(self._repeated(rows), dialect, self._columns)
        return found

    def _repeated(self, rows: int) -> Any:
        """The statement for so many rows."""
        if rows == 1:
            return self._statement
        return self._statement.values([dict.fromkeys(self._columns or self._statement.table.c.keys())] * rows)


class _Compiled:
    """What the driver takes and gives for one statement on one kind of database."""

    def __init__(self, statement: Any, dialect: Dialect, columns: Sequence[str] | None) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        makers = compiled._bind_processors  # noqa: SLF001 - SQLAlchemy keeps it to itself, and it is what we save
        self.sql = str(compiled)
        self._fixed = {
            name: bind.value for name, bind in compiled.binds.items() if bind.value is not None and not bind.required
        }
        self._order = [(*self._source(name), makers.get(name)) for name in compiled.positiontup]
        found = compiled._result_columns or ()  # noqa: SLF001 - the same
        self._results = [(column.keyname, column.type._cached_result_processor(dialect, None)) for column in found]  # noqa: SLF001

    def _source(self, name: str) -> tuple[int, str]:
        """Which row a value comes from, and its name there; what the statement holds itself stands behind the rows."""
        if name in self._fixed:
            return -1, name
        several = _OF_ROW.fullmatch(name)
        return (0, name) if several is None else (int(several[2]), several[1])

    def parameters(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The values as the driver takes them. A name that is missing is an error."""
        given = [*rows, self._fixed]
        return [given[row][name] if make is None else make(given[row][name]) for row, name, make in self._order]

    def results(self, rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        """The rows by column name."""
        return [
            {
                name: value if make is None else make(value)
                for (name, make), value in zip(self._results, row, strict=True)
            }
            for row in rows
        ]


class _Queue:
    """What was said on one connection to PostgreSQL and not sent yet; `patient` where it need not be sent at once."""

    def __init__(self, wire: Pipeline) -> None:
        self.wire, self.patient = wire, False
        self.said: list[tuple[_Compiled, list[Any], PendingResult | None]] = []


def _waiting(tx: Connection) -> _Queue | None:
    """What waits on a connection; on SQLite, where nothing has to travel, nothing ever does."""
    if tx.dialect.name == "sqlite":
        return None
    connection = tx.connection
    found: _Queue | None = connection.info.get("waiting")
    if found is None:
        driver: Any = connection.driver_connection
        found = connection.info["waiting"] = _Queue(Pipeline(driver))
    return found


def _say(tx: Connection, compiled: _Compiled, rows: Sequence[Mapping[str, Any]], asked: PendingResult | None) -> None:
    waiting = _waiting(tx)
    if waiting is not None:
        waiting.said.append((compiled, compiled.parameters(rows), asked))
        if not waiting.patient:
            flush(tx)
        return
    with named_errors(tx):
        cursor = tx.connection.cursor()
        cursor.execute(compiled.sql, compiled.parameters(rows))
        if asked is not None:
            asked.answer(cursor.fetchall())


def flush(tx: Connection, *, last: str | None = None) -> None:
    """Send what waits, and with it `last`, which is carried out only if all that waited was; raises what failed."""
    waiting = _waiting(tx)
    if waiting is None or not (waiting.said or (last is not None and not waiting.wire.idle)):
        return
    said, waiting.said = waiting.said, []
    with named_errors(tx):
        answers = waiting.wire.execute([(compiled.sql, given) for compiled, given, _ in said], last=last)
        for (_, _, asked), answer in zip(said, answers, strict=True):
            if asked is not None:
                asked.answer(waiting.wire.rows(answer))


@contextmanager
def deferred(tx: Connection) -> Iterator[None]:
    """Let what the block says wait as long as nobody asks for an answer; what still waits at its end is dropped."""
    waiting = _waiting(tx)
    if waiting is None:
        yield
        return
    waiting.said, waiting.patient = [], True
    try:
        yield
    finally:
        waiting.said, waiting.patient = [], False


@contextmanager
def named_errors(tx: Connection) -> Iterator[None]:
    """Turn what the driver raises into SQLAlchemy's errors, as its own execution does."""
    drivers = tx.dialect.loaded_dbapi.Error
    try:
        yield
    except drivers as error:
        gone = tx.dialect.is_disconnect(error, tx.connection, None)
        if gone:
            tx.invalidate(error)
        raise DBAPIError.instance("", None, error, drivers, connection_invalidated=gone, dialect=tx.dialect) from error
    except BaseException:
        # Broken off in the middle, by Ctrl-C say: a rollback on what was closed for it would hide why.
        if getattr(tx.connection.driver_connection, "closed", False):
            tx.invalidate()
        raise
