"""Docket numbers: drawn gapless for each office, kind and year, and kept for ever, void or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adjudicate.cases.queries import dockets as queries

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from adjudicate.definition.rulebook import Rulebook
    from adjudicate.states.entries import NumberDue


@dataclass(slots=True)
class DocketNumbers:
    """The numbers of one case within a command: the one in force, those drawn, and what each event says of them."""

    case_id: str
    office: str
    in_force: str | None = None
    drawn: list[str] = field(default_factory=list)
    columns: dict[int, dict[str, str | None]] = field(default_factory=dict)

    def follow(self, tx: Connection, due: NumberDue, rulebook: Rulebook, *, docket_name: str) -> None:
        """Draw or void the number that an act asks for. The counter is the last lock of a command: all wait on it."""
        said = self.columns.setdefault(due.sequence, {})
        if due.void:
            said["voids_docket_number"] = self._void(tx, due, rulebook)
            self.in_force = None
            return
        # A docketing recorded anew after a rectification keeps its number; in another year it needs another.
        if self.in_force is not None:
            row = queries.number_in_force(tx, case_id=self.case_id, kind=series(rulebook, due))
            if row is not None and row["year"] == due.year:
                return
            said["voids_docket_number"] = self._void(tx, due, rulebook)
        said["docket_number"] = self.in_force = self._draw(tx, due, rulebook, docket_name)
        self.drawn.append(self.in_force)

    def _draw(self, tx: Connection, due: NumberDue, rulebook: Rulebook, docket_name: str) -> str:
        kind = series(rulebook, due)
        number = queries.next_number(tx, office=self.office, kind=kind, year=due.year)
        written = rulebook.main.workflow.dockets[due.docket].format
        text = written.format(office=docket_name, year=due.year, number=number)
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


def series(rulebook: Rulebook, due: NumberDue) -> str:
    """The name of a series within an office: the procedure and the kind of docket."""
    return f"{rulebook.key}/{due.docket}"
