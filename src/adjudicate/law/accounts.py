"""The day-by-day account of a deadline: which days counted, which did not, by whose notice; it decides no due day."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from adjudicate.law.counting import Due, Exclusion, Leg, Period, compute, days_in, legs_of
from adjudicate.law.periods import Unit, add_months, in_words
from adjudicate.law.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adjudicate.law.calendars import Calendar

_ONE = timedelta(days=1)
_WEEKDAYS = tuple(
    Text(f"星期{zh}", en)
    for zh, en in zip(
        "一二三四五六日",
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        strict=True,
    )
)

_FIRST_DAY = Text("起算之日，不计入期限", "the first day is not counted")
_COUNTED = Text("计入期限", "counted")
_COUNTED_WORKING = Text("工作日，计入期限", "working days, counted")
_ROLLED_ON = Text(
    "最后一日不是工作日，顺延至其后第一个工作日", "the last day is not worked: it rolls to the next working day"
)
_ROLLED_BACK = Text(
    "最后一日不是工作日，提前至其前一个工作日", "the last day is not worked: it rolls back to the working day before"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A run of consecutive days treated alike for one reason, or a remark about one day.

    `rule` is first-day-not-counted, counted, excluded-<kind>, not-a-working-day, rolled, not-rolled, working-day,
    corresponding-day, extension, open, hours or due. `count_after` is what has been counted of the current stretch
    once the line is done, in natural or working days as the stretch has it.
    """

    from_on: date
    until_on: date
    counted: bool
    count_after: int
    rule: str
    why: Text
    notice: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """A period, its due day, and the lines that lead from the one to the other, in the order they are counted."""

    period: Period
    due: Due
    lines: tuple[Line, ...]


