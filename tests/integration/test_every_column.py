"""Every table and column, out of the metadata, changed by plain SQL: verification finds it, or verify.md names it."""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy import Boolean, Date, Integer, select

from adjudicate import db
from adjudicate.access import people, tokens
from adjudicate.access.administration import COMMAND_LINE
from adjudicate.cases import case_file
from adjudicate.cases.assigning import assign_officer
from adjudicate.cases.calendars import load_calendar
from adjudicate.cases.command import Command
from adjudicate.cases.shipped import record_shipped
from adjudicate.db import Instant, Json, metadata
from adjudicate.verification.verifying import verify
from tests.integration.desk import FIRST_DAY, start
from tests.integration.tampering import tamper
from tests.integration.test_calendars import notice
from tests.integration.test_tampering import furnish
from tests.surroundings import ROOT, SOAKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sqlalchemy import Column, Table

    from tests.integration.desk import Desk


pytestmark = [pytest.mark.soak] if SOAKING else []


def unprotected() -> set[str]:
    """The tables and columns that docs/verify.md says verification does not look at."""
    page = (ROOT / "docs" / "verify.md").read_text(encoding="utf-8")
    section = page.split("## What it does not look at", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"^\| `([a-z_.]+)` \|", section, re.MULTILINE))


def archive_of(desk: Desk) -> None:
    """Two cases and everything else that a table can hold."""
    docketed, _ = furnish(desk)
    load_calendar(desk.registry, notice("330000", 2025, "2025-06-10", "2025-06-13"), source="notice")
    record_shipped(desk.registry)
    by: dict[str, Any] = {"by": COMMAND_LINE, "at": datetime.now(UTC)}
    rules = desk.registry.catalogue.offices

    def more(tx: Any) -> None:
        for name in ("mover", "leaver", "helper"):
            people.add_person(tx, actor=name, name=name, office="HZ", roles=["clerk"], rules=rules, **by)
            tokens.issue_token(tx, actor=name, label="x", **by)
        people.move_person(tx, "mover", office="ZJ", roles=["clerk", "chief"], rules=rules, **by)
        draft = people.StandIn(
            office="ZJ", role="clerk", from_at=by["at"], until_at=by["at"] + timedelta(days=9), stands_in_for="mover"
        )
        people.stand_in(tx, "helper", draft, rules=rules, **by)
        people.leave(tx, "leaver", **by)
        moment = desk.registry.moment(tx)
        for officer in ("clerk1", "chief1", "clerk1"):
            assign_officer(Command(tx, desk.registry), docketed, officer, caller=desk.chief)
        Command(tx, desk.registry).lock(docketed)
        for number in "123":
            row = {"case_id": docketed, "digest": number * 64, "size": 3, "media_type": "text/plain", "name": "申请书"}
            case_file.register_document(tx, {**row, "registered_at": moment.at, "registered_by": "clerk1"})
            grant = {"id": number * 36, "case_id": docketed, "office": "ZJ", "actor": None, "kind": "joint"}
            days = {"from_on": moment.today, "until_on": None, "granted_by": "chief1", "granted_at": moment.at}
            case_file.give_grant(tx, {**grant, **days})

    desk.run(more)


@pytest.fixture(scope="module")
def archive(module_database_url: str, law: Path) -> Iterator[Desk]:
    desk = start(module_database_url, law, day=FIRST_DAY)
    archive_of(desk)
    assert verify(desk.registry) == []
    yield desk
    desk.registry.close()


TABLES = [table for table in metadata.sorted_tables if table.name not in unprotected()]


def some(things: Iterable[Any], offset: int) -> list[Any]:
    """A fixed fourth of them; all of them in the soak."""
    found = list(things)
    return found if SOAKING else found[offset % 4 :: 4] or found[:1]


def quoted(value: Any) -> str:
    if value is None:
        return "NULL"
    return "'" + str(value).replace("'", "''") + "'"


def rows_of(desk: Desk, table: Table) -> list[dict[str, Any]]:
    with db.reading(desk.engine) as tx:
        return [dict(row) for row in tx.execute(select(table).order_by(*table.primary_key.columns)).mappings()]


def where(table: Table, row: dict[str, Any]) -> str:
    return " AND ".join(f'"{one.name}" = {written(desk_free(one, row[one.name]))}' for one in table.primary_key.columns)


