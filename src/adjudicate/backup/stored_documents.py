"""The bytes of registered documents, read for a backup; whether they still have their digest is found while copying."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Literal

from adjudicate.backup.archive import BLOCK
from adjudicate.backup.errors import BackupRefused, BytesMissing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Fault = Literal["missing", "changed"]


@contextmanager
def opened(folder: Path, digest: str, case_id: str) -> Iterator[tuple[IO[bytes], int]]:
    """A document's file and its size in bytes. Raises BytesMissing."""
    try:
        file = (folder / digest[:2] / digest).open("rb")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise refused("missing", digest, case_id) from None
    with file:
        yield file, os.fstat(file.fileno()).st_size


def fault_of(folder: Path, digest: str) -> Fault | None:
    """What is wrong with a document's bytes; None if they are there and have their digest."""
    found = hashlib.sha256()
    try:
        with opened(folder, digest, "") as (file, _):
            while block := file.read(BLOCK):
                found.update(block)
    except BytesMissing:
        return "missing"
    return None if found.hexdigest() == digest else "changed"


def refused(fault: Fault, digest: str, case_id: str) -> BackupRefused:
    """Why the backup ends over a document."""
    zh, en = {
        "missing": ("的文件内容已不在存储目录中", "has no bytes left in the folder of the documents"),
        "changed": ("的文件内容与登记的摘要不符", "has other bytes in the folder than those it was registered by"),
    }[fault]
    return (BytesMissing if fault == "missing" else BackupRefused)(
        zh=f"案件 {case_id} 中摘要为 {digest} {zh}，未写成备份。可先修复该文件，"
        "或使用 --despite-damaged-documents 照常备份并在清单中列明。",
        en=f"The document {digest} of case {case_id} {en}; no backup was written. Mend the file, or let the backup go "
        "on with --despite-damaged-documents, which lists it in the manifest.",
    )
