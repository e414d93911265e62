"""The tables of cases: history that is only ever added to, and the caches that are folded from it; no query here."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
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

# The file of a case: one entry for every change of its documents and grants; the head of the chain is on the case.
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

# One row for each running worker. `failed_rounds` counts the rounds in a row that failed, the rest since its start.
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

# One row: whether this database is a sandbox, and the day it plays there.
marker = Table(
    "marker",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sandbox", Boolean, nullable=False),
    Column("played_on", Date),
    Column("created_at", Instant, nullable=False),
)
