"""The rows of a case's stream and what a command wants to add to it, as plain values; nothing here judges or stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from adjudicate.law.values import value


class EntryKind(StrEnum):
    """What a row of the stream says: acts are somebody's, all others follow from acts, rules and the calendar."""

    ACT = "act"
    VOIDED = "voided"
    LAPSE = "lapse"
    CONSEQUENCE = "consequence"
    LAW_SELECTED = "law_selected"
    WITHDRAWN = "withdrawn"
    IRREGULARITY_SET = "irregularity_set"
    IRREGULARITY_LIFTED = "irregularity_lifted"
    DATES_MOVED = "dates_moved"


DERIVED = frozenset({EntryKind.LAPSE, EntryKind.CONSEQUENCE, EntryKind.LAW_SELECTED})


@value
class Joining:
    """A party that joins with an act; its name and particulars live outside the pure core, under the same id."""

    party: str
    role: str
    represents: str | None = None


@value
class Entry:
    """One row of the stream.

    `facts` holds JSON values only (days as ISO dates, lengths as words). `target` is the sequence of the row that a
    `voided`, `withdrawn` or irregularity row speaks of; `cause` the sequence of the row that brought this one about;
    `key` identifies a derived row, so that the same lapse is announced once only.
    """

    sequence: int
    kind: EntryKind
    event: str
    effective_on: date
    by: str
    thread: str | None = None
    party: str | None = None
    effective_at: datetime | None = None
    recorded_at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    joins: tuple[Joining, ...] = ()
    irregular: tuple[str, ...] = ()
    reason: str | None = None
    supersedes: int | None = None
    before: int | None = None
    target: int | None = None
    cause: int | None = None
    key: str | None = None


@value
class Draft:
    """An act that somebody asks to have recorded; `accept_irregular` takes an `expects` that fails upon oneself."""

    event: str
    effective_on: date
    by: str | None = None
    thread: str | None = None
    party: str | None = None
    effective_at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    joins: tuple[Joining, ...] = ()
    reason: str | None = None
    accept_irregular: bool = False
    before: int | None = None


@value
class Correction:
    """A change to the record: `act` supersedes the row `target`, or, without an act, the row is void."""

    target: int
    reason: str
    act: Draft | None = None


@value
class Reason:
    """Why a step is refused, irregular or worth a reminder, in both languages, with its citation.

    `weight` is `grave` or `minor`, of an irregularity alone.
    """

    code: str
    zh: str
    en: str
    condition: str | None = None
    basis: str | None = None
    weight: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@value
class Moved:
    """A deadline whose due day changed, with what it was and what it is (None: open or not running)."""

    key: str
    was_on: date | None
    is_on: date | None
    status: str


@value
class DocumentDue:
    """A document that a step obliges the office to issue."""

    document: str
    sequence: int
    party: str | None
    thread: str | None


@value
class NumberDue:
    """A docket number to be drawn (or, with `void`, to be marked void) for the act at `sequence`."""

    docket: str
    year: int
    sequence: int
    void: bool = False
