"""The documents point to what exists, and the Chinese README says what the English one says."""

from __future__ import annotations

import re

import pytest

from tests.architecture.sources import ROOT, tracked

DOCUMENTS = [path.relative_to(ROOT).as_posix() for path in tracked() if path.suffix == ".md"]
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_links_only_to_what_exists(document: str) -> None:
    place = ROOT / document
    missing = [target for target in LINK.findall(place.read_text()) if not (place.parent / target).exists()]
    assert missing == []


def commands(document: str) -> list[str]:
    lines = re.findall(r"^    (\S.*)$", (ROOT / document).read_text(), re.MULTILINE)
    return [line.split(" #")[0].rstrip() for line in lines]


def test_both_readmes_give_the_same_commands_and_links() -> None:
    assert commands("README.md") == commands("README.zh-CN.md")
    english, chinese = (set(LINK.findall((ROOT / name).read_text())) for name in ("README.md", "README.zh-CN.md"))
    assert english - {"README.zh-CN.md"} == chinese - {"README.md"}


def test_a_decision_fits_on_a_page() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert pages
    assert [page.name for page in pages if len(page.read_text().splitlines()) > 60] == []
    numbers = [page.name[:4] for page in pages]
    assert numbers == sorted(set(numbers))