def desk_free(column: Column[Any], value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(column.type, Json) and value is not None else value


def written(value: Any) -> str:
    """A value as SQL of either database has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return quoted(value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds"))
    return quoted(value) if not isinstance(value, int) else str(value)


def another(column: Column[Any], value: Any) -> Any:
    """A value of the column's type that is not this one."""
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(column.type, Integer):
        return (value or 0) + 1000
    if isinstance(column.type, Instant):
        return (value or datetime(2025, 3, 3, tzinfo=UTC)) + timedelta(seconds=1)
    if isinstance(column.type, Date):
        return (value or date(2025, 3, 3)) + timedelta(days=1)
    if isinstance(column.type, Json):
        return json.dumps(["tampered"] if isinstance(value, list) else {"tampered": True})
    base = str(value or "")
    return base[:-2] + ("0x" if base[-2:] != "0x" else "1x")


def found_after(desk: Desk, table: Table, *statements: str) -> bool:
    """Whether verification finds fault after these statements; the table is put back as it was."""
    tamper(desk, f"CREATE TABLE kept AS SELECT * FROM {table.name}")
    try:
        tamper(desk, *statements)
        return verify(desk.registry) != []
    except (sqlite3.IntegrityError, psycopg.IntegrityError):
        return True  # the database itself refuses it
    finally:
        tamper(desk, f"DELETE FROM {table.name}", f"INSERT INTO {table.name} SELECT * FROM kept", "DROP TABLE kept")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_changed_column_is_found_or_the_page_names_it(archive: Desk, table: Table) -> None:
    rows, missed = rows_of(archive, table), []
    assert rows, f"nothing in {table.name} to tamper with"
    for column in some(table.columns, TABLES.index(table)):
        row = next((one for one in rows if one[column.name] is not None), rows[0])
        change = f'"{column.name}" = {written(another(column, row[column.name]))}'
        if not found_after(archive, table, f"UPDATE {table.name} SET {change} WHERE {where(table, row)}"):
            missed.append(f"{table.name}.{column.name}")
    assert set(missed) <= unprotected()
    assert {name for name in unprotected() if name.startswith(f"{table.name}.")} <= {
        f"{table.name}.{column.name}" for column in table.columns
    }


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_an_inserted_a_deleted_and_a_swapped_row_is_found(archive: Desk, table: Table) -> None:
    rows = rows_of(archive, table)
    columns = [column.name for column in table.columns]
    listed = ", ".join(f'"{name}"' for name in columns)
    unique = {column.name for column in table.primary_key.columns}
    unique |= {
        column.name for one in table.constraints if type(one).__name__ == "UniqueConstraint" for column in one.columns
    }
    fresh = {**rows[-1], **{name: another(table.c[name], rows[-1][name]) for name in unique}}
    if len(unique) > 1 and "case_id" in unique:
        fresh["case_id"] = rows[-1]["case_id"]
    values = ", ".join(written(desk_free(table.c[name], fresh[name])) for name in columns)
    assert found_after(archive, table, f"INSERT INTO {table.name} ({listed}) VALUES ({values})"), "inserted"
    for place in some(sorted({0, len(rows) // 2, len(rows) - 1}), TABLES.index(table)):
        gone = f"DELETE FROM {table.name} WHERE {where(table, rows[place])}"
        assert found_after(archive, table, gone), f"deleted row {place}"
    others = [name for name in columns if name not in unique and f"{table.name}.{name}" not in unprotected()]
    pair = next(
        ((a, b) for n, a in enumerate(rows) for b in rows[n + 1 :] if any(a[name] != b[name] for name in others)), None
    )
    if pair is not None:
        swapped = [
            f"UPDATE {table.name} SET "
            + ", ".join(f'"{name}" = {written(desk_free(table.c[name], source[name]))}' for name in others)
            + f" WHERE {where(table, target)}"
            for target, source in (pair, pair[::-1])
        ]
        assert found_after(archive, table, *swapped), "swapped"


@pytest.mark.finding("F11")
@pytest.mark.parametrize("table", [table for table in TABLES if "case_id" in table.c], ids=lambda table: table.name)
def test_a_row_of_a_case_that_does_not_exist_is_found(archive: Desk, table: Table) -> None:
    columns = [column.name for column in table.columns]
    fresh = {**rows_of(archive, table)[-1], "case_id": "no-such-case"}
    for name in {"id", "number"} & fresh.keys():
        fresh[name] = another(table.c[name], fresh[name])
    listed = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(written(desk_free(table.c[name], fresh[name])) for name in columns)
    tamper(archive, f"INSERT INTO {table.name} ({listed}) VALUES ({values})")
    try:
        assert "no-such-case" in {one.case_id for one in verify(archive.registry)}
    finally:
        tamper(archive, f"DELETE FROM {table.name} WHERE case_id = 'no-such-case'")


def test_the_page_names_only_tables_and_columns_that_there_are() -> None:
    known = {table.name for table in metadata.sorted_tables}
    known |= {f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns}
    assert unprotected() <= known
