"""The template's rows as SQL and parameters for a driver: what a hand-written handler would say; it checks nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects import postgresql, sqlite

from benchmarks.template import UPSERTED, bound, table_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from benchmarks.template import Step, Template, Written

# What differs from one request to the next; everything else is the template's.
STAMPS = {"recorded_at", "changed_at", "created_at", "requested_at"}


@dataclass(frozen=True, slots=True)
class Request:
    """What a bare handler knows of one request."""

    case_id: str
    version: int
    key: str
    message: str
    now: Any


@dataclass(frozen=True)
class Statement:
    """One statement with its parameters, some of which depend on the request."""

    table: str
    sql: str
    fixed: tuple[Any, ...]
    varying: tuple[tuple[int, Callable[[Request], Any]], ...]

    def parameters(self, request: Request) -> list[Any]:
        """The parameters for one request."""
        values = list(self.fixed)
        for place, make in self.varying:
            values[place] = make(request)
        return values


def dialect_named(name: str) -> Any:
    """The dialect whose types turn values into what the driver takes."""
    return sqlite.dialect() if name == "sqlite" else postgresql.psycopg.dialect()


def stamp(now: datetime, dialect: str) -> Any:
    """An instant as the driver takes it."""
    return now.replace(tzinfo=None).isoformat(sep=" ") if dialect == "sqlite" else now


def statements(template: Template, step: Step, dialect: str) -> list[Statement]:
    """Everything a step writes, one statement for each table."""
    mark = "?" if dialect == "sqlite" else "%s"
    return [_statement(template, step, written, dialect, mark) for written in step.written]


def _statement(template: Template, step: Step, written: Written, dialect: str, mark: str) -> Statement:
    fixed: list[Any] = []
    varying: list[tuple[int, Any]] = []
    for row, values in zip(written.rows, bound(written, dialect_named(dialect)), strict=True):
        for name, value in zip(written.columns, values, strict=True):
            make = _varying(template, step, written.table, name, row[name], value)
            if make is not None:
                varying.append((len(fixed), make))
            fixed.append(value)
    if written.table == "cases":
        varying += [(len(fixed), lambda r: r.case_id)]
        fixed += [None]
    return Statement(written.table, sql(written, mark), tuple(fixed), tuple(varying))


def sql(written: Written, mark: str) -> str:
    """The statement that writes these rows."""
    if written.table == "cases":
        return f"UPDATE cases SET {', '.join(f'{name} = {mark}' for name in written.columns)} WHERE id = {mark}"
    if written.removed:
        row = f"({' AND '.join(f'{name} = {mark}' for name in written.columns)})"
        return f"DELETE FROM {written.table} WHERE {' OR '.join([row] * len(written.rows))}"
    one = f"({', '.join([mark] * len(written.columns))})"
    columns = ", ".join(f'"{name}"' for name in written.columns)
    text = f"INSERT INTO {written.table} ({columns}) VALUES {', '.join([one] * len(written.rows))}"
    if written.table not in UPSERTED:
        return text
    keys = [column.name for column in table_of(written).primary_key]
    changed = ", ".join(f"{name} = excluded.{name}" for name in written.columns if name not in keys)
    return f"{text} ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changed}"


def _varying(template: Template, step: Step, table: str, name: str, value: Any, raw: Any) -> Any:
    if name in STAMPS:
        return lambda r: r.now
    if (table, name) == ("outbox", "id"):
        return lambda r: r.message
    if (table, name) == ("outbox", "dedupe_key"):
        return lambda r: f"recorded:{r.case_id}:{r.version + step.reached - step.version}"
    if (table, name) == ("idempotency", "key"):
        return lambda r: r.key
    if name in {"sequence", "version"}:
        offset = value - step.version
        return lambda r: r.version + offset
    if isinstance(raw, str) and template.case_id in raw:
        return lambda r: r.case_id if raw == template.case_id else raw.replace(template.case_id, r.case_id)
    return None
