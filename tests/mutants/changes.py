"""What every operator uses: the shape of a change, and how a place in a definition is picked, named and put anew."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

Raw = dict[str, Any]
# What is changed, how, and the step that it concerns, or -1.
Change = tuple[str, Callable[[Raw], None], int]
Operator = Callable[[Raw], Iterator[Change]]
Path = tuple[Any, ...]


def pick(options: list[str], *words: str) -> str:
    """One of them, settled by the words alone, so that a change elsewhere in the law leaves this mutant what it was."""
    return min(options, key=lambda one: hashlib.sha256("|".join((*words, one)).encode()).hexdigest())


def many(value: Any) -> list[Any]:
    """A list as it is, one value as a list of it, nothing as an empty one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def step_named(data: Raw, place: int) -> str:
    """What names a step among the mutants."""
    step = data["steps"][place]
    return f"{step['event']} from {'/'.join(many(step['from']))}"


def without(holder: Raw, key: str, index: int) -> None:
    """Drop one entry of a list, and the list with its last."""
    holder[key] = [one for i, one in enumerate(many(holder[key])) if i != index]
    if not holder[key]:
        del holder[key]


def put(data: Any, path: Path, value: Any) -> None:
    """Write a value at a place."""
    for part in path[:-1]:
        data = data[part]
    data[path[-1]] = value


def dropped(data: Any, path: Path) -> None:
    """Drop what stands at a place: a key of a mapping, or an entry of a list."""
    for part in path[:-1]:
        data = data[part]
    del data[path[-1]]


def putting(what: str, path: Path, value: Any, place: int = -1) -> Change:
    """The change that writes a value at a place."""
    return what, lambda data: put(data, path, value), place


def dropping(what: str, path: Path, place: int = -1) -> Change:
    """The change that drops what stands at a place."""
    return what, lambda data: dropped(data, path), place


def entries(data: Raw, section: str) -> Iterator[tuple[str, Raw]]:
    """The named entries of a section."""
    yield from (data.get(section) or {}).items()
