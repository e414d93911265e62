"""Small definitions put together by chance, sound and unsound parts alike; nothing here judges them."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import yaml

from adjudicate.guards.compiling import WORDS

FIRST_DAY = date(2000, 1, 1)
LABEL = {"zh": "测", "en": "Test"}
LAWFUL = {"label": LABEL, "basis": "LAW 1"}
ROLES = ["claimant", "opponent", "party"]
LENGTHS = ["5 working_days", "15 days", "1 month", "24 hours", "2 years"]
REGISTERS = {
    "instruments.yaml": "LAW: {title: {zh: 法, en: Law}, authority: X, in_force: {from: 1990-01-01}, days: explicit}\n",
    "roles.yaml": "\n".join(
        f"{name}: {{label: {{zh: 测, en: Test}}, kind: {kind}{more}}}"
        for name, kind, more in (
            ("clerk", "office", ", records_for: [claimant, opponent, court], may_override: true, may_rectify: true"),
            ("claimant", "party", ""),
            ("opponent", "party", ""),
            ("court", "outside", ""),
            ("clock", "automatic", ""),
            ("link", "automatic", ""),
        )
    ),
    "documents/index.yaml": "paper: {label: {zh: 书, en: Paper}, basis: LAW 1}\n",
}
KINDS: dict[str, dict[str, Any]] = {
    "day": {"day": True},
    "day_too": {"day": True},
    "ahead": {"day": True, "may_be_future": True},
    "choice": {"choice": {"one": LABEL, "two": LABEL}},
    "choice_too": {"choice": {"one": LABEL, "two": LABEL, "three": LABEL}},
    "text": {"text": True},
    "number": {"number": True},
    "amount": {"amount": True},
    "amount_too": {"amount": True},
    "flag": {"flag": True},
    "actors": {"list": "actor"},
    "actors_too": {"list": "actor"},
    "parties_there": {"list": "party"},
    "papers": {"list": "document"},
    "length": {"length": True},
    "length_too": {"length": True},
    "document": {"document": True},
    "actor": {"actor": True},
    "checklist": {"checklist": {"item": LABEL}},
    "several": {"several": {"one": LABEL, "two": LABEL}},
}
VALUES: list[Any] = ["one", "two", "three", True, False, 3, "3", ["one", "two"], [1, 2], "2020-01-01", [True]]


class _Dumper(yaml.SafeDumper):
    """Writes no anchors, as nobody does who types a definition."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


