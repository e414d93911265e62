"""Renders cases, entries and deadlines as plain JSON values; it reads no database and judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adjudicate.api.errors import reason_as_json
from adjudicate.cases.rows import entry_of
from adjudicate.definition.models import CLOCK, LINK
from adjudicate.law.accounts import account_json, account_text
from adjudicate.law.citations import basis_at
from adjudicate.states.entries import EntryKind
from adjudicate.states.threads import rule_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from adjudicate.definition.rulebook import Rulebook
    from adjudicate.definition.shared_models import Label
    from adjudicate.law.accounts import Account
    from adjudicate.law.text import Text
    from adjudicate.service.attempts import Attempt
    from adjudicate.states.entries import DocumentDue, Entry, Moved
    from adjudicate.states.next_steps import NextStep
    from adjudicate.states.standing import Running, Standing

# A row of a table: SQLAlchemy's rows may be asked by column as well as by name.
Row = Mapping[Any, Any]
AUTOMATIC = {CLOCK, LINK}


def day(value: date | None) -> str | None:
    """A legal day as YYYY-MM-DD."""
    return None if value is None else value.isoformat()


def instant(value: datetime | None) -> str | None:
    """An instant in UTC as RFC 3339."""
    return None if value is None else value.isoformat().replace("+00:00", "Z")


def label(value: Label | Text | None) -> dict[str, str] | None:
    """A label in both languages."""
    return None if value is None else {"zh": value.zh, "en": value.en}


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who recorded an entry and which docket number it drew; unknown for lapses that are only projected."""

    actor: str | None = None
    recorded_by: str | None = None
    docket_number: str | None = None


_PROJECTED = Provenance()


def entry(
    rulebook: Rulebook, row: Entry, *, provenance: Provenance = _PROJECTED, announced: bool = True
) -> dict[str, Any]:
    """One entry of the record."""
    roles = rulebook.registers.roles
    return {
        "sequence": row.sequence,
        "kind": row.kind.value,
        "event": row.event,
        "label": label(rulebook.label(row.event)),
        "automatic": row.by in AUTOMATIC or row.kind is not EntryKind.ACT,
        "announced": announced,
        "effective_on": day(row.effective_on),
        "effective_at": instant(row.effective_at),
        "recorded_at": instant(row.recorded_at),
        "by": row.by,
        "by_label": label(roles[row.by].label) if row.by in roles else None,
        "actor": provenance.actor,
        "recorded_by": provenance.recorded_by,
        "thread": row.thread,
        "party": row.party,
        "facts": dict(row.facts),
        "joins": [{"party": j.party, "role": j.role, "represents": j.represents} for j in row.joins],
        "irregular": list(row.irregular),
        "reason": row.reason,
        "supersedes": row.supersedes,
        "before": row.before,
        "target": row.target,
        "cause": row.cause,
        "docket_number": provenance.docket_number,
    }


def stage(rulebook: Rulebook, state: str | None) -> dict[str, Any]:
    """The stage of the main procedure. Raises LookupError without one, which no stored case is."""
    if state is None:
        raise LookupError("a case without a stage")
    found = rulebook.main.states[state]
    return {"state": state, "label": label(found.label), "final": found.final}


def law(rulebook: Rulebook) -> dict[str, Any]:
    """The version of the law that governs the case."""
    title = label(rulebook.main.workflow.title)
    return {"workflow": rulebook.key, "title": title, "day": day(rulebook.day), "digest": rulebook.digest}


def threads(rulebook: Rulebook, standing: Standing) -> list[dict[str, Any]]:
    """The incidents opened in the case."""
    found = []
    for key, thread in standing.threads.items():
        compiled = rulebook.compiled(thread.incident)
        found.append(
            {
                "id": key,
                "incident": thread.incident,
                "title": label(compiled.workflow.title),
                "state": thread.state,
                "label": label(compiled.states[thread.state].label),
                "party": thread.party,
                "opened_on": day(thread.opened_on),
                "final": thread.final,
                "facts": dict(thread.facts),
            }
        )
    return found


def parties(rulebook: Rulebook, standing: Standing, people: Mapping[str, Row]) -> list[dict[str, Any]]:
    """The parties over time; `people` holds names and particulars by party id."""
    roles = rulebook.registers.roles
    found = []
    for key, member in standing.members.items():
        who = people.get(key, {})
        particulars = who.get("particulars") or {}
        known = rulebook.main.workflow.parties.get(member.role)
        messages = known.label if known is not None else roles[member.role].label if member.role in roles else None
        found.append(
            {
                "id": key,
                "role": member.role,
                "label": label(messages),
                "name": who.get("name"),
                "kind": particulars.get("kind"),
                "identifier": particulars.get("identifier"),
                "address": particulars.get("address"),
                "represents": member.represents,
                "joined_on": day(member.joined_on),
                "left_on": day(member.left_on),
                "facts": dict(standing.party_facts.get(key, {})),
            }
        )
    return found


