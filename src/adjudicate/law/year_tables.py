"""One published holiday year as data, and the strict reader of its file; it answers no question about a working day."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from adjudicate.errors import CalendarInvalid, Misworded
from adjudicate.law.periods import quoted
from adjudicate.law.strict_yaml import Listing, Node, NotYaml, Scalar, Table, parse
from adjudicate.law.text import Text
from adjudicate.law.written import described, hinted, whole

_CODE = re.compile(r"cn|[0-9]{6}")
_LONGEST_SPAN = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Notice:
    """The document that ordered a year's holidays. `number` is empty only where it could not be verified."""

    number: str
    title: str
    issued_on: date
    url: str | None

    @property
    def cited_as(self) -> str:
        """What an account prints: the number, or the title where no number is verified."""
        return self.number or self.title


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day that a notice takes off or makes a working day, under the holiday's name."""

    on: date
    working: bool
    name: Text
    notice: str


@dataclass(frozen=True, slots=True)
class YearTable:
    """A published year of one calendar. A later notice in the same file overrides the days it names."""

    code: str
    year: int
    notices: tuple[Notice, ...]
    days: tuple[NamedDay, ...]


@dataclass(frozen=True, slots=True)
class FixedDay:
    """A statutory holiday that falls on the same Gregorian day every year."""

    month: int
    day: int
    name: Text


@dataclass(frozen=True, slots=True)
class Statutory:
    """The fixed-date holidays by the day each list came into force; used for years without a notice.

    `year_end` is the (month, day) from which the next year's notice may still change a year, by the day from which this
    is assumed. A calendar that an earlier release kept has none: then no notice reaches back.
    """

    title: Text
    versions: tuple[tuple[date, tuple[FixedDay, ...]], ...]
    year_end: tuple[tuple[date, tuple[int, int]], ...] = ()

    def content(self) -> dict[str, Any]:
        """What a digest is made of and a database keeps; without `year_end` the same as before there was one."""
        content = asdict(self)
        if not self.year_end:
            del content["year_end"]
        return content


@dataclass(frozen=True, slots=True)
class YearEnd:
    """From which day the next year's notice may change a year, as written: an open point with its numbers and line."""

    versions: tuple[tuple[date, tuple[int, int]], ...]
    ruling_needed: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class MovingHoliday:
    """A statutory holiday that falls on another Gregorian day each year: so many days off between two (month, day)."""

    name: Text
    days: int
    first: tuple[int, int]
    last: tuple[int, int]


