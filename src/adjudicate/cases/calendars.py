"""Loading a holiday notice: kept as a new version, every open case brought to it; how days are counted is not here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adjudicate import db
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
    from sqlalchemy import Connection

    from adjudicate.cases.command import Command
    from adjudicate.cases.registry import Registry
    from adjudicate.law.text import Text
    from adjudicate.law.year_tables import YearTable
    from adjudicate.states.entries import Moved

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


def reproject_open_cases(
    registry: Registry,
    *,
    reason: str,
    report: LoadReport | None = None,
    put_aside: list[str] | None = None,
) -> int:
    """Bring every open case whose calendar is no longer the one of today to it; returns how many moved.

    One transaction for each case, so that nobody waits for the whole; what moved is written with `reason`. A case
    that cannot be read is logged and added to `put_aside`, or to those of the report.
    """
    after, moved = "", 0
    aside = put_aside if put_aside is not None else [] if report is None else report.put_aside

    def reproject(command: Command, case_id: str) -> list[Moved]:
        done = recording.settle(command, case_id, reason=reason)
        return [] if done is None else [one for one in done.moved if one.was_on != one.is_on]

    while True:
        with db.reading(registry.engine) as tx:
            batch = writing.open_cases(tx, after=after, limit=BATCH)
            stale = [
                row["id"] for row in batch if registry.calendar(tx, row["region"]).digest != row["calendar_digest"]
            ]
        if not batch:
            return moved
        after = batch[-1]["id"]
        found = {one: days for one, days in each_case(registry, stale, reproject, put_aside=aside) if days}
        moved += len(found)
        if report is not None:
            report.looked_at += len(batch)
            report.moved |= found
