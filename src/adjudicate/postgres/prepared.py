"""Statements compiled once and given to the driver as they are; on PostgreSQL they are queued and sent together."""

from __future__ import annotations

import contextlib
import re
from contextlib import contextmanager
from inspect import currentframe
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from sqlalchemy.dialects.postgresql import psycopg as postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import Insert

from adjudicate.postgres.pipeline import Pipeline
from adjudicate.postgres.tracing import Trace, is_traced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import CodeType, FrameType

    from sqlalchemy import Connection, Dialect

# Rows in one INSERT at most: a connection prepares one statement for each number of rows up to it.
_ROWS_AT_ONCE = 8
# How SQLAlchemy names a value of a statement for several rows.
_OF_ROW = re.compile(r"(.+)_m(\d+)")
# How many callers of a statement are kept: who wrote the statement, and who wanted it.
_CALLERS = 3
_OURS = {__file__, contextlib.__file__}
_Place: TypeAlias = "tuple[CodeType, int]"
# Set in the info of a connection on which the present transaction has written something.
WROTE = "wrote"
_NUMBERED: Dialect = postgresql.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


class PendingResult:
    """The rows of a query that may still be queued; reading them sends the queue."""

    def __init__(self, tx: Connection, compiled: _Compiled) -> None:
        self._tx, self._compiled = tx, compiled
        self._rows: list[dict[str, Any]] | None = None

    def set(self, rows: Sequence[Sequence[Any]]) -> None:
        """Take the rows as the driver gave them."""
        self._rows = self._compiled.results(rows)

    def rows(self) -> list[dict[str, Any]]:
        """The rows by column name. Raises LookupError if the transaction ended before the query was sent."""
        if self._rows is None:
            flush(self._tx)
        if self._rows is None:
            raise LookupError("the query was dropped with its transaction")
        return self._rows

    def first(self) -> dict[str, Any] | None:
        """The first row, or None."""
        return next(iter(self.rows()), None)


