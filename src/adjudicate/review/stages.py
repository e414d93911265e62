"""The stages of a version, and the steps that lead from each to another: as a table, and as a Mermaid diagram."""

from __future__ import annotations

from collections.abc import Iterator

from adjudicate.definition.models import NOTHING
from adjudicate.definition.rulebook import CompiledWorkflow
from adjudicate.review.blocks import Block, Diagram, Phrases, Table
from adjudicate.review.cards import stages as stages_of
from adjudicate.review.names import Names

# A diagram of more stages than this shows nothing but crossing lines.
_DRAWN = 12
# A way that so many stages have alike is told once.
_MANY = 4


def stages(names: Names) -> Iterator[Block]:
    """The table and the diagram. Steps that leave the stage as it is stand in neither."""
    ways = _ways(names)
    shared = _shared(names, ways)
    told_once = {way for found in shared.values() for way in found}
    rows: list[tuple[Phrases, ...]] = []
    for i, (name, state) in enumerate(names.workflow.states.items(), 1):
        onward = tuple(
            f"{'、'.join(own)} → “{names.state(target)}”"
            for (source, target), labels in ways.items()
            if source == name and (own := [one for one in dict.fromkeys(labels) if (one, target) not in told_once])
        )
        rows.append(((str(i),), (state.label.zh,), onward or ("终结" if state.final else "",)))
    for sources, found in shared.items():
        said = tuple(f"{label} → “{names.state(target)}”" for label, target in found)
        rows.append((("另自",), (stages_of(names, sources),), said))
    yield Table(("序号", "阶段", "由哪一事项走向哪一阶段"), tuple(rows), (7, 28, 65))
    if len(names.workflow.states) <= _DRAWN:
        yield Diagram(tuple(_drawn(names, ways)))


def _shared(names: Names, ways: dict[tuple[str, str], list[str]]) -> dict[tuple[str, ...], list[tuple[str, str]]]:
    """The ways that many stages have alike, by these stages: each is a step and where it leads."""
    sources: dict[tuple[str, str], list[str]] = {}
    for name in names.workflow.states:
        for (source, target), labels in ways.items():
            if source == name:
                for label in dict.fromkeys(labels):
                    sources.setdefault((label, target), []).append(name)
    found: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for way, listed in sources.items():
        if len(listed) >= _MANY:
            found.setdefault(tuple(listed), []).append(way)
    return found


def _ways(names: Names) -> dict[tuple[str, str], list[str]]:
    compiled = CompiledWorkflow(names.workflow, incident=None)
    found: dict[tuple[str, str], list[str]] = {}
    for step in names.workflow.steps:
        for source in compiled.sources(step):
            for target in compiled.destinations(step):
                if target != source:
                    found.setdefault((source, target), []).append(step.label.zh)
    return found


def _drawn(names: Names, ways: dict[tuple[str, str], list[str]]) -> Iterator[str]:
    # Numbered as in the table: the names of a definition are not for its reader.
    ids = {name: f"s{i}" for i, name in enumerate(names.workflow.states, 1)}
    yield "stateDiagram-v2"
    for name, state in names.workflow.states.items():
        yield f'    state "{_plain(state.label.zh)}" as {ids[name]}'
    for (source, target), labels in ways.items():
        begin = "[*]" if source == NOTHING else ids[source]
        yield f"    {begin} --> {ids[target]}: {' / '.join(dict.fromkeys(map(_plain, labels)))}"
    yield from (f"    {ids[name]} --> [*]" for name, state in names.workflow.states.items() if state.final)


def _plain(text: str) -> str:
    """A label that the diagram's own signs do not break."""
    return text.replace('"', "”").replace(":", "：").replace(";", "；").replace("#", "＃")
