"""The `due-date` command: any period from any day, one or line by line; of a database it reads the notices."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adjudicate.errors import AdjudicateError, PeriodError
from adjudicate.law.calendars import NATIONAL, NATIONWIDE, Calendar, calendar_for, load_calendars
from adjudicate.law.deadlines import Due, Exclusion, Extension, Period, account_json, account_text, compute, explain
from adjudicate.law.legal_time import legal_day
from adjudicate.law.periods import Length, parse_day, quoted
from adjudicate.law.text import Text
from adjudicate.shipped_files import DATABASE_VARIABLE, DEFAULT_FILE, law_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_GIVEN = "given"
_LABELS = {_GIVEN: Text("指定的扣除期间", "the interval given")}
_SHIPPED_ONLY = Text(
    "仅依随程序提供的日历，未读取数据库中加载的放假通知",
    "from the shipped calendars only: no database with loaded notices was read",
)
_FAILED = 2
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line says of every period asked for."""

    excludes: tuple[Exclusion, ...]
    extends: tuple[Length, ...]
    backward: bool


@click.command("due-date", short_help="Work out when a period ends, with its account.")
@click.argument("start", metavar="FROM")
@click.argument("length", required=False)
@click.option("--exclude", "excludes", multiple=True, metavar="FROM..UNTIL", help="Days not counted; UNTIL is the first counted again, empty while open.")  # fmt: skip  # noqa: E501
@click.option("--extend", "extends", multiple=True, metavar="LENGTH", help="An extension such as '1 month'.")
@click.option("--backward", is_flag=True, help="Count back from FROM: the last permitted day before it.")
@click.option("--explain", "explained", is_flag=True, help="Print the day-by-day account below the day.")
@click.option("--json", "as_json", is_flag=True, help="Print the due day and its account as JSON.")
@click.option("--jurisdiction", default=NATIONAL, metavar="CODE", help="A GB/T 2260 code, whose calendar is used if one is loaded.")  # fmt: skip  # noqa: E501
@click.option("--calendars", "folder", type=click.Path(path_type=Path), help="The folder of the calendars.")
@click.pass_context
def due_date_command(
    context: click.Context,
    start: str,
    length: str | None,
    excludes: tuple[str, ...],
    extends: tuple[str, ...],
    *,
    backward: bool,
    explained: bool,
    as_json: bool,
    jurisdiction: str,
    folder: Path | None,
) -> None:
    """Print the day on which LENGTH from FROM ends, for example: due-date 2026-02-10 "5 working_days".

    FROM is a day, for hours an instant such as 2026-02-10T09:00+08:00, or - to read standard input: one
    `day,length` or JSON object {"from", "length", "exclude": [[from, until], …], "extend"} a line.
    Prints `open` while an interval has no end, and in line mode `-` for a line that cannot be answered.
    """
    _check_arguments(start, length, explained=explained)
    try:
        calendar = _calendar(folder, jurisdiction)
        options = Options(
            excludes=tuple(_span(text) for text in excludes),
            extends=tuple(Length.parse(text) for text in extends),
            backward=backward,
        )
        if start != "-":
            period = _period(start, length or "", options)
            _answer(period, calendar, explained=explained, as_json=as_json)
            return
    except AdjudicateError as error:
        click.echo(str(error), err=True)
        context.exit(_FAILED)
    if not _answer_lines(calendar, options, as_json=as_json):
        context.exit(_FAILED)


def _check_arguments(start: str, length: str | None, *, explained: bool) -> None:
    if start == "-" and (length is not None or explained):
        raise click.UsageError(
            "读取标准输入时不能另给期限长度或 --explain / with - lengths come from standard input, without --explain"
        )
    if start != "-" and length is None:
        raise click.UsageError(
            "缺少期限长度，例如 “5 working_days” / a length is missing, for example '5 working_days'"
        )


