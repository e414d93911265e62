"""One case as somebody reads it: as of today with what is due projected, or as known at an instant; no writing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adjudicate.cases.errors import CaseNotFound
from adjudicate.cases.queries import reads, writing
from adjudicate.cases.rows import entry_of
from adjudicate.cases.stored_case import StoredCase, announce_due
from adjudicate.clock import Moment
from adjudicate.law.legal_time import legal_day
from adjudicate.states import engine, history
from adjudicate.states.fold_context import LegalContext

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from adjudicate.cases.registry import Registry
    from adjudicate.definition.rulebook import Rulebook
    from adjudicate.states.entries import Entry
    from adjudicate.states.fold_context import Laws
    from adjudicate.states.standing import Standing


@dataclass(frozen=True, slots=True)
class CaseSnapshot:
    """A case at a moment. `pending` are rows due and not yet announced; the standing has them in it already."""

    row: Mapping[Any, Any]
    standing: Standing
    rulebook: Rulebook
    legal: LegalContext
    moment: Moment
    version: int
    pending: tuple[Entry, ...]


def current(
    tx: Connection, registry: Registry, case_id: str, *, visible: ColumnElement[bool] | None = None
) -> CaseSnapshot:
    """The case as of today. Raises CaseNotFound."""
    moment = registry.moment(tx)
    stored = StoredCase.of(tx, registry, writing.case_row(tx, case_id, visible=visible))
    today = announce_due(tx, stored, moment.today)
    rulebook = stored.legal.laws.at(today.standing.law_day)
    return CaseSnapshot(
        row=stored.row,
        standing=today.standing,
        rulebook=rulebook,
        legal=stored.legal,
        moment=moment,
        version=today.version,
        pending=today.entries,
    )


def as_of(
    tx: Connection, registry: Registry, case_id: str, at: datetime, *, visible: ColumnElement[bool] | None = None
) -> CaseSnapshot:
    """The case as it was known at an instant: what was recorded by then, lapses derived as of that day.

    It has no ETag. Raises CaseNotFound also where the case did not exist yet.
    """
    row = writing.case_row(tx, case_id, visible=visible)
    rows = reads.entry_rows(tx, case_id, recorded_by_then=at) if row is not None else []
    if row is None or not rows:
        raise CaseNotFound
    legal = legal_then(tx, registry, row, rows)
    moment = Moment(legal_day(at), at)
    entries = [entry_of(one) for one in rows]
    standing = engine.project(legal, entries, today=moment.today)
    return CaseSnapshot(
        row=row,
        standing=standing,
        rulebook=legal.laws.at(standing.law_day),
        legal=legal,
        moment=moment,
        version=entries[-1].sequence,
        pending=(),
    )


def standing_rows(tx: Connection, case_id: str, at: datetime | None = None) -> set[int]:
    """The rows of a case whose consequences outside the stream stand, now or as it was known at an instant."""
    return history.standing_rows([entry_of(row) for row in reads.entry_rows(tx, case_id, recorded_by_then=at)])


def legal_then(tx: Connection, registry: Registry, row: Mapping[Any, Any], rows: list[Any]) -> LegalContext:
    """The law and the calendar that the last of these events was judged by, out of the database."""
    return LegalContext(laws_then(tx, registry, row, rows), registry.kept_calendar(tx, rows[-1]["calendar_digest"]))


def laws_then(tx: Connection, registry: Registry, row: Mapping[Any, Any], rows: list[Any]) -> Laws:
    """The versions that events were judged under, as they then read."""
    digests = dict.fromkeys(one["law_digest"] for one in rows)
    return registry.laws_by_digest(tx, row["workflow"], row["region"], list(digests))


def trail(tx: Connection, case_id: str) -> list[dict[str, Any]]:
    """The audit chain of a case, row by row: who wrote what down, under which law and calendar, and the hashes."""
    names = (
        *("sequence", "kind", "event", "effective_on", "actor", "by", "recorded_by", "recorded_at", "reason"),
        *("supersedes", "target", "cause", "law_digest", "calendar_digest", "docket_number", "voids_docket_number"),
        *("facts_digest", "particulars_digest", "algorithm", "previous_hash", "hash"),
    )
    return [{name: row[name] for name in names} for row in reads.entry_rows(tx, case_id)]
