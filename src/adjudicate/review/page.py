"""The review on which a lawyer signs one procedure or incident, in Chinese: first its course, then all its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from string import Formatter

from adjudicate.definition.courses import Chapter
from adjudicate.definition.models import Fact, Overlay, PartyRole
from adjudicate.definition.open_points import OpenPoint
from adjudicate.review import cards, points, tables
from adjudicate.review.abridging import abridged
from adjudicate.review.blocks import (
    Block,
    Bullets,
    Card,
    Cards,
    Edition,
    Heading,
    Paragraph,
    Signature,
)
from adjudicate.review.changes import Comparison
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
        "〔〕中的数是条件的序号，其含义和依据见“条件”；期限的末日遇休息日顺延，不顺延的另行写明。"
    )
    newer = None
    for reading, before in zip(told.versions, [*told.versions[1:], None], strict=True):
        yield from _version(_Version(reading, before, newer), told)
        newer = reading
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


@dataclass(frozen=True)
class _Version:
    """One version between the one before it and the one after it, whose words are not repeated."""

    reading: Reading
    before: Reading | None
    newer: Reading | None

    @property
    def names(self) -> Names:
        """Its labels."""
        return self.reading.names

    @cached_property
    def since(self) -> Comparison | None:
        """What it says otherwise than the version before."""
        return None if self.before is None else _comparison(self.before, self.reading)

    @cached_property
    def _until(self) -> Comparison | None:
        return None if self.newer is None else _comparison(self.reading, self.newer)

    def own(self, section: str, found: Sequence[Card]) -> tuple[Sequence[Block], Sequence[Card]]:
        """The cards that the newer version does not say as well, behind a line that counts those that it does."""
        if self._until is None or self.newer is None:
            return (), found
        kept = self._until.differing(section)
        own = [card for card in found if card.key in kept]
        day, count = self.newer.names.workflow.in_force.from_, len(found) - len(own)
        same = Paragraph(f"另有 {count} 项与自 {day} 起施行的版本相同，不再重复；名称、依据不同的，见该版本末节。")
        return ((same,) if count else ()), own


def _version(version: _Version, told: Review) -> Iterator[Block]:
    names, workflow = version.names, version.names.workflow
    until = f"至 {workflow.in_force.until}（不含）" if workflow.in_force.until else ""
    title = f"自 {workflow.in_force.from_} 起施行的版本{until}"
    yield Edition(f"{workflow.title.zh}，{title}", version.reading.digest)
    yield Heading(2, title)
    first = "从启动到终结" if workflow.kind == "incident" else "从请求到生效"
    yield from _numbered(
        [
            (first, (course(names, told.chapters),)),
            ("依据与适用", tuple(_grounds(names, version.reading.digest))),
            ("阶段与去向", tuple(stages(names))),
            ("事项", _section(version, "事项", lambda own: _cards(("事项", "内容"), abridged(own)))),
            ("条件", _section(version, "条件", tables.conditions)),
            ("期限", _section(version, "期限", lambda own: _cards(("期限", "内容"), own))),
            ("事实与选项", _section(version, "事实与选项", tables.facts)),
            ("核对清单", _section(version, "核对清单", lambda own: _cards(("清单", "内容"), own))),
            ("附随程序", _section(version, "附随程序", lambda own: _cards(("附随程序", "内容"), own))),
            ("出具的文书", tables.documents(names)),
            ("任何情形下都成立的规则", tables.promises(names)),
            (
                "所依赖的待裁断问题",
                points.of_version(names, told.points, version.newer.names if version.newer else None),
            ),
            ("与前一版本的不同", _changes(version.since)),
        ]
    )


def _section(version: _Version, title: str, told: Callable[[Sequence[Card]], Sequence[Block]]) -> Sequence[Block]:
    same, own = version.own(title, _sections(version.names)[title])
    return (*same, *told(own))


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


def _cards(head: tuple[str, str], found: Sequence[Card]) -> Sequence[Block]:
    return (Cards(head, tuple(found)),) if found else ()


def _sections(names: Names) -> Mapping[str, Sequence[Card]]:
    return {
        "阶段": cards.states(names),
        "事项": cards.steps(names),
        "条件": cards.conditions(names),
        "期限": cards.deadlines(names),
        "事实与选项": cards.facts(names, lambda fact: not fact.checklist),
        "核对清单": cards.facts(names, lambda fact: fact.checklist is not None),
        "附随程序": cards.incidents(names),
    }


def _comparison(older: Reading, newer: Reading) -> Comparison:
    before, after = (_sections(replace(one.names, compared=True)) for one in (older, newer))
    return Comparison(before, after, _renamed_options(older.names, newer.names))


def _renamed_options(older: Names, newer: Names) -> Mapping[str, str]:
    """What the values of the same facts were called, and are called now."""
    found = {}
    for name, rule in older.workflow.facts.items():
        was, now = _options(rule), _options(newer.workflow.facts[name]) if name in newer.workflow.facts else {}
        found.update({label: now[value] for value, label in was.items() if now.get(value, label) != label})
    return found


def _options(rule: Fact) -> Mapping[str, str]:
    return {value: label.zh for value, label in (rule.choice or rule.several or rule.checklist or {}).items()}


def _changes(since: Comparison | None) -> Sequence[Block]:
    if since is None:
        return ()
    said, cited = since.changes(), since.citations()
    blocks: list[Block] = [said] if said.rows else [Paragraph("内容没有不同。")]
    return (*blocks, Heading(4, "依据的不同"), cited) if cited.rows else blocks
