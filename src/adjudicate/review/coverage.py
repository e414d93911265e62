"""What an instrument's articles are cited for, and why the others are not, as lines to read; it reads no folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

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


def summaries(lists: Mapping[str, ArticleList], own: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """A line in Chinese for each listed instrument that a procedure cites: how many of its articles."""
    for code, listed in sorted(lists.items()):
        cited = own.get(code, frozenset()).intersection(listed.articles)
        if cited:
            yield (
                f"{code}：本页引用所列 {len(listed.articles)} 条中的 {len(cited)} 条；"
                f"其余或由其他文件引用，或者已经说明不引用的理由。"
            )