class RandomLaw:
    """One procedure with one incident; `data` are the two files as plain data."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.facts = self._facts("", per=0.3)
        self.own = self._facts("own_", per=0.05)
        self.events = [f"event_{i}" for i in range(6)]
        self.own_events = ["side_opened", "side_moved", "side_over"]
        self.states = ["first", "second", "last"]
        self.deadlines = ["time_a", "time_b", "time_c"]
        self.conditions = [f"condition_{i}" for i in range(6)]
        self.data = {"matter/2000-01-01.yaml": self._matter(), "side/2000-01-01.yaml": self._side()}

    def texts(self) -> dict[str, str]:
        """The files as they would lie in a folder."""
        written = {
            path: yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**6)
            for path, data in self.data.items()
        }
        return {**REGISTERS, **written}

    def some(self, names: list[str], most: int) -> list[str]:
        return self.rng.sample(names, self.rng.randint(0, min(most, len(names))))

    def maybe(self, chance: float) -> bool:
        return self.rng.random() < chance

    def _facts(self, prefix: str, *, per: float) -> dict[str, Any]:
        found = {}
        for name, kind in KINDS.items():
            rule = {"label": LABEL, **kind}
            if self.maybe(per):
                rule["per"] = self.rng.choice(ROLES)
            if self.maybe(0.05):
                rule["particulars"] = True
            found[prefix + name] = rule
        return found

    def fact(self, facts: list[str], *kinds: str) -> str:
        """A fact, mostly one of these kinds (by the beginning of its name), and any other now and then."""
        fitting = [name for name in facts if name.removeprefix("own_").startswith(kinds)]
        return self.rng.choice(fitting if fitting and self.maybe(0.9) else facts)

    def value(self, fact: str) -> Any:
        """A value of a fact, mostly one that it may have."""
        fitting = {"choice": ["one", "two"], "flag": [True, False], "number": [1, 3]}
        kind = next((kind for kind in fitting if fact.removeprefix("own_").startswith(kind)), None)
        return self.rng.choice(fitting[kind] if kind and self.maybe(0.9) else VALUES)

    def guard(self, facts: list[str], events: list[str], depth: int = 2) -> Any:
        """A condition of any word over any fact, whatever its kind."""
        rng = self.rng
        word = rng.choice([w for w in WORDS if depth or w not in ("all", "any", "not", "for_each")])
        decisive, counted = self.fact(facts, "choice", "flag", "number"), self.fact(facts, "number", "actors", "papers")
        days = [self.fact(facts, "day", "ahead") for _ in range(2)]
        argument: Any = {
            "fact_is": {decisive: self.value(decisive)},
            "fact_known": rng.choice([rng.choice(facts), days]),
            "count_of": {counted: rng.choice([{"at_least": 1}, {"odd": True, "at_most": 5}, {"even": True}])},
            "not_after": days,
            "same_people": [self.fact(facts, "actors", "parties") for _ in range(2)],
            "no_twin": [self.fact(facts, "choice", "document", "text")],
            "in_reach": {"deadline": rng.choice(self.deadlines), "extensions": rng.randint(0, 2)},
            "thread_open": rng.choice(["side", {"incident": "side", "state": "side_on"}]),
            "in_state": self.some(self.states, 2) or "first",
            "in_time": {"from": FIRST_DAY},
            "has_party": rng.choice(ROLES),
        }.get(word)
        if word in ("recorded", "not_recorded"):
            argument = rng.choice(events)
        elif word in ("over", "not_over", "started"):
            argument = rng.choice(self.deadlines)
        elif word in ("all", "any"):
            argument = [self.guard(facts, events, depth - 1) for _ in range(2)]
        elif word == "not":
            argument = self.guard(facts, events, depth - 1)
        elif word == "for_each":
            argument = {"role": rng.choice(ROLES), "holds": self.guard(facts, events, depth - 1)}
        return {word: argument}

    def _conditions(self, facts: list[str], events: list[str]) -> dict[str, Any]:
        return {name: {**LAWFUL, **self.guard(facts, events)} for name in self.conditions}

    def _deadline(self, facts: list[str], events: list[str]) -> dict[str, Any]:
        rng = self.rng
        rule: dict[str, Any] = {**LAWFUL, "kind": rng.choice(["duty", "right", "wait"])}
        measure = rng.randrange(4)
        if measure == 0:
            rule["length"] = rng.choice(LENGTHS)
        elif measure == 1:
            rule["choose"] = {
                self.fact(facts, "choice"): {
                    v: rng.choice(LENGTHS) for v in ("one", "two", "three")[: rng.choice([2, 3])]
                }
            }
        elif measure == 2:
            rule["fixed_by"] = self.fact(facts, "length")
        else:
            both = [{"length": rng.choice(LENGTHS), "counted_from": self.fact(facts, "day")} for _ in range(2)]
            rule[rng.choice(["earliest", "latest"])] = both
        if measure != 3 and self.maybe(0.6):
            rule["counted_from"] = self.fact(facts, "day")
        whose = [self.facts[name]["per"] for name in _strings(rule) if "per" in self.facts.get(name, {})]
        if whose and self.maybe(0.95):
            rule["per"] = whose[0]
        elif self.maybe(0.2):
            rule["per"] = rng.choice(ROLES)
        if self.maybe(0.4):
            lapses = [event for event in events if event in ("event_5", "side_moved")]
            rule["when_over"] = rng.choice(lapses if lapses and self.maybe(0.9) else events)
        if self.maybe(0.4):
            rule["extend"] = [{"by": "clerk", "at_most": rng.choice([*LENGTHS, "unlimited"])}]
        if self.maybe(0.3):
            rule["excludes"] = ["pause"]
        if self.maybe(0.2):
            rule["counted_back"] = True
        return rule

    def _step(self, event: str, facts: list[str], states: list[str]) -> dict[str, Any]:
        rng = self.rng
        step: dict[str, Any] = {"event": event, **LAWFUL, "from": self.some(states[:-1], 2) or [states[0]]}
        step["by"] = [rng.choice(["clerk", "clerk", "claimant", "opponent", "court", "clock", "link"])]
        if self.maybe(0.5):
            step["to"] = rng.choice(
                [
                    rng.choice(states),
                    {"choose": {self.fact(facts, "choice"): {"one": states[0], "two": states[1]}}},
                    {"if": rng.choice(self.conditions), "then": states[0], "otherwise": states[-1]},
                ]
            )
        for key, most in (("records", 5 if event.startswith("side") else 3), ("may_record", 2)):
            step[key] = self.some(facts, most)
        for key in ("requires", "expects", "advises"):
            step[key] = self.some(self.conditions, 1)
        step["starts"] = self.some(self.deadlines, 2)
        if self.maybe(0.3):
            step["starts"] = [{"deadline": rng.choice(self.deadlines), "if": rng.choice(self.conditions)}]
        step["stops"] = self.some(self.deadlines, 1)
        step["restarts"] = self.some(self.deadlines, 1) if self.maybe(0.2) else []
        if self.maybe(0.3):
            step["extends"] = {"deadline": rng.choice(self.deadlines), "with": self.fact(facts, "length")}
            step["records"] = list(dict.fromkeys([*step["records"], step["extends"]["with"]]))
        chances = (
            ("per", 0.35, rng.choice(ROLES)),
            ("joins", 0.15, [rng.choice(ROLES[:2])]),
            ("leaves", 0.15, True),
            ("begins", 0.15, ["pause"]),
            ("ends", 0.15, ["pause"]),
            ("issues", 0.2, ["paper"]),
            ("numbers", 0.1, "main"),
            ("voids_number", 0.05, "main"),
        )
        step.update({key: value for key, chance, value in chances if self.maybe(chance)})
        if event in ("event_4", "event_5") and self.maybe(0.95):
            step["by"] = ["link" if event == "event_4" else "clock"]
            kinds = ("",) if event == "event_4" else ("day",)
            step["records"] = list(dict.fromkeys(self.fact(facts, *kinds) for _ in range(2)))
            step = {key: value for key, value in step.items() if key not in ("joins", "extends", "may_record")}
        whose = [self.facts[name]["per"] for name in _strings(step) if "per" in self.facts.get(name, {})]
        if whose and facts[0] in self.facts and self.maybe(0.9):
            step["per"] = whose[0]
        return step

    def _matter(self) -> dict[str, Any]:
        rng, facts = self.rng, list(self.facts)
        events = [*self.events, *self.own_events]
        opening = {
            "event": "opened", **LAWFUL, "from": "nothing", "to": "first", "by": ["claimant"], "joins": ROLES[:2],
            "records": [name for name in self.some(facts, 3) if "per" not in self.facts[name]],
        }  # fmt: skip
        steps = [opening, *(self._step(event, facts, self.states) for event in self.events)]
        outcomes = []
        for when in self.own_events[1:]:
            records = "event_4" if self.maybe(0.9) else rng.choice(self.events)
            (step,) = (step for step in steps if step["event"] == records)
            asked = self.fact(list(self.own), "choice", "flag", "number")
            carries = {
                name: f"own_{name}" if self.maybe(0.9) else rng.choice(list(self.own)) for name in step["records"]
            }
            given = {asked: self.value(asked)} if self.maybe(0.4) else {}
            outcomes.append({"when": when, "given": given, "records": records, "carries": carries})
        use: dict[str, Any] = {
            "opens": "side", "while": ["first", "second"], "at_once": rng.choice([1, 2, "unlimited"]),
            "requires": self.some(self.conditions, 1), "outcomes": outcomes, "basis": "LAW 1",
        }  # fmt: skip
        if self.maybe(0.6):
            use["per"] = rng.choice(ROLES)
        return {
            "workflow": "matter",
            "title": LABEL,
            "basis": "LAW 1",
            "in_force": {"from": FIRST_DAY},
            "governs": [self.fact(facts, "day")] if self.maybe(0.5) else [],
            "parties": {"claimant": {"label": LABEL, "at_least": 1}, "opponent": {"label": LABEL}},
            "facts": self.facts,
            "conditions": self._conditions(facts, events),
            "states": {"first": {"label": LABEL}, "second": {"label": LABEL}, "last": {"label": LABEL, "final": True}},
            "dockets": {"main": {"label": LABEL, "format": "{number}"}},
            "deadlines": {name: self._deadline(facts, self.events) for name in self.deadlines},
            "incidents": [use],
            "steps": steps,
            "indexes": {"hearing": {"day": self.fact(facts, "day"), "attended": self.fact(facts, "parties")}}
            if self.maybe(0.3)
            else {},
        }

    def _side(self) -> dict[str, Any]:
        rng, own = self.rng, list(self.own)
        read = self.some(list(self.facts), 3)
        reads = {name: {k: v for k, v in self.facts[name].items() if k != "particulars"} for name in read}
        seen = [*own, *read]
        states = ["side_on", "side_off", "side_end"]
        steps = [
            {**self._step("side_opened", own, states), "from": "nothing", "to": "side_on", "by": ["clerk"]},
            self._step("side_moved", own, states),
            {
                **self._step("side_over", own, states),
                "from": ["side_on", "side_off"],
                "to": "side_end",
                "by": ["clerk"],
            },
        ]
        return {
            "workflow": "side",
            "kind": "incident",
            "title": LABEL,
            "basis": "LAW 1",
            "in_force": {"from": FIRST_DAY},
            "reads": reads,
            "facts": self.own,
            "conditions": self._conditions(seen, self.own_events),
            "states": {name: {"label": LABEL, **({"final": True} if name == "side_end" else {})} for name in states},
            "deadlines": {name: self._deadline(seen, self.own_events) for name in self.deadlines},
            "steps": steps if rng else [],
        }


def _strings(value: Any) -> list[str]:
    """Every string in a part of a definition: names of facts are among them."""
    if isinstance(value, dict):
        return [one for key, inner in value.items() for one in (key, *_strings(inner)) if isinstance(one, str)]
    if isinstance(value, list):
        return [one for inner in value for one in _strings(inner)]
    return [value] if isinstance(value, str) else []
