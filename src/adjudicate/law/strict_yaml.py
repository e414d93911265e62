"""YAML as far as files of the law use it: mappings, lists and scalars with their lines; all else is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from adjudicate.errors import Misworded
from adjudicate.law.periods import quoted
from adjudicate.law.text import Text
from adjudicate.law.written import value_of, wide

if TYPE_CHECKING:
    import yaml

# Technical bounds: levels, and values of a text with all that it repeats.
DEEPEST = 40
MOST_VALUES = 100_000


class NotYaml(Misworded):
    """A text that is not YAML as the files of the law use it; `line` counts from 1."""

    def __init__(self, line: int, zh: str, en: str) -> None:
        self.line = line
        super().__init__(zh, en)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value as it was written; `plain` says that it stood without quotation marks."""

    line: int
    text: str
    plain: bool

    @property
    def value(self) -> str | int | bool | date | None:
        """What it means: a number, a day, a yes or a no only where it is written as one; None where nothing is."""
        return value_of(self.text, plain=self.plain)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of values."""

    line: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Keys with their values, in order and with repetitions."""

    line: int
    pairs: tuple[tuple[Scalar, Node], ...]


Node = Scalar | Listing | Table


def parse(text: str, *, aliases: bool = False) -> Node:
    """The one document in a text. Raises NotYaml for what is no YAML, and for tags, anchors and several documents.

    With `aliases` a value may be given a name by an anchor and be repeated by it, or merged by `<<`, as worked examples
    do; a text that grows beyond MOST_VALUES by repeating is refused before it has grown.
    """
    import yaml  # noqa: PLC0415 - the command line prints its help without loading a parser

    try:
        # The parser in C reads the shipped law in a tenth of the time; where it was not built the other does the same.
        events = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return _Reader(iter(events), aliases=aliases).document()
    except yaml.YAMLError as error:
        raise _explained(error, text) from error


class _Reader:
    """Turns the parser's events into nodes."""

    def __init__(self, events: Iterator[Any], *, aliases: bool) -> None:
        self._events = events
        self._aliases = aliases
        self._anchored: dict[str, tuple[Node, int]] = {}
        self._count = 0  # of the values so far, each as often as it is repeated

    def document(self) -> Node:
        import yaml  # noqa: PLC0415 - as above

        found: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent) and (event.version or event.tags):
                raise NotYaml(_line(event), "不得使用以“%”开头的指令", "a line that begins with '%' has no place here")
            if isinstance(event, yaml.DocumentStartEvent) and found is not None:
                raise NotYaml(
                    _line(event),
                    "一个文件只能有一份内容，请删去其中的“---”",
                    "a file holds one document: remove the '---' in it",
                )
            if isinstance(event, yaml.NodeEvent):
                found = self._node(event, 0)
        if found is None or (isinstance(found, Scalar) and found.plain and not found.text):
            raise NotYaml(1, "文件为空", "the file is empty")
        return found

    def _node(self, event: Any, depth: int) -> Node:
        import yaml  # noqa: PLC0415 - as above

        line = _line(event)
        if depth > DEEPEST:
            raise NotYaml(line, f"嵌套超过 {DEEPEST} 层", f"nested more than {DEEPEST} levels deep")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, line)
        if event.anchor is not None and not self._aliases:
            raise NotYaml(
                line,
                f"不得使用锚点“&{quoted(event.anchor)}”：请写出全部内容",
                f"the anchor '&{quoted(event.anchor)}' has no place here: write the value out wherever it stands",
            )
        if event.tag is not None:
            tag = quoted(event.tag.replace("tag:yaml.org,2002:", "!!"))
            raise NotYaml(line, f"不得使用标签“{tag}”", f"the tag '{tag}' has no place here")
        begun = self._count
        self._grow(1, line)
        found: Node
        if isinstance(event, yaml.ScalarEvent):
            found = Scalar(line, event.value, event.style in (None, ""))
        elif isinstance(event, yaml.SequenceStartEvent):
            found = Listing(line, tuple(self._items(depth)))
        else:
            found = Table(line, tuple(self._pairs(depth)))
        if event.anchor is not None:
            self._anchored[event.anchor] = (found, self._count - begun)
        return found

    def _grow(self, more: int, line: int) -> None:
        self._count += more
        if self._aliases and self._count > MOST_VALUES:
            raise NotYaml(
                line,
                f"重复引用的内容合计超过 {MOST_VALUES} 项",
                f"with all that it repeats it holds more than {MOST_VALUES} values",
            )

    def _alias(self, event: Any, line: int) -> Node:
        name = quoted(event.anchor)
        if not self._aliases:
            raise NotYaml(
                line,
                f"不得使用别名“*{name}”：请写出全部内容",
                f"the alias '*{name}' has no place here: write the value out",
            )
        if event.anchor not in self._anchored:
            raise NotYaml(
                line, f"别名“*{name}”没有对应的锚点", f"the alias '*{name}' repeats nothing that stands above it"
            )
        found, size = self._anchored[event.anchor]
        self._grow(size, line)
        return found

    def _items(self, depth: int) -> Iterator[Node]:
        import yaml  # noqa: PLC0415 - as above

        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield self._node(event, depth + 1)

    def _pairs(self, depth: int) -> Iterator[tuple[Scalar, Node]]:
        import yaml  # noqa: PLC0415 - as above

        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                return
            key = self._node(event, depth + 1)
            if not isinstance(key, Scalar):
                raise NotYaml(_line(event), "键须为一个词", "a key is a single word")
            if key.plain and key.text == "<<" and not self._aliases:
                raise NotYaml(key.line, "不得使用合并键“<<”", "the merge key '<<' has no place here")
            yield key, self._node(next(self._events), depth + 1)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


