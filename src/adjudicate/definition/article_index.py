"""What rests on each article of the loaded law, paragraph by paragraph and from which day; it knows no case."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from adjudicate.definition import law_files, yaml_source
from adjudicate.definition.articles import (
    REGISTERED,
    ArticleList,
    LocalRules,
    Versions,
    called,
    element_of,
    every_basis,
    read_lists,
)
from adjudicate.definition.nouns import ENTRIES
from adjudicate.definition.registers import Registers
from adjudicate.definition.shared_models import Label
from adjudicate.definition.yaml_source import Path, Source
from adjudicate.errors import AdjudicateError, Misworded
from adjudicate.law.citations import parse_citations
from adjudicate.law.periods import quoted
from adjudicate.law.suggestion import unknown
from adjudicate.law.text import Text

# What is cited to an instrument as a whole stands under this in the place of an article.
WHOLE = ""

At = tuple[str, str | int]
Labels = Mapping[str, Label]
NO_LABELS: Labels = {}

_PIECES = re.compile(r",(?![^(]*\))")
_PIECE = re.compile(r"([^()]+)((?:\([^()]+\))*)")
_SPLIT_OFF = re.compile(r"([^()]{1,40})((?:\([^()]{1,20}\)){0,4})")


class ArticleUnknown(AdjudicateError):
    """No such instrument is loaded, or it has no such article."""

    code = "not-found"


@dataclass(frozen=True, slots=True)
class Home:
    """Where a citation stands: a version of a procedure or an incident, a local rule upon one, or a register.

    `key` is that of the procedure or incident and "" for a register that all share; `day` and `until` are its days in
    force, half-open, both None for a register.
    """

    kind: str
    key: str
    title: Text
    day: date | None = None
    until: date | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Resting:
    """One element that rests on an article: cited to `paragraph` ("" for the whole), from and until which day.

    `at` is its section and its name or number there, both "" for the whole definition; `name` is its own name or that
    of its event or incident; `label` is what people read, `element` the same in a sentence.
    """

    article: str
    paragraph: str
    home: Home
    at: At
    name: str
    label: Text
    element: Text
    from_on: date | None
    until_on: date | None


@dataclass(frozen=True)
class CitedInstrument:
    """An instrument by its articles: what rests on each, all that it has (where listed), and why some are not cited."""

    code: str
    title: Text
    resting: Mapping[str, tuple[Resting, ...]]
    listed: ArticleList | None = None

    @property
    def articles(self) -> tuple[str, ...]:
        """Every article listed, in the instrument's order, and behind them those that are only cited."""
        cited = sorted((article for article in self.resting if article != WHOLE), key=_order)
        return tuple(dict.fromkeys((*(self.listed.articles if self.listed else ()), *cited)))


@dataclass(frozen=True)
class Asked:
    """An article that was asked for, or a paragraph of it, with what rests on it.

    Of a paragraph: what is cited to it, and what is cited to the whole article and so may rest on it. Which paragraphs
    an article has is not known: one that nothing cites is none the less asked for.
    """

    instrument: CitedInstrument
    article: str
    paragraph: str
    resting: tuple[Resting, ...]

    @property
    def called(self) -> Text:
        """第26条第(2)项 as `第26条(2)`, and `Art 26(2)`."""
        name = called(self.article)
        return Text(f"{name.zh}{self.paragraph}", f"{name.en}{self.paragraph}")


@dataclass(frozen=True)
class ArticleIndex:
    """Every instrument of the registers by its code."""

    instruments: Mapping[str, CitedInstrument] = field(default_factory=dict)

    def instrument(self, code: str) -> CitedInstrument:
        """One instrument. Raises ArticleUnknown, which names the nearest code."""
        if code not in self.instruments:
            shown = quoted(code)
            raise _unknown(
                unknown(f"没有法律文本“{shown}”", f"there is no instrument '{shown}'", code, self.instruments)
            )
        return self.instruments[code]

    def asked(self, code: str, written: str) -> Asked:
        """The article written as `26`, `26(2)` or `2-3-1`. Raises ArticleUnknown, which names the nearest article."""
        instrument = self.instrument(code)
        match = _SPLIT_OFF.fullmatch(written)
        article, paragraph = (match[1], match[2]) if match else (written, "")
        if article not in instrument.articles:
            shown, title = quoted(article), instrument.title
            if instrument.listed is None:
                zh, en = f"没有任何定义引用{title.zh}的“{shown}”条", f"nothing cites article '{shown}' of {title.en}"
            else:
                zh, en = f"{title.zh}没有“{shown}”条", f"{title.en} has no article '{shown}'"
            raise _unknown(unknown(zh, en, article, instrument.articles))
        resting = instrument.resting.get(article, ())
        if paragraph:
            resting = tuple(one for one in resting if one.paragraph in {"", paragraph})
        return Asked(instrument, article, paragraph, resting)


def _unknown(said: Text) -> ArticleUnknown:
    zh, en = said.zh.rstrip("。"), said.en.rstrip(".")
    if zh.endswith("？"):
        return ArticleUnknown(zh=zh, en=f"{en[0].upper()}{en[1:]}")
    return ArticleUnknown(zh=f"{zh}。", en=f"{en[0].upper()}{en[1:]}.")


