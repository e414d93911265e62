"""What a ledger is made of: the tables it keeps, its entries, and the rows that follow from them; no query here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from adjudicate import chaining
from adjudicate.db import metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Table

Row = dict[str, Any]
Key = tuple[Any, ...]

_HASHED = ("place", "kind", "actor", "recorded_at", "reason", "rows", "algorithm")
# In an entry, where a row has particulars: their salted digest. They lie in a table beside, a row for each row.
PARTICULARS = "particulars_digest"
# In an entry, beside the rows of kept tables: the rows whose particulars were erased, each as {table, row}.
ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTable:
    """A table whose rows a ledger keeps: its key, the columns that may be erased, those that the ledger leaves out."""

    name: str
    key: tuple[str, ...]
    private: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def table(self) -> Table:
        """The table itself."""
        return metadata.tables[self.name]

    def key_of(self, row: Mapping[Any, Any]) -> Key:
        """What a row is known by."""
        return tuple(chaining.plain(row[name]) for name in self.key)

    def public(self, row: Mapping[Any, Any]) -> Row:
        """The columns of a row that stand in the entry itself, as JSON has them."""
        hidden = {*self.private, *self.left_out}
        return {name: chaining.plain(row[name]) for name in self.table.c.keys() if name not in hidden}  # noqa: SIM118

    def particulars(self, row: Mapping[Any, Any]) -> Row:
        """The columns of a row that may be erased, where there is something in them."""
        return {name: row[name] for name in self.private if row[name]}

    def name_of(self, row: Mapping[Any, Any]) -> str:
        """The key of a row as one text, by which its particulars are found."""
        return " ".join(str(one) for one in self.key_of(row))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """One kind of ledger: the tables of its entries and particulars, the tables it keeps, what one of it belongs to.

    `scope` is the column that says whose ledger an entry is of; None where there is one alone.
    """

    entries: Table
    private: Table
    tables: Mapping[str, KeptTable]
    scope: str | None = None

    def first_link(self, scope: str) -> str:
        """What the first entry of a ledger is chained to."""
        return chaining.first_link({"ledger": self.entries.name, "of": scope})


@dataclass(frozen=True, slots=True)
class Head:
    """Where a ledger ends: the place and the hash of its last entry."""

    place: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one entry says: what happened, by whom and when, and the rows as they stand from then on, by table."""

    kind: str
    actor: str
    at: datetime
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as stored, with the particulars of its rows by table and row; None for those that were erased."""

    row: Mapping[Any, Any]
    particulars: Mapping[tuple[str, str], Mapping[Any, Any]]


def split(ledger: Ledger, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[dict[str, list[Row]], list[Row]]:
    """What stands in the entry, and apart from it the particulars of its rows."""
    public: dict[str, list[Row]] = {}
    particulars: list[Row] = []
    for name, some in rows.items():
        kept = ledger.tables.get(name)
        if kept is None:
            # What is no kept table only tells of something, such as the rows whose particulars were erased.
            public[name] = [{key: chaining.plain(value) for key, value in row.items()} for row in some]
            continue
        public[name] = []
        for row in some:
            shown, body = kept.public(row), kept.particulars(row)
            if body:
                salt = chaining.new_salt()
                shown[PARTICULARS] = chaining.salted_digest(salt, body)
                particulars.append({"table_name": name, "row_key": kept.name_of(row), "body": body, "salt": salt})
            public[name].append(shown)
    return public, particulars


def hash_of(entry: Mapping[Any, Any], ledger: Ledger, scope: str) -> str:
    """The hash that an entry must bear upon the one before it. Raises ContentNotRecordable."""
    content = {name: chaining.plain(entry[name]) for name in _HASHED}
    return chaining.chained({"of": scope, "ledger": ledger.entries.name, **content}, entry["previous_hash"])


@dataclass
class Replay:
    """What follows from the entries taken so far: the rows by table and key, and what was told of other tables."""

    ledger: Ledger
    rows: dict[str, dict[Key, Row]] = field(default_factory=dict)
    told: dict[str, list[Row]] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        """Add an entry."""
        for name, rows in entry.row["rows"].items():
            kept = self.ledger.tables.get(name)
            if kept is None:
                self.told.setdefault(name, []).extend(rows)
                continue
            for row in rows:
                body = (entry.particulars.get((name, kept.name_of(row))) or {}).get("body") or {}
                self.rows.setdefault(name, {})[kept.key_of(row)] = {**dict.fromkeys(kept.private), **row, **body}

    def differences(self, name: str, stored: Iterable[Mapping[Any, Any]]) -> Iterator[tuple[Key, list[str] | None]]:
        """Rows of a kept table that are not what the entries say: the key, and the columns; None for a row missing.

        `stored` are the rows that the table holds. One that no entry put there differs in every column.
        """
        kept = self.ledger.tables[name]
        expected = dict(self.rows.get(name, {}))
        for row in stored:
            wanted = expected.pop(kept.key_of(row), None)
            held = {**kept.public(row), **{column: row[column] or None for column in kept.private}}
            wrong = [column for column, value in held.items() if wanted is None or wanted.get(column) != value]
            if wrong:
                yield kept.key_of(row), wrong
        for key in expected:
            yield key, None
