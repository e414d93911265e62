"""The reference tables of a version that need no cards: conditions, facts, documents issued, rules that always hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adjudicate.review import cards
from adjudicate.review.blocks import Block, Card, Phrases, Table, lines_of
from adjudicate.review.meaning import promise
from adjudicate.review.names import Names

Row = tuple[Phrases, ...]


def conditions(found: Sequence[Card]) -> Sequence[Block]:
    """A row for each condition: what is asked in words, the weight where it fails, the citation and the open points."""
    rows: list[Row] = []
    for card in found:
        said = dict(card.rows)
        noted = tuple(f"说明：{one}" for one in said.get("说明", ()))
        points = tuple(f"待裁断 {one}" for one in said.get("待裁断", ()))
        rows.append(((card.heading,), (*said.get(cards.ASKED, ()), *noted), (*card.lead, *card.basis, *points)))
    return _table(("序号和条件", "核对什么", "瑕疵、依据"), rows, (32, 48, 20))


def facts(found: Sequence[Card]) -> Sequence[Block]:
    """The facts with options, a row for each; the others by their kind."""
    rows: list[Row] = []
    by_kind: dict[str, list[str]] = {}
    for card in found:
        said = dict(card.rows)
        options = said.pop("选项", ())
        kind = "；".join((*card.lead, *(f"{name}，{one}" for name, told in said.items() for one in told)))
        if options:
            rows.append(((card.title,), (kind,), options))
        else:
            by_kind.setdefault(kind, []).append(card.title)
    plain = [((kind,), tuple(lines_of(titles))) for kind, titles in by_kind.items()]
    return (
        *_table(("有选项的事实", "种类", "选项"), rows, (26, 22, 52)),
        *_table(("种类", "没有选项的事实"), plain, (26, 74)),
    )


def documents(names: Names) -> Sequence[Block]:
    """Which step issues each document."""
    issued: dict[str, list[str]] = {}
    for step in names.workflow.steps:
        for name in step.issues:
            issued.setdefault(name, []).append(step.label.zh)
    known = names.registers.documents
    rows: Iterable[Row] = (
        ((names.document(name),), tuple(dict.fromkeys(steps)), cards.cited(known[name].basis))
        for name, steps in issued.items()
    )
    return _table(("文书", "由下列事项出具", "依据"), rows, (36, 44, 20))


def promises(names: Names) -> Sequence[Block]:
    """What holds whatever happens."""
    rows: Iterable[Row] = (((promise(names, line),), cards.cited(line.basis)) for line in names.workflow.always)
    return _table(("规则", "依据"), rows, (78, 22))


def _table(head: tuple[str, ...], rows: Iterable[Row], widths: tuple[int, ...]) -> Sequence[Block]:
    found = tuple(rows)
    return (Table(head, found, widths),) if found else ()
