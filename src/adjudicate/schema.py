"""The migrations: brings a database to the newest schema, and says whether it stands there; no table is named here."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from adjudicate.engines import address_of
from adjudicate.errors import AdjudicateError
from adjudicate.failures import explained, is_of_the_database
from adjudicate.shipped_files import migrations_folder

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection


class NotMigrated(AdjudicateError):
    """The schema of the database is older than this program needs."""

    code: ClassVar[str] = "not-migrated"


def migrate(url: str, revision: str = "heads") -> None:
    """Bring a database to the newest schema, or to `revision`; harmless when it is there already.

    A SQLite file that is not there yet is made.

    Raises Unavailable, which says why, where the database cannot be reached or written; SettingInvalid.
    """
    from alembic import command  # noqa: PLC0415 - only migrating needs it

    configuration = _migrations()
    configuration.attributes["url"] = url
    try:
        command.upgrade(configuration, revision)
    except (DBAPIError, PoolExhausted) as error:
        if not is_of_the_database(error):
            raise
        raise explained(error, address_of(url)) from error


def stands_at(connection: Connection) -> set[str]:
    """The newest migrations that a database has seen; none where it is empty."""
    from alembic.migration import MigrationContext  # noqa: PLC0415 - loaded when a process starts, not for due-date

    return set(MigrationContext.configure(connection).get_current_heads())


def require_newest(connection: Connection) -> None:
    """Raises NotMigrated when a migration that this program knows was not run.

    A database that later releases have migrated is let pass: old and new code run side by side while an office updates.
    """
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - loaded when a process starts, not for due-date

    present = stands_at(connection)
    scripts = ScriptDirectory.from_config(_migrations())
    newest, known = set(scripts.get_heads()), {script.revision for script in scripts.walk_revisions()}
    if present != newest and present <= known:
        raise not_migrated(present)


def not_migrated(present: set[str]) -> NotMigrated:
    """The error that says where the database stands, at nothing if `present` is empty, and the way out."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - loaded when a process starts, not for due-date

    stands_at = ", ".join(sorted(present))
    newest = ", ".join(sorted(ScriptDirectory.from_config(_migrations()).get_heads()))
    return NotMigrated(
        zh=f"ADJUDICATE_DATABASE_URL 所指的数据库{f'结构为 {stands_at}' if stands_at else '尚未建立结构'}，"
        f"本程序需要 {newest}：请核对所指的是否该数据库，再运行 adjudicate migrate。",
        en=f"The database that ADJUDICATE_DATABASE_URL names stands at {stands_at or 'nothing'} and this program needs "
        f"{newest}: see that it is the one you mean, then run adjudicate migrate.",
    )


def _migrations() -> Config:
    from alembic.config import Config  # noqa: PLC0415 - loaded when a process starts, not for due-date

    configuration = Config()
    configuration.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    return configuration
