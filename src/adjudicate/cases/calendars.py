"""Loading a holiday notice: kept as a new version, every open case brought to it; how days are counted is not here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adjudicate import db
from adjudicate.access.administration import COMMAND_LINE
from adjudicate.cases import recording
from adjudicate.cases.each_case import each_case
from adjudicate.cases.queries import law as law_queries
from adjudicate.cases.queries import writing
from adjudicate.law.year_tables import parse_year

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from adjudicate.cases.command import Command
    from adjudicate.cases.registry import Registry
    from adjudicate.states.entries import Moved

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
