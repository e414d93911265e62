"""Whether the triggers of the migrations, and no others, are in place and in force; it changes nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import String, Text, text

from adjudicate.access import models as _access_models  # noqa: F401 - they fill the metadata
from adjudicate.cases import models as _case_models  # noqa: F401
from adjudicate.db import metadata
from adjudicate.verification.queries.history_triggers import REFUSAL, guards
from adjudicate.verification.queries.trigger_conditions import parsed

if TYPE_CHECKING:
    from sqlalchemy import Connection


def broken_guards(tx: Connection) -> list[str]:
    """The names of triggers that are missing, switched off or no longer what they were."""
    expected = guards(tx.dialect.name)
    if tx.dialect.name == "sqlite":
        rows = tx.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        present = {name: " ".join(sql.split()) for name, sql in rows}
        return [name for name, sql in expected.items() if present.get(name) != " ".join(sql.split())]
    return _broken_in_postgresql(tx, expected)


def strangers(tx: Connection) -> list[tuple[str, str]]:
    """Triggers and rewriting rules that no migration made, and row security, as (table, name), in order.

    Such a thing changes or swallows what the engine writes on its way into a table, or hides it from who reads.
    """
    if tx.dialect.name == "sqlite":
        rows = tx.execute(text("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"))
    else:
        rows = tx.execute(
            text(
                "SELECT c.relname, s.name FROM pg_class c"
                " JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()"
                " JOIN (SELECT tgrelid AS of, tgname AS name FROM pg_trigger WHERE NOT tgisinternal"
                " UNION ALL SELECT ev_class, rulename FROM pg_rewrite"
                " UNION ALL SELECT oid, 'ROW LEVEL SECURITY' FROM pg_class WHERE relrowsecurity) s ON s.of = c.oid"
                " WHERE c.relkind IN ('r', 'p')"
            )
        )
    expected = guards(tx.dialect.name)
    ours = {*metadata.tables, "alembic_version"}
    return sorted((table, name) for table, name in rows if table.lower() in ours and name not in expected)


def switched_off(tx: Connection) -> bool:
    """Whether a setting of PostgreSQL that outlasts a session switches triggers off, for all or for some role."""
    if tx.dialect.name == "sqlite":
        return False
    rows = tx.execute(
        text(
            "SELECT current_setting('session_replication_role') UNION ALL"
            " SELECT split_part(one, '=', 2) FROM pg_db_role_setting, unnest(setconfig) AS one"
            " WHERE split_part(one, '=', 1) = 'session_replication_role' AND (setdatabase = 0"
            " OR setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))"
            # Another program of the server may have a role of that kind, which can write nothing here.
            " AND (setrole = 0 OR has_table_privilege(setrole, 'events', 'INSERT, UPDATE, DELETE'))"
        )
    )
    return any(value.lower() == "replica" for value in rows.scalars())


_DEFINED = re.compile(
    r"CREATE TRIGGER (?P<name>\w+) BEFORE (?P<operation>UPDATE|DELETE|TRUNCATE) ON (?:[\w\"]+\.)?\"?(?P<table>\w+)\"?"
    r" FOR EACH (?P<each>ROW|STATEMENT)(?: WHEN \((?P<condition>.*)\))?"
    r" EXECUTE (?:FUNCTION|PROCEDURE) (?:[\w\"]+\.)?\"?(?P<function>\w+)\"?\(\)",
    re.DOTALL,
)
# Two columns that are to be equal, as the migrations write it.
_EQUAL = re.compile(r"\b(NEW|OLD)\.(\w+) = (NEW|OLD)\.(\w+)")


def _broken_in_postgresql(tx: Connection, expected: dict[str, str]) -> list[str]:
    """Compare the whole definition of each trigger, as the server writes it out, and the function behind it.

    What the server writes does not show whose operator or function a name is, where another schema comes first in the
    search path. Those of PostgreSQL itself are no dependency on record.
    """
    rows = tx.execute(
        text(
            "SELECT t.tgname, pg_get_triggerdef(t.oid), t.tgenabled, p.prosrc, l.lanname, p.proconfig IS NULL,"
            " EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_trigger'::regclass AND d.objid = t.oid"
            " AND d.refclassid <> 'pg_class'::regclass AND d.refobjid <> t.tgfoid)"
            " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
            " JOIN pg_language l ON l.oid = p.prolang"
            " JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema() WHERE NOT t.tgisinternal"
        )
    )
    body = REFUSAL.split("$$")[1]
    sound = {
        name
        for name, definition, enabled, source, language, unconfigured, on_others in rows
        if name in expected
        and enabled in {"O", "A"}
        and (source, language, unconfigured, on_others) == (body, "plpgsql", True, False)
        and _same(definition, expected[name])
    }
    return [name for name in expected if name not in sound]


def _same(stored: str, made: str) -> bool:
    """Whether two statements make the same trigger. One `UPDATE OF` columns, or with arguments, matches nothing."""
    found, wanted = _DEFINED.fullmatch(stored), _DEFINED.fullmatch(made)
    if found is None or wanted is None:
        return False
    same = all(
        found[part].lower() == wanted[part].lower() for part in ("name", "operation", "table", "each", "function")
    )
    condition = _with_casts(wanted["table"], wanted["condition"] or "")
    return same and parsed(found["condition"] or "") == parsed(condition)


def _with_casts(table: str, condition: str) -> str:
    """A condition with the casts that the server adds: it compares texts of limited length as texts, and no others."""
    columns = metadata.tables[table].c

    def cast(match: re.Match[str]) -> str:
        sides = ((match[1], match[2]), (match[3], match[4]))
        written = [f"{row}.{name}::text" if _limited(columns[name].type) else f"{row}.{name}" for row, name in sides]
        return " = ".join(written)

    return _EQUAL.sub(cast, condition)


def _limited(kind: object) -> bool:
    return isinstance(kind, String) and not isinstance(kind, Text)
