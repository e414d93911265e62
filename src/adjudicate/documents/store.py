"""Keeps bytes on a local folder under their SHA-256; it knows no case and nobody who may read them."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, ClassVar

from adjudicate.errors import AdjudicateError

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 64 * 1024 * 1024


class DocumentTooLarge(AdjudicateError):
    """The document is larger than what is kept."""

    code: ClassVar[str] = "body-too-large"


class DocumentMissing(AdjudicateError):
    """The bytes of a registered document are not in the folder; somebody removed them."""

    code: ClassVar[str] = "document-missing"


@dataclass
class Receiving:
    """A document being received: bytes written to a temporary file while their digest is computed."""

    file: IO[bytes]
    at_most: int
    size: int = 0
    _hash: hashlib._Hash = field(default_factory=hashlib.sha256)

    def write(self, chunk: bytes) -> None:
        """Take more bytes. Raises DocumentTooLarge."""
        self.size += len(chunk)
        if self.size > self.at_most:
            raise DocumentTooLarge(
                zh=f"文件超过 {self.at_most} 字节的上限。",
                en=f"The document exceeds the limit of {self.at_most} bytes.",
            )
        self._hash.update(chunk)
        self.file.write(chunk)

    @property
    def digest(self) -> str:
        """The SHA-256 of what was received so far, in hex."""
        return self._hash.hexdigest()


@contextmanager
def receiving(folder: Path, *, at_most: int) -> Iterator[Receiving]:
    """Receive a document; when the block ends without error it is kept, otherwise nothing stays behind."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix="receiving-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            received = Receiving(file, at_most)
            yield received
            file.flush()
            os.fsync(file.fileno())
        place = _place(folder, received.digest)
        place.parent.mkdir(exist_ok=True)
        temporary.replace(place)
    finally:
        temporary.unlink(missing_ok=True)


def _place(folder: Path, digest: str) -> Path:
    return folder / digest[:2] / digest


def remove(folder: Path, digest: str) -> None:
    """Remove a document's bytes; nothing happens where they are gone already."""
    _place(folder, digest).unlink(missing_ok=True)


def path_of(folder: Path, digest: str) -> Path:
    """Where a document lies. `digest` must be 64 hex digits, as the database has it. Raises DocumentMissing."""
    place = _place(folder, digest)
    if not place.is_file():
        raise DocumentMissing(zh="文件内容已不在存储目录中。", en="The document's content is no longer in its folder.")
    return place
