"""What the program says, it says alike in Chinese and in English, and to whoever handles cases without keys and ids."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.architecture.sources import PACKAGE, Source, product

if TYPE_CHECKING:
    from collections.abc import Iterator

Pair = tuple[ast.expr, ast.expr]

CHINESE = re.compile(r"[\u3400-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2,}")
# Rooms whose sentences reach whoever handles a case. The others speak to authors of law and to operators, of words in
# their files and settings.
FOR_CLERKS = ("access/", "api/", "cases/", "documents/", "states/")
FOR_OPERATORS = {"cases/clock_check.py", "cases/sandbox.py", "cases/calendars.py"}
PROTOCOL = re.compile(r"Idempotency-Key|If-Match|Authorization|ETag|JSON|UTF-8|HTTP/1\.1|HTTP|ASCII")
# What a party, a thread, a document or a digest is known by; a sentence says who or what it is instead.
IDS = re.compile(r"(^|\.)(party|thread|digest|event|actor|code|key|case_id|document|fact)$")
# Functions, and what only one of the languages needs a name for: an ending, the names of weekdays, a plural.
OF_ONE_LANGUAGE = {"", "str", "len", "max", "min", "sorted", "quoted", "suffix", "_WEEKDAYS"}
TEMPLATE = re.compile(r"\{\w+\}")
SOURCES = {source.name: source for source in product()}


def is_sentence(node: ast.expr | None) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add) and is_sentence(node.left)
    return isinstance(node, ast.JoinedStr)


def words(node: ast.expr) -> str:
    """The fixed words of a sentence, those of its conditional parts included."""
    subscripts = {id(n.slice) for n in ast.walk(node) if isinstance(n, ast.Subscript)}
    found = [n for n in ast.walk(node) if isinstance(n, ast.Constant) and id(n) not in subscripts]
    return "".join(n.value for n in found if isinstance(n.value, str))


def neighbours(nodes: list[ast.expr]) -> Iterator[Pair]:
    """Chinese with English behind it, as positional arguments and tuples hold them."""
    for one, other in pairwise(nodes):
        if is_sentence(one) and is_sentence(other) and CHINESE.search(words(one)) and LATIN.search(words(other)):
            yield one, other


def pairs(source: Source) -> Iterator[Pair]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            named = {keyword.arg: keyword.value for keyword in node.keywords}
            if is_sentence(named.get("zh")) and is_sentence(named.get("en")):
                yield named["zh"], named["en"]
            yield from neighbours(node.args)
        elif isinstance(node, ast.Tuple):
            yield from neighbours(node.elts)
        elif isinstance(node, ast.FunctionDef | ast.If | ast.For | ast.With | ast.Try):
            yield from assigned(node.body)


def assigned(body: list[ast.stmt]) -> Iterator[Pair]:
    """`zh = …` and `en = …` one after the other, in either order."""
    for one, other in pairwise(body):
        if isinstance(one, ast.Assign) and isinstance(other, ast.Assign):
            known = {ast.unparse(each.targets[0]): each.value for each in (one, other)}
            if set(known) == {"zh", "en"} and all(is_sentence(value) for value in known.values()):
                yield known["zh"], known["en"]


def told(node: ast.expr) -> set[str]:
    """What a sentence fills in, by the names it comes from; the two languages of a name are one."""
    names = set()
    for part in ast.walk(node):
        if isinstance(part, ast.FormattedValue):
            names |= {n.id for n in ast.walk(part.value) if isinstance(n, ast.Name)}
    return {re.sub(r"(^|_)(zh|en)$", "", name, flags=re.IGNORECASE) for name in names} - OF_ONE_LANGUAGE


def uneven(source: Source) -> list[str]:
    return [f"{source.at(zh)}: {told(zh)} / {told(en)}" for zh, en in pairs(source) if told(zh) != told(en)]


def mixed(source: Source) -> list[str]:
    """Sentences with words of the other language in them."""
    found = [source.at(en) for _, en in pairs(source) if CHINESE.search(words(en))]
    if source.name.startswith(FOR_CLERKS) and source.name not in FOR_OPERATORS:
        found += [
            source.at(zh) for zh, _ in pairs(source) if LATIN.search(PROTOCOL.sub("", TEMPLATE.sub("", words(zh))))
        ]
    return found


def filled_with_keys(source: Source) -> list[str]:
    """Sentences that fill in what only programs know a thing by."""
    if not source.name.startswith(FOR_CLERKS):
        return []
    return [
        f"{source.at(one)}: {ast.unparse(part.value)}"
        for pair in pairs(source)
        for one in pair
        for part in ast.walk(one)
        if isinstance(part, ast.FormattedValue) and IDS.search(ast.unparse(part.value))
    ]


@pytest.mark.finding("E3")
@pytest.mark.parametrize("name", SOURCES)
def test_both_languages_tell_the_same(name: str) -> None:
    assert uneven(SOURCES[name]) == []


@pytest.mark.finding("E3")
@pytest.mark.parametrize("name", SOURCES)
def test_neither_language_borrows_from_the_other(name: str) -> None:
    assert mixed(SOURCES[name]) == []


@pytest.mark.finding("E3")
@pytest.mark.parametrize("name", [name for name in SOURCES if name.startswith(FOR_CLERKS)])
def test_no_sentence_for_clerks_fills_in_a_key(name: str) -> None:
    assert filled_with_keys(SOURCES[name]) == []


def test_there_are_sentences_in_every_room_for_clerks() -> None:
    for room in FOR_CLERKS:
        assert sum(len(list(pairs(source))) for name, source in SOURCES.items() if name.startswith(room)) > 3, room


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ('Error(zh=f"没有{who.zh}", en="there is none")', uneven),
        ('zh, en = "您的角色无权", f"it is the act of {whose}"', uneven),
        ('Error(zh="须为 true 或者 false", en="must be true or false")', mixed),
        ('Text("尚未送达", "not yet 送达")', mixed),
        ('Error(zh=f"没有当事人“{draft.party}”", en=f"no party \'{draft.party}\'")', filled_with_keys),
    ],
)
def test_the_rules_above_notice_a_breach(code: str, rule: object) -> None:
    class Written(Source):
        tree = ast.parse(code)

    assert callable(rule)
    assert rule(Written(PACKAGE / Path("api/x.py")))
