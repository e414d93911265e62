"""The ledgers: roles over time, one chain for the administration and one for the file of each case.

What stood before is one entry "as found" in each. Tables and columns are only added, nothing is rebuilt; a release that
does not know them goes on beside this one. It imports nothing of the product, so that it does the same for ever.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

GUARDED: dict[str, str | None] = {
    "administration_entries": None,
    "administration_particulars": (
        "NEW.place = OLD.place AND NEW.table_name = OLD.table_name AND NEW.row_key = OLD.row_key"
        " AND NEW.body IS NULL AND NEW.salt IS NULL"
    ),
    "administration_head": "NEW.id = OLD.id AND NEW.place = OLD.place + 1",
    "file_entries": None,
    "file_particulars": (
        "NEW.case_id = OLD.case_id AND NEW.place = OLD.place AND NEW.table_name = OLD.table_name"
        " AND NEW.row_key = OLD.row_key AND NEW.body IS NULL AND NEW.salt IS NULL"
    ),
    "offices": ("NEW.code = OLD.code AND NEW.region = OLD.region AND NEW.level = OLD.level AND NEW.path = OLD.path"),
    "actors": "NEW.id = OLD.id AND NEW.created_at = OLD.created_at",
    "appointments": (
        "NEW.id = OLD.id AND NEW.actor = OLD.actor AND NEW.office = OLD.office AND NEW.role = OLD.role"
        " AND NEW.from_at = OLD.from_at AND OLD.ended_at IS NULL"
    ),
    "tokens": "NEW.id = OLD.id AND NEW.hash = OLD.hash AND NEW.actor = OLD.actor AND OLD.revoked_at IS NULL",
    "grants": (
        "NEW.id = OLD.id AND NEW.case_id = OLD.case_id AND NEW.kind = OLD.kind AND NEW.from_on = OLD.from_on"
        " AND OLD.ended_at IS NULL"
    ),
    "documents": (
        "NEW.case_id = OLD.case_id AND NEW.digest = OLD.digest AND NEW.size = OLD.size"
        " AND NEW.registered_at = OLD.registered_at AND NEW.registered_by = OLD.registered_by"
    ),
}
INSTANT = sa.DateTime(timezone=True)
COLUMNS: dict[str, dict[str, Any]] = {
    "offices": dict.fromkeys(
        ("code", "region", "name_zh", "name_en", "docket_name", "level", "parent", "path", "kind"), sa.String()
    )
    | {"closed_at": INSTANT},
    "actors": {
        **dict.fromkeys(("id", "name", "office", "roles"), sa.String()),
        "created_at": INSTANT,
        "disabled_at": INSTANT,
    },
    "appointments": {
        **dict.fromkeys(("id", "actor", "office", "role", "stands_in_for", "given_by", "ended_by"), sa.String()),
        **dict.fromkeys(("from_at", "until_at", "given_at", "ended_at"), INSTANT),
    },
    "tokens": {
        **dict.fromkeys(("id", "hash", "actor", "label", "issued_by", "revoked_by"), sa.String()),
        **dict.fromkeys(("issued_at", "expires_at", "revoked_at"), INSTANT),
    },
    "holiday_notices": {
        "digest": sa.String(),
        "place": sa.Integer(),
        "code": sa.String(),
        "year": sa.Integer(),
        "loaded_at": INSTANT,
    },
    "marker": {"id": sa.Integer(), "sandbox": sa.Boolean(), "played_on": sa.Date(), "created_at": INSTANT},
    "documents": {
        **dict.fromkeys(("case_id", "digest", "media_type", "name", "registered_by"), sa.String()),
        "size": sa.Integer(),
        "registered_at": INSTANT,
    },
    "grants": {
        **dict.fromkeys(("id", "case_id", "office", "actor", "kind", "granted_by", "ended_by"), sa.String()),
        "from_on": sa.Date(),
        "until_on": sa.Date(),
        "granted_at": INSTANT,
        "ended_at": INSTANT,
    },
}
ADMINISTRATION = {
    "offices": ("code",),
    "actors": ("id",),
    "appointments": ("id",),
    "tokens": ("id",),
    "holiday_notices": ("digest",),
    "marker": ("id",),
}
FILE = {"documents": ("case_id", "digest"), "grants": ("id",)}
PRIVATE = {"actors": "name", "documents": "name"}


def upgrade() -> None:
    add_columns()
    create_appointments()
    create_ledger("administration", scoped=False)
    create_ledger("file", scoped=True)
    op.create_table(
        "administration_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_administration_head")),
    )
    connection, now = op.get_bind(), datetime.now(UTC)
    appoint(connection, now)
    found_administration(connection, now)
    found_files(connection, now)
    for statement in guards(connection.dialect.name):
        op.execute(statement)


def add_columns() -> None:
    op.add_column("offices", sa.Column("kind", sa.String(length=40), nullable=True))
    op.add_column("offices", sa.Column("closed_at", INSTANT, nullable=True))
    for name in ("issued_by", "revoked_by"):
        op.add_column("tokens", sa.Column(name, sa.String(length=64), nullable=True))
    op.add_column("grants", sa.Column("ended_by", sa.String(length=64), nullable=True))
    op.add_column("grants", sa.Column("ended_at", INSTANT, nullable=True))
    op.add_column("cases", sa.Column("file_place", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("cases", sa.Column("file_hash", sa.String(length=64), nullable=True))


def create_appointments() -> None:
    op.create_table(
        "appointments",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("from_at", INSTANT, nullable=False),
        sa.Column("until_at", INSTANT, nullable=True),
        sa.Column("stands_in_for", sa.String(length=64), nullable=True),
        sa.Column("given_by", sa.String(length=64), nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["actor"], ["actors.id"], name=op.f("fk_appointments_actor_actors")),
        sa.ForeignKeyConstraint(["office"], ["offices.code"], name=op.f("fk_appointments_office_offices")),
        sa.ForeignKeyConstraint(["stands_in_for"], ["actors.id"], name=op.f("fk_appointments_stands_in_for_actors")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
    )
    op.create_index("ix_appointments_actor", "appointments", ["actor"], unique=False)
    op.create_index("ix_appointments_office", "appointments", ["office"], unique=False)


def create_ledger(name: str, *, scoped: bool) -> None:
    scope = ["case_id"] if scoped else []
    entries, particulars = f"{name}_entries", f"{name}_particulars"
    to_case = (
        [sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f(f"fk_{entries}_case_id_cases"))] if scoped else []
    )
    op.create_table(
        entries,
        *(sa.Column(column, sa.String(length=36), nullable=False) for column in scope),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.String(length=20), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        *to_case,
        sa.PrimaryKeyConstraint(*scope, "place", name=op.f(f"pk_{entries}")),
    )
    columns = [*scope, "place"]
    op.create_table(
        particulars,
        *(sa.Column(column, sa.String(length=36), nullable=False) for column in scope),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("row_key", sa.String(length=160), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("salt", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            columns,
            [f"{entries}.{column}" for column in columns],
            name=op.f(f"fk_{particulars}_{'_'.join(columns)}_{entries}"),
        ),
        sa.PrimaryKeyConstraint(*columns, "table_name", "row_key", name=op.f(f"pk_{particulars}")),
    )
    if not scoped:
        op.create_index("ix_administration_particulars_row", particulars, ["table_name", "row_key"], unique=False)


def described(name: str) -> Any:
    return sa.table(name, *(sa.column(column, kind) for column, kind in COLUMNS[name].items()))


def appoint(connection: Any, now: datetime) -> None:
    people = connection.execute(sa.select(described("actors"))).mappings().all()
    rows = [appointment(actor, role, now) for actor in people for role in json.loads(actor["roles"])]
    insert(connection, described("appointments"), rows)


def appointment(actor: Any, role: str, now: datetime) -> dict[str, Any]:
    ended = in_utc(actor["disabled_at"])
    return {
        "id": str(uuid.uuid4()),
        "actor": actor["id"],
        "office": actor["office"],
        "role": role,
        "from_at": in_utc(actor["created_at"]),
        "until_at": ended,
        "stands_in_for": None,
        "given_by": "migration",
        "given_at": now,
        "ended_by": None if ended is None else "migration",
        "ended_at": ended,
    }


def in_utc(value: datetime | None) -> datetime | None:
    return value if value is None or value.tzinfo is not None else value.replace(tzinfo=UTC)


def insert(connection: Any, table: Any, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        rows = [{name: naive(value) for name, value in row.items()} for row in rows]
    connection.execute(sa.insert(table), rows)


def naive(value: Any) -> Any:
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        return f"{aware.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
    return value.isoformat() if isinstance(value, date) else value


def split(name: str, key: tuple[str, ...], rows: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows as they stand in an entry, in the order of their keys, and beside them what may be erased."""
    public, beside = [], []
    for row in sorted(rows, key=lambda one: [str(one[column]) for column in key]):
        shown = {column: plain(value) for column, value in row.items() if column != PRIVATE.get(name)}
        if "roles" in shown:
            shown["roles"] = json.loads(shown["roles"])
        hidden = row[PRIVATE[name]] if name in PRIVATE else None
        if hidden:
            body, salt = {PRIVATE[name]: hidden}, secrets.token_hex(16)
            shown["particulars_digest"] = hashlib.sha256(bytes.fromhex(salt) + canonical(body)).hexdigest()
            text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
            row_key = " ".join(str(row[column]) for column in key)
            beside.append({"table_name": name, "row_key": row_key, "body": text, "salt": salt})
        public.append(shown)
    return public, beside


