"""What a backup or a restore can be refused for; each message names the file, table, case or digest concerned."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from adjudicate.errors import AdjudicateError

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError


class BackupRefused(AdjudicateError):
    """No backup was written, and nothing lies under the name that it was to have."""

    code: ClassVar[str] = "backup-refused"


class BytesMissing(BackupRefused):
    """The bytes of a document are not in the folder; perhaps it was erased a moment ago."""

    code: ClassVar[str] = "backup-refused"


class RestoreRefused(AdjudicateError):
    """No row was restored; the database is as empty as it was."""

    code: ClassVar[str] = "restore-refused"


class ArchiveDamaged(RestoreRefused):
    """The file is no backup, was cut off, or was changed after it was written."""

    code: ClassVar[str] = "restore-refused"


def told_by_database(error: DBAPIError) -> str:
    """What the database calls an error, such as DiskFull; its message would quote rows."""
    return str(getattr(error.orig, "sqlite_errorname", None) or type(error.orig).__name__)


class RowUnfit(AdjudicateError):
    """A value is not of its column's kind, so that it cannot be carried to another database."""

    code: ClassVar[str] = "backup-refused"
