"""Takes a backup while others write: all tables in one consistent read, then the bytes of the documents in them.

A document is stored before its row is committed and known by its digest, so bytes copied after the read are those that
the read has rows for. Only an erasure takes bytes away: what is missing is asked for in a new read, and what was erased
since is named and left out.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from adjudicate import clock, db
from adjudicate.backup import archive, revisions, stored_documents
from adjudicate.backup.errors import BackupRefused, BytesMissing, RowUnfit, told_by_database
from adjudicate.backup.manifest import FORMAT, PROGRAM, DamagedDocument, Erased, Manifest
from adjudicate.backup.queries import tables as queries
from adjudicate.backup.values import line_of
from adjudicate.compact_json import compact
from adjudicate.law.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from adjudicate.backup.queries.tables import Stored
    from adjudicate.settings import Settings

DOCUMENTS = "documents"
_EVERY = 500


@dataclass(frozen=True, slots=True)
class _Source:
    """The database in one consistent read, and where its documents lie."""

    tx: Connection
    documents: Path
    tables: list[Stored]
    revision: str

    def erased_since(self, digest: str) -> bool:
        """Whether a document that has a row in the read is on no file any more."""
        registered = next(stored for stored in self.tables if stored.name == DOCUMENTS)
        with db.reading(self.tx.engine, patient=True) as now:
            return not queries.is_on_file(now, registered, digest)


def take(settings: Settings, place: Path, *, despite_damage: bool, tell: Callable[[Text], None]) -> Manifest:
    """Write a backup to `place` and return its manifest; `tell` hears how far it is.

    With `despite_damage`, documents whose bytes are missing or changed are left out and listed in the manifest. Raises
    BackupRefused with nothing written, NotMigrated, Unavailable.
    """
    archive.refuse_taken(place)
    refuse_absent(settings.database_url)
    engine = db.connect(settings.database_url)
    at = clock.now()
    try:
        with archive.writing(place, at=at) as writer, tempfile.TemporaryFile(dir=place.parent) as listed:
            with db.reading(engine) as tx:
                queries.only_read(tx)
                source = _Source(tx, settings.documents, *_described(tx, tell))
                damaged = _list_documents(source, listed, despite_damage=despite_damage, tell=tell)
                manifest = _manifest(source, listed, damaged, at=at)
                _add(writer, archive.MANIFEST, f"{manifest.model_dump_json(indent=1)}\n".encode())
                _add_tables(source, writer, manifest, tell)
            _add_documents(source, writer, listed, manifest.documents, tell)
        return manifest
    except OSError as error:
        raise BackupRefused(
            zh=f"备份未写成：{error.strerror or type(error).__name__}（{error.filename or place}）。",
            en=f"No backup was written: {error.strerror or type(error).__name__} ({error.filename or place}).",
        ) from error
    except DBAPIError as error:
        raise BackupRefused(
            zh=f"数据库无法读取（{told_by_database(error)}），未写成备份。",
            en=f"The database cannot be read ({told_by_database(error)}); no backup was written.",
        ) from error
    finally:
        engine.dispose()


def refuse_absent(url: str) -> None:
    """Raises BackupRefused for a SQLite file that is not there, which opening would make."""
    address = make_url(url)
    path = Path(address.database or "")
    if address.get_backend_name() == "sqlite" and not path.is_file():
        raise BackupRefused(zh=f"没有数据库文件 {path}。", en=f"There is no database file {path}.")


def _described(tx: Connection, tell: Callable[[Text], None]) -> tuple[list[Stored], str]:
    """The program's tables as they are here, and the revision. Raises BackupRefused, NotMigrated."""
    revision = revisions.of_source(tx)
    present = queries.table_names(tx) - {queries.REVISIONS}
    own = queries.own_table_names()
    missing = own - present
    if missing and revision == revisions.newest():
        raise BackupRefused(
            zh=f"数据库缺少表 {'、'.join(sorted(missing))}，未写成备份。",
            en=f"The database lacks the table {', '.join(sorted(missing))}; no backup was written.",
        )
    foreign = sorted(present - own)
    if foreign:
        tell(
            Text(
                f"以下表不属于本程序，不在备份之内：{'、'.join(foreign)}",
                f"left out, because they are no tables of this program: {', '.join(foreign)}",
            )
        )
    return queries.stored_tables(tx, present & own), revision


