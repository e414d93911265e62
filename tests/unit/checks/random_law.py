"""Small definitions made by chance, free of faults of names, to compare what is proved of them with other accounts."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.unit.checks.small_law import FILE, REGISTERS, condition, deadline, label, procedure, state, step

ERRAND = "errand/2020-01-01.yaml"
ERRAND_TEXT = """workflow: errand
kind: incident
title: {zh: 差事, en: Errand}
basis: LAW 1
in_force: {from: 2020-01-01}
states:
  going: {label: {zh: 进行中, en: Going on}}
  done: {label: {zh: 已完成, en: Done}, final: true}
deadlines:
  errand_time: {label: {zh: 期限, en: Its time}, kind: right, length: 5 days, when_over: errand_lapsed, basis: LAW 1}
steps:
  - {event: errand_begun, label: {zh: 始, en: Go}, from: nothing, to: going, by: clerk, starts: errand_time, basis: LAW}
  - {event: errand_done, label: {zh: 成, en: Done}, from: going, to: done, by: clerk, stops: errand_time, basis: LAW 1}
  - {event: errand_lapsed, label: {zh: 过, en: Over}, from: going, to: done, by: clock, basis: LAW 1}
"""


@dataclass
class Draw:
    """One definition on its way, with the chance it is made by."""

    chance: random.Random
    places: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    deadlines: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    friends: bool = False
    errand: bool = False
    rest: bool = False

    def some(self, names: list[str], most: int) -> list[str]:
        """A few of these, in their order."""
        chosen = set(self.chance.sample(names, min(len(names), self.chance.randint(0, most))))
        return [name for name in names if name in chosen]

    def listed(self, names: list[str]) -> str:
        """The same as YAML; nothing for none."""
        return f"[{', '.join(names)}]" if names else ""

    def guard(self, depth: int = 2) -> str:
        """A word with its argument."""
        roll = self.chance.random()
        if depth and roll < 0.18:
            return f"not: {{{self.guard(depth - 1)}}}"
        if depth and roll < 0.5:
            inner = ", ".join(f"{{{self.guard(depth - 1)}}}" for _ in range(self.chance.randint(1, 3)))
            return f"{self.chance.choice(('all', 'any'))}: [{inner}]"
        return self.word()

    def word(self) -> str:
        """A word that joins no others."""
        words = [f"{self.chance.choice(('recorded', 'not_recorded'))}: {self.chance.choice(self.events)}"] * 3
        if self.deadlines:
            name = self.chance.choice(self.deadlines)
            words += [f"{word}: {name}" for word in ("over", "not_over", "started")]
        words += [f"fact_is: {{colour: {self.chance.choice(('red', 'green', '[red, green]'))}}}", "fact_known: colour"]
        words += [f"in_state: {self.chance.choice(self.places)}"]
        if self.friends:
            words += [
                "has_party: friend",
                f"for_each: {{role: friend, holds: {{recorded: {self.chance.choice(self.events)}}}}}",
            ]
        if self.errand:
            words += ["thread_open: errand"]
        words += [f"for_each: {{role: claimant, holds: {{recorded: {self.chance.choice(self.events)}}}}}"]
        return self.chance.choice(words)


COLOUR = (
    f"  colour: {{label: {label('colour')}, choice: "
    f"{{red: {label('red')}, green: {label('green')}, blue: {label('blue')}}}}}\n"
)
DAY = f"  known_on: {{label: {label('known_on')}, day: true}}\n"


def drawn(seed: int) -> dict[str, str]:
    """The texts of a folder, by name."""
    draw = Draw(random.Random(seed))
    chance = draw.chance
    draw.places = [f"s{i}" for i in range(chance.randint(1, 3))]
    draw.events = [f"e{i}" for i in range(chance.randint(2, 5))]
    draw.deadlines = [f"d{i}" for i in range(chance.randint(0, 2))]
    draw.conditions = [f"c{i}" for i in range(chance.randint(1, 4))]
    draw.friends, draw.errand, draw.rest = (chance.random() < 0.35 for _ in range(3))
    per_friend = {name: draw.friends and chance.random() < 0.3 for name in draw.deadlines}
    steps = [
        _opening(draw),
        *(_act(draw, event) for event in draw.events),
        *_lapses(draw, per_friend),
        *_others(draw, per_friend),
    ]
    text = procedure(
        parties=[
            f"  claimant: {{label: {label('claimant')}, at_least: 1}}\n",
            *([f"  friend: {{label: {label('friend')}}}\n"] if draw.friends else []),
        ],
        facts=[COLOUR, DAY, f"  longer: {{label: {label('longer')}, length: true}}\n"],
        conditions=[condition(name, draw.guard()) for name in draw.conditions],
        states=[*(state(name) for name in draw.places), state("ended", final=True), state("broken_off", final=True)],
        deadlines=[_deadline(draw, name, per_friend=per_friend[name]) for name in draw.deadlines],
        incidents=[_errand(draw)] if draw.errand else [],
        steps=steps,
        always=[_line(draw) for _ in range(chance.randint(1, 3))],
    )
    return {**REGISTERS, FILE: text} | ({ERRAND: ERRAND_TEXT} if draw.errand else {})


def _others(draw: Draw, per_friend: dict[str, bool]) -> list[str]:
    """Steps of which a definition has at most one: what an incident records, an extension, who joins, a rest."""
    chance, found = draw.chance, []
    places = draw.listed(draw.some(draw.places, 2) or draw.places)
    if draw.errand:
        by = chance.choice(("link", "[clerk, link]"))
        requires = draw.listed(draw.some(draw.conditions, 1)) if by != "link" else ""
        found.append(step("told", places, chance.choice([*draw.places, ""]), by=by, requires=requires))
    if shared := [name for name in draw.deadlines if not per_friend[name]]:
        extends = f"{{deadline: {chance.choice(shared)}, with: longer}}"
        found.append(step("extended", places, records="[longer]", extends=extends))
    if draw.friends:
        found.append(step("joined", places, joins="[friend]"))
    if draw.rest:
        found.append(step("rested", places, begins="[rest]"))
        found.append(step("resumed", draw.listed(draw.places), by=chance.choice(("clerk", "claimant")), ends="[rest]"))
    return found


def _opening(draw: Draw) -> str:
    starts = draw.listed(draw.some(draw.deadlines, 2))
    more = {"records": draw.chance.choice(("[known_on]", "[known_on, colour]"))}
    joins = "[claimant, friend]" if draw.friends else "[claimant]"
    return step("begun", "nothing", draw.places[0], by="clerk", joins=joins, starts=starts, **more)


def _act(draw: Draw, event: str) -> str:
    chance = draw.chance
    source = draw.listed(draw.some(draw.places, 2) or [chance.choice(draw.places)])
    target = chance.choice([*draw.places, "ended", "broken_off", "", ""])
    if chance.random() < 0.15:
        target = "{if: " + chance.choice(draw.conditions) + ", then: ended, otherwise: " + draw.places[0] + "}"
    more = {
        "requires": draw.listed(draw.some(draw.conditions, 2)),
        "stops": draw.listed(draw.some(draw.deadlines, 1)),
        "starts": draw.listed([_start(draw, name) for name in draw.some(draw.deadlines, 1)]),
        "records": chance.choice(("", "", "[colour]")),
    }
    if draw.deadlines and chance.random() < 0.2:
        more["restarts"] = chance.choice(draw.deadlines)
    if not more["records"] and chance.random() < 0.3:
        more["may_record"] = "[colour]"
    return step(event, source, target, by=chance.choice(("clerk", "clerk", "claimant", "tribunal")), **more)


def _start(draw: Draw, name: str) -> str:
    if draw.chance.random() < 0.4:
        return f"{{deadline: {name}, if: {draw.chance.choice(draw.conditions)}}}"
    return name


def _deadline(draw: Draw, name: str, *, per_friend: bool) -> str:
    more = {
        "length": draw.chance.choice(("2 days", "4 days", "7 days")),
        "counted_from": draw.chance.choice(("", "", "known_on")),
        "excludes": "[rest]" if draw.rest and draw.chance.random() < 0.5 else "",
        "per": "friend" if per_friend else "",
    }
    return deadline(name, when_over=f"{name}_lapsed", extend="[{by: clerk, at_most: unlimited}]", **more)


def _lapses(draw: Draw, per_friend: dict[str, bool]) -> list[str]:
    found = []
    for name in draw.deadlines:
        everywhere = draw.chance.random() < 0.85
        source = draw.listed(draw.places if everywhere else draw.places[:1])
        target = draw.chance.choice([*draw.places, "ended", "", "", ""])
        starts = draw.listed([_start(draw, one) for one in draw.some(draw.deadlines, 1)])
        per = "friend" if per_friend[name] else ""
        found.append(step(f"{name}_lapsed", source, target, by="clock", starts=starts, per=per))
    return found


def _errand(draw: Draw) -> str:
    when = draw.chance.choice(("errand_done", "errand_lapsed"))
    places = draw.listed(draw.some(draw.places, 2) or draw.places[:1])
    return f"  - {{opens: errand, while: {places}, outcomes: [{{when: {when}, records: told}}], basis: LAW 1}}\n"


def _line(draw: Draw) -> str:
    chance = draw.chance
    events = [
        *draw.events,
        *(f"{name}_lapsed" for name in draw.deadlines),
        *(["told", "errand_done"] if draw.errand else []),
    ]
    names = [*events, *draw.places, "ended"]
    (one, two), three = chance.sample(names, 2), chance.choice(names)
    return chance.choice(
        (
            f"{{before: {one}, one_of: [{two}]}}",
            f"{{before: {one}, one_of: [{two}, {three}]}}",
            f"{{after: {one}, follows: [{two}]}}",
            f"{{never: {one}, until: {{{draw.guard()}}}}}",
            f"{{never: {one}, until: {{{draw.guard()}}}}}",
            f"{{never_both: [{one}, {two}]}}",
        )
    )
