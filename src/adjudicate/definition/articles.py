"""The lists of all articles of an instrument, and which articles the law of a folder cites; it judges no citation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from adjudicate.definition import law_files, modelling, yaml_source
from adjudicate.definition.nouns import ENTRIES
from adjudicate.definition.placing import placed
from adjudicate.definition.shared_models import Label, Model
from adjudicate.definition.versions import LocalRule, Version
from adjudicate.definition.yaml_source import Path, Source
from adjudicate.errors import DefinitionError, Fault, Misworded
from adjudicate.law.citations import parse_citations
from adjudicate.law.periods import quoted
from adjudicate.law.text import Text

_ARTICLE = re.compile(r"[1-9][0-9]*(-[1-9][0-9]*)*")
_PARAGRAPHS = re.compile(r"\([^)]*\)")
REGISTERED = {"roles": Text("角色", "role"), "documents": Text("文书", "document")}

Versions = Mapping[str, Mapping[date, Version]]
LocalRules = Mapping[str, tuple[LocalRule, ...]]


def _number(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _article(value: str) -> str:
    if not _ARTICLE.fullmatch(value):
        shown = quoted(value)
        raise Misworded(
            f"“{shown}”不是条文号：写数字，或者以短横连接的数字",
            f"'{shown}' is no article: write a number, or numbers joined by hyphens",
        )
    return value


Article = Annotated[
    str,
    BeforeValidator(_number),
    AfterValidator(_article),
    WithJsonSchema({"type": ["integer", "string"], "pattern": f"^{_ARTICLE.pattern}$"}),
]


class ArticleFile(Model):
    """The file of one instrument: all its articles, and for each that nothing cites the reason."""

    articles: Annotated[tuple[Article, ...], Field(min_length=1)]
    not_cited: dict[Article, Label] = Field(default_factory=dict)


@dataclass(frozen=True)
class ArticleList:
    """All articles of an instrument in their order and the reasons of those not cited; `source` has their lines."""

    code: str
    source: Source
    articles: tuple[str, ...]
    reasons: Mapping[str, Label]


@dataclass(frozen=True, slots=True)
class Use:
    """One article cited once: by which definition (its title and first day, or a register), where, file and line."""

    code: str
    article: str
    definition: Text
    element: Text
    file: str
    line: int


def read_lists(texts: Mapping[str, str]) -> tuple[dict[str, ArticleList], list[Fault]]:
    """The lists of articles in the texts of a folder by the instrument's code, and the faults of those unreadable."""
    lists: dict[str, ArticleList] = {}
    faults: list[Fault] = []
    for path, code in law_files.layout(texts).articles.items():
        try:
            source = yaml_source.read(texts[path], path)
            entry = modelling.model(source, ArticleFile)
        except DefinitionError as error:
            faults.extend(error.faults)
        else:
            lists[code] = ArticleList(code, source, entry.articles, entry.not_cited)
    return lists, faults


def sound_lists(texts: Mapping[str, str]) -> dict[str, ArticleList]:
    """The same. Raises DefinitionError with every fault of those unreadable."""
    lists, faults = read_lists(texts)
    if faults:
        raise DefinitionError(faults)
    return lists


def articles_of(cited: str) -> list[str]:
    """The articles in `12(5), 20`, each without its paragraphs."""
    pieces = (piece.strip() for piece in _PARAGRAPHS.sub("", cited).split(","))
    return [piece for piece in pieces if piece]


def uses(versions: Versions, local_rules: LocalRules, texts: Mapping[str, str]) -> Iterator[Use]:
    """Every article that a definition, a local rule or a shared or own register cites. The registers must be sound."""
    titles = {key: by_day[max(by_day)].workflow.title for key, by_day in versions.items() if by_day}
    for by_day in versions.values():
        for day, version in by_day.items():
            yield from _uses(version.source, _titled(version.workflow.title, day), titles)
    for rules in local_rules.values():
        for rule in rules:
            title = _titled(rule.overlay.title, rule.overlay.in_force.from_)
            yield from _uses(rule.source, title, titles)
    for path, (register, _) in law_files.layout(texts).registers.items():
        if register in REGISTERED:
            noun = REGISTERED[register]
            title = Text(f"{noun.zh}登记", f"the register of {noun.en}s")
            yield from _uses(yaml_source.read(texts[path], path), title, titles, noun)


def own_uses(versions: Iterable[tuple[date, Version]]) -> dict[str, frozenset[str]]:
    """The articles that the versions of one procedure or incident cite, by the instrument's code."""
    found: dict[str, set[str]] = {}
    for day, version in versions:
        for use in _uses(version.source, _titled(version.workflow.title, day), {}):
            found.setdefault(use.code, set()).add(use.article)
    return {code: frozenset(articles) for code, articles in found.items()}


def _titled(title: Label, day: date) -> Text:
    return Text(f"{title.zh}（{day} 起）", f"{title.en} (from {day})")


def _uses(source: Source, title: Text, titles: Mapping[str, Label], register: Text | None = None) -> Iterator[Use]:
    for at, written in every_basis(source.data, ()):
        element = element_of(at, source.data, titles, register)
        file, line = source.place((*at, "basis"))
        for text in [*written.values()] if isinstance(written, dict) else [written]:
            try:
                citations = parse_citations(text) if isinstance(text, str) else ()
            except Misworded:  # the loader says so
                continue
            for citation in citations:
                for article in articles_of(citation.articles):
                    yield Use(citation.code, article, title, element, file, line)


def every_basis(data: Any, at: Path) -> Iterator[tuple[Path, Any]]:
    """Every basis in a definition, a local rule or a register with the place of what bears it."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "basis":
                yield at, value
            else:
                yield from every_basis(value, (*at, str(key)))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from every_basis(value, (*at, i))


def element_of(at: Path, data: Any, titles: Mapping[str, Label], register: Text | None) -> Text:
    """The step, deadline, condition … that a citation stands in, by the label that people read where it has one."""
    if not at:
        return Text("整个程序", "the whole procedure")
    depth = 1 if register else 2
    noun = register or ENTRIES.get(str(at[0]))
    entry = data
    for part in at[:depth]:
        entry = entry[part] if isinstance(part, str) else entry[int(part)]
    label = entry.get("label") if isinstance(entry, dict) else None
    if isinstance(label, dict) and noun is not None:
        return Text(f"{noun.zh}“{label.get('zh')}”", f"{noun.en} '{label.get('en')}'")
    opened = titles.get(str(entry.get("opens"))) if isinstance(entry, dict) else None
    if opened is not None and noun is not None:
        return Text(f"{noun.zh}“{opened.zh}”", f"{noun.en} '{opened.en}'")
    return placed(at[:depth], data, register)


def called(article: str) -> Text:
    """第12条 / Art 12; a guide's own number as it is."""
    return Text(f"第{article}条", f"Art {article}") if article.isdigit() else Text(article, article)
