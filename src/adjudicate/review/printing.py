"""A review as one HTML file that fetches nothing, laid out for A4: its first page across, the tables upright."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

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
    items_of,
)
from adjudicate.review.fitting import letters
from adjudicate.review.markdown import SIGNED
from adjudicate.review.style import SHEET, STYLE


def printed(blocks: Iterable[Block]) -> str:
    """The whole file."""
    parts = _parts(blocks)
    title = next((block.text for part in parts for block in part.blocks if isinstance(block, Heading)), "")
    sheets = "".join(
        SHEET.format(name=part.name, head=_quoted(part.head), digest=part.digest and f"摘要值 {part.digest}")
        for part in parts
    )
    lines = [
        "<!DOCTYPE html>",
        '<html lang="zh-CN">',
        f'<head><meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}{sheets}</style></head>',
        "<body>",
        *(line for part in parts for line in part.lines()),
        "</body>",
        "</html>",
        "",
    ]
    return "\n".join(lines)


class _Part:
    """The sheets of one version, which bear its title and digest; or of what is said of none."""

    def __init__(self, number: int, edition: Edition, blocks: list[Block]) -> None:
        self.name = f"e{number}"
        self.head, self.digest = edition.title, edition.digest
        self.blocks = blocks

    def lines(self) -> Iterator[str]:
        """The first page as far as a table that is laid across, and then the rest."""
        across = next((i for i, one in enumerate(self.blocks) if isinstance(one, Table) and one.wide), -1) + 1
        for name, blocks in ((f"{self.name}-across", self.blocks[:across]), (self.name, self.blocks[across:])):
            if blocks:
                yield f'<section class="{"upright" if name == self.name else "across"}" style="page: {name}">'
                yield from (line for block in blocks for line in _lines(block))
                yield "</section>"


def _parts(blocks: Iterable[Block]) -> list[_Part]:
    """A part from each edition to the next. What stands before the first belongs to it."""
    before: list[Block] = []
    parts: list[_Part] = []
    for block in blocks:
        if isinstance(block, Edition):
            parts.append(_Part(len(parts), block, [] if parts else before))
        else:
            (parts[-1].blocks if parts else before).append(block)
    return parts


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Heading(level, text):
            yield f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(text):
            yield f"<p>{escape(text)}</p>"
        case Bullets(items):
            yield "<ul>"
            yield from (f"<li>{escape(item)}</li>" for item in items)
            yield "</ul>"
        case Cards():
            yield from _cards(block)
        case Table():
            yield from _table(block)
        case Signature():
            yield '<table class="signed"><tr>'
            yield "".join(f"<th>{name}</th>" for name in SIGNED)
            yield f"</tr><tr>{'<td></td>' * len(SIGNED)}</tr></table>"
        case Diagram() | Edition():
            # The table beside a diagram says the same, and the sheets bear what an edition says.
            return


def _cards(block: Cards) -> Iterator[str]:
    yield '<div class="cards"><table><col style="width: 18%"><col>'
    for card in block.cards:
        lead = f"<span>{'；'.join(map(escape, filter(None, beside(card))))}</span>"
        yield f'<tbody><tr class="title"><th colspan="2">{escape(card.heading)} {lead}</th></tr>'
        yield from (f"<tr><th>{escape(name)}</th><td>{_cell(said)}</td></tr>" for name, said in card.rows)
        yield "</tbody>"
    yield "</table></div>"


def _table(block: Table) -> Iterator[str]:
    yield f'<table style="font-size: {letters(block)}pt">' if block.wide else "<table>"
    yield "".join(f'<col style="width: {width}%">' for width in block.widths)
    yield f"<thead><tr>{''.join(f'<th>{escape(name)}</th>' for name in block.head)}</tr></thead><tbody>"
    for row in block.rows:
        if len(row) == 1:
            yield f'<tr class="title"><th colspan="{len(block.head)}">{_cell(row[0])}</th></tr>'
        else:
            cells = (_running(said) if block.wide else _cell(said) for said in row)
            yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    yield "</tbody></table>"


def _cell(said: Iterable[str]) -> str:
    return "<br>".join(map(escape, items_of(said)))


def _running(said: Iterable[str]) -> str:
    """Where room is scarce: one phrase behind the other."""
    return escape("；".join(filter(None, said)))


def _quoted(text: str) -> str:
    """A text inside a string of CSS."""
    return escape(text.replace("\\", "").replace('"', "”"), quote=False)