class _Reader:
    """Turns YAML nodes into values and names the line of whatever is wrong."""

    def __init__(self, source: str) -> None:
        self._source = source

    def invalid(self, line: int, zh: str, en: str) -> CalendarInvalid:
        return CalendarInvalid(zh=f"{self._source}:{line}: {zh}", en=f"{self._source}:{line}: {en}")

    def refusal(self, node: Node, zh: str, en: str) -> CalendarInvalid:
        return self.invalid(node.line, zh, en)

    def root(self, text: str) -> Node:
        try:
            return parse(text)
        except NotYaml as error:
            raise self.invalid(error.line, error.zh, error.en) from error

    def mapping(self, node: Node, *, required: set[str], optional: set[str]) -> dict[str, Node]:
        if not isinstance(node, Table):
            raise self.refusal(node, "此处应为键值表", "a mapping is expected here")
        found: dict[str, Node] = {}
        for key_node, value in node.pairs:
            key = key_node.text
            if key in found:
                raise self.refusal(key_node, f"重复的键“{quoted(key)}”", f"duplicate key '{quoted(key)}'")
            if key not in required | optional:
                listed = sorted(required | optional)
                zh = f"未知的键“{quoted(key)}”；可用：{'、'.join(listed)}"
                said = hinted(Text(zh, f"unknown key '{quoted(key)}'; known: {', '.join(listed)}"), key)
                raise self.refusal(key_node, said.zh, said.en)
            found[key] = value
        for key in sorted(required - found.keys()):
            raise self.refusal(node, f"缺少“{key}”", f"'{key}' is missing")
        return found

    def sequence(self, node: Node) -> list[Node]:
        if not isinstance(node, Listing):
            raise self.refusal(node, "此处应为列表", "a list is expected here")
        return list(node.items)

    def day(self, node: Node) -> date:
        found = _written(node)
        if isinstance(found, date):
            return found
        zh, en = described(found).zh, described(found).en
        raise self.refusal(node, f"不存在的日期{zh}，应写作 YYYY-MM-DD", f"impossible date {en}; write YYYY-MM-DD")

    def integer(self, node: Node, *, low: int, high: int) -> int:
        try:
            return whole(_written(node), low, high)
        except Misworded as error:
            raise self.refusal(node, error.zh, error.en) from error

    def string(self, node: Node) -> str:
        if not isinstance(node, Scalar) or not isinstance(node.value, str) or not node.text.strip():
            raise self.refusal(node, "此处应为非空文字", "text is expected here")
        return node.text

    def string_or_none(self, node: Node | None) -> str | None:
        nothing = isinstance(node, Scalar) and node.plain and node.text in ("", "null", "~")
        return None if node is None or nothing else self.string(node)

    def text(self, node: Node) -> Text:
        found = self.mapping(node, required={"zh", "en"}, optional=set())
        return Text(zh=self.string(found["zh"]), en=self.string(found["en"]))

    def code(self, node: Node) -> str:
        # An unquoted 540000 reads as a number; it is taken as the code it plainly is.
        if isinstance(node, Scalar) and _CODE.fullmatch(node.text):
            return node.text
        raise self.refusal(node, "应为 cn 或六位行政区划代码", "'cn' or a six-digit GB/T 2260 code is expected")

    def notice(self, node: Node) -> Notice:
        found = self.mapping(node, required={"number", "title", "issued_on"}, optional={"number_note", "url"})
        number = self.string_or_none(found["number"])
        if number is None and "number_note" not in found:
            raise self.refusal(node, "文号为空时须写明 number_note", "an empty number needs a number_note")
        return Notice(
            number=number or "",
            title=self.string(found["title"]),
            issued_on=self.day(found["issued_on"]),
            url=self.string_or_none(found.get("url")),
        )

    def span(self, node: Node, found: dict[str, Node]) -> Iterator[date]:
        if "day" in found:
            if found.keys() & {"from", "until"}:
                raise self.refusal(node, "day 与 from/until 只能取其一", "use either day or from/until")
            yield self.day(found["day"])
            return
        if not {"from", "until"} <= found.keys():
            raise self.refusal(node, "缺少 day，或 from 与 until", "day, or from and until, is missing")
        first, last = self.day(found["from"]), self.day(found["until"])
        if not timedelta(0) <= last - first <= _LONGEST_SPAN:
            raise self.refusal(node, "until 早于 from 或跨度过长", "until is before from, or the span is too long")
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            yield date.fromordinal(ordinal)

    def named_days(self, node: Node, *, working: bool, year: int, notice: Notice) -> Iterator[tuple[Node, NamedDay]]:
        for item in self.sequence(node):
            found = self.mapping(item, required={"name"}, optional={"day", "from", "until"})
            name = self.text(found["name"])
            for on in self.span(item, found):
                # New Year arrangements reach back into December of the year before.
                if not (on.year == year or (on.year == year - 1 and on.month == 12)):
                    raise self.refusal(item, f"{on} 不属于 {year} 年度", f"{on} is outside the year {year}")
                yield item, NamedDay(on=on, working=working, name=name, notice=notice.cited_as)

    def notice_block(self, found: dict[str, Node], year: int) -> tuple[Notice, dict[date, NamedDay]]:
        notice = self.notice(found["notice"])
        days: dict[date, NamedDay] = {}
        for key, working in (("days_off", False), ("make_up_days", True)):
            for item, named in self.named_days(found[key], working=working, year=year, notice=notice):
                if named.on in days:
                    raise self.refusal(item, f"{named.on} 重复列出", f"{named.on} is listed twice in one notice")
                days[named.on] = named
        return notice, days


def _written(node: Node) -> object:
    return node.value if isinstance(node, Scalar) else [] if isinstance(node, Listing) else {}


_BLOCK = {"notice", "days_off", "make_up_days"}


def parse_year(text: str, *, source: str) -> YearTable:
    """Read one published year. Raises CalendarInvalid naming `source` and the line."""
    reader = _Reader(source)
    found = reader.mapping(reader.root(text), required=_BLOCK | {"year", "code"}, optional={"later_notices"})
    year = reader.integer(found["year"], low=1949, high=9998)
    notice, days = reader.notice_block(found, year)
    notices = [notice]
    for item in reader.sequence(found["later_notices"]) if "later_notices" in found else []:
        later, changed = reader.notice_block(reader.mapping(item, required=_BLOCK, optional=set()), year)
        if later.issued_on < notices[-1].issued_on:
            raise reader.refusal(item, "后发通知的日期早于前一通知", "a later notice is dated before the one above it")
        notices.append(later)
        days |= changed
    return YearTable(
        code=reader.code(found["code"]),
        year=year,
        notices=tuple(notices),
        days=tuple(days[on] for on in sorted(days)),
    )


