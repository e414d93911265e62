"""Runs a scenario of today under the definitions of an earlier commit, as far as these can carry it.

`tools/failed-before` sets `FAILED_BEFORE` when it runs the tests of today on an earlier tree. There a scenario that
bears a finding must fail at the act that its sentence is about, which `shown_by` names; a failure elsewhere alone is an
error and no proof. So that the run gets as far, an act on the way is told as the earlier law can take it: a fact that
this law does not know is left away, one that it still asks for is given the first value allowed, an act for which it
has no step is passed over, and what it marks is recorded all the same. Each such change stands in the message.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import Any

from adjudicate.definition.catalogue import Catalogue
from adjudicate.errors import AdjudicateError, StepRefused
from tests.workflows.runner import Case, Running, ScenarioError
from tests.workflows.script import Event, Scenario

EARLIER = "FAILED_BEFORE"
NO_SUCH_ACT = {"unknown-event", "unknown-thread"}
FACTS, NOT_ACCEPTED = "facts-invalid", "irregular-not-accepted"
NOT_KNOWN = re.compile(r"this step records no fact|records no such fact")
ASKED_FOR = "is missing"
ANSWERS = re.compile(r"must answer each of: ([a-z_]+(?:, [a-z_]+)*)$")
ROUNDS = 12
# What a fact is called today that an earlier law asks for under another name.
NEW_NAMES = {"signed_by": "panel_on_ruling"}


class BesideThePoint(Exception):
    """A scenario failed under the earlier law, but not at the act that its sentence is about."""


class _Refused(Exception):
    """A refusal on the way, which may be for the form of the act alone."""

    def __init__(self, refusal: StepRefused) -> None:
        super().__init__("; ".join(f"{one.condition or one.code}: {one.en}" for one in refusal.reasons) or refusal.en)
        self.codes = {refusal.code, *(one.code for one in refusal.reasons)}
        self.of_fact = {str(one.condition): one.en for one in refusal.reasons if FACTS in self.codes and one.condition}


@dataclass(frozen=True)
class _Difference:
    """What is otherwise under the earlier law, at which act; `fact` is one that this law does not know."""

    event: Event
    text: str
    fact: str = ""

    def shows(self, wanted: tuple[str, ...]) -> bool:
        """Whether it is at one of the acts, `event` or `event.fact`, that the sentence is about."""
        name = str(self.event.data.get("event") or next(iter(self.event.data)))
        return (f"{name}.{self.fact}" if self.fact else name) in wanted

    def told(self) -> str:
        """For a reader of the report."""
        what = self.event.data.get("event") or next(iter(self.event.data))
        return f"event {self.event.number} ({what}): {self.text}"


class _OnEarlierLaw(Running):
    """A scenario under an earlier law, run to its end or to the first act that cannot be recorded."""

    def __init__(self, scenario: Scenario, catalogue: Catalogue) -> None:
        super().__init__(scenario, catalogue)
        self.differences: list[_Difference] = []
        self._event = scenario.events[0]

    def run(self) -> Case:
        """Every event in order. Raises ScenarioError with the differences at the point, else BesideThePoint."""
        for event in self.scenario.events:
            self._event = event
            try:
                self._step(event)
            except _Refused as refused:
                self._differs(f"was refused: {refused}")
                break
            except (ScenarioError, AdjudicateError, KeyError, AssertionError, TypeError) as broken:
                self._differs(str(broken).replace("\n    ", " "))
                if self.case.standing is None:
                    break
        return self._verdict()

    def _verdict(self) -> Case:
        where = f"{self.scenario.file}:{self.scenario.line}"
        at = [one.told() for one in self.differences if one.shows(self.scenario.shown_by)]
        beside = [one.told() for one in self.differences if not one.shows(self.scenario.shown_by)]
        on_the_way = f" [on the way: {'; '.join(beside)}]" if beside else ""
        if at:
            raise ScenarioError(f"{'; '.join(at)} ({where}){on_the_way}")
        if beside:
            raise BesideThePoint(f"nothing differs at {', '.join(self.scenario.shown_by)} ({where}){on_the_way}")
        return self.case

    def _differs(self, text: str, fact: str = "") -> None:
        self.differences.append(_Difference(self._event, text, fact))

    def _compare(self, what: str, wanted: list[str], found: list[str | None]) -> None:
        try:
            super()._compare(what, wanted, found)
        except ScenarioError as differing:
            self._differs(str(differing))

    def _refused(self, data: dict[str, Any], refusal: StepRefused) -> None:
        told = _Refused(refusal)
        if "refused" not in data or told.of_fact or told.codes & NO_SUCH_ACT:
            raise told
        super()._refused(data, refusal)

    def _step(self, event: Event) -> None:
        try:
            super()._step(event)
        except _PassedOver:
            self.case.settle()

    def _command(self, event: Event) -> None:
        data, before = {**event.data}, self._as_it_is()
        for _ in range(ROUNDS):
            try:
                return super()._command(Event(event.number, event.line, data))
            except _Refused as refused:
                data = self._as_known(data, refused)
            except ScenarioError:
                self.case = before  # an act that ought to have been refused is taken back, so that the rest can follow
                raise
        raise ScenarioError("what it tells cannot be brought into the form of the earlier law")

    def _as_it_is(self) -> Case:
        case = self.case
        lists = {name: list(getattr(case, name)) for name in ("entries", "documents", "numbers", "outcomes")}
        return replace(case, standing=None if case.standing is None else case.standing.copy(), **lists)

    def _as_known(self, data: dict[str, Any], refused: _Refused) -> dict[str, Any]:
        """The act as the earlier law may take it. Raises the refusal where it is about something else."""
        if refused.codes & NO_SUCH_ACT and self.case.standing is not None:
            self._differs("has no step, and is passed over")
            raise _PassedOver
        if NOT_ACCEPTED in refused.codes and not data.get("accept_irregular"):
            self._differs(f"was marked: {refused}")
            return {**data, "accept_irregular": True, "reason": data.get("reason") or "确已发生"}
        facts = dict(data.get("facts") or {})
        for name, why in sorted(refused.of_fact.items()):
            self._fit(facts, name, why, data)
        if facts == (data.get("facts") or {}):
            raise refused
        return {**data, "facts": facts}

    def _fit(self, facts: dict[str, Any], name: str, why: str, data: dict[str, Any]) -> None:
        if name in facts and NOT_KNOWN.search(why):
            del facts[name]
            self._differs(f"{name} is not known, and left away", name)
        elif name in facts and _by_party(facts[name]):
            facts[name] = next(iter(facts[name].values()))
            self._differs(f"{name} is told once for all", name)
        elif name in facts and (match := ANSWERS.search(why)):
            facts[name] = {one: facts[name].get(one, {"finding": "not_applicable"}) for one in match[1].split(", ")}
            self._differs(f"{name} has other points", name)
        elif name not in facts and why.endswith(ASKED_FOR):
            told = (self._event.data.get("facts") or {}).get(NEW_NAMES.get(name, ""))
            facts[name] = told or self._first_value(name, data)
            self._differs(f"{name} is asked for, and given", name)

    def _first_value(self, name: str, data: dict[str, Any]) -> Any:
        """The first value that the earlier definition allows for a fact: a regular one, as options are ordered."""
        day = data["effective_on"] if self.case.standing is None else self.case.standing.law_day
        rulebook = self.case.legal.laws.at(day)
        books = [rulebook.main, *(one.compiled for one in rulebook.incidents.values())]
        spec = next((book.workflow.facts[name] for book in books if name in book.workflow.facts), None)
        if spec is not None and spec.choice is not None:
            return next(iter(spec.choice))
        if spec is not None and spec.flag is not None:
            return True
        if spec is not None and spec.day is not None:
            return data["effective_on"].isoformat()
        raise ScenarioError(f"the earlier law asks for '{name}', for which no value is at hand")


class _PassedOver(Exception):
    """An act for which the earlier law has no step; what it was expected to bring about is not looked at."""


def _by_party(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(re.fullmatch(r"[a-z]+\d+", str(key)) for key in value)


def earlier_law() -> bool:
    """Whether `tools/failed-before` runs the tests on an earlier tree."""
    return bool(os.environ.get(EARLIER))


def run_on_earlier_law(scenario: Scenario, catalogue: Catalogue) -> Case:
    """Run a scenario of today under an earlier law. Raises ScenarioError, a proof, or BesideThePoint, which is none."""
    if scenario.fault:
        raise ScenarioError(scenario.fault)
    try:
        running = _OnEarlierLaw(scenario, catalogue)
    except (AdjudicateError, KeyError) as error:
        raise ScenarioError(f"there is no procedure '{scenario.workflow}': {error}") from error
    return running.run()
