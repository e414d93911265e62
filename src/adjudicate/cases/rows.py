"""Between the pure core's values and the columns of the tables, in both directions; no query and no decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adjudicate.states.entries import Entry, EntryKind, Joining

if TYPE_CHECKING:
    from collections.abc import Mapping


def entry_of(row: Mapping[Any, Any]) -> Entry:
    """The entry that a row of `events` stands for, without particulars."""
    return Entry(
        sequence=row["sequence"],
        kind=EntryKind(row["kind"]),
        event=row["event"],
        effective_on=row["effective_on"],
        by=row["by"],
        thread=row["thread"],
        party=row["party"],
        effective_at=row["effective_at"],
        recorded_at=row["recorded_at"],
        facts=row["facts"],
        joins=tuple(Joining(j["party"], j["role"], j["represents"]) for j in row["joins"]),
        irregular=tuple(row["irregular"]),
        reason=row["reason"],
        supersedes=row["supersedes"],
        before=row["before"],
        target=row["target"],
        cause=row["cause"],
        key=row["key"],
    )


def columns_of(entry: Entry) -> dict[str, Any]:
    """The columns of `events` that an entry fills, facts as they are."""
    return {
        "sequence": entry.sequence,
        "kind": entry.kind.value,
        "event": str(entry.event),
        "effective_on": entry.effective_on,
        "effective_at": entry.effective_at,
        "by": str(entry.by),
        "thread": entry.thread,
        "party": entry.party,
        "facts": dict(entry.facts),
        "joins": [{"party": j.party, "role": j.role, "represents": j.represents} for j in entry.joins],
        "irregular": list(entry.irregular),
        "reason": entry.reason,
        "supersedes": entry.supersedes,
        "before": entry.before,
        "target": entry.target,
        "cause": entry.cause,
        "key": entry.key,
    }
