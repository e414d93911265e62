"""Docket numbers: drawn gapless for each office, kind and year, and kept for ever, void or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from adjudicate.cases.queries import dockets as queries
from adjudicate.cases.rows import entry_of
from adjudicate.errors import CorrectionNotPossible
from adjudicate.states.entries import EntryKind
from adjudicate.states.history import live_acts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from adjudicate.definition.rulebook import Rulebook
    from adjudicate.states.entries import NumberDue
    from adjudicate.states.result import Result


NO_NUMBERS: Mapping[str, str | None] = MappingProxyType({"docket_number": None, "voids_docket_number": None})


@dataclass(slots=True)
class DocketNumbers:
    """The numbers of one case within a command: the one in force before, and what each event draws and voids."""

    case_id: str
    office: str
    before: str | None = None
    columns: dict[int, dict[str, str | None]] = field(default_factory=dict)

    @property
    def in_force(self) -> str | None:
        """The number in force after what was followed so far, in the order of the events."""
        return number_after([self.columns[sequence] for sequence in sorted(self.columns)], self.before)

    @property
    def drawn(self) -> tuple[str, ...]:
        """The numbers drawn so far, in the order of the events."""
        numbers = [self.columns[sequence]["docket_number"] for sequence in sorted(self.columns)]
        return tuple(number for number in numbers if number is not None)

    def follow(self, tx: Connection, due: NumberDue, rulebook: Rulebook) -> None:
        """Draw or void the number that an act asks for. The counter is the last lock of a command: all wait on it."""
        said = self.columns.setdefault(due.sequence, dict(NO_NUMBERS))
        if due.void:
            said["voids_docket_number"] = self._void(tx, due, rulebook)
            return
        # A docketing recorded anew after a rectification keeps its number; in another year it needs another.
        if self.in_force is not None:
            row = queries.number_in_force(tx, case_id=self.case_id, kind=series(rulebook, due))
            if row is not None and row["year"] == due.year:
                return
            said["voids_docket_number"] = self._void(tx, due, rulebook)
        said["docket_number"] = self._draw(tx, due, rulebook)

    def _draw(self, tx: Connection, due: NumberDue, rulebook: Rulebook) -> str:
        kind = series(rulebook, due)
        number, name = queries.next_number(tx, office=self.office, kind=kind, year=due.year)
        written = rulebook.main.workflow.dockets[due.docket].format
        text = written.format(office=name, year=due.year, number=number)
        row = {"office": self.office, "kind": kind, "year": due.year, "number": number, "text": text}
        queries.add_number(tx, {**row, "case_id": self.case_id, "sequence": due.sequence, "voided_by": None})
        return text

    def _void(self, tx: Connection, due: NumberDue, rulebook: Rulebook) -> str | None:
        """Mark the case's number void; it stays listed. None if the case has none of this kind."""
        row = queries.number_in_force(tx, case_id=self.case_id, kind=series(rulebook, due))
        if row is None:
            return None
        queries.void_number(tx, row, by=due.sequence)
        return str(row["text"])


def number_after(rows: Iterable[Mapping[Any, Any]], before: str | None = None) -> str | None:
    """The number in force after these events, in order: the last one drawn, unless a later event made it void."""
    number = before
    for row in rows:
        number = row["docket_number"] or (None if row["voids_docket_number"] else number)
    return number


def check_corrigible(rows: Sequence[Mapping[Any, Any]], decided: Result) -> None:
    """A number once void stays so: the act that made it void may be put right, but not undone.

    `rows` are the events before what was decided. Raises CorrectionNotPossible.
    """
    acts = {row["sequence"]: row for row in rows if row["kind"] == EntryKind.ACT}
    stream = [entry_of(row) for row in rows]
    after = {act.sequence: act for act in live_acts([*stream, *decided.entries])}
    again = {after[due.sequence].supersedes for due in decided.numbers if due.void and due.sequence in after}
    still = {_made_void_by(acts, sequence) for sequence in after if sequence in acts}
    for act in live_acts(stream):
        number = _made_void_by(acts, act.sequence)
        if number is None or number in still or act.sequence in again:
            continue
        raise CorrectionNotPossible(
            zh=f"第 {act.sequence} 号记录已使案号“{number}”作废，作废的案号不再恢复："
            "该记录的日期和内容可以更正，但不能作废，也不能改为其他事项",
            en=f"row {act.sequence} made the docket number '{number}' void, and a void number never returns: "
            "the day and the content of that row may be corrected, but it cannot be voided or become another event",
        )


def _made_void_by(acts: Mapping[int, Mapping[Any, Any]], sequence: int) -> str | None:
    """The number that an act, or one that it supersedes, made void without drawing another."""
    row = acts[sequence]
    if row["voids_docket_number"] is not None and row["docket_number"] is None:
        return str(row["voids_docket_number"])
    return None if row["supersedes"] is None else _made_void_by(acts, row["supersedes"])


def series(rulebook: Rulebook, due: NumberDue) -> str:
    """The name of a series within an office: the procedure and the kind of docket."""
    return f"{rulebook.key}/{due.docket}"
