"""Whether a case's events are the ones that were written: sequence, digests and hashes; what they mean is not asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adjudicate import chaining
from adjudicate.cases import audit
from adjudicate.law.legal_time import legal_day
from adjudicate.verification.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence


def chain_findings(
    case: Mapping[Any, Any], rows: Sequence[Mapping[Any, Any]], *, erased: Collection[int] = (), played: bool = False
) -> Iterator[Finding]:
    """Walk the chain from what the case was founded on to the head that is stored beside it.

    `erased` are the events whose particulars were erased on record. Where moments are `played`, as in a sandbox, only
    days can be compared.
    """
    case_id = case["id"]
    if not rows:
        yield Finding(case_id, None, "案件没有任何事项", "the case has no event")
        return
    previous = audit.foundation_hash(case)
    for place, row in enumerate(rows, start=1):
        if row["sequence"] != place:
            yield Finding(
                case_id, place, f"缺少第 {place} 号事项（其后为第 {row['sequence']} 号）",
                f"event {place} is missing (event {row['sequence']} follows)",
            )  # fmt: skip
            return
        yield from _event_findings(case_id, row, previous, erased)
        if place > 1 and _went_back(rows[place - 2], row, played=played):
            yield Finding(case_id, place, "记录时间早于前一事项", "the event was recorded before the one before it")
        if not played and row["recorded_on"] != legal_day(row["recorded_at"]):
            yield Finding(case_id, place, "记录日与记录时间不符", "the day of recording is not that of its instant")
        previous = row["hash"]
    last = rows[-1]["sequence"]
    if case["version"] != last:
        yield Finding(
            case_id, case["version"], f"案件应有 {case['version']} 号事项，实际止于第 {last} 号",
            f"the case should end with event {case['version']} but ends with {last}",
        )  # fmt: skip
    elif case["head_hash"] != previous:
        yield Finding(
            case_id, last, "案件所存的末端哈希与最后事项不符", "the head stored with the case is not its last event's"
        )


def _went_back(earlier: Mapping[Any, Any], later: Mapping[Any, Any], *, played: bool) -> bool:
    name = "recorded_on" if played else "recorded_at"
    return bool(later[name] < earlier[name])


def _event_findings(case_id: str, row: Mapping[Any, Any], previous: str, erased: Collection[int]) -> Iterator[Finding]:
    sequence = row["sequence"]
    if row["previous_hash"] != previous:
        yield Finding(case_id, sequence, "事项未与前一事项相连", "the event is not chained to the one before it")
    if not chaining.digest_holds(row["facts_salt"], row["facts"], row["facts_digest"]):
        yield Finding(case_id, sequence, "事项的事实被改动", "the event's facts were changed")
    yield from _particulars_findings(case_id, row, erased)
    if row["algorithm"] != chaining.ALGORITHM or not _hash_holds(row):
        yield Finding(case_id, sequence, "事项内容与其哈希不符", "the event does not have the hash it bears")


def _particulars_findings(case_id: str, row: Mapping[Any, Any], erased: Collection[int]) -> Iterator[Finding]:
    sequence, digest, body = row["sequence"], row["particulars_digest"], row["particulars"]
    if digest is None and body is not None:
        yield Finding(case_id, sequence, "事项多出个人信息", "particulars were added to the event")
    elif sequence in erased:
        if body is not None or row["particulars_salt"] is not None:
            yield Finding(
                case_id, sequence, "已删除的个人信息又出现了", "particulars that were erased on record are there again"
            )
    elif digest is not None and body is None:
        yield Finding(case_id, sequence, "事项的个人信息缺失", "the event's particulars are gone")
    elif digest is not None and not chaining.digest_holds(row["particulars_salt"] or "", body, digest):
        yield Finding(case_id, sequence, "事项的个人信息被改动", "the event's particulars were changed")


def _hash_holds(row: Mapping[Any, Any]) -> bool:
    try:
        return bool(audit.event_hash(row, row["previous_hash"]) == row["hash"])
    except chaining.ContentNotRecordable:
        return False
