"""Appends what the pure core decided to a locked case: rows, chain, numbers and caches; it judges nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from adjudicate.cases import audit, docket, kill_points, outbox, projections
from adjudicate.cases.queries import writing
from adjudicate.cases.rows import columns_of
from adjudicate.definition.models import CLOCK, LINK
from adjudicate.states import codec
from adjudicate.states.entries import EntryKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from adjudicate.access.caller import Caller
    from adjudicate.cases.registry import Registry
    from adjudicate.clock import Moment
    from adjudicate.definition.rulebook import Rulebook
    from adjudicate.states.engine import Result
    from adjudicate.states.entries import Entry
    from adjudicate.states.fold import LegalContext
    from adjudicate.states.standing import Standing

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who a party is: its name and whatever else must be known, all of which may later be erased."""

    name: str
    particulars: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Stream:
    """A case's stream while a command holds the lock; `law_digest` follows the selections of law in it."""

    tx: Connection
    registry: Registry
    case_id: str
    office: str
    legal: LegalContext
    moment: Moment
    version: int
    head: str
    law_digest: str
    laws: dict[str, str]
    docket_number: str | None = None
    numbers: list[str] = field(default_factory=list)

    def reached(self, point: str) -> None:
        """Say that all before this has been done."""
        kill_points.reached(point, self.tx)

    def append(self, result: Result, *, caller: Caller | None, people: Mapping[str, Person] | None = None) -> None:
        """Put the rows of an outcome behind the others. `caller` None: the clock alone is behind them."""
        if not result.entries:
            return
        rulebook = self.legal.laws.at(result.standing.law_day)
        self.registry.keep_calendar(self.tx, self.legal.calendar, self.moment)
        drawn = self._numbers(result, rulebook)
        rows, particulars = [], []
        selections = {
            number: one for one in result.entries if one.kind is EntryKind.LAW_SELECTED
            for number in (one.sequence, one.cause)
        }  # fmt: skip
        for entry in result.entries:
            if entry.sequence in selections:
                self._follow_law(selections[entry.sequence])
            row, private = self._row(entry, rulebook, caller, people or {})
            row |= drawn.get(entry.sequence, {})
            row["hash"] = audit.event_hash(row, self.head)
            row["previous_hash"], self.head, self.version = self.head, row["hash"], entry.sequence
            rows.append(row)
            if private is not None:
                particulars.append(private)
        writing.add_events(self.tx, rows, particulars)
        self._pin(rulebook)
        self._request_documents(result)

    def _numbers(self, result: Result, rulebook: Rulebook) -> dict[int, Row]:
        """Draw and void the numbers that acts ask for, by sequence. The counter is the last lock a command takes."""
        found: dict[int, Row] = {}
        for due in result.numbers:
            columns = found.setdefault(due.sequence, {})
            if due.void:
                columns["voids_docket_number"] = docket.void(self.tx, due, rulebook=rulebook, case_id=self.case_id)
                self.docket_number = None
                continue
            # A docketing recorded anew after a rectification keeps its number; in another year it needs another.
            if self.docket_number is not None and docket.borne(self.tx, due, rulebook=rulebook, case_id=self.case_id):
                continue
            if self.docket_number is not None:
                columns["voids_docket_number"] = docket.void(self.tx, due, rulebook=rulebook, case_id=self.case_id)
            name = str(self.registry.office(self.tx, self.office)["docket_name"])
            number = docket.draw(
                self.tx, due, rulebook=rulebook, office=self.office, docket_name=name, case_id=self.case_id
            )
            columns["docket_number"] = self.docket_number = number
            self.numbers.append(number)
        return found

    def _follow_law(self, selection: Entry) -> None:
        """From here on, and for the act that brought it about, the selected version holds."""
        self._pin(self.legal.laws.at(date.fromisoformat(selection.facts["version"])))

    def _pin(self, rulebook: Rulebook) -> None:
        self.law_digest = rulebook.digest
        self.laws[rulebook.day.isoformat()] = rulebook.digest
        self.registry.keep_law(self.tx, rulebook, self.moment)

    def _row(
        self, entry: Entry, rulebook: Rulebook, caller: Caller | None, people: Mapping[str, Person]
    ) -> tuple[Row, Row | None]:
        actor, recorded_by = _who(entry, rulebook, caller)
        row = columns_of(entry)
        body = _split_off(row, entry, rulebook, people)
        salt, private = audit.new_salt(), None
        digest = None
        if body:
            own_salt = audit.new_salt()
            digest = audit.salted_digest(own_salt, body)
            private = {"case_id": self.case_id, "sequence": entry.sequence, "body": body, "salt": own_salt}
        row |= {
            "case_id": self.case_id,
            "actor": actor,
            "recorded_by": recorded_by,
            "recorded_at": self.moment.at,
            "recorded_on": self.moment.today,
            "law_digest": self.law_digest,
            "calendar_digest": self.legal.calendar.digest,
            "docket_number": None,
            "voids_docket_number": None,
            "facts_salt": salt,
            "facts_digest": audit.salted_digest(salt, row["facts"]),
            "particulars_digest": digest,
            "algorithm": audit.ALGORITHM,
        }
        return row, private

    def _request_documents(self, result: Result) -> None:
        rows = [
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
        if rows:
            writing.add_document_requests(self.tx, rows)

    def keep(self, standing: Standing, *, was: int, without: Collection[str] = ()) -> Row:
        """Overwrite the columns on the case that follow from its standing; the last thing written of a command."""
        caches = {name: value for name, value in self.caches(standing).items() if name not in without}
        writing.update_case(self.tx, self.case_id, was=was, values=caches)
        return caches

    def caches(self, standing: Standing) -> Row:
        """The columns on the case that follow from its standing."""
        rulebook = self.legal.laws.at(standing.law_day)
        return {
            "law_day": standing.law_day,
            "law_digest": self.law_digest,
            "laws": self.laws,
            "calendar_digest": self.legal.calendar.digest,
            "docket_number": self.docket_number,
            "patent": projections.patent(standing, rulebook),
            "stage": standing.state,
            "closed": standing.closed,
            "irregularities": len(standing.marks),
            "standing": codec.standing_to_json(standing),
            "version": self.version,
            "head_hash": self.head,
            "changed_at": self.moment.at,
            "next_due_on": projections.next_due_on(standing),
            "settled_on": self.moment.today,
        }

    def project(self, before: Standing | None, after: Standing, people: Mapping[str, Person]) -> None:
        """Bring the rows of the work lists from one standing to another."""
        self._project_deadlines(before, after)
        self._project_parties(before, after, people)
        rulebook = self.legal.laws.at(after.law_day)
        hearings = projections.hearing_rows(after, rulebook, case_id=self.case_id, office=self.office)
        former: dict[str, Row] = {}
        if before is not None:
            old_rules = self.legal.laws.at(before.law_day)
            former = projections.hearing_rows(before, old_rules, case_id=self.case_id, office=self.office)
        if hearings != former:
            changed = [row for key, row in hearings.items() if former.get(key) != row]
            writing.put_hearings(self.tx, self.case_id, changed, [key for key in former if key not in hearings])
        self.reached("after-deadlines")

    def _project_deadlines(self, before: Standing | None, after: Standing) -> None:
        former = {} if before is None else before.deadlines
        # Standings share what an act left alone, and two equal records take longer to compare than one with itself.
        changed = [
            running for key, running in after.deadlines.items()
            if (was := former.get(key)) is not running and was != running
        ]  # fmt: skip
        gone = [key for key in former if key not in after.deadlines]
        rulebook = self.legal.laws.at(after.law_day)
        rows = [
            projections.deadline_row(
                running, case_id=self.case_id, office=self.office, rulebook=rulebook,
                calendar=self.legal.calendar, warn_before=self.registry.settings.warn_before,
            )
            for running in changed
        ]  # fmt: skip
        if rows or gone:
            writing.put_deadlines(self.tx, self.case_id, rows, gone)

    def _project_parties(self, before: Standing | None, after: Standing, people: Mapping[str, Person]) -> None:
        if before is not None and before.members == after.members and not people:
            return
        former = {} if before is None else projections.party_rows(before, self.case_id)
        present = projections.party_rows(after, self.case_id)
        gone = [party for party in former if party not in present]
        named, unnamed = [], []
        for party, row in present.items():
            if party in people:
                named.append({**row, **name_columns(people[party].name, people[party].particulars)})
            elif former.get(party) != row:
                unnamed.append(row)
        if named or gone:
            writing.put_parties(self.tx, self.case_id, named, gone)
        if unnamed:
            writing.put_party_roles(self.tx, unnamed)

    def tell(self, first: int) -> None:
        """Put the message that something was recorded into the outbox."""
        body = {"case": self.case_id, "from_sequence": first, "to_sequence": self.version}
        key = f"recorded:{self.case_id}:{self.version}"
        outbox.tell(
            self.tx, outbox.RECORDED, case_id=self.case_id, sequence=self.version, body=body, dedupe_key=key,
            moment=self.moment,
        )  # fmt: skip
        self.reached("after-outbox")


def name_columns(name: str, particulars: Mapping[str, Any]) -> Row:
    """The columns of a party that hold who it is."""
    return {"name": name[:400], "name_key": name_key(name), "particulars": dict(particulars)}


def name_key(name: str) -> str:
    """A name folded for search: case and spaces do not count."""
    return "".join(name.casefold().split())[:400]


def _who(entry: Entry, rulebook: Rulebook, caller: Caller | None) -> tuple[str, str]:
    """Whose act a row is, and who wrote it down. A party's act bears the party, an automatic one the machine."""
    if caller is None or entry.kind is EntryKind.LAPSE:
        return str(entry.by if entry.by in {CLOCK, LINK} else CLOCK), CLOCK
    if entry.by in {CLOCK, LINK}:
        return str(entry.by), caller.actor
    role = rulebook.registers.roles.get(entry.by)
    if role is not None and role.kind in {"party", "outside"}:
        return entry.party or str(entry.by), caller.actor
    return caller.actor, caller.actor


def _split_off(row: Row, entry: Entry, rulebook: Rulebook, people: Mapping[str, Person]) -> Row:
    """Take what may be erased out of a row's facts and return it, together with who the joining parties are."""
    body: Row = {}
    if entry.event in rulebook.homes:
        compiled = rulebook.compiled(rulebook.homes[entry.event])
        private = [name for name in row["facts"] if name in compiled.facts and compiled.facts[name].particulars]
        if private:
            body["facts"] = {name: row["facts"].pop(name) for name in private}
    joined = [joining.party for joining in entry.joins if joining.party in people]
    if joined:
        body["people"] = {
            party: {"name": people[party].name, "particulars": dict(people[party].particulars)} for party in joined
        }
    return body
