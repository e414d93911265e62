"""The tables of who may act and see, and of the administrative ledger that keeps them; no query, no decision here."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
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
)

from adjudicate.db import Instant, Json, metadata

# `path` lists the codes from the root, each followed by '/', so that a subtree is a prefix: '000000/330000/330100/'.
offices = Table(
    "offices",
    metadata,
    Column("code", String(32), primary_key=True),
    Column("region", String(6), nullable=False),
    Column("name_zh", String(200), nullable=False),
    Column("name_en", String(200), nullable=False),
    Column("docket_name", String(40), nullable=False),
    Column("level", String(20), nullable=False),
    Column("parent", String(32), ForeignKey("offices.code")),
    Column("path", String(400), nullable=False, unique=True),
    Column("kind", String(40)),
    Column("closed_at", Instant),
)

# `office` is where a person works; `roles` are those held there now. What they were when, the appointments say.
# A name that was erased is empty.
actors = Table(
    "actors",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("office", String(32), ForeignKey("offices.code"), nullable=False),
    Column("roles", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
)

# A role of a person at an office over time. `until_at` is known beforehand for who stands in, else set at the end.
appointments = Table(
    "appointments",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("actor", String(64), ForeignKey("actors.id"), nullable=False),
    Column("office", String(32), ForeignKey("offices.code"), nullable=False),
    Column("role", String(80), nullable=False),
    Column("from_at", Instant, nullable=False),
    Column("until_at", Instant),
    Column("stands_in_for", String(64), ForeignKey("actors.id")),
    Column("given_by", String(64), nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("ended_by", String(64)),
    Column("ended_at", Instant),
    Index("ix_appointments_actor", "actor"),
    Index("ix_appointments_office", "office"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("actor", String(64), ForeignKey("actors.id"), nullable=False, index=True),
    Column("label", String(200), nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("issued_by", String(64)),
    Column("revoked_by", String(64)),
)

grants = Table(
    "grants",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("case_id", String(36), ForeignKey("cases.id"), nullable=False, index=True),
    Column("office", String(32), ForeignKey("offices.code")),
    Column("actor", String(64), ForeignKey("actors.id")),
    Column("kind", String(20), nullable=False),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date),
    Column("granted_by", String(64), ForeignKey("actors.id"), nullable=False),
    Column("granted_at", Instant, nullable=False),
    Column("ended_by", String(64)),
    Column("ended_at", Instant),
    CheckConstraint("(office IS NULL) <> (actor IS NULL)", name="to_one"),
    CheckConstraint("kind IN ('joint', 'approval', 'outside')", name="kind"),
    Index("ix_grants_office_case", "office", "case_id"),
    Index("ix_grants_actor_case", "actor", "case_id"),
)

# The administrative ledger: one entry for every change of the tables that it keeps; see `access.administration`.
administration_entries = Table(
    "administration_entries",
    metadata,
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(40), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("reason", Text),
    Column("rows", Json, nullable=False),
    Column("algorithm", String(20), nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

# What may lawfully be erased of an entry, a row for each row in it: body and salt become null, the digest stays.
administration_particulars = Table(
    "administration_particulars",
    metadata,
    Column("place", Integer, nullable=False),
    Column("table_name", String(40), nullable=False),
    Column("row_key", String(160), nullable=False),
    Column("body", Json),
    Column("salt", String(32)),
    PrimaryKeyConstraint("place", "table_name", "row_key"),
    ForeignKeyConstraint(["place"], ["administration_entries.place"]),
    Index("ix_administration_particulars_row", "table_name", "row_key"),
)

# One row; whoever appends an entry holds its lock.
administration_head = Table(
    "administration_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("place", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)
