"""What a command does to one case, decided and not yet written: the rows to append and the caches that follow.

It judges nothing. A command asks it for its kept texts, lets it add a new case and draw the docket numbers, and then
lets it write, in this order for all the cases it changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from adjudicate import chaining
from adjudicate.cases import audit, outbox
from adjudicate.cases.docket import NO_NUMBERS, DocketNumbers, series
from adjudicate.cases.kill_points import reached
from adjudicate.cases.projected_case import ProjectedCase, case_columns
from adjudicate.cases.projections import PROJECTIONS
from adjudicate.cases.queries import reads, writing
from adjudicate.cases.rows import event_row, people_of
from adjudicate.states.entries import EntryKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from adjudicate.access.caller import Caller
    from adjudicate.cases.parties import Person
    from adjudicate.cases.registry import Registry
    from adjudicate.cases.stored_case import StoredCase, UpToDateCase
    from adjudicate.clock import Moment
    from adjudicate.definition.rulebook import Rulebook
    from adjudicate.states.entries import Entry, NumberDue
    from adjudicate.states.fold_context import LegalContext
    from adjudicate.states.result import Result
    from adjudicate.states.standing import Standing

Row = dict[str, Any]
Series = tuple[str, str, int]  # office, kind and year
# Left alone where nothing was recorded: when the case last changed, and the calendar that a closed case was dated by.
UNCHANGED = ("changed_at",)
UNCHANGED_CLOSED = ("changed_at", "calendar_digest")


@dataclass
class CaseChange:
    """The change of one case. `due` was brought about by time alone; `decided` is the act of `caller`, if any."""

    registry: Registry
    moment: Moment
    legal: LegalContext
    row: Mapping[str, Any]
    before: Standing | None
    after: Standing
    numbers: DocketNumbers
    due: Sequence[Result] = ()
    decided: Result | None = None
    caller: Caller | None = None
    people: Mapping[str, Person] = field(default_factory=dict)
    _version: int = 0
    _head: str = ""
    _law_digest: str = ""
    _laws: dict[str, str] = field(default_factory=dict)
    _caches: Row = field(default_factory=dict)

    @classmethod
    def of_stored(
        cls,
        current: UpToDateCase,
        *,
        registry: Registry,
        moment: Moment,
        decided: Result | None = None,
        caller: Caller | None = None,
        people: Mapping[str, Person] | None = None,
    ) -> CaseChange:
        """The change of a stored case: what is due, then what was decided."""
        stored: StoredCase = current.stored
        row = stored.row
        return cls(
            registry=registry,
            moment=moment,
            legal=stored.legal,
            row=row,
            before=stored.standing,
            after=current.standing if decided is None else decided.standing,
            numbers=DocketNumbers(row["id"], row["office"], row["docket_number"]),
            due=current.due,
            decided=decided,
            caller=caller,
            people=people or {},
            _version=row["version"],
            _head=row["head_hash"],
            _law_digest=row["law_digest"],
            _laws=dict(row["laws"]),
        )

    @classmethod
    def of_new(
        cls,
        founded: Mapping[str, Any],
        legal: LegalContext,
        decided: Result,
        *,
        registry: Registry,
        moment: Moment,
        caller: Caller,
        people: Mapping[str, Person] | None = None,
    ) -> CaseChange:
        """The opening of a case; `founded` holds the columns of `audit.FOUNDATION`."""
        return cls(
            registry=registry,
            moment=moment,
            legal=legal,
            row=founded,
            before=None,
            after=decided.standing,
            numbers=DocketNumbers(founded["id"], founded["office"]),
            decided=decided,
            caller=caller,
            people=people or {},
            _head=audit.foundation_hash(founded),
            _law_digest=legal.laws.at(decided.standing.law_day).digest,
        )

    @property
    def case_id(self) -> str:
        """The case's id."""
        return str(self.row["id"])

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The rows that the change appends, in order."""
        return tuple(entry for result in self._results() for entry in result.entries)

    @property
    def version(self) -> int:
        """The sequence of the last row once the change is written."""
        entries = self.entries
        return entries[-1].sequence if entries else self._version

    @property
    def written_row(self) -> Mapping[str, Any]:
        """The row of the case with the columns that were written."""
        return {**self.row, **self._caches}

    def _results(self) -> tuple[Result, ...]:
        return (*self.due, self.decided) if self.decided is not None else tuple(self.due)

    def rulebooks(self) -> Iterator[Rulebook]:
        """Every version of the law that a row of the change is judged under."""
        for result in self._results():
            if result.entries:
                yield self.legal.laws.at(result.standing.law_day)
            for entry in result.entries:
                if entry.kind is EntryKind.LAW_SELECTED:
                    yield self._selected(entry)

    @property
    def uses_calendar(self) -> bool:
        """Whether the case rests on its calendar now; a closed case to which nothing happens keeps its old one."""
        return bool(self.entries) or not (self.before is not None and self.before.closed)

    def _selected(self, selection: Entry) -> Rulebook:
        return self.legal.laws.at(date.fromisoformat(selection.facts["version"]))

    def numbers_due(self) -> Iterator[tuple[Series, NumberDue]]:
        """The numbers that acts draw and void, each with its series."""
        for result in self._results():
            for due in result.numbers:
                yield (str(self.row["office"]), series(self._rulebook_of(result), due), due.year), due

    def _rulebook_of(self, result: Result) -> Rulebook:
        return self.legal.laws.at(result.standing.law_day)

    def add_case(self, tx: Connection) -> None:
        """Write a new case itself, so that numbers and events may refer to it; its caches follow later."""
        if self.before is None:
            writing.add_case(tx, {**self.row, **self._columns(), "opened_at": self.moment.at})

    def draw_number(self, tx: Connection, due: NumberDue) -> None:
        """Draw or void one of the numbers due."""
        result = next(one for one in self._results() if due in one.numbers)
        self.numbers.follow(tx, due, self._rulebook_of(result))

    def write(self, tx: Connection) -> None:
        """Append the rows, chained, and bring the work lists, the outbox and the case's own columns up to them."""
        was, first = self._version, self._version + 1
        self._append(tx)
        reached("after-events", tx)
        self._project(tx)
        reached("after-projections", tx)
        if self.entries:
            self._announce(tx, first)
        reached("after-outbox", tx)
        kept = () if self.entries else UNCHANGED_CLOSED if self.after.closed else UNCHANGED
        self._caches = {name: value for name, value in self._columns().items() if name not in kept}
        writing.update_case(tx, self.case_id, was=was, values=self._caches)

    def _append(self, tx: Connection) -> None:
        rows: list[Row] = []
        particulars: list[Row] = []
        requests: list[Row] = []
        for result in self._results():
            caller = self.caller if result is self.decided else None
            self._chain(result, caller, rows, particulars)
            requests += self._document_requests(result)
        if rows:
            writing.add_events(tx, rows, particulars)
        if requests:
            writing.add_document_requests(tx, requests)

    def _chain(self, result: Result, caller: Caller | None, rows: list[Row], particulars: list[Row]) -> None:
        """Turn the entries of a result into rows, each hashed over the one before it."""
        if not result.entries:
            return
        rulebook = self._rulebook_of(result)
        # A selected version holds from its own row on, and for the act that brought it about.
        selections = {
            number: one for one in result.entries if one.kind is EntryKind.LAW_SELECTED
            for number in (one.sequence, one.cause)
        }  # fmt: skip
        for entry in result.entries:
            if entry.sequence in selections:
                self._pin(self._selected(selections[entry.sequence]))
            row, private = self._row(entry, rulebook, caller)
            row["hash"] = audit.event_hash(row, self._head)
            row["previous_hash"], self._head, self._version = self._head, row["hash"], entry.sequence
            rows.append(row)
            if private is not None:
                particulars.append(private)
        self._pin(rulebook)

    def _pin(self, rulebook: Rulebook) -> None:
        self._law_digest = rulebook.digest
        self._laws[rulebook.day.isoformat()] = rulebook.digest

    def _row(self, entry: Entry, rulebook: Rulebook, caller: Caller | None) -> tuple[Row, Row | None]:
        row, body = event_row(entry, rulebook, caller=caller, people=self.people if caller is not None else {})
        salt, own_salt = chaining.new_salt(), chaining.new_salt()
        private = {"case_id": self.case_id, "sequence": entry.sequence, "body": body, "salt": own_salt}
        row |= {
            "case_id": self.case_id,
            "recorded_at": self.moment.at,
            "recorded_on": self.moment.today,
            "law_digest": self._law_digest,
            "calendar_digest": self.legal.calendar.digest,
            "facts_salt": salt,
            "facts_digest": chaining.salted_digest(salt, row["facts"]),
            "particulars_digest": chaining.salted_digest(own_salt, body) if body else None,
            "algorithm": chaining.ALGORITHM,
            **NO_NUMBERS,
            **self.numbers.columns.get(entry.sequence, {}),
        }
        return row, private if body else None

    def _document_requests(self, result: Result) -> list[Row]:
        return [
            {
                "case_id": self.case_id,
                "sequence": due.sequence,
                "document": due.document,
                "party": due.party or "",
                "thread": due.thread,
                "requested_at": self.moment.at,
            }
            for due in result.documents
        ]

    def _projected(self, standing: Standing, **known: Any) -> ProjectedCase:
        warn_before = self.registry.settings.warn_before
        return ProjectedCase.of(self.row, self.legal, standing, warn_before=warn_before, **known)

    def _project(self, tx: Connection) -> None:
        before, took_part = None, frozenset[str]()
        if self.before is not None:
            took_part = frozenset((self.row["took_part"] or "").split())
            before = self._projected(self.before, took_part=took_part, docket_number=self.row["docket_number"])
        if self.caller is not None:
            took_part |= {self.caller.actor}
        after = self._projected(
            self.after, people=self._people_now(tx), took_part=took_part, docket_number=self.numbers.in_force
        )
        for projection in PROJECTIONS:
            rows, gone = projection.changes(before, after)
            writing.put_rows(tx, projection.table, key=projection.key, case_id=self.case_id, rows=rows, gone=gone)

    def _people_now(self, tx: Connection) -> Mapping[str, Person]:
        """Those who join with the act; once an act became void or is restored, all parties as the record names them."""
        revised = any(entry.kind is EntryKind.VOIDED or entry.supersedes is not None for entry in self.entries)
        return people_of(reads.event_rows(tx, self.case_id)) if revised else self.people

    def _announce(self, tx: Connection, first: int) -> None:
        """Put the message that something was recorded into the outbox."""
        body = {"case": self.case_id, "from_sequence": first, "to_sequence": self._version}
        outbox.put(
            tx, outbox.RECORDED, case_id=self.case_id, sequence=self._version, body=body,
            dedupe_key=f"recorded:{self.case_id}:{self._version}", moment=self.moment,
        )  # fmt: skip

    def _columns(self) -> Row:
        """The columns on the case that follow from what was appended so far."""
        return {
            **case_columns(self._projected(self.after)),
            "law_digest": self._law_digest,
            "laws": self._laws,
            "calendar_digest": self.legal.calendar.digest,
            "docket_number": self.numbers.in_force,
            "version": self._version,
            "head_hash": self._head,
            "changed_at": self.moment.at,
            "settled_on": self.moment.today,
        }
