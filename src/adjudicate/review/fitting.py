"""How large the letters of a table may be that is to fit on one sheet laid across: an estimate, without a browser."""

from __future__ import annotations

from math import ceil

from adjudicate.review.blocks import Phrases, Table

# In millimetres: the sheet within its margins, what stands above the table, a point, and the edges of a cell.
_WIDTH, _HEIGHT, _POINT, _EDGES, _RULES = 281.0, 178.0, 0.3528, 1.8, 0.42
_LINE_HEIGHT = 1.2
_SIZES = (8.5, 8.0, 7.5, 7.0, 6.5, 6.25)
SMALLEST = 6.0


def letters(table: Table) -> float:
    """The size in points: the largest with which the table fits on the sheet, or the smallest that can be read."""
    return next((size for size in _SIZES if _height(table, size) <= _HEIGHT), SMALLEST)


def _height(table: Table, size: float) -> float:
    line = size * _POINT * _LINE_HEIGHT
    lines = [max(map(_lines, row, table.widths, [size] * len(row))) if len(row) > 1 else 1 for row in table.rows]
    return sum(count * line + _RULES for count in (1, *lines))


def _lines(cell: Phrases, share: int, size: float) -> int:
    # A Chinese character is as wide as it is high; others take half of that.
    text = "；".join(filter(None, cell))
    width = sum(0.55 if sign.isascii() else 1 for sign in text) * size * _POINT
    return max(ceil(width / (_WIDTH * share / 100 - _EDGES - size * _POINT)), 1)
