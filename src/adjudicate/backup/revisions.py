"""Which revision of the schema a database is at, and which ones this program knows."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from adjudicate.backup.errors import BackupRefused
from adjudicate.shipped_files import migrations_folder

if TYPE_CHECKING:
    from sqlalchemy import Connection


@cache
def known() -> tuple[str, ...]:
    """Every revision that this program can make, the newest first."""
    configuration = Config()
    configuration.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    return tuple(script.revision for script in ScriptDirectory.from_config(configuration).walk_revisions())


def newest() -> str:
    """The revision that this program works with."""
    return known()[0]


def present(tx: Connection) -> tuple[str, ...]:
    """The revision that a database is at; empty for one that was never migrated."""
    return MigrationContext.configure(tx).get_current_heads()


def of_source(tx: Connection) -> str:
    """The revision of a database to be backed up. Raises BackupRefused for none, and for one of a later release.

    An earlier revision is fine: an office takes a backup before it migrates.
    """
    found = present(tx)
    if not found:
        raise BackupRefused(
            zh="数据库中没有 adjudicate 的表，没有可备份的内容。",
            en="The database holds no tables of adjudicate: there is nothing to back up.",
        )
    revision = found[0]
    if len(found) > 1 or revision not in known():
        raise BackupRefused(
            zh=f"数据库结构为 {'、'.join(found)}，由更新的版本升级而成：请用该版本的程序备份。",
            en=f"The database stands at {', '.join(found)}, made by a later release: take the backup with that one.",
        )
    return revision
