"""What lists over many cases start from: running deadlines, numbers and people by case, and the indexes of each order.

Columns and tables are added and filled from what is there; no history table is touched but for its indexes. It imports
nothing of the product, so that it does the same for ever: the fold of names below is a copy of that day's.
"""

from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

DROPPED = {
    "cases": ("ix_cases_office_opened", "ix_cases_office_stage", "ix_cases_docket_number", "ix_cases_patent"),
    "deadlines": ("ix_deadlines_due",),
    "hearings": ("ix_hearings_day", "ix_hearings_office_day"),
    "parties": ("ix_parties_name",),
}
INDEXES = {
    "cases": {
        "ix_cases_office_closed_opened": ("office", "closed", "opened_on", "id", "workflow", "stage"),
        "ix_cases_office_closed_changed": ("office", "closed", "changed_at", "id", "workflow"),
        "ix_cases_office_stage_opened": ("office", "stage", "opened_on", "id"),
        "ix_cases_office_stage_changed": ("office", "stage", "changed_at", "id"),
        "ix_cases_changed": ("changed_at", "id"),
        "ix_cases_office_next_due": ("office", "next_due_on", "settled_on"),
    },
    "hearings": {
        "ix_hearings_day": ("hearing_on", "case_id", "thread", "office"),
        "ix_hearings_office_day": ("office", "hearing_on", "case_id", "thread", "stage", "closed", "workflow", "room"),
    },
    "parties": {
        "ix_parties_office_opened": ("office", "opened_on", "case_id", "name_key"),
        "ix_parties_opened": ("opened_on", "case_id", "office", "name_key"),
    },
    "agenda": {
        "ix_agenda_office_due": (
            *("office", "due_on", "case_id", "key", "kind", "name", "stage", "closed", "workflow"),
        ),
        "ix_agenda_due": ("due_on", "case_id", "key", "office"),
        "ix_agenda_undated": ("office", "started_on", "case_id", "key"),
    },
    "case_numbers": {
        "ix_case_numbers_office_opened": ("office", "opened_on", "case_id", "kind", "number"),
        "ix_case_numbers_opened": ("opened_on", "case_id", "office", "kind", "number"),
    },
    "case_people": {
        "ix_case_people_actor_opened": ("actor", "opened_on", "case_id", "office", "acted"),
    },
}
PARTIAL = {"ix_cases_office_next_due": "next_due_on IS NOT NULL", "ix_agenda_undated": "due_on IS NULL"}

# The single characters, pairs and triples of a text, for an index on parts of it. It needs no extension of PostgreSQL.
GRAMS = """CREATE FUNCTION adjudicate_grams(whole text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    one text[] := string_to_array(whole, NULL);
    found text[] := one;
BEGIN
    FOR place IN 1 .. cardinality(one) - 1 LOOP
        found := found || (one[place] || one[place + 1]);
    END LOOP;
    FOR place IN 1 .. cardinality(one) - 2 LOOP
        found := found || (one[place] || one[place + 1] || one[place + 2]);
    END LOOP;
    RETURN found;
END
$$"""

FILLED = (
    (
        "INSERT INTO agenda (case_id, key, name, kind, started_on, due_on, office, opened_on, workflow, stage, closed)"
        " SELECT d.case_id, d.key, d.name, d.kind, d.started_on, d.due_on, c.office, c.opened_on, c.workflow, c.stage,"
        " c.closed FROM deadlines d JOIN cases c ON c.id = d.case_id WHERE d.status = 'running'"
    ),
    (
        "INSERT INTO case_people (case_id, actor, acted, office, opened_on)"
        " SELECT c.id, e.recorded_by, {true}, c.office, c.opened_on"
        " FROM (SELECT DISTINCT case_id, recorded_by FROM events WHERE recorded_by NOT IN ('clock', 'link')) e"
        " JOIN cases c ON c.id = e.case_id"
    ),
    (
        "UPDATE hearings SET workflow = (SELECT workflow FROM cases WHERE id = case_id),"
        " stage = (SELECT stage FROM cases WHERE id = case_id), closed = (SELECT closed FROM cases WHERE id = case_id)"
    ),
    (
        "UPDATE parties SET office = (SELECT office FROM cases WHERE id = case_id),"
        " opened_on = (SELECT opened_on FROM cases WHERE id = case_id),"
        " name_key = coalesce((SELECT folded.key FROM folded WHERE folded.name = parties.name), name_key)"
    ),
    (
        "INSERT INTO case_numbers (case_id, kind, number, office, opened_on)"
        " SELECT id, 'docket', (SELECT key FROM folded_numbers WHERE written = docket_number), office, opened_on"
        " FROM cases WHERE docket_number IS NOT NULL"
    ),
    (
        "INSERT INTO case_numbers (case_id, kind, number, office, opened_on)"
        " SELECT id, 'patent', (SELECT key FROM folded_numbers WHERE written = patent), office, opened_on"
        " FROM cases WHERE patent IS NOT NULL"
    ),
)


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    _add()
    if postgresql:
        op.execute(GRAMS)
    for table, names in DROPPED.items():
        for name in names:
            op.drop_index(name, table_name=table)
    _fold("folded", "name", "SELECT DISTINCT name, name_key FROM parties WHERE name IS NOT NULL", _name_key)
    numbers = "SELECT docket_number, NULL FROM cases WHERE docket_number IS NOT NULL"
    numbers += " UNION SELECT patent, NULL FROM cases WHERE patent IS NOT NULL"
    _fold("folded_numbers", "written", numbers, _number_key)
    for statement in FILLED:
        op.execute(statement.format(true="TRUE" if postgresql else "1"))
    op.execute("DROP TABLE folded")
    op.execute("DROP TABLE folded_numbers")
    for table, indexes in INDEXES.items():
        for name, columns in indexes.items():
            where = sa.text(PARTIAL[name]) if name in PARTIAL else None
            op.create_index(name, table, list(columns), sqlite_where=where, postgresql_where=where)
    if postgresql:
        _index_grams()


