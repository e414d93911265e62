"""What the acceptance tests share: the shipped law, and an application over it on a database of the test's own."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.api.harness import Api, start
from tests.architecture.sources import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PEOPLE = {"officer": ("CN", ["case_officer"]), "head": ("CN", ["head", "case_officer"])}


@pytest.fixture
def national(database_url: str, tmp_path: Path) -> Iterator[Api]:
    """The national office on the shipped law, on 1 November 2021."""
    law = ROOT / "workflows"
    with start(database_url, law, tmp_path, people=PEOPLE, today=date(2021, 11, 1)) as made:
        yield made
