"""What a backup sees of a database is what the product describes, and a restore may load it in the order it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from adjudicate import db
from adjudicate.backup.errors import BackupRefused, RowUnfit
from adjudicate.backup.queries import replacing
from adjudicate.backup.queries import tables as queries
from adjudicate.backup.revisions import known, newest
from adjudicate.backup.taking import take
from adjudicate.settings import Settings
from adjudicate.verification.queries.guards_in_place import broken_guards
from adjudicate.verification.queries.history_triggers import GUARDED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = db.connect(database_url)
    yield made
    made.dispose()


def test_every_column_that_the_product_describes_is_of_a_kind_that_a_backup_carries(engine: Engine) -> None:
    with db.reading(engine) as tx:
        stored = {each.name: each for each in queries.stored_tables(tx, queries.own_table_names())}
    assert stored.keys() == db.metadata.tables.keys()
    for name, table in db.metadata.tables.items():
        computed = {column.name for column in table.columns if column.computed is not None}
        assert set(stored[name].columns) == set(table.columns.keys()) - computed
        assert set(stored[name].table.primary_key.columns.keys()) == set(table.primary_key.columns.keys())


def test_each_table_stands_behind_those_that_it_refers_to(engine: Engine) -> None:
    with db.reading(engine) as tx:
        order = [each.name for each in queries.stored_tables(tx, queries.own_table_names())]
    for name, table in db.metadata.tables.items():
        for key in table.foreign_keys:
            assert order.index(key.column.table.name) <= order.index(name)


def test_rows_that_a_migration_wrote_give_way_although_triggers_guard_them_and_the_triggers_stay(
    engine: Engine,
) -> None:
    with db.transaction(engine) as tx:
        tx.execute(text("INSERT INTO marker (id, sandbox, created_at) VALUES (1, FALSE, '2026-03-05 00:00:00.000000')"))
        tx.execute(
            text(
                "INSERT INTO calendars (digest, code, body, kept_at)"
                " VALUES ('d', 'c', '{}', '2026-03-05 00:00:00.000000')"
            )
        )
    assert {"marker", "calendars"} <= GUARDED.keys()
    with db.transaction(engine) as tx:
        tables = queries.stored_tables(tx, queries.own_table_names())
        queries.keep_others_out(tx, tables)
        replacing.clear(tx, tables)
    with db.reading(engine) as tx:
        assert [each.name for each in tables if queries.count(tx, each)] == []
        assert broken_guards(tx) == []


def test_a_value_that_only_sqlite_takes_ends_the_backup_with_the_name_of_its_table(
    sqlite_url: str, tmp_path: Path
) -> None:
    engine = db.connect(sqlite_url)
    for value in ("'d', 1, '0', 2026, 's', 'yesterday'", "'d', 1, '0', 2026, x'ff', '2026-03-05 00:00:00.000000'"):
        with db.transaction(engine) as tx:
            values = f"INSERT INTO holiday_notices (digest, place, code, year, source, loaded_at) VALUES ({value})"
            tx.execute(text(values))
        with pytest.raises(BackupRefused, match=r"table holiday_notices"):
            take(Settings(database_url=sqlite_url), tmp_path / "b.tar", despite_damage=False, tell=lambda _: None)
        assert list(tmp_path.iterdir()) == []
        with db.transaction(engine) as tx:
            tx.execute(text("DROP TRIGGER IF EXISTS history_holiday_notices_delete"))
            tx.execute(text("DELETE FROM holiday_notices"))
    engine.dispose()


def test_a_column_of_a_kind_that_nobody_carries_is_named(engine: Engine) -> None:
    with db.transaction(engine) as tx:
        tx.execute(text("CREATE TABLE odd (id INTEGER PRIMARY KEY, share DOUBLE PRECISION)"))
        with pytest.raises(RowUnfit, match="column share of table odd"):
            queries.stored_tables(tx, {"odd"})


def test_the_newest_revision_is_the_first_that_is_known(engine: Engine) -> None:
    assert newest() == known()[0] == max(known())
