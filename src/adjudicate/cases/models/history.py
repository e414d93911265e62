"""The tables of cases and of their history, which is only ever added to; no query here."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from adjudicate.db import Instant, Json, metadata

# The current standing of a case is a cache of its events; `version` is the sequence of its last event. `laws` says, for
# every version of the procedure that has governed the case so far, by its first day, the digest it was pinned with.
cases = Table(
    "cases",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("workflow", String(80), nullable=False),
    Column("law_day", Date, nullable=False),
    Column("law_digest", String(64), ForeignKey("law_texts.digest"), nullable=False),
    Column("laws", Json, nullable=False),
    Column("calendar_digest", String(64), ForeignKey("calendars.digest"), nullable=False),
    Column("office", String(32), ForeignKey("offices.code"), nullable=False),
    Column("region", String(6), nullable=False),
    Column("docket_number", String(80)),
    Column("patent", String(80)),
    Column("stage", String(80)),
    Column("closed", Boolean, nullable=False),
    Column("irregularities", Integer, nullable=False),
    Column("standing", Json, nullable=False),
    Column("version", Integer, nullable=False),
    Column("head_hash", String(64), nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", String(64), ForeignKey("actors.id"), nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("next_due_on", Date),
    Column("settled_on", Date, nullable=False),
    Column("file_place", Integer, nullable=False, server_default="0"),
    Column("file_hash", String(64)),
    Column("officer", String(64)),
    # One index for each order of a list and each way to narrow it that leaves a range of the index in that order.
    Index("ix_cases_office_closed_opened", "office", "closed", "opened_on", "id", "workflow", "stage"),
    Index("ix_cases_office_closed_changed", "office", "closed", "changed_at", "id", "workflow"),
    Index("ix_cases_office_stage_opened", "office", "stage", "opened_on", "id"),
    Index("ix_cases_office_stage_changed", "office", "stage", "changed_at", "id"),
    Index("ix_cases_opened", "opened_on", "id"),
    Index("ix_cases_changed", "changed_at", "id"),
    Index(
        "ix_cases_office_next_due",
        "office",
        "next_due_on",
        "settled_on",
        sqlite_where=text("next_due_on IS NOT NULL"),
        postgresql_where=text("next_due_on IS NOT NULL"),
    ),
    Index(
        "ix_cases_next_due",
        "next_due_on",
        "settled_on",
        sqlite_where=text("next_due_on IS NOT NULL"),
        postgresql_where=text("next_due_on IS NOT NULL"),
    ),
)

# One row of the stream. Columns that the pure core knows bear its names (states.entries.Entry); the rest is the record
# of who wrote it down, under which law and calendar, and the chain.
events = Table(
    "events",
    metadata,
    Column("case_id", String(36), ForeignKey("cases.id"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("kind", String(30), nullable=False),
    Column("event", String(80), nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("effective_at", Instant),
    Column("by", String(80), nullable=False),
    Column("thread", String(120)),
    Column("party", String(80)),
    Column("facts", Json, nullable=False),
    Column("joins", Json, nullable=False),
    Column("irregular", Json, nullable=False),
    Column("reason", Text),
    Column("supersedes", Integer),
    Column("before", Integer),
    Column("target", Integer),
    Column("cause", Integer),
    Column("key", Text),
    Column("actor", String(64), nullable=False),
    Column("recorded_by", String(64), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_on", Date, nullable=False),
    Column("law_digest", String(64), ForeignKey("law_texts.digest"), nullable=False),
    Column("calendar_digest", String(64), ForeignKey("calendars.digest"), nullable=False),
    Column("docket_number", String(80)),
    Column("voids_docket_number", String(80)),
    Column("facts_salt", String(32), nullable=False),
    Column("facts_digest", String(64), nullable=False),
    Column("particulars_digest", String(64)),
    Column("algorithm", String(20), nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    PrimaryKeyConstraint("case_id", "sequence"),
    Index("ix_events_recorded", "recorded_at"),
)

# What may lawfully be erased: body and salt become null, the digest stays in the event.
event_particulars = Table(
    "event_particulars",
    metadata,
    Column("case_id", String(36), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("body", Json),
    Column("salt", String(32)),
    PrimaryKeyConstraint("case_id", "sequence"),
    ForeignKeyConstraint(["case_id", "sequence"], ["events.case_id", "events.sequence"]),
)

docket_counters = Table(
    "docket_counters",
    metadata,
    Column("office", String(32), ForeignKey("offices.code"), nullable=False),
    Column("kind", String(160), nullable=False),
    Column("year", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("office", "kind", "year"),
)

# A number once drawn stays; `voided_by` is the sequence of the event that made it void.
docket_numbers = Table(
    "docket_numbers",
    metadata,
    Column("office", String(32), ForeignKey("offices.code"), nullable=False),
    Column("kind", String(160), nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("text", String(80), nullable=False),
    Column("case_id", String(36), ForeignKey("cases.id"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("voided_by", Integer),
    PrimaryKeyConstraint("office", "kind", "year", "number"),
    Index("ix_docket_numbers_case", "case_id"),
    Index("ix_docket_numbers_text", "text"),
)
