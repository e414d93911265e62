"""Scenario files as values: read strictly, with the line of every event; nothing here runs one.

A scenario may bear `finding`, the numbers of the faults that it shows mended, and then bears `shown_by` too: the events
that its sentence is about, or `event.fact` where it is about a fact that an earlier law did not know. On the commit
before the fault was mended it must fail there; see earlier.py and tools/failed-before. The letters of the numbers:

- A1 to A24: the findings of the lawyer who read the definitions, in the order of that reading;
- K1 to K11: the kinds of faults behind them, where a test shows the kind by another example (K1 a lapse is asked for
  and not the day, K2 who is excluded acts later, K3 satisfied once where each is meant, K4 the earliest of several
  days, K5 silence where the law says must, K6 contradictions, K7 a day that defaults to that of the act, K8 the request
  is limited and not the decision, K9 a citation of another day, K10 lawful acts without a step, K11 the end of a year);
- L1 to L17: what is lawful but could not be recorded (L1 succession, L2 endings for each respondent, L3 change and
  revocation, L4 compliance during a suit, L5 stay, L6 service of a refusal and the remedies, L7 appeal, retrial and the
  ruling made anew, L8 designation, referral, entrusting and transfer, L9 postponement, L10 several suspensions, L11
  joinder, L12 a party that goes during review or enforcement, L13 limitation, L14 technical investigator, customs,
  redaction, seal, signatures, votes, cards, public notice, special authority, counterfeits and police, L15 transition,
  L16 the rights of parties in major cases, L17 a suit as reason to withdraw);
- other letters: faults found by trying the whole program; each letter is a part of that list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, SequenceNode

from adjudicate.law.strict_yaml import NotYaml, parse
from adjudicate.law.text_files import NotText, read_text

SCENARIO_KEYS = {"scenario", "workflow", "region", "events", "assumed", "finding", "shown_by"}
ACT_KEYS = {"event", "effective_on", "effective_at", "by", "thread", "party", "joins", "facts", "reason", "before"}
JUDGED_KEYS = {"accept_irregular", "irregular", "advice", "refused", "roles", "assumed"}
EVENT_KEYS = ACT_KEYS | JUDGED_KEYS | {"corrects", "voids", "together", "today", "expect"}
EXPECT_KEYS = {"state", "threads", "due", "lapsed", "not_lapsed", "status", "marks", "documents", "facts"} | {
    "law",
    "numbers",
    "provisional",
    "kinds",
    "promises",
}
CORRECTION_KEYS = ACT_KEYS | {"corrects", "voids", "accept_irregular"}


class ScriptError(Exception):
    """A scenario file that cannot be read; the message begins with file and line."""


@dataclass(frozen=True)
class Event:
    """One entry of a scenario's list: an act, a correction, several corrections, or a new today."""

    number: int
    line: int
    data: dict[str, Any]


@dataclass(frozen=True)
class Scenario:
    """A worked example; `findings` are faults that it shows mended, `fault` is why the file is unreadable."""

    file: str
    line: int
    name: str
    workflow: str = ""
    region: str = ""
    events: list[Event] = field(default_factory=list)
    findings: tuple[str, ...] = ()
    shown_by: tuple[str, ...] = ()
    fault: str | None = None


def plain(value: Any) -> Any:
    """Days as ISO text all the way down, as facts are kept."""
    if isinstance(value, dict):
        return {str(key) if isinstance(key, date) else key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date | datetime) else value


def read_file(path: Path, shown: str) -> list[Scenario]:
    """Every scenario of a file; one with a `fault` where it breaks the format."""
    try:
        text = read_text(path)
        # An event told once may be repeated by an alias; nothing that grows beyond the size of the file is read.
        parse(text, aliases=True)
    except (NotText, NotYaml) as error:
        fault = f"{shown}:{error.line}: {error.zh} / {error.en}"
        return [Scenario(shown, error.line, f"{shown} is readable", fault=fault)]
    node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    data = yaml.safe_load(text)
    if not isinstance(data, list) or not isinstance(node, SequenceNode):
        return [
            Scenario(shown, 1, f"{shown} is a list of scenarios", fault=f"{shown}:1: a list of scenarios is wanted")
        ]
    return [_scenario(one, inner, shown) for one, inner in zip(data, node.value, strict=True)]


