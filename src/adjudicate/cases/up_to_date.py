"""A stored case as it stands today, by today's calendar and with what is due announced; it writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from adjudicate.cases.queries import reads
from adjudicate.cases.rows import entry_of
from adjudicate.states import engine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from adjudicate.clock import Moment
    from adjudicate.states.engine import Result
    from adjudicate.states.entries import Entry
    from adjudicate.states.fold import LegalContext
    from adjudicate.states.standing import Standing


class Stored(Protocol):
    """What is needed of a case as stored."""

    @property
    def row(self) -> Mapping[Any, Any]: ...
    @property
    def moment(self) -> Moment: ...
    @property
    def legal(self) -> LegalContext: ...
    @property
    def standing(self) -> Standing: ...


@dataclass(frozen=True, slots=True)
class Current:
    """The standing of today, and in `due` the rows that are still to be written to make it the stored one."""

    case_id: str
    standing: Standing
    due: tuple[Result, ...]
    stored_version: int

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The rows to be written, in order."""
        return tuple(entry for result in self.due for entry in result.entries)

    @property
    def version(self) -> int:
        """The sequence of the last row, those to be written included: the same whether a worker ran or slept."""
        return self.stored_version + len(self.entries)

    def history(self, tx: Connection) -> list[Entry]:
        """All rows of the case in order, those to be written included."""
        return [*(entry_of(row) for row in reads.entry_rows(tx, self.case_id)), *self.entries]


def brought_up_to_date(tx: Connection, stored: Stored, *, reason: str | None = None) -> Current:
    """Move the dates to today's calendar if it is another one, then announce every lapse that is due."""
    row, today, legal = stored.row, stored.moment.today, stored.legal
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
        lapsed = engine.settle(
            legal, standing, today=today, next_sequence=version + 1 + sum(len(o.entries) for o in due)
        )
        standing = lapsed.standing
        if lapsed.entries:
            due.append(lapsed)
    return Current(row["id"], standing, tuple(due), version)