def parse_statutory(text: str, *, source: str) -> Statutory:
    """Read the fixed-date holidays for years without a notice. Raises CalendarInvalid."""
    reader = _Reader(source)
    found = _statutory_file(reader, text)
    reader.code(found["code"])
    versions: dict[date, tuple[FixedDay, ...]] = {}
    for item in reader.sequence(found["versions"]):
        version = reader.mapping(item, required={"from", "days"}, optional={"note", "moving"})
        versions[reader.day(version["from"])] = tuple(_fixed(reader, day) for day in reader.sequence(version["days"]))
    year_end = _year_end(reader, found["year_end"]).versions if "year_end" in found else ()
    title = reader.text(found["instrument"])
    return Statutory(title=title, versions=tuple(sorted(versions.items())), year_end=year_end)


def parse_year_end(text: str, *, source: str) -> YearEnd | None:
    """What the same file assumes about the end of a year; None where it says nothing. Raises CalendarInvalid."""
    reader = _Reader(source)
    found = _statutory_file(reader, text)
    return _year_end(reader, found["year_end"]) if "year_end" in found else None


def _statutory_file(reader: _Reader, text: str) -> dict[str, Node]:
    return reader.mapping(reader.root(text), required={"code", "instrument", "versions"}, optional={"year_end"})


def _year_end(reader: _Reader, node: Node) -> YearEnd:
    found = reader.mapping(node, required={"ruling_needed", "note", "versions"}, optional=set())
    reader.text(found["note"])
    codes = found["ruling_needed"]
    versions: dict[date, tuple[int, int]] = {}
    for item in reader.sequence(found["versions"]):
        version = reader.mapping(item, required={"from", "month", "day"}, optional=set())
        # A notice names days of its own year and of the December before, so that no other month can be meant.
        month = reader.integer(version["month"], low=12, high=12)
        versions[reader.day(version["from"])] = month, reader.integer(version["day"], low=1, high=31)
    return YearEnd(
        versions=tuple(sorted(versions.items())),
        ruling_needed=tuple(map(reader.string, codes.items if isinstance(codes, Listing) else (codes,))),
        line=codes.line,
    )


def parse_moving(text: str, *, source: str) -> tuple[tuple[date, tuple[MovingHoliday, ...]], ...]:
    """The other holidays of the same file, by the day each list came into force. Raises CalendarInvalid.

    They are no part of a calendar, which says nothing about them before the notice: a notice is held to them.
    """
    reader = _Reader(source)
    found = _statutory_file(reader, text)
    versions: dict[date, tuple[MovingHoliday, ...]] = {}
    for item in reader.sequence(found["versions"]):
        version = reader.mapping(item, required={"from", "days"}, optional={"note", "moving"})
        moving = reader.sequence(version["moving"]) if "moving" in version else []
        versions[reader.day(version["from"])] = tuple(_moving(reader, each) for each in moving)
    return tuple(sorted(versions.items()))


def _moving(reader: _Reader, node: Node) -> MovingHoliday:
    found = reader.mapping(node, required={"name", "days", "from", "until"}, optional=set())
    ends = (reader.mapping(found[key], required={"month", "day"}, optional=set()) for key in ("from", "until"))
    first, last = (
        (reader.integer(end["month"], low=1, high=12), reader.integer(end["day"], low=1, high=31)) for end in ends
    )
    return MovingHoliday(reader.text(found["name"]), reader.integer(found["days"], low=1, high=10), first, last)


def _fixed(reader: _Reader, node: Node) -> FixedDay:
    found = reader.mapping(node, required={"month", "day", "name"}, optional=set())
    month = reader.integer(found["month"], low=1, high=12)
    # 29 February could not be fixed in every year, so 28 is the last day February may name.
    longest = 28 if month == 2 else 30 if month in {4, 6, 9, 11} else 31
    return FixedDay(month, reader.integer(found["day"], low=1, high=longest), reader.text(found["name"]))