def _scenario(data: Any, node: Node, file: str) -> Scenario:
    line = node.start_mark.line + 1
    try:
        name = _name(data, file, line)
        found = _words(data, "finding")
        if not all(isinstance(one, str) and re.fullmatch(r"[A-Z]\d+", one) for one in found):
            raise ScriptError(f"{file}:{line}: 'finding' is a number such as A13, or a list of them")
        events = _events(data, node, file, line)
        shown_by = _words(data, "shown_by")
        told = {str(one.data.get("event") or next(iter(one.data))) for one in events}
        if bool(found) != bool(shown_by) or not {str(one).partition(".")[0] for one in shown_by} <= told:
            raise ScriptError(f"{file}:{line}: 'finding' goes with 'shown_by', the events that its sentence is about")
        return Scenario(file, line, name, data["workflow"], str(data["region"]), events, found, shown_by)
    except ScriptError as fault:
        name = data.get("scenario") if isinstance(data, dict) else None
        shown = name.get("en") if isinstance(name, dict) else f"{file}:{line} is a scenario"
        return Scenario(file, line, str(shown), fault=str(fault))


def _words(data: dict[str, Any], key: str) -> tuple[str, ...]:
    told = data.get(key) or ()
    return (told,) if isinstance(told, str) else tuple(told)


def _name(data: Any, file: str, line: int) -> str:
    if not isinstance(data, dict):
        raise ScriptError(f"{file}:{line}: a scenario is a mapping")
    _known(data, SCENARIO_KEYS, f"{file}:{line}: the scenario")
    for key in ("scenario", "workflow", "events"):
        if key not in data:
            raise ScriptError(f"{file}:{line}: the scenario lacks '{key}'")
    data.setdefault("region", "440000")
    label = data["scenario"]
    if not isinstance(label, dict) or set(label) != {"zh", "en"}:
        raise ScriptError(f"{file}:{line}: 'scenario' is {{zh, en}}")
    return str(label["en"])


def _known(data: dict[str, Any], keys: set[str], who: str) -> None:
    if unknown := sorted(str(key) for key in set(data) - keys):
        raise ScriptError(f"{who} has unknown keys: {', '.join(unknown)} (known: {', '.join(sorted(keys))})")


def _events(data: dict[str, Any], node: Node, file: str, line: int) -> list[Event]:
    assert isinstance(node, MappingNode)
    listed = next(value for key, value in node.value if key.value == "events")
    if not isinstance(data["events"], list) or not data["events"]:
        raise ScriptError(f"{file}:{line}: 'events' is a list with at least one event")
    events = []
    for number, (one, inner) in enumerate(zip(data["events"], listed.value, strict=True), start=1):
        at = inner.start_mark.line + 1
        who = f"{file}:{at}: event {number}"
        if not isinstance(one, dict):
            raise ScriptError(f"{who} is a mapping")
        _known(one, EVENT_KEYS, who)
        _known(one.get("expect") or {}, EXPECT_KEYS, f"{who}: 'expect'")
        for correction in one.get("together", ()):
            _known(correction, CORRECTION_KEYS, f"{who}: 'together'")
        if not {"event", "voids", "together", "today"} & set(one):
            raise ScriptError(f"{who} has neither 'event' nor 'voids', 'together' or 'today'")
        if "event" in one and "effective_on" not in one:
            raise ScriptError(f"{who} lacks 'effective_on'")
        events.append(Event(number, at, one))
    return events


def collect(folder: Path) -> list[Scenario]:
    """Every scenario below a folder of workflows."""
    found = []
    for path in sorted(folder.glob("**/scenarios/*.yaml")):
        found.extend(read_file(path, path.relative_to(folder.parent).as_posix()))
    return found
