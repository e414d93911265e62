"""The file of a backup: a tar whose last member holds the SHA-256 of all others; it knows no database.

    manifest.json           what the file holds
    tables/NAME.jsonl       one line of JSON for each row
    documents/DIGEST        the bytes of each document
    erased.json             only where documents were erased while the backup was taken: which
    SHA256SUMS              as `sha256sum --check` reads it

Members are written and read in this order and one after the other; none is ever in memory whole.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import tarfile
import tempfile
import zlib
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

from adjudicate.backup.errors import ArchiveDamaged, BackupRefused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

MANIFEST = "manifest.json"
ERASED = "erased.json"
SUMS = "SHA256SUMS"
BLOCK = 1024 * 1024
_TABLE = re.compile(r"tables/([a-z][a-z0-9_]{0,62})\.jsonl")
_DOCUMENT = re.compile(r"documents/([0-9a-f]{64})")
_COMPRESSED = (".gz", ".tgz")
# One line of SHA256SUMS: digest, two blanks, name.
_SUM = re.compile(rb"([0-9a-f]{64})  ([!-~]+)\n")
_LONGEST_SUM = 64 + 2 + 120 + 1


def table_member(name: str) -> str:
    """The member of a table."""
    return f"tables/{name}.jsonl"


def document_member(digest: str) -> str:
    """The member of a document."""
    return f"documents/{digest}"


def table_of(member: str) -> str | None:
    """The table whose rows a member holds; None if it holds none."""
    found = _TABLE.fullmatch(member)
    return None if found is None else found[1]


def document_of(member: str) -> str | None:
    """The digest of the document that a member holds; None if it holds none."""
    found = _DOCUMENT.fullmatch(member)
    return None if found is None else found[1]


class Writer:
    """Writes the members one after the other and, at the end, their digests."""

    def __init__(self, archive: tarfile.TarFile, *, spool: Path, at: datetime) -> None:
        self._archive, self.spool, self._at = archive, spool, int(at.timestamp())
        self._sums = tempfile.TemporaryFile(dir=spool)  # noqa: SIM115 - closed by `close`

    def add(self, name: str, content: IO[bytes], size: int) -> str:
        """Write the next `size` bytes of `content` as a member; returns their SHA-256. Raises OSError if fewer."""
        digest = self._member(name, content, size)
        self._sums.write(f"{digest}  {name}\n".encode())
        return digest

    def finish(self) -> None:
        """Write the last member."""
        size = self._sums.tell()
        self._sums.seek(0)
        self._member(SUMS, self._sums, size)

    def close(self) -> None:
        """Let go of the space that the digests took up."""
        self._sums.close()

    def _member(self, name: str, content: IO[bytes], size: int) -> str:
        member = tarfile.TarInfo(name)
        member.size, member.mtime, member.mode = size, self._at, 0o600
        hashing = _Hashing(content)
        self._archive.addfile(member, hashing)
        # The library remembers every member, which a million documents would make too much.
        self._archive.members.clear()  # type: ignore[attr-defined]
        return hashing.digest


class _Hashing(io.RawIOBase):
    """Reads a file and computes the SHA-256 of what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._hash = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        block = self._file.read(size)
        self._hash.update(block)
        return block

    @property
    def digest(self) -> str:
        """The SHA-256 so far, in hex."""
        return self._hash.hexdigest()


@contextmanager
def writing(place: Path, *, at: datetime) -> Iterator[Writer]:
    """A file that gets its name when the block ends without error, with all its bytes on the disk, and never otherwise.

    Only its owner may read it. It is compressed where the name ends in `.gz` or `.tgz`. Raises BackupRefused where the
    name is taken.
    """
    refuse_taken(place)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".part")
    temporary = place.with_name(os.path.basename(name))  # noqa: PTH119 - mkstemp gives a text
    try:
        with os.fdopen(handle, "wb") as file:
            with _compressed(file, place) as out, tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
                writer = Writer(tar, spool=place.parent, at=at)
                try:
                    yield writer
                    writer.finish()
                finally:
                    writer.close()
            file.flush()
            os.fsync(file.fileno())
        _name(temporary, place)
    finally:
        temporary.unlink(missing_ok=True)


