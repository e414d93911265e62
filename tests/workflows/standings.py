"""How everything stands at the end of each worked example, in words kept beside the tests for a lawyer to read.

A worked example says what it is about; what it leaves unsaid (that another period was met, released or moved) is kept
here, so that no change of the law goes unread. `make law` writes it anew and shows what changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from adjudicate.api.marks import marks
from adjudicate.definition.deadline_models import DeadlineKind
from adjudicate.states.standing import Standing
from tests.workflows.runner import Case
from tests.workflows.script import Scenario

HERE = Path(__file__).parent / "standings"


def said(case: Case) -> list[str]:
    """The end of a case line by line: state and threads, what is known of each party, every period, every mark.

    A mark bears its weight: a court revokes for a grave one and not for a minor one.
    """
    standing = case.standing
    if standing is None:
        return ["nothing has begun"]
    threads = ", ".join(f"{key} {one.state}" for key, one in standing.threads.items())
    lines = [f"{standing.state} under {standing.law_day}{'; ' if threads else ''}{threads}"]
    own = sorted(f"{name}/{who}" for who, facts in standing.party_facts.items() for name in facts)
    lines += [f"known of each party: {', '.join(own)}"] if own else []
    lines += [f"{key}: {_deadline(case, standing, key)}" for key in sorted(standing.deadlines)]
    rulebook = case.legal.laws.at(standing.law_day)
    acts = {entry.sequence: (rulebook, entry.effective_on, str(entry.event)) for entry in case.entries}
    found = [row["conditions"] for row in marks(rulebook, standing, acts)]
    return lines + [f"irregular: {', '.join(map(_mark, conditions))}" for conditions in found]


def _mark(shown: Mapping[str, Any]) -> str:
    return f"{shown['condition']} {shown['weight']}" if "weight" in shown else str(shown["condition"])


def _deadline(case: Case, standing: Standing, key: str) -> str:
    running = standing.deadlines[key]
    rulebook = case.legal.laws.at(standing.law_day)
    home = None if running.thread is None else standing.threads[running.thread].incident
    rules = rulebook.compiled(home).deadlines
    kind: str = rules[running.name].kind if running.name in rules else DeadlineKind.DUTY
    return f"{kind} until {running.due_on or 'an open end'}, {running.status}"


def name_of(scenario: Scenario) -> str:
    """What a worked example is kept under."""
    return scenario.name


def kept(key: str) -> dict[str, list[str]]:
    """What is kept for the worked examples of a procedure."""
    path = HERE / f"{key}.yaml"
    found = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    return dict(found or {})


def differing(scenario: Scenario, case: Case) -> list[str]:
    """What stands otherwise at the end than was kept: `-` lines that are gone, `+` lines that are new."""
    known = _kept_once(scenario.workflow)
    if name_of(scenario) not in known:
        return []
    before, after = known[name_of(scenario)], said(case)
    gone = [f"- {line}" for line in before if line not in after]
    return gone + [f"+ {line}" for line in after if line not in before]


@lru_cache(maxsize=8)
def _kept_once(key: str) -> dict[str, list[str]]:
    return kept(key)


def write(scenarios: Iterable[Scenario], held: Mapping[tuple[str, str], Case]) -> None:
    """Write anew how the worked examples end that hold; one that fails keeps what it had, and one that is gone goes."""
    by_key: dict[str, dict[str, list[str]]] = {}
    for scenario in scenarios:
        mine = by_key.setdefault(scenario.workflow, {})
        name = name_of(scenario)
        if (scenario.workflow, name) in held:
            mine[name] = said(held[scenario.workflow, name])
        elif name in (before := kept(scenario.workflow)):
            mine[name] = before[name]
    HERE.mkdir(exist_ok=True)
    for key, found in by_key.items():
        text = yaml.safe_dump(found, allow_unicode=True, sort_keys=False, width=200)
        (HERE / f"{key}.yaml").write_text(text, encoding="utf-8")
