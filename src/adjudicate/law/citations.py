"""Citations such as `ZJ81 12(5), 20; ACL 54` and the instruments they must resolve to; it judges no rule."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from adjudicate.errors import Misworded
from adjudicate.law.periods import Length, Unit, quoted
from adjudicate.law.text import Text
from adjudicate.law.written import hinted, wide

CODE = re.compile(r"[A-Z][A-Z0-9]*[A-Za-z0-9]*")
_CITATION = re.compile(r"([A-Z][A-Z0-9]*[A-Za-z0-9]*)((?:\s+[0-9][^;]*)?)")


@dataclass(frozen=True, slots=True)
class Instrument:
    """A statute, rule or guide: its code, official title, number, authority and time in force (half-open).

    `working` says which counts of 「日」 its own text turns into working days; None means that it always writes
    out which days it means, so either unit may be cited.
    """

    code: str
    title: Text
    number: str
    from_on: date
    until_on: date | None
    working: frozenset[int] | None

    def in_force(self, on: date) -> bool:
        """Whether the instrument is in force on that day."""
        return self.from_on <= on and (self.until_on is None or on < self.until_on)

    def at_odds(self, length: Length) -> bool:
        """Whether a length in days has a unit that this instrument's text does not give it."""
        if self.working is None or length.unit not in (Unit.DAYS, Unit.WORKING_DAYS):
            return False
        return (length.unit is Unit.WORKING_DAYS) != (length.count in self.working)


@dataclass(frozen=True, slots=True)
class Citation:
    """One instrument and the articles cited of it, as written."""

    code: str
    articles: str


def parse_citations(basis: str) -> tuple[Citation, ...]:
    """Read `CODE articles; CODE articles`. Raises Misworded with the piece that cannot be read."""
    citations = []
    for piece in basis.split(";"):
        match = _CITATION.fullmatch(piece.strip())
        if match is None or wide(piece) is not None:
            shown = quoted(piece.strip())
            said = hinted(
                Text(
                    f"“{shown}”不是引用：须写法律文本的代码和条文号",
                    f"'{shown}' is no citation: write an instrument's code and its articles",
                ),
                piece,
            )
            raise Misworded(said.zh, said.en)
        citations.append(Citation(match[1], match[2].strip()))
    return tuple(citations)


def basis_at(basis: str | Mapping[date, str] | None, on: date) -> str | None:
    """The citation to be shown for something of that day: an act's own day, or the day a deadline is counted from.

    Out of a dated basis it is the last one begun by then; for a day before them all (a deadline that another version
    started and this one carries on) the first. None where nothing is cited at all.
    """
    if basis is None or isinstance(basis, str):
        return basis
    return basis[max((day for day in basis if day <= on), default=min(basis))]
