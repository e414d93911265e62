"""Whether the bytes of documents still have the digests that they are known by; it opens no database."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adjudicate.verification.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from adjudicate.ledger import Replay


@dataclass
class BytesCheck:
    """Reads each document of a folder once, however many cases have it on file.

    Bytes are read long after the record was: `is_on_any_file` says in a view of its own which documents are on file by
    now.
    """

    folder: Path
    is_on_any_file: Callable[[str], bool]
    _sound: dict[str, str | None] = field(default_factory=dict)

    def findings(self, case_id: str, replay: Replay) -> Iterator[Finding]:
        """The documents on the file of a case whose bytes are missing or changed; those erased on record are passed."""
        for (_, digest), row in replay.rows.get("documents", {}).items():
            wrong = None if row["name"] is None else self._amiss(str(digest), int(row["size"]))
            if wrong == "missing" and not self.is_on_any_file(str(digest)):
                # It was erased meanwhile.
                continue
            if wrong == "missing":
                yield Finding(
                    case_id, None, f"文件 {digest[:12]} 的内容缺失", f"the bytes of document {digest[:12]} are gone"
                )
            elif wrong is not None:
                yield Finding(
                    case_id,
                    None,
                    f"文件 {digest[:12]} 的内容被改动",
                    f"the bytes of document {digest[:12]} were changed",
                )

    def left_over(self, erased: Iterable[tuple[str, str]]) -> Iterator[Finding]:
        """Erased documents of which bytes are there, unless they were filed anew meanwhile; `erased` gives digest and
        case.
        """
        for digest, case_id in erased:
            if (self.folder / digest[:2] / digest).exists() and not self.is_on_any_file(digest):
                yield Finding(
                    case_id, None, f"文件 {digest[:12]} 已删除，但其内容仍在存储目录中",
                    f"document {digest[:12]} was erased, but its bytes are still in the folder",
                )  # fmt: skip

    def _amiss(self, digest: str, size: int) -> str | None:
        if digest not in self._sound:
            self._sound[digest] = _read(self.folder / digest[:2] / digest, digest, size)
        return self._sound[digest]


def _read(path: Path, digest: str, size: int) -> str | None:
    try:
        if path.stat().st_size != size:
            return "changed"
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "missing"
    return None if found == digest else "changed"
