"""Whether a step that reopens a case that has ended is one by which that can be done."""

from __future__ import annotations

from collections.abc import Iterator

from adjudicate.definition.models import ANY, CLOCK, LINK, Branch, Step
from adjudicate.definition.naming import Naming
from adjudicate.definition.yaml_source import Path
from adjudicate.law.text import Text


def check(naming: Naming, at: Path, step: Step) -> None:
    """Only a person reopens, only the case itself, only out of its ends and into what is no end."""
    if not step.reopens:
        return
    final = {name for name, state in naming.workflow.states.items() if state.final}
    known = final | naming.workflow.states.keys()
    said = None
    if naming.is_incident or not {CLOCK, LINK}.isdisjoint(step.by):
        said = Text(
            "不能恢复已经终结的程序：只有人员在主程序中的行为可以",
            "cannot reopen what has ended: only a person's act in the main procedure can",
        )
    elif step.from_ == (ANY,) or not set(step.from_) & known <= final:
        said = Text("写有“reopens”，只能从终结阶段离开", "reopens, so it leaves final states only")
    elif step.to is None or not final.isdisjoint(_targets(step.to)):
        said = Text("写有“reopens”，须导向未终结的阶段", "reopens, so it leads to states that are not final")
    if said is not None:
        naming.add((*at, "reopens"), f"step '{step.event}' {said.en}", f"步骤“{step.event}”{said.zh}")


def _targets(to: str | Branch) -> Iterator[str]:
    if isinstance(to, str):
        yield to
    elif to.choose is not None:
        for options in to.choose.values():
            yield from options.values()
    else:
        yield from (str(to.then), str(to.otherwise))
