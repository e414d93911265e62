"""What the tests of backup and restore share: places, filled ones, and backups of them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from adjudicate import clock, db
from adjudicate.cases.models import documents
from tests.api.harness import start
from tests.integration.served import Office

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.databases import Databases

from tests.backup.places import CONTENT, Place
from tests.integration.desk import law_folder


@pytest.fixture(scope="session")
def law(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the fixture's law."""
    return law_folder(tmp_path_factory.mktemp("law") / "workflows")


@pytest.fixture
def place_on(databases: Databases, law: Path, tmp_path: Path) -> Iterator[Callable[..., Place]]:
    """Makes places on new databases, without a table unless asked otherwise."""
    made: list[str] = []

    def make(dialect: str, *, migrated: bool = False, documents: str = "") -> Place:
        made.append(databases.create(dialect, migrated=migrated))
        folder = tmp_path / (documents or f"place-{len(made)}")
        folder.mkdir()
        return Place(Office(made[-1], law, folder))

    yield make
    for url in made:
        databases.drop(url)


@pytest.fixture
def filled(database_url: str, law: Path, tmp_path: Path) -> Place:
    """A database with three cases, one of them with a document, on each engine."""
    office = Office(database_url, law, tmp_path / "filled")
    with start(database_url, law, office.documents) as api:
        case_id = api.docketed()
        api.open()
        api.open("neighbour")
        headers = api.headers("clerk", Content_Type="text/plain")
        path = f"/v1/cases/{case_id}/documents?name=evidence.txt"
        assert api.client.post(path, content=CONTENT, headers=headers).status_code == 201
    return Place(office)


@pytest.fixture
def sqlite_source(sqlite_url: str, law: Path, tmp_path: Path) -> Place:
    """A SQLite database with one docketed case, for what no source decides."""
    source = Place(Office(sqlite_url, law, tmp_path / "source"))
    with start(sqlite_url, law, source.office.documents) as api:
        api.docketed()
    return source


@pytest.fixture
def taken(filled: Place, tmp_path: Path) -> Path:
    """A backup of it."""
    path = tmp_path / "taken.tar"
    filled.well("backup", str(path))
    return path


@pytest.fixture
def small(sqlite_source: Place, tmp_path: Path) -> Path:
    """A small backup with a document, for what its source does not decide."""
    folder, digest = sqlite_source.office.documents, hashlib.sha256(CONTENT).hexdigest()
    (folder / digest[:2]).mkdir(parents=True)
    (folder / digest[:2] / digest).write_bytes(CONTENT)
    engine = db.connect(sqlite_source.office.url)
    with db.transaction(engine) as tx:
        row = {
            "digest": digest,
            "size": len(CONTENT),
            "media_type": "text/plain",
            "name": "x",
            "registered_by": "clerk",
        }
        case_id = tx.execute(text("SELECT id FROM cases")).scalar_one()
        tx.execute(documents.insert(), {**row, "case_id": case_id, "registered_at": clock.now()})
    engine.dispose()
    path = tmp_path / "small.tar"
    sqlite_source.well("backup", str(path))
    return path
