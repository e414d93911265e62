"""A small sound law, and what follows it: texts by path for tests of how definitions are put together."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from adjudicate.definition.catalogue import Catalogue, from_texts, read_texts, survey
from adjudicate.errors import Fault

BASE = "dispute/2020-01-01.yaml"
NEXT = "dispute/2021-06-01.yaml"
HEAD = """workflow: dispute
title: {zh: 虚构纠纷（新）, en: "Invented dispute, new"}
basis: LAW 1
in_force: {from: 2021-06-01}
based_on: dispute/2020-01-01
"""


@cache
def _small() -> dict[str, str]:
    return read_texts(Path(__file__).parents[1] / "checks" / "broken" / "base")


def small(**more: str) -> dict[str, str]:
    """The small law with files added or replaced, as `law(**{path: text})`."""
    return {**_small(), **more}


def following(text: str, **more: str) -> dict[str, str]:
    """The small law with a later version based on its newest."""
    return small(**{NEXT: HEAD + text, **more})


def faults(texts: dict[str, str]) -> list[Fault]:
    """Every fault of a folder with these files."""
    return list(survey(texts).faults)


def loaded(texts: dict[str, str]) -> Catalogue:
    """The law in these texts. Raises DefinitionError."""
    return from_texts(texts)


def line_of(text: str, words: str) -> int:
    """The first line that has the words."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


class _Plain(yaml.SafeDumper):
    """Writes a value out wherever it stands: a file of the law has no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def dumped(data: Any) -> str:
    """Plain data as a file."""
    return str(yaml.dump(data, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=10**6))
