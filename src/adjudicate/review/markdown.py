"""A review as Markdown, for REVIEW.md; it adds no word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from adjudicate.review.blocks import (
    Block,
    Bullets,
    Cards,
    Diagram,
    Edition,
    Heading,
    Paragraph,
    Signature,
    Table,
    beside,
    rows_of,
)

SIGNED = ("审阅人", "日期", "意见")


def markdown(blocks: Iterable[Block]) -> str:
    """The whole text of a page."""
    told = ("\n".join(_lines(block)) for block in blocks)
    return "\n\n".join(text for text in told if text) + "\n"


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Heading(level, text):
            yield f"{'#' * level} {text}"
        case Paragraph(text):
            yield text
        case Bullets(items):
            yield from (f"- {item}" for item in items)
        case Edition():
            # A page without sheets has nothing to repeat above them.
            return
        case Cards(head, cards):
            told: list[tuple[str, ...]] = []
            for card in cards:
                told += [tuple(map(_cell, row)) for row in rows_of(((f"**{card.heading}**",), beside(card)))]
                told += [tuple(map(_cell, row)) for name, said in card.rows for row in rows_of(((name,), said))]
            yield from _table(head, told)
        case Table(head, rows):
            yield from _table(head, _rows(rows, len(head)))
        case Diagram(lines):
            yield from ("```mermaid", *lines, "```")
        case Signature():
            yield from _table(SIGNED, [("", "", "")])


def _rows(rows: Iterable[tuple[tuple[str, ...], ...]], columns: int) -> Iterator[tuple[str, ...]]:
    for row in rows:
        if len(row) == 1:
            yield (f"**{_cell('；'.join(row[0]))}**", *[""] * (columns - 1))
        else:
            yield from (tuple(map(_cell, line)) for line in rows_of(row))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").strip()
