"""Small folders of invented law for the command line: registers, a procedure made of pieces, what check printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from adjudicate.cli import main

FILE = "matter/2020-01-01.yaml"
REGISTERS = {
    "instruments.yaml": (
        "LAW: {title: {zh: 虚构法, en: Invented Law}, number: 虚构, authority: 虚构, in_force: {from: 1990-01-01}, "
        "days: explicit}\n"
    ),
    "roles.yaml": (
        "clerk: {label: {zh: 经办人, en: Clerk}, kind: office, records_for: [claimant, tribunal], may_override: true}\n"
        "tribunal: {label: {zh: 裁判机构, en: Tribunal}, kind: outside}\n"
        "claimant: {label: {zh: 申请方, en: Claimant}, kind: party}\n"
        "clock: {label: {zh: 时钟, en: Clock}, kind: automatic}\n"
        "link: {label: {zh: 关联, en: Link}, kind: automatic}\n"
    ),
    "documents/index.yaml": "paper: {label: {zh: 文书, en: Paper}, basis: LAW 1}\n",
}


def label(name: str) -> str:
    """A label in both languages, made of the name."""
    return "{zh: 甲" + name + ", en: " + name.replace("_", " ") + "}"


def step(event: str, source: str, to: str = "", by: str = "clerk", **more: str) -> str:
    """One step; what else it says is given by key, with a trailing underscore where Python has the word."""
    said = {"event": event, "label": label(event), "from": source, "to": to, "by": by} | more
    inner = ", ".join(f"{key.rstrip('_')}: {value}" for key, value in said.items() if value)
    return f"  - {{{inner}, basis: LAW 1}}\n"


def deadline(name: str, *, kind: str = "right", length: str = "10 days", **more: str) -> str:
    """One deadline."""
    said = {"label": label(name), "kind": kind, "length": length} | more
    return f"  {name}: {{{', '.join(f'{key}: {value}' for key, value in said.items() if value)}, basis: LAW 1}}\n"


def condition(name: str, guard: str) -> str:
    """One condition; the guard is its word and argument, as in YAML."""
    return f"  {name}: {{label: {label(name)}, {guard}, basis: LAW 1}}\n"


def state(name: str, *, final: bool = False) -> str:
    """One state."""
    return f"  {name}: {{label: {label(name)}{', final: true' if final else ''}}}\n"


def procedure(
    *,
    states: Iterable[str],
    steps: Iterable[str],
    deadlines: Iterable[str] = (),
    conditions: Iterable[str] = (),
    facts: Iterable[str] = (),
    parties: Iterable[str] = (),
    always: Iterable[str] = (),
    incidents: Iterable[str] = (),
) -> str:
    """A whole procedure out of its lines."""
    parts = [
        "workflow: matter\ntitle: {zh: 虚构事务, en: Invented matter}\nbasis: LAW 1\nin_force: {from: 2020-01-01}\n",
        _chapter("parties", parties),
        _chapter("facts", facts),
        _chapter("conditions", conditions),
        _chapter("states", states),
        _chapter("deadlines", deadlines),
        _chapter("incidents", incidents),
        _chapter("steps", steps),
        _chapter("always", (f"  - {line}\n" for line in always)),
    ]
    return "".join(parts)


def _chapter(name: str, lines: Iterable[str]) -> str:
    text = "".join(lines)
    return f"{name}:\n{text}" if text else ""


@dataclass(frozen=True)
class Printed:
    """What `adjudicate check` printed of a folder, in English, and how it ended."""

    text: str
    exit_code: int

    @property
    def clean(self) -> bool:
        """Whether nothing was found wrong."""
        return self.exit_code == 0

    def states(self) -> dict[str, int]:
        """The number of states that each question of the procedure looked at."""
        found = re.findall(rf"{re.escape(FILE)}: (.*?): (\d+) states", self.text)
        return {question: int(count) for question, count in found}


def check(folder: Path, texts: str | Mapping[str, str]) -> Printed:
    """Write a procedure, or several files by name, with the registers into a folder and check it."""
    files = {FILE: texts} if isinstance(texts, str) else texts
    for name, text in {**REGISTERS, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    result: Result = CliRunner(env={"LC_ALL": "en_US.UTF-8", "LANG": "en_US.UTF-8"}).invoke(
        main, ["check", str(folder)]
    )
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Printed(result.output, result.exit_code)
