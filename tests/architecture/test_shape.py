"""Files and functions stay small, and every module says what it is."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.sources import ROOT, Source, everything

FILE_WALL = 500
FUNCTION_WALL = 80
IDS = {source.path.relative_to(ROOT).as_posix(): source for source in everything()}


def long_functions(source: Source) -> list[str]:
    return [
        f"{source.at(node)} {node.name}: {length} lines"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_WALL
    ]


@pytest.mark.parametrize("path", IDS)
def test_a_file_and_its_functions_keep_within_the_walls(path: str) -> None:
    source = IDS[path]
    assert len(source.text.splitlines()) <= FILE_WALL
    assert long_functions(source) == []


@pytest.mark.parametrize("path", IDS)
def test_a_module_opens_with_a_sentence_that_says_what_it_is(path: str) -> None:
    opening = ast.get_docstring(IDS[path].tree)
    assert opening, "no docstring"
    first = opening.split("\n\n")[0]
    assert re.search(r"[.。]$", first.strip()), "its first paragraph is no sentence"
    assert len(first.split()) >= 5


@pytest.mark.parametrize("path", [path for path in IDS if path.startswith("src/")])
def test_nothing_in_the_product_is_left_for_later(path: str) -> None:
    source = IDS[path]
    assert re.findall(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b", source.text) == []
    swallowed = [
        source.at(node)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler)
        and len(node.body) == 1
        and isinstance(node.body[0], ast.Pass)
        and (node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"})
    ]
    assert swallowed == []
