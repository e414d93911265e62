"""YAML as lawyers write it: read strictly, with the line of every value; it knows no workflow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from adjudicate.errors import DefinitionError, Fault
from adjudicate.law.suggestion import suggestion

Path = tuple[str | int, ...]
ModelT = TypeVar("ModelT", bound=BaseModel)

_DEPTH = 40
# The parser in C reads the shipped law in a tenth of the time; where it was not built the other gives the same nodes.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Source:
    """A parsed file: its name, its plain data and the line (from 1) of every path in it."""

    file: str
    data: Any
    lines: dict[Path, int]

    def line(self, path: Sequence[str | int]) -> int:
        """The line of the deepest known part of `path`."""
        for end in range(len(path), -1, -1):
            if tuple(path[:end]) in self.lines:
                return self.lines[tuple(path[:end])]
        return 1

    def place(self, path: Sequence[str | int]) -> tuple[str, int]:
        """The file and the line of a path."""
        return self.file, self.line(path)

    def fault(self, path: Sequence[str | int], en: str, zh: str = "") -> Fault:
        """A fault at that path."""
        return Fault(self.file, self.line(path), en, zh)


def read(text: str, file: str) -> Source:
    """Parse YAML text. Raises DefinitionError for syntax, duplicate keys and keys that YAML does not read as words."""
    faults: list[Fault] = []
    lines: dict[Path, int] = {}
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        raise DefinitionError([Fault(file, mark.line + 1 if mark else 1, f"not YAML: {problem}")]) from error
    if node is None:
        raise DefinitionError([Fault(file, 1, "the file is empty")])
    data = _build(node, (), file, lines, faults)
    if faults:
        raise DefinitionError(faults)
    return Source(file, data, lines)


def _build(node: Node, path: Path, file: str, lines: dict[Path, int], faults: list[Fault]) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if len(path) > _DEPTH:
        faults.append(Fault(file, node.start_mark.line + 1, "nested too deeply"))
        return None
    if isinstance(node, MappingNode):
        return _build_mapping(node, path, file, lines, faults)
    if isinstance(node, SequenceNode):
        return [_build(child, (*path, i), file, lines, faults) for i, child in enumerate(node.value)]
    return _scalar(node, file, faults)


def _build_mapping(node: MappingNode, path: Path, file: str, lines: dict[Path, int], faults: list[Fault]) -> Any:
    result: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = _scalar(key_node, file, faults) if isinstance(key_node, ScalarNode) else None
        if isinstance(key, bool) or key is None:
            written = getattr(key_node, "value", "?")
            faults.append(Fault(file, line, f"'{written}' cannot be a key: YAML reads it as {key}; use another word"))
            continue
        if key in result:
            faults.append(Fault(file, line, f"duplicate key '{key}'"))
            continue
        spelled = key if isinstance(key, str) else str(key)
        lines[(*path, spelled)] = line
        result[key] = _build(value_node, (*path, spelled), file, lines, faults)
    return result


def _scalar(node: Node, file: str, faults: list[Fault]) -> Any:
    constructor = yaml.constructor.SafeConstructor()
    try:
        return constructor.construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError) as error:
        faults.append(Fault(file, node.start_mark.line + 1, f"cannot read '{node.value}': {error}"))
        return None


def model(source: Source, kind: type[ModelT]) -> ModelT:
    """Turn a source into a model. Raises DefinitionError with every fault, its line and the nearest right word."""
    try:
        return kind.model_validate(source.data)
    except ValidationError as error:
        raise DefinitionError(_faults(source, error, _words(kind))) from error


def _faults(source: Source, error: ValidationError, words: set[str]) -> list[Fault]:
    faults: dict[tuple[int, str], Fault] = {}
    for problem in error.errors(include_url=False):
        path: list[str | int] = []
        for part in problem["loc"]:
            if (*path, part) in source.lines:
                path.append(part)
            elif (*path, str(part)) in source.lines:
                path.append(str(part))
        where = ".".join(str(part) for part in path) or "the file"
        fault = source.fault(path, _sentence(problem, where, words))
        faults.setdefault((fault.line, where), fault)
    return list(faults.values())


def _sentence(problem: Any, where: str, words: set[str]) -> str:
    last = str(problem["loc"][-1]) if problem["loc"] else ""
    if problem["type"] == "extra_forbidden":
        return f"unknown key '{last}' in {where}.{suggestion(last, words - {last})}"
    if problem["type"] == "missing":
        return f"{where} lacks '{last}'"
    return f"{where}: {problem['msg'].removeprefix('Value error, ')}"


def _words(kind: type[BaseModel]) -> set[str]:
    """Every key that the model or a model inside it knows."""
    found: set[str] = set()
    for definition in [kind.model_json_schema(), *kind.model_json_schema().get("$defs", {}).values()]:
        found.update(definition.get("properties", {}))
    return found
