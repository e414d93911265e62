"""The tables of the work lists: caches that follow from a case, where lists and searches start; no query here."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    text,
)

from adjudicate.db import Instant, Json, metadata

# `name_key` is the name folded for search; the other particulars of a party stay in `particulars`. `office` and
# `opened_on` are the case's, which never change, so that a search by name finds its page before it reads a case. For a
# part of a name PostgreSQL has an index over an expression, `ix_parties_grams`, which only the migration can say; the
# numbers below have its like.
parties = Table(
    "parties",
    metadata,
    Column("case_id", String(36), ForeignKey("cases.id"), nullable=False),
    Column("party", String(80), nullable=False),
    Column("role", String(80), nullable=False),
    Column("represents", String(80)),
    Column("joined_on", Date, nullable=False),
    Column("left_on", Date),
    Column("name", String(400)),
    Column("name_key", String(400)),
    Column("particulars", Json),
    Column("office", String(32)),
    Column("opened_on", Date),
    PrimaryKeyConstraint("case_id", "party"),
    Index("ix_parties_office_opened", "office", "opened_on", "case_id", "name_key"),
    Index("ix_parties_opened", "opened_on", "case_id", "office", "name_key"),
)

# The numbers by which a case is searched for, folded: `kind` is 'docket' or 'patent'. As written they stand in `cases`.
case_numbers = Table(
    "case_numbers",
    metadata,
    Column("case_id", String(36), ForeignKey("cases.id"), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("number", String(80), nullable=False),
    Column("office", String(32), nullable=False),
    Column("opened_on", Date, nullable=False),
    PrimaryKeyConstraint("case_id", "kind"),
    Index("ix_case_numbers_office_opened", "office", "opened_on", "case_id", "kind", "number"),
    Index("ix_case_numbers_opened", "opened_on", "case_id", "office", "kind", "number"),
)

# Who has to do with a case, one row for a person and case. `acted`: recorded an act in it; else it is assigned to them.
case_people = Table(
    "case_people",
    metadata,
    Column("case_id", String(36), ForeignKey("cases.id"), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("acted", Boolean, nullable=False),
    Column("office", String(32), nullable=False),
    Column("opened_on", Date, nullable=False),
    PrimaryKeyConstraint("case_id", "actor"),
    Index("ix_case_people_actor_opened", "actor", "opened_on", "case_id", "office", "acted"),
)

# `warn_on` is the day on which a warning is due; null when it was given or none is wanted.
deadlines = Table(
    "deadlines",
    metadata,
    Column("case_id", String(36), ForeignKey("cases.id"), nullable=False),
    Column("key", String(240), nullable=False),
    Column("name", String(80), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("party", String(80)),
    Column("thread", String(120)),
    Column("status", String(20), nullable=False),
    Column("trigger_on", Date, nullable=False),
    Column("started_on", Date, nullable=False),
    Column("due_on", Date),
    Column("due_at", Instant),
    Column("last_counted_on", Date),
    Column("provisional", Boolean, nullable=False),
    Column("ended_on", Date),
    Column("lapsed_on", Date),
    Column("office", String(32), nullable=False),
    Column("warn_on", Date),
    PrimaryKeyConstraint("case_id", "key"),
    Index("ix_deadlines_office_due", "office", "status", "due_on", "case_id", "key"),
    Index(
        "ix_deadlines_warn",
        "warn_on",
        sqlite_where=text("warn_on IS NOT NULL"),
        postgresql_where=text("warn_on IS NOT NULL"),
    ),
)

# The deadlines that run, apart from the many that have ended: what lists and counts of work ask for. `workflow`,
# `stage` and `closed` are the case's now.
agenda = Table(
    "agenda",
    metadata,
    Column("case_id", String(36), ForeignKey("cases.id"), nullable=False),
    Column("key", String(240), nullable=False),
    Column("name", String(80), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("started_on", Date, nullable=False),
    Column("due_on", Date),
    Column("office", String(32), nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("workflow", String(80), nullable=False),
    Column("stage", String(80)),
    Column("closed", Boolean, nullable=False),
    PrimaryKeyConstraint("case_id", "key"),
    Index("ix_agenda_office_due", "office", "due_on", "case_id", "key", "kind", "name", "stage", "closed", "workflow"),
    Index("ix_agenda_due", "due_on", "case_id", "key", "office"),
    Index(
        "ix_agenda_undated",
        "office",
        "started_on",
        "case_id",
        "key",
        sqlite_where=text("due_on IS NULL"),
        postgresql_where=text("due_on IS NULL"),
    ),
)

# `thread` is '' for the main procedure; `workflow`, `stage` and `closed` are the case's now.
hearings = Table(
    "hearings",
    metadata,
    Column("case_id", String(36), ForeignKey("cases.id"), nullable=False),
    Column("thread", String(120), nullable=False),
    Column("hearing_on", Date, nullable=False),
    Column("time", String(40)),
    Column("room", String(200)),
    Column("mode", String(80)),
    Column("attended", Json),
    Column("held", Boolean, nullable=False),
    Column("office", String(32), nullable=False),
    Column("workflow", String(80)),
    Column("stage", String(80)),
    Column("closed", Boolean),
    PrimaryKeyConstraint("case_id", "thread"),
    Index("ix_hearings_day", "hearing_on", "case_id", "thread", "office"),
    Index("ix_hearings_office_day", "office", "hearing_on", "case_id", "thread", "stage", "closed", "workflow", "room"),
)
