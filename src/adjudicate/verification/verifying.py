"""Verification: every chain, number, trigger and cache against the events they came from; it repairs nothing.

What it can and cannot find is said in docs/verify.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from adjudicate import clock, db
from adjudicate.access import queries as access
from adjudicate.access.administration import ADMINISTRATION, MIGRATION, SCOPE
from adjudicate.cases.case_file import FILE, FULFILLED
from adjudicate.cases.queries import filing, reads
from adjudicate.errors import AdjudicateError
from adjudicate.ledger import Head
from adjudicate.verification import checkpoint as checkpoints
from adjudicate.verification import docket_gaps, rebuilding
from adjudicate.verification.calendars import PossibleCalendars
from adjudicate.verification.chains import chain_findings
from adjudicate.verification.documents import BytesCheck
from adjudicate.verification.findings import Finding
from adjudicate.verification.kept_texts import kept_text_findings
from adjudicate.verification.ledgers import LedgerCheck, erased_rows, replayed
from adjudicate.verification.people import Register, administration_findings, writer_findings
from adjudicate.verification.queries import whole_record
from adjudicate.verification.requests import fulfilment_findings
from adjudicate.verification.triggers import trigger_findings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sqlalchemy import Connection, RowMapping

    from adjudicate.cases.registry import Registry
    from adjudicate.ledger import Entry, Replay

__all__ = ["Finding", "verify"]

# What reading a damaged row raises. Whatever was done to it, the rest of the record is still gone through.
_DAMAGE = (AdjudicateError, SQLAlchemyError, LookupError, ValueError, TypeError, AttributeError, RecursionError)


def verify(registry: Registry, *, checkpoint: Path | None = None, documents: bool = False) -> list[Finding]:
    """Everything that does not agree, in the order of discovery; empty if all is well.

    With `documents`, the bytes of every document are read too. With `checkpoint`, heads are compared with the file,
    and the new ones appended only if there is no finding. Raises CheckpointUnreadable for a file that is no checkpoint.
    """
    with db.reading(registry.engine, patient=True) as tx:
        findings = list(_Verification(tx, registry.fresh(), documents=documents).findings())
        if checkpoint is None:
            return findings
        said = checkpoints.read(checkpoint)
        findings += checkpoints.compare(tx, said)
        if not findings:
            checkpoints.append(tx, checkpoint, said, at=clock.now())
        return findings


@dataclass
class _Verification:
    """One pass through the record, in one consistent view."""

    tx: Connection
    registry: Registry
    documents: bool
    entries: list[Entry] = field(default_factory=list)
    register: Register = field(default_factory=Register)
    calendars: PossibleCalendars | None = None

    @cached_property
    def bytes_check(self) -> BytesCheck:
        """What the bytes of documents are; one for the pass, since many cases may have the same document on file."""
        return BytesCheck(self.registry.settings.documents, self._is_on_any_file_now)

    def findings(self) -> Iterator[Finding]:
        """Everything that does not agree."""
        yield from trigger_findings(self.tx)
        yield from kept_text_findings(self.tx)
        yield from self._guarded(None, "管理台账", "the administrative ledger", self._administration)
        for what, find in (
            ("所指不存在的记录", self._orphans),
            ("案号", lambda: docket_gaps.findings(self.tx)),
        ):
            yield from self._guarded(None, what, "rows beside the cases", find)
        for case_id in whole_record.all_case_ids(self.tx):
            yield from self._guarded(case_id, "案件", "the case", lambda case_id=case_id: self._case(case_id))
        if self.documents:
            yield from self._guarded(None, "已删除的文件", "erased documents", self._left_over)

    def _left_over(self) -> Iterator[Finding]:
        yield from self.bytes_check.left_over(whole_record.erased_documents(self.tx))

    def _is_on_any_file_now(self, digest: str) -> bool:
        with db.reading(self.registry.engine) as tx:
            return filing.is_on_any_file(tx, digest)

    def _guarded(self, case_id: str | None, zh: str, en: str, find: Any) -> Iterator[Finding]:
        try:
            yield from find()
        except _DAMAGE as error:
            yield Finding(
                case_id, None, f"{zh}的存储内容无法读取：{type(error).__name__}",
                f"what is stored of {en} cannot be read: {type(error).__name__}",
            )  # fmt: skip

    def _administration(self) -> Iterator[Finding]:
        check = LedgerCheck(
            ledger=ADMINISTRATION, scope=SCOPE, case_id=None, name_zh="管理台账", name_en="administrative ledger"
        )
        self.entries = check.entries(self.tx)
        yield from check.chain_findings(self.entries, whole_record.administration_head(self.tx))
        replay = replayed(ADMINISTRATION, self.entries)
        self.register = Register.of(replay)
        yield from administration_findings(self.entries, self.register)
        for name in ADMINISTRATION.tables:
            yield from check.table_findings(self.tx, replay, name)
        notices = whole_record.kept_notices(self.tx)
        self.calendars = PossibleCalendars.of(self.tx, self.registry, self.entries, notices)

    def _orphans(self) -> Iterator[Finding]:
        for case_id, table, target in whole_record.dangling(self.tx):
            if target == "cases":
                zh, en = "案件本身已不存在，但仍有其记录", "the case is gone but has rows left"
            else:
                zh, en = f"有记录所指的 {target} 中的一行不存在", f"a row refers to one of {target} that is not there"
            yield Finding(case_id, None, f"表 {table}：{zh}", f"{table}: {en}")
        for digest in whole_record.unused_law(self.tx):
            yield Finding.of_all(
                f"所存法律文本 {digest[:12]} 没有任何事项使用", f"the kept law {digest[:12]} is used by no event"
            )
        for digest, code in whole_record.unused_calendars(self.tx):
            # A case may have been brought to it without any date moving: then no event tells of it.
            if self.calendars is None or (digest, code) not in self.calendars:
                yield Finding.of_all(
                    f"所存日历 {digest[:12]} 没有任何事项使用，也不来自所载的放假通知",
                    f"the kept calendar {digest[:12]} is used by no event and follows from no notice on record",
                )

    def _case(self, case_id: str) -> Iterator[Finding]:
        case = whole_record.case(self.tx, case_id)
        check = LedgerCheck(ledger=FILE, scope=case_id, case_id=case_id, name_zh="案卷", name_en="case file")
        file = check.entries(self.tx)
        erased = erased_rows(file)
        rows = reads.event_rows(self.tx, case_id)
        gone = {int(row) for table, row in erased if table == "event_particulars"}
        yield from chain_findings(case, rows, erased=gone, played=self.register.played)
        replay = replayed(FILE, file)
        yield from self._file(case, check, file, replay)
        if not rows:
            return
        yield from self._calendar(case, rows)
        yield from rebuilding.findings(self.tx, self.registry, case, rows)
        grants = access.grants_of(self.tx, case_id)
        books = rebuilding.rulebooks(self.tx, self.registry, case, rows)
        yield from docket_gaps.case_findings(self.tx, case, rows, books)
        yield from writer_findings(case, rows, grants, self.register, books)

    def _file(self, case: RowMapping, check: LedgerCheck, file: list[Entry], replay: Replay) -> Iterator[Finding]:
        head = Head(case["file_place"], case["file_hash"]) if case["file_hash"] or case["file_place"] else None
        yield from check.chain_findings(file, head)
        for name in FILE.tables:
            yield from check.table_findings(self.tx, replay, name)
        yield from fulfilment_findings(self.tx, case["id"], replay.told.get(FULFILLED, ()))
        officers = replay.rows.get("case_officers", {})
        last = officers[max(officers, key=lambda key: int(key[1]))]["actor"] if officers else None
        if case["officer"] != last:
            yield Finding(
                case["id"], None, "所存承办人与案卷记录不符", "the officer in charge is not the one that the file names"
            )
        for entry in file:
            actor = entry.row["actor"]
            if actor != MIGRATION and actor not in self.register.held:
                yield Finding(
                    case["id"], None, f"案卷记录的作出人不在人员名册中：{actor}",
                    f"the writer of an entry of the case file is not in the register: {actor}",
                )  # fmt: skip
        if self.documents:
            yield from self.bytes_check.findings(case["id"], replay)

    def _calendar(self, case: Mapping[Any, Any], rows: list[RowMapping]) -> Iterator[Finding]:
        digest, last = case["calendar_digest"], rows[-1]["calendar_digest"]
        if digest == last:
            return
        if self.calendars is None or not self.calendars.may_follow(last, digest, case["region"]):
            yield Finding(
                case["id"], None, "案件所用日历既非其最后事项所用，也不来自其后所载的放假通知",
                "the calendar of the case is not that of its last event and follows from no notice loaded since",
            )  # fmt: skip
