"""How a value of each kind of column stands in a line of JSON, and is read from it; it knows no table and no file."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from adjudicate.backup.errors import RowUnfit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Kind(StrEnum):
    """The kinds of column that a backup can carry. JSON columns are text: what is stored is kept byte for byte."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DAY = "day"
    INSTANT = "instant"
    BYTES = "bytes"


def written(kind: Kind, value: Any) -> Any:
    """A value as JSON has it: instants as RFC 3339 in UTC with microseconds, bytes in base64. Raises RowUnfit."""
    if value is None:
        return None
    found = type(value)
    if (kind, found) in {(Kind.TEXT, str), (Kind.INTEGER, int), (Kind.BOOLEAN, bool)}:
        return value
    if kind is Kind.INSTANT and found is datetime:
        return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
    if kind is Kind.DAY and found is date:
        return value.isoformat()
    if kind is Kind.BYTES and found in {bytes, memoryview}:
        return base64.b64encode(value).decode()
    raise _unfit(kind)


def read(kind: Kind, value: Any) -> Any:
    """The value that `written` wrote. Raises RowUnfit for anything else."""
    if value is None:
        return None
    if (kind, type(value)) in {(Kind.TEXT, str), (Kind.INTEGER, int), (Kind.BOOLEAN, bool)}:
        return value
    try:
        if kind is Kind.INSTANT and _INSTANT.fullmatch(value):
            return datetime.fromisoformat(value)
        if kind is Kind.DAY and _DAY.fullmatch(value):
            return date.fromisoformat(value)
        if kind is Kind.BYTES:
            return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise _unfit(kind) from None
    raise _unfit(kind)


def line_of(columns: Mapping[str, Kind], row: Sequence[Any]) -> dict[str, Any]:
    """One row by column name. Raises RowUnfit."""
    return {name: written(kind, value) for (name, kind), value in zip(columns.items(), row, strict=True)}


def row_of(columns: Mapping[str, Kind], line: Any) -> list[Any]:
    """The values of a line in the order of the columns. Raises RowUnfit for a line with other columns."""
    if not isinstance(line, dict) or line.keys() != columns.keys():
        raise RowUnfit(zh="某行的列与表不同", en="a row has other columns than its table")
    return [read(kind, line[name]) for name, kind in columns.items()]


def _unfit(kind: Kind) -> RowUnfit:
    return RowUnfit(
        zh=f"某值不是{_ZH[kind]}",
        en=f"a value is not {_EN[kind]}",
    )


_ZH = {
    Kind.TEXT: "文本", Kind.INTEGER: "整数", Kind.BOOLEAN: "真假值", Kind.DAY: "日期", Kind.INSTANT: "时刻",
    Kind.BYTES: "字节串",
}  # fmt: skip
_EN = {
    Kind.TEXT: "text", Kind.INTEGER: "a whole number", Kind.BOOLEAN: "true or false", Kind.DAY: "a day",
    Kind.INSTANT: "an instant", Kind.BYTES: "a string of bytes",
}  # fmt: skip
