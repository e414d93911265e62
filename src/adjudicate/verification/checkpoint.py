"""The checkpoint: heads of chains in a file outside the database, one JSON line each, only ever appended to.

Every line is kept and every line is compared: a line that somebody adds hides nothing that the lines before it say.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar

from adjudicate.errors import AdjudicateError
from adjudicate.verification.findings import Finding
from adjudicate.verification.queries import heads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

# Which chain a line is of: the events of a case, its file, the administration, a series of docket numbers.
EVENTS, FILE, ADMINISTRATION, SERIES = "case", "file", "administration", "series"
Chain = tuple[str, str]


class CheckpointUnreadable(AdjudicateError):
    """A line of the file is no head; the message names it."""

    code: ClassVar[str] = "checkpoint-unreadable"


@dataclass
class Checkpoint:
    """What a file says: by chain, the hash at each place that it names (of a docket series, nothing but the place)."""

    places: dict[Chain, dict[int, str]] = field(default_factory=dict)

    def lines(self) -> Iterator[tuple[str, str, int, str]]:
        """What the file says, as (kind of chain, its name, place, hash), in this order."""
        for kind, name in sorted(self.places):
            for place, digest in sorted(self.places[kind, name].items()):
                yield kind, name, place, digest

    def knows(self, chain: Chain, place: int, digest: str) -> bool:
        """Whether a line says this."""
        return self.places.get(chain, {}).get(place) == digest


def read(path: Path) -> Checkpoint:
    """Every line of the file. A file not yet there is empty. Raises CheckpointUnreadable."""
    found = Checkpoint()
    if not path.exists():
        return found
    for number, line in enumerate(_lines(path), start=1):
        try:
            chain, place, digest = _parsed(json.loads(line))
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise _unreadable(path, number, line) from error
        said = found.places.setdefault(chain, {}).setdefault(place, digest)
        if said != digest:
            raise CheckpointUnreadable(
                zh=f"{path} 第 {number} 行与前面的一行矛盾",
                en=f"{path}, line {number}: it contradicts a line before it",
            )
    return found


def _unreadable(path: Path, number: int, line: str) -> CheckpointUnreadable:
    """The refusal of a line. One without its end is the last one, and whoever wrote it was interrupted."""
    if line.endswith("\n") or not line.startswith("{"):
        return CheckpointUnreadable(
            zh=f"{path} 第 {number} 行不是审计链末端记录", en=f"{path}, line {number}: not the head of a chain"
        )
    return CheckpointUnreadable(
        zh=f"{path} 第 {number} 行（最后一行）不完整，写入时被中断：请删去该行后重新验证，其余各行不受影响",
        en=f"{path}, line {number}: this last line was cut off while it was written; "
        "delete it and verify again, all lines before it still count",
    )


def _lines(path: Path) -> Iterator[str]:
    """One line after the other: a file of many years must not lie in memory as text too."""
    try:
        with path.open(encoding="utf-8") as file:
            yield from file
    except (OSError, UnicodeDecodeError) as error:
        raise CheckpointUnreadable(
            zh=f"{path} 无法读取，或者不是 UTF-8 文本", en=f"{path} cannot be read, or is no UTF-8 text"
        ) from error


def _parsed(line: Any) -> tuple[Chain, int, str]:
    if EVENTS in line:
        return (EVENTS, str(line[EVENTS])), int(line["sequence"]), str(line["hash"])
    kind = next((kind for kind in (FILE, ADMINISTRATION, SERIES) if kind in line), SERIES)
    return (kind, str(line[kind])), int(line["place"]), str(line["hash"])


def compare(tx: Connection, checkpoint: Checkpoint) -> Iterator[Finding]:
    """Every head that the file names must still be where it was, for chains only grow."""
    reached = heads.numbers_reached(tx)
    for kind, lines in groupby(checkpoint.lines(), key=itemgetter(0)):
        while some := list(islice(lines, heads.PAGE)):
            wanted = [(name, place) for _, name, place, _ in some]
            if kind == SERIES:
                present = {one: "" for one in wanted if one[1] <= reached.get(one[0], -1)}
            else:
                present = _FINDERS[kind](tx, wanted)
            for _, name, place, digest in some:
                yield from _compared(kind, name, place, digest, present.get((name, place)))


def _compared(kind: str, name: str, place: int, digest: str, present: str | None) -> Iterator[Finding]:
    case_id = name if kind in {EVENTS, FILE} else None
    if kind == SERIES:
        if present is None:
            yield Finding.of_all(
                f"案号系列 {name} 曾编至第 {place} 号，现已不足", f"the docket numbers of {name} once reached {place}"
            )
    elif present != digest:
        zh, en = (_GONE if present is None else _CHANGED)[kind]
        yield Finding(case_id, place if kind == EVENTS else None, zh.format(place), en.format(place))


# What is said of each kind of chain; of an event the finding itself bears the place.
_GONE = {
    EVENTS: (
        "检查点所载事项已不存在（案件被删或尾部被截）",
        "an event in the checkpoint is gone (the case was removed or its tail cut off)",
    ),
    FILE: (
        "检查点所载案卷第 {} 号记录已不存在（案件被删或尾部被截）",
        "entry {} of the case file, in the checkpoint, is gone (the case was removed or the tail cut off)",
    ),
    ADMINISTRATION: (
        "检查点所载管理台账第 {} 号记录已不存在（尾部被截）",
        "entry {} of the administrative ledger, in the checkpoint, is gone (the tail was cut off)",
    ),
}
_CHANGED = {
    EVENTS: (
        "事项哈希与检查点不符（链被重算）",
        "the event has another hash than in the checkpoint (the chain was computed anew)",
    ),
    FILE: (
        "案卷第 {} 号记录的哈希与检查点不符（链被重算）",
        "entry {} of the case file has another hash than in the checkpoint (the chain was computed anew)",
    ),
    ADMINISTRATION: (
        "管理台账第 {} 号记录的哈希与检查点不符（链被重算）",
        "entry {} of the administrative ledger has another hash than in the checkpoint (the chain was computed anew)",
    ),
}
_FINDERS: dict[str, Callable[[Connection, Sequence[tuple[str, int]]], dict[tuple[str, int], str]]] = {
    EVENTS: heads.event_hashes,
    FILE: heads.file_hashes,
    ADMINISTRATION: heads.administration_hashes,
}


def append(tx: Connection, path: Path, known: Checkpoint, *, at: datetime) -> int:
    """Append the heads that no line says yet; returns how many. `known` is what was read of the file."""
    lines = []
    for kind, name, place, digest in heads.all_heads(tx):
        if not known.knows((kind, name), place, digest):
            named = "sequence" if kind == EVENTS else "place"
            lines.append(json.dumps({kind: name, named: place, "hash": digest, "at": at.isoformat()}))
    if lines:
        path.parent.mkdir(parents=True, exist_ok=True)
        # An editor may have left out the end of the last line, which would run into the first of these.
        begin = "" if _ends_its_line(path) else "\n"
        with path.open("a", encoding="utf-8", newline="") as file:
            file.write(begin + "".join(f"{line}\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
    return len(lines)


def _ends_its_line(path: Path) -> bool:
    if not path.exists() or path.stat().st_size == 0:
        return True
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) in {b"\n", b"\r"}
