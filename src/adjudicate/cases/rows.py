"""Between the pure core's entries and the columns of `events`, in both directions; no query and no decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adjudicate.cases.parties import Person
from adjudicate.definition.models import CLOCK, LINK
from adjudicate.states.entries import Entry, EntryKind, Joining
from adjudicate.states.history import live_acts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from adjudicate.access.caller import Caller
    from adjudicate.definition.rulebook import Rulebook

Row = dict[str, Any]


def entry_of(row: Mapping[Any, Any]) -> Entry:
    """The entry that a row of `events` stands for, without particulars."""
    return Entry(
        sequence=row["sequence"],
        kind=EntryKind(row["kind"]),
        event=row["event"],
        effective_on=row["effective_on"],
        by=row["by"],
        thread=row["thread"],
        party=row["party"],
        effective_at=row["effective_at"],
        recorded_at=row["recorded_at"],
        facts=row["facts"],
        joins=tuple(Joining(j["party"], j["role"], j["represents"]) for j in row["joins"]),
        irregular=tuple(row["irregular"]),
        reason=row["reason"],
        supersedes=row["supersedes"],
        before=row["before"],
        target=row["target"],
        cause=row["cause"],
        key=row["key"],
    )


def people_of(rows: Sequence[Mapping[Any, Any]]) -> dict[str, Person]:
    """Who the parties are by id, as the acts in effect say; one who joined with a void act is nobody.

    `rows` are all events of a case up to some moment, with their `particulars` (None where there are none, or they
    were erased).
    """
    by_sequence = {row["sequence"]: row for row in rows}
    live = live_acts([entry_of(row) for row in rows])
    stated = {
        one.party: _stated(by_sequence, by_sequence[act.sequence], one.party) for act in live for one in act.joins
    }
    return {
        party: Person(name=person["name"], particulars=person["particulars"])
        for party, person in stated.items()
        if person is not None
    }


def _stated(by_sequence: Mapping[int, Mapping[Any, Any]], act: Mapping[Any, Any], party: str) -> Row | None:
    """What an act says of one who joins with it, or, where it says nothing, the act that it superseded."""
    body: Row | None = act["particulars"]
    if body is None and act["particulars_digest"] is not None:
        return None  # erased: what the superseded act said must not come back
    person: Row | None = ((body or {}).get("people") or {}).get(party)
    if person is not None or act["supersedes"] is None:
        return person
    return _stated(by_sequence, by_sequence[act["supersedes"]], party)


def columns_of(entry: Entry) -> dict[str, Any]:
    """The columns of `events` that an entry fills, facts as they are."""
    return {
        "sequence": entry.sequence,
        "kind": entry.kind.value,
        "event": str(entry.event),
        "effective_on": entry.effective_on,
        "effective_at": entry.effective_at,
        "by": str(entry.by),
        "thread": entry.thread,
        "party": entry.party,
        "facts": dict(entry.facts),
        "joins": [{"party": j.party, "role": j.role, "represents": j.represents} for j in entry.joins],
        "irregular": list(entry.irregular),
        "reason": entry.reason,
        "supersedes": entry.supersedes,
        "before": entry.before,
        "target": entry.target,
        "cause": entry.cause,
        "key": entry.key,
    }


def event_row(
    entry: Entry, rulebook: Rulebook, *, caller: Caller | None, people: Mapping[str, Person]
) -> tuple[Row, Row]:
    """The columns of an entry with whose act it is, and apart from them the particulars that may be erased.

    `caller` None: time alone is behind it. `people` are those who join.
    """
    actor, recorded_by = _who(entry, rulebook, caller)
    row = {**columns_of(entry), "actor": actor, "recorded_by": recorded_by}
    return row, _particulars_taken_from(row, entry, rulebook, people)


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


def took_part(rows: Iterable[Mapping[Any, Any]]) -> frozenset[str]:
    """The people who recorded an act, out of the rows of a case's events."""
    return frozenset(row["recorded_by"] for row in rows) - {CLOCK, LINK}


def _particulars_taken_from(row: Row, entry: Entry, rulebook: Rulebook, people: Mapping[str, Person]) -> Row:
    body: Row = {}
    if entry.event in rulebook.homes:
        facts = rulebook.compiled(rulebook.homes[entry.event]).facts
        private = [name for name in row["facts"] if name in facts and facts[name].particulars]
        if private:
            body["facts"] = {name: row["facts"].pop(name) for name in private}
    joined = [joining.party for joining in entry.joins if joining.party in people]
    if joined:
        body["people"] = {
            party: {"name": people[party].name, "particulars": dict(people[party].particulars)} for party in joined
        }
    return body
