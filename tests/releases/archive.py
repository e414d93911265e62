"""A filled database of a release as one small file: SQL that makes it anew, and its documents; no test is here."""

from __future__ import annotations

import io
import re
import sqlite3
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import make_url

if TYPE_CHECKING:
    from collections.abc import Iterator

KEPT = Path(__file__).resolve().parents[1] / "fixtures" / "releases"
# The newest of them. When another is filled, this names it.
RELEASE_BEFORE = "60e80b6"
DUMP = "dump.sql"
DOCUMENTS = "documents"
# Settings of a session that one server knows and another does not, and commands of psql.
_OF_THE_SESSION = re.compile(r"^(SET [a-z_]+ = [^\n]*;|\\[^\n]*)\n", re.MULTILINE)
_COMMENT = re.compile(r"^--[^\n]*\n", re.MULTILINE)


def path_of(release: str, dialect: str) -> Path:
    """Where the filled database of a release is kept."""
    return KEPT / release / f"{dialect}.tar.xz"


def releases() -> list[str]:
    """Every release of which a filled database is kept, by its commit."""
    return sorted(path.name for path in KEPT.iterdir() if path.is_dir())


def former() -> list[str]:
    """The releases before the one before."""
    return [release for release in releases() if release != RELEASE_BEFORE]


def sqlite_dump(url: str) -> str:
    """A SQLite database as SQL."""
    connection = sqlite3.connect(str(make_url(url).database))
    try:
        return "\n".join(connection.iterdump()) + "\n"
    finally:
        connection.close()


def portable(dump: str) -> str:
    """What `pg_dump --inserts` wrote, without what only psql or one version of the server understands."""
    return _COMMENT.sub("", _OF_THE_SESSION.sub("", dump))


def write(path: Path, dump: str, documents: Path) -> None:
    """Keep a dump and a folder of documents; the same content gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:xz", preset=9) as archive:
        for name, content in _members(dump, documents):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def _members(dump: str, documents: Path) -> Iterator[tuple[str, bytes]]:
    yield DUMP, dump.encode()
    for file in sorted(documents.rglob("*")):
        if file.is_file():
            yield f"{DOCUMENTS}/{file.relative_to(documents).as_posix()}", file.read_bytes()


def restore(path: Path, url: str, documents: Path) -> None:
    """Make a kept database anew in an empty one, and its documents below a folder."""
    with tarfile.open(path) as archive:
        member = archive.extractfile(DUMP)
        assert member is not None
        dump = member.read().decode()
        for inside in archive.getmembers():
            if inside.name.startswith(f"{DOCUMENTS}/"):
                file = documents / inside.name.removeprefix(f"{DOCUMENTS}/")
                file.parent.mkdir(parents=True, exist_ok=True)
                content = archive.extractfile(inside)
                assert content is not None
                file.write_bytes(content.read())
    if url.startswith("sqlite"):
        connection = sqlite3.connect(str(make_url(url).database))
        connection.executescript(dump)
        connection.close()
    else:
        with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as server:
            server.execute(dump.encode())
