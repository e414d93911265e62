"""How the deadlines of a definition are broken: their length, unit and kind, and what hangs on their end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.mutants.changes import Change, Operator, Path, Raw, dropping, entries, many, pick, putting, without


def drop_when_over(data: Raw) -> Iterator[Change]:
    """Nothing follows when it lapses."""
    for name, rule in entries(data, "deadlines"):
        if rule.get("when_over"):
            yield dropping(f"of {name}", ("deadlines", name, "when_over"))


def drop_excludes(data: Raw) -> Iterator[Change]:
    """An interval of one kind counts."""
    for name, rule in entries(data, "deadlines"):
        for i, kind in enumerate(many(rule.get("excludes"))):
            yield f"{kind} of {name}", lambda d, n=name, j=i: without(d["deadlines"][n], "excludes", j), -1  # type: ignore[misc]


def _lengths(rule: Raw) -> Iterator[tuple[str, Path, str]]:
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
    for where, path, one in _extensions(rule):
        if one["at_most"] != "unlimited":
            yield where, (*path, "at_most"), one["at_most"]


def _extensions(rule: Raw) -> Iterator[tuple[str, Path, Raw]]:
    """Each extension of a deadline, those of a dated list by their day."""
    listed = rule.get("extend") or []
    dated = {f" of {day}": (day, several) for day, several in listed.items()} if isinstance(listed, dict) else {}
    for said, (day, several) in (dated or {"": (None, listed)}).items():
        for i, one in enumerate(several):
            yield f"extension {i + 1}{said}", ("extend", i) if day is None else ("extend", day, i), one


def _change(of: Callable[[str], str]) -> Operator:
    def change(data: Raw) -> Iterator[Change]:
        for name, rule in entries(data, "deadlines"):
            for where, path, value in _lengths(rule):
                fresh = of(value)
                yield putting(f"{name}, {where}: {value} → {fresh}", ("deadlines", name, *path), fresh)

    return change


def _longer(value: str) -> str:
    count, unit = value.split()
    return f"{int(count) + 1} {unit.removesuffix('s')}s"


UNITS = {"hour": "days", "day": "working_days", "working_day": "days", "month": "days", "year": "months"}


def _other_unit(value: str) -> str:
    count, unit = value.split()
    return f"{count} {UNITS[unit.removesuffix('s')]}"


def change_kind(data: Raw) -> Iterator[Change]:
    """A duty becomes a right or a wait, and the reverse."""
    for name, rule in entries(data, "deadlines"):
        other = pick([one for one in ("duty", "right", "wait") if one != rule["kind"]], name)
        yield putting(f"{name}: {rule['kind']} → {other}", ("deadlines", name, "kind"), other)


def drop_repeats(data: Raw) -> Iterator[Change]:
    """The last extension can be used once only."""
    for name, rule in entries(data, "deadlines"):
        for where, path, one in _extensions(rule):
            if one.get("repeats"):
                yield dropping(f"{name}, {where}", ("deadlines", name, *path, "repeats"))


OF_DEADLINES: dict[str, Operator] = {
    "drop a when_over": drop_when_over,
    "drop an excluded kind": drop_excludes,
    "change a length": _change(_longer),
    "change a unit": _change(_other_unit),
    "change a kind": change_kind,
    "drop a repeats": drop_repeats,
}
