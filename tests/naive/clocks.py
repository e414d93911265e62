"""One running time limit, and its due day counted one day at a time; kept apart so that tale and eye can share it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from adjudicate.law.calendars import Calendar
from adjudicate.law.deadlines import Due, Exclusion, Extension, Period
from adjudicate.law.periods import Length
from tests.naive.rules import Raw, many
from tests.unit.law.slow_counter import slow_compute


@dataclass
class Clock:
    """One running time limit."""

    name: str
    party: str | None
    thread: str | None
    parts: list[tuple[date, str]]
    trigger: date
    extensions: list[tuple[str, str, date]] = field(default_factory=list)
    status: str = "running"
    due: date | None = None
    provisional: bool = False
    moved: date | None = None
    lapsed: date | None = None

    @property
    def key(self) -> str:
        key = self.name if self.party is None else f"{self.name}/{self.party}"
        return key if self.thread is None else f"{key}@{self.thread}"


_slowly = lru_cache(maxsize=100_000)(slow_compute)


def due_of(clock: Clock, rule: Raw, gaps: list[Raw], calendar: Calendar, more: list[str]) -> tuple[date | None, bool]:
    """The due day, counted one day at a time, and whether it rests on an unpublished year."""
    kinds = many(rule.get("excludes"))
    excluded = tuple(Exclusion(g["kind"], g["from"], g["until"]) for g in gaps if g["kind"] in kinds)
    granted = [Extension(Length.parse(length), by, on) for length, by, on in clock.extensions]
    assumed = [Extension(Length.parse(length), "", clock.trigger) for length in more]
    dues: list[Due] = [
        _slowly(
            Period(
                trigger_on=trigger,
                length=Length.parse(length),
                extensions=(*granted, *assumed),
                exclusions=excluded,
                backward=bool(rule.get("counted_back")),
                rolls=rule.get("rolls", True),
            ),
            calendar,
        )
        for trigger, length in clock.parts
    ]
    known = [due.due_on for due in dues if due.due_on is not None]
    last = bool(rule.get("latest"))
    if not known or (last and len(known) < len(dues)):
        return None, False
    day = max(known) if last else min(known)
    # Certain, if a certain one ends on that day and every uncertain one ends on it or on its far side, come what may.
    stands = any(due.due_on == day and not due.provisional for due in dues)
    uncertain = [due.not_after if last else due.not_before for due in dues if due.provisional]
    behind = all(end is not None and (end <= day if last else end >= day) for end in uncertain)
    return day, bool(uncertain) and not (stands and behind)
