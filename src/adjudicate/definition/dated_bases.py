"""Citations that an author dates by instrument, as one version has them: dated by day; it checks no citation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from adjudicate.definition.nouns import LISTED, NAMED
from adjudicate.definition.yaml_source import Path, Source
from adjudicate.errors import Fault, Leaves
from adjudicate.law.citations import Instrument, parse_citations
from adjudicate.law.suggestion import suggestion

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def dated_by_day(
    source: Source, instruments: Mapping[str, Instrument] | None, first: date, until: date | None
) -> tuple[Source, list[Fault]]:
    """The same source with every basis as this version has it: plain, or by the days on which its citations begin.

    A key that is an instrument's code begins on the day on which that instrument came into force; where several are in
    force it is the last to have begun. An instrument that begins with a later version (`until`, this one's end) is that
    version's: a case that stays under this one is not cited it. Of the days before the version's first, the last holds.
    """
    lines = dict(source.lines)
    faults: list[Fault] = []
    changed: list[tuple[Path, Any]] = []
    for path, basis in bases(source.data):
        if not isinstance(basis, dict):
            continue
        days, wrong = _days(basis, instruments, first, until)
        faults.extend(source.fault((*path, key), en, zh) for key, en, zh in wrong)
        for day, key in days.items():
            lines[(*path, day.isoformat())] = source.line((*path, key))
        found = {day: _of(basis, key) for day, key in sorted(days.items())}
        if list(found) == [first] or (wrong and not found):
            changed.append((path, next(iter((found or basis).values()))))
        else:
            changed.append((path, found))
    if not changed:
        return source, faults
    data = source.data
    for path, value in changed:
        data = _with(data, path, value)
    return replace(source, data=data, lines=lines), faults


def bases(data: Any) -> Iterator[tuple[Path, Any]]:
    """Every basis in a definition or an overlay with its path; a fact or a condition may be called `basis` itself."""
    if not isinstance(data, dict):
        return
    if "basis" in data:
        yield ("basis",), data["basis"]
    for section in (*NAMED, *LISTED):
        entries = data.get(section)
        pairs = (
            entries.items() if isinstance(entries, dict) else enumerate(entries if isinstance(entries, list) else ())
        )
        for name, entry in pairs:
            if isinstance(entry, dict):
                yield from _within((section, name if isinstance(name, int) else str(name)), entry, section)


def expiring(source: Source, instruments: Mapping[str, Instrument], first: date, until: date | None) -> Iterator[Fault]:
    """Instruments last cited, and out of force before the end of what cites them (`first` to `until`)."""
    for path, basis in bases(source.data):
        if not basis or not isinstance(basis, str | dict):
            continue
        begins, last = (first, basis) if isinstance(basis, str) else max(basis.items())
        at = path if isinstance(basis, str) else (*path, str(begins))
        for code in codes_in(last):
            ends = instruments[code].until_on if code in instruments else None
            if ends is not None and max(begins, first) < ends and (until is None or ends < until):
                yield source.fault(
                    at,
                    f"'{code}' is out of force from {ends}, and nothing is cited in its place from that day",
                    f"“{code}”自 {ends} 起不再施行，而没有写明自该日起的依据",
                    Leaves.ALL,
                )


def codes_in(basis: Any) -> list[str]:
    """The codes cited; none where the citation cannot be read, which is reported elsewhere."""
    try:
        return [citation.code for citation in parse_citations(str(basis))]
    except ValueError:
        return []


def _within(path: Path, entry: Mapping[Any, Any], section: str) -> Iterator[tuple[Path, Any]]:
    if "basis" in entry:
        yield (*path, "basis"), entry["basis"]
    for key in ("extend", "earliest", "latest") if section == "deadlines" else ():
        parts = entry.get(key)
        # Extensions may be dated by day, as lengths may.
        dated = [((str(day),), some) for day, some in parts.items()] if isinstance(parts, dict) else [((), parts)]
        for here, some in dated:
            for place, part in enumerate(some if isinstance(some, list) else ()):
                if isinstance(part, dict) and "basis" in part:
                    yield (*path, key, *here, place, "basis"), part["basis"]


def _days(
    basis: Mapping[Any, Any], instruments: Mapping[str, Instrument] | None, first: date, until: date | None
) -> tuple[dict[date, str], list[tuple[str, str, str]]]:
    """The key that each day begins with, and what is wrong with a key, in both languages."""
    begins: dict[date, str] = {}
    wrong: list[tuple[str, str, str]] = []
    for key in basis:
        day = _day_of(key)
        if day is None and instruments is not None and str(key) not in instruments:
            near = suggestion(str(key), instruments)
            en = f"unknown instrument '{key}': a citation is dated by day or by instrument.{near.en}"
            wrong.append((str(key), en, f"没有代号为“{key}”的法律文本：引据须以日期或者文本代号为键。{near.zh}"))
            continue
        if day is None:
            day = first if instruments is None else instruments[str(key)].from_on
            if until is not None and day >= until:
                continue
        if day in begins:
            other = begins[day]
            wrong.append(
                (
                    str(key),
                    f"'{key}' and '{other}' begin on the same day, {day}",
                    f"“{key}”与“{other}”自同一日（{day}）起",
                )
            )
        begins[day] = str(key)
    early = [day for day in begins if day <= first]
    if early:
        held = begins[max(early)]
        begins = {first: held, **{day: key for day, key in begins.items() if day > first}}
    return begins, wrong


def _day_of(key: Any) -> date | None:
    if isinstance(key, date):
        return key
    try:
        return date.fromisoformat(key) if isinstance(key, str) and _DAY.fullmatch(key) else None
    except ValueError:
        return None


def _of(basis: Mapping[Any, Any], spelled: str) -> Any:
    return next(value for key, value in basis.items() if str(key) == spelled)


def _with(data: Any, path: Path, value: Any) -> Any:
    """The data with one value replaced; what lies beside the path is shared, since other versions inherit it."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(data, list):
        return [_with(one, rest, value) if place == step else one for place, one in enumerate(data)]
    return {key: _with(one, rest, value) if str(key) == str(step) else one for key, one in data.items()}
