"""One case kept twice: by the engine and by the naive interpreter; every command must mean the same to both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any

from adjudicate.definition.catalogue import Catalogue
from adjudicate.definition.rulebook import Rulebook
from adjudicate.errors import AdjudicateError
from adjudicate.states import codec, engine, history
from adjudicate.states.entries import DERIVED, Correction, Draft, Entry, EntryKind
from adjudicate.states.fold import LegalContext
from adjudicate.states.result import Result
from adjudicate.states.standing import Standing, Status
from tests.naive.rules import Rules
from tests.naive.tale import Act, Tale
from tests.naive.verdict import Answer, Naive, Record, Refused, Wish
from tests.workflows.runner import ROOT, Case, everybody


class Disagreement(AssertionError):
    """The engine and the naive interpreter, or the engine and itself, say different things."""


@dataclass(frozen=True)
class Command:
    """One accepted command and the day it was given on, so that the history can be lived again."""

    today: date
    draft: Draft | None
    corrections: tuple[Correction, ...]
    roles: frozenset[str]


@dataclass
class Pair:
    """A case in the pure core beside the same case retold; `heard` surrounds each act that is compared."""

    legal: LegalContext
    naive: Naive
    roles: frozenset[str]
    heard: Callable[[], AbstractContextManager[None]] = nullcontext
    case: Case = field(init=False)
    record: Record = field(default_factory=Record)
    commands: list[Command] = field(default_factory=list)
    last_due: dict[str, tuple[Any, date]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.case = Case(self.legal, self.roles)

    @property
    def standing(self) -> Standing:
        """Where the engine says the case stands."""
        assert self.case.standing is not None
        return self.case.standing

    @property
    def rulebook(self) -> Rulebook:
        """The law that the case stands under."""
        return self.legal.laws.at(self.standing.law_day)

    def happened(self, event: str) -> bool:
        """Whether the case's stream holds the event."""
        return any(entry.event == event for entry in self.case.entries)

    def move_to(self, today: date) -> None:
        """A later day begins."""
        self.case.today = max(self.case.today, today)

    def act(self, draft: Draft, roles: frozenset[str] | None = None) -> bool:
        """Ask both to record an act; whether they did. Raises Disagreement."""
        return self._command(draft, [], roles or self.roles)

    def rectify(self, corrections: list[Correction], roles: frozenset[str] | None = None) -> bool:
        """Ask both to correct the record; whether they did. Raises Disagreement."""
        return self._command(None, corrections, roles or self.roles)

    def _command(self, draft: Draft | None, corrections: list[Correction], roles: frozenset[str]) -> bool:
        case = self.case
        before, rows = case.standing, len(case.entries)
        first = rows + 1 + self._lapses_first()
        wishes = [_wish(draft)] if draft else [_correction(one) for one in corrections]
        answer: Answer | Refused
        try:
            answer = self.naive.ask(self.record, wishes, today=case.today, roles=roles, row=first)
        except Refused as refused:
            answer = refused
        outcome: Result | AdjudicateError
        try:
            with self.heard():
                outcome = case.act(draft, roles) if draft else case.rectify(corrections, roles)
        except AdjudicateError as error:
            outcome = error
        asked = f"{case.today}: {draft or corrections}"
        if isinstance(answer, Refused) or isinstance(outcome, AdjudicateError):
            if isinstance(answer, Refused) != isinstance(outcome, AdjudicateError):
                self._disagree(asked, f"naive: {answer!r}; engine: {outcome}")
            if case.standing is not before or len(case.entries) != rows:
                self._disagree(asked, "a refused act changed the case")
            return False
        # A version of the law that the act selects is announced ahead of it, which the naive side does not number.
        wanted = (EntryKind.ACT, EntryKind.VOIDED)
        numbers = [entry.sequence for entry in outcome.entries if entry.sequence >= first and entry.kind in wanted]
        answer = _renumbered(answer, dict(zip(range(first, first + len(wishes)), numbers, strict=True)))
        self._take_over(answer, wishes, numbers)
        self.commands.append(Command(case.today, draft, tuple(corrections), roles))
        self.told.append(asked)
        self._compare(asked, answer, outcome, numbers)
        self._never_forward(asked, in_order=draft is not None and len(self.record.acts) > 1 and self._is_last(draft))
        return True

    def _lapses_first(self) -> int:
        if self.case.standing is None:
            return 0
        settled = engine.announce_lapses(self.legal, self.case.standing, today=self.case.today, next_sequence=1)
        return len(settled.entries)

    def _is_last(self, draft: Draft) -> bool:
        return self.record.live()[-1].sequence == self.record.acts[-1].sequence

    def _take_over(self, answer: Answer, wishes: list[Wish], numbers: list[int]) -> None:
        self.record.acts.extend(answer.acts)
        self.record.voids.extend((row, one.voids) for row, one in zip(numbers, wishes, strict=True) if one.voids)
        self.record.marks = answer.marks

    def _compare(self, asked: str, answer: Answer, outcome: Result, numbers: list[int]) -> None:
        entries = [entry for entry in outcome.entries if entry.sequence in numbers]
        mine = {entry.sequence: _as_act(entry) for entry in entries if entry.kind is EntryKind.ACT}
        theirs = {act.sequence: replace(act, opens=False) for act in answer.acts}
        if mine != theirs:
            self._disagree(asked, f"completed differently:\n  naive  {theirs}\n  engine {mine}")
        self.agree(asked, answer.tale)
        self._announced_once(asked)
        try:
            self.case.folded()
        except AssertionError as error:
            self._disagree(asked, str(error))

    def agree(self, asked: str = "", told: Tale | None = None) -> None:
        """Hold that both tell the same story as of today. Raises Disagreement."""
        tale = told or self.naive.retell(self.record.live(), self.case.today)
        settled = engine.announce_lapses(self.legal, self.standing, today=self.case.today, next_sequence=1)
        naive, stored = _of_tale(tale, self.record), _of_standing(settled.standing)
        if naive != stored:
            differing = {key: (naive[key], stored[key]) for key in naive if naive[key] != stored[key]}
            self._disagree(asked, f"(naive, engine): {differing}")
        announced = [*history.standing_derived(self.case.entries).values(), *settled.entries]
        lapses = sorted(
            (e.effective_on, e.event, e.party or "", e.thread or "") for e in announced if e.kind is EntryKind.LAPSE
        )
        naive_lapses = sorted((on, event, party or "", thread or "") for on, event, party, thread in tale.lapses)
        if lapses != naive_lapses:
            self._disagree(asked, f"lapses: naive {naive_lapses}; engine {lapses}")

    def _announced_once(self, asked: str) -> None:
        """What follows from one thing is announced once, unless it was withdrawn in between."""
        entries = self.case.entries
        withdrawn = {entry.target for entry in entries if entry.kind is EntryKind.WITHDRAWN}
        keys = Counter(one.key for one in entries if one.kind in DERIVED and one.sequence not in withdrawn)
        if twice := [key for key, count in keys.items() if count > 1]:
            self._disagree(asked, f"announced twice: {twice}")

    def _never_forward(self, asked: str, *, in_order: bool) -> None:
        """Uncounted time and extensions only ever push a date back; a late act or a correction may do otherwise."""
        if not in_order:
            # Also where no date is known now, an interval being open: what it was says nothing any more.
            self.last_due.clear()
        for key, running in self.standing.deadlines.items():
            if running.due_on is None or running.status is not Status.RUNNING:
                continue
            count = (running.started_by, tuple(running.components))
            known = self.last_due.get(key)
            if in_order and known is not None and known[0] == count and running.due_on < known[1]:
                self._disagree(asked, f"{key} came forward from {known[1]} to {running.due_on}")
            self.last_due[key] = (count, running.due_on)

    def _disagree(self, asked: str, what: str) -> None:
        lived = "\n  ".join(self.told)
        raise Disagreement(f"{what}\nat {asked}\nafter\n  {lived}")