def deadline(rulebook: Rulebook, running: Running, *, floor_on: date | None, announced: bool) -> dict[str, Any]:
    """One deadline of a case."""
    rule = rule_of(rulebook, running.name, running.thread)
    return {
        "key": running.key,
        "name": running.name,
        "label": label(rule.label),
        "kind": rule.kind.value,
        "party": running.party,
        "thread": running.thread,
        "status": running.status.value,
        "trigger_on": day(running.trigger_on),
        "started_on": day(running.started_on),
        "due_on": day(running.due_on),
        "due_at": instant(running.due_at),
        "floor_on": day(floor_on),
        "last_counted_on": day(running.last_counted_on),
        "provisional": running.provisional,
        "extensions": [{"length": length, "by": by, "on": day(on)} for length, by, on in running.extensions],
        "ended_on": day(running.ended_on),
        "lapsed_on": day(running.lapsed_on),
        "basis": basis_at(rule.basis, running.trigger_on),
        "ruling_needed": list(rule.ruling_needed),
        "announced": announced,
    }


def account(value: Account) -> dict[str, Any]:
    """The day-by-day account, for machines and, under `text`, for people."""
    text = {"zh": account_text(value, "zh"), "en": account_text(value, "en")}
    return {**account_json(value), "text": text}


def moved(rows: Iterable[Moved]) -> list[dict[str, Any]]:
    """The deadlines whose due day changed."""
    return [{"key": m.key, "was_on": day(m.was_on), "is_on": day(m.is_on), "status": str(m.status)} for m in rows]


def documents_due(rulebook: Rulebook, rows: Iterable[DocumentDue]) -> list[dict[str, Any]]:
    """The documents that the office is obliged to issue."""
    known = rulebook.registers.documents
    return [
        {
            "document": row.document,
            "label": label(known[row.document].label) if row.document in known else None,
            "sequence": row.sequence,
            "party": row.party,
            "thread": row.thread,
        }
        for row in rows
    ]


def reasons(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Reasons with both sentences and their citations."""
    return [reason_as_json(row) for row in rows]


def stored_entry(rulebook: Rulebook, row: Row) -> dict[str, Any]:
    """One stored entry, with who recorded it and its particulars unless they were erased."""
    provenance = Provenance(row["actor"], row["recorded_by"], row["docket_number"])
    shown = entry(rulebook, entry_of(row), provenance=provenance)
    particulars = row.get("particulars")
    if isinstance(particulars, dict):
        shown["facts"] |= particulars.get("facts", {})
    return shown


def attempt(rulebook: Rulebook, value: Attempt) -> dict[str, Any]:
    """One attempt at service."""
    compiled = rulebook.compiled(value.incident)
    facts = {name: value.facts.get(name) for name in ("document", "method", "sent_on", "completed_on", "proof")}
    return {
        "thread": value.thread,
        "incident": value.incident,
        "title": label(compiled.workflow.title),
        "addressee": value.addressee,
        **facts,
        "state": value.state,
        "label": label(compiled.states[value.state].label),
        "open": value.open,
        "opened_on": day(value.opened_on),
    }


def link(rulebook: Rulebook, row: Row, cause: Row | None) -> dict[str, Any]:
    """An act that an incident caused in the main procedure."""
    return {
        "sequence": row["sequence"],
        "event": row["event"],
        "label": label(rulebook.label(row["event"])),
        "effective_on": day(row["effective_on"]),
        "cause": row["cause"],
        "cause_event": None if cause is None else cause["event"],
        "thread": None if cause is None else cause["thread"],
        "party": row["party"],
    }


_AUDITED = ("sequence", "kind", "event", "actor", "recorded_by", "law_digest", "calendar_digest", "facts_digest")
_CHAINED = ("particulars_digest", "algorithm", "previous_hash", "hash")


def audit(row: Row) -> dict[str, Any]:
    """A row of the audit chain."""
    days = {"effective_on": day(row["effective_on"]), "recorded_at": instant(row["recorded_at"])}
    return {name: row[name] for name in (*_AUDITED, *_CHAINED)} | days


def next_step(value: NextStep, today: date) -> dict[str, Any]:
    """An event that may or may not be recorded today, with every reason why not."""
    return {
        "event": value.event,
        "label": label(value.step.label),
        "basis": basis_at(value.step.basis, today),
        "thread": value.thread,
        "party": value.party,
        "opens": value.opens,
        "allowed": value.allowed,
        "entitled": value.entitled,
        "by": list(value.by),
        "records": list(value.step.records),
        "may_record": list(value.step.may_record),
        "joins": list(value.step.joins),
        "must_join": list(value.step.must_join),
        "refusals": reasons(value.refusals),
        "irregularities": reasons(value.irregular),
        "advice": reasons(value.advice),
        "depends_on": list(value.pending),
    }
