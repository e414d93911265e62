"""Folding every case anew from its events, and writing its standing where it differs and its work lists; no event that
is on record is touched."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from adjudicate import db, logs
from adjudicate.cases import reading
from adjudicate.cases.case_change import CaseChange
from adjudicate.cases.each_case import each_case
from adjudicate.cases.projected_case import ProjectedCase, case_columns
from adjudicate.cases.projections import PROJECTIONS
from adjudicate.cases.queries import reads, writing
from adjudicate.cases.rows import entry_of, people_of, took_part
from adjudicate.cases.stored_case import UpToDateCase
from adjudicate.states import codec, engine, history
from adjudicate.states.fold import fold_acts
from adjudicate.states.fold_context import LegalContext
from adjudicate.states.judge import begin
from adjudicate.states.result import compared

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from adjudicate.cases.command import Command
    from adjudicate.cases.registry import Registry
    from adjudicate.cases.stored_case import StoredCase
    from adjudicate.states.entries import Entry
    from adjudicate.states.standing import Standing

log = logs.logger(__name__)

BATCH = 200
# Kept for good with what is withdrawn and announced anew, and read by whoever reads the case.
REASON = "升级后按原适用的法律重新推算 / computed again under the same law after an upgrade"


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """How many cases were gone through, how many standings among them differed and were written anew, and which cases
    could not be read and were put aside."""

    cases: int
    standings: int
    put_aside: tuple[str, ...]


def rebuild(registry: Registry) -> RebuildReport:
    """Fold every case, closed ones too, under the law of its events and write standing and work lists anew.

    One transaction for each case. It may run while the service does, and may be broken off and run again: a case is
    locked while its rows are replaced. A warning that was given is not given again while the outbox keeps it: a second
    one for the same due day is better than none where the release only now asks for one. A case that cannot be read is
    logged and put aside; its rows stay as they are.
    """
    after, done, standings = "", 0, 0
    put_aside: list[str] = []
    while True:
        with db.reading(registry.engine) as tx:
            batch = writing.case_ids(tx, after=after, limit=BATCH)
        if not batch:
            return RebuildReport(done, standings, tuple(put_aside))
        for _, anew in each_case(registry, batch, _rebuild_one, put_aside=put_aside):
            done, standings = done + 1, standings + anew
        after = batch[-1]


def _rebuild_one(command: Command, case_id: str) -> bool:
    """Whether the standing differed and was written."""
    stored = command.lock(case_id)
    events = reads.event_rows(command.tx, case_id)
    legal = LegalContext(
        # As `verify` folds it, so that afterwards both agree; a newer calendar comes with events that say what moved.
        reading.laws_then(command.tx, command.registry, stored.row, list(events)),
        command.registry.kept_calendar(command.tx, stored.row["calendar_digest"]),
    )
    entries = [entry_of(row) for row in events]
    if automatic := _has_other_automatic_events(legal, stored, entries):
        _append(command, stored, legal, entries)
        stored, events = command.lock(case_id), reads.event_rows(command.tx, case_id)
        entries = [entry_of(row) for row in events]
    standing = engine.project(legal, entries, today=stored.row["settled_on"])
    differs = codec.standing_to_json(standing) != stored.row["standing"]
    _write(command, stored, standing, events)
    if automatic or differs:
        log.info("standing written anew", case_id=case_id, automatic_events=automatic)
    return automatic or differs


def _has_other_automatic_events(legal: LegalContext, stored: StoredCase, entries: Sequence[Entry]) -> bool:
    live = history.live_acts(entries)
    folding = fold_acts(legal, live, stored.row["settled_on"], begin(legal, live[0]))
    gone, missing = compared(history.standing_derived(entries), folding.derived)
    return bool(gone or missing)


def _append(command: Command, stored: StoredCase, legal: LegalContext, entries: Sequence[Entry]) -> None:
    """Withdraw the automatic events that no longer follow and announce those that do, by events like any others."""
    today = command.moment.today
    result = engine.reproject(
        legal,
        stored.standing,
        today=today,
        next_sequence=stored.row["version"] + 1,
        reason=REASON,
        history=lambda: entries,
    )
    # Nothing is left to append where time alone has made an event right that came too early.
    standing = result.standing if result.entries else engine.project(legal, entries, today=today)
    due = (result,) if result.entries else ()
    current = UpToDateCase(replace(stored, legal=legal), standing, due)
    command.write(CaseChange.of_stored(current, registry=command.registry, moment=command.moment))


def _write(command: Command, stored: StoredCase, standing: Standing, events: Sequence[Mapping[Any, Any]]) -> None:
    tx, case_id = command.tx, stored.row["id"]
    projected = ProjectedCase.of(
        stored.row,
        stored.legal,
        standing,
        people=people_of(events),
        took_part=took_part(events),
        docket_number=stored.row["docket_number"],
        warn_before=command.registry.settings.warn_before,
    )
    for projection in PROJECTIONS:
        writing.clear_rows(tx, projection.table, case_id)
        rows = list(projection.rows(projected).values())
        writing.put_rows(tx, projection.table, key=projection.key, case_id=case_id, rows=rows, gone=())
    version = stored.row["version"]
    writing.update_case(tx, case_id, was=version, values={**case_columns(projected), "version": version})
