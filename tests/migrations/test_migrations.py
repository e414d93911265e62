"""Migrations: from nothing to the newest shape on both databases, with every guard of history in place after each."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

import adjudicate.access.models
import adjudicate.cases.models  # noqa: F401 - fills the metadata, as does the line above
from adjudicate.db import connect, metadata, migrate, reading
from adjudicate.shipped_files import migrations_folder
from adjudicate.verification.queries.guards_in_place import broken_guards
from adjudicate.verification.queries.history_triggers import GUARDED

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tests.databases import Databases


def scripts() -> ScriptDirectory:
    configuration = Config()
    configuration.set_main_option("script_location", str(migrations_folder()))
    return ScriptDirectory.from_config(configuration)


def test_there_is_one_head_and_every_file_is_named_by_day_and_place() -> None:
    assert len(scripts().get_heads()) == 1
    for script in scripts().walk_revisions():
        assert re.fullmatch(r"\d{8}_\d{4}_[a-z_]+", script.module.__name__.split(".")[-1].removesuffix("_py"))


def test_a_migrated_database_has_exactly_the_tables_the_product_describes(database_url: str) -> None:
    engine = connect(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = [diff for diff in compare_metadata(context, metadata) if not is_an_alias(diff)]
        differences = [diff for diff in found if not is_over_an_expression(diff)]
    engine.dispose()
    assert differences == []
    assert len(found) == (2 if database_url.startswith("postgresql") else 0)


def is_over_an_expression(difference: object) -> bool:
    """Whether a difference is one of the indexes that only PostgreSQL has, and only a migration can say."""
    return isinstance(difference, tuple) and difference[0] == "remove_index" and difference[1].name.endswith("_grams")


def is_an_alias(difference: object) -> bool:
    """Whether a difference is only the name of a type that is the same in the database."""
    return isinstance(difference, list) and all(item[0] == "modify_type" for item in difference)


def count_triggers(connection: Connection) -> int:
    if connection.dialect.name == "sqlite":
        return int(connection.scalar(text("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'")) or 0)
    return int(connection.scalar(text("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal")) or 0)


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_after_every_migration_each_history_table_there_is_has_all_its_triggers(
    databases: Databases, dialect: str
) -> None:
    url = databases.create(dialect, migrated=False)
    per_table = 2 if dialect == "sqlite" else 3
    guarded: set[str] = set()
    for script in reversed(list(scripts().walk_revisions())):
        migrate(url, script.revision)
        guarded |= getattr(script.module, "GUARDED", {}).keys()
        engine = connect(url)
        with engine.connect() as connection:
            assert guarded <= set(inspect(connection).get_table_names())
            assert count_triggers(connection) == per_table * len(guarded)
        engine.dispose()
    engine = connect(url)
    with reading(engine) as connection:
        assert guarded == GUARDED.keys()
        assert broken_guards(connection) == []
    engine.dispose()
    databases.drop(url)


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    migrate(database_url)
    engine = connect(database_url)
    with reading(engine) as connection:
        assert broken_guards(connection) == []
    engine.dispose()


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_processes_that_start_together_migrate_once(databases: Databases, dialect: str) -> None:
    url = databases.create(dialect, migrated=False)
    script = "import sys; from adjudicate.db import migrate; migrate(sys.argv[1])"
    started = [
        subprocess.Popen([sys.executable, "-c", script, url], stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    errors = [process.communicate(timeout=60)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], "\n".join(errors)
    engine = connect(url)
    with reading(engine) as connection:
        assert broken_guards(connection) == []
    engine.dispose()
    databases.drop(url)


def test_no_migration_rebuilds_or_drops_a_history_table() -> None:
    for script in scripts().walk_revisions():
        source = script.path
        with open(source, encoding="utf-8") as file:  # noqa: PTH123 - Alembic gives a text
            code = file.read()
        for table in GUARDED:
            assert not re.search(rf"(drop_table|rename_table|batch_alter_table)\(\s*['\"]{table}['\"]", code)
