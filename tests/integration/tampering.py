"""A forger with the keys of the database, past triggers and constraints, who can compute chains anew."""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import make_url, select, text

from adjudicate import db
from adjudicate.cases import audit
from adjudicate.cases.models import cases
from adjudicate.cases.queries.reads import event_rows
from adjudicate.verification.queries.history_triggers import guards

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.desk import Desk


@contextmanager
def behind_the_back(desk: Desk) -> Iterator[Any]:
    """Something to execute SQL with that no trigger and no foreign key sees; all are in place again afterwards."""
    url = make_url(desk.registry.settings.database_url)
    if url.get_backend_name() == "sqlite":
        connection = sqlite3.connect(str(url.database))
        made = guards("sqlite")
        for name in made:
            connection.execute(f"DROP TRIGGER {name}")
        try:
            yield connection
        finally:
            for statement in made.values():
                connection.execute(statement)
            connection.commit()
            connection.close()
        return
    with psycopg.connect(url.render_as_string(hide_password=False).replace("+psycopg", "")) as held:
        held.execute("SET session_replication_role = replica")
        yield held


def tamper(desk: Desk, *statements: str) -> None:
    """Execute statements behind the engine's back."""
    with behind_the_back(desk) as connection:
        for statement in statements:
            connection.execute(statement)


@contextmanager
def for_a_while(desk: Desk, *statements: str, table: str) -> Iterator[None]:
    """Tamper with one table and put it back as it was."""
    tamper(desk, f"CREATE TABLE kept AS SELECT * FROM {table}", *statements)
    try:
        yield
    finally:
        tamper(desk, f"DELETE FROM {table}", f"INSERT INTO {table} SELECT * FROM kept", "DROP TABLE kept")


def forge(desk: Desk, case_id: str, sequence: int, remark: str) -> None:
    """Change a fact in an event and in the standing, and compute digests, the whole chain and the head anew."""
    with db.reading(desk.engine) as tx:
        case = dict(tx.execute(select(cases).where(cases.c.id == case_id)).mappings().one())
        rows = [dict(row) for row in event_rows(tx, case_id)]
    previous = audit.foundation_hash(case)
    statements = []
    for row in rows:
        if row["sequence"] == sequence:
            row["facts"] = {**row["facts"], "remark": remark}
            row["facts_digest"] = audit.salted_digest(row["facts_salt"], row["facts"])
        row["previous_hash"] = previous
        row["hash"] = previous = audit.event_hash(row, previous)
        statements.append(
            f"UPDATE events SET facts = '{json.dumps(row['facts'])}', facts_digest = '{row['facts_digest']}',"
            f" previous_hash = '{row['previous_hash']}', hash = '{row['hash']}'"
            f" WHERE case_id = '{case_id}' AND sequence = {row['sequence']}"
        )
    standing = {**case["standing"], "facts": {**case["standing"]["facts"], "remark": remark}}
    statements.append(
        f"UPDATE cases SET head_hash = '{previous}', standing = '{json.dumps(standing)}' WHERE id = '{case_id}'"
    )
    tamper(desk, *statements)


def count(desk: Desk, table: str) -> int:
    """How many rows a table has."""
    with db.reading(desk.engine) as tx:
        return int(tx.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
