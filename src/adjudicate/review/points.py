"""The open points of law: each with its question, the default, whom that protects, and everything that rests on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from adjudicate.definition.models import Overlay
from adjudicate.definition.open_points import Marked, OpenPoint
from adjudicate.review import cards
from adjudicate.review.blocks import Block, Card, Cards, Edition, Heading, Paragraph, Phrases, Table
from adjudicate.review.names import Names

_HEAD = ("编号和问题", "内容")


def rests(names: Names) -> dict[str, list[str]]:
    """What rests on each number in one version, in the order in which a version says it."""
    found: dict[str, list[str]] = {}

    def note(numbers: Iterable[str], what: str) -> None:
        for number in numbers:
            if what not in found.setdefault(number, []):
                found[number].append(what)

    workflow = names.workflow
    note(workflow.ruling_needed, "整个文件")
    for noun, rules in (("期限", workflow.deadlines), ("条件", workflow.conditions)):
        for rule in rules.values():
            note(rule.ruling_needed, f"{noun}“{rule.label.zh}”")
    for step in workflow.steps:
        note(step.ruling_needed, f"事项“{step.label.zh}”")
    for use in workflow.incidents:
        note(use.ruling_needed, f"附随程序“{names.incident(use.opens)}”")
    return found


def cards_of(points: Mapping[str, OpenPoint], used: Mapping[str, Sequence[str]]) -> Cards:
    """A card for each number that is used; `used` says for what."""
    return Cards(_HEAD, tuple(_card(number, points.get(number), used[number]) for number in sorted(used, key=order)))


def of_version(names: Names, known: Mapping[str, OpenPoint], newer: Names | None) -> Sequence[Block]:
    """What one version rests on; of a number that the newer version tells as well, only where it is used."""
    used = rests(names)
    told = {} if newer is None else rests(newer)
    own = {number: places for number, places in used.items() if number not in told}
    again = [((number,), tuple(used[number])) for number in sorted(used, key=order) if number in told]
    rows: tuple[tuple[Phrases, ...], ...] = tuple(again)
    return (
        *((cards_of(known, own),) if own else ()),
        *((Table(("在后一版本已列的编号", "本版本用于"), rows, (20, 80)),) if rows else ()),
    )


def order(number: str) -> tuple[str, int, str]:
    """C2 before C10, and C before D."""
    digits = "".join(sign for sign in number if sign.isdigit())
    return number[:1], int(digits or 0), number


def _card(number: str, point: OpenPoint | None, used: Sequence[str]) -> Card:
    where = ("用于", tuple(used))
    if point is None:
        return Card(number, f"{number}（尚未登记）", (), (), (where,))
    said = (("现行默认", (point.default.zh,)), ("保护谁", (point.protects.zh,)), where)
    return Card(number, f"{number} {point.question.zh}", (), cards.cited(point.basis), said)


def page(
    points: Mapping[str, OpenPoint], versions: Iterable[Names], local: Iterable[Overlay], besides: Iterable[Marked]
) -> Iterator[Block]:
    """All open points on one page; `besides` are the marks that stand in no procedure, incident or local rule."""
    used = _used(versions, local)
    for mark in besides:
        used.setdefault(mark.number, []).append(mark.what.zh)
    yield Edition("待裁断的问题", "")
    yield Heading(1, "待裁断的问题")
    yield Paragraph(
        "条文之间不一致、有疑问或者没有规定之处，取了下列默认。由系统根据登记和定义生成，请勿手工修改。"
        "以“C”编号的是条文之间的冲突，以“D”编号的是条文的疑问，以“L”编号的是地方规定的施行时间。"
    )
    yield Heading(2, "正在使用的")
    yield cards_of(points, used)
    waiting = [number for number in sorted(points, key=order) if number not in used]
    if waiting:
        yield Heading(2, "已登记而尚未使用的")
        rows = [_waiting(number, points[number]) for number in waiting]
        yield Table(("编号", "问题", "拟取的默认", "保护谁"), tuple(rows), (8, 42, 30, 20))


def _waiting(number: str, point: OpenPoint) -> tuple[Phrases, ...]:
    return (number,), (point.question.zh,), (point.default.zh,), (point.protects.zh,)


def _used(versions: Iterable[Names], local: Iterable[Overlay]) -> dict[str, list[str]]:
    """Where each number is used; versions that use it for the same things are told together."""
    days: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for names in versions:
        workflow = names.workflow
        for number, things in rests(names).items():
            alike = (number, workflow.title.zh, tuple(things))
            days.setdefault(alike, []).append(str(workflow.in_force.from_))
    used: dict[str, list[str]] = {}
    for (number, title, listed), begin in days.items():
        used.setdefault(number, []).extend((f"{title}（自 {'、'.join(begin)} 起）：", *listed))
    for rule in local:
        deadlines = (number for stricter in rule.deadlines.values() for number in stricter.ruling_needed)
        for number in dict.fromkeys((*rule.ruling_needed, *deadlines)):
            place = f"地方规定“{rule.title.zh}”（{rule.region}，自 {rule.in_force.from_} 起）"
            used.setdefault(number, []).append(place)
    return used
