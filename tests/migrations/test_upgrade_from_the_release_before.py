"""A database that the release before filled is migrated, folded anew, verifies, and each of its open cases goes on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from adjudicate import db
from tests.databases import DIALECTS
from tests.releases import archive
from tests.releases.upgraded import Upgraded

if TYPE_CHECKING:
    from pathlib import Path

    from tests.databases import Databases


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_the_release_before_filled_is_upgraded_and_every_open_case_takes_one_more_act(
    databases: Databases, tmp_path: Path, dialect: str
) -> None:
    url = databases.create(dialect, migrated=False)
    upgraded = Upgraded.restored(archive.RELEASE_BEFORE, dialect, url, tmp_path)
    upgraded.adjudicate("migrate")
    upgraded.adjudicate("verify")
    changed = fold_otherwise(url)
    found = upgraded.adjudicate("verify", exit_code=1)
    assert {line.split(":")[0] for line in found.splitlines()} == set(changed)
    assert upgraded.adjudicate("rebuild") == f"140 cases, {len(changed)} standings written anew\n"
    upgraded.adjudicate("verify")
    upgraded.goes_on()
    databases.drop(url)


def fold_otherwise(url: str) -> list[str]:
    """Let deadlines that were met late count as met, as if the release before had computed them so; their cases."""
    engine = db.connect(url)
    with db.transaction(engine) as tx:
        tx.execute(text("UPDATE deadlines SET status = 'met' WHERE status = 'met_late'"))
        stored = list(tx.execute(text("SELECT id, standing FROM cases")))
        changed = []
        for case_id, kept in stored:
            written = kept if isinstance(kept, str) else json.dumps(kept)
            if '"met_late"' in written:
                values = {"standing": written.replace('"met_late"', '"met"'), "id": case_id}
                tx.execute(text("UPDATE cases SET standing = :standing WHERE id = :id"), values)
                changed.append(case_id)
    engine.dispose()
    assert changed
    return changed
