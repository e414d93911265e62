"""Which rows the real recording writes for the measured steps, read back from the database it wrote them to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, select

from adjudicate import db
from adjudicate.access import models as _offices  # noqa: F401 - the foreign keys of cases point there
from adjudicate.cases import models

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

Row = dict[str, Any]

# In the order in which they can be written; a case is updated, the rest inserted, or overwritten where `UPSERTED`.
TABLES = (
    models.cases,
    models.events,
    models.event_particulars,
    models.document_requests,
    models.parties,
    models.deadlines,
    models.hearings,
    models.agenda,
    models.case_numbers,
    models.case_people,
    models.outbox,
    models.idempotency,
)
UPSERTED = {"parties", "deadlines", "hearings", "agenda", "case_numbers", "case_people"}
# What a recording overwrites on the case, whether it changed or not.
UPDATED = (
    *("law_day", "law_digest", "laws", "calendar_digest", "docket_number", "patent", "stage", "closed"),
    *("irregularities", "standing", "version", "head_hash", "changed_at", "next_due_on", "settled_on"),
)


@dataclass(frozen=True)
class Written:
    """The rows one step wrote to one table, or removed from it; then the columns are those of the key."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    removed: bool = False


@dataclass(frozen=True)
class Step:
    """A measured step: what was sent, from which version to which, and what was written."""

    event: str
    body: Row
    version: int
    reached: int
    written: tuple[Written, ...]


@dataclass(frozen=True)
class Template:
    """The steps as recorded once in a real case, which copies repeat."""

    case_id: str
    token: str
    steps: tuple[Step, ...]


def snapshot(tx: Connection, case_id: str) -> dict[str, dict[tuple[Any, ...], Row]]:
    """All rows of a case by table and primary key, as values of the product's own column types."""
    found: dict[str, dict[tuple[Any, ...], Row]] = {}
    for table in TABLES:
        which = table.c.id if table is models.cases else table.c.case_id
        rows = [dict(row) for row in tx.execute(select(table).where(which == case_id)).mappings()]
        found[table.name] = {tuple(row[key.name] for key in table.primary_key): row for row in rows}
    return found


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Written, ...]:
    """The rows that are new, changed or gone, with the columns a recording writes."""
    found = []
    for table in TABLES:
        gone = [row for key, row in before[table.name].items() if key not in after[table.name]]
        if gone:
            found.append(Written(table.name, tuple(key.name for key in table.primary_key), tuple(gone), removed=True))
        rows = [row for key, row in after[table.name].items() if before[table.name].get(key) != row]
        if rows:
            columns = UPDATED if table is models.cases else tuple(column.name for column in table.columns)
            found.append(Written(table.name, columns, tuple(rows)))
    return tuple(found)


def table_of(written: Written) -> Table:
    """The table the rows belong to."""
    return db.metadata.tables[written.table]


def bound(written: Written, dialect: Any) -> list[list[Any]]:
    """The rows' values as the driver takes them, in the order of `columns`."""
    table = table_of(written)
    makers = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in written.columns]
    return [
        [row[name] if maker is None else maker(row[name]) for name, maker in zip(written.columns, makers, strict=True)]
        for row in written.rows
    ]


def placed(steps: Sequence[Step], event: str) -> Step:
    """The step of this event."""
    return next(step for step in steps if step.event == event)
