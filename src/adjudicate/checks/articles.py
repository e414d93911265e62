"""The lists of articles held against what the law cites: each article is cited or answered for; it reads no folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adjudicate.definition.articles import ArticleList, Use, called, read_lists, uses
from adjudicate.definition.survey import Survey
from adjudicate.errors import Fault, Leaves
from adjudicate.law.suggestion import unknown


def faults(found: Survey, texts: Mapping[str, str]) -> Iterator[Fault]:
    """Every fault of the lists and of the citations of what is listed.

    Where a definition could not be read whole, what seems to be cited by nothing may stand in it: that is not told.
    """
    lists, unreadable = read_lists(texts)
    yield from unreadable
    if found.registers is None:
        return
    whole = found.complete and all(v.leaves is Leaves.ALL for days in found.versions.values() for v in days.values())
    known = found.registers.everything.instruments
    by_code: dict[str, list[Use]] = {}
    for use in uses(found.versions, found.local_rules, texts):
        by_code.setdefault(use.code, []).append(use)
    # A citation that names no instrument may have been meant for any of them.
    whole = whole and by_code.keys() <= known.keys()
    for code, listed in lists.items():
        if code not in known:
            said = unknown(f"不存在的法律文本“{code}”", f"unknown instrument '{code}'", code, known)
            yield listed.source.fault((), said.en, said.zh)
            continue
        yield from _listed_twice(listed)
        yield from _judged(listed, by_code.get(code, []), whole=whole)


def _listed_twice(listed: ArticleList) -> Iterator[Fault]:
    for i, article in enumerate(listed.articles):
        if article in listed.articles[:i]:
            name = called(article)
            yield listed.source.fault(("articles", i), f"{name.en} is listed twice", f"重复列出{name.zh}")


def _judged(listed: ArticleList, found: list[Use], *, whole: bool) -> Iterator[Fault]:
    cited = {use.article: use for use in reversed(found)}
    for article in listed.reasons:
        name, at = called(article), ("not_cited", article)
        if article not in listed.articles:
            en, zh = f"{name.en} is not in the list 'articles'", f"{name.zh}不在“articles”所列条文中"
            yield listed.source.fault(at, en, zh)
        elif article in cited:
            use = cited[article]
            yield listed.source.fault(
                at,
                f"{name.en} is cited ({use.file}:{use.line}): remove the reason why it is not",
                f"{name.zh}已被引用（{use.file}:{use.line}），请删去不引用的理由",
            )
    for i, article in enumerate(listed.articles):
        if whole and article not in cited and article not in listed.reasons:
            name, code = called(article), listed.code
            en = f"nothing cites {name.en} of {code}: cite it, or give the reason under 'not_cited'"
            zh = f"没有任何定义引用 {code} {name.zh}：请引用，或者在“not_cited”下说明理由"
            yield listed.source.fault(("articles", i), en, zh)
    told: set[tuple[str, int, str]] = set()
    for use in found:
        place = (use.file, use.line, use.article)
        if use.article not in listed.articles and place not in told:
            told.add(place)
            name, where = called(use.article), listed.source.file
            yield Fault(
                use.file,
                use.line,
                en=f"{use.code} has no {name.en} in the list of its articles ({where})",
                zh=f"{use.code} 的条文表（{where}）中没有{name.zh}",
                leaves=Leaves.ALL,
            )
