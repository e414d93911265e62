"""Every article that an instrument's list names is cited or answered for, and the list tells what cites which."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adjudicate.checks import check_texts
from adjudicate.cli import main
from adjudicate.definition.articles import articles_of, uses
from adjudicate.definition.catalogue import from_texts, read_texts
from adjudicate.errors import Fault
from adjudicate.review.files import reviews

BASE = Path(__file__).parent / "broken" / "base"
SHIPPED = Path(__file__).parents[3] / "workflows"
LIST = "articles/LAW.yaml"


def cited() -> list[int]:
    """The articles of the base's invented law that its definitions cite."""
    texts = read_texts(BASE)
    law = from_texts(texts)
    rules = {key: law.local_rules(key) for key in law.versions_by_key}
    return sorted({int(use.article) for use in uses(law.versions_by_key, rules, texts) if use.code == "LAW"})


def listed(articles: list[int], reasons: str = "") -> str:
    lines = "\n".join(f"  - {article}" for article in articles)
    return f"articles:\n{lines}\n" + (f"not_cited:\n{reasons}\n" if reasons else "")


def found(text: str, path: str = LIST, edit: tuple[str, str, str] | None = None) -> list[Fault]:
    texts = {**read_texts(BASE), path: text}
    if edit:
        file, old, new = edit
        assert old in texts[file]
        texts[file] = texts[file].replace(old, new, 1)
    return [fault for fault in check_texts(texts).faults if fault.file == path or "list of its articles" in fault.en]


def said(faults: list[Fault]) -> list[tuple[str, int, str]]:
    return [(fault.file, fault.line, fault.en) for fault in faults]


def test_an_article_is_what_stands_before_its_paragraphs() -> None:
    assert articles_of("12(5), 20(1, 2), 31") == ["12", "20", "31"]
    assert articles_of("2-3-1") == ["2-3-1"]
    assert articles_of("") == []


def test_a_list_of_which_each_article_is_cited_or_answered_for_has_no_fault() -> None:
    assert found(listed([*cited(), 900], "  900: {zh: 只是定义。, en: Only defines.}")) == []


def test_an_article_that_nothing_cites_and_nobody_answers_for_is_a_fault_on_its_line_in_both_languages() -> None:
    (fault,) = found(listed([*cited(), 900]))
    assert (fault.file, fault.line) == (LIST, len(cited()) + 2)
    assert "nothing cites Art 900 of LAW" in fault.en
    assert "没有任何定义引用 LAW 第900条" in fault.zh


def test_a_reason_for_an_article_that_is_cited_is_a_fault_and_names_a_place_that_cites_it() -> None:
    article = cited()[0]
    (fault,) = found(listed(cited(), f"  {article}: {{zh: 只是定义。, en: Only defines.}}"))
    assert (fault.file, fault.line) == (LIST, len(cited()) + 3)
    assert f"Art {article} is cited (" in fault.en
    assert ".yaml:" in fault.en


@pytest.mark.parametrize(("reason", "lacking"), [("zh: 只是定义。", "en"), ("en: Only defines.", "zh")])
def test_a_reason_in_one_language_only_is_a_fault(reason: str, lacking: str) -> None:
    (fault,) = found(listed([*cited(), 900], f"  900: {{{reason}}}"))
    assert (fault.file, fault.line) == (LIST, len(cited()) + 4)
    assert f"lacks '{lacking}'" in fault.en
    assert f"缺少“{lacking}”" in fault.zh


def test_a_reason_for_an_article_that_is_not_listed_and_an_article_listed_twice_are_faults() -> None:
    faults = said(found(listed([*cited(), cited()[0]], "  900: {zh: 只是定义。, en: Only defines.}")))
    n = len(cited())
    assert faults == [
        (LIST, n + 2, f"Art {cited()[0]} is listed twice"),
        (LIST, n + 4, "Art 900 is not in the list 'articles'"),
    ]


def test_a_citation_of_an_article_that_the_list_does_not_have_is_a_fault_where_it_is_cited() -> None:
    left = cited()[0]
    faults = found(listed(cited()[1:]))
    assert faults
    for fault in faults:
        assert fault.file != LIST
        assert fault.en == f"LAW has no Art {left} in the list of its articles ({LIST})"
        assert "LAW" in read_texts(BASE)[fault.file].splitlines()[fault.line - 1]


def test_a_list_of_an_unknown_instrument_is_a_fault_with_the_nearest_known_one() -> None:
    (fault,) = found(listed([1]), "articles/LAWS.yaml")
    assert "unknown instrument 'LAWS'. Did you mean 'LAW'?" in fault.en


def test_what_is_no_article_is_a_fault_on_its_line() -> None:
    (fault,) = found("articles: [1]\nnot_cited:\n  abc: {zh: 甲, en: A}\n")
    assert fault.line == 3
    assert "'abc' is no article" in fault.en


def test_a_definition_that_cannot_be_read_hides_what_it_cites_so_nothing_is_said_to_be_uncited() -> None:
    texts = {**read_texts(BASE), LIST: listed([*cited(), 900])}
    texts["dispute/2020-01-01.yaml"] = "workflow: ["
    assert [fault for fault in check_texts(texts).faults if fault.file == LIST] == []


def test_every_listed_article_of_the_shipped_law_is_cited_or_answered_for_and_says_so_on_the_page() -> None:
    pages = "\n".join(reviews(SHIPPED).values())
    for path in sorted((SHIPPED / "articles").iterdir()):
        assert f"{path.stem}：本页引用" in pages


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", str(SHIPPED), *arguments])


def test_check_prints_what_cites_each_article_of_an_instrument_and_why_the_others_are_not_cited() -> None:
    result = run("--articles", "ZJ81", "--lang", "en")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].endswith("of the 85 articles listed are cited")
    begins, left = lines.index("  Art 12"), lines.index("not cited:")
    told = "condition 'No party has sued and no other route is agreed'"
    assert any(told in line for line in lines[begins : lines.index("  Art 13")])
    assert begins < left
    assert sum(line.startswith("  Art ") for line in lines) == 85
    assert lines[-1].startswith("  Art 85: Says when the measures take effect")
    chinese = run("--articles", "ZJ81", "--lang", "zh").stdout
    assert "  第85条：规定施行日期" in chinese


def test_an_instrument_that_is_unknown_or_has_no_list_is_answered_with_one_that_could_be_meant() -> None:
    result = run("--articles", "ZJ82", "--lang", "en")
    assert (result.exit_code, result.stderr) == (2, "unknown instrument 'ZJ82'. Did you mean 'ZJ81'?\n")
    assert run("--articles", "ZJ82", "--lang", "zh").stderr == "不存在的法律文本“ZJ82”。是否应为“ZJ81”？\n"
    without = run("--articles", "PL20", "--lang", "en")
    assert without.exit_code == 2
    assert "'PL20' has no list of its articles; there is one for " in without.stderr