def _add() -> None:
    op.create_table(
        "agenda",
        _reference("agenda"),
        sa.Column("key", sa.String(240), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("office", sa.String(32), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("workflow", sa.String(80), nullable=False),
        sa.Column("stage", sa.String(80)),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "key", name="pk_agenda"),
    )
    op.create_table(
        "case_numbers",
        _reference("case_numbers"),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("number", sa.String(80), nullable=False),
        sa.Column("office", sa.String(32), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "kind", name="pk_case_numbers"),
    )
    op.create_table(
        "case_people",
        _reference("case_people"),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("acted", sa.Boolean(), nullable=False),
        sa.Column("office", sa.String(32), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "actor", name="pk_case_people"),
    )
    op.add_column("parties", sa.Column("office", sa.String(32)))
    op.add_column("parties", sa.Column("opened_on", sa.Date()))
    op.add_column("hearings", sa.Column("workflow", sa.String(80)))
    op.add_column("hearings", sa.Column("stage", sa.String(80)))
    op.add_column("hearings", sa.Column("closed", sa.Boolean()))


def _reference(table: str) -> sa.Column[str]:
    key = sa.ForeignKey("cases.id", name=f"fk_{table}_case_id_cases")
    return sa.Column("case_id", sa.String(36), key, nullable=False)


def _fold(table: str, column: str, query: str, fold) -> None:
    """Keep, for each text whose key is not the stored one, the key; read and written in portions."""
    bind = op.get_bind()
    op.execute(f"CREATE TEMPORARY TABLE {table} ({column} VARCHAR(400) PRIMARY KEY, key VARCHAR(400))")
    insert = sa.text(f"INSERT INTO {table} VALUES (:text, :key) ON CONFLICT DO NOTHING")  # noqa: S608 - our own names
    for portion in bind.execute(sa.text(query).execution_options(stream_results=True)).partitions(5000):
        rows = [{"text": text, "key": key} for text, stored in portion if (key := fold(text)) != stored]
        if rows:
            bind.execute(insert, rows)


def _index_grams() -> None:
    for table, column in (("parties", "name_key"), ("case_numbers", "number")):
        name = f"ix_{table}_grams"
        op.execute(f"CREATE INDEX {name} ON {table} USING gin (adjudicate_grams({column}))")
        # Without finer figures the planner takes a rare part of a name for a common one and reads everything.
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 1000")
        op.execute(f"ALTER INDEX {name} ALTER COLUMN 1 SET STATISTICS 1000")
    for table in ("cases", "parties", "hearings", "agenda", "case_numbers", "case_people"):
        op.execute(f"ANALYZE {table}")


INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
ALIKE = str.maketrans(
    {
        **dict.fromkeys("[{\u3014\u3010\u3016\u3018\u301a\ufe5d\u2768\u2772", "("),
        **dict.fromkeys("]}\u3015\u3011\u3017\u3019\u301b\ufe5e\u2769\u2773", ")"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2e3a\u2e3b", "-"),
        **dict.fromkeys("\u2022\u2027\u2219\u22c5\u30fb\xb7", "\xb7"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\xab\xbb\u301d\u301e", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u201b", "'"),
        "\u2800": None,
    }
)


def _folded(text: str) -> str:
    shown = unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).casefold()
    shown = INVISIBLE.sub("", unicodedata.normalize("NFKC", shown)).translate(ALIKE)
    return "".join(shown.split())


def _name_key(text: str) -> str:
    return _folded(text)[:400]


def _number_key(text: str) -> str:
    plain = re.sub(r"(?<=[0-9])-(?=[0-9x])", "", _folded(text))
    complete = re.fullmatch(r"(?:zl|cn)?([0-9]{12}|[0-9]{8})\.?([0-9x])?(?:[a-z][0-9]?)?", plain)
    if complete is not None:
        remainder = sum(int(digit) * (2 + place % 8) for place, digit in enumerate(complete[1])) % 11
        right = "x" if remainder == 10 else str(remainder)
        implied = complete[2] is None and (plain[:2] == "zl" or (plain == complete[1] and len(plain) == 12))
        if complete[2] == right or implied:
            return complete[1] + right
    part = re.fullmatch(r"(?:zl|cn)?([0-9]*)\.?([0-9x]?)", plain)
    return (part[1] + part[2] if part is not None and part[1] + part[2] else plain)[:80]
