"""Writing the work lists anew from the cases, as a release that adds or changes one asks for; no event is touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adjudicate import db
from adjudicate.cases.each_case import each_case
from adjudicate.cases.projected_case import ProjectedCase, case_columns
from adjudicate.cases.projections import PROJECTIONS
from adjudicate.cases.queries import reads, writing
from adjudicate.cases.rows import people_of, took_part

if TYPE_CHECKING:
    from adjudicate.cases.command import Command
    from adjudicate.cases.registry import Registry

BATCH = 200


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """How many cases were written anew, and which could not be read and were put aside."""

    cases: int
    put_aside: tuple[str, ...]


def rebuild(registry: Registry) -> RebuildReport:
    """Write every row of every work list anew, one transaction for each case.

    It may run while the service does, and may be broken off and run again: a case is locked while its rows are
    replaced. A warning that was given is not given again while the outbox keeps it: a second one for the same due day
    is better than none where the release only now asks for one. A case that cannot be read is logged and put aside; its
    rows stay as they are.
    """
    after, done = "", 0
    put_aside: list[str] = []
    while True:
        with db.reading(registry.engine) as tx:
            batch = writing.case_ids(tx, after=after, limit=BATCH)
        if not batch:
            return RebuildReport(done, tuple(put_aside))
        done += sum(1 for _ in each_case(registry, batch, _rebuild_one, put_aside=put_aside))
        after = batch[-1]


def _rebuild_one(command: Command, case_id: str) -> None:
    tx, stored = command.tx, command.lock(case_id)
    events = reads.event_rows(tx, case_id)
    projected = ProjectedCase.of(
        stored.row,
        stored.legal,
        stored.standing,
        people=people_of(events),
        took_part=took_part(events),
        docket_number=stored.row["docket_number"],
        warn_before=command.registry.settings.warn_before,
    )
    for projection in PROJECTIONS:
        writing.clear_rows(tx, projection.table, case_id)
        rows = list(projection.rows(projected).values())
        writing.put_rows(tx, projection.table, key=projection.key, case_id=case_id, rows=rows, gone=())
    writing.update_case(tx, case_id, was=stored.row["version"], values=_columns(projected, stored.row["version"]))


def _columns(projected: ProjectedCase, version: int) -> dict[str, object]:
    """The case's own columns that follow from its standing; the standing itself stays as it is."""
    columns = case_columns(projected)
    del columns["standing"], columns["law_day"]
    return {**columns, "version": version}