def refuse_taken(place: Path) -> None:
    """Raises BackupRefused if there is something under the name already."""
    if os.path.lexists(place):
        raise BackupRefused(
            zh=f"{place} 已存在，备份不会覆盖任何文件。", en=f"{place} exists; a backup replaces no file."
        )


@contextmanager
def _compressed(file: IO[bytes], place: Path) -> Iterator[IO[bytes]]:
    if not place.name.endswith(_COMPRESSED):
        yield file
        return
    with gzip.GzipFile(filename="", mode="wb", fileobj=file) as zipped:
        yield zipped  # type: ignore[misc]


def _name(temporary: Path, place: Path) -> None:
    """Give the finished file its name for good; a file that came to have it meanwhile stays."""
    try:
        # Unlike a rename, a link never replaces a file.
        os.link(temporary, place)
    except FileExistsError:
        refuse_taken(place)
    except OSError:
        # Some file systems know no links.
        refuse_taken(place)
        temporary.rename(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        # The name is in the folder either way; some network file systems cannot be asked to write it down.
        with suppress(OSError):
            os.fsync(folder)
    finally:
        os.close(folder)


class Member:
    """A member being read; its SHA-256 is known once all was read."""

    def __init__(self, name: str, file: IO[bytes]) -> None:
        self.name, self._file, self._hash = name, file, hashlib.sha256()

    def blocks(self) -> Iterator[bytes]:
        """The bytes, a block at a time. Raises ArchiveDamaged where the file ends too early."""
        while block := self._read():
            self._hash.update(block)
            yield block

    def lines(self) -> Iterator[bytes]:
        """The lines without their ends. Raises ArchiveDamaged as `blocks` does, and for a last line without an end."""
        rest = b""
        for block in self.blocks():
            *whole, rest = (rest + block).split(b"\n")
            yield from whole
        if rest:
            raise changed(self.name)

    def digest(self) -> str:
        """The SHA-256 of the whole member, in hex; reads what was not read yet."""
        for _ in self.blocks():
            continue
        return self._hash.hexdigest()

    def _read(self) -> bytes:
        with _named_errors():
            return self._file.read(BLOCK)


def members(path: Path) -> Iterator[Member]:
    """The members in their order, each to be read before the next one is asked for. Raises ArchiveDamaged, OSError."""
    with path.open("rb") as file, _named_errors():
        zipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        with tarfile.open(fileobj=file, mode="r|gz" if zipped else "r|") as archive:
            while (found := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined]
                content = archive.extractfile(found) if found.isreg() else None
                if content is None:
                    raise changed(found.name)
                member = Member(found.name, content)
                yield member
                member.digest()


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile):
        raise ArchiveDamaged(
            zh="该文件不是完整的备份：不是归档文件，或中途被截断、损坏。",
            en="The file is no whole backup: it is no archive, or it was cut off or damaged.",
        ) from None


def changed(member: str) -> ArchiveDamaged:
    """The refusal of a member that is not as it was written."""
    shown = ascii(member[:120])
    return ArchiveDamaged(
        zh=f"备份中的 {shown} 与写成时不同，或不属于备份。",
        en=f"{shown} in the backup is not as it was written, or does not belong there.",
    )


def sums(member: Member) -> Iterator[tuple[str, str]]:
    """The (digest, name) of each member as the last one has them. Raises ArchiveDamaged for what has another form."""
    for line in member.lines():
        found = _SUM.fullmatch(line + b"\n") if len(line) < _LONGEST_SUM else None
        if found is None:
            raise changed(SUMS)
        yield found[1].decode(), found[2].decode()
