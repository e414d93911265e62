"""The ways in which a shipped definition is broken, one change at a time; nothing here judges the result."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Raw = dict[str, Any]


@dataclass(frozen=True)
class Mutant:
    """One broken definition: which operator, in which file, what is changed and how; `place` is the step, or -1.

    It is broken only when `data` is asked for: thousands of whole definitions would fill the memory.
    """

    operator: str
    file: str
    what: str
    place: int
    sound: Raw = field(repr=False, compare=False)

    @property
    def data(self) -> Raw:
        """The definition as changed, a copy of its own."""
        changes = OPERATORS[self.operator](self.sound)
        change = next(change for what, change, place in changes if (what, place) == (self.what, self.place))
        broken = copy.deepcopy(self.sound)
        change(broken)
        return broken

    @property
    def name(self) -> str:
        """What names it among the survivors, whatever else changes in its file."""
        return f"{self.operator}: {self.file}: {self.what}"


Change = tuple[str, Callable[[Raw], None], int]


def _pick(options: list[str], *words: str) -> str:
    """One of them, settled by the words alone, so that a change elsewhere in the law leaves this mutant what it was."""
    return min(options, key=lambda one: hashlib.sha256("|".join((*words, one)).encode()).hexdigest())


def _many(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _named(data: Raw, place: int) -> str:
    step = data["steps"][place]
    return f"{step['event']} from {'/'.join(_many(step['from']))}"


def _without(step: Raw, key: str, index: int) -> None:
    step[key] = [one for i, one in enumerate(_many(step[key])) if i != index]
    if not step[key]:
        del step[key]


def _drop_step(data: Raw) -> Iterator[Change]:
    for place in range(len(data["steps"])):
        yield _named(data, place), lambda d, p=place: d["steps"].pop(p), place  # type: ignore[misc]


def _drop_from(key: str) -> Callable[[Raw], Iterator[Change]]:
    def drop(data: Raw) -> Iterator[Change]:
        for place, step in enumerate(data["steps"]):
            for i, one in enumerate(_many(step.get(key))):
                name = one["deadline"] if isinstance(one, dict) else one
                yield (
                    f"{name} of {_named(data, place)}",
                    lambda d, p=place, n=i: _without(d["steps"][p], key, n),  # type: ignore[misc]
                    place,
                )

    return drop


def _drop_when_over(data: Raw) -> Iterator[Change]:
    for name, rule in (data.get("deadlines") or {}).items():
        if rule.get("when_over"):
            yield f"of {name}", lambda d, n=name: d["deadlines"][n].pop("when_over"), -1  # type: ignore[misc]


def _drop_always(data: Raw) -> Iterator[Change]:
    for i, line in enumerate(_many(data.get("always"))):
        said = {key: value for key, value in line.items() if key not in ("basis", "label")}
        yield f"{said}", lambda d, n=i: d["always"].pop(n), -1  # type: ignore[misc]


def _drop_per(data: Raw) -> Iterator[Change]:
    for name, rule in (data.get("deadlines") or {}).items():
        if rule.get("per"):
            yield f"of deadline {name}", lambda d, n=name: d["deadlines"][n].pop("per"), -1  # type: ignore[misc]
    for name, rule in (data.get("facts") or {}).items():
        if rule.get("per"):
            yield f"of fact {name}", lambda d, n=name: d["facts"][n].pop("per"), -1  # type: ignore[misc]
    for place, step in enumerate(data["steps"]):
        if step.get("per"):
            yield f"of {_named(data, place)}", lambda d, p=place: d["steps"][p].pop("per"), place  # type: ignore[misc]
    for i, use in enumerate(_many(data.get("incidents"))):
        if use.get("per"):
            yield f"of incident {use['opens']}", lambda d, n=i: d["incidents"][n].pop("per"), -1  # type: ignore[misc]


def _drop_excludes(data: Raw) -> Iterator[Change]:
    for name, rule in (data.get("deadlines") or {}).items():
        for i, kind in enumerate(_many(rule.get("excludes"))):
            yield f"{kind} of {name}", lambda d, n=name, j=i: _without(d["deadlines"][n], "excludes", j), -1  # type: ignore[misc]


def _retarget(data: Raw) -> Iterator[Change]:
    states = list(data["states"])
    for place, step in enumerate(data["steps"]):
        to = step.get("to")
        if isinstance(to, str):
            other = _pick([one for one in states if one != to], _named(data, place))
            what = f"{_named(data, place)}: {to} → {other}"
            yield what, lambda d, p=place, o=other: d["steps"][p].update(to=o), place  # type: ignore[misc]
        elif isinstance(to, dict) and "choose" in to:
            ((fact, options),) = to["choose"].items()
            value = _pick(list(options), _named(data, place))
            other = _pick([one for one in states if one != options[value]], _named(data, place))
            what = f"{_named(data, place)}, {fact} {value}: {options[value]} → {other}"

            def choose(d: Raw, p: int = place, f: str = fact, v: str = value, o: str = other) -> None:
                d["steps"][p]["to"]["choose"][f][v] = o

            yield what, choose, place
        elif isinstance(to, dict):
            other = _pick([one for one in states if one != to["then"]], _named(data, place))
            what = f"{_named(data, place)}, then: {to['then']} → {other}"
            yield what, lambda d, p=place, o=other: d["steps"][p]["to"].update(then=o), place  # type: ignore[misc]


ROLES = ("case_officer", "panel", "head", "upper_office", "requester", "respondent", "court", "clock")


def _swap_role(data: Raw) -> Iterator[Change]:
    for place, step in enumerate(data["steps"]):
        by = _many(step["by"])
        i = by.index(_pick(by, _named(data, place)))
        other = _pick([one for one in ROLES if one not in by], _named(data, place))

        def swap(d: Raw, p: int = place, n: int = i, o: str = other) -> None:
            roles = _many(d["steps"][p]["by"])
            d["steps"][p]["by"] = [o if j == n else one for j, one in enumerate(roles)]

        yield f"{_named(data, place)}: {by[i]} → {other}", swap, place


def _lengths(rule: Raw) -> Iterator[tuple[str, Any, Any]]:
    """Where a deadline says how long it is: what it is called, and how to get and set it."""
    length = rule.get("length")
    if isinstance(length, str):
        yield "length", ("length",), length
    elif isinstance(length, dict):
        for day, value in length.items():
            yield f"length of {day}", ("length", day), value
    for fact, options in (rule.get("choose") or {}).items():
        for value, said in options.items():
            if isinstance(said, str):
                yield f"{fact} {value}", ("choose", fact, value), said
    for key in ("at_least", "at_most"):
        if isinstance(rule.get(key), str):
            yield key, (key,), rule[key]
    for i, one in enumerate(rule.get("extend") or []):
        if one["at_most"] != "unlimited":
            yield f"extension {i + 1}", ("extend", i, "at_most"), one["at_most"]


def _put(rule: Raw, path: tuple[Any, ...], value: str) -> None:
    inner: Any = rule
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value


def _change(of: Callable[[str], str]) -> Callable[[Raw], Iterator[Change]]:
    def change(data: Raw) -> Iterator[Change]:
        for name, rule in (data.get("deadlines") or {}).items():
            for where, path, value in _lengths(rule):
                fresh = of(value)
                what = f"{name}, {where}: {value} → {fresh}"
                yield what, lambda d, n=name, p=path, v=fresh: _put(d["deadlines"][n], p, v), -1  # type: ignore[misc]

    return change


def _longer(value: str) -> str:
    count, unit = value.split()
    return f"{int(count) + 1} {unit.removesuffix('s')}s"


UNITS = {"hour": "days", "day": "working_days", "working_day": "days", "month": "days", "year": "months"}


def _other_unit(value: str) -> str:
    count, unit = value.split()
    return f"{count} {UNITS[unit.removesuffix('s')]}"


def _change_kind(data: Raw) -> Iterator[Change]:
    for name, rule in (data.get("deadlines") or {}).items():
        other = _pick([one for one in ("duty", "right", "wait") if one != rule["kind"]], name)
        what = f"{name}: {rule['kind']} → {other}"
        yield what, lambda d, n=name, o=other: d["deadlines"][n].update(kind=o), -1  # type: ignore[misc]


OPERATORS: dict[str, Callable[[Raw], Iterator[Change]]] = {
    "drop a step": _drop_step,
    "drop a starts": _drop_from("starts"),
    "drop a stops": _drop_from("stops"),
    "drop a requires": _drop_from("requires"),
    "drop an expects": _drop_from("expects"),
    "drop a when_over": _drop_when_over,
    "drop an always line": _drop_always,
    "drop a per": _drop_per,
    "drop an excluded kind": _drop_excludes,
    "retarget to": _retarget,
    "swap a role": _swap_role,
    "change a length": _change(_longer),
    "change a unit": _change(_other_unit),
    "change a kind": _change_kind,
}


def mutants_of(operator: str, file: str, data: Raw) -> list[Mutant]:
    """Every way in which one operator breaks one file."""
    return [Mutant(operator, file, what, place, data) for what, _, place in OPERATORS[operator](data)]


def all_mutants(files: dict[str, Raw]) -> dict[str, list[Mutant]]:
    """Every mutant of every file by operator, in an order that mixes the files and depends on each one's name alone."""
    found: dict[str, list[Mutant]] = {}
    for operator in OPERATORS:
        every = [one for file, data in sorted(files.items()) for one in mutants_of(operator, file, data)]
        found[operator] = sorted(every, key=lambda one: hashlib.sha256(one.name.encode()).hexdigest())
    return found
