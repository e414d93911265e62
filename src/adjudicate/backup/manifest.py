"""The first member of a backup: what the file holds and what wrote it; it opens neither file nor database."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from adjudicate.backup.errors import ArchiveDamaged

FORMAT = 1
PROGRAM = "adjudicate"

Digest = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DamagedDocument(_Part):
    """A registered document whose bytes the backup lacks: not in the folder, or no longer of their digest, or erased
    after the rows were read and before its bytes were.
    """

    case: str
    digest: Digest
    fault: Literal["missing", "changed", "erased"]


class Manifest(_Part):
    """What a backup holds. `tables` gives the number of rows by table, in the order in which they can be inserted."""

    format: int
    program: str
    version: str
    revision: str
    taken_at: datetime
    database: str
    tables: dict[str, Count]
    documents: Count
    damaged_documents: list[DamagedDocument]


class Erased(_Part):
    """The documents that were erased while the backup was taken. The manifest, which comes first, still counts them."""

    documents: list[DamagedDocument]


class _Head(BaseModel):
    """What every format says of itself."""

    format: int
    program: Literal["adjudicate"]
    version: str


def parsed(content: bytes) -> Manifest:
    """The manifest in these bytes. Raises ArchiveDamaged for what is none, and for a format of a later release."""
    try:
        head = _Head.model_validate_json(content)
    except ValidationError:
        raise ArchiveDamaged(
            zh="该文件不是 adjudicate 的备份：缺少可读的清单。",
            en="The file is no backup of adjudicate: it has no manifest that can be read.",
        ) from None
    if head.format != FORMAT:
        raise ArchiveDamaged(
            zh=f"备份格式为 {head.format}（由版本 {head.version} 写成），本程序只认识格式 {FORMAT}：请用该版本恢复。",
            en=f"The backup is of format {head.format}, written by version {head.version}, and this program knows "
            f"format {FORMAT} only: restore it with that version.",
        )
    try:
        return Manifest.model_validate_json(content)
    except ValidationError:
        raise ArchiveDamaged(zh="备份的清单不完整。", en="The manifest of the backup is not complete.") from None


def parsed_erased(content: bytes) -> Erased:
    """What these bytes say was erased. Raises ArchiveDamaged for what has another form."""
    try:
        return Erased.model_validate_json(content)
    except ValidationError:
        raise ArchiveDamaged(
            zh="备份中关于已删除文件的清单不完整。", en="The list of erased documents in the backup is not complete."
        ) from None
