"""A definition with its wrong names put right or left out, so that its rest can still be judged; never for use."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from adjudicate.definition.models import Workflow
from adjudicate.definition.naming import Wrong
from adjudicate.definition.yaml_source import Path, Source
from adjudicate.errors import Fault
from adjudicate.guards.word import ALWAYS

_LEFT_OUT = object()
_ROUNDS = 3

Look = Callable[[Workflow, Source], tuple[list[Fault], list[Wrong]]]


def mended(source: Source, wrong: Iterable[Wrong], look: Look, anybody: str) -> tuple[Workflow, Source] | None:
    """The definition and its data with every wrong name mended; None where it cannot be.

    `look` gives the faults of a definition and its wrong names: leaving one out may make others wrong. What is nobody's
    act once a role is left out becomes that of `anybody`, a role of an office.
    """
    names = list(wrong)
    for _ in range(_ROUNDS):
        data = deepcopy(source.data)
        for one in names:
            _replace(data, one)
        for line in {one.at[:2] for one in names if one.meant is None and one.at[0] == "always"}:
            _put(data, line, _LEFT_OUT)
        source = replace(source, data=_complete(_pruned(data), anybody))
        try:
            workflow = Workflow.model_validate(source.data)
        except ValidationError:
            return None
        faults, names = look(workflow, source)
        if not names:
            return _without_faulty_conditions(source, faults)
    return None


def _replace(data: Any, wrong: Wrong) -> None:
    """Put the right name, or nothing, wherever the wrong one stands at that place."""
    right = _LEFT_OUT if wrong.meant is None else wrong.meant
    at: Path = wrong.at
    while at and _get(data, at) is None:
        at = at[:-1]
    _put(data, at, _renamed(_get(data, at), wrong.name, right))


def _renamed(value: Any, name: str, right: Any) -> Any:
    if isinstance(value, dict):
        return {
            (right if key == name else key): _renamed(inner, name, right)
            for key, inner in value.items()
            if not (key == name and right is _LEFT_OUT)
        }
    if isinstance(value, list):
        return [_renamed(inner, name, right) for inner in value]
    return right if value == name else value


def _get(data: Any, at: Path) -> Any:
    for part in at:
        if isinstance(data, list):
            data = data[part] if isinstance(part, int) and part < len(data) else None
        else:
            data = data.get(part) if isinstance(data, dict) else None
    return data


def _put(data: Any, at: Path, value: Any) -> None:
    if at:
        _get(data, at[:-1])[at[-1]] = value


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _pruned(inner) for key, inner in value.items() if inner is not _LEFT_OUT}
    if isinstance(value, list):
        return [_pruned(inner) for inner in value if inner is not _LEFT_OUT]
    return value


def _complete(data: Any, anybody: str) -> Any:
    """Without the entries that lost what they cannot do without."""
    for step in data.get("steps", ()):
        step["by"] = step.get("by") or [anybody]
    wanted = {"steps": ("event", "from", "by"), "incidents": ("opens", "while")}
    for section, keys in wanted.items():
        if section in data:
            data[section] = [one for one in data[section] if all(one.get(key) for key in keys)]
    for use in data.get("incidents", ()):
        if "outcomes" in use:
            use["outcomes"] = [one for one in use["outcomes"] if one.get("when") and one.get("records")]
    return data


def _without_faulty_conditions(source: Source, faults: Iterable[Fault]) -> tuple[Workflow, Source] | None:
    """The same with nothing said by the conditions that cannot be read, and without the promises that cannot."""
    lines = {fault.line for fault in faults}
    data = source.data
    for name, written in data.get("conditions", {}).items():
        if source.line(("conditions", name)) in lines:
            kept = {key: value for key, value in written.items() if key in ("label", "basis")}
            # Nothing can be said of it: no check that looks at names, and no explorer, learns anything from it.
            data["conditions"][name] = {**kept, **ALWAYS}
    promises = data.get("always", [])
    data["always"] = [one for i, one in enumerate(promises) if source.line(("always", i)) not in lines]
    try:
        return Workflow.model_validate(data), source
    except ValidationError:
        return None
