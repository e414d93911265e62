"""Reads a backup from end to end: whether every member is there, in its place and with its digest; it loads nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adjudicate.backup import archive, manifest
from adjudicate.backup.errors import ArchiveDamaged, RestoreRefused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from adjudicate.backup.archive import Member
    from adjudicate.backup.manifest import DamagedDocument, Manifest

# A manifest names some tables and the damaged documents; nobody has so many.
_LONGEST_MANIFEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Checked:
    """A backup that was read from end to end: its manifest, the digest of each member but the documents, and which
    documents were erased while it was taken.
    """

    path: Path
    manifest: Manifest
    digests: dict[str, str]
    erased: list[DamagedDocument]

    def members(self) -> Iterator[Member]:
        """The tables and documents again. Raises ArchiveDamaged behind a member that changed since the check."""
        for member in archive.members(self.path):
            yield member
            expected = archive.document_of(member.name) or self.digests.get(member.name)
            if member.name != archive.SUMS and member.digest() != expected:
                raise archive.changed(member.name)


def check(path: Path) -> Checked:
    """Read a whole backup. Raises RestoreRefused for a file that cannot be read, ArchiveDamaged if it is not whole."""
    try:
        return _checked(path)
    except OSError as error:
        raise RestoreRefused(
            zh=f"备份文件无法读取：{error.strerror or type(error).__name__}（{path}）。",
            en=f"The backup cannot be read: {error.strerror or type(error).__name__} ({path}).",
        ) from error


def _checked(path: Path) -> Checked:
    found: Manifest | None = None
    digests: dict[str, str] = {}
    erased: list[DamagedDocument] = []
    documents = 0
    for member in archive.members(path):
        if found is None:
            found, digests[member.name] = _manifest(member)
        elif member.name == archive.SUMS:
            _compare(member, digests, documents)
            tables = [name for name in digests if archive.table_of(name) is not None]
            counted = documents + len(erased)
            if list(map(archive.table_member, found.tables)) != tables or counted != found.documents:
                break
            return Checked(path, found, digests, erased)
        elif archive.ERASED in digests:
            raise archive.changed(member.name)
        elif member.name == archive.ERASED:
            erased = manifest.parsed_erased(_content(member)).documents
            digests[member.name] = member.digest()
        elif archive.table_of(member.name) is not None and documents == 0 and member.name not in digests:
            digests[member.name] = member.digest()
        elif (digest := archive.document_of(member.name)) is not None and member.digest() == digest:
            documents += 1
        else:
            raise archive.changed(member.name)
    raise ArchiveDamaged(
        zh="备份不完整：缺少末尾的校验和，或与清单所列不符；文件可能被截断。",
        en="The backup is not whole: its digests are missing at the end, or it holds other members than its manifest "
        "says; the file may have been cut off.",
    )


def _manifest(member: Member) -> tuple[Manifest, str]:
    if member.name != archive.MANIFEST:
        return manifest.parsed(b""), ""
    return manifest.parsed(_content(member)), member.digest()


def _content(member: Member) -> bytes:
    content = b""
    for block in member.blocks():
        content += block
        if len(content) > _LONGEST_MANIFEST:
            raise archive.changed(member.name)
    return content


def _compare(last: Member, digests: dict[str, str], documents: int) -> None:
    """Raises ArchiveDamaged for the first member whose digest is not the one at the end of the file."""
    left, listed = dict(digests), 0
    for digest, name in archive.sums(last):
        document = archive.document_of(name)
        if document is not None:
            listed += 1
        if digest != (document or left.pop(name, None)):
            raise archive.changed(name)
    if left or listed != documents:
        raise archive.changed(next(iter(left), archive.SUMS))
