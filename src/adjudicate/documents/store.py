"""Keeps bytes on a local folder under their SHA-256; it knows no case and nobody who may read them."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, ClassVar

from adjudicate import clock
from adjudicate.errors import AdjudicateError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LARGEST = 64 * 1024 * 1024

_RECEIVING = "receiving-"
# Each block that arrives renews the file's time, so a file of this age belongs to a process that was killed.
_ABANDONED_SECONDS = 3600
_BLOCK = 1024 * 1024
# Folders that this process has made. It makes each once: a folder that is gone later is a file system that is gone,
# and writing to the empty place that it leaves would hide that.
_made: set[Path] = set()


class DocumentTooLarge(AdjudicateError):
    """The document is larger than what is kept."""

    code: ClassVar[str] = "body-too-large"


class DocumentLost(AdjudicateError):
    """The bytes of a registered document cannot be given any more. `log_fields` is what the log shall say of it."""

    code: ClassVar[str] = "document-missing"
    log_fields: Mapping[str, str] = MappingProxyType({})


class DocumentMissing(DocumentLost):
    """The bytes of a registered document are not in the folder; somebody removed them."""


class DocumentDamaged(DocumentLost):
    """The bytes of a registered document no longer have the digest that they were registered by."""

    code: ClassVar[str] = "document-damaged"


class StoreUnavailable(AdjudicateError):
    """The folder cannot be written or read now: it is full, read-only, or gone."""

    code: ClassVar[str] = "documents-unavailable"


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(
            zh="文件存储目录暂时无法使用，请稍后重试。",
            en="The folder of the documents cannot be used at the moment; please try again later.",
        ) from error


def _too_large(at_most: int) -> DocumentTooLarge:
    return DocumentTooLarge(
        zh=f"文件超过 {at_most} 字节的上限。", en=f"The document exceeds the limit of {at_most} bytes."
    )


@dataclass
class Receiving:
    """A document being received: bytes written to a temporary file while their digest is computed.

    Every method may block for as long as the disk does.
    """

    folder: Path
    file: IO[bytes]
    at_most: int
    size: int = 0
    _temporary: Path | None = None
    _hash: hashlib._Hash = field(default_factory=hashlib.sha256)

    @classmethod
    def start(cls, folder: Path, *, at_most: int) -> Receiving:
        """An empty document of at most `at_most` bytes. Raises StoreUnavailable."""
        with _named_errors():
            _make_once(folder)
            handle, name = tempfile.mkstemp(dir=folder, prefix=_RECEIVING)
            return cls(folder, os.fdopen(handle, "w+b"), at_most, _temporary=Path(name))

    def write(self, block: bytes) -> None:
        """Take more bytes. Raises DocumentTooLarge, StoreUnavailable."""
        self.size += len(block)
        if self.size > self.at_most:
            raise _too_large(self.at_most)
        self._hash.update(block)
        with _named_errors():
            self.file.write(block)

    @property
    def digest(self) -> str:
        """The SHA-256 of what was received so far, in hex."""
        return self._hash.hexdigest()

    def settle(self) -> None:
        """Wait until the bytes are on the disk. Raises StoreUnavailable."""
        with _named_errors():
            self.file.flush()
            os.fsync(self.file.fileno())

    def keep(self) -> None:
        """Put the document where its digest says. Raises StoreUnavailable.

        Asked for again, because its registration was tried again, it looks whether the bytes are still there: between
        the two they were on no file, and an erasure may have removed them.
        """
        place = _place(self.folder, self.digest)
        if self._temporary is None:
            if place.exists():
                return
            self._temporary = self._written_anew()
        with _named_errors():
            made = not place.parent.is_dir()
            place.parent.mkdir(exist_ok=True)
            self._temporary.replace(place)
            # The name must last as long as the row that leads to it, also through a loss of power.
            for folder in (place.parent, self.folder) if made else (place.parent,):
                _settle_folder(folder)
        self._temporary = None

    def _written_anew(self) -> Path:
        with _named_errors():
            handle, name = tempfile.mkstemp(dir=self.folder, prefix=_RECEIVING)
            with os.fdopen(handle, "wb") as copy:
                self.file.seek(0)
                shutil.copyfileobj(self.file, copy)
                copy.flush()
                os.fsync(copy.fileno())
        return Path(name)

    def discard(self) -> None:
        """Close the file, and remove it unless the document is kept."""
        # What could not be written is not written at closing either; the file goes anyway.
        with suppress(OSError):
            self.file.close()
        if self._temporary is not None:
            with suppress(OSError):
                self._temporary.unlink(missing_ok=True)


@contextmanager
def receiving(folder: Path, *, at_most: int) -> Iterator[Receiving]:
    """Receive a document; when the block ends without error it is kept, otherwise nothing stays behind."""
    received = Receiving.start(folder, at_most=at_most)
    try:
        yield received
        received.settle()
        received.keep()
    finally:
        received.discard()


def writable(folder: Path) -> bool:
    """Whether documents can be kept now, as far as can be told without writing; may block for as long as the disk does.

    A folder that this process has not made yet counts by the nearest one above it, in which it would be made.
    """
    try:
        found = folder
        while folder not in _made and not found.exists() and found != found.parent:
            found = found.parent
        return found.is_dir() and os.access(found, os.W_OK | os.X_OK) and os.statvfs(found).f_bavail > 0
    except OSError:
        return False


def _make_once(folder: Path) -> None:
    if folder in _made:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{_RECEIVING}*"):
        with suppress(FileNotFoundError):
            if clock.now().timestamp() - left.stat().st_mtime > _ABANDONED_SECONDS:
                left.unlink()
    _made.add(folder)


def _settle_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _place(folder: Path, digest: str) -> Path:
    return folder / digest[:2] / digest


def remove(folder: Path, digest: str) -> None:
    """Remove a document's bytes for good; nothing happens where they are gone already.

    Raises StoreUnavailable, also where the folder itself is not there: the bytes may lie on what is not mounted.
    """
    place = _place(folder, digest)
    with _named_errors():
        if not folder.is_dir():
            raise FileNotFoundError(folder)
        if place.exists():
            place.unlink(missing_ok=True)
            # Without this a loss of power may bring the name back.
            _settle_folder(place.parent)


def opened(folder: Path, digest: str) -> IO[bytes]:
    """A document's bytes at their beginning, after all of them were read and their digest was found right.

    `digest` must be 64 hex digits, as the database has it. The bytes are hashed each time: whoever changes a file can
    also set its size and its times. What is read from the file returned is the file that was hashed, even where another
    was put in its place. Raises DocumentMissing, DocumentDamaged, StoreUnavailable.
    """
    with _named_errors():
        try:
            file = _place(folder, digest).open("rb")
        except PermissionError as error:
            raise StoreUnavailable(
                zh="文件内容在存储目录中，但服务无权读取。",
                en="The document's content is in its folder, but the service may not read it.",
            ) from error
        except (FileNotFoundError, NotADirectoryError):
            if not folder.is_dir():
                raise
            raise DocumentMissing(
                zh="文件内容已不在存储目录中。", en="The document's content is no longer in its folder."
            ) from None
        try:
            if _digest_of(file) != digest:
                raise DocumentDamaged(
                    zh="存储的文件内容与登记的摘要不符，未予提供。",
                    en="The stored content does not have the digest it was registered by, and is not served.",
                )
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file


def _digest_of(file: IO[bytes]) -> str:
    found = hashlib.sha256()
    while block := file.read(_BLOCK):
        found.update(block)
    return found.hexdigest()