def _order(article: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", article))


def build(versions: Versions, local_rules: LocalRules, registers: Registers, texts: Mapping[str, str]) -> ArticleIndex:
    """The index of a sound folder; a list of articles that is unreadable is left out."""
    found: dict[str, dict[str, list[Resting]]] = {}
    for code, one in _all(versions, local_rules, texts):
        found.setdefault(code, {}).setdefault(one.article, []).append(one)
    lists, _ = read_lists(texts)
    return ArticleIndex(
        {
            code: CitedInstrument(
                code,
                instrument.title,
                {article: tuple(dict.fromkeys(uses)) for article, uses in found.get(code, {}).items()},
                lists.get(code),
            )
            for code, instrument in sorted(registers.instruments.items())
        }
    )


def _all(versions: Versions, local_rules: LocalRules, texts: Mapping[str, str]) -> Iterator[tuple[str, Resting]]:
    titles = {key: by_day[max(by_day)].workflow.title for key, by_day in versions.items() if by_day}
    for key, by_day in versions.items():
        for day, version in sorted(by_day.items()):
            workflow = version.workflow
            following = min((other for other in by_day if other > day), default=None)
            until = min((one for one in (workflow.in_force.until, following) if one is not None), default=None)
            title = Text(workflow.title.zh, workflow.title.en)
            yield from _of_source(version.source, Home(workflow.kind, key, title, day, until), titles)
    for key, rules in local_rules.items():
        for rule in rules:
            overlay = rule.overlay
            title, time = Text(overlay.title.zh, overlay.title.en), overlay.in_force
            home = Home("local-rule", key, title, time.from_, time.until, overlay.region)
            labels = {n: one.label for v in versions[key].values() for n, one in v.workflow.deadlines.items()}
            yield from _of_source(rule.source, home, titles, labels=labels)
    for path, (register, owner) in law_files.layout(texts).registers.items():
        if register in REGISTERED:
            noun = REGISTERED[register]
            home = Home("register", owner or "", Text(f"{noun.zh}登记", f"the register of {noun.en}s"))
            yield from _of_source(yaml_source.read(texts[path], path), home, titles, register)


def _of_source(
    source: Source, home: Home, titles: Mapping[str, Label], register: str | None = None, labels: Labels = NO_LABELS
) -> Iterator[tuple[str, Resting]]:
    noun = None if register is None else REGISTERED[register]
    for path, written in every_basis(source.data, ()):
        at = _place(path, register)
        name, label = _named(at, source.data, titles, register)
        element = element_of(path, source.data, titles, noun)
        if home.kind == "local-rule":
            element = _of_local_rule(at, labels) or element
        for basis, from_on, until_on in _dated(written, home):
            for code, article, paragraph in cited(basis):
                one = Resting(article, paragraph, home, at, name, label or element, element, from_on, until_on)
                yield code, one


def _place(path: Path, register: str | None) -> At:
    if register is not None:
        return register, str(path[0])
    return (str(path[0]), path[1]) if len(path) > 1 and str(path[0]) in ENTRIES else ("", "")


def _named(at: At, data: Any, titles: Mapping[str, Label], register: str | None) -> tuple[str, Text | None]:
    """The name of what stands at a place, and its label or the title of the incident that it opens."""
    section, key = at
    if not section:
        return "", None
    entry = data[key] if register is not None else data[section][key]
    if not isinstance(entry, dict):
        return str(key), None
    name = str(entry.get("event") or entry.get("opens") or ("" if isinstance(key, int) else key))
    label, opened = entry.get("label"), titles.get(str(entry.get("opens")))
    if isinstance(label, dict):
        return name, Text(str(label.get("zh")), str(label.get("en")))
    return name, None if opened is None else Text(opened.zh, opened.en)


def _of_local_rule(at: At, labels: Labels) -> Text | None:
    """What local rules set: they name a deadline of the procedure, which has the label."""
    if not at[0]:
        return Text("整份地方规定", "the local rules as a whole")
    label = labels.get(str(at[1]))
    return None if label is None else Text(f"期限“{label.zh}”", f"deadline '{label.en}'")


def _dated(written: object, home: Home) -> Iterator[tuple[str, date | None, date | None]]:
    """Each text of a basis with the days for which it is cited: those of its home, or from one day to the next."""
    if not isinstance(written, Mapping):
        yield str(written), home.day, home.until
        return
    days = sorted(day for day in written if isinstance(day, date))
    for i, day in enumerate(days):
        yield str(written[day]), day, days[i + 1] if i + 1 < len(days) else home.until


def cited(basis: str) -> Iterator[tuple[str, str, str]]:
    """The code, the article and the paragraph ("" for the whole) of each citation in `ZJ81 12(5), 20; ACL 54; BZ57`."""
    try:
        citations = parse_citations(basis)
    except Misworded:  # pragma: no cover - a folder with such a citation is never loaded
        return
    for citation in citations:
        if not citation.articles:
            yield citation.code, WHOLE, ""
        for piece in _PIECES.split(citation.articles):
            match = _PIECE.fullmatch(piece.strip())
            if match is not None:
                yield citation.code, match[1].strip(), match[2]
