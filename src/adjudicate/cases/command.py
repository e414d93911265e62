"""One command on cases, in one transaction: it announces what is due, decides, then draws numbers, then writes.

Nothing is written before everything is decided. A command that concerns several cases therefore takes their locks
first, in the order of their ids; it keeps texts in the order of their digests, draws the numbers of all cases in the
order of their series, and only then appends rows. One order for all commands makes deadlocks rare; `db.run` retries
the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from adjudicate.cases.kill_points import reached
from adjudicate.cases.queries import writing
from adjudicate.cases.stored_case import StoredCase
from adjudicate.clock import Moment
from adjudicate.law.legal_time import legal_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from adjudicate.cases.case_change import CaseChange
    from adjudicate.cases.registry import Registry
    from adjudicate.postgres.prepared import PendingResult

Visible = Any  # a ColumnElement that selects the cases somebody may know of; None for all of them


@dataclass
class Command:
    """What one transaction knows and holds: its clock reading, the cases under lock, the texts it keeps.

    `fixed` is the moment of a command that tells of the past in a sandbox; else the clock is read behind the first
    lock, so that the times in a stream never run backward.
    """

    tx: Connection
    registry: Registry
    fixed: Moment | None = None
    _read_at: Moment | None = None
    _queued: dict[str, tuple[Visible, PendingResult]] = field(default_factory=dict)
    _locked: dict[str, tuple[Visible, StoredCase]] = field(default_factory=dict)
    _kept: set[str] = field(default_factory=set)

    @property
    def moment(self) -> Moment:
        """The moment at which this command judges and records."""
        if self.fixed is not None:
            return self.fixed
        if self._read_at is None:
            self._read_at = self.registry.moment(self.tx)
        return self._read_at

    def at(self, moment: Moment) -> Command:
        """The same transaction at a given moment, for loading histories into a sandbox."""
        return replace(self, fixed=moment)

    def queue_lock(self, case_id: str, visible: ColumnElement[bool] | None = None) -> None:
        """Queue the lock of a case so that the next query shares its round trip; `lock` waits for it.

        The database takes locks in the order in which they are queued: queue those of several cases by id.
        """
        self._queued[case_id] = (visible, writing.query_case_row(self.tx, case_id, visible=visible, lock=True))

    def await_locks(self) -> None:
        """Wait for every lock that was queued. Raises CaseNotFound for a case that is not there, or not visible."""
        for case_id, (visible, _) in list(self._queued.items()):
            self.lock(case_id, visible)

    def lock(self, case_id: str, visible: ColumnElement[bool] | None = None) -> StoredCase:
        """Lock a case until the transaction ends. Raises CaseNotFound if there is none, or none that is visible.

        Locked under the same visibility once, it is not read again until this command has written to it.
        """
        if case_id in self._locked and self._locked[case_id][0] is visible:
            return self._locked[case_id][1]
        under, pending = self._queued.pop(case_id, (None, None))
        if pending is None or under is not visible:
            pending = writing.query_case_row(self.tx, case_id, visible=visible, lock=True)
        stored = StoredCase.of(self.tx, self.registry, pending.first())
        reached("after-lock")
        self._locked[case_id] = (visible, stored)
        self._not_before(stored.row["changed_at"])
        return stored

    def _not_before(self, changed_at: datetime) -> None:
        """Record not before what a locked case says was recorded last: clocks step back, and two machines differ."""
        if self.fixed is None and changed_at > self.moment.at:
            today = self.moment.today if self.registry.settings.sandbox else legal_day(changed_at)
            self._read_at = Moment(today, changed_at)

    def read(self, case_id: str, visible: ColumnElement[bool] | None = None) -> StoredCase:
        """A case without its lock, for a dry run. Raises CaseNotFound."""
        return StoredCase.of(self.tx, self.registry, writing.case_row(self.tx, case_id, visible=visible))

    def write(self, *changes: CaseChange) -> None:
        """Keep the law and the calendars, draw the numbers, then append everything that was decided."""
        reached("after-decision", self.tx)
        self._keep_texts(changes)
        for change in changes:
            change.add_case(self.tx)
        self._draw_numbers(changes)
        reached("after-numbers", self.tx)
        for change in changes:
            change.write(self.tx)
            self._locked.pop(change.case_id, None)

    def _draw_numbers(self, changes: Sequence[CaseChange]) -> None:
        """Draw and void the numbers of all changes, series by series in their order."""
        due = [(series, change, number) for change in changes for series, number in change.numbers_due()]
        for _, change, number in sorted(due, key=itemgetter(0)):
            change.draw_number(self.tx, number)

    def _keep_texts(self, changes: Sequence[CaseChange]) -> None:
        """Make sure that the database holds what the changes are judged and dated by, in the order of the digests."""
        laws = {rulebook.digest: rulebook for change in changes for rulebook in change.rulebooks()}
        calendars = {change.legal.calendar.digest: change.legal.calendar for change in changes if change.uses_calendar}
        for digest in sorted(laws):
            self.registry.keep_law(self.tx, laws[digest], self.moment, written=self._kept)
        for digest in sorted(calendars):
            self.registry.keep_calendar(self.tx, calendars[digest], self.moment, written=self._kept)
