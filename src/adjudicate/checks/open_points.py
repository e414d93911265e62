"""The register of open points held against the numbers that the law bears: none is unknown; it reads no folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from adjudicate.definition.articles import articles_of, called, read_lists
from adjudicate.definition.law_files import OPEN_POINTS
from adjudicate.definition.open_points import ENTRY, Marked, OpenPoints
from adjudicate.definition.registers import Registers
from adjudicate.errors import Fault, Leaves, Misworded
from adjudicate.law.citations import parse_citations
from adjudicate.law.periods import quoted
from adjudicate.law.suggestion import unknown
from adjudicate.law.text import Text


def faults(
    register: OpenPoints, used: Iterable[Marked], registers: Registers | None, texts: Mapping[str, str]
) -> Iterator[Fault]:
    """Numbers that the register does not have, and its citations that stand for nothing."""
    for one in used:
        if one.number not in register.points:
            zh = f"{OPEN_POINTS} 中没有编号为“{quoted(one.number)}”的{ENTRY.zh}"
            en = f"{OPEN_POINTS} has no {ENTRY.en} '{quoted(one.number)}'"
            said = unknown(zh, en, one.number, register.points)
            yield Fault(one.file, one.line, en=said.en, zh=said.zh, leaves=Leaves.ALL)
    if register.source is None or registers is None:
        return
    for number, point in register.points.items():
        written = [point.basis] if isinstance(point.basis, str) else [*(point.basis or {}).values()]
        for said in (said for text in written for said in _citation_faults(text, registers, texts)):
            yield register.source.fault((number, "basis"), said.en, said.zh, Leaves.ALL)


def unused(register: OpenPoints, used: Iterable[Marked]) -> list[str]:
    """The numbers that nothing bears yet, in the order of the register: worth knowing, and no fault."""
    found = {one.number for one in used}
    return [number for number in register.points if number not in found]


def _citation_faults(text: str, registers: Registers, texts: Mapping[str, str]) -> Iterator[Text]:
    try:
        citations = parse_citations(text)
    except Misworded as error:
        yield Text(error.zh, error.en)
        return
    lists, _ = read_lists(texts)
    for citation in citations:
        code, known = citation.code, registers.instruments
        if code not in known:
            yield unknown(f"不存在的法律文本“{code}”", f"unknown instrument '{code}'", code, known)
        elif code in lists:
            for article in articles_of(citation.articles):
                if article not in lists[code].articles:
                    name = called(article)
                    yield Text(
                        f"{code} 的条文表中没有{name.zh}", f"{code} has no {name.en} in the list of its articles"
                    )
