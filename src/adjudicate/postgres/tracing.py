"""Tells whoever listens to SQLAlchemy's events of statements that SQLAlchemy itself does not see; it times nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import ExceptionContext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


class Execution:
    """In the place of SQLAlchemy's context of an execution; listeners keep on it what they like, such as a span."""

    def __init__(self, tx: Connection, statement: str) -> None:
        self.dialect, self.engine, self.root_connection = tx.dialect, tx.engine, tx
        self.statement, self.compiled, self.executemany = statement, None, False


class Failing(ExceptionContext):
    """What the listeners of an error are told. That they ask for another error is ignored."""

    def __init__(self, tx: Connection, execution: Execution, cursor: Any, error: BaseException) -> None:
        self.connection, self.engine, self.dialect = tx, tx.engine, tx.dialect
        self.cursor, self.statement, self.parameters = cursor, execution.statement, None
        self.execution_context = execution  # type: ignore[assignment]
        self.original_exception, self.sqlalchemy_exception, self.chained_exception = error, None, None
        self.is_disconnect, self.invalidate_pool_on_disconnect, self.is_pre_ping = False, False, False


class Trace:
    """The events of some statements that are sent together: before all of them, and after each when all are answered.

    The text of a statement is told and never its values; a listener that gives back another text is not obeyed.
    """

    def __init__(self, tx: Connection, statements: Sequence[str]) -> None:
        self._tx = tx
        self._cursor = tx.connection.cursor()
        self._executions = [Execution(tx, statement) for statement in statements]
        for each in self._executions:
            for listener in tx.dispatch.before_cursor_execute:
                listener(tx, self._cursor, each.statement, None, each, each.executemany)

    def done(self, error: BaseException | None = None, failed_at: int = 0) -> None:
        """All were answered; or, with `error`, those before `failed_at` were and the others failed or were dropped."""
        for number, each in enumerate(self._executions):
            if error is None or number < failed_at:
                for listener in self._tx.dispatch.after_cursor_execute:
                    listener(self._tx, self._cursor, each.statement, None, each, each.executemany)
            else:
                failing = Failing(self._tx, each, self._cursor, error)
                for listener in self._tx.dialect.dispatch.handle_error:
                    listener(failing)


def is_traced(tx: Connection) -> bool:
    """Whether anybody listens but `engines`, which on PostgreSQL has one listener of its own."""
    dispatch = tx.dispatch
    own = 0 if tx.dialect.name == "sqlite" else 1
    return len(dispatch.before_cursor_execute) > own or len(dispatch.after_cursor_execute) > 0
