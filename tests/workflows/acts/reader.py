"""Reads the scripts of the hundred acts: what a script begins with is put before its own events, all in order of days.

A beginning (`beginnings/*.yaml`) is a chain of stages. Its events name their days (`=heard - 3`); a script gives those
that the table fixes. What goes beyond the format of scenarios is said in `README.md` of this folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from adjudicate.law.strict_yaml import parse
from tests.workflows.script import ACT_KEYS, EXPECT_KEYS, ScriptError, plain

HERE = Path(__file__).parent
PAPER = "一份在卷的文书".encode()
PAPER_DIGEST = f"sha-256:{sha256(PAPER).hexdigest()}"
DAY = re.compile(r"=(?P<name>[a-z_]+)(?: (?P<sign>[+-]) (?P<days>[0-9]+))?")
ROW_KEYS = {"id", "lawful", "version", "given", "act", "day", "expected", "article", "why", "row"}
SCRIPT_KEYS = {"id", "begin_with", "parties", "without", "but", "events", "act", "because"} | {
    "expect",
    "unsaid",
    "instead",
    "beside",
    "only_over_http",
}
MACRO_KEYS = {"serve", "to", "sent", "how", "for_each", "as", "roles", "irregular"}
GROUPS = {"requesters": {"requester", "warned_party"}, "respondents": {"respondent", "right_holder"}, "everyone": None}
ONE_EACH = {"p1": "requester", "p2": "respondent"}


@dataclass(frozen=True)
class Row:
    """A row of the table: the act, its day, and the verdict that the law gives."""

    id: str
    workflow: str
    version: date
    act: Mapping[str, str]
    day: date
    expected: str


@dataclass(frozen=True)
class Script:
    """The events that lead to the day of an act, and the act.

    `because` names the conditions that must have spoken; `unsaid` is what of the row the definitions have no entry for;
    with the facts `instead`, the act would be taken.
    """

    row: Row
    events: list[dict[str, Any]]
    act: dict[str, Any]
    because: list[str] = field(default_factory=list)
    expect: dict[str, Any] = field(default_factory=dict)
    unsaid: str | None = None
    instead: dict[str, Any] = field(default_factory=dict)
    beside: list[dict[str, Any]] = field(default_factory=list)
    only_over_http: bool = False


def _loaded(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    parse(text, aliases=True)
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _known(given: Mapping[str, Any], keys: set[str], who: str) -> None:
    if unknown := sorted(set(given) - keys):
        raise ScriptError(f"{who} has unknown keys: {', '.join(unknown)} (known: {', '.join(sorted(keys))})")


@lru_cache(maxsize=1)
def table() -> dict[str, Row]:
    """The hundred rows by id, in their order."""
    rows = {}
    for one in _loaded(HERE / "verdicts.yaml"):
        _known(one, ROW_KEYS, f"row {one.get('id')}")
        workflow, _, first = one["version"].partition("/")
        rows[one["id"]] = Row(
            one["id"], workflow, date.fromisoformat(first), one["act"], one["day"], str(one["expected"])
        )
    return rows


@lru_cache(maxsize=8)
def beginning(version: str) -> dict[str, Any]:
    """The stages and the usual entries of a version; what it is `like` counts where it says nothing itself."""
    found = {one["version"]: one for one in map(_loaded, sorted((HERE / "beginnings").glob("*.yaml")))}
    mine = found[version]
    base = beginning(mine["like"]) if "like" in mine else {"stages": {}, "usual": {}, "parties": ONE_EACH}
    usual = {**base["usual"]}
    for event, entry in mine.get("usual", {}).items():
        usual[event] = _over(usual.get(event, {}), entry)
    stages = {**base["stages"], **mine.get("stages", {})}
    return {"stages": stages, "usual": usual, "parties": mine.get("parties", base["parties"])}


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """What `above` says goes before what `below` says, fact by fact; a fact without value is left out in the end."""
    return {**below, **above, "facts": _laid(below.get("facts") or {}, above.get("facts") or {})}


def _laid(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    laid = {**below, **above}
    for name in laid:
        one, other = below.get(name), above.get(name)
        if isinstance(one, Mapping) and isinstance(other, Mapping) and not _finding(other):
            laid[name] = _laid(one, other)
    return laid


def _finding(value: Mapping[str, Any]) -> bool:
    """An answer of a checklist is replaced as a whole: its reason belongs to the finding it gives."""
    return "finding" in value


class Reader:
    """Makes the events of one script."""

    def __init__(self, row: Row, given: Mapping[str, Any]) -> None:
        self.row, self.given, self.who = row, given, f"script {row.id}"
        _known(given, SCRIPT_KEYS, self.who)
        _known(given.get("expect") or {}, EXPECT_KEYS, f"{self.who}: 'expect'")
        found = beginning(f"{row.workflow}/{row.version}")
        self.parties: dict[str, str] = given.get("parties") or found["parties"]
        self.stages, self.usual = found["stages"], found["usual"]
        self.days: dict[str, Any] = {"day": row.day}
        self.made = 0

    def script(self) -> Script:
        """The whole of it."""
        events = self.led()
        act = {"effective_on": self.row.day, **self.given["act"]}
        return Script(
            self.row,
            events,
            next(iter(self._event(act))),
            list(self.given.get("because") or ()),
            plain(self.given.get("expect") or {}),
            self.given.get("unsaid"),
            self._value(self.given.get("instead") or {}, None),
            Reader(self.row, self.given["beside"]).led() if "beside" in self.given else [],
            bool(self.given.get("only_over_http")),
        )

    def led(self) -> list[dict[str, Any]]:
        """The events before the act: those of the beginning and the script's own, in order of their days."""
        made: list[dict[str, Any]] = []
        for name, days in (self.given.get("begin_with") or {}).items():
            made = list(self._begun(name, days or {}))
        for one in self.given.get("events") or ():
            made.extend(self._event(one))
        return sorted(made, key=lambda one: one["effective_on"])

    def _begun(self, last: str, given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        chain = [last]
        while "after" in self.stages[chain[0]]:
            chain.insert(0, self.stages[chain[0]]["after"])
        for name in chain:
            self.days |= self.stages[name].get("days") or {}
        _known(given, set(self.days), f"{self.who}: the days of '{last}'")
        self.days |= given
        left_out, but = set(self.given.get("without") or ()), self.given.get("but") or {}
        _known(but, {one["event"] for name in chain for one in self.stages[name]["events"] if "event" in one}, self.who)
        for name in chain:
            for one in self.stages[name]["events"]:
                changed = _over(one, but[one["event"]]) if one.get("event") in but else one
                for event in self._event(changed):
                    called, party = event.pop("called"), event.get("party")
                    if not left_out & {called, f"{called}/{party}"}:
                        yield event

    def _event(self, one: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        if "serve" in one:
            yield from self._served(one)
            return
        _known(one, ACT_KEYS | MACRO_KEYS, f"{self.who}: event {one.get('event')}")
        entry = _over(self.usual.get(one["event"], {}), one)
        for party in self._group(entry.pop("for_each", None)) or [entry.get("party")]:
            made = {**entry, "called": one["event"]} | ({} if party is None else {"party": party})
            made["effective_on"] = self._day(entry["effective_on"], party)
            made["facts"] = self._value(entry["facts"], party)
            if "joins" in entry:
                made["joins"] = list(self._joining(entry["joins"]))
            yield made

    def _served(self, one: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """A document sent to, and received by, each addressee; a day may be one for all or one for each."""
        _known(one, {"serve", "to", "effective_on", "sent", "how"}, f"{self.who}: service of {one['serve']}")
        how = one.get("how") or {}
        for party in self._group(one["to"]):
            arrives = self._day(one["effective_on"], party)
            sent = self._day(one["sent"], party) if "sent" in one else arrives
            self.made += 1
            label = f"{one['serve']} {self.made}"
            asked = {"event": "service_attempted", "effective_on": sent, "party": party, "as": label}
            yield from self._named(one["serve"], {**asked, "facts": {"document": one["serve"], **how}})
            done = {"event": "service_completed", "effective_on": arrives, "thread": label}
            yield from ({**event, "party": party} for event in self._named(one["serve"], done))

    def _named(self, called: str, one: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for event in self._event(one):
            yield {**event, "called": called}

    def _group(self, to: Any) -> list[str]:
        if isinstance(to, list):
            return [str(one) for one in to]
        if to in GROUPS:
            roles = GROUPS[to]
            return [party for party, role in self.parties.items() if roles is None or role in roles]
        return [] if to is None else [str(to)]

    def _joining(self, joins: Any) -> Iterator[dict[str, Any]]:
        for one in joins:
            if isinstance(one, str):
                yield from ({"party": party, "role": self.parties[party]} for party in self._group(one))
            else:
                yield dict(one)

    def _day(self, said: Any, party: str | None) -> date:
        if isinstance(said, Mapping):
            said = said[party]
        if isinstance(said, date):
            return said
        told = DAY.fullmatch(str(said))
        if told is None or told["name"] not in self.days:
            raise ScriptError(f"{self.who}: no day '{said}' (known: {', '.join(self.days)})")
        days = int(told["days"] or 0) * (-1 if told["sign"] == "-" else 1)
        return self._day(self.days[told["name"]], party) + timedelta(days=days)

    def _value(self, value: Any, party: str | None) -> Any:
        if value == "=paper":
            return PAPER_DIGEST
        if isinstance(value, str) and value.startswith("=") and value[1:] in GROUPS:
            return self._group(value[1:])
        if isinstance(value, str) and DAY.fullmatch(value):
            return self._day(value, party)
        if isinstance(value, Mapping):
            own = self._for_each_respondent(value) if "each_respondent" in value else value
            return {name: self._value(inner, party) for name, inner in own.items() if inner is not None}
        return [self._value(one, party) for one in value] if isinstance(value, list) else value

    def _for_each_respondent(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """What is said for each respondent, and over it what is said for one of them, or for one who joined later."""
        usual = value["each_respondent"]
        own = {name: inner for name, inner in value.items() if name != "each_respondent"}
        each = dict.fromkeys(self._group("respondents"), usual) | own
        if not isinstance(usual, Mapping):
            return each
        return {one: _laid(usual, said) if isinstance(said, Mapping) else said for one, said in each.items()}


@lru_cache(maxsize=1)
def written() -> dict[str, Mapping[str, Any]]:
    """The scripts as they are written, by the id of their row. Raises ScriptError for a row with two."""
    found: dict[str, Mapping[str, Any]] = {}
    for path in sorted((HERE / "scripts").glob("*.yaml")):
        for one in _loaded(path):
            if one["id"] in found or one["id"] not in table():
                raise ScriptError(f"{path.name}: a second script for {one['id']}, or one for no row")
            found[one["id"]] = one
    return found


def script_of(row: Row) -> Script:
    """The script of a row. Raises ScriptError where there is none or it breaks the format."""
    if row.id not in written():
        raise ScriptError(f"{row.id} has no script")
    return Reader(row, written()[row.id]).script()
