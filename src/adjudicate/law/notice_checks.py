"""Whether a holiday notice can be what was published: by the statutory holidays, the week and the day; no database.

A calendar that is shipped was read by people. A notice that an office loads dates its cases at once and stays in the
record, so that a slip of the pen is refused before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from adjudicate.errors import CalendarInvalid
from adjudicate.law.calendars import NATIONAL
from adjudicate.law.text import Text
from adjudicate.law.year_tables import parse_year

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from adjudicate.law.year_tables import MovingHoliday, Statutory, YearTable

HolidayT = TypeVar("HolidayT")

_SATURDAY = 5
_WEEKDAYS = ("星期一", "星期二", "星期三", "星期四", "星期五")


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a notice is held to; `regions` are the codes for which anybody could ask."""

    today: date
    regions: Collection[str]
    statutory: Statutory | None
    moving: Sequence[tuple[date, Sequence[MovingHoliday]]]


def sound_year(text: str, *, source: str, known: Known) -> YearTable:
    """Read one year that somebody loads. Raises CalendarInvalid, which names all that cannot be, with lines."""
    table = parse_year(text, source=source)
    faults = [*_of_notices(table, known), *_of_make_up_days(table)]
    faults += _of_holidays(table, known) if table.code == NATIONAL else []
    if faults:
        lines = [(_line_of(text, mark), said) for mark, said in faults]
        raise CalendarInvalid(
            zh="\n".join(f"{source}:{line}: {said.zh}" for line, said in lines),
            en="\n".join(f"{source}:{line}: {said.en}" for line, said in lines),
        )
    return table


def _line_of(text: str, mark: str) -> int:
    return next((number for number, line in enumerate(text.splitlines(), start=1) if mark in line), 1)


def _of_notices(table: YearTable, known: Known) -> Iterator[tuple[str, Text]]:
    if table.code not in known.regions:
        yield (
            table.code,
            Text(
                f"没有机构位于 {table.code}，也没有该地方的日历",
                f"no office lies in {table.code}, and there is no calendar of it",
            ),
        )
    for notice in table.notices:
        if notice.issued_on > known.today:
            on = notice.issued_on.isoformat()
            yield on, Text(f"发文日期 {on} 尚未到来", f"the notice is dated {on}, which is still to come")


def _of_make_up_days(table: YearTable) -> Iterator[tuple[str, Text]]:
    for day in table.days:
        if day.working and day.on.weekday() < _SATURDAY:
            on = day.on.isoformat()
            yield (
                on,
                Text(
                    f"调休上班日 {on} 是{_WEEKDAYS[day.on.weekday()]}，本来就是工作日",
                    f"the make-up day {on} is a {day.on:%A}, which is a working day anyway",
                ),
            )


def _of_holidays(table: YearTable, known: Known) -> Iterator[tuple[str, Text]]:
    off = [day for day in table.days if not day.working and day.on.year == table.year]
    taken = {(day.on.month, day.on.day) for day in off}
    for fixed in _in_force(known.statutory.versions, table.year) if known.statutory else ():
        if (fixed.month, fixed.day) not in taken:
            yield (
                "days_off",
                Text(
                    f"法定节假日{fixed.name.zh}（{fixed.month}月{fixed.day}日）未列为放假日",
                    f"{fixed.name.en} ({fixed.month}-{fixed.day}) is a statutory holiday and is not among the days off",
                ),
            )
    for moving in _in_force(known.moving, table.year):
        within = [
            day for day in off
            if moving.first <= (day.on.month, day.on.day) <= moving.last and moving.name.zh in day.name.zh
        ]  # fmt: skip
        if len(within) < moving.days:
            (month, first), (until, last) = moving.first, moving.last
            yield (
                moving.name.zh,
                Text(
                    f"{month}月{first}日至{until}月{last}日之间名为“{moving.name.zh}”的放假日至少 {moving.days} 天，"
                    f"现为 {len(within)} 天",
                    f"of the days off named {moving.name.zh} at least {moving.days} lie between {month}-{first} and "
                    f"{until}-{last}; here it is {len(within)}",
                ),
            )


def _in_force(versions: Sequence[tuple[date, Sequence[HolidayT]]], year: int) -> Sequence[HolidayT]:
    """Of dated lists the last that is in force on the first day of a year."""
    return next((each for first_day, each in reversed(versions) if first_day <= date(year, 1, 1)), ())


def summary(table: YearTable) -> list[Text]:
    """What a year holds, to be compared with the paper: how many days, and those of each holiday."""
    free = [day for day in table.days if not day.working]
    made_up = len(table.days) - len(free)
    told = [Text(f"放假 {len(free)} 天，调休上班 {made_up} 天", f"{len(free)} days off, {made_up} make-up days")]
    for name in dict.fromkeys(day.name for day in table.days):
        off, worked = (
            " ".join(f"{day.on:%m-%d}" for day in table.days if day.name == name and day.working is working)
            for working in (False, True)
        )
        zh, en = (f"；上班 {worked}", f"; worked {worked}") if worked else ("", "")
        told.append(Text(f"{name.zh}：放假 {off or '无'}{zh}", f"{name.en}: off {off or 'none'}{en}"))
    return told
