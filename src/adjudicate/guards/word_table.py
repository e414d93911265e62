"""The table of guard words in the documentation, written from their classes; as a command it renews a file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from adjudicate.guards.compiling import WORDS
from adjudicate.guards.word import Word

BEGIN = "<!-- The table of words is written by `make law` from the classes in src/adjudicate/guards. -->"
END = "<!-- End of the table of words. -->"


def table() -> str:
    """The table, a row for each word."""
    return "\n".join(_rows()) + "\n"


def _rows() -> Iterator[str]:
    yield "| word | takes | holds when | 何时成立 |"
    yield "|---|---|---|---|"
    for kind in WORDS.values():
        yield f"| `{kind.word}: {kind.example}` | {_takes(kind)} | {kind.en()} | {kind.zh} |"


def _takes(kind: type[Word]) -> str:
    """What may stand in each place of its argument."""
    said = [f"facts: {place.said().en}" if place.types else place.said().en for place in kind.places]
    return "; ".join(dict.fromkeys(said))


def brought_up_to_date(text: str) -> str:
    """A document with the table between the two marks as it is now. Raises ValueError without the marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document lacks the line {BEGIN if not begin else END}")
    return f"{before}{BEGIN}\n{table()}{END}{after}"


def write(document: Path) -> bool:
    """Bring the table in a document up to date; whether that changed anything. Raises ValueError without the marks."""
    written = document.read_text(encoding="utf-8")
    fresh = brought_up_to_date(written)
    if written != fresh:
        document.write_text(fresh, encoding="utf-8")
    return written != fresh


if __name__ == "__main__":
    if write(Path(sys.argv[1])):
        sys.stdout.write(f"written: {sys.argv[1]}\n")
