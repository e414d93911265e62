"""What a review is made of, whatever it is printed as: headings, paragraphs, cards, tables, a diagram, a signature."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# Characters that one line of a cell holds at most; a longer one is told in several.
LINE = 100
_ENDS = "。；，、）"
# Phrases that are read at a glance, together or one by one.
_SHORT, _WORD = 44, 12

Phrases = tuple[str, ...]


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the title of the page."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """One paragraph."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """A list."""

    items: Phrases


@dataclass(frozen=True)
class Card:
    """One thing with all that is said of it: whose it is or what kind, and the citation, stand beside its title.

    `key` knows it again in another version, whatever its title says there; `number` is how others refer to it.
    """

    key: str
    title: str
    lead: Phrases
    basis: Phrases
    rows: tuple[tuple[str, Phrases], ...]
    number: str = ""

    @property
    def heading(self) -> str:
        """The title with the number."""
        return f"{self.number} {self.title}".lstrip()


@dataclass(frozen=True)
class Cards:
    """Cards of one kind under one another, in two columns."""

    head: tuple[str, str]
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Table:
    """Rows of cells, each cell a list of phrases; a row of a single cell is a heading inside the table.

    `widths` are the shares of the columns on paper; `wide` asks for a sheet laid across.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[Phrases, ...], ...]
    widths: tuple[int, ...] = ()
    wide: bool = False


@dataclass(frozen=True)
class Diagram:
    """A Mermaid diagram, which paper leaves out."""

    lines: Phrases


@dataclass(frozen=True)
class Signature:
    """Where the reviewer signs."""


@dataclass(frozen=True)
class Edition:
    """The beginning of what is said of one version: on paper each sheet bears these words. Without a digest, of all."""

    title: str
    digest: str


def beside(card: Card) -> Phrases:
    """What stands beside the title of a card."""
    return (*card.lead, *card.basis)


Block = Heading | Paragraph | Bullets | Cards | Table | Diagram | Signature | Edition


def lines_of(phrases: Iterable[str], joined: str = "；") -> list[str]:
    """Phrases put together into lines that are short enough to read; a phrase that is too long is broken."""
    lines: list[str] = []
    for phrase in (piece for one in phrases if one for piece in _pieces(one)):
        fits = bool(lines) and len(lines[-1]) + len(joined) + len(phrase) <= LINE
        # What announces others stands on a line of its own.
        if fits and not phrase.endswith("：") and not lines[-1].endswith(("：", "…")):
            lines[-1] += ("" if lines[-1].endswith(("。", "；")) else joined) + phrase
        else:
            lines.append(phrase)
    return lines


def rows_of(cells: Sequence[Phrases]) -> Iterator[tuple[str, ...]]:
    """A row as several short ones; what belongs to the row above has an empty first cell."""
    told = [lines_of(cell) for cell in cells]
    for i in range(max(map(len, told), default=0)):
        yield tuple(lines[i] if i < len(lines) else "" for lines in told)


def _pieces(text: str) -> Iterator[str]:
    text = text.replace("\n", " ").strip()
    while len(text) > LINE:
        cut = max(text.rfind(end, LINE // 2, LINE) for end in _ENDS) + 1 or LINE
        # Marked, so that nobody takes the end of the line for the end of the sentence.
        yield text[:cut] + "…"
        text = text[cut:].lstrip("；")
    yield text


def items_of(phrases: Iterable[str]) -> list[str]:
    """Phrases for a narrow column: short ones in one line, others each by itself, and long ones broken."""
    told = [one for one in phrases if one]
    if sum(map(len, told)) <= _SHORT or all(len(one) <= _WORD for one in told):
        return ["；".join(told).replace("：；", "：")] if told else []
    return [piece for one in told for piece in _pieces(one)]
