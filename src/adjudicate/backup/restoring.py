"""Restores a backup into an empty database and a folder of documents: all of it or nothing.

The file is read from end to end before anything else. Then the schema is made as it was, the rows are loaded in one
transaction, and only after it the newer migrations run. A restore that was broken off leaves the schema without a row,
and is begun again by the same command.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from adjudicate import db
from adjudicate.backup import archive, reading, revisions
from adjudicate.backup.errors import RestoreRefused, RowUnfit, told_by_database
from adjudicate.backup.queries import replacing
from adjudicate.backup.queries import tables as queries
from adjudicate.backup.values import row_of
from adjudicate.documents import store
from adjudicate.law.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection, Engine

    from adjudicate.backup.archive import Member
    from adjudicate.backup.manifest import Manifest
    from adjudicate.backup.queries.tables import Stored
    from adjudicate.backup.reading import Checked
    from adjudicate.settings import Settings

_EVERY = 500
# The size of a document is bounded when it is received; here the digest says whether it is the right one.
_ANY_SIZE = 2**63


def restore(settings: Settings, path: Path, *, tell: Callable[[Text], None]) -> Manifest:
    """Restore the backup at `path` into the database and folder of the settings; `tell` hears how far it is.

    In the manifest returned, the damaged documents are all whose bytes the backup lacks, those erased meanwhile too.
    Raises RestoreRefused and its kinds with no row restored, Unavailable.
    """
    checked = reading.check(path)
    tell(Text("备份文件完整", "the backup is whole"))
    revision = checked.manifest.revision
    _refuse_later(revision)
    engine = db.connect(settings.database_url)
    try:
        first = _first_rows(revision)
        with db.reading(engine) as tx:
            fresh = not queries.table_names(tx)
            if not fresh:
                _refuse_used(tx, revision, first)
        if fresh:
            db.migrate(settings.database_url, revision)
        _load(engine, settings.documents, checked, first, tell)
    except OSError as error:
        raise RestoreRefused(
            zh=f"恢复中断，数据库中没有写入任何内容：{error.strerror or type(error).__name__}（{error.filename}）。",
            en="The restore was broken off and no row was written: "
            f"{error.strerror or type(error).__name__} ({error.filename}).",
        ) from error
    except DBAPIError as error:
        raise RestoreRefused(
            zh=f"数据库未接受恢复（{told_by_database(error)}），没有写入任何内容。",
            en=f"The database did not take the restore ({told_by_database(error)}); no row was written.",
        ) from error
    finally:
        engine.dispose()
    db.migrate(settings.database_url)
    lacking = [*checked.manifest.damaged_documents, *checked.erased]
    return checked.manifest.model_copy(update={"damaged_documents": lacking})


def _refuse_later(revision: str) -> None:
    if revision not in revisions.known():
        raise RestoreRefused(
            zh=f"备份的数据库结构为 {revision}，由更新的版本写成，本程序最新为 {revisions.newest()}：请用该版本恢复。",
            en=f"The backup stands at {revision}, made by a later release, and this program knows up to "
            f"{revisions.newest()}: restore it with that release.",
        )


def _first_rows(revision: str) -> dict[str, int]:
    """How many rows each table has after the migrations alone."""
    with tempfile.TemporaryDirectory(prefix="adjudicate-restore-") as folder:
        url = f"sqlite:///{Path(folder) / 'empty.db'}"
        db.migrate(url, revision)
        engine = db.connect(url)
        try:
            with db.reading(engine) as tx:
                return {stored.name: queries.count(tx, stored) for stored in _tables(tx)}
        finally:
            engine.dispose()


def _tables(tx: Connection) -> list[Stored]:
    return queries.stored_tables(tx, queries.table_names(tx) - {queries.REVISIONS})


def _refuse_used(tx: Connection, revision: str, first: dict[str, int]) -> list[Stored]:
    """The tables of a database in which nobody has worked. Raises RestoreRefused for any other."""
    at = revisions.present(tx)
    if at not in {(), (revision,)}:
        raise RestoreRefused(
            zh=f"目标数据库结构为 {'、'.join(at)}，备份为 {revision}：请改用空数据库，恢复时会自动建立结构并升级。",
            en=f"The database stands at {', '.join(at)} and the backup at {revision}: name an empty database; the "
            "restore makes its tables and migrates them.",
        )
    names = queries.table_names(tx) - {queries.REVISIONS}
    used = not at or names != set(first)
    tables = [] if used else queries.stored_tables(tx, names)
    if used or any(
        queries.count(tx, stored) != first[stored.name]
        for stored in tables
        if stored.name not in queries.WRITTEN_BY_OPENING
    ):
        raise RestoreRefused(
            zh="目标数据库不是空的：备份只能恢复到空数据库。",
            en="The database is not empty: a backup is restored into an empty database only.",
        )
    return tables


def _load(
    engine: Engine, documents: Path, checked: Checked, first: dict[str, int], tell: Callable[[Text], None]
) -> None:
    try:
        with db.transaction(engine) as tx:
            tables = _tables(tx)
            queries.keep_others_out(tx, tables)
            # Asked again, now that nobody else can write.
            _refuse_used(tx, checked.manifest.revision, first)
            if {stored.name for stored in tables} != set(checked.manifest.tables):
                raise _unfit(next(iter({stored.name for stored in tables} ^ set(checked.manifest.tables))))
            replacing.clear(tx, tables)
            _load_members(tx, {stored.name: stored for stored in tables}, documents, checked, tell)
            for name in queries.broken_references(tx):
                raise _unfit(name)
            queries.continue_numbers(tx, tables)
            queries.take_statistics(tx, tables)
    except DBAPIError as error:
        if db.cannot_now(error):
            raise db.Unavailable(
                zh="数据库繁忙或无法连接，没有恢复任何内容。",
                en="The database is busy or cannot be reached; nothing was restored.",
            ) from error
        raise


def _load_members(
    tx: Connection, tables: dict[str, Stored], documents: Path, checked: Checked, tell: Callable[[Text], None]
) -> None:
    manifest, loaded, kept = checked.manifest, 0, 0
    for member in checked.members():
        name, digest = archive.table_of(member.name), archive.document_of(member.name)
        if name is not None:
            _load_table(tx, tables[name], member, manifest.tables[name])
            loaded += 1
            told = manifest.tables[name]
            tell(
                Text(
                    f"已恢复 {loaded}/{len(tables)} 张表，本表 {told} 行",
                    f"{loaded} of {len(tables)} tables, this one with {told} rows",
                )
            )
        elif digest is not None:
            _keep(documents, digest, member)
            kept += 1
            if kept % _EVERY == 0 or kept == manifest.documents:
                tell(Text(f"已恢复 {kept}/{manifest.documents} 份文件", f"{kept} of {manifest.documents} documents"))


def _load_table(tx: Connection, stored: Stored, member: Member, rows: int) -> None:
    """Load a table's rows. Raises RestoreRefused where they do not fit it or are not as many as the manifest says."""
    seen = 0

    def values() -> Iterator[Sequence[Any]]:
        nonlocal seen
        for line in member.lines():
            seen += 1
            yield row_of(stored.columns, json.loads(line))

    try:
        queries.load(tx, stored, values())
    except (RowUnfit, ValueError, IntegrityError, DataError) as error:
        raise _unfit(stored.name) from error
    if seen != rows:
        raise archive.changed(member.name)


def _keep(folder: Path, digest: str, member: Member) -> None:
    with store.receiving(folder, at_most=_ANY_SIZE) as received:
        for block in member.blocks():
            received.write(block)
        if received.digest != digest:
            raise archive.changed(member.name)


def _unfit(table: str) -> RestoreRefused:
    return RestoreRefused(
        zh=f"备份中表 {table} 的内容不适合目标数据库，没有恢复任何内容。",
        en=f"What the backup has for the table {table} does not fit the database; nothing was restored.",
    )
