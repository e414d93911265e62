"""Loading a holiday notice: kept as a new version, every open case brought to it; how days are counted is not here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from adjudicate import db, logs
from adjudicate.access.administration import COMMAND_LINE
from adjudicate.cases import recording
from adjudicate.cases.each_case import each_case
from adjudicate.cases.queries import law as law_queries
from adjudicate.cases.queries import writing
from adjudicate.law.year_tables import parse_year

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection

    from adjudicate.cases.command import Command
    from adjudicate.cases.registry import Registry
    from adjudicate.states.entries import Moved

log = logs.logger(__name__)

BATCH = 100


@dataclass(slots=True)
class LoadReport:
    """What a notice changed: which days moved in which case, and which cases could not be brought to it.

    `known` says that the same text was loaded before.
    """

    code: str
    year: int
    notice: str
    digest: str
    known: bool
    looked_at: int = 0
    moved: dict[str, list[Moved]] = field(default_factory=dict)
    put_aside: list[str] = field(default_factory=list)


def load_calendar(registry: Registry, text: str, *, source: str, by: str = COMMAND_LINE) -> LoadReport:
    """Keep a published year (national or regional) and move the dates of open cases. Raises CalendarInvalid.

    Repeating it is harmless, and finishes a run that was cut off: a case already moved is passed over.
    """
    table = parse_year(text, source=source)
    digest = hashlib.sha256(text.encode()).hexdigest()
    notice = table.notices[-1].cited_as
    row = {"digest": digest, "code": table.code, "year": table.year, "source": text}

    def keep(tx: Connection) -> bool:
        return law_queries.add_notice(tx, {**row, "loaded_at": registry.moment(tx).at}, by=by)

    fresh = db.run(registry.engine, keep)
    report = LoadReport(table.code, table.year, notice, digest, known=not fresh)
    reproject_open_cases(registry, reason=notice, report=report)
    return report


def reproject_open_cases(registry: Registry, *, reason: str, report: LoadReport | None = None) -> int:
    """Bring every open case whose calendar is no longer the one of today to it; returns how many moved."""
    work = Reprojection(registry, reason=reason)
    work.go_on()
    if report is not None:
        report.looked_at, report.moved, report.put_aside = work.looked_at, work.moved, work.put_aside
    return len(work.moved)


@dataclass(slots=True)
class Reprojection:
    """Bringing every open case to the calendar of today; it may be broken off, and then goes on where it was.

    One transaction for each case, so that nobody waits for the whole; what moved is written with `reason`. A case
    that cannot be read, or whose calendar cannot, is logged and put aside.
    """

    registry: Registry
    reason: str
    looked_at: int = 0
    moved: dict[str, list[Moved]] = field(default_factory=dict)
    put_aside: list[str] = field(default_factory=list)
    done: bool = False
    _after: str = ""

    def go_on(self, goes_on: Callable[[], bool] = lambda: True) -> None:
        """Go on until all are done, or `goes_on` says no after a case. Raises Unavailable; then this case is next."""
        while not self.done:
            with db.reading(self.registry.engine) as tx:
                batch = writing.open_cases(tx, after=self._after, limit=BATCH)
                newest = self._digests(tx, {row["region"] for row in batch})
            for row in batch:
                if row["calendar_digest"] != newest[row["region"]]:
                    self._reproject(row["id"])
                self._after = row["id"]
                self.looked_at += 1
                if not goes_on():
                    return
            self.done = not batch

    def _digests(self, tx: Connection, regions: Iterable[str]) -> dict[str, str | None]:
        """The calendar of each region; none where it cannot be read, which the cases of that region will then say."""
        found: dict[str, str | None] = {}
        for region in regions:
            try:
                found[region] = self.registry.calendar(tx, region).digest
            except DBAPIError:
                raise
            except Exception:
                log.exception("calendar cannot be read", region=region)
                found[region] = None
        return found

    def _reproject(self, case_id: str) -> None:
        def settle(command: Command, one: str) -> list[Moved]:
            done = recording.settle(command, one, reason=self.reason)
            return [] if done is None else [each for each in done.moved if each.was_on != each.is_on]

        for _, days in each_case(self.registry, [case_id], settle, put_aside=self.put_aside):
            if days:
                self.moved[case_id] = days
