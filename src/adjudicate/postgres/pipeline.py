"""Several statements to PostgreSQL in one round trip, each prepared once on a connection; no table is known here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import generators
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus, TransactionStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg.abc import PQGen
    from psycopg.pq.abc import PGresult

_FAILED = {ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED}
# A pooler between us and the server, or a change of a table, made the server forget or refuse a prepared statement.
_UNPREPARED = {"26000", "0A000"}


class Pipeline:
    """Pipeline mode on one connection of the driver, which others may use in between.

    The driver's own cursors can do the same at four times the cost: they examine each statement and value anew.
    """

    def __init__(self, driver: psycopg.Connection[Any]) -> None:
        self._driver = driver
        # Kept, because a new one looks up the converter of each type anew.
        self._transformer = Transformer(driver)
        self._names: dict[str, bytes] = {}
        self._counter = 0
        # Which of the statements last sent failed, counted from 0: one less is the BEGIN, one more the last command.
        self.failed_at: int | None = None

    @property
    def idle(self) -> bool:
        """Whether no transaction is open."""
        return self._driver.pgconn.transaction_status == TransactionStatus.IDLE

    def execute(self, statements: Sequence[tuple[str, Sequence[Any]]], *, last: str | None = None) -> list[PGresult]:
        """Send the statements with their values, a BEGIN ahead of them where none is open; one result for each.

        With `last`, that command goes with them and runs only if all before it did. Raises the driver's error for the
        first that failed.
        """
        dump = self._transformer.dump_sequence
        dumped = [(sql, dump(values, [PyFormat.TEXT] * len(values))) for sql, values in statements]
        begin = [(self._begin(), None)] if self.idle and not self._driver.autocommit else []
        end = [] if last is None else [(last, None)]
        self.failed_at = None
        with self._driver.lock:
            results = self._exchange([*begin, *dumped, *end], ahead=len(begin))
        if last is not None and results[-1].command_status != last.encode():
            # The server answers COMMIT of a failed transaction with ROLLBACK, and does not call that an error.
            raise psycopg.errors.InFailedSqlTransaction(f"{last} was answered with {results[-1].command_status!r}")
        return results[len(begin) : len(begin) + len(dumped)]

    def rows(self, result: PGresult) -> list[tuple[Any, ...]]:
        """The rows of a result as the driver reads them."""
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple)

    def _begin(self) -> str:
        level = self._driver.isolation_level
        return "BEGIN" if level is None else f"BEGIN ISOLATION LEVEL {level.name.replace('_', ' ')}"

    def _exchange(self, statements: Sequence[tuple[str, Sequence[Any] | None]], *, ahead: int) -> list[PGresult]:
        """Send everything, then read everything; `ahead` of the statements are ours and not the caller's.

        `prepares` says of each result which statement it prepared, if any.
        """
        pgconn = self._driver.pgconn
        prepares: list[tuple[str, bytes] | None] = []
        fresh: dict[str, bytes] = {}
        try:
            pgconn.enter_pipeline_mode()
            for sql, values in statements:
                name = self._names.get(sql) or fresh.get(sql)
                if name is None:
                    name = fresh[sql] = self._new_name()
                    pgconn.send_prepare(name, sql.encode())
                    prepares.append((sql, name))
                pgconn.send_query_prepared(name, values)
                prepares.append(None)
            pgconn.pipeline_sync()
            results = self._driver.wait(self._results(len(prepares)))
            pgconn.exit_pipeline_mode()
        except BaseException:
            # The protocol is out of step; close the connection.
            self._driver.close()
            raise
        if fresh:
            self._remember(results, prepares)
        self._raise_first_error(results, prepares, ahead)
        return [result for result, prepared in zip(results, prepares, strict=True) if prepared is None]

    def _remember(self, results: Sequence[PGresult], prepares: Sequence[tuple[str, bytes] | None]) -> None:
        """Keep the names of what was prepared, also where another statement failed: it need not be prepared again."""
        for result, prepared in zip(results, prepares, strict=True):
            if prepared is not None and result.status not in _FAILED:
                self._names[prepared[0]] = prepared[1]

    def _new_name(self) -> bytes:
        self._counter += 1
        return b"adjudicate_%d" % self._counter

    def _results(self, count: int) -> PQGen[list[PGresult]]:
        pgconn = self._driver.pgconn
        yield from generators.send(pgconn)
        found = []
        for _ in range(count):
            found += yield from generators.fetch_many(pgconn)
        yield from generators.fetch_many(pgconn)  # the end of the pipeline
        return found

    def _raise_first_error(
        self, results: Sequence[PGresult], prepares: Sequence[tuple[str, bytes] | None], ahead: int
    ) -> None:
        place = next((place for place, result in enumerate(results) if result.status in _FAILED), None)
        if place is None:
            return
        self.failed_at = prepares[:place].count(None) - ahead
        error = psycopg.errors.error_from_result(results[place])
        if error.sqlstate in _UNPREPARED:
            self._names.clear()
        raise error
