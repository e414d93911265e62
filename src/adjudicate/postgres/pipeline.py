"""Several statements to PostgreSQL in one trip, each prepared once a connection; what they say is not known here."""

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

_REFUSED = {ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED}
# Somebody between us and the server, or a change of a table, made it forget or refuse what was prepared.
_UNPREPARED = {"26000", "0A000"}


class Pipeline:
    """Speaks over one connection of the driver, which may be used by others in between.

    The driver's cursors can do the same at four times the price: they look at each statement and each value anew.
    """

    def __init__(self, driver: psycopg.Connection[Any]) -> None:
        self._driver = driver
        # Kept, because a new one looks for the converter of each type anew.
        self._transformer = Transformer(driver)
        self._names: dict[str, bytes] = {}
        self._drawn = 0

    @property
    def idle(self) -> bool:
        """Whether no transaction is under way."""
        return self._driver.pgconn.transaction_status == TransactionStatus.IDLE

    def execute(self, asked: Sequence[tuple[str, Sequence[Any]]], *, last: str | None = None) -> list[PGresult]:
        """Send the statements with their values, a BEGIN ahead of them where none is under way; an answer to each.

        With `last`, that command goes with them and is carried out only if all before it were. Raises the driver's
        error for the first that failed.
        """
        dump = self._transformer.dump_sequence
        given = [(sql, dump(values, [PyFormat.TEXT] * len(values))) for sql, values in asked]
        begin = [(self._begin(), None)] if self.idle and not self._driver.autocommit else []
        end = [] if last is None else [(last, None)]
        with self._driver.lock:
            answers = self._talk([*begin, *given, *end])
        if last is not None and answers[-1].command_status != last.encode():
            # A transaction that had failed before answers COMMIT with ROLLBACK, and calls that no error.
            raise psycopg.errors.InFailedSqlTransaction(f"{last} was answered with {answers[-1].command_status!r}")
        return answers[len(begin) : len(begin) + len(given)]

    def rows(self, answer: PGresult) -> list[tuple[Any, ...]]:
        """The rows of an answer as the driver reads them."""
        self._transformer.set_pgresult(answer)
        return self._transformer.load_rows(0, answer.ntuples, tuple)

    def _begin(self) -> str:
        level = self._driver.isolation_level
        return "BEGIN" if level is None else f"BEGIN ISOLATION LEVEL {level.name.replace('_', ' ')}"

    def _talk(self, said: Sequence[tuple[str, Sequence[Any] | None]]) -> list[PGresult]:
        """Send everything, then read everything. In `names`, None stands for the answer to a statement itself."""
        pgconn = self._driver.pgconn
        names: list[tuple[str, bytes] | None] = []
        fresh: dict[str, bytes] = {}
        try:
            pgconn.enter_pipeline_mode()
            for sql, values in said:
                name = self._names.get(sql) or fresh.get(sql)
                if name is None:
                    name = fresh[sql] = self._new_name()
                    pgconn.send_prepare(name, sql.encode())
                    names.append((sql, name))
                pgconn.send_query_prepared(name, values)
                names.append(None)
            pgconn.pipeline_sync()
            found = self._driver.wait(self._answers(len(names)))
            pgconn.exit_pipeline_mode()
        except BaseException:
            # What it would say next answers a question that nobody remembers.
            self._driver.close()
            raise
        if fresh:
            self._remember(found, names)
        self._check(found)
        return [answer for answer, name in zip(found, names, strict=True) if name is None]

    def _remember(self, found: Sequence[PGresult], names: Sequence[tuple[str, bytes] | None]) -> None:
        """Keep what was prepared even where something else failed, or it would be prepared again and again."""
        for answer, name in zip(found, names, strict=True):
            if name is not None and answer.status not in _REFUSED:
                self._names[name[0]] = name[1]

    def _new_name(self) -> bytes:
        self._drawn += 1
        return b"ready_%d" % self._drawn

    def _answers(self, count: int) -> PQGen[list[PGresult]]:
        pgconn = self._driver.pgconn
        yield from generators.send(pgconn)
        found = []
        for _ in range(count):
            found += yield from generators.fetch_many(pgconn)
        yield from generators.fetch_many(pgconn)  # the end of the pipeline
        return found

    def _check(self, answers: Sequence[PGresult]) -> None:
        failed = next((answer for answer in answers if answer.status in _REFUSED), None)
        if failed is None:
            return
        error = psycopg.errors.error_from_result(failed)
        if error.sqlstate in _UNPREPARED:
            self._names.clear()
        raise error
