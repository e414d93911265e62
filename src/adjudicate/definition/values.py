"""The single values of a definition as pydantic types: names, days, lengths, numbers, each judged as it is written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from string import Formatter
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field

from adjudicate.errors import Misworded
from adjudicate.law import written
from adjudicate.law.citations import CODE
from adjudicate.law.periods import Length, quoted
from adjudicate.law.text import Text

NAME = re.compile(r"[a-z][a-z0-9_]*")
# The levels of offices; an office of no other level can be added.
_Level = Literal["national", "provincial", "city"]
LEVELS: tuple[str, ...] = get_args(_Level)
LEVEL_NAMES: Mapping[str, Text] = {
    "national": Text("国家", "national"),
    "provincial": Text("省", "provincial"),
    "city": Text("市", "city"),
}
# Technical bounds; no rule of law.
LONGEST_NAME = 80
MOST_PARTIES = 200
MOST_THREADS = 99
MOST_DAYS = 366


def as_list(value: object) -> object:
    """One value, where a list may stand, as a list of one."""
    return [value] if isinstance(value, str | dict) else value


def named(value: str) -> str:
    """A name as definitions have them. Raises Misworded."""
    if NAME.fullmatch(value) and len(value) <= LONGEST_NAME:
        return value
    if NAME.fullmatch(value):
        raise Misworded(f"名称超过 {LONGEST_NAME} 个字符", f"a name has at most {LONGEST_NAME} characters")
    shown = quoted(value)
    said = written.hinted(
        Text(
            f"“{shown}”不是名称：只能用小写字母、数字和下划线，以字母开头",
            f"'{shown}' is not a name: use small letters, digits and underscores",
        ),
        value,
    )
    raise Misworded(said.zh, said.en)


def _once(names: Sequence[Any]) -> Sequence[Any]:
    twice = next((one for i, one in enumerate(names) if one in names[:i]), None)
    if twice is not None:
        raise Misworded(f"重复写了“{twice}”", f"it names '{twice}' twice")
    return names


def _words(value: object) -> object:
    if isinstance(value, str) and not value.strip():
        raise Misworded("须为非空文字", "must be text and not empty")
    return value


def _marked(value: object) -> object:
    if value is not None and value is not True:
        raise written.misworded("只能写 true", "can only be true", value)
    return value


def _unlimited_or_length(value: object) -> object:
    return value if value == "unlimited" else written.length(value)


def _thread_limit(value: object) -> object:
    return value if value == "unlimited" else written.whole(value, 1, MOST_THREADS)


def _level(value: object) -> object:
    if value not in LEVELS:
        raise written.misworded(f"须为 {'、'.join(LEVELS)} 之一", f"must be one of: {', '.join(LEVELS)}", value)
    return value


def _docket_format(value: str) -> str:
    try:
        fields = {name for _, name, _, _ in Formatter().parse(value) if name is not None}
        sound = {"number"} <= fields <= {"office", "year", "number"}
        value.format(office="", year=1, number=1)
    except (ValueError, IndexError, KeyError, AttributeError):
        sound = False
    if not sound:
        raise Misworded(
            "案号格式中花括号内只能写 office、year、number，且须有 {number}",
            "a docket's format has nothing but {office}, {year} and {number} in braces, and {number} at least",
        )
    return value


def _code(value: str) -> str:
    if not CODE.fullmatch(value):
        shown = quoted(value)
        said = written.hinted(
            Text(
                f"“{shown}”不是法律文本的代码：以大写字母开头，只有字母和数字",
                f"'{shown}' is no instrument's code: a capital letter, then letters and digits",
            ),
            value,
        )
        raise Misworded(said.zh, said.en)
    return value


def _region(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{6}", value):
        raise written.misworded("须为六位行政区划代码", "must be a six-digit GB/T 2260 code", value)
    return value


Name = Annotated[str, AfterValidator(named)]
Code = Annotated[str, AfterValidator(_code)]
Names = Annotated[tuple[Name, ...], BeforeValidator(as_list), AfterValidator(_once)]
SomeNames = Annotated[tuple[Name, ...], Field(min_length=1), BeforeValidator(as_list), AfterValidator(_once)]
Words = Annotated[str, Field(min_length=1), BeforeValidator(_words)]
PartyCount = Annotated[
    int, Field(ge=0, le=MOST_PARTIES), BeforeValidator(partial(written.whole, low=0, high=MOST_PARTIES))
]
DayCount = Annotated[int, Field(ge=1, le=MOST_DAYS), BeforeValidator(partial(written.whole, low=1, high=MOST_DAYS))]
Day = Annotated[date, BeforeValidator(written.day)]
Span = Annotated[Length, BeforeValidator(written.length)]
SpanOrUnlimited = Annotated[Length | Literal["unlimited"], BeforeValidator(_unlimited_or_length)]
YesOrNo = Annotated[bool, BeforeValidator(written.yes)]
Mark = Annotated[Literal[True] | None, BeforeValidator(_marked)]
ThreadLimit = Annotated[int | Literal["unlimited"], BeforeValidator(_thread_limit)]
Region = Annotated[str, Field(pattern=r"^\d{6}$"), BeforeValidator(_region)]
Level = Annotated[_Level, BeforeValidator(_level)]
DocketFormat = Annotated[str, AfterValidator(_docket_format)]
