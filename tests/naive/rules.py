"""The law as plain dictionaries straight from YAML, for the naive interpreter; no model, no check, no compiling."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tests.naive.inheriting import Raw, read, whole, written


def many(value: Any) -> list[Any]:
    """What may be written as one word or as a list, as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def on_day(values: Any, day: date) -> Any:
    """A value, or of dated ones the last that has begun; None where none has."""
    if not isinstance(values, dict):
        return values
    begun = [first for first in values if first <= day]
    return values[max(begun)] if begun else None


def without_labels(condition: Raw) -> Raw:
    """A condition's one word and its argument."""
    labels = ("label", "basis", "weight", "ruling_needed", "note")
    return {word: said for word, said in condition.items() if word not in labels}


@dataclass(frozen=True)
class Book:
    """One version of a procedure and the incidents of its day."""

    day: date
    main: Raw
    uses: dict[str, Raw]
    incidents: dict[str, Raw]
    homes: dict[str, tuple[bool, str | None]] = field(default_factory=dict)
    own_triggers: dict[str, bool] = field(default_factory=dict)

    def own_trigger(self, name: str) -> bool:
        """Whether each party's own day or own act starts the deadline."""
        if name not in self.own_triggers:
            rule = self.main["deadlines"][name]
            own_day = self.main["facts"].get(rule.get("counted_from"), {}).get("per")
            own_step = any(
                step.get("per")
                and name in [s["deadline"] if isinstance(s, dict) else s for s in many(step.get("starts"))]
                for step in self.main["steps"]
            )
            self.own_triggers[name] = bool(own_day or own_step)
        return self.own_triggers[name]

    def compiled(self, incident: str | None) -> Raw:
        return self.main if incident is None else self.incidents[incident]

    def home(self, event: str) -> tuple[bool, str | None]:
        """Whether anybody knows the event, and which incident it belongs to."""
        if event not in self.homes:
            self.homes[event] = self._home(event)
        return self.homes[event]

    def _home(self, event: str) -> tuple[bool, str | None]:
        if any(step["event"] == event for step in self.main["steps"]):
            return True, None
        for key, incident in self.incidents.items():
            if any(step["event"] == event for step in incident["steps"]):
                return True, key
        return False, None

    def concerns_a_party(self, event: str) -> bool:
        """Whether the event happens to one party and not to the case: the step is per party, or its thread is."""
        _, incident = self.home(event)
        steps = [step for step in self.compiled(incident)["steps"] if step["event"] == event]
        return any(step.get("per") for step in steps) or bool(incident and self.uses[incident].get("per"))


_FOUND: dict[tuple[int, str, str], tuple[Raw, Raw | None]] = {}


def step_for(compiled: Raw, event: str, state: str) -> Raw | None:
    """The step an event takes from a state; looked up once, since this is asked a million times in a soak."""
    key = (id(compiled), event, state)
    if key not in _FOUND:
        _FOUND[key] = (compiled, _step_for(compiled, event, state))
    return _FOUND[key][1]


def _step_for(compiled: Raw, event: str, state: str) -> Raw | None:
    for step in compiled["steps"]:
        sources = many(step["from"])
        if sources == ["any"]:
            sources = [name for name, one in compiled["states"].items() if not one.get("final")]
        if step["event"] == event and state in sources:
            return step
    return None


class Rules:
    """Every version of a procedure, out of a folder of YAML."""

    def __init__(self, folder: Path, key: str) -> None:
        self.key = key
        self.roles: Raw = read(folder / "roles.yaml")
        self.files: dict[str, dict[date, Raw]] = {}
        for key, by_day in written(folder).items():
            self.files[key] = {date.fromisoformat(day): whole(folder, key, day) for day in by_day}
        self._books: dict[date, Book] = {}

    def _first_day(self, key: str, day: date) -> date | None:
        begun = [first for first in self.files.get(key, {}) if first <= day]
        if not begun:
            return None
        until = self.files[key][max(begun)]["in_force"].get("until")
        return None if until is not None and day >= until else max(begun)

    def select(self, day: date) -> Book | None:
        """The version in force on a day."""
        first = self._first_day(self.key, day)
        return None if first is None else self.at(first)

    def at(self, first: date) -> Book:
        """The version of that first day."""
        if first not in self._books:
            main = self.files[self.key][first]
            uses = {use["opens"]: use for use in many(main.get("incidents"))}
            incidents = {}
            for key in uses:
                day = self._first_day(key, first)
                assert day is not None
                incidents[key] = self.files[key][day]
            self._books[first] = Book(first, main, uses, incidents)
        return self._books[first]