def seal(ledger: str, scope: str, rows: dict[str, Any], now: datetime) -> dict[str, Any]:
    previous = hashlib.sha256(canonical({"ledger": ledger, "of": scope})).hexdigest()
    said = {"place": 1, "kind": "as_found", "actor": "migration", "reason": None, "rows": rows, "algorithm": "sha-256"}
    content = canonical({"of": scope, "ledger": ledger, **said, "recorded_at": plain(now)})
    own = hashlib.sha256(previous.encode() + b"\n" + content).hexdigest()
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    return {**said, "rows": text, "recorded_at": now, "previous_hash": previous, "hash": own}


def entries_table(name: str, *, scoped: bool) -> Any:
    scope = [sa.column("case_id", sa.String())] if scoped else []
    texts = ("kind", "actor", "reason", "rows", "algorithm", "previous_hash", "hash")
    return sa.table(
        name, *scope, sa.column("place", sa.Integer()), sa.column("recorded_at", INSTANT),
        *(sa.column(column, sa.String()) for column in texts),
    )  # fmt: skip


def particulars_table(name: str, *, scoped: bool) -> Any:
    scope = [sa.column("case_id", sa.String())] if scoped else []
    texts = ("table_name", "row_key", "body", "salt")
    return sa.table(name, *scope, sa.column("place", sa.Integer()), *(sa.column(one, sa.String()) for one in texts))


