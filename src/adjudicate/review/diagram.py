"""Draws the states and steps of one workflow as a Mermaid state diagram; labels are Chinese, and nothing is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adjudicate.definition.models import NOTHING

if TYPE_CHECKING:
    from adjudicate.definition.rulebook import CompiledWorkflow


def _words(text: str) -> str:
    # Mermaid ends a label at a line break, and reads a semicolon or a hash as syntax.
    return text.replace("\n", " ").replace(";", "；").replace("#", "＃").replace(":", "：")


def diagram(compiled: CompiledWorkflow) -> str:
    """The diagram of a workflow, one line for each state and for each way a step may lead."""
    lines = ["stateDiagram-v2"]
    lines += [f"    {name}: {_words(state.label.zh)}" for name, state in compiled.states.items()]
    for step in compiled.workflow.steps:
        label = _words(step.label.zh)
        for source in compiled.sources(step):
            for target in compiled.destinations(step) or (() if source == NOTHING else (source,)):
                lines.append(f"    {'[*]' if source == NOTHING else source} --> {target}: {label}")
    lines += [f"    {name} --> [*]" for name, state in compiled.states.items() if state.final]
    return "\n".join(lines) + "\n"
