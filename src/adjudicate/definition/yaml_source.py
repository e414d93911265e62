"""A file of the law as plain data, with the line of every value; it knows no workflow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adjudicate.errors import DefinitionError, Fault, Leaves
from adjudicate.law.periods import quoted
from adjudicate.law.strict_yaml import Listing, Node, NotYaml, Table, parse
from adjudicate.law.written import wide

Path = tuple[str | int, ...]
# What YAML 1.1 reads as no word: nobody should have to know which.
_NO_KEYS = {"on", "off", "yes", "no", "true", "false", "null", "~", ""}


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

    def element_line(self, file: str, line: int) -> int | None:
        """The line on which the step, deadline, fact … begins that a line lies in; None outside of those."""
        begun = [(at, len(path)) for path, at in self.lines.items() if 0 < len(path) <= 2 and at <= line]
        found = max(begun, default=(0, 0)) if file == self.file else (0, 0)
        return found[0] if found[1] > 1 else None

    def fault(self, path: Sequence[str | int], en: str, zh: str, leaves: Leaves = Leaves.NOTHING) -> Fault:
        """A fault at that path."""
        return Fault(self.file, self.line(path), en=en, zh=zh, leaves=leaves)


def read(text: str, file: str) -> Source:
    """Parse the text of a file.

    Raises DefinitionError with every duplicate key, unusable key and empty value, or with what makes it no YAML.
    """
    try:
        node = parse(text)
    except NotYaml as error:
        raise DefinitionError([Fault(file, error.line, en=error.en, zh=error.zh)]) from error
    reader = _Reader(file)
    data = reader.build(node, ())
    if not isinstance(node, Table):
        reader.note(node.line, en="the file is a mapping of keys and values", zh="文件须为键值表")
    if reader.faults:
        raise DefinitionError(reader.faults)
    return Source(file, data, reader.lines)


class _Reader:
    """Turns nodes into plain data; notes lines and faults on the way."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.lines: dict[Path, int] = {}
        self.faults: list[Fault] = []

    def note(self, line: int, *, en: str, zh: str) -> None:
        self.faults.append(Fault(self._file, line, en=en, zh=zh))

    def build(self, node: Node, path: Path) -> Any:
        self.lines.setdefault(path, node.line)
        if isinstance(node, Table):
            return self._mapping(node, path)
        if isinstance(node, Listing):
            return [self.build(item, (*path, i)) for i, item in enumerate(node.items)]
        if node.value is None:
            last = next((part for part in reversed(path) if isinstance(part, str)), "")
            self.note(node.line, en=f"'{quoted(last)}' has no value", zh=f"“{quoted(last)}”没有值")
        return node.value

    def _mapping(self, node: Table, path: Path) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for key_node, value_node in node.pairs:
            key = key_node.value
            hint = wide(key_node.text)
            if hint is not None:
                spelled = quoted(key_node.text)
                self.note(
                    key_node.line, en=f"'{spelled}' cannot be a key. {hint.en}", zh=f"“{spelled}”不能作为键。{hint.zh}"
                )
                continue
            if key_node.plain and key_node.text.lower() in _NO_KEYS:
                spelled = quoted(key_node.text)
                self.note(
                    key_node.line,
                    en=f"'{spelled}' cannot be a key: YAML does not read it as a word; use another",
                    zh=f"“{spelled}”不能作为键：YAML 不把它当作词，请换一个词",
                )
                continue
            if key in result:
                spelled = quoted(key_node.text)
                self.note(key_node.line, en=f"duplicate key '{spelled}'", zh=f"重复的键“{spelled}”")
                continue
            inner = (*path, str(key))
            self.lines[inner] = key_node.line
            result[key] = self.build(value_node, inner)
        return result
