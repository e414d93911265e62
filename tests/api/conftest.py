"""What the API tests share: the fixture's law, and an application over a database of the test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.harness import Api, start
from tests.integration.desk import law_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def law(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the fixture's law."""
    return law_folder(tmp_path_factory.mktemp("law") / "workflows")


@pytest.fixture
def api(database_url: str, law: Path, tmp_path: Path) -> Iterator[Api]:
    """The application on an empty database, once on each engine."""
    with start(database_url, law, tmp_path / "documents") as made:
        yield made


@pytest.fixture
def sqlite_api(sqlite_url: str, law: Path, tmp_path: Path) -> Iterator[Api]:
    """The application on SQLite alone, for what no database decides."""
    with start(sqlite_url, law, tmp_path / "documents") as made:
        yield made