def _list_documents(
    source: _Source, listed: IO[bytes], *, despite_damage: bool, tell: Callable[[Text], None]
) -> list[DamagedDocument]:
    """Write digest and case of each document into `listed`; with `despite_damage`, return the damaged ones instead."""
    damaged: list[DamagedDocument] = []
    registered = next((stored for stored in source.tables if stored.name == DOCUMENTS), None)
    if registered is None:
        return damaged
    for number, (digest, case_id) in enumerate(queries.document_digests(source.tx, registered), start=1):
        fault = stored_documents.fault_of(source.documents, digest) if despite_damage else None
        if fault is None or (fault == "missing" and source.erased_since(digest)):
            listed.write(f"{digest} {case_id}\n".encode())
        else:
            damaged.append(DamagedDocument(case=case_id, digest=digest, fault=fault))
        if despite_damage and number % _EVERY == 0:
            tell(Text(f"已核对 {number} 份文件", f"{number} documents checked"))
    return damaged


def _manifest(source: _Source, listed: IO[bytes], damaged: list[DamagedDocument], *, at: datetime) -> Manifest:
    return Manifest(
        format=FORMAT,
        program=PROGRAM,
        version=version(PROGRAM),
        revision=source.revision,
        taken_at=at,
        database=source.tx.dialect.name,
        tables={stored.name: queries.count(source.tx, stored) for stored in source.tables},
        documents=sum(1 for _ in _lines(listed)),
        damaged_documents=damaged,
    )


def _lines(listed: IO[bytes]) -> Iterator[tuple[str, str]]:
    listed.seek(0)
    for line in listed:
        digest, case_id = line.decode().split()
        yield digest, case_id


def _add(writer: archive.Writer, name: str, content: bytes) -> None:
    with tempfile.TemporaryFile(dir=writer.spool) as file:
        file.write(content)
        _add_file(writer, name, file)


def _add_file(writer: archive.Writer, name: str, file: IO[bytes]) -> None:
    size = file.tell()
    file.seek(0)
    writer.add(name, file, size)


def _add_tables(source: _Source, writer: archive.Writer, manifest: Manifest, tell: Callable[[Text], None]) -> None:
    for number, stored in enumerate(source.tables, start=1):
        # A tar says how long a member is before the member: so it is written beside the backup first.
        with tempfile.TemporaryFile(dir=writer.spool) as file:
            try:
                for row in queries.rows(source.tx, stored):
                    file.write(f"{compact(line_of(stored.columns, row))}\n".encode())
            except (RowUnfit, ValueError, TypeError, DBAPIError) as error:
                if isinstance(error, DBAPIError) and db.cannot_now(error):
                    raise
                raise BackupRefused(
                    zh=f"表 {stored.name} 中有一行无法读取，未写成备份；adjudicate verify 会指出何处被改动。",
                    en=f"A row of the table {stored.name} cannot be read; no backup was written. adjudicate verify "
                    "names what was changed.",
                ) from error
            _add_file(writer, archive.table_member(stored.name), file)
        done = manifest.tables[stored.name]
        tell(
            Text(
                f"已备份 {number}/{len(source.tables)} 张表，本表 {done} 行",
                f"{number} of {len(source.tables)} tables, this one with {done} rows",
            )
        )


def _add_documents(
    source: _Source, writer: archive.Writer, listed: IO[bytes], total: int, tell: Callable[[Text], None]
) -> None:
    erased: list[DamagedDocument] = []
    for number, (digest, case_id) in enumerate(_lines(listed), start=1):
        try:
            _add_document(source.documents, writer, digest, case_id)
        except BytesMissing:
            if not source.erased_since(digest):
                raise
            erased.append(DamagedDocument(case=case_id, digest=digest, fault="erased"))
            tell(
                Text(
                    f"备份期间，案件 {case_id} 中摘要为 {digest} 的文件已被删除，备份不含其内容",
                    f"the document {digest} of case {case_id} was erased meanwhile; the backup lacks its bytes",
                )
            )
        if number % _EVERY == 0 or number == total:
            tell(Text(f"已备份 {number}/{total} 份文件", f"{number} of {total} documents"))
    if erased:
        _add(writer, archive.ERASED, f"{Erased(documents=erased).model_dump_json(indent=1)}\n".encode())


def _add_document(folder: Path, writer: archive.Writer, digest: str, case_id: str) -> None:
    with stored_documents.opened(folder, digest, case_id) as (file, size):
        try:
            found = writer.add(archive.document_member(digest), file, size)
        except OSError as error:
            if error.errno is not None:
                raise
            # The file became shorter while it was copied.
            raise stored_documents.refused("changed", digest, case_id) from error
    if found != digest:
        raise stored_documents.refused("changed", digest, case_id)