@cache
def rules_of(key: str) -> Rules:
    """The shipped law of a procedure as the naive interpreter reads it, read once."""
    return Rules(ROOT / "workflows", key)


def pair_for(catalogue: Catalogue, rules: Rules, legal: LegalContext) -> Pair:
    """An empty case, to be opened by its first act."""
    return Pair(legal, Naive(rules, legal.calendar), everybody(catalogue))


def _renumbered(answer: Answer, rows: dict[int, int]) -> Answer:
    acts = tuple(replace(act, sequence=rows[act.sequence]) for act in answer.acts)
    return replace(answer, acts=acts, marks={rows.get(row, row): names for row, names in answer.marks.items()})


def _joins(draft: Draft) -> tuple[tuple[str, str, str | None], ...]:
    return tuple((one.party, one.role, one.represents) for one in draft.joins)


def _wish(draft: Draft) -> Wish:
    return Wish(
        event=draft.event,
        on=draft.effective_on,
        by=draft.by,
        thread=draft.thread,
        party=draft.party,
        facts=dict(draft.facts),
        joins=_joins(draft),
        accepts=draft.accept_irregular,
        reason=draft.reason,
        before=draft.before,
    )


def _correction(one: Correction) -> Wish:
    if one.act is None:
        return Wish(voids=one.target, reason=one.reason)
    return replace(_wish(one.act), corrects=one.target, reason=one.reason)


def _as_act(entry: Entry) -> Act:
    joins = tuple((one.party, one.role, one.represents) for one in entry.joins)
    return Act(
        entry.sequence,
        entry.event,
        entry.effective_on,
        entry.by,
        entry.thread,
        entry.party,
        dict(entry.facts),
        joins,
        supersedes=entry.supersedes,
        before=entry.before,
    )


def _of_tale(tale: Tale, record: Record) -> dict[str, Any]:
    live = {act.sequence for act in record.live()}
    return {
        "law": tale.book.day,
        "state": tale.state,
        "closed": tale.closed,
        "threads": {
            key: (one["incident"], one["state"], one["party"], one["final"], one["facts"])
            for key, one in tale.threads.items()
        },
        "facts": tale.facts,
        "party_facts": tale.party_facts,
        "members": {who: (one["role"], one["left"], one["represents"]) for who, one in tale.members.items()},
        "clocks": {key: (one.status, one.due, one.provisional) for key, one in tale.clocks.items()},
        "marks": {row: sorted(names) for row, names in record.marks.items() if row in live},
    }


def _of_standing(standing: Standing) -> dict[str, Any]:
    return {
        "law": standing.law_day,
        "state": standing.state,
        "closed": standing.closed,
        "threads": {
            key: (one.incident, one.state, one.party, one.final, one.facts) for key, one in standing.threads.items()
        },
        "facts": standing.facts,
        "party_facts": standing.party_facts,
        "members": {who: (one.role, one.left_on is not None, one.represents) for who, one in standing.members.items()},
        "clocks": {key: (one.status.value, one.due_on, one.provisional) for key, one in standing.deadlines.items()},
        "marks": {row: sorted(names) for row, names in standing.marks.items()},
    }


def without_counters(standing: Standing) -> dict[str, Any]:
    """A standing as JSON without what counts the whole stream, void rows included; marks in no order."""
    data = codec.standing_to_json(standing)
    data["marks"] = {row: sorted(names) for row, names in data["marks"].items()}
    return {key: value for key, value in data.items() if key not in ("opened_threads", "joined")}