# What the parsers say, in the order in which it is looked for, and what it means to somebody who types a definition.
_PROBLEMS: tuple[tuple[str, Text], ...] = (
    ("tab character", Text("缩进只能用空格，不能用制表符", "indent with spaces: a tab stands here")),
    ("could not find expected ':'", Text("键之后缺少冒号和空格", "a key lacks its colon and the space after it")),
    (
        "mapping values are not allowed",
        Text(
            "此处不能出现“键: 值”：可能缺少冒号、空格或者引号，或者缩进有误",
            "'key: value' cannot stand here: a colon, space or quotation mark may be missing, or the indentation off",
        ),
    ),
    ("block sequence entries are not allowed", Text("此处不能以“-”开始列表", "a list cannot begin here with '-'")),
    (
        r"expected ',' or '\]'",
        Text("方括号“[”未闭合，或者列表中缺少逗号", "a list in '[' is not closed, or lacks a comma"),
    ),
    (
        r"expected ',' or '\}'",
        Text("花括号“{”未闭合，或者其中缺少逗号", "a mapping in '{' is not closed, or lacks a comma"),
    ),
    ("expected '-' indicator", Text("列表之中出现了不以“-”开头的行", "a line inside a list does not begin with '-'")),
    (
        "expected key|expected <block end>|expected <document start>",
        Text(
            "缩进与上文不一致，或者引号、括号有误",
            "the indentation does not match what stands above, or a quotation mark or bracket is wrong",
        ),
    ),
    ("expected node content|expected the node content", Text("此处应有内容", "a value is missing here")),
    ("unexpected end of stream", Text("引号未闭合", "a quotation mark is not closed")),
    (
        "cannot start any token",
        Text(
            "此处的字符不能开头：以 @、`、% 等开头的文字须加引号",
            "nothing begins with this character: put text that begins with @, ` or % in quotation marks",
        ),
    ),
    (
        "unknown escape",
        Text(
            "双引号内的反斜杠用法有误", "a backslash in double quotation marks is followed by a letter it does not know"
        ),
    ),
    ("comment or line break", Text("“|”或者“>”之后只能换行", "nothing but a line break follows '|' or '>'")),
    ("not allowed|unacceptable character", Text("文件含有控制字符", "the file holds a control character")),
    ("incompatible YAML|directive", Text("不得使用以“%”开头的指令", "a line that begins with '%' has no place here")),
    ("nest", Text("嵌套过深", "nested too deeply")),
)
_ANY = Text("此处不是有效的 YAML", "this is no YAML")


def _explained(error: yaml.YAMLError, text: str) -> NotYaml:
    """The parser's complaint as a sentence; where a full-width character explains it, at that character's line."""
    problem = str(getattr(error, "problem", None) or error)
    mark, context = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    lines = text.splitlines() or [""]
    if mark is None:
        position = getattr(error, "position", 0)
        at = text[: position if isinstance(position, int) else 0].count("\n")
    else:
        at = min(int(mark.line), len(lines) - 1)
    said = next((sentence for pattern, sentence in _PROBLEMS if re.search(pattern, problem)), _ANY)
    if "\t" in re.match(r"\s*", lines[at])[0] and "cannot start" in problem:  # type: ignore[index]
        said = _PROBLEMS[0][1]
    begun = int(context.line) if context is not None else at
    if "end of stream" in problem:
        at = begun
    wrong = _full_width_above(lines, at, begun)
    if wrong is not None:
        at, hint = wrong
        said = Text(f"{said.zh}。{hint.zh}", f"{said.en}. {hint.en}")
    return NotYaml(at + 1, f"不是有效的 YAML：{said.zh}", f"not YAML: {said.en}")


# Where a full-width character stands for one that YAML needs; in running text it is what the author meant.
_SUSPECT = (
    re.compile(r"""(?:^|[\s{,\[，｛［－])["']?[A-Za-z_][\w.-]*["']?\s*(：)"""),
    re.compile(r"(，)\s*[A-Za-z_][\w-]*\s*[:：]"),
    re.compile(r"(?::\s+|^\s*-?\s*)([［｛【“‘])"),
    re.compile(r"([］｝】])\s*$"),
    re.compile(r"^ *([\u00a0\u3000])"),
    re.compile(r":([\u00a0\u3000])"),
    re.compile(r"^\s*([－—–])\s*\S"),
    re.compile(r"(?:^|\s)(＃)"),
)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"' + r"|'[^']*'")


def suspect(line: str) -> Text | None:
    """What a full-width character in a line stands in the way of; None where none stands where YAML needs another."""
    bare = re.sub(r"(?:^|\s)#.*", "", _QUOTED.sub('""', line))
    found = [match for pattern in _SUSPECT if (match := pattern.search(bare))]
    return wide(min(found, key=lambda match: match.start(1))[1]) if found else None


def _full_width_above(lines: list[str], at: int, begun: int) -> tuple[int, Text] | None:
    """The first suspect line from where the parser began to go astray to where it noticed."""
    first = min(begun, at)
    while first > 0 and first > at - 10 and not re.search(r":(?: |$)", lines[first - 1]):
        first -= 1
    for number in range(first, at + 1):
        hint = suspect(lines[number])
        if hint is not None:
            return number, hint
    return None
