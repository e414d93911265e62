"""The triggers that keep history from being edited, and whether they are all in place; they know no rule of law."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

# Table -> what an update may still do (None: nothing). No row of these tables is ever deleted.
GUARDED: dict[str, str | None] = {
    "events": None,
    "law_texts": None,
    "calendars": None,
    "holiday_notices": None,
    "event_particulars": (
        "NEW.case_id = OLD.case_id AND NEW.sequence = OLD.sequence AND NEW.body IS NULL AND NEW.salt IS NULL"
    ),
    "docket_numbers": (
        "NEW.office = OLD.office AND NEW.kind = OLD.kind AND NEW.year = OLD.year AND NEW.number = OLD.number"
        " AND NEW.text = OLD.text AND NEW.case_id = OLD.case_id AND NEW.sequence = OLD.sequence"
        " AND OLD.voided_by IS NULL AND NEW.voided_by IS NOT NULL"
    ),
    "docket_counters": (
        "NEW.office = OLD.office AND NEW.kind = OLD.kind AND NEW.year = OLD.year AND NEW.last = OLD.last + 1"
    ),
    "cases": (
        "NEW.id = OLD.id AND NEW.workflow = OLD.workflow AND NEW.office = OLD.office AND NEW.region = OLD.region"
        " AND NEW.opened_on = OLD.opened_on AND NEW.version >= OLD.version"
    ),
    "marker": "NEW.id = OLD.id AND NEW.sandbox = OLD.sandbox",
}

REFUSAL = """CREATE FUNCTION adjudicate_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history in % is only added to', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$"""


def guards(dialect: str) -> dict[str, str]:
    """The statement that makes each trigger, by the trigger's name."""
    made = {}
    for table, allowed in GUARDED.items():
        operations = ("update", "delete") if dialect == "sqlite" else ("update", "delete", "truncate")
        for operation in operations:
            condition = f"NOT ({allowed})" if allowed and operation == "update" else None
            name = f"history_{table}_{operation}"
            write = _sqlite if dialect == "sqlite" else _postgresql
            made[name] = write(name, table=table, operation=operation, condition=condition)
    return made


def _sqlite(name: str, *, table: str, operation: str, condition: str | None) -> str:
    when = f" WHEN {condition}" if condition else ""
    return (
        f"CREATE TRIGGER {name} BEFORE {operation.upper()} ON {table} FOR EACH ROW{when}"
        f" BEGIN SELECT RAISE(ABORT, 'history in {table} is only added to'); END"
    )


def _postgresql(name: str, *, table: str, operation: str, condition: str | None) -> str:
    each = "STATEMENT" if operation == "truncate" else "ROW"
    when = f" WHEN ({condition})" if condition else ""
    return (
        f"CREATE TRIGGER {name} BEFORE {operation.upper()} ON {table} FOR EACH {each}{when}"
        " EXECUTE FUNCTION adjudicate_refuse()"
    )


_ROW, _BEFORE = 1, 2
_OPERATION = {"delete": 8, "update": 16, "truncate": 32}


def broken_guards(tx: Connection) -> list[str]:
    """The names of triggers that are missing, switched off or no longer what they were."""
    expected = guards(tx.dialect.name)
    if tx.dialect.name == "sqlite":
        rows = tx.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        present = {name: " ".join(sql.split()) for name, sql in rows}
        return [name for name, sql in expected.items() if present.get(name) != " ".join(sql.split())]
    return _broken_in_postgresql(tx, expected)


def _broken_in_postgresql(tx: Connection, expected: dict[str, str]) -> list[str]:
    rows = tx.execute(
        text(
            "SELECT t.tgname, c.relname, t.tgenabled, t.tgtype, t.tgqual IS NULL, p.proname, p.prosrc"
            " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema() WHERE NOT t.tgisinternal"
        )
    )
    body = REFUSAL.split("$$")[1]
    sound = set()
    for name, table, enabled, kind, unconditional, function, source in rows:
        operation = name.rsplit("_", 1)[-1]
        wanted = _BEFORE | _OPERATION.get(operation, 0) | (0 if operation == "truncate" else _ROW)
        conditional = operation == "update" and GUARDED.get(table) is not None
        as_made = (name, function, source) == (f"history_{table}_{operation}", "adjudicate_refuse", body)
        if as_made and enabled in {"O", "A"} and kind == wanted and unconditional is not conditional:
            sound.add(name)
    return [name for name in expected if name not in sound]