def found_administration(connection: Any, now: datetime) -> None:
    rows: dict[str, Any] = {}
    beside: list[dict[str, Any]] = []
    for name, key in ADMINISTRATION.items():
        stored = connection.execute(sa.select(described(name))).mappings().all()
        if stored:
            rows[name], hidden = split(name, key, stored)
            beside += hidden
    if not rows:
        return
    entry = seal("administration_entries", "", rows, now)
    insert(connection, entries_table("administration_entries", scoped=False), [entry])
    insert(
        connection,
        particulars_table("administration_particulars", scoped=False),
        [{"place": 1, **one} for one in beside],
    )
    head = sa.table("administration_head", *(sa.column(one) for one in ("id", "place", "hash")))
    insert(connection, head, [{"id": 1, "place": 1, "hash": entry["hash"]}])


def found_files(connection: Any, now: datetime) -> None:
    """The files of all cases that hold a document or a grant, some hundred at a time."""
    holders = " UNION ".join(f"SELECT case_id FROM {name}" for name in FILE)  # noqa: S608 - names of tables
    after = ""
    while True:
        page = sa.text(f"SELECT case_id FROM ({holders}) AS h WHERE case_id > :after ORDER BY case_id LIMIT 500")  # noqa: S608
        ids = list(connection.execute(page, {"after": after}).scalars())
        if not ids:
            return
        after = ids[-1]
        found_some_files(connection, ids, now)


def found_some_files(connection: Any, ids: list[str], now: datetime) -> None:
    stored: dict[str, dict[str, list[Any]]] = {case_id: {} for case_id in ids}
    for name in FILE:
        table = described(name)
        for row in connection.execute(sa.select(table).where(table.c.case_id.in_(ids))).mappings():
            stored[row["case_id"]].setdefault(name, []).append(row)
    entries, beside, heads = [], [], []
    for case_id, tables in stored.items():
        rows: dict[str, Any] = {}
        for name, some in tables.items():
            rows[name], hidden = split(name, FILE[name], some)
            beside += [{"case_id": case_id, "place": 1, **one} for one in hidden]
        entry = seal("file_entries", case_id, rows, now)
        entries.append({"case_id": case_id, **entry})
        heads.append({"one": case_id, "head": entry["hash"]})
    insert(connection, entries_table("file_entries", scoped=True), entries)
    insert(connection, particulars_table("file_particulars", scoped=True), beside)
    connection.execute(sa.text("UPDATE cases SET file_place = 1, file_hash = :head WHERE id = :one"), heads)


def guards(dialect: str) -> list[str]:
    made = []
    for table, allowed in GUARDED.items():
        for operation in ("update", "delete") if dialect == "sqlite" else ("update", "delete", "truncate"):
            when = f" WHEN {f'NOT ({allowed})'}" if allowed and operation == "update" else ""
            name = f"history_{table}_{operation}"
            if dialect == "sqlite":
                made.append(
                    f"CREATE TRIGGER {name} BEFORE {operation.upper()} ON {table} FOR EACH ROW{when}"
                    f" BEGIN SELECT RAISE(ABORT, 'history in {table} is only added to'); END"
                )
                continue
            each = "STATEMENT" if operation == "truncate" else "ROW"
            when = f" WHEN ({f'NOT ({allowed})'})" if when else ""
            made.append(
                f"CREATE TRIGGER {name} BEFORE {operation.upper()} ON {table} FOR EACH {each}{when}"
                " EXECUTE FUNCTION adjudicate_refuse()"
            )
    return made
