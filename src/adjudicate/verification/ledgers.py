"""Whether a ledger is the one that was written, and whether the tables that it keeps hold what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adjudicate import chaining
from adjudicate.ledger import ERASED, PARTICULARS, Head, Replay, entries_of, hash_of, kept_rows
from adjudicate.verification.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from adjudicate.ledger import Entry, Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCheck:
    """One ledger under verification: of a case, or of the administration (`case_id` None, `scope` empty)."""

    ledger: Ledger
    scope: str
    case_id: str | None
    name_zh: str
    name_en: str

    def entries(self, tx: Connection) -> list[Entry]:
        """The entries in order."""
        return entries_of(tx, self.ledger, self.scope if self.ledger.scope else None)

    def chain_findings(self, entries: Sequence[Entry], head: Head | None) -> Iterator[Finding]:
        """Walk the chain from what the ledger belongs to, to the head that is stored for it."""
        erased = erased_rows(entries)
        previous, last_at = self.ledger.first_link(self.scope), ""
        for place, entry in enumerate(entries, start=1):
            row = entry.row
            if row["place"] != place:
                yield self._of(place, f"缺少第 {place} 号记录", f"entry {place} is missing")
                return
            if row["previous_hash"] != previous:
                yield self._of(place, "记录未与前一记录相连", "the entry is not chained to the one before it")
            if row["algorithm"] != chaining.ALGORITHM or not self._hash_holds(entry):
                yield self._of(place, "记录内容与其哈希不符", "the entry does not have the hash it bears")
            at = chaining.plain(row["recorded_at"])
            if at < last_at:
                yield self._of(place, "记录时间早于前一记录", "the entry was recorded before the one before it")
            yield from self._particulars_findings(entry, erased)
            previous, last_at = row["hash"], at
        stored = head or Head(0, self.ledger.first_link(self.scope))
        if (stored.place, stored.hash) != (len(entries), previous):
            yield self._of(None, "所存末端与最后一条记录不符", "the head that is stored is not that of the last entry")

    def _hash_holds(self, entry: Entry) -> bool:
        try:
            return bool(hash_of(entry.row, self.ledger, self.scope) == entry.row["hash"])
        except chaining.ContentNotRecordable:
            return False

    def _particulars_findings(self, entry: Entry, erased: Mapping[tuple[str, str], int]) -> Iterator[Finding]:
        place, beside = entry.row["place"], dict(entry.particulars)
        for name, rows in entry.row["rows"].items():
            kept = self.ledger.tables.get(name)
            for row in rows if kept is not None else ():
                if PARTICULARS not in row or kept is None:
                    continue
                which = (name, kept.name_of(row))
                stored = beside.pop(which, None)
                if stored is None:
                    yield self._of(place, "记录的个人信息缺失", "the entry's particulars are gone")
                elif place <= erased.get(which, 0):
                    if stored["body"] is not None or stored["salt"] is not None:
                        yield self._of(
                            place, "已删除的个人信息又出现了", "particulars that were erased on record are there again"
                        )
                elif stored["body"] is None and stored["salt"] is None:
                    yield self._of(
                        place, "记录的个人信息被删除而无删除记录", "particulars were erased without a record of it"
                    )
                elif not chaining.digest_holds(stored["salt"] or "", stored["body"], row[PARTICULARS]):
                    yield self._of(place, "记录的个人信息被改动", "the entry's particulars were changed")
        if beside:
            yield self._of(place, "记录多出个人信息", "particulars were added to the entry")

    def table_findings(self, tx: Connection, replay: Replay, name: str) -> Iterator[Finding]:
        """Compare a table with the rows that follow from the entries."""
        for key, columns in replay.differences(name, kept_rows(tx, self.ledger, name, self.scope)):
            shown = " ".join(str(one) for one in key)
            if columns is None:
                yield self._of(None, f"表 {name} 缺少应有的一行：{shown}", f"a row of {name} is gone: {shown}")
            else:
                listed = ", ".join(columns)
                yield self._of(
                    None, f"表 {name} 的一行（{shown}）与记录不符：{listed}",
                    f"a row of {name} ({shown}) is not what the entries say: {listed}",
                )  # fmt: skip

    def _of(self, place: int | None, zh: str, en: str) -> Finding:
        where_zh = self.name_zh if place is None else f"{self.name_zh}第 {place} 号"
        where_en = self.name_en if place is None else f"{self.name_en} entry {place}"
        return Finding(self.case_id, None, f"{where_zh}：{zh}", f"{where_en}: {en}")


def erased_rows(entries: Sequence[Entry]) -> dict[tuple[str, str], int]:
    """What the entries say was erased, by table and row, with the place of the last entry that says so."""
    return {
        (str(told["table"]), str(told["row"])): entry.row["place"]
        for entry in entries
        for told in entry.row["rows"].get(ERASED, ())
    }


def replayed(ledger: Ledger, entries: Sequence[Entry]) -> Replay:
    """What follows from all the entries."""
    replay = Replay(ledger)
    for entry in entries:
        replay.take(entry)
    return replay
