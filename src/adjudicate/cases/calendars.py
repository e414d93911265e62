"""Loading a holiday notice: kept as a new version, every open case brought to it; how days are counted is not here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adjudicate import db
from adjudicate.cases import recording
from adjudicate.cases.command import Command
from adjudicate.cases.queries import law as law_queries
from adjudicate.cases.queries import writing
from adjudicate.law.year_tables import parse_year

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from adjudicate.cases.registry import Registry
    from adjudicate.states.entries import Moved

BATCH = 100


@dataclass(slots=True)
class LoadReport:
    """What a notice changed: which days moved in which case. `known` says that the same text was loaded before."""

    code: str
    year: int
    notice: str
    digest: str
    known: bool
    looked_at: int = 0
    moved: dict[str, list[Moved]] = field(default_factory=dict)


def load_calendar(registry: Registry, text: str, *, source: str) -> LoadReport:
    """Keep a published year (national or regional) and move the dates of open cases. Raises CalendarInvalid.

    Repeating it is harmless, and finishes a run that was cut off: a case already moved is passed over.
    """
    table = parse_year(text, source=source)
    digest = hashlib.sha256(text.encode()).hexdigest()
    notice = table.notices[-1].cited_as
    row = {"digest": digest, "code": table.code, "year": table.year, "source": text}

    def keep(tx: Connection) -> bool:
        return law_queries.add_notice(tx, {**row, "loaded_at": registry.moment(tx).at})

    fresh = db.run(registry.engine, keep)
    report = LoadReport(table.code, table.year, notice, digest, known=not fresh)
    reproject_open_cases(registry, reason=notice, report=report)
    return report


def reproject_open_cases(
    registry: Registry,
    *,
    reason: str,
    report: LoadReport | None = None,
    failed: Callable[[str, Exception], None] | None = None,
) -> int:
    """Bring every open case whose calendar is no longer the one of today to it; returns how many moved.

    One transaction for each case, so that nobody waits for the whole; what moved is written with `reason`. A case that
    fails ends the run with its error, unless `failed` takes both and the others go on. Raises Unavailable either way.
    """
    after, moved = "", 0
    while True:
        with db.reading(registry.engine) as tx:
            batch = writing.open_cases(tx, after=after, limit=BATCH)
            stale = [
                row["id"] for row in batch if registry.calendar(tx, row["region"]).digest != row["calendar_digest"]
            ]
        if not batch:
            return moved
        after = batch[-1]["id"]
        if report is not None:
            report.looked_at += len(batch)
        for case_id in stale:
            try:
                changed = _reproject_one(registry, case_id, reason)
            except db.Unavailable:
                raise
            except Exception as error:
                if failed is None:
                    raise
                failed(case_id, error)
                continue
            if changed:
                moved += 1
                if report is not None:
                    report.moved[case_id] = changed


def _reproject_one(registry: Registry, case_id: str, reason: str) -> list[Moved]:
    done = db.run(registry.engine, lambda tx: recording.settle(Command(tx, registry), case_id, reason=reason))
    return [] if done is None else [one for one in done.moved if one.was_on != one.is_on]
