"""The ground: cases and their history, who may act, the law and calendars used, and the triggers that keep them.

It imports nothing of the product, so that it does the same for ever.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

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


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    create_tables()
    if dialect == "postgresql":
        op.execute(sa.DDL(REFUSAL.replace("%", "%%")))
    for statement in guards(dialect).values():
        op.execute(sa.DDL(statement))


def create_tables() -> None:
    create_calendars_to_marker()
    create_offices_to_docket_counters()
    create_cases()
    create_tokens()
    create_deadlines()
    create_docket_numbers_to_documents()
    create_events()
    create_grants()
    create_hearings_to_idempotency()
    create_outbox_to_parties()
    create_document_requests_to_event_particulars()


def create_calendars_to_marker() -> None:
    op.create_table(
        "calendars",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_calendars")),
    )
    op.create_table(
        "holiday_notices",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_holiday_notices")),
        sa.UniqueConstraint("place", name=op.f("uq_holiday_notices_place")),
    )
    op.create_table(
        "law_texts",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("workflow", sa.String(length=80), nullable=False),
        sa.Column("law_day", sa.Date(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_law_texts")),
    )
    op.create_table(
        "marker",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox", sa.Boolean(), nullable=False),
        sa.Column("played_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marker")),
    )


def create_offices_to_docket_counters() -> None:
    op.create_table(
        "offices",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("docket_name", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("parent", sa.String(length=32), nullable=True),
        sa.Column("path", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["offices.code"], name=op.f("fk_offices_parent_offices")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_offices")),
        sa.UniqueConstraint("path", name=op.f("uq_offices_path")),
    )
    op.create_table(
        "actors",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("office", sa.String(length=32), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["office"], ["offices.code"], name=op.f("fk_actors_office_offices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actors")),
    )
    op.create_table(
        "docket_counters",
        sa.Column("office", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=160), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["office"], ["offices.code"], name=op.f("fk_docket_counters_office_offices")),
        sa.PrimaryKeyConstraint("office", "kind", "year", name=op.f("pk_docket_counters")),
    )


def create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("workflow", sa.String(length=80), nullable=False),
        sa.Column("law_day", sa.Date(), nullable=False),
        sa.Column("law_digest", sa.String(length=64), nullable=False),
        sa.Column("laws", sa.Text(), nullable=False),
        sa.Column("calendar_digest", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("docket_number", sa.String(length=80), nullable=True),
        sa.Column("patent", sa.String(length=80), nullable=True),
        sa.Column("stage", sa.String(length=80), nullable=True),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("irregularities", sa.Integer(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_due_on", sa.Date(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_digest"], ["calendars.digest"], name=op.f("fk_cases_calendar_digest_calendars")
        ),
        sa.ForeignKeyConstraint(["law_digest"], ["law_texts.digest"], name=op.f("fk_cases_law_digest_law_texts")),
        sa.ForeignKeyConstraint(["office"], ["offices.code"], name=op.f("fk_cases_office_offices")),
        sa.ForeignKeyConstraint(["opened_by"], ["actors.id"], name=op.f("fk_cases_opened_by_actors")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index("ix_cases_docket_number", "cases", ["docket_number"], unique=False)
    op.create_index(
        "ix_cases_next_due",
        "cases",
        ["next_due_on", "settled_on"],
        unique=False,
        sqlite_where=sa.text("next_due_on IS NOT NULL"),
        postgresql_where=sa.text("next_due_on IS NOT NULL"),
    )
    op.create_index("ix_cases_office_opened", "cases", ["office", "opened_on", "id"], unique=False)
    op.create_index("ix_cases_office_stage", "cases", ["office", "workflow", "stage"], unique=False)
    op.create_index("ix_cases_opened", "cases", ["opened_on", "id"], unique=False)
    op.create_index("ix_cases_patent", "cases", ["patent"], unique=False)


def create_tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["actor"], ["actors.id"], name=op.f("fk_tokens_actor_actors")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("hash", name=op.f("uq_tokens_hash")),
    )
    op.create_index(op.f("ix_tokens_actor"), "tokens", ["actor"], unique=False)


def create_deadlines() -> None:
    op.create_table(
        "deadlines",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=240), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("party", sa.String(length=80), nullable=True),
        sa.Column("thread", sa.String(length=120), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("trigger_on", sa.Date(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_counted_on", sa.Date(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("lapsed_on", sa.Date(), nullable=True),
        sa.Column("office", sa.String(length=32), nullable=False),
        sa.Column("warn_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_deadlines_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", "key", name=op.f("pk_deadlines")),
    )
    op.create_index("ix_deadlines_due", "deadlines", ["status", "due_on", "case_id", "key"], unique=False)
    op.create_index(
        "ix_deadlines_office_due", "deadlines", ["office", "status", "due_on", "case_id", "key"], unique=False
    )
    op.create_index(
        "ix_deadlines_warn",
        "deadlines",
        ["warn_on"],
        unique=False,
        sqlite_where=sa.text("warn_on IS NOT NULL"),
        postgresql_where=sa.text("warn_on IS NOT NULL"),
    )


def create_docket_numbers_to_documents() -> None:
    op.create_table(
        "docket_numbers",
        sa.Column("office", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=160), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=80), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("voided_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_docket_numbers_case_id_cases")),
        sa.ForeignKeyConstraint(["office"], ["offices.code"], name=op.f("fk_docket_numbers_office_offices")),
        sa.PrimaryKeyConstraint("office", "kind", "year", "number", name=op.f("pk_docket_numbers")),
    )
    op.create_index("ix_docket_numbers_case", "docket_numbers", ["case_id"], unique=False)
    op.create_index("ix_docket_numbers_text", "docket_numbers", ["text"], unique=False)
    op.create_table(
        "documents",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_documents_case_id_cases")),
        sa.ForeignKeyConstraint(["registered_by"], ["actors.id"], name=op.f("fk_documents_registered_by_actors")),
        sa.PrimaryKeyConstraint("case_id", "digest", name=op.f("pk_documents")),
    )


def create_events() -> None:
    op.create_table(
        "events",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("event", sa.String(length=80), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("thread", sa.String(length=120), nullable=True),
        sa.Column("party", sa.String(length=80), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("joins", sa.Text(), nullable=False),
        sa.Column("irregular", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("supersedes", sa.Integer(), nullable=True),
        sa.Column("before", sa.Integer(), nullable=True),
        sa.Column("target", sa.Integer(), nullable=True),
        sa.Column("cause", sa.Integer(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("law_digest", sa.String(length=64), nullable=False),
        sa.Column("calendar_digest", sa.String(length=64), nullable=False),
        sa.Column("docket_number", sa.String(length=80), nullable=True),
        sa.Column("voids_docket_number", sa.String(length=80), nullable=True),
        sa.Column("facts_salt", sa.String(length=32), nullable=False),
        sa.Column("facts_digest", sa.String(length=64), nullable=False),
        sa.Column("particulars_digest", sa.String(length=64), nullable=True),
        sa.Column("algorithm", sa.String(length=20), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_digest"], ["calendars.digest"], name=op.f("fk_events_calendar_digest_calendars")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_events_case_id_cases")),
        sa.ForeignKeyConstraint(["law_digest"], ["law_texts.digest"], name=op.f("fk_events_law_digest_law_texts")),
        sa.PrimaryKeyConstraint("case_id", "sequence", name=op.f("pk_events")),
    )
    op.create_index("ix_events_recorded", "events", ["recorded_at"], unique=False)


def create_grants() -> None:
    op.create_table(
        "grants",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("office", sa.String(length=32), nullable=True),
        sa.Column("actor", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("granted_by", sa.String(length=64), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('joint', 'approval', 'outside')", name=op.f("ck_grants_kind")),
        sa.CheckConstraint("(office IS NULL) <> (actor IS NULL)", name=op.f("ck_grants_to_one")),
        sa.ForeignKeyConstraint(["actor"], ["actors.id"], name=op.f("fk_grants_actor_actors")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_grants_case_id_cases")),
        sa.ForeignKeyConstraint(["granted_by"], ["actors.id"], name=op.f("fk_grants_granted_by_actors")),
        sa.ForeignKeyConstraint(["office"], ["offices.code"], name=op.f("fk_grants_office_offices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
    )
    op.create_index("ix_grants_actor_case", "grants", ["actor", "case_id"], unique=False)
    op.create_index(op.f("ix_grants_case_id"), "grants", ["case_id"], unique=False)
    op.create_index("ix_grants_office_case", "grants", ["office", "case_id"], unique=False)


def create_hearings_to_idempotency() -> None:
    op.create_table(
        "hearings",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("thread", sa.String(length=120), nullable=False),
        sa.Column("hearing_on", sa.Date(), nullable=False),
        sa.Column("time", sa.String(length=40), nullable=True),
        sa.Column("room", sa.String(length=200), nullable=True),
        sa.Column("mode", sa.String(length=80), nullable=True),
        sa.Column("attended", sa.Text(), nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("office", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_hearings_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", "thread", name=op.f("pk_hearings")),
    )
    op.create_index("ix_hearings_day", "hearings", ["hearing_on", "case_id"], unique=False)
    op.create_index("ix_hearings_office_day", "hearings", ["office", "hearing_on", "case_id"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=True),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_idempotency_case_id_cases")),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_idempotency")),
    )
    op.create_index("ix_idempotency_created", "idempotency", ["created_at"], unique=False)


def create_outbox_to_parties() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("topic", sa.String(length=80), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.String(length=80), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_outbox_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outbox_dedupe_key")),
    )
    op.create_index("ix_outbox_case", "outbox", ["case_id"], unique=False)
    op.create_index(
        "ix_outbox_open",
        "outbox",
        ["id"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "parties",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("party", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("represents", sa.String(length=80), nullable=True),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=True),
        sa.Column("name_key", sa.String(length=400), nullable=True),
        sa.Column("particulars", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_parties_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", "party", name=op.f("pk_parties")),
    )
    op.create_index("ix_parties_name", "parties", ["name_key"], unique=False)


def create_document_requests_to_event_particulars() -> None:
    op.create_table(
        "document_requests",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(length=80), nullable=False),
        sa.Column("party", sa.String(length=80), nullable=False),
        sa.Column("thread", sa.String(length=120), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("fulfilled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id", "sequence"],
            ["events.case_id", "events.sequence"],
            name=op.f("fk_document_requests_case_id_sequence_events"),
        ),
        sa.PrimaryKeyConstraint("case_id", "sequence", "document", "party", name=op.f("pk_document_requests")),
    )
    op.create_table(
        "event_particulars",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("salt", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id", "sequence"],
            ["events.case_id", "events.sequence"],
            name=op.f("fk_event_particulars_case_id_sequence_events"),
        ),
        sa.PrimaryKeyConstraint("case_id", "sequence", name=op.f("pk_event_particulars")),
    )
