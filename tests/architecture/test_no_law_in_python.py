"""What a statute says stands in workflows/, so that a lawyer can read and change it; Python holds none of it."""

from __future__ import annotations

import re
from functools import cache

import pytest
import yaml

from tests.architecture.sources import ROOT, Source, product

WORKFLOWS = ROOT / "workflows"
# Actors of the engine itself, which no statute names: what is derived from time, and what a sibling case sends.
ENGINE_ACTORS = {"clock", "link"}
# The same word with another meaning, file by file.
OTHER_MEANINGS = {"db.py": {"head"}}  # the newest migration, as Alembic calls it

ARTICLE = re.compile(r"第\s*[0-9一二三四五六七八九十百]+\s*条|\b[Aa]rt(icle|\.)\s*\d+")
LENGTH = re.compile(
    r"(?<![\w.-])\d{1,3}[\s_-]*(working[\s_-]?days?|days?|months?|years?|hours?)\b"
    r"|(?<!第)(?!(?<=[前后])一个工作日)[0-9一二两三四五六七八九十]+\s*(个工作日|日内|天内|个月|小时)"
)
# How a length is written, quoted for whoever types one: '5 days'.
EXAMPLE = re.compile(r"['“]\d+ [a-z_]+['”]")


def legal_words(text: str, codes: frozenset[str]) -> list[str]:
    """Whatever in `text` looks like a citation or a statutory length; a quoted example of how to write one does not."""
    text = EXAMPLE.sub("", text)
    cited = re.findall(r"\b[A-Z]{2,5}\d{0,4}\b", text)
    return [*(match[0] for match in ARTICLE.finditer(text)), *(match[0] for match in LENGTH.finditer(text))] + [
        word for word in cited if word in codes
    ]


def registered(name: str) -> list[str]:
    """The names in a register for all procedures, and in those that procedures keep for themselves."""
    files = [WORKFLOWS / name, *WORKFLOWS.glob(f"*/{name}")]
    return [str(one) for path in files for one in yaml.safe_load(path.read_text(encoding="utf-8"))]


@cache
def instrument_codes() -> frozenset[str]:
    return frozenset(registered("instruments.yaml"))


@cache
def role_names() -> frozenset[str]:
    return frozenset(registered("roles.yaml")) - ENGINE_ACTORS


@cache
def procedure_names() -> frozenset[str]:
    return frozenset(path.parent.name for path in WORKFLOWS.glob("*/[0-9]*"))


IDS = {source.name: source for source in product()}


def test_the_registers_these_rules_read_are_not_empty() -> None:
    assert len(instrument_codes()) > 5
    assert len(role_names()) > 3
    assert "patent-adjudication" in procedure_names()


@pytest.mark.parametrize("name", IDS)
def test_no_article_no_length_no_instrument_stands_in_a_string(name: str) -> None:
    source: Source = IDS[name]
    found = {
        source.at(node): words for node in source.strings() if (words := legal_words(node.value, instrument_codes()))
    }
    assert found == {}


@pytest.mark.parametrize("name", IDS)
def test_no_role_and_no_procedure_stands_in_a_string(name: str) -> None:
    source: Source = IDS[name]
    words = (role_names() | procedure_names()) - OTHER_MEANINGS.get(name, set())
    assert {source.at(node): node.value for node in source.strings() if node.value in words} == {}


@pytest.mark.parametrize(
    "text",
    ["within 15 days", "5 working_days", "15日内", "三个月", "听证前三日内", "第六十五条", "article 65", "see ZJ81 37"],
)
def test_the_rules_above_notice_the_law(text: str) -> None:
    assert legal_words(text, frozenset({"ZJ81"}))


@pytest.mark.parametrize(
    "text",
    [
        "%Y-%m-%d",
        "sha256",
        "case-not-found",
        "1 of 3",
        "X-Request-Id",
        "日期",
        "2026-day",
        "第一个工作日",
        "例如“5 days”",
    ],
)
def test_ordinary_words_are_let_alone(text: str) -> None:
    assert legal_words(text, frozenset({"ZJ81"})) == []
