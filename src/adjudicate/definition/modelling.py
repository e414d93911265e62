"""From the plain data of a file to its model: what does not fit is said in sentences of its own, not in a library's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from adjudicate.definition.placing import placed
from adjudicate.definition.yaml_source import Path, Source
from adjudicate.errors import DefinitionError, Fault, Leaves, Misworded
from adjudicate.law.periods import quoted
from adjudicate.law.suggestion import nearest, unknown
from adjudicate.law.text import Text
from adjudicate.law.written import misworded

ModelT = TypeVar("ModelT", bound=BaseModel)

# What is planned and not yet built: refused, lest somebody rely on it.
_NOT_YET: Mapping[str, Text] = {
    "siblings": Text(
        "本版本尚不能由本案引出关联案件，请删去“siblings”", "this release does not open siblings yet: remove 'siblings'"
    ),
    "handoffs": Text(
        "本版本尚不能向其他机关移交案卷，请删去“handoffs”",
        "this release does not offer handoffs yet: remove 'handoffs'",
    ),
}
_LABEL_KEYS = ("label", "zh", "en", "title")

# What was expected where something else stands, by the library's name for the mistake.
_EXPECTED: Mapping[str, Text] = {
    "string_type": Text("文字", "text"),
    "dict_type": Text("键值表", "a mapping"),
    "model_type": Text("键值表", "a mapping"),
    "model_attributes_type": Text("键值表", "a mapping"),
    "dataclass_type": Text("键值表", "a mapping"),
    "tuple_type": Text("列表", "a list"),
    "list_type": Text("列表", "a list"),
}


@dataclass(frozen=True)
class Read(Generic[ModelT]):
    """What came of reading a file: its model, where one could be made, and its faults.

    A model beside faults was made by leaving out or mending what is wrong: good for judging the rest, never for use.
    """

    model: ModelT | None
    source: Source
    faults: tuple[Fault, ...]


def model(source: Source, kind: type[ModelT], entries: Text | None = None) -> ModelT:
    """Turn a source into a model. Raises DefinitionError with every fault, its line and the nearest right word."""
    found = read_model(source, kind, entries)
    if found.model is None or found.faults:
        raise DefinitionError(found.faults)
    return found.model


def read_model(source: Source, kind: type[ModelT], entries: Text | None = None) -> Read[ModelT]:
    """The model and the faults of a source; `entries` is what a register holds, one to a key."""
    try:
        return Read(kind.model_validate(source.data), source, ())
    except ValidationError as error:
        problems = _settled(source, error)
    words = _words(kind)
    faults: dict[tuple[Path, str], Fault] = {}
    for path, same in problems.items():
        for fault in _faults(source, path, same, words, entries):
            faults.setdefault((path, fault.en), fault)
    mended = _mended(source, problems, words)
    try:
        made = None if mended is None else kind.model_validate(mended)
    except ValidationError:
        made = None
    return Read(made, replace(source, data=mended), tuple(faults.values()))


@dataclass(frozen=True)
class _Problem:
    """One complaint of the library: its kind, the key it is about and what was found there."""

    type: str
    last: str
    found: Any
    misworded: Misworded | None
    options: tuple[str, ...]
    inner: bool  # it came from one of several forms that may stand there


def _settled(source: Source, error: ValidationError) -> dict[Path, list[_Problem]]:
    """The complaints by the place in the file; of several forms that may stand there, the one that was meant."""
    found: dict[Path, list[_Problem]] = {}
    for one in error.errors(include_url=False):
        path, inner = _path(source, one["loc"])
        context = one.get("ctx", {})
        cause = context.get("error")
        problem = _Problem(
            type=one["type"],
            last=str(one["loc"][-1]) if one["loc"] else "",
            found=one["input"],
            misworded=cause if isinstance(cause, Misworded) else None,
            options=tuple(str(context.get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")),
            inner=inner,
        )
        found.setdefault(path, []).append(problem)
    deeper = set(found)
    return {
        path: problems
        for path, problems in found.items()
        if not all(one.inner for one in problems) or not any(_within(other, path) for other in deeper)
    }


def _within(path: Path, outer: Path) -> bool:
    return len(path) > len(outer) and path[: len(outer)] == outer


def _path(source: Source, loc: tuple[Any, ...]) -> tuple[Path, bool]:
    """The path in the file, and whether the library's own path names one of several forms after it."""
    path: list[str | int] = []
    inner = False
    for part in loc:
        if (*path, part) in source.lines:
            path.append(part)
            inner = False
        elif (*path, str(part)) in source.lines:
            path.append(str(part))
            inner = False
        else:
            inner = True
    return tuple(path), inner