def _calendar(folder: Path | None, jurisdiction: str) -> Calendar:
    """The calendar asked for, saying on standard error when another has to stand in."""
    if jurisdiction != NATIONAL and not (jurisdiction.isascii() and jurisdiction.isdigit() and len(jurisdiction) == 6):
        shown = quoted(jurisdiction)
        raise PeriodError(zh=f"“{shown}”不是六位行政区划代码", en=f"'{shown}' is not a six-digit GB/T 2260 code")
    root = folder or law_folder()
    calendars = load_calendars(root if (root / NATIONAL).is_dir() else root / "calendars")
    calendar = calendar_for(calendars, jurisdiction)
    if folder is None:
        calendar = _with_loaded_notices(calendar, jurisdiction)
    if calendar.code != jurisdiction:
        used = Text("全国日历", "the national one") if calendar.code == NATIONAL else Text(calendar.code, calendar.code)
        click.echo(
            f"未加载 {jurisdiction} 的地方日历，使用{used.zh} / "
            f"no calendar of {jurisdiction} is loaded: using {used.en}",
            err=True,
        )
    return calendar


def _with_loaded_notices(shipped: Calendar, jurisdiction: str) -> Calendar:
    """The calendar with the notices that an office has loaded; says on standard error where there are none to read."""
    found = None
    # Reading a database loads much; who has none should not wait for it.
    if os.environ.get(DATABASE_VARIABLE, "").strip() or Path(DEFAULT_FILE).exists():
        from adjudicate.cases.loaded_notices import calendar_with_loaded  # noqa: PLC0415 - only then

        region = NATIONWIDE if jurisdiction == NATIONAL else jurisdiction
        found = calendar_with_loaded(shipped, region)
    if found is None:
        click.echo(f"{_SHIPPED_ONLY.zh} / {_SHIPPED_ONLY.en}", err=True)
    return found or shipped


def _span(text: str) -> Exclusion:
    first, dots, until = text.partition("..")
    if not dots:
        shown = quoted(text)
        raise PeriodError(zh=f"扣除期间“{shown}”应写作 FROM..UNTIL", en=f"write the exclusion '{shown}' as FROM..UNTIL")
    return _exclusion(first, until)


def _exclusion(first: str, until: str | None) -> Exclusion:
    return Exclusion(_GIVEN, parse_day(first.strip()), parse_day(until.strip()) if until and until.strip() else None)


def _period(start: str, length: str, options: Options) -> Period:
    """The period that a day or instant, a length and the options describe. Raises PeriodError."""
    trigger_at = _instant(start) if "T" in start else None
    trigger_on = legal_day(trigger_at) if trigger_at else parse_day(start)
    return Period(
        trigger_on=trigger_on,
        length=Length.parse(length),
        extensions=tuple(Extension(extension, "", trigger_on) for extension in options.extends),
        exclusions=options.excludes,
        backward=options.backward,
        trigger_at=trigger_at,
    )


def _instant(text: str) -> datetime:
    """An instant with its time zone. Raises PeriodError for any other text, and where no legal day could be named."""
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            legal_day(instant)
            return instant
    except (ValueError, OverflowError):
        pass
    shown = quoted(text)
    raise PeriodError(
        zh=f"“{shown}”不是带时区的时刻，应写作 2026-02-10T09:00+08:00",
        en=f"'{shown}' is not an instant with a time zone, such as 2026-02-10T09:00+08:00",
    )


def _shown(due: Due) -> str:
    if due.due_at is not None:
        return due.due_at.isoformat()
    return due.due_on.isoformat() if due.due_on else "open"


def _as_json(period: Period, calendar: Calendar, *, indent: int | None) -> str:
    told = account_json(explain(period, calendar, labels=_LABELS))
    told |= {"calendar": {"code": calendar.code, "digest": calendar.digest}}
    return json.dumps(told, ensure_ascii=False, indent=indent)


