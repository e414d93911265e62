"""What a former release filled is carried by `adjudicate backup` and `restore` to the other kind of database."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from adjudicate.shipped_files import packaged_law_folder
from tests.backup.places import Place, digest_of
from tests.databases import DIALECTS
from tests.integration.served import Office
from tests.releases import archive as releases

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.databases import Databases

SEALED_BY_MIGRATING = (
    *("administration_entries", "administration_particulars", "administration_head", "appointments"),
    *("file_entries", "file_particulars", "cases"),
)

# The release before goes both ways. Each way shows the tables of a former one, which are the same on both engines.
CARRIED = [(releases.RELEASE_BEFORE, dialect) for dialect in DIALECTS] + list(
    zip(releases.former(), itertools.cycle(DIALECTS), strict=False)
)


@pytest.mark.parametrize(("release", "dialect"), CARRIED)
def test_what_a_former_release_filled_is_carried_to_the_other_database_before_and_after_its_upgrade(
    databases: Databases, tmp_path: Path, place_on: Callable[..., Place], release: str, dialect: str
) -> None:
    url = databases.create(dialect, migrated=False)
    source = Place(Office(url, packaged_law_folder(), tmp_path))
    releases.restore(releases.path_of(release, dialect), url, source.office.documents)
    other = next(each for each in DIALECTS if each != dialect)
    source.well("backup", str(tmp_path / "before.tar.gz"))
    source.well("migrate")
    before = source.everything()
    source.well("rebuild")
    source.well("backup", str(tmp_path / "after.tar.gz"))
    for file in ("before", "after"):
        target = place_on(other, documents=f"of-{file}")
        target.office.law = source.office.law
        target.well("restore", str(tmp_path / f"{file}.tar.gz"))
        # What is restored and then migrated is what was migrated where it lay.
        wanted, found = before if file == "before" else source.everything(), target.everything()
        # A migration seals what it found under salts and times of its own.
        for name in SEALED_BY_MIGRATING if file == "before" else ():
            assert len(found.pop(name)) == len(wanted[name])
        assert found == {name: rows for name, rows in wanted.items() if name in found}
        kept = [path.name for path in target.office.documents.glob("*/*")]
        assert all(digest_of(target.office.documents, digest) == digest for digest in kept)
        assert len(kept) == source.rows("SELECT count(DISTINCT digest) FROM documents")[0][0]
    target.well("verify")
    databases.drop(url)
