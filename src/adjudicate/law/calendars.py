"""Which day is a working day, by whose notice, and whether that is certain; calendars are values, never fetched."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left, bisect_right
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from adjudicate.errors import CalendarInvalid, CalendarMissing
from adjudicate.law.periods import out_of_years
from adjudicate.law.text import Text
from adjudicate.law.text_files import NotText, read_text
from adjudicate.law.year_tables import NamedDay, Notice, Statutory, YearTable, parse_statutory, parse_year

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["Calendar", "Day", "Notice", "YearTable", "calendar_for", "load_calendars", "parse_year"]

NATIONAL = "cn"
STATUTORY = "statutory.yaml"
# The region of the national office, whose calendar holds where no regional one is loaded.
NATIONWIDE = "000000"

_WORKING = Text("工作日", "working day")
_WEEKEND = Text("周末", "weekend")
_PRESUMED_WORKING = Text("暂按工作日推定（该年放假通知未公布）", "presumed a working day (no notice for that year yet)")
_PRESUMED_WEEKEND = Text("周末（该年放假通知未公布）", "weekend (no notice for that year yet)")
_OPEN_WORKING = Text(
    "暂按工作日推定（次年放假通知未公布，可能调整）",
    "presumed a working day (the next year's notice is not out and may change it)",
)
_OPEN_WEEKEND = Text(
    "周末（次年放假通知未公布，可能调整）", "weekend (the next year's notice is not out and may change it)"
)


@dataclass(frozen=True, slots=True)
class Day:
    """One day: whether it is worked, why, by whose notice, and whether a notice still to come may change it."""

    on: date
    working: bool
    why: Text
    notice: str | None
    provisional: bool


class Unsettled(NamedTuple):
    """Days that a notice still to come may change, both ends included as ordinals, and the year of that notice."""

    first: int
    last: int
    year: int


class _Year:
    """The working days of one year, laid out for counting."""

    __slots__ = ("first", "flags", "ordinals")

    def __init__(self, first: int, flags: bytes) -> None:
        self.first = first
        self.flags = flags
        self.ordinals = [first + i for i, flag in enumerate(flags) if flag]


class Calendar:
    """An immutable working-day calendar; a changed one is a new value with a new digest.

    Tables of the national code lie below, regional ones above: where both name a day, the regional notice holds.
    A year is published for a region when its national notice is out and, from the region's first year on, its own.
    Its last days are certain once the next year is published too: a notice reaches back over New Year.
    """

    def __init__(self, *, code: str, tables: Iterable[YearTable], statutory: Statutory | None = None) -> None:
        self.code = code
        self._tables = {(table.code, table.year): table for table in tables}
        self._statutory = statutory
        self.years = self._published_years()
        self._open_ends = self._ends_without_next_notice()
        self._named: dict[date, NamedDay] = {}
        for _, table in sorted(self._tables.items(), key=lambda item: (item[0][0] != NATIONAL, item[0])):
            self._named.update((day.on, day) for day in table.days)
        self._laid_out: dict[int, _Year] = {}
        self._digest: str | None = None

    def _published_years(self) -> frozenset[int]:
        by_code: dict[str, set[int]] = {}
        for code, year in self._tables:
            by_code.setdefault(code, set()).add(year)
        regional = [years for code, years in by_code.items() if code != NATIONAL]
        base = by_code.get(NATIONAL) or (regional[0] if regional else set())
        return frozenset(year for year in base if all(year in years or year < min(years) for years in regional))

    def _ends_without_next_notice(self) -> dict[int, int]:
        """By published year the ordinal from which the notice of the next year, which is not out, may change it."""
        found = {}
        for year in self.years:
            versions = self._statutory.year_end if self._statutory else ()
            in_force = [day for first_day, day in versions if first_day <= date(year, 12, 31)]
            if in_force and year + 1 not in self.years:
                found[year] = date(year, *in_force[-1]).toordinal()
        return found

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical content: the same days by the same notices give the same digest."""
        if self._digest is None:
            content = {
                "code": self.code,
                "tables": [asdict(table) for _, table in sorted(self._tables.items())],
                "statutory": self._statutory.content() if self._statutory else None,
            }
            canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
            self._digest = hashlib.sha256(canonical.encode()).hexdigest()
        return self._digest

    @property
    def tables(self) -> tuple[YearTable, ...]:
        """Every table in it, national first, then by code and year."""
        return tuple(
            table for _, table in sorted(self._tables.items(), key=lambda item: (item[0][0] != NATIONAL, item[0]))
        )

    @property
    def statutory(self) -> Statutory | None:
        """The fixed-date holidays that years without a notice are presumed by."""
        return self._statutory

    def published(self, year: int) -> bool:
        """Whether the arrangement of a year is out."""
        return year in self.years

    @property
    def bounds_notices(self) -> bool:
        """Whether it says how far back a notice reaches, so that what lies before cannot be changed by one to come."""
        return self._statutory is not None and bool(self._statutory.year_end)

    def missing(self, years: Iterable[int]) -> Text:
        """That the notices of these years are not loaded, and whose they are."""
        named = [self._notice_of(year) for year in years]
        verb = "is" if len(named) == 1 else "are"
        return Text(
            "、".join(one.zh for one in named) + "尚未加载",
            f"{' and '.join(one.en for one in named)} {verb} not loaded",
        )

    def _notice_of(self, year: int) -> Text:
        """What people call the notice that a year waits for."""
        if (NATIONAL, year) in self._tables:
            return Text(f"当地{year}年的放假通知", f"the region's own holiday notice for {year}")
        return Text(f"国务院办公厅{year}年的放假通知", f"the State Council's holiday notice for {year}")

    def with_year(self, table: YearTable) -> Calendar:
        """A new version with one year added, or replaced as a whole. Raises CalendarInvalid for a stranger's table."""
        if table.code not in {self.code, NATIONAL, *(code for code, _ in self._tables)}:
            raise CalendarInvalid(
                zh=f"{table.code} 的年度安排不能加入 {self.code} 的日历",
                en=f"a year of {table.code} cannot be added to the calendar of {self.code}",
            )
        kept = [old for key, old in self._tables.items() if key != (table.code, table.year)]
        return Calendar(code=self.code, tables=[*kept, table], statutory=self._statutory)

    def overlaid(self, regional: Calendar) -> Calendar:
        """This calendar with a region's own holidays laid over it, under the region's code."""
        return Calendar(
            code=regional.code,
            tables=[*self._tables.values(), *regional._tables.values()],
            statutory=self._statutory,
        )

    def is_working(self, on: date) -> bool:
        """Whether the day is a working day, as far as is known."""
        year = self._laid_out.get(on.year) or self._lay_out(on.year)
        return bool(year.flags[on.toordinal() - year.first])

    def day(self, on: date) -> Day:
        """The day with its reason and notice."""
        named = self._named.get(on)
        presumed, provisional = on.year not in self.years, not self.certain(on.toordinal(), on.toordinal())
        if named is not None:
            why = named.name
            if named.working:
                why = Text(f"{why.zh}调休上班日", f"make-up working day for {why.en}")
            return Day(on=on, working=named.working, why=why, notice=named.notice, provisional=provisional)
        if presumed:
            fixed = self._fixed_holiday(on)
            if fixed is not None:
                why = Text(f"{fixed.zh}（该年放假通知未公布）", f"{fixed.en} (no notice for that year yet)")
                return Day(on=on, working=False, why=why, notice=None, provisional=True)
        working = on.weekday() < 5
        if presumed:
            why = _PRESUMED_WORKING if working else _PRESUMED_WEEKEND
        elif provisional:
            why = _OPEN_WORKING if working else _OPEN_WEEKEND
        else:
            why = _WORKING if working else _WEEKEND
        return Day(on=on, working=working, why=why, notice=None, provisional=provisional)

    def _fixed_holiday(self, on: date) -> Text | None:
        if self._statutory is None:
            return None
        in_force = [days for first_day, days in self._statutory.versions if first_day <= on]
        if not in_force:
            return None
        return next((fixed.name for fixed in in_force[-1] if (fixed.month, fixed.day) == (on.month, on.day)), None)

    def _lay_out(self, year: int) -> _Year:
        first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
        flags = bytearray((ordinal + 6) % 7 < 5 for ordinal in range(first, last + 1))
        if year not in self.years and self._statutory is not None:
            for fixed_on in self._fixed_days_of(year):
                flags[fixed_on.toordinal() - first] = 0
        for on, named in self._named.items():
            if on.year == year:
                flags[on.toordinal() - first] = named.working
        laid_out = self._laid_out[year] = _Year(first, bytes(flags))
        return laid_out

    def _fixed_days_of(self, year: int) -> list[date]:
        versions = self._statutory.versions if self._statutory else ()
        days = {date(year, fixed.month, fixed.day) for _, version in versions for fixed in version}
        return [on for on in days if self._fixed_holiday(on) is not None]

    # Counting, in proleptic ordinals (date.toordinal), which the deadline arithmetic uses throughout.

    def _year_of(self, ordinal: int) -> _Year:
        try:
            year = date.fromordinal(ordinal).year
        except (ValueError, OverflowError):
            raise out_of_years() from None
        return self._laid_out.get(year) or self._lay_out(year)

    def unsettled(self, first: int, last: int) -> Iterator[Unsettled]:
        """The days from ordinal `first` to `last` that a notice still to come may change, in order of time.

        Those of a year that is not published, and the last ones of a year before such a one. Nothing else decides
        whether a day is certain.
        """
        if first > last:
            return
        for year in range(date.fromordinal(first).year, date.fromordinal(last).year + 1):
            begins = self._open_ends.get(year) if year in self.years else date(year, 1, 1).toordinal()
            if begins is not None and begins <= last:
                until = min(last, date(year, 12, 31).toordinal())
                yield Unsettled(max(first, begins), until, year + 1 if year in self.years else year)

    def certain(self, first: int, last: int) -> bool:
        """Whether no notice still to come may change a day from ordinal `first` to `last`; True for an empty span."""
        return next(self.unsettled(first, last), None) is None

    def working_days_between(self, first: int, last: int) -> int:
        """How many working days lie from ordinal `first` to `last`, both included."""
        total = 0
        while first <= last:
            year = self._year_of(first)
            end = year.first + len(year.flags) - 1
            total += bisect_right(year.ordinals, min(last, end)) - bisect_left(year.ordinals, first)
            first = end + 1
        return total

    def nth_working_after(self, ordinal: int, n: int) -> int:
        """The n-th working day after an ordinal, as an ordinal. Raises PeriodError past the year 9999."""
        at = ordinal + 1
        while True:
            year = self._year_of(at)
            index = bisect_left(year.ordinals, at) + n - 1
            if index < len(year.ordinals):
                return year.ordinals[index]
            n = index - len(year.ordinals) + 1
            at = year.first + len(year.flags)

    def nth_working_before(self, ordinal: int, n: int) -> int:
        """The n-th working day before an ordinal, as an ordinal. Raises PeriodError before the year 1."""
        at = ordinal - 1
        while True:
            year = self._year_of(at)
            index = bisect_right(year.ordinals, at) - n
            if index >= 0:
                return year.ordinals[index]
            n = -index
            at = year.first - 1


