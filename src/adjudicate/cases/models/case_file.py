"""The tables of the file of a case: documents due and registered, officers, and its ledger; no query here."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from adjudicate.db import Instant, Json, metadata

# A document that a step obliges the office to issue; rendering and service follow it. `party` is '' for none.
document_requests = Table(
    "document_requests",
    metadata,
    Column("case_id", String(36), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("document", String(80), nullable=False),
    Column("party", String(80), nullable=False),
    Column("thread", String(120)),
    Column("requested_at", Instant, nullable=False),
    Column("digest", String(64)),
    Column("fulfilled_at", Instant),
    PrimaryKeyConstraint("case_id", "sequence", "document", "party"),
    ForeignKeyConstraint(["case_id", "sequence"], ["events.case_id", "events.sequence"]),
)

# Documents are known by the SHA-256 of their bytes; the same bytes may be registered in several cases.
documents = Table(
    "documents",
    metadata,
    Column("case_id", String(36), ForeignKey("cases.id"), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("media_type", String(120), nullable=False),
    Column("name", String(400), nullable=False),
    Column("registered_at", Instant, nullable=False),
    Column("registered_by", String(64), ForeignKey("actors.id"), nullable=False),
    PrimaryKeyConstraint("case_id", "digest"),
)

# To whom a case was assigned, in order; the last one is in charge of it.
case_officers = Table(
    "case_officers",
    metadata,
    Column("case_id", String(36), ForeignKey("cases.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("actor", String(64), ForeignKey("actors.id"), nullable=False),
    Column("assigned_by", String(64), nullable=False),
    Column("assigned_at", Instant, nullable=False),
    PrimaryKeyConstraint("case_id", "number"),
)

# The file of a case: one entry for every change of its documents, grants and officers. The head of the chain
# is on the case.
file_entries = Table(
    "file_entries",
    metadata,
    Column("case_id", String(36), ForeignKey("cases.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("reason", Text),
    Column("rows", Json, nullable=False),
    Column("algorithm", String(20), nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    PrimaryKeyConstraint("case_id", "place"),
)

# What may lawfully be erased of an entry, a row for each row in it.
file_particulars = Table(
    "file_particulars",
    metadata,
    Column("case_id", String(36), nullable=False),
    Column("place", Integer, nullable=False),
    Column("table_name", String(40), nullable=False),
    Column("row_key", String(160), nullable=False),
    Column("body", Json),
    Column("salt", String(32)),
    PrimaryKeyConstraint("case_id", "place", "table_name", "row_key"),
    ForeignKeyConstraint(["case_id", "place"], ["file_entries.case_id", "file_entries.place"]),
)
