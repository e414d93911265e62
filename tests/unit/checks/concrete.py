"""Cases of small definitions led through the engine, with what every promise says at the moment of every event."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from adjudicate.definition.catalogue import Catalogue
from adjudicate.definition.models import Always
from adjudicate.errors import AdjudicateError
from adjudicate.guards.compiling import compile_guard
from adjudicate.states import fold
from adjudicate.states.case_view import CaseView
from adjudicate.states.entries import Draft, Joining
from adjudicate.states.next_steps import NextStep, next_steps
from tests.workflows.runner import Case, everybody, legal_context_for

FIRST_DAY = date(2021, 3, 1)
COLOURS = ("red", "green", "blue")


@dataclass
class Promises:
    """The `always` lines of a definition, and those that the cases led so far have broken."""

    lines: tuple[Always, ...]
    guards: dict[str, Any]
    states: frozenset[str]
    broken: set[int] = field(default_factory=set)

    def is_event(self, name: str) -> bool:
        """Whether a name is an event; the definitions of these tests have none that is both."""
        return name not in self.states

    def hear(
        self, seen: Seen, event: str, before: str, target: str | None, view: CaseView, joins: tuple[Joining, ...]
    ) -> None:
        """Note what breaks at this event, which is about to lead to that state."""
        entered = target if target is not None and target != before else None
        for i, line in enumerate(self.lines):
            name = line.before or line.never
            if isinstance(name, str) and name in (event if self.is_event(name) else "", entered):
                known = seen.names if self.is_event(name) else seen.names | {event}
                if line.never:
                    holds = compile_guard(line.until, self.guards).test(
                        view if self.is_event(name) else Later(view, event, joins)
                    )
                else:
                    holds = bool(known & set(line.one_of or ()))
                self.broken |= set() if holds else {i}
            if line.after:
                follows = {event, entered} & set(line.follows or ())
                if follows:
                    seen.owed.discard(i)
                elif line.after in (event, entered):
                    seen.owed.add(i)
        seen.names |= {event} | ({entered} if entered else set())

    def ended(self, seen: Seen, *, final: bool) -> None:
        """Note what is broken by how things stand now."""
        self.broken |= seen.owed if final else set()
        self.broken |= {
            i for i, line in enumerate(self.lines) if line.never_both and set(line.never_both) <= seen.names
        }


class Later:
    """The view of a moment at which one more event has been recorded, and those who joined with it are there."""

    def __init__(self, view: CaseView, event: str, joins: tuple[Joining, ...]) -> None:
        self._view, self._event, self._joins = view, event, joins

    def __getattr__(self, name: str) -> Any:
        return getattr(self._view, name)

    def happened(self, event: str) -> bool:
        """The event counts as recorded."""
        return event == self._event or self._view.happened(event)

    def members(self, role: str) -> list[str]:
        """Those who joined are members."""
        return [*self._view.members(role), *(one.party for one in self._joins if one.role == role)]

    def bound(self, party: str) -> Later:
        """The same for one party: it too has it recorded."""
        return Later(self._view.bound(party), self._event, self._joins)


@dataclass
class Seen:
    """What happened in one case: events and states by name, and the lines by which something is still owed."""

    names: set[str] = field(default_factory=set)
    owed: set[int] = field(default_factory=set)


@contextmanager
def listening(promises: Promises, seen: Seen) -> Iterator[None]:
    """Hear of every event as the engine carries it out."""
    carry_out = fold.Fold._carry_out

    def heard(self: Any, compiled: Any, step: Any, occurrence: Any, thread: str | None, state: str) -> None:
        view = CaseView(
            self.rulebook,
            self.standing,
            self.legal.calendar,
            compiled=self.rulebook.main,
            on=occurrence.on,
            at=occurrence.at,
            party=occurrence.party,
            given=occurrence.facts,
            bound=step.per is not None,
        )
        target = self._destination(compiled, step, occurrence, state) if compiled.incident is None else None
        promises.hear(seen, occurrence.event, state, target, view, occurrence.joins)
        carry_out(self, compiled, step, occurrence, thread, state)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fold.Fold, "_carry_out", heard)
        yield


@dataclass
class Walk:
    """One case led by chance."""

    catalogue: Catalogue
    chance: random.Random
    case: Case = field(init=False)

    def __post_init__(self) -> None:
        self.case = Case(
            legal_context_for(self.catalogue, "matter", "110000"), everybody(self.catalogue), today=FIRST_DAY
        )

    def begin(self) -> None:
        """The first event; the day that periods may be counted from may lie far back."""
        known = FIRST_DAY - timedelta(days=self.chance.choice((0, 0, 3, 30)))
        step = self.case.legal.laws.select(FIRST_DAY).main.events["begun"][0]
        facts = {"known_on": known.isoformat()} | self.facts(step.records, must=True)
        joins = [Joining("p1", "claimant", None)]
        if "friend" in step.joins and self.chance.random() < 0.5:
            joins.append(Joining("p2", "friend", None))
        self.case.act(Draft("begun", FIRST_DAY, by="clerk", facts=facts, joins=tuple(joins)))

    def facts(self, names: tuple[str, ...], *, must: bool) -> dict[str, Any]:
        """A value for the facts that steps record."""
        found = {}
        if "colour" in names and (must or self.chance.random() < 0.6):
            found["colour"] = self.chance.choice(COLOURS)
        if "longer" in names:
            found["longer"] = self.chance.choice(("1 days", "6 days", "40 days"))
        return found

    def options(self) -> list[NextStep]:
        """What may happen next."""
        assert self.case.standing is not None
        found = next_steps(self.case.legal, self.case.standing, today=self.case.today, roles=self.case.roles)
        return [one for one in found if one.allowed]

    def take(self, option: NextStep) -> bool:
        """Record one of these; whether it was."""
        step = option.step
        facts = self.facts(step.records, must=True) | self.facts(step.may_record, must=False)
        by = next(role for role in step.by if role not in ("clock", "link"))
        assert self.case.standing is not None
        joins: tuple[Joining, ...] = ()
        if "friend" in step.joins and "p2" not in self.case.standing.members and self.chance.random() < 0.7:
            joins = (Joining("p2", "friend", None),)
        draft = Draft(option.event, self.case.today, by=by, thread=option.thread, facts=facts, joins=joins, reason="x")
        try:
            self.case.act(draft)
        except AdjudicateError:
            return False
        return True

    def wait(self, days: int) -> None:
        """Let time pass."""
        self.case.today += timedelta(days=days)
        self.case.settle()
