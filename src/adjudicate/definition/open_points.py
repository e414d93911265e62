"""The register of open points of law, by number, and where the law rests on each; no case is judged by it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, RootModel

from adjudicate.definition import modelling, yaml_source
from adjudicate.definition.law_files import OPEN_POINTS
from adjudicate.definition.placing import placed
from adjudicate.definition.shared_models import Basis, Label, Model
from adjudicate.definition.yaml_source import Path, Source
from adjudicate.errors import DefinitionError, Fault, Misworded
from adjudicate.law.periods import quoted
from adjudicate.law.text import Text

NUMBER = re.compile(r"[A-Z][1-9][0-9]{0,2}")
ENTRY = Text("待裁断问题", "open point")


def _number(value: str) -> str:
    if not NUMBER.fullmatch(value):
        shown = quoted(value)
        raise Misworded(
            f"“{shown}”不是编号：写一个大写字母和一个数，例如“C13”",
            f"'{shown}' is no number of an open point: write a capital letter and a number, such as 'C13'",
        )
    return value


class OpenPoint(Model):
    """A point that the law leaves open: the question, the default taken, and whom the default protects."""

    question: Label
    default: Label
    protects: Label
    basis: Basis | None = None


class OpenPointsFile(RootModel[dict[Annotated[str, AfterValidator(_number)], OpenPoint]]):
    """The file of open points."""


@dataclass(frozen=True)
class OpenPoints:
    """The register; `source` has the lines, and is None where there is no such file."""

    points: Mapping[str, OpenPoint]
    source: Source | None


@dataclass(frozen=True, slots=True)
class Marked:
    """A place that rests on an open point: the number, file and line, and the place as a sentence names it."""

    number: str
    file: str
    line: int
    what: Text


def read_points(texts: Mapping[str, str]) -> tuple[OpenPoints, list[Fault]]:
    """The register in the texts of a folder, empty where there is none or it cannot be read, and its faults."""
    if OPEN_POINTS not in texts:
        return OpenPoints({}, None), []
    try:
        source = yaml_source.read(texts[OPEN_POINTS], OPEN_POINTS)
        return OpenPoints(modelling.model(source, OpenPointsFile, ENTRY).root, source), []
    except DefinitionError as error:
        return OpenPoints({}, None), list(error.faults)


def sound_points(texts: Mapping[str, str]) -> Mapping[str, OpenPoint]:
    """The register alone. Raises DefinitionError with every fault where it cannot be read."""
    found, faults = read_points(texts)
    if faults:
        raise DefinitionError(faults)
    return found.points


def marked(sources: Iterable[Source]) -> Iterator[Marked]:
    """Every `ruling_needed` of these files."""
    for source in sources:
        for at, numbers in _marks(source.data, ()):
            what, (file, line) = placed(at, source.data), source.place((*at, "ruling_needed"))
            for number in [numbers] if isinstance(numbers, str) else numbers:
                yield Marked(str(number), file, line, what)


def _marks(data: Any, at: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "ruling_needed":
                yield at, value
            else:
                yield from _marks(value, (*at, str(key)))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from _marks(value, (*at, i))
