"""Loading a holiday notice: kept as a new version, every open case brought to it; how days are counted is not here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from adjudicate import db, logs
from adjudicate.access import queries as access
from adjudicate.access.administration import COMMAND_LINE
from adjudicate.cases import recording
from adjudicate.cases.each_case import each_case
from adjudicate.cases.queries import law as law_queries
from adjudicate.cases.queries import writing
from adjudicate.law.calendars import NATIONAL, NATIONWIDE, STATUTORY, calendar_text
from adjudicate.law.notice_checks import Known, sound_year, summary
from adjudicate.law.year_tables import parse_moving, parse_year

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection

    from adjudicate.cases.command import Command
    from adjudicate.cases.registry import Registry
    from adjudicate.law.text import Text
    from adjudicate.law.year_tables import YearTable
    from adjudicate.states.entries import Moved

log = logs.logger(__name__)

BATCH = 100


@dataclass(slots=True)
class LoadReport:
    """What a notice changed: which days moved in which case, and which cases could not be brought to it.

    `known` says that the same text was loaded before; `holds` is the notice that is in force for the year now, with
    `superseded` where it is another one. `summary` tells what the text holds.
    """

    code: str
    year: int
    notice: str
    digest: str
    known: bool
    summary: list[Text]
    holds: str
    superseded: bool
    looked_at: int = 0
    moved: dict[str, list[Moved]] = field(default_factory=dict)
    put_aside: list[str] = field(default_factory=list)


def load_calendar(
    registry: Registry, text: str, *, source: str, by: str = COMMAND_LINE, dry_run: bool = False
) -> LoadReport:
    """Keep a published year (national or regional) and move the dates of open cases. Raises CalendarInvalid.

    Repeating it is harmless, and finishes a run that was cut off: a case already moved is passed over. With `dry_run`
    the text is checked and nothing is kept.
    """
    table = parse_year(text, source=source)
    digest = hashlib.sha256(text.encode()).hexdigest()
    row = {"digest": digest, "code": table.code, "year": table.year, "source": text}

    def keep(tx: Connection) -> LoadReport:
        known = any(each["digest"] == digest for each in law_queries.notices(tx))
        if not known:
            # What an earlier release took is in the record, and a run that was cut off must be able to end.
            sound_year(text, source=source, known=_what_is_known(registry, tx))
        if not dry_run:
            known = not law_queries.add_notice(tx, {**row, "loaded_at": registry.moment(tx).at}, by=by)
        return _report(tx, table, digest, known=known)

    if dry_run:
        with db.reading(registry.reads) as tx:
            return keep(tx)
    report = db.run(registry.engine, keep)
    reproject_open_cases(registry, reason=report.notice, report=report)
    return report


def _report(tx: Connection, table: YearTable, digest: str, *, known: bool) -> LoadReport:
    cited = table.notices[-1].cited_as
    of_year = [row for row in law_queries.notices(tx) if (row["code"], row["year"]) == (table.code, table.year)]
    superseded = known and of_year[-1]["digest"] != digest
    holds = parse_year(of_year[-1]["source"], source="").notices[-1].cited_as if superseded else cited
    said = summary(table)
    return LoadReport(
        table.code, table.year, cited, digest, known=known, summary=said, holds=holds, superseded=superseded
    )


def _what_is_known(registry: Registry, tx: Connection) -> Known:
    """What a notice is held to: the statutory holidays of the law's folder, and where there are offices."""
    regions = {NATIONAL, *registry.shipped}
    for office in access.all_offices(tx):
        regions |= {office["region"], f"{office['region'][:4]}00", f"{office['region'][:2]}0000"}
    file = registry.settings.workflows / "calendars" / NATIONAL / STATUTORY
    moving = parse_moving(calendar_text(file), source=str(file)) if file.is_file() else ()
    statutory = registry.shipped[NATIONAL].statutory
    today = registry.moment(tx).today
    return Known(today=today, regions=regions - {NATIONWIDE}, statutory=statutory, moving=moving)


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