def _faults(
    source: Source, path: Path, problems: list[_Problem], words: frozenset[str], entries: Text | None
) -> Iterable[Fault]:
    where = placed(path, source.data, entries)
    for one in problems:
        if one.type == "extra_forbidden":
            outer = placed(path[:-1], source.data, entries)
            said = _NOT_YET.get(one.last) if len(path) == 1 else None
            said = said or unknown(
                f"{outer.zh}中有未知的键“{quoted(one.last)}”",
                f"unknown key '{quoted(one.last)}' in {outer.en}",
                one.last,
                words - {one.last},
            )
            leaves = Leaves.ALL if one.last in _NOT_YET else Leaves.TABLE
            yield source.fault(path, en=said.en, zh=said.zh, leaves=leaves)
        elif one.type == "missing" and not one.last.isdigit():
            yield source.fault(
                path,
                en=f"{where.en} lacks '{one.last}'",
                zh=f"{where.zh}缺少“{one.last}”",
                leaves=Leaves.ALL if one.last in _LABEL_KEYS else Leaves.NOTHING,
            )
    others = [
        one for one in problems if one.type != "extra_forbidden" and (one.type != "missing" or one.last.isdigit())
    ]
    if others:
        said = _sentence(others)
        yield source.fault(path, en=f"{where.en}: {said.en}", zh=f"{where.zh}：{said.zh}")


def _sentence(problems: list[_Problem]) -> Text:
    """What is wrong with one value: what its reader said, or else everything that could have stood there."""
    found = problems[0].found
    said = [one.misworded for one in problems if one.misworded is not None]
    if said:
        return Text(said[0].zh, said[0].en)
    shaped = isinstance(found, dict | list)
    if any(one.type in ("too_short", "too_long", "missing") for one in problems):
        return _size(problems)
    expected = list(dict.fromkeys(_EXPECTED[one.type] for one in problems if one.type in _EXPECTED))
    options = [option for one in problems if one.type in ("literal_error", "enum") for option in one.options if option]
    if options:
        expected.append(Text(f"下列之一：{'、'.join(options)}", f"one of: {', '.join(options)}"))
    if not expected:
        refused = misworded("此处不能这样写", "it cannot stand here", found)
        return Text(refused.zh, refused.en)
    zh, en = "或者".join(one.zh for one in expected), " or ".join(one.en for one in expected)
    refused = misworded(f"须为{zh}", f"must be {en}", found)
    if any(one.type == "string_type" for one in problems) and not shaped and found is not None:
        return Text(f"{refused.zh}；如为文字，须加引号", f"{refused.en}; put text in quotation marks")
    return Text(refused.zh, refused.en)


def _size(problems: list[_Problem]) -> Text:
    if any(len(one.found) > 0 for one in problems):
        return Text("须恰有两项", "must have exactly two")
    return Text("不能为空", "must not be empty")


def _mended(source: Source, problems: Mapping[Path, list[_Problem]], words: frozenset[str]) -> Any | None:
    """The data with labels put in where they lack, and unknown keys named as they were meant or left out."""
    data = deepcopy(source.data)
    for path, same in problems.items():
        for one in same:
            if one.type == "missing" and one.last in _LABEL_KEYS:
                _at(data, path)[one.last] = {"zh": "？", "en": "?"} if one.last in ("label", "title") else "？"
            elif one.type == "extra_forbidden":
                outer = _at(data, path[:-1])
                value, meant = outer.pop(path[-1]), nearest(one.last, words - {one.last})
                if meant is not None and meant not in outer:
                    outer[meant] = value
            elif not one.inner or one.type != "missing":
                return None
    return data


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[int(part)] if isinstance(data, list) else next(v for k, v in data.items() if str(k) == part)
    return data


@cache
def _words(kind: type[BaseModel]) -> frozenset[str]:
    """Every key that the model or a model inside it knows."""
    schema = kind.model_json_schema()
    found: set[str] = set()
    for definition in [schema, *schema.get("$defs", {}).values()]:
        found.update(definition.get("properties", {}))
    return frozenset(found)
