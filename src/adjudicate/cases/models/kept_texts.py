"""The tables of the law and the calendars that cases were judged and dated by, and of holiday notices."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Date,
    Integer,
    String,
    Table,
    Text,
)

from adjudicate.db import Instant, Json, metadata

# The law as cases were judged by it, by digest. `format` says what `texts` is: 1 path -> text, 2 a whole definition.
law_texts = Table(
    "law_texts",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("workflow", String(80), nullable=False),
    Column("law_day", Date, nullable=False),
    Column("region", String(6), nullable=False),
    Column("texts", Json, nullable=False),
    Column("format", Integer, nullable=False, server_default="1"),
    Column("kept_at", Instant, nullable=False),
)

# Every calendar that ever dated a deadline, whole, so that old computations can be repeated.
calendars = Table(
    "calendars",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("code", String(6), nullable=False),
    Column("body", Json, nullable=False),
    Column("kept_at", Instant, nullable=False),
)

# Holiday notices loaded after installation; the newest row of a code and year holds.
holiday_notices = Table(
    "holiday_notices",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("place", Integer, nullable=False, unique=True),
    Column("code", String(6), nullable=False),
    Column("year", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("loaded_at", Instant, nullable=False),
)
