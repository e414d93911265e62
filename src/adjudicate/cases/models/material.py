"""The tables that the program works with: messages, kept answers, workers, and whether this is a sandbox."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from adjudicate.db import Instant, Json, metadata

# `dedupe_key` makes a message one of its kind: two workers warning of one deadline write one row.
outbox = Table(
    "outbox",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("topic", String(80), nullable=False),
    Column("case_id", String(36), ForeignKey("cases.id")),
    Column("sequence", Integer),
    Column("body", Json, nullable=False),
    Column("dedupe_key", String(400), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("claimed_until", Instant),
    Column("claimed_by", String(80)),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    Column("done_at", Instant),
    Index("ix_outbox_open", "id", sqlite_where=text("done_at IS NULL"), postgresql_where=text("done_at IS NULL")),
    Index("ix_outbox_case", "case_id"),
)

# `status` and `headers` are opaque here: what the API answered, to be answered again.
idempotency = Table(
    "idempotency",
    metadata,
    Column("actor", String(64), nullable=False),
    Column("key", String(200), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("case_id", String(36), ForeignKey("cases.id")),
    Column("status", Integer, nullable=False),
    Column("headers", Json, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    PrimaryKeyConstraint("actor", "key"),
    Index("ix_idempotency_created", "created_at"),
)

# One row for each running worker, with what it has counted since its start, and one with what all ended ones had. Only
# `failed_in_a_row`, of rounds, is no count: it falls to 0 with the next round that does not fail.
worker_heartbeats = Table(
    "worker_heartbeats",
    metadata,
    Column("worker", String(80), primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("failed_rounds", BigInteger, nullable=False),
    Column("settled", BigInteger, nullable=False),
    Column("warned", BigInteger, nullable=False),
    Column("delivered", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("removed_messages", BigInteger, nullable=False),
    Column("removed_answers", BigInteger, nullable=False),
    Column("failed_in_a_row", BigInteger, nullable=False, server_default="0"),
)

# One row: whether this database is a sandbox, and the day it plays there.
marker = Table(
    "marker",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sandbox", Boolean, nullable=False),
    Column("played_on", Date),
    Column("created_at", Instant, nullable=False),
)
