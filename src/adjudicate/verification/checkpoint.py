"""The checkpoint: heads of chains in a file outside the database, one JSON line each, only ever appended to."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, ClassVar

from adjudicate.errors import AdjudicateError
from adjudicate.verification.findings import Finding
from adjudicate.verification.queries import whole_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection


class CheckpointUnreadable(AdjudicateError):
    """A line of the file is no head; the message names it."""

    code: ClassVar[str] = "checkpoint-unreadable"


def read(path: Path) -> dict[str, tuple[int, str]]:
    """The latest head of every case in the file: (sequence, hash) by case. A file not yet there is empty."""
    found: dict[str, tuple[int, str]] = {}
    if not path.exists():
        return found
    for place, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            head: Any = json.loads(line)
            case_id, sequence, digest = str(head["case"]), int(head["sequence"]), str(head["hash"])
        except (ValueError, TypeError, KeyError) as error:
            raise CheckpointUnreadable(
                zh=f"{path} 第 {place} 行不是审计链末端记录", en=f"{path}, line {place}: not the head of a chain"
            ) from error
        found[case_id] = (sequence, digest)
    return found


def compare(tx: Connection, path: Path) -> Iterator[Finding]:
    """Every head in the file must still be where it was, for chains only grow."""
    for case_id, (sequence, digest) in sorted(read(path).items()):
        present = whole_record.head_at(tx, case_id, sequence)
        if present is None:
            yield Finding(
                case_id, sequence, "检查点所载事项已不存在（案件被删或尾部被截）",
                "an event in the checkpoint is gone (the case was removed or its tail cut off)",
            )  # fmt: skip
        elif present != digest:
            yield Finding(
                case_id, sequence, "事项哈希与检查点不符（链被重算）",
                "the event has another hash than in the checkpoint (the chain was computed anew)",
            )  # fmt: skip


def append(tx: Connection, path: Path, *, at: datetime) -> int:
    """Append the heads that are new since the file was last written; returns how many."""
    known = read(path)
    lines = [
        json.dumps({"case": case_id, "sequence": sequence, "hash": digest, "at": at.isoformat()})
        for case_id, sequence, digest in whole_record.heads(tx)
        if known.get(case_id) != (sequence, digest)
    ]
    if lines:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
    return len(lines)
