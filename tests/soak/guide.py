"""Leads a case toward an aim, or toward its end: says which act comes next, found by trying and never by cheating."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import date
from random import Random
from typing import Any

from adjudicate.definition.models import CLOCK, LINK, Step
from adjudicate.definition.rulebook import AdmittedIncident, Rulebook
from adjudicate.errors import AdjudicateError
from adjudicate.states import engine, judge
from adjudicate.states.case_view import concerns
from adjudicate.states.entries import Draft
from adjudicate.states.fold import LegalContext
from adjudicate.states.judge import Verdict
from adjudicate.states.next_steps import NextStep, next_steps
from adjudicate.states.result import Result
from adjudicate.states.standing import Standing, Status
from tests.soak.aims import FAR, Aim, distances_to, events_of, goals, is_automatic, ways_of
from tests.soak.generate import facts_for, joining

TRIES = 30
Lands = Callable[[Result], bool]


class Guide:
    """What somebody would do next who wants the aim to happen; without an aim, who wants the case closed."""

    def __init__(self, legal: LegalContext, roles: Collection[str], rng: Random, aim: Aim | None = None) -> None:
        self.legal, self.roles, self.rng, self.aim = legal, roles, rng, aim
        self.standing: Standing
        self.today: date
        self._found: list[NextStep] = []
        self._struck: Draft | None = None
        # What was tried in vain from a state, so that it is not tried at every turn.
        self.shut: set[tuple[str, str]] = set()

    def next(self, standing: Standing, today: date) -> Draft | None:
        """The next act, or None where nothing is left but to wait. The standing must be settled as of the day."""
        self.standing, self.today = standing, today
        found = next_steps(self.legal, standing, today=today, roles=self.roles)
        self._found = [one for one in found if set(one.step.by) & set(self.roles)]
        return self._at_the_aim() or self._forward() or self._wanted() or self._end_a_thread()

    def hit(self, standing: Standing) -> bool:
        """Whether the aim itself was proposed, or what nobody records has come about by now."""
        if self.aim is None:
            return False
        if self._struck is not None:
            return True
        event = self.aim.step.event
        return is_automatic(self.aim.step) and any(re.split("[/@]", one)[0] == event for one in standing.recorded)

    @property
    def rulebook(self) -> Rulebook:
        """The law the case stands under."""
        return self.legal.laws.at(self.standing.law_day)

    @property
    def _state(self) -> str:
        return str(self.standing.state)

    def _goals(self) -> frozenset[str]:
        """The states of the main procedure from which the aim can be reached without leaving them."""
        main = self.rulebook.main
        if self.aim is None:
            return frozenset(name for name, state in main.states.items() if state.final)
        if self.aim.incident is None and CLOCK in self.aim.step.by:
            found = [state for step in self._starting(self.aim.step.event) for state in main.sources(step)]
            if found:
                return frozenset(found)
        return goals(self.rulebook, self.aim)

    def _far(self) -> dict[str, int]:
        """How far each state of the main procedure lies from the goal, if only these roles act."""
        return distances_to(self.rulebook.main, self._goals(), frozenset(self.roles))

    def _starting(self, event: str) -> list[Step]:
        """The steps of the main procedure that start a deadline ending with the event, unless one runs."""
        names = [name for name, rule in self.rulebook.main.deadlines.items() if rule.when_over == event]
        return self._that_start(names)

    def _that_start(self, names: list[str]) -> list[Step]:
        if any(one.name in names and one.status is Status.RUNNING for one in self.standing.deadlines.values()):
            return []
        found = [step for step in self.rulebook.main.workflow.steps if set(names) & started(step)]
        # Where another limit must run out first, what starts that one is wanted first.
        return [
            first for step in found for first in (self._starting(step.event) or [step] if CLOCK in step.by else [step])
        ]

    # -- the aim itself -------------------------------------------------------------------------------------------

    def _at_the_aim(self) -> Draft | None:
        if self.aim is None:
            return None
        for option in self._found:
            if self._is_aim(option.step) and (option.allowed or self.aim.condition):
                self._struck = self._weighed(option)
                if self._struck is not None:
                    return self._struck
        if self.aim.step.opens and self.aim.condition and self.rng.random() < 0.3:
            return self._another()
        return self._within(self.aim.incident) if self.aim.incident else None

    def _is_aim(self, step: Step) -> bool:
        # After a change of version the namesake is meant.
        assert self.aim is not None
        return step.event == self.aim.step.event and step.from_ == self.aim.step.from_

    def _weighed(self, option: NextStep) -> Draft | None:
        """An act of the aim's step, with the aim's condition holding or failing as wanted."""
        assert self.aim is not None
        if self.aim.condition is None:
            return self._accepted(option, anywhere=True)
        for _ in range(TRIES):
            draft = self._draft(option, {})
            try:
                verdict = judge.judge(self.legal, self.standing, draft, today=self.today, roles=self.roles)
            except AdjudicateError:
                continue
            if (self.aim.condition in _failing(verdict)) is not self.aim.holds:
                return draft
        return None

    def _another(self) -> Draft | None:
        """One more thread of the aim's incident, where what the aim wants depends on those that are open."""
        opening = [one for one in self._found if self._is_aim(one.step) and one.opens and one.allowed]
        return next((one for option in opening if (one := self._accepted(option)) is not None), None)

    def _within(self, incident: str) -> Draft | None:
        """Open the aim's incident, or take a step of an open one that lies nearer."""
        admitted, aim = self.rulebook.incidents.get(incident), self.aim
        if admitted is None or aim is None:
            return None
        far = distances_to(admitted.compiled, frozenset(admitted.compiled.sources(aim.step)))
        mine = [key for key, one in self.standing.threads.items() if one.incident == incident and not one.final]
        vain = {key for key in mine if self._in_vain(admitted, key, far)}
        near: list[NextStep] = []
        for key in mine:
            here = FAR if key in vain else far.get(self.standing.threads[key].state, FAR)
            near += [one for one in self._found if one.thread == key and one.allowed and lands(one, far) < here]
        near += [one for one in self._found if one.opens == incident and one.allowed and lands(one, far) < FAR]
        for option in sorted(near, key=lambda one: one.opens is not None):
            draft = self._accepted(option, lands=_into_thread(incident, self.standing, far, vain))
            if draft is not None:
                return draft
        return None

    def _in_vain(self, admitted: AdmittedIncident, thread: str, far: dict[str, int]) -> bool:
        """Whether only time could bring a thread nearer to the aim, and no limit runs in it that would."""
        compiled, state = admitted.compiled, self.standing.threads[thread].state
        here = far.get(state, FAR)
        if any(one.thread == thread and one.allowed and lands(one, far) < here for one in self._found):
            return False
        nearer = {
            event
            for event in compiled.open_events(state)
            if CLOCK in compiled.table[event, state].by
            and (
                here == 0
                or min((far.get(s, FAR) for s in compiled.destinations(compiled.table[event, state])), default=FAR)
                < here
            )
        }
        waits = here > 0 or (self.aim is not None and CLOCK in self.aim.step.by)
        return waits and not any(
            one.thread == thread and one.status is Status.RUNNING and compiled.deadlines[one.name].when_over in nearer
            for one in self.standing.deadlines.values()
        )

    # -- the main procedure --------------------------------------------------------------------------------------------

    def _forward(self) -> Draft | None:
        """The act in the main procedure that leads furthest toward the goal, if one is possible."""
        far = self._far()
        here = far.get(self._state, FAR)
        steps = [one for one in self._found if one.compiled.incident is None and one.allowed and one.step.to]
        self.rng.shuffle(steps)
        for option in sorted(steps, key=lambda one: lands(one, far)):
            nearer = lands(option, far) < here
            if not nearer and (here == 0 or self.rng.random() > 0.15):
                continue
            draft = self._accepted(option, lands=_onto_main(far, here) if nearer else None)
            if draft is not None:
                return draft
        return None

    def _wanted(self) -> Draft | None:
        """What a step toward the goal still waits for: an outcome of an incident, or an act for some party."""
        main = self.rulebook.main
        far = self._far()
        here = far.get(self._state, FAR)
        events: list[str] = []
        for option in self._found:
            aimed = self.aim is not None and self._is_aim(option.step)
            if aimed or (not option.allowed and option.compiled.incident is None and lands(option, far) < here):
                names = {str(reason.condition) for reason in option.refusals if reason.condition}
                if aimed and self.aim is not None and self.aim.condition:
                    names.add(self.aim.condition)
                events += self._spoken_of(option, names)
        for event in main.open_events(self._state):
            step = main.table[event, self._state]
            if is_automatic(step) and min((far.get(one, FAR) for one in main.destinations(step)), default=FAR) < here:
                events.append(event)
        if self.aim is not None and is_automatic(self.aim.step):
            events.append(self.aim.step.event)
        if self.aim is not None and self.aim.incident is None and self.aim.step.extends is not None:
            draft = self._start_one_of(self._that_start([self.aim.step.extends.deadline]))
            if draft is not None:
                return draft
        return next((one for event in dict.fromkeys(events) if (one := self._bring_about(event)) is not None), None)

    def _spoken_of(self, option: NextStep, names: set[str]) -> list[str]:
        main = self.rulebook.main.conditions
        words = [
            (option.compiled.conditions.get(name) or main[name]).word
            for name in sorted(names)
            if name in option.compiled.conditions or name in main
        ]
        # Not always: where the fact is as wanted already, recording it anew would lead round in a circle.
        facts = self.rng.random() < 0.3
        return list(
            dict.fromkeys(event for word in words for event in events_of(word, self.rulebook.main, facts=facts))
        )

    def _bring_about(self, event: str, *, anywhere: bool = False) -> Draft | None:
        steps = self.rulebook.main.events.get(event, ())
        if any(LINK in step.by for step in steps):
            return self._open_for(event)
        if any(CLOCK in step.by for step in steps):
            return self._let_lapse(event)
        found = [one for one in self._found if one.event == event and one.allowed]
        lacking = [one for one in found if f"{event}/{one.party}" not in self.standing.recorded]
        return next((draft for one in lacking if (draft := self._accepted(one, anywhere=anywhere)) is not None), None)

    def _let_lapse(self, event: str) -> Draft | None:
        """Start the time limit that ends with the event, where it does not run yet; waiting does the rest."""
        return self._start_one_of(self._starting(event))

    def _start_one_of(self, steps: list[Step]) -> Draft | None:
        main = self.rulebook.main
        here = [step for step in steps if (step.event, self._state) in main.table and CLOCK not in step.by]
        for step in here:
            asked = [main.conditions[name].word for name in ways_of(step)]
            # What the start depends on comes first, where it never happened.
            first = [one for word in asked for one in events_of(word, main, facts=True)]
            for event in (*(one for one in first if one not in self.standing.recorded), step.event):
                draft = self._bring_about(event, anywhere=True)
                if draft is not None:
                    return draft
        return None

    # -- incidents ------------------------------------------------------------------------------------------------

    def _open_for(self, event: str) -> Draft | None:
        """Open, or go on with, the incident whose outcome is the event, for a party that lacks it."""
        steps = self.rulebook.main.events[event]

        def lacks(party: str | None) -> bool:
            can_be = any(concerns(self.standing, step, party) for step in steps)
            return can_be and f"{event}/{party}" not in self.standing.recorded

        for key, admitted in self.rulebook.incidents.items():
            for outcome in admitted.use.outcomes:
                if outcome.records != event:
                    continue
                for name, thread in self.standing.threads.items():
                    matches = all(thread.facts.get(n) == v for n, v in outcome.given.items())
                    if thread.incident == key and not thread.final and matches and lacks(thread.party):
                        draft = self._drive(name, admitted, outcome.when)
                        if draft is not None:
                            return draft
                for option in self._found:
                    if option.opens == key and option.allowed and lacks(option.party):
                        draft = self._accepted(option, given=dict(outcome.given))
                        if draft is not None:
                            return draft
        return None

    def _drive(self, thread: str, admitted: AdmittedIncident, event: str) -> Draft | None:
        """One step of a thread toward an event of it."""
        compiled = admitted.compiled
        sources = frozenset(state for step in compiled.events[event] for state in compiled.sources(step))
        far = distances_to(compiled, sources)
        here = far.get(self.standing.threads[thread].state, FAR)
        wanted = [one for one in self._found if one.thread == thread and one.allowed]
        toward = [one for one in wanted if one.event == event or lands(one, far) < here]
        toward.sort(key=lambda one: one.event != event)
        return next((draft for one in toward if (draft := self._accepted(one)) is not None), None)

    def _end_a_thread(self) -> Draft | None:
        """End whatever runs beside the main procedure, now and then."""
        if self.rng.random() < 0.5 or (self.aim is not None and self.aim.incident is not None):
            return None
        ending = [
            one
            for one in self._found
            if one.thread is not None
            and one.allowed
            and any(one.compiled.states[state].final for state in one.compiled.destinations(one.step))
        ]
        self.rng.shuffle(ending)
        return next((draft for one in ending if (draft := self._accepted(one, tries=5)) is not None), None)

    # -- acts -----------------------------------------------------------------------------------------------------

    def _accepted(
        self,
        option: NextStep,
        *,
        given: dict[str, Any] | None = None,
        lands: Lands | None = None,
        tries: int = TRIES,
        anywhere: bool = False,
    ) -> Draft | None:
        """An act of the option that the engine accepts and that lands where it should."""
        place = (option.event, f"{self.standing.state}/{option.thread}")
        if place in self.shut and self.rng.random() < 0.7:
            return None
        for _ in range(tries):
            draft = self._draft(option, given or {})
            outcome = self.recorded(self.standing, draft, self.today)
            if outcome is None:
                continue
            if (lands is None or lands(outcome)) and (anywhere or self._leaves_a_way(outcome)):
                return draft
        self.shut.add(place)
        return None

    def recorded(self, standing: Standing, draft: Draft, today: date) -> Result | None:
        """What the engine would make of an act, or None if it refuses."""
        try:
            return engine.record(
                self.legal,
                standing,
                draft,
                today=today,
                roles=self.roles,
                next_sequence=10**6,
                history=list,
            )
        except AdjudicateError:
            return None

    def _leaves_a_way(self, outcome: Result) -> bool:
        """Whether the goal can still be reached from where the main procedure then stands."""
        return self._far().get(str(outcome.standing.state), FAR) < FAR

    def _draft(self, option: NextStep, given: dict[str, Any]) -> Draft:
        joins = joining(self.rulebook, option.step, self.rng, self.standing) if option.step.joins else ()
        facts = facts_for(
            option.compiled,
            option.step,
            self.rng,
            self.today,
            standing=self.standing,
            party=option.party,
            joins=joins,
        )
        people = [role for role in option.step.by if role in self.roles]
        return Draft(
            option.event,
            self.today,
            self.rng.choice(people),
            option.thread,
            option.party,
            facts={**facts, **given},
            joins=joins,
            reason="理由",
            accept_irregular=True,
        )


def lands(option: NextStep, far: dict[str, int]) -> int:
    """How far from the goal the option may lead at best."""
    return min((far.get(state, FAR) for state in option.compiled.destinations(option.step)), default=FAR)


def started(step: Step) -> set[str]:
    """The deadlines a step starts, anew or for the first time, under a condition or without."""
    return {*(start if isinstance(start, str) else start.deadline for start in step.starts), *step.restarts}


def _onto_main(far: dict[str, int], here: int) -> Lands:
    return lambda outcome: far.get(str(outcome.standing.state), FAR) < here


def _into_thread(incident: str, before: Standing, far: dict[str, int], vain: set[str]) -> Lands:
    """Whether some thread of the incident came nearer than those that may still get there were."""

    def nearest(standing: Standing) -> int:
        mine = {key: one for key, one in standing.threads.items() if one.incident == incident and not one.final}
        return min((far.get(one.state, FAR) for key, one in mine.items() if key not in vain), default=FAR)

    return lambda outcome: nearest(outcome.standing) < nearest(before)


def _failing(verdict: Verdict) -> set[str]:
    return {str(reason.condition) for reason in (*verdict.refusals, *verdict.irregular, *verdict.advice)}