def load_calendars(folder: Path) -> dict[str, Calendar]:
    """Every calendar below a folder, by code: `cn`, and each region already laid over `cn`.

    Reads `cn/<year>.yaml`, `cn/statutory.yaml` and `<GB/T 2260>/<year>.yaml`. Raises CalendarMissing without a
    national calendar and CalendarInvalid for a file in the wrong place or a year given twice.
    """
    national_folder = folder / NATIONAL
    if not national_folder.is_dir():
        raise CalendarMissing(zh=f"找不到全国日历：{national_folder}", en=f"no national calendar at {national_folder}")
    statutory_file = national_folder / STATUTORY
    statutory = None
    if statutory_file.is_file():
        statutory = parse_statutory(calendar_text(statutory_file), source=str(statutory_file))
    national = Calendar(code=NATIONAL, tables=_tables(national_folder), statutory=statutory)
    calendars = {NATIONAL: national}
    for region in sorted(path for path in folder.iterdir() if path.is_dir() and path.name.isdigit()):
        calendars[region.name] = national.overlaid(Calendar(code=region.name, tables=_tables(region)))
    return calendars


def calendar_text(path: Path) -> str:
    """The text of a calendar's file. Raises CalendarInvalid where it has none."""
    try:
        return read_text(path)
    except NotText as error:
        raise CalendarInvalid(zh=f"{path}:{error.line}: {error.zh}", en=f"{path}:{error.line}: {error.en}") from error


def _tables(folder: Path) -> list[YearTable]:
    tables = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name == STATUTORY:
            continue
        table = parse_year(calendar_text(path), source=str(path))
        if (table.code, str(table.year)) != (folder.name, path.stem):
            raise CalendarInvalid(
                zh=f"{path}:1: 文件所在位置与内容不符（{table.code} {table.year}）",
                en=f"{path}:1: the file holds {table.code} {table.year}, which belongs elsewhere",
            )
        tables.append(table)
    return tables


def calendar_for(calendars: dict[str, Calendar], jurisdiction: str) -> Calendar:
    """The calendar of a county, else of its city, else of its province, else the national one.

    `jurisdiction` is 'cn' or a six-digit GB/T 2260 code. Raises CalendarMissing if not even the national one is there.
    """
    for code in (jurisdiction, f"{jurisdiction[:4]}00", f"{jurisdiction[:2]}0000", NATIONAL):
        if code in calendars:
            return calendars[code]
    raise CalendarMissing(zh="没有加载全国日历", en="no national calendar is loaded")