class _Book:
    """Collects lines, drawing neighbouring days with the same rule and reason together."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def write(
        self,
        first: date,
        last: date,
        rule: str,
        why: Text,
        *,
        counted: bool = False,
        count: int,
        notice: str | None = None,
    ) -> None:
        if self.lines:
            before = self.lines[-1]
            alike = (before.rule, before.why, before.notice, before.counted) == (rule, why, notice, counted)
            if alike and first == before.until_on + _ONE:
                first = before.from_on
                self.lines.pop()
            elif alike and last == before.from_on - _ONE:
                last = before.until_on
                self.lines.pop()
        self.lines.append(
            Line(from_on=first, until_on=last, counted=counted, count_after=count, rule=rule, why=why, notice=notice)
        )


def explain(period: Period, calendar: Calendar, *, labels: Mapping[str, Text] | None = None) -> Account:
    """The account of a period; `labels` names the kinds of exclusion and the authorities. Raises PeriodError.

    The due day is `compute`'s; the lines walk to it independently, day by day.
    """
    due = compute(period, calendar)
    book = _Book()
    names = labels or {}
    if period.length.unit is Unit.HOURS:
        _write_hours(book, period, due)
        return Account(period, due, tuple(book.lines))
    at = period.trigger_on
    book.write(at, at, "first-day-not-counted", _FIRST_DAY, count=0)
    for leg in legs_of(period):
        _write_leg_opening(book, period, leg, at, names)
        end = _write_leg(book, period, leg, at, calendar, names)
        if end is None:
            return Account(period, due, tuple(book.lines))
        at = end
    _write_end(book, period, due, calendar)
    return Account(period, due, tuple(book.lines))


def _write_leg_opening(book: _Book, period: Period, leg: Leg, start: date, names: Mapping[str, Text]) -> None:
    """The extensions that belong to a stretch, and the corresponding day of one in months or years."""
    whole = in_words(leg.length.count, leg.length.unit)
    own = leg.length.unit is period.length.unit
    for extension in leg.extensions:
        by = names.get(extension.by, Text(extension.by, extension.by)) if extension.by else None
        more = in_words(extension.length.count, extension.length.unit)
        how = (
            Text(f"与原期限合并为{whole.zh}，自起算日计算", f"together {whole.en}, counted from the trigger")
            if own
            else Text("自未顺延的届满日接续计算", "counted on from the unrolled end")
        )
        zh = f"延长{more.zh}" + (f"（{by.zh}）" if by else "")
        en = f"extended by {more.en}" + (f" ({by.en})" if by else "")
        book.write(extension.on, extension.on, "extension", Text(f"{zh}，{how.zh}", f"{en}, {how.en}"), count=0)
    if leg.length.unit in {Unit.MONTHS, Unit.YEARS}:
        months = leg.length.count * (12 if leg.length.unit is Unit.YEARS else 1)
        day = add_months(start, -months if period.backward else months)
        days = days_in(leg.length, start.toordinal(), backward=period.backward)
        book.write(
            day, day, "corresponding-day", _corresponding(period, whole, days, same=day.day == start.day), count=0
        )


def _corresponding(period: Period, whole: Text, days: int, *, same: bool) -> Text:
    """The line on the corresponding day of a month that is far enough away, and on the last day that stands in."""
    zh, en = (whole.zh + "前", f"{whole.en} earlier") if period.backward else (whole.zh + "后", f"{whole.en} later")
    if same:
        return Text(f"{zh}的对应日，折合{days}日", f"the corresponding day {en}: {days} days")
    return Text(
        f"{zh}无对应日，取该月最后一日，折合{days}日",
        f"no corresponding day {en}; the last day of that month stands in: {days} days",
    )


def _write_leg(
    book: _Book, period: Period, leg: Leg, start: date, calendar: Calendar, names: Mapping[str, Text]
) -> date | None:
    """Walk one stretch; the last counted day, or None where an open interval stops the walk."""
    step = -_ONE if period.backward else _ONE
    working = leg.length.unit is Unit.WORKING_DAYS
    needed = leg.length.count if working else days_in(leg.length, start.toordinal(), backward=period.backward)
    count, day = 0, start
    while count < needed:
        day += step
        active = [exclusion for exclusion in period.exclusions if _covers(exclusion, day)]
        if any(exclusion.until_on is None for exclusion in active):
            _write_open(book, day, active, count, names)
            return None
        if active:
            far = _far_end(period, day)
            first, last = min(day, far), max(day, far)
            book.write(first, last, _rule(active), _excluded(active, names), count=count)
            day = far
            continue
        on = calendar.day(day)
        if working and not on.working:
            book.write(day, day, "not-a-working-day", on.why, count=count, notice=on.notice)
            continue
        count += 1
        why = on.why if working and (on.notice or on.provisional) else _COUNTED_WORKING if working else _COUNTED
        book.write(day, day, "counted", why, counted=True, count=count, notice=on.notice if working else None)
    return day


def _covers(exclusion: Exclusion, day: date) -> bool:
    return exclusion.from_on <= day and (exclusion.until_on is None or day < exclusion.until_on)


def _far_end(period: Period, day: date) -> date:
    """The last day, in the direction of counting, to which the same intervals apply as to `day`."""
    edges = {exclusion.from_on for exclusion in period.exclusions}
    edges |= {exclusion.until_on for exclusion in period.exclusions if exclusion.until_on is not None}
    if period.backward:
        return max(edge for edge in edges if edge <= day)
    return min(edge for edge in edges if edge > day) - _ONE


def _rule(active: list[Exclusion]) -> str:
    """Where intervals overlap, the one that began first names the rule; the reason names them all."""
    return f"excluded-{min(active, key=lambda exclusion: exclusion.from_on).kind}"


def _kinds(active: list[Exclusion], names: Mapping[str, Text]) -> Text:
    kinds = list(dict.fromkeys(exclusion.kind for exclusion in sorted(active, key=lambda e: e.from_on)))
    texts = [names.get(kind, Text(kind, kind)) for kind in kinds]
    return Text("、".join(text.zh for text in texts), " and ".join(text.en for text in texts))


def _excluded(active: list[Exclusion], names: Mapping[str, Text]) -> Text:
    kinds = _kinds(active, names)
    return Text(f"{kinds.zh}，不计入期限", f"{kinds.en}: not counted")


def _write_open(book: _Book, day: date, active: list[Exclusion], count: int, names: Mapping[str, Text]) -> None:
    kinds = _kinds([exclusion for exclusion in active if exclusion.until_on is None], names)
    why = Text(f"{kinds.zh}尚未结束，届满日待定", f"{kinds.en} has not ended: the due day is not yet known")
    book.write(day, day, "open", why, count=count)


def _write_end(book: _Book, period: Period, due: Due, calendar: Calendar) -> None:
    """Rolling, or why there is none, and the closing line."""
    last, due_on = due.last_counted_on, due.due_on
    if last is None or due_on is None:
        return
    count = book.lines[-1].count_after
    end = calendar.day(last)
    if last != due_on:
        day, step = last, -_ONE if period.backward else _ONE
        while day != due_on:
            off = calendar.day(day)
            book.write(day, day, "not-a-working-day", off.why, count=count, notice=off.notice)
            day += step
        landed = calendar.day(due_on)
        why = _ROLLED_BACK if period.backward else _ROLLED_ON
        book.write(due_on, due_on, "rolled", why, count=count, notice=landed.notice)
    elif not end.working:
        why = Text(f"最后一日为{end.why.zh}，依规定不顺延", f"the last day is {end.why.en}; this period does not roll")
        book.write(last, last, "not-rolled", why, count=count, notice=end.notice)
    elif end.notice:
        why = Text(f"最后一日为{end.why.zh}，不顺延", f"the last day is a {end.why.en}: it does not roll")
        book.write(last, last, "working-day", why, count=count, notice=end.notice)
    _write_due(book, due, count, missing=calendar.missing(due.awaits) if due.awaits else None)


def _write_due(book: _Book, due: Due, count: int, *, missing: Text | None = None) -> None:
    if due.due_on is None:
        return
    weekday = _WEEKDAYS[due.due_on.weekday()]
    why = Text(f"期限届满日（{weekday.zh}）", f"the due day ({weekday.en})")
    if missing is not None:
        why = Text(f"{why.zh}，暂定：{missing.zh}", f"{why.en}, provisional: {missing.en}")
    book.write(due.due_on, due.due_on, "due", why, count=count)


def _write_hours(book: _Book, period: Period, due: Due) -> None:
    if due.due_at is None or due.due_on is None or period.trigger_at is None:
        return
    whole = in_words(legs_of(period)[0].length.count, Unit.HOURS)
    why = Text(
        f"自 {period.trigger_at.isoformat()} 起{whole.zh}，至 {due.due_at.isoformat()}；按时刻计算，不顺延",
        f"{whole.en} from {period.trigger_at.isoformat()}, to {due.due_at.isoformat()}; instants never roll",
    )
    first, last = sorted((period.trigger_on, due.due_on))
    book.write(first, last, "hours", why, counted=True, count=legs_of(period)[0].length.count)
    _write_due(book, due, legs_of(period)[0].length.count)


def account_text(account: Account, language: str) -> str:
    """The account as a lawyer reads it, one line for each run of days; Chinese unless `language` is English."""
    period = account.period
    length = in_words(period.length.count, period.length.unit)
    title = (
        Text(f"期限{length.zh}，自{period.trigger_on}倒算", f"{length.en}, counted backward from {period.trigger_on}")
        if period.backward
        else Text(f"期限{length.zh}，自{period.trigger_on}起算", f"{length.en} from {period.trigger_on}")
    )
    rows = [title.in_language(language)]
    rows += [_row(line).in_language(language) for line in account.lines]
    return "\n".join(rows)


_REMARKS = {"due", "rolled", "not-rolled", "working-day", "corresponding-day", "extension", "open", "hours"}


def _row(line: Line) -> Text:
    one = line.from_on == line.until_on
    days = (line.until_on - line.from_on).days + 1
    when = Text(
        f"{line.from_on}" if one else f"{line.from_on} 至 {line.until_on}",
        f"{line.from_on}" if one else f"{line.from_on} to {line.until_on}",
    )
    zh, en = line.why.zh, line.why.en
    if line.rule == "not-a-working-day":
        zh, en = f"{zh}，不是工作日", f"{en}, not a working day"
    if line.counted and line.rule == "counted":
        zh, en = f"{zh}（{days}日，累计{line.count_after}日）", f"{en} ({days}, in all {line.count_after})"
    elif line.rule not in _REMARKS and not one:
        zh, en = f"{zh}（{days}日）", f"{en} ({days} days)"
    if line.notice:
        zh, en = f"{zh}〔依据：{line.notice}〕", f"{en} [{line.notice}]"
    # Ideographic padding would not line up in a proportional font, so both languages pad with plain spaces.
    return Text(f"  {when.zh:<25}{zh}", f"  {when.en:<26}{en}")


def account_json(account: Account) -> dict[str, Any]:
    """The account for a machine: plain values, days as YYYY-MM-DD, instants in RFC 3339."""
    due = account.due
    return {
        "from": account.period.trigger_on.isoformat(),
        "length": str(account.period.length),
        "due_on": due.due_on.isoformat() if due.due_on else None,
        "due_at": due.due_at.isoformat() if due.due_at else None,
        "last_counted_on": due.last_counted_on.isoformat() if due.last_counted_on else None,
        "provisional": due.provisional,
        "open": list(due.open_kinds),
        "account": [
            asdict(line) | {"from_on": line.from_on.isoformat(), "until_on": line.until_on.isoformat()}
            for line in account.lines
        ],
    }