class PreparedStatement:
    """A statement compiled once for each kind of database and prepared once on each connection.

    For what every command runs: to build a statement and look it up costs more than the database needs to carry it out.
    `columns` are the names that an INSERT or UPDATE without values of its own is given. On PostgreSQL, in a transaction
    of `db`, it is queued until a result is read, another statement is executed, or the transaction ends.
    """

    def __init__(self, statement: Any, *, columns: Sequence[str] | None = None) -> None:
        self._statement, self._columns = statement, columns
        self._compiled: dict[tuple[str, int], _Compiled] = {}

    def query(self, tx: Connection, values: Mapping[str, Any]) -> PendingResult:
        """Queue the query; its result is fetched when it is read."""
        compiled = self._for(tx, 1)
        pending = PendingResult(tx, compiled)
        _enqueue(tx, compiled, [values], pending)
        return pending

    def rows(self, tx: Connection, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Run the query now and return its rows by column name."""
        return self.query(tx, values).rows()

    def write(self, tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Queue the statement for each row."""
        tx.info[WROTE] = True
        step = _ROWS_AT_ONCE if isinstance(self._statement, Insert) else 1
        for first in range(0, len(rows), step):
            some = rows[first : first + step]
            _enqueue(tx, self._for(tx, len(some)), some, None)

    def _for(self, tx: Connection, rows: int) -> _Compiled:
        name = tx.dialect.name
        found = self._compiled.get((name, rows))
        if found is None:
            dialect = tx.dialect if name == "sqlite" else _NUMBERED
            found = self._compiled[name, rows] = _Compiled(self._for_rows(rows), dialect, self._columns)
        return found

    def _for_rows(self, rows: int) -> Any:
        if rows == 1:
            return self._statement
        return self._statement.values([dict.fromkeys(self._columns or self._statement.table.c.keys())] * rows)


class _Compiled:
    """The SQL of one statement for one kind of database, and how its values and results are converted."""

    def __init__(self, statement: Any, dialect: Dialect, columns: Sequence[str] | None) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        processors = compiled._bind_processors  # noqa: SLF001 - private, and the work that is saved by keeping it
        self.sql = str(compiled)
        self._fixed = {
            name: bind.value for name, bind in compiled.binds.items() if bind.value is not None and not bind.required
        }
        self._order = [(*self._source(name), processors.get(name)) for name in compiled.positiontup]
        found = compiled._result_columns or ()  # noqa: SLF001 - the same
        self._results = [(column.keyname, column.type._cached_result_processor(dialect, None)) for column in found]  # noqa: SLF001

    def _source(self, name: str) -> tuple[int, str]:
        """The row that a value comes from, and its name there; constants of the statement stand behind the rows."""
        if name in self._fixed:
            return -1, name
        several = _OF_ROW.fullmatch(name)
        return (0, name) if several is None else (int(several[2]), several[1])

    def parameters(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The values as the driver takes them. Raises KeyError for a name that is missing."""
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


class _Queued(NamedTuple):
    """A statement on its way, its values, what waits for its rows, and who queued it."""

    compiled: _Compiled
    values: list[Any]
    pending: PendingResult | None
    queued_by: tuple[_Place, ...]


class _Queue:
    """What is to be sent on one PostgreSQL connection; outside a `deferred` block it is sent at once."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline, self.deferring = pipeline, False
        self.statements: list[_Queued] = []


def _queue_of(tx: Connection) -> _Queue | None:
    """The queue of a connection; SQLite has none, since nothing has to travel there."""
    if tx.dialect.name == "sqlite":
        return None
    connection = tx.connection
    found: _Queue | None = connection.info.get("queue")
    if found is None:
        driver: Any = connection.driver_connection
        found = connection.info["queue"] = _Queue(Pipeline(driver))
    return found


def _callers() -> tuple[_Place, ...]:
    """The innermost callers outside this module: code and instruction, no frames, which would keep values alive."""
    # Not `traceback` or `inspect.stack`, which read the source; and no line yet, which costs more than all the rest.
    frame: FrameType | None = currentframe()
    while frame is not None and frame.f_code.co_filename in _OURS:
        frame = frame.f_back
    found: list[_Place] = []
    while frame is not None and len(found) < _CALLERS:
        found.append((frame.f_code, frame.f_lasti))
        frame = frame.f_back
    return tuple(found)


def _described(places: Sequence[_Place]) -> str:
    return " < ".join(
        f"{'/'.join(Path(code.co_filename).parts[-3:])}:{_line(code, instruction)} {code.co_name}"
        for code, instruction in places
    )


def _line(code: CodeType, instruction: int) -> int:
    found = (line for first, end, line in code.co_lines() if line is not None and first <= instruction < end)
    return next(found, code.co_firstlineno)


def _enqueue(
    tx: Connection, compiled: _Compiled, rows: Sequence[Mapping[str, Any]], pending: PendingResult | None
) -> None:
    queue = _queue_of(tx)
    if queue is not None:
        queue.statements.append(_Queued(compiled, compiled.parameters(rows), pending, _callers()))
        if not queue.deferring:
            flush(tx)
        return
    trace = Trace(tx, [compiled.sql]) if is_traced(tx) else None
    with named_errors(tx, lambda: (compiled.sql, _callers()), trace):
        cursor = tx.connection.cursor()
        cursor.execute(compiled.sql, compiled.parameters(rows))
        if pending is not None:
            pending.set(cursor.fetchall())
    if trace is not None:
        trace.done()


def flush(tx: Connection, *, last: str | None = None) -> None:
    """Send the queue, and behind it the command `last`, which runs only if all before it did. Raises what failed."""
    queue = _queue_of(tx)
    if queue is None or not (queue.statements or (last is not None and not queue.pipeline.idle)):
        return
    pipeline = queue.pipeline
    statements, queue.statements = queue.statements, []

    def failed() -> tuple[str, tuple[_Place, ...]]:
        place = pipeline.failed_at or 0
        if 0 <= place < len(statements):
            return statements[place].compiled.sql, statements[place].queued_by
        return last or "", ()

    trace = Trace(tx, [each.compiled.sql for each in statements]) if statements and is_traced(tx) else None
    with named_errors(tx, failed, trace):
        results = pipeline.execute([(each.compiled.sql, each.values) for each in statements], last=last)
        for each, result in zip(statements, results, strict=True):
            if each.pending is not None:
                each.pending.set(pipeline.rows(result))
    if trace is not None:
        trace.done()


@contextmanager
def deferred(tx: Connection) -> Iterator[None]:
    """Queue the statements of the block until a result is read; what is still queued at its end is dropped."""
    queue = _queue_of(tx)
    if queue is None:
        yield
        return
    queue.statements, queue.deferring = [], True
    try:
        yield
    finally:
        queue.statements, queue.deferring = [], False


@contextmanager
def named_errors(
    tx: Connection,
    failed: Callable[[], tuple[str, tuple[_Place, ...]]] = lambda: ("", ()),
    trace: Trace | None = None,
) -> Iterator[None]:
    """Turn the driver's errors into SQLAlchemy's, as its own execution does.

    `failed` says which statement failed and who queued it. The error bears the text without its values, and the place
    as `queued_by` and as a note. `trace` is told.
    """
    drivers = tx.dialect.loaded_dbapi.Error
    try:
        yield
    except drivers as error:
        statement, places = failed()
        if trace is not None:
            trace.done(error, _failed_at(tx))
        disconnected = tx.dialect.is_disconnect(error, tx.connection, None)
        if disconnected:
            tx.invalidate(error)
        raised: Any = DBAPIError.instance(
            statement, None, error, drivers,
            hide_parameters=True, connection_invalidated=disconnected, dialect=tx.dialect,
        )  # fmt: skip
        raised.queued_by = _described(places)
        if places:
            raised.add_note(f"queued by {raised.queued_by}")
        raise raised from error
    except BaseException:
        # Interrupted in the middle, by Ctrl-C say: a rollback on the closed connection would hide the reason.
        if getattr(tx.connection.driver_connection, "closed", False):
            tx.invalidate()
        raise


def _failed_at(tx: Connection) -> int:
    queue = _queue_of(tx)
    return 0 if queue is None else queue.pipeline.failed_at or 0