def _answer(period: Period, calendar: Calendar, *, explained: bool, as_json: bool) -> None:
    due = compute(period, calendar)
    if as_json:
        click.echo(_as_json(period, calendar, indent=2))
    else:
        click.echo(_shown(due))
        if explained:
            account = explain(period, calendar, labels=_LABELS)
            click.echo(f"\n{account_text(account, 'zh')}\n\n{account_text(account, 'en')}")
    if due.provisional:
        missing = calendar.missing(due.awaits)
        click.echo(f"暂定：{missing.zh} / provisional: {missing.en}", err=True)
    if due.open_kinds:
        click.echo("扣除期间尚未结束，届满日待定 / an interval is still open: there is no due day yet", err=True)


def _answer_lines(calendar: Calendar, options: Options, *, as_json: bool) -> bool:
    """One line out for each line in; False if any could not be answered."""
    well = True
    for number, line in _lines():
        try:
            period = _period_of_line(line, options)
            due = compute(period, calendar)
            told = _as_json(period, calendar, indent=None) if as_json else _shown(due)
        except AdjudicateError as error:
            well, told = False, "-"
            click.echo(f"第{number}行：{error.zh} / line {number}: {error.en}", err=True)
        else:
            if due.provisional:
                missing = calendar.missing(due.awaits)
                click.echo(f"第{number}行：暂定：{missing.zh} / line {number}: provisional: {missing.en}", err=True)
        click.echo(told)
    return well


def _lines() -> Iterator[tuple[int, bytes]]:
    """The lines of standard input, numbered from 1, without their ends and a leading byte order mark."""
    for number, line in enumerate(iter(sys.stdin.buffer.readline, b""), start=1):
        bare = line.rstrip(b"\r\n")
        yield number, bare.removeprefix(_BOM) if number == 1 else bare


def _period_of_line(line: bytes, options: Options) -> Period:
    try:
        text = line.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise PeriodError(zh="不是 UTF-8 文字", en="this is not UTF-8 text") from None
    if not text:
        raise PeriodError(zh="空行", en="the line is empty")
    if text.startswith("{"):
        return _period_of_object(text, options)
    day, comma, length = text.partition(",")
    if not comma:
        shown = quoted(text)
        raise PeriodError(zh=f"“{shown}”应写作 日期,期限", en=f"write '{shown}' as day,length or as a JSON object")
    return _period(day.strip(), length, options)


def _period_of_object(text: str, options: Options) -> Period:
    try:
        asked = json.loads(text, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError):
        raise PeriodError(zh="不是有效的 JSON 对象", en="this is not a valid JSON object") from None
    unknown = sorted(asked.keys() - {"from", "length", "exclude", "extend"})
    if unknown:
        shown = quoted(", ".join(unknown))
        raise PeriodError(zh=f"未知的键：{shown}", en=f"unknown keys: {shown}")
    excludes = asked.get("exclude") or []
    if not isinstance(excludes, list):
        raise _wrong("exclude", "[[from, until], …]")
    extends = asked.get("extend") or []
    lengths = [extends] if isinstance(extends, str) else extends
    if not isinstance(lengths, list) or not all(isinstance(each, str) for each in lengths):
        raise _wrong("extend", "“1 month”")
    more = Options(
        excludes=(*options.excludes, *(_exclusion_of_pair(pair) for pair in excludes)),
        extends=(*options.extends, *(Length.parse(each) for each in lengths)),
        backward=options.backward,
    )
    return _period(_text_at(asked, "from"), _text_at(asked, "length"), more)


def _without_duplicates(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def _exclusion_of_pair(pair: object) -> Exclusion:
    if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) and isinstance(pair[1], str | None):
        return _exclusion(pair[0], pair[1])
    raise _wrong("exclude", "[[from, until], …]")


def _text_at(asked: dict[str, Any], key: str) -> str:
    value = asked.get(key)
    if not isinstance(value, str):
        raise _wrong(key, "“…”")
    return value


def _wrong(key: str, shape: str) -> PeriodError:
    return PeriodError(
        zh=f"“{key}”缺失或格式不对，应为 {shape}", en=f"'{key}' is missing or has the wrong shape: {shape}"
    )
