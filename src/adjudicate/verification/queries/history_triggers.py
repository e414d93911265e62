"""The triggers that keep history from being edited, as the migrations create them; they know no rule of law."""

from __future__ import annotations

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
    "case_officers": None,
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
