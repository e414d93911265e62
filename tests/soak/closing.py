"""Looks for a lawful continuation, by the office's acts and the clock alone, that closes a case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

from adjudicate.errors import AdjudicateError
from adjudicate.law.calendars import Calendar
from adjudicate.law.year_tables import Notice, YearTable
from adjudicate.states import engine
from adjudicate.states.definition import Step
from adjudicate.states.entries import CLOCK, LINK, Draft
from adjudicate.states.guards import Word
from adjudicate.states.options import Option, options
from adjudicate.states.rulebook import Road, Rulebook
from adjudicate.states.standing import Standing, Status
from adjudicate.states.walk import Ground
from tests.soak.aims import distances_to
from tests.soak.generate import facts_for, joining

MOVES = 60
RESTARTS = 25


@cache
def with_later_years(calendar: Calendar) -> Calendar:
    """The calendar with empty notices for years to come, so that no limit stays uncertain for ever."""
    for year in range(2027, 2040):
        notice = Notice("invented", "invented for a test", date(year - 1, 11, 1), None)
        calendar = calendar.with_year(YearTable("cn", year, (notice,), ()))
    return calendar


class Search:
    """One attempt after another to bring a case to an end."""

    def __init__(self, ground: Ground, standing: Standing, today: date, stream: list[Any], rng: Random) -> None:
        self.ground = Ground(ground.laws, with_later_years(ground.calendar))
        self.rng = rng
        moved = engine.reproject(
            self.ground, standing, today=today, next_sequence=len(stream) + 1, reason="test", history=lambda: stream
        )
        self.first = moved.standing if moved.entries else engine.project(self.ground, stream, today=today)
        self.first_day = today
        self.standing, self.today = self.first, today
        register = ground.laws.at(standing.law_day).registers.roles
        self.roles = frozenset(name for name, role in register.items() if role.kind == "office")
        self.done: list[str] = []
        self.shut: set[tuple[str, str]] = set()

    def closes(self) -> bool:
        """Whether some continuation was found."""
        for _ in range(RESTARTS):
            self.standing, self.today, self.done = self.first, self.first_day, []
            for _ in range(MOVES):
                if self.standing.closed:
                    return True
                if not self._move():
                    break
            if self.standing.closed:
                return True
        return False

    @property
    def rulebook(self) -> Rulebook:
        """The law the case stands under."""
        return self.ground.laws.at(self.standing.law_day)

    # -- single moves ---------------------------------------------------------------------------------------------

    def _move(self) -> bool:
        self._settle()
        return self.standing.closed or self._forward() or self._wanted() or self._thread() or self._wait()

    def _settle(self) -> None:
        self.standing = engine.settle(self.ground, self.standing, today=self.today, next_sequence=10**6).standing

    def _options(self) -> list[Option]:
        found = options(self.ground, self.standing, today=self.today, roles=self.roles)
        return [one for one in found if set(one.step.by) & self.roles]

    def _forward(self) -> bool:
        """The act on the main road that leads furthest toward an end, if one is possible."""
        steps = [one for one in self._options() if one.road.incident is None and one.allowed and one.step.to]
        far = distances(self.rulebook.main)
        here = far.get(str(self.standing.state), 99)
        nearer = [(self._nearest(one, far), one) for one in steps]
        self.rng.shuffle(nearer)
        for distance, option in sorted(nearer, key=lambda pair: pair[0]):
            if (distance < here or self.rng.random() < 0.15) and self._try(option):
                return True
        return False

    def _nearest(self, option: Option, far: dict[str, int]) -> int:
        return min((far.get(state, 99) for state in option.road.destinations(option.step)), default=99)

    def _try(self, option: Option, given: dict[str, Any] | None = None, tries: int = 30) -> bool:
        if (option.event, f"{self.standing.state}/{option.thread}") in self.shut and self.rng.random() < 0.7:
            return False
        for _ in range(tries):
            facts = facts_for(
                option.road, option.step, self.rng, self.today, standing=self.standing, party=option.party
            )
            facts.update(given or {})
            joins = joining(self.rulebook, option.step, self.rng, self.standing) if option.step.joins else ()
            draft = Draft(
                option.event,
                self.today,
                next(role for role in option.step.by if role in self.roles),
                option.thread,
                option.party,
                facts=facts,
                joins=joins,
                reason="理由",
                accept_irregular=True,
            )
            if self._record(draft):
                return True
        self.shut.add((option.event, f"{self.standing.state}/{option.thread}"))
        return False

    def _record(self, draft: Draft) -> bool:
        try:
            outcome = engine.record(
                self.ground,
                self.standing,
                draft,
                today=self.today,
                roles=self.roles,
                next_sequence=10**6,
                history=list,
            )
        except AdjudicateError:
            return False
        self.standing = outcome.standing
        self.done.append(f"{self.today} {draft.event} {draft.party or ''} {draft.facts}")
        return True

    def _wanted(self) -> bool:
        """What a step toward the end still waits for: an outcome of an incident, or an act for some party."""
        far = distances(self.rulebook.main)
        here = far.get(str(self.standing.state), 99)
        waiting = [
            one
            for one in self._options()
            if one.road.incident is None and not one.allowed and self._nearest(one, far) < here
        ]
        for option in waiting:
            names = {str(reason.condition) for reason in option.refusals if reason.condition}
            words = [option.road.conditions[name].word for name in names if name in option.road.conditions]
            for event in dict.fromkeys(event for word in words for event in events_of(word)):
                if self._bring_about(event):
                    return True
        return False

    def _bring_about(self, event: str) -> bool:
        main = self.rulebook.main
        steps = main.events.get(event, ())
        if any(LINK in step.by for step in steps):
            return self._open_for(event)
        if any(CLOCK in step.by for step in steps):
            return self._let_lapse(event)
        found = [one for one in self._options() if one.event == event and one.road.incident is None and one.allowed]
        lacking = [one for one in found if f"{event}/{one.party}" not in self.standing.recorded]
        return any(self._try(option) for option in lacking)

    def _let_lapse(self, event: str) -> bool:
        """Start the time limit that ends with the event, where it does not run yet; waiting does the rest."""
        main = self.rulebook.main
        for name, rule in main.deadlines.items():
            running = any(one.name == name and one.status is Status.RUNNING for one in self.standing.deadlines.values())
            if rule.when_over != event or running:
                continue
            starting = [step.event for step in main.workflow.steps if name in step.starts]
            if any(self._bring_about(one) for one in starting if (one, self.standing.state) in main.table):
                return True
        return False

    def _open_for(self, event: str) -> bool:
        """Open, or go on with, the incident whose outcome is the event, for a party that lacks it."""
        for key, admitted in self.rulebook.incidents.items():
            for outcome in admitted.use.outcomes:
                if outcome.records != event:
                    continue
                for name, thread in self.standing.threads.items():
                    matches = all(thread.facts.get(n) == v for n, v in outcome.given.items())
                    if thread.incident == key and not thread.final and matches and self._drive(name, outcome.when):
                        return True
                for option in self._options():
                    lacks = f"{event}/{option.party}" not in self.standing.recorded
                    if option.opens == key and lacks and self._try(option, dict(outcome.given)):
                        return True
        return False

    def _drive(self, thread: str, when: str) -> bool:
        """One step of a thread toward an event of it."""
        road = self.rulebook.incidents[self.standing.threads[thread].incident].road
        wanted = [one for one in self._options() if one.thread == thread and one.allowed]
        toward = [one for one in wanted if one.event == when or self._leads(road, one.step, when)]
        toward.sort(key=lambda one: one.event != when)
        return any(self._try(option) for option in toward)

    def _leads(self, road: Road, step: Step, event: str) -> bool:
        return any((event, state) in road.table for state in road.destinations(step))

    def _thread(self) -> bool:
        """End whatever runs beside the main road, now and then."""
        if self.rng.random() < 0.5:
            return False
        ending = [
            one
            for one in self._options()
            if one.thread is not None
            and one.allowed
            and any(one.road.states[state].final for state in one.road.destinations(one.step))
        ]
        self.rng.shuffle(ending)
        return any(self._try(option, tries=5) for option in ending)

    def _wait(self) -> bool:
        """Let time pass until something runs out."""
        due = [r.due_on for r in self.standing.deadlines.values() if r.status is Status.RUNNING and r.due_on]
        later = [day for day in due if day >= self.today]
        day = min(later) + timedelta(1) if later and self.rng.random() < 0.8 else self.today + timedelta(15)
        if day > date(2038, 1, 1):
            return False
        self.today = day
        return True


def distances(road: Road) -> dict[str, int]:
    """How many steps each state lies from the nearest end."""
    return distances_to(road, frozenset(name for name, state in road.states.items() if state.final))


def events_of(word: Word) -> Iterator[str]:
    """The events a condition speaks of."""
    yield from (name for kind, name in word.names() if kind == "event")
