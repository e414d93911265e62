"""What a fold carries with it: law, calendar, standing, and what happens; it changes no standing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from adjudicate.definition.rulebook import CompiledWorkflow, Rulebook
from adjudicate.definition.shared_models import Label
from adjudicate.errors import LawError
from adjudicate.law.calendars import Calendar
from adjudicate.law.values import value
from adjudicate.states.case_view import CaseView
from adjudicate.states.entries import EntryKind, Joining
from adjudicate.states.standing import Standing


class Laws(Protocol):
    """The versions of one procedure for one region."""

    def select(self, on: date) -> Rulebook:
        """The version in force on a day. Raises NoLawInForce."""

    def at(self, day: date) -> Rulebook:
        """The version whose first day in force this is. Raises NoLawInForce."""


@dataclass(frozen=True)
class LegalContext:
    """What a case stands on: the law of its procedure and the calendar of its region."""

    laws: Laws
    calendar: Calendar


@value
class Derived:
    """A row that follows from acts, rules and the calendar; `key` is the same however often it is derived again."""

    kind: EntryKind
    event: str
    effective_on: date
    by: str
    key: str
    thread: str | None = None
    party: str | None = None
    cause: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@value
class Occurrence:
    """What a step is applied to: an act, a lapse or a consequence in one form."""

    event: str
    on: date
    by: str
    sequence: int
    key: str
    at: datetime | None = None
    thread: str | None = None
    party: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    joins: tuple[Joining, ...] = ()


@value
class Uncountable:
    """A deadline that could not be started, and why."""

    name: str
    label: Label
    error: LawError


class FoldContext:
    """A standing with its legal context; `not_startable` are deadlines that could not be counted, with the reason."""

    def __init__(self, legal: LegalContext, standing: Standing) -> None:
        self.legal = legal
        self.standing = standing
        self.rulebook = legal.laws.at(standing.law_day)
        self.not_startable: list[Uncountable] = []

    def view(self, compiled: CompiledWorkflow, occurrence: Occurrence, *, thread: str | None, bound: bool) -> CaseView:
        """What the conditions of `compiled` read when this happens; `bound` as in CaseView."""
        return CaseView(
            self.rulebook,
            self.standing,
            self.legal.calendar,
            compiled=compiled,
            on=occurrence.on,
            at=occurrence.at,
            thread=thread,
            party=occurrence.party,
            given=occurrence.facts,
            bound=bound,
        )
