"""A case as stored, and as it stands today with what is due announced; nothing is locked or written here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adjudicate.cases.errors import CaseNotFound
from adjudicate.cases.queries import reads
from adjudicate.cases.rows import entry_of
from adjudicate.states import codec, engine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

    from adjudicate.cases.registry import Registry
    from adjudicate.states.entries import Entry
    from adjudicate.states.fold_context import LegalContext
    from adjudicate.states.result import Result
    from adjudicate.states.standing import Standing


@dataclass(frozen=True, slots=True)
class StoredCase:
    """The row of a case, its standing, and the law and calendar it is judged by today."""

    row: Mapping[str, Any]
    legal: LegalContext
    standing: Standing

    @classmethod
    def of(cls, tx: Connection, registry: Registry, row: Mapping[str, Any] | None) -> StoredCase:
        """The case of a row of `cases`. Raises CaseNotFound where there is none."""
        if row is None:
            raise CaseNotFound
        return cls(row, registry.legal(tx, row), codec.standing_from_json(row["standing"]))


@dataclass(frozen=True, slots=True)
class UpToDateCase:
    """A case as of today; `due` are the results that must still be written to make the stored case this one."""

    stored: StoredCase
    standing: Standing
    due: tuple[Result, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The rows to be written, in order."""
        return tuple(entry for result in self.due for entry in result.entries)

    @property
    def version(self) -> int:
        """The sequence of the last row, those to be written included: the same whether a worker ran or slept."""
        return int(self.stored.row["version"]) + len(self.entries)

    def history(self, tx: Connection) -> list[Entry]:
        """All rows of the case in order, those to be written included."""
        return [*(entry_of(row) for row in reads.entry_rows(tx, self.stored.row["id"])), *self.entries]


def announce_due(tx: Connection, stored: StoredCase, today: date, *, reason: str | None = None) -> UpToDateCase:
    """Move the dates to today's calendar if it is another one, then announce every lapse that is due.

    `reason` is recorded with dates that a new calendar moved.
    """
    row, legal = stored.row, stored.legal
    version, standing = row["version"], stored.standing
    due: list[Result] = []
    if row["calendar_digest"] != legal.calendar.digest and not standing.closed:
        stream = [entry_of(one) for one in reads.entry_rows(tx, row["id"])]
        why = reason or f"calendar {legal.calendar.digest[:12]}"
        moved = engine.reproject(
            legal, standing, today=today, next_sequence=version + 1, reason=why, history=lambda: stream
        )
        # Certainty may change without a date: then no row is written, but the standing is the new fold.
        standing = moved.standing if moved.entries else engine.project(legal, stream, today=today)
        if moved.entries:
            due.append(moved)
    if row["next_due_on"] is not None or due:
        written = sum(len(result.entries) for result in due)
        lapsed = engine.announce_lapses(legal, standing, today=today, next_sequence=version + 1 + written)
        standing = lapsed.standing
        if lapsed.entries:
            due.append(lapsed)
    return UpToDateCase(stored, standing, tuple(due))
