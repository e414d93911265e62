"""Lengths of time in the units that statutes use, and values dated by their first day in force; no calendar here."""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

from adjudicate.errors import LawError, PeriodError
from adjudicate.law.text import Text

T = TypeVar("T")

# Technical bounds, about a hundred years each: they keep arithmetic small and are no rule of law.
_LONGEST = {"hours": 876_000, "days": 36_500, "working_days": 36_500, "months": 1_200, "years": 100}

_LENGTH = re.compile(r"([0-9]{1,9})[ \t]+([A-Za-z_]{1,40})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def quoted(text: str) -> str:
    """Somebody's input fit to stand in a message: cut short, with nothing that could steer a terminal."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[:40])


class Unit(StrEnum):
    """A unit of a period. `days` are natural days; which one a statute means is decided in the workflow file."""

    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"
    YEARS = "years"


_UNIT_BY_WORD = {unit.value: unit for unit in Unit} | {unit.value.removesuffix("s"): unit for unit in Unit}


@dataclass(frozen=True, slots=True)
class Length:
    """A count of one unit, for example 3 months."""

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        if isinstance(self.count, bool) or not 0 < self.count <= _LONGEST[self.unit]:
            raise PeriodError(
                zh=f"期限长度 {self.count} {self.unit} 超出范围：须在 1 至 {_LONGEST[self.unit]} 之间",
                en=f"length {self.count} {self.unit} is out of range: it must be 1 to {_LONGEST[self.unit]}",
            )

    @classmethod
    def parse(cls, text: str) -> "Length":
        """Read '5 working_days' or '1 month'. Raises PeriodError for anything else."""
        return _read(text)

    def __str__(self) -> str:
        return f"{self.count} {self.unit.removesuffix('s') if self.count == 1 else self.unit}"


@lru_cache(maxsize=1024)
def _read(text: str) -> Length:
    match = _LENGTH.fullmatch(text.strip())
    if match is None:
        raise PeriodError(
            zh=f"无法识别的期限长度“{quoted(text)}”：应为“数字 单位”，例如“5 working_days”",
            en=f"cannot read length '{quoted(text)}': write a number and a unit, for example '5 working_days'",
        )
    unit = _UNIT_BY_WORD.get(match[2])
    if unit is None:
        known = ", ".join(Unit)
        raise PeriodError(
            zh=f"未知的期限单位“{match[2]}”：可用单位为 {known}",
            en=f"unknown unit '{match[2]}': use one of {known}",
        )
    return Length(int(match[1]), unit)


# The fewest and the most hours that one of a unit can be, whatever the calendar.
_FEWEST = {Unit.HOURS: 1, Unit.DAYS: 24, Unit.WORKING_DAYS: 24, Unit.MONTHS: 28 * 24, Unit.YEARS: 365 * 24}
_MOST = {Unit.HOURS: 1, Unit.DAYS: 24, Unit.WORKING_DAYS: 24 * 14, Unit.MONTHS: 31 * 24, Unit.YEARS: 366 * 24}


def never_shorter(long: Length, short: Length) -> bool:
    """Whether the first length is never shorter than the second, whatever the calendar."""
    if long.unit is short.unit:
        return long.count >= short.count
    return long.count * _FEWEST[long.unit] >= short.count * _MOST[short.unit]


def parse_day(text: str) -> date:
    """Read a day written YYYY-MM-DD and no other way. Raises PeriodError."""
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise PeriodError(
        zh=f"不存在的日期“{quoted(text)}”：应为真实日期，写作 YYYY-MM-DD",
        en=f"impossible date '{quoted(text)}': write a real day as YYYY-MM-DD",
    )


def out_of_years() -> PeriodError:
    """The refusal for a computation that leaves the years a date can hold."""
    return PeriodError(zh="期限超出公元 1 年至 9999 年", en="the period leaves the years 1 to 9999")


def add_months(day: date, n: int) -> date:
    """The corresponding day n months later (earlier if negative), or the last day of that month. Raises PeriodError."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + n, 12)
    if not 1 <= year <= 9999:
        raise out_of_years()
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


def value_at(values: Mapping[date, T], on: date) -> T:
    """The value in force on a day: the one with the latest first day not after it. Raises LawError before the first."""
    first_days = [day for day in values if day <= on]
    if not first_days:
        raise LawError(zh=f"{on} 当日没有生效的取值", en=f"no value is in force on {on}")
    return values[max(first_days)]


_IN_WORDS = {
    Unit.HOURS: ("{}小时", "hour"),
    Unit.DAYS: ("{}日", "day"),
    Unit.WORKING_DAYS: ("{}个工作日", "working day"),
    Unit.MONTHS: ("{}个月", "month"),
    Unit.YEARS: ("{}年", "year"),
}


def in_words(count: int, unit: Unit) -> Text:
    """A count of a unit as a lawyer writes it: 3个月 / 3 months."""
    zh, en = _IN_WORDS[unit]
    return Text(zh.format(count), f"{count} {en}{'' if count == 1 else 's'}")
