"""A database of a release before the one before is migrated and verifies on both engines, and goes on in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.databases import DIALECTS
from tests.releases import archive
from tests.releases.upgraded import Upgraded

if TYPE_CHECKING:
    from pathlib import Path

    from tests.databases import Databases

# The acts rest on the law and the standings, which both engines have got alike; what differs is how they got them.
GOES_ON = "sqlite"


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("release", archive.former())
def test_what_a_former_release_filled_is_upgraded_and_every_open_case_takes_one_more_act(
    databases: Databases, tmp_path: Path, release: str, dialect: str
) -> None:
    url = databases.create(dialect, migrated=False)
    upgraded = Upgraded.restored(release, dialect, url, tmp_path)
    for command in ("migrate", "rebuild", "verify"):
        upgraded.adjudicate(command)
    if dialect == GOES_ON:
        upgraded.goes_on()
    databases.drop(url)
