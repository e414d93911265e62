"""Verification: every chain, number, trigger and cache against the events they came from; it repairs nothing.

What it can and cannot find is said in docs/verify.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adjudicate import clock, db
from adjudicate.cases.queries import reads
from adjudicate.verification import checkpoint as checkpoints
from adjudicate.verification import docket_gaps, rebuilding
from adjudicate.verification.chains import chain_findings
from adjudicate.verification.findings import Finding
from adjudicate.verification.kept_texts import kept_text_findings
from adjudicate.verification.queries import history_triggers, whole_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from adjudicate.cases.registry import Registry

__all__ = ["Finding", "verify"]


def verify(registry: Registry, *, checkpoint: Path | None = None) -> list[Finding]:
    """Everything that does not agree, in the order of discovery; empty if all is well.

    With `checkpoint`, heads are compared with the file too, and the new ones appended only if there is no finding.
    Raises CheckpointUnreadable for a file that is no checkpoint.
    """
    with db.reading(registry.engine, patient=True) as tx:
        findings = list(_findings(tx, registry.fresh()))
        if checkpoint is None:
            return findings
        findings += checkpoints.compare(tx, checkpoint)
        if not findings:
            checkpoints.append(tx, checkpoint, at=clock.now())
        return findings


def _findings(tx: Connection, registry: Registry) -> Iterator[Finding]:
    for trigger in history_triggers.broken_guards(tx):
        yield Finding.of_all(f"触发器 {trigger} 缺失、停用或被改动", f"trigger {trigger} is missing, off or changed")
    yield from kept_text_findings(tx)
    for case_id, what in whole_record.orphans(tx):
        yield Finding(case_id, None, f"案件本身已不存在，但仍有其{_ZH[what]}", f"the case is gone but has {what} left")
    for case_id, what in whole_record.strangers(tx):
        yield Finding(case_id, None, f"案件所属的{_ZH[what]}不存在", f"the {what} of the case does not exist")
    for row in whole_record.all_cases(tx):
        rows = reads.event_rows(tx, row["id"])
        found = list(chain_findings(row, rows))
        yield from found
        if rows:
            yield from rebuilding.findings(tx, registry, row, rows)
    yield from docket_gaps.findings(tx)


_ZH = {"events": "事项", "docket number": "案号", "office": "机构", "actor": "人员"}
