"""The law row by row, each row one thing that a text asks: what carries it, and what is wrong with the list.

`make law` writes docs/law-rows.md from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

import yaml

from adjudicate.definition.catalogue import Catalogue
from adjudicate.definition.models import OPEN_ENDED, Workflow
from adjudicate.definition.shared_models import Label
from tests.workflows.runner import ROOT

HERE = Path(__file__).parent / "law_rows"
INSTRUMENTS = ("ZJ81", "ZF71", "ZD426", "BZ57")
PAGE = ROOT / "docs" / "law-rows.md"
CODES = {"R": "拒绝", "I": "标为不规范", "N": "提醒", "C": "计算", "F": "登记", "D": "制发文书"}
NOUNS = {
    "step": "步骤",
    "condition": "条件",
    "deadline": "期限",
    "fact": "事实",
    "document": "文书",
    "incident": "附随程序",
    "always": "恒定规则",
    "party": "当事人身份",
}
# A reason serves what no act of a case could carry: rows coded for nothing, reminders without a number, and the
# subjects that are procedures of their own. The last are named here, so that no other row joins them.
_MEDIATION = "6.2 63.1 63.2 64.1 64.2 65.1 66.1 66.2 67.1 68.1 69.1 70.1 70.2 70.3 71.1/2 72.1 73.1 74.1 75.1 75.2 77.1"
_OTHERS = f"{_MEDIATION} 78.1 79.1 34.2 60.1 61.1 62.1"
OTHER_PROCEDURES = frozenset(f"ZJ81-{row}" for row in _OTHERS.split()) | {"ZF71-22-27", "ZF71-48-50"}
# What lies after the ruling has taken effect: suits, reconsideration, enforcement.
AFTER_EFFECT = frozenset(f"ZJ81-{row}" for row in ("80.1", "80.2", "80.3", "83.2")) | frozenset(
    ("ZF71-44", "ZD426-23.2", "BZ-234-1", "BZ-234-2", "BZ-234-3", "BZ-235")
)


@dataclass(frozen=True)
class Row:
    """A row: its codes, and what carries it (by version, kind and name), what is missing of it, or why nothing does."""

    id: str
    codes: tuple[str, ...]
    carried_by: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    reason: Label | None = None
    next_issue: bool = False


@lru_cache(maxsize=1)
def read() -> dict[str, tuple[Row, ...]]:
    """The rows of each file."""
    found = {}
    for path in (HERE / f"{name}.yaml" for name in INSTRUMENTS):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        found[path.name] = tuple(_row(key, value) for key, value in data["rows"].items())
    return found


def _row(key: str, value: Mapping[str, object]) -> Row:
    said = dict(value)
    reason = said.pop("reason", None)
    codes = tuple(said.pop("codes"))  # type: ignore[arg-type]
    return Row(key, codes, reason=Label.model_validate(reason) if reason else None, **said)  # type: ignore[arg-type]


def rows() -> list[Row]:
    """Every row of every file."""
    return [row for found in read().values() for row in found]


def faults(row: Row, law: Catalogue) -> Iterator[str]:
    """What is wrong with a row: two answers or none, a name that no definition has, a kind that does not fit a code."""
    answers = [bool(row.carried_by or row.missing), row.reason is not None, row.next_issue]
    if sum(answers) != 1:
        yield f"{row.id}: says none or several of carried_by or missing, reason, next_issue"
    if unknown := [*set(row.codes) - CODES.keys(), *row.missing.keys() - set(row.codes)]:
        yield f"{row.id}: {unknown} is no code of the row"
    if row.missing:
        yield f"{row.id}: not carried yet: {dict(row.missing)}"
    if row.reason and set(row.codes) - {"N"} and row.id not in OTHER_PROCEDURES:
        yield f"{row.id}: a reason does not answer for {row.codes}"
    if row.next_issue and row.id not in AFTER_EFFECT:
        yield f"{row.id}: lies before effect, so it is not for the next issue"
    fitting: set[str] = set()
    for version, by_kind in row.carried_by.items():
        for kind, names in by_kind.items():
            for name in names:
                codes = fits(law, version, kind, name)
                if codes is None:
                    yield f"{row.id}: {version} has no {kind} '{name}'"
                fitting |= codes or set()
    if row.reason is None and not row.next_issue:
        yield from (
            f"{row.id}: nothing named carries {code} ({CODES[code]}), and it is not said to be missing"
            for code in row.codes
            if code not in fitting and code not in row.missing and (code != "N" or row.codes == ("N",))
        )


def fits(law: Catalogue, version: str, kind: str, name: str) -> set[str] | None:
    """The codes that a named element may carry; None where the version has no such element."""
    workflow = _workflow(law, version)
    return None if workflow is None else _FITS[kind](workflow, name)


def _workflow(law: Catalogue, version: str) -> Workflow | None:
    key, _, day = version.partition("/")
    found = law.versions_by_key.get(key, {}).get(date.fromisoformat(day))
    return None if found is None else found.workflow


def _condition(workflow: Workflow, name: str) -> set[str] | None:
    if name not in workflow.conditions:
        return None
    # What an incident requires before it opens refuses like what a step requires.
    demanding = [*workflow.steps, *workflow.incidents]
    codes = {"N"}
    codes |= {"R"} if any(name in one.requires for one in demanding) else set()
    codes |= {"I"} if any(name in step.expects for step in workflow.steps) else set()
    # Whether the votes for an outcome are more than half is counted.
    codes |= {"C"} if "most_of" in str(workflow.conditions[name].model_extra) else set()
    return codes


def _deadline(workflow: Workflow, name: str) -> set[str] | None:
    deadline = workflow.deadlines.get(name)
    if deadline is None:
        return None
    # A length outside its bounds is refused.
    bounded = (
        deadline.at_least
        or deadline.at_most
        or any(rule.at_most not in {None, OPEN_ENDED} for _, rule in deadline.extensions())
    )
    return {"C", "N", *({"R"} if bounded else set())}


def _step(workflow: Workflow, name: str) -> set[str] | None:
    return {"F"} if any(step.event == name for step in workflow.steps) else None


def _fact(workflow: Workflow, name: str) -> set[str] | None:
    return {"F"} if any(name in step.takes for step in workflow.steps) else None


def _document(workflow: Workflow, name: str) -> set[str] | None:
    return {"D"} if any(name in step.issues for step in workflow.steps) else None


def _incident(workflow: Workflow, name: str) -> set[str] | None:
    use = next((use for use in workflow.incidents if use.opens == name), None)
    return None if use is None else {"F", *({"I"} if use.holds else set())}


def _always(workflow: Workflow, name: str) -> set[str] | None:
    return {"R"} if any(rule.label.en == name for rule in workflow.always) else None


def _party(workflow: Workflow, name: str) -> set[str] | None:
    found = workflow.parties.get(name)
    # One more than a part may have is refused.
    return None if found is None else {"F", *({"R"} if found.at_most is not None else set())}


_FITS = {
    "condition": _condition,
    "deadline": _deadline,
    "step": _step,
    "fact": _fact,
    "document": _document,
    "incident": _incident,
    "always": _always,
    "party": _party,
}


def counts(found: list[Row]) -> dict[str, int]:
    """How many rows there are: carried, answered for by a reason, left to the next issue, with something missing."""
    return {
        "rows": len(found),
        "carried": sum(bool(row.carried_by) and not row.missing for row in found),
        "reason": sum(row.reason is not None for row in found),
        "next issue": sum(row.next_issue for row in found),
        "missing": sum(bool(row.missing) for row in found),
    }


def page(law: Catalogue) -> str:
    """The list for a reader: each row, what it asks of the engine, and what carries it or why nothing does."""
    told = counts(rows())
    zh = "共 {rows} 行：{carried} 行已由下列内容承载，{missing} 行尚有缺项，"
    zh += "{reason} 行说明理由，{next issue} 行在裁决生效之后。"
    en = "{rows} rows: {carried} carried by what is named, {missing} with something missing, {reason} answered by a "
    en += "reason, {next issue} after the ruling takes effect and so for a later release."
    lines = ["# 条文要求的承载 / What carries each row of the law", "", zh.format(**told), "", en.format(**told), ""]
    lines += ["由 `make law` 依 `tests/workflows/law_rows/` 生成。`make law` writes it; do not edit."]
    for name, found in read().items():
        lines += ["", f"## {name.removesuffix('.yaml')}", "", "| 行 | 要求 | 由何承载 |", "| --- | --- | --- |"]
        lines += [
            f"| {row.id} | {'、'.join(CODES[code] for code in row.codes) or '—'} | {_carried(row, law)} |"
            for row in found
        ]
    return "\n".join(lines) + "\n"


def _carried(row: Row, law: Catalogue) -> str:
    if row.reason is not None:
        return f"不承载：{row.reason.zh}"
    if row.next_issue:
        return "裁决生效之后，由以后的版本承载。"
    parts = []
    for version, by_kind in row.carried_by.items():
        workflow = _workflow(law, version)
        assert workflow is not None
        named = "、".join(
            f"{NOUNS[kind]}“{label(law, workflow, kind, name)}”" for kind, names in by_kind.items() for name in names
        )
        parts.append(f"{workflow.title.zh}（{version.partition('/')[2]} 起）：{named}")
    if row.missing:
        parts.append(f"**尚缺：{'、'.join(CODES[code] for code in row.missing)}**")
    return "<br>".join(parts)


def label(law: Catalogue, workflow: Workflow, kind: str, name: str) -> str:
    """What people read for a named element, in Chinese."""
    if kind == "document":
        return law.registers.documents[name].label.zh
    if kind == "incident":
        by_day = law.versions_by_key[name]
        return by_day[max(by_day)].workflow.title.zh
    if kind == "step":
        return next(step.label.zh for step in workflow.steps if step.event == name)
    if kind == "always":
        return next(rule.label.zh for rule in workflow.always if rule.label.en == name)
    if kind == "party":
        return workflow.parties[name].label.zh
    found = {"fact": workflow.facts, "condition": workflow.conditions, "deadline": workflow.deadlines}[kind]
    return str(found[name].label.zh)


def write(law: Catalogue) -> list[str]:
    """Write the page where no row has a fault; else every fault."""
    found = [fault for row in rows() for fault in faults(row, law)]
    if not found:
        PAGE.write_text(page(law), encoding="utf-8")
    return found
