"""Looks for a lawful continuation that closes a case: by the office, the bodies it waits for and time, by no party."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

from adjudicate.law.calendars import Calendar
from adjudicate.law.year_tables import Notice, YearTable
from adjudicate.states import engine
from adjudicate.states.fold import LegalContext
from adjudicate.states.standing import Standing, Status
from tests.soak.guide import Guide

MOVES = 60
RESTARTS = 25
LAST_DAY = date(2038, 1, 1)


@cache
def with_later_years(calendar: Calendar) -> Calendar:
    """The calendar with empty notices for years to come, so that no limit stays uncertain for ever."""
    for year in range(2027, 2040):
        notice = Notice("invented", "invented for a test", date(year - 1, 11, 1), None)
        calendar = calendar.with_year(YearTable("cn", year, (notice,), ()))
    return calendar


class Search:
    """One attempt after another to bring a case to an end."""

    def __init__(self, legal: LegalContext, standing: Standing, today: date, stream: list[Any], rng: Random) -> None:
        self.legal = LegalContext(legal.laws, with_later_years(legal.calendar))
        self.rng = rng
        moved = engine.reproject(
            self.legal, standing, today=today, next_sequence=len(stream) + 1, reason="test", history=lambda: stream
        )
        self.first = moved.standing if moved.entries else engine.project(self.legal, stream, today=today)
        self.first_day = today
        self.standing, self.today = self.first, today
        register = legal.laws.at(standing.law_day).registers.roles
        # A case under review ends by the court's or the reconsideration office's act alone, as `check` lists it.
        self.roles = frozenset(name for name, role in register.items() if role.kind in ("office", "outside"))
        self.guide = Guide(self.legal, self.roles, rng)

    def closes(self) -> bool:
        """Whether some continuation was found."""
        for _ in range(RESTARTS):
            self.standing, self.today = self.first, self.first_day
            for _ in range(MOVES):
                self.standing = engine.announce_lapses(
                    self.legal, self.standing, today=self.today, next_sequence=10**6
                ).standing
                if self.standing.closed:
                    return True
                if not self._act() and not self._wait():
                    break
            if self.standing.closed:
                return True
        return False

    def _act(self) -> bool:
        draft = self.guide.next(self.standing, self.today)
        outcome = None if draft is None else self.guide.recorded(self.standing, draft, self.today)
        if outcome is None:
            return False
        self.standing = outcome.standing
        return True

    def _wait(self) -> bool:
        """Let time pass until something runs out."""
        day = next_end(self.standing, self.today, self.rng)
        if day > LAST_DAY:
            return False
        self.today = day
        return True


def next_end(standing: Standing, today: date, rng: Random) -> date:
    """The day after the next limit runs out, or a while later."""
    due = [r.due_on for r in standing.deadlines.values() if r.status is Status.RUNNING and r.due_on]
    later = [day for day in due if day >= today]
    return min(later) + timedelta(1) if later and rng.random() < 0.8 else today + timedelta(15)
