"""The review on which a lawyer signs one procedure or incident, in Chinese: first its course, then all its tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from string import Formatter

from adjudicate.definition.courses import Chapter
from adjudicate.definition.models import Fact, Overlay, PartyRole
from adjudicate.definition.open_points import OpenPoint
from adjudicate.review import cards, changes, points
from adjudicate.review import names as words
from adjudicate.review.blocks import (
    Block,
    Bullets,
    Card,
    Cards,
    Edition,
    Heading,
    Paragraph,
    Phrases,
    Signature,
    Table,
)
from adjudicate.review.course import course
from adjudicate.review.names import Names
from adjudicate.review.stages import stages

_IN_NUMBERS = {"office": "（机关代字）", "year": "（年份）", "number": "（序号）"}
_LEVELS = {"national": "国家级", "provincial": "省级", "city": "市级"}
_NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True)
class Reading:
    """One version as it is to be read: its labels, and the digest of its text."""

    names: Names
    digest: str


@dataclass(frozen=True)
class Review:
    """All that one review says: the versions, the newest first, the local rules, the open points and the order told.

    `cited` says how many articles of each instrument it cites.
    """

    versions: Sequence[Reading]
    overlays: Sequence[Overlay]
    points: Mapping[str, OpenPoint]
    chapters: Sequence[Chapter]
    cited: Sequence[str]


def review(told: Review) -> Iterator[Block]:
    """The whole review as blocks."""
    newest = told.versions[0].names.workflow
    what = "附随程序" if newest.kind == "incident" else "程序"
    yield Heading(1, newest.title.zh)
    yield Paragraph(
        f"{what}审阅表，由系统根据定义生成；有误请改定义。欠缺“须具备”条件的，不得记录；欠缺“应符合”条件而事实已经发生的，"
        "由有权角色说明理由后记录，并标明瑕疵的轻重：重大的，法院可以据以撤销；轻微的，确认违法而不撤销。"
    )
    older = [*told.versions[1:], None]
    for reading, before in zip(told.versions, older, strict=True):
        yield from _version(reading, before, told)
    yield Edition(f"{newest.title.zh}，全部版本", "")
    if told.overlays:
        yield Heading(2, f"{newest.title.zh}的地方规定")
        local = (cards.overlay(told.versions[0].names, rule) for rule in told.overlays)
        yield Cards(("规定", "内容"), tuple(local))
    if told.cited:
        yield Heading(2, "引用的条文")
        yield Bullets(tuple(told.cited))
    yield Heading(2, "审阅")
    yield Signature()


def _version(reading: Reading, before: Reading | None, told: Review) -> Iterator[Block]:
    names, workflow = reading.names, reading.names.workflow
    until = f"至 {workflow.in_force.until}（不含）" if workflow.in_force.until else ""
    title = f"自 {workflow.in_force.from_} 起施行的版本{until}"
    yield Edition(f"{workflow.title.zh}，{title}", reading.digest)
    yield Heading(2, title)
    first = "从启动到终结" if workflow.kind == "incident" else "从请求到生效"
    yield from _numbered(
        [
            (first, (course(names, told.chapters),)),
            ("依据与适用", tuple(_grounds(names, reading.digest))),
            ("阶段与去向", tuple(stages(names))),
            ("事项", _cards(("事项", "内容"), cards.steps(names))),
            ("条件", _cards(("条件", "内容"), cards.conditions(names))),
            ("期限", _cards(("期限", "内容"), cards.deadlines(names))),
            ("事实与选项", _cards(("事实", "内容"), cards.facts(names, lambda fact: not fact.checklist))),
            ("核对清单", _cards(("清单", "内容"), cards.facts(names, _is_checklist))),
            ("附随程序", _cards(("附随程序", "内容"), cards.incidents(names))),
            ("出具的文书", _documents(names)),
            ("任何情形下都成立的规则", _promises(names)),
            ("所依赖的待裁断问题", _points(names, told.points)),
            ("与前一版本的不同", () if before is None else _changes(before.names, names)),
        ]
    )


def _grounds(names: Names, digest: str) -> Iterator[Block]:
    workflow = names.workflow
    yield Paragraph(f"本版本的摘要值：{digest}")
    yield Paragraph(f"依据：{'；'.join(cards.cited(workflow.basis))}")
    if workflow.governs:
        yield Paragraph("适用版本由下列日期依次确定：" + "、".join(names.fact(name) for name in workflow.governs))
    if workflow.levels:
        yield Paragraph("可以办理的机关：" + "、".join(_LEVELS[level] for level in workflow.levels))
    if workflow.parties:
        yield Paragraph("当事人和其他参加人：" + "、".join(map(_part, workflow.parties.values())))
    for docket in workflow.dockets.values():
        pieces = (before + _IN_NUMBERS.get(name or "", "") for before, name, _, _ in Formatter().parse(docket.format))
        yield Paragraph(f"{docket.label.zh}：{''.join(pieces)}")
    if workflow.note:
        yield Paragraph(f"说明：{workflow.note.zh}")


def _part(role: PartyRole) -> str:
    needed = f"至少 {role.at_least} 名" if role.at_least else ""
    most = f"至多 {role.at_most} 名" if role.at_most is not None else ""
    told = "，".join(filter(None, (needed, most, "代理他人" if role.represents else "")))
    return role.label.zh + (f"（{told}）" if told else "")


def _numbered(sections: Sequence[tuple[str, Sequence[Block]]]) -> Iterator[Block]:
    """The sections that say something, each with its number."""
    number = 0
    for title, blocks in sections:
        if blocks:
            number += 1
            yield Heading(3, f"{_numeral(number)}、{title}")
            yield from blocks


def _numeral(number: int) -> str:
    ten = len(_NUMERALS)
    return _NUMERALS[number - 1] if number <= ten else f"{_NUMERALS[-1]}{_NUMERALS[number - ten - 1]}"


def _cards(head: tuple[str, str], found: tuple[Card, ...]) -> Sequence[Block]:
    return (Cards(head, found),) if found else ()


def _is_checklist(fact: Fact) -> bool:
    return fact.checklist is not None


def _documents(names: Names) -> Sequence[Block]:
    issued: dict[str, list[str]] = {}
    for step in names.workflow.steps:
        for name in step.issues:
            issued.setdefault(name, []).append(step.label.zh)
    known = names.registers.documents
    rows: list[tuple[Phrases, ...]] = [
        ((names.document(name),), tuple(dict.fromkeys(steps)), cards.cited(known[name].basis))
        for name, steps in issued.items()
    ]
    return (Table(("文书", "由下列事项出具", "依据"), tuple(rows), (36, 44, 20)),) if rows else ()


def _promises(names: Names) -> Sequence[Block]:
    rows: list[tuple[Phrases, ...]] = [
        ((words.promise(names, line),), cards.cited(line.basis)) for line in names.workflow.always
    ]
    return (Table(("规则", "依据"), tuple(rows), (78, 22)),) if rows else ()


def _points(names: Names, known: Mapping[str, OpenPoint]) -> Sequence[Block]:
    used = points.rests(names)
    return (points.cards_of(known, used),) if used else ()


def _changes(older: Names, newer: Names) -> Sequence[Block]:
    before, after = (_sections(replace(names, cites=False)) for names in (older, newer))
    said, cited = changes.changes(before, after), changes.citations(before, after)
    blocks: list[Block] = [said] if said.rows else [Paragraph("内容没有不同。")]
    return (*blocks, Heading(4, "依据的不同"), cited) if cited.rows else blocks


def _sections(names: Names) -> Mapping[str, Sequence[Card]]:
    return {
        "阶段": cards.states(names),
        "事项": cards.steps(names),
        "条件": cards.conditions(names),
        "期限": cards.deadlines(names),
        "事实与选项": cards.facts(names, lambda _: True),
        "附随程序": cards.incidents(names),
    }
