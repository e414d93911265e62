"""The first sheet is set in letters as large as fit on it, and never in letters too small to read."""

from __future__ import annotations

from adjudicate.review.blocks import Table
from adjudicate.review.fitting import SMALLEST, letters

WIDTHS = (19, 14, 26, 22, 19)


def table(rows: int, length: int) -> Table:
    return Table(("",) * 5, tuple((("字" * length,),) * 5 for _ in range(rows)), WIDTHS, wide=True)


def test_a_short_course_is_set_in_large_letters_and_a_long_one_in_smaller_ones() -> None:
    sizes = [letters(table(rows, 20)) for rows in (5, 25, 30, 40)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1]


def test_letters_stay_large_enough_to_read_however_long_the_course_is() -> None:
    assert letters(table(500, 90)) == SMALLEST


def test_figures_and_latin_letters_take_less_room_than_characters() -> None:
    narrow = Table(("",) * 5, tuple((("0" * 40,),) * 5 for _ in range(30)), WIDTHS, wide=True)
    assert letters(narrow) > letters(table(30, 40))
