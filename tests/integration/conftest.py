"""What the integration tests share: the fixture's law and a desk on a database of the test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration import desk as desks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def law(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the fixture's law."""
    return desks.law_folder(tmp_path_factory.mktemp("law") / "workflows")


@pytest.fixture
def desk(database_url: str, law: Path) -> Iterator[desks.Desk]:
    """An office on an empty database, once on each engine."""
    made = desks.start(database_url, law)
    yield made
    made.registry.close()


@pytest.fixture
def desk_on_postgresql(postgresql_url: str, law: Path) -> Iterator[desks.Desk]:
    """An office on an empty database of PostgreSQL."""
    made = desks.start(postgresql_url, law)
    yield made
    made.registry.close()
