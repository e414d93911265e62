"""What an instrument's articles are cited for, and why the others are not, as lines to read; it reads no folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from adjudicate.definition.article_index import Asked, CitedInstrument, Home, Resting
from adjudicate.definition.articles import ArticleList, Use, called, sound_lists
from adjudicate.definition.registers import Registers
from adjudicate.law.periods import quoted
from adjudicate.law.suggestion import unknown
from adjudicate.law.text import Text


class NotListed(LookupError):
    """No list of articles bears this code; only a command asks, so it is no problem of the API."""

    def __init__(self, said: Text) -> None:
        super().__init__(said.en)
        self.said = said


def chosen(code: str, texts: Mapping[str, str], registers: Registers) -> tuple[ArticleList, Text]:
    """The list of one instrument and its title. Raises NotListed, or DefinitionError for a list that is unreadable."""
    lists = sound_lists(texts)
    instrument = registers.instruments.get(code)
    if instrument is None:
        known = registers.instruments
        said = unknown(f"不存在的法律文本“{quoted(code)}”", f"unknown instrument '{quoted(code)}'", code, known)
        raise NotListed(said)
    if code not in lists:
        listed = sorted(lists)
        zh = f"“{code}”没有条文表" + (f"，有条文表的是：{'、'.join(listed)}" if listed else "")
        en = f"'{code}' has no list of its articles" + (f"; there is one for {', '.join(listed)}" if listed else "")
        raise NotListed(Text(zh, en))
    return lists[code], instrument.title


def report(title: Text, listed: ArticleList, found: Iterable[Use]) -> Iterator[Text]:
    """Both lists as lines: the articles cited with what cites each, then those not cited with the reason of each."""
    by_article: dict[str, dict[Text, dict[Text, None]]] = {}
    for use in found:
        if use.code == listed.code:
            by_article.setdefault(use.article, {}).setdefault(use.definition, {})[use.element] = None
    cited = [article for article in listed.articles if article in by_article]
    left = [article for article in listed.articles if article not in by_article]
    n, m = len(cited), len(listed.articles)
    yield Text(
        f"{listed.code} {title.zh}：引用所列 {m} 条中的 {n} 条",
        f"{listed.code} {title.en}: {n} of the {m} articles listed are cited",
    )
    if cited:
        yield Text("引用的条文：", "cited:")
    for article in cited:
        name = called(article)
        yield Text(f"  {name.zh}", f"  {name.en}")
        for definition, elements in by_article[article].items():
            zh, en = "、".join(one.zh for one in elements), ", ".join(one.en for one in elements)
            yield Text(f"    {definition.zh}：{zh}", f"    {definition.en}: {en}")
    if left:
        yield Text("未引用的条文：", "not cited:")
    for article in left:
        name, reason = called(article), listed.reasons.get(article)
        zh, en = (reason.zh, reason.en) if reason else ("没有说明理由", "no reason is given")
        yield Text(f"  {name.zh}：{zh}", f"  {name.en}: {en}")


def of_instrument(found: CitedInstrument) -> Iterator[Text]:
    """The articles of an instrument as lines: how many elements rest on each, or why none does."""
    cited = [article for article in found.articles if found.resting.get(article)]
    n, m = len(cited), len(found.articles)
    of = Text(f"所列 {m} 条中的 {n} 条", f"{n} of the {m} articles listed") if found.listed else Text(f"{n} 条", str(n))
    yield Text(f"{found.code} {found.title.zh}：引用{of.zh}", f"{found.code} {found.title.en}: cited {of.en}")
    for article in found.articles:
        name, resting = called(article), found.resting.get(article, ())
        reason = None if found.listed is None else found.listed.reasons.get(article)
        if resting:
            homes, elements = len({one.home for one in resting}), len({(one.home, one.at) for one in resting})
            zh, en = f"{homes} 个定义中的 {elements} 处", f"{elements} elements in {homes} definitions"
        else:
            zh, en = (reason.zh, reason.en) if reason else ("没有说明理由", "no reason is given")
        yield Text(f"  {name.zh}：{zh}", f"  {name.en}: {en}")


def of_article(asked: Asked) -> Iterator[Text]:
    """What rests on one article as lines: version by version, each element with its paragraph and days."""
    title, name = asked.instrument.title, asked.called
    yield Text(f"{asked.instrument.code} {title.zh}{name.zh}", f"{asked.instrument.code} {title.en}, {name.en}")
    if not asked.resting:
        reason = None if asked.instrument.listed is None else asked.instrument.listed.reasons.get(asked.article)
        zh, en = (reason.zh, reason.en) if reason else ("没有说明理由", "no reason is given")
        yield Text(f"  没有任何定义引用：{zh}", f"  nothing cites it: {en}")
    for home, of_home in groupby(asked.resting, key=lambda one: one.home):
        yield _in_force(home)
        yield from (_resting(one) for one in dict.fromkeys(of_home))


def _in_force(home: Home) -> Text:
    if home.day is None:
        return Text(f"  {home.title.zh}", f"  {home.title.en}")
    local = Text(f"，{home.region}", f", {home.region}") if home.region else Text("", "")
    zh, en = f"{home.day} 起", f"from {home.day}"
    if home.until is not None:
        zh, en = f"{zh}，{home.until} 前", f"{en} until {home.until}"
    return Text(f"  {home.title.zh}（{zh}{local.zh}）", f"  {home.title.en} ({en}{local.en})")


def _resting(one: Resting) -> Text:
    zh, en = one.element.zh, one.element.en
    if one.paragraph:
        zh, en = f"{zh}，引用至{one.paragraph}", f"{en}, cited to {one.paragraph}"
    home = one.home
    if one.from_on is not None and one.from_on != home.day:
        zh, en = f"{zh}，自 {one.from_on} 起引用", f"{en}, cited from {one.from_on}"
    if one.until_on is not None and one.until_on != home.until:
        zh, en = f"{zh}，{one.until_on} 起不再引用", f"{en}, no longer from {one.until_on}"
    return Text(f"    {zh}", f"    {en}")


def summaries(lists: Mapping[str, ArticleList], own: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """A line in Chinese for each listed instrument that a procedure cites: how many of its articles."""
    for code, listed in sorted(lists.items()):
        cited = own.get(code, frozenset()).intersection(listed.articles)
        if cited:
            yield (
                f"{code}：本页引用所列 {len(listed.articles)} 条中的 {len(cited)} 条；"
                f"其余或由其他文件引用，或者已经说明不引用的理由。"
            )
