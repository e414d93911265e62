"""The tables of who may act and see: offices, actors, tokens and grants; no query and no decision here."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, String, Table

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
)

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
    CheckConstraint("(office IS NULL) <> (actor IS NULL)", name="to_one"),
    CheckConstraint("kind IN ('joint', 'approval', 'outside')", name="kind"),
    Index("ix_grants_office_case", "office", "case_id"),
    Index("ix_grants_actor_case", "actor", "case_id"),
)
