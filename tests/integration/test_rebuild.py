"""The work lists follow from the cases alone: whatever was done to their rows, a rebuild writes them as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from adjudicate import db
from adjudicate.cases.projections import PROJECTIONS
from adjudicate.cases.rebuild import rebuild
from adjudicate.verification.verifying import verify
from tests.integration.desk import FIRST_DAY, everything

if TYPE_CHECKING:
    from tests.integration.desk import Desk


def a_docket(desk: Desk) -> None:
    desk.docketed()
    case_id = desk.docketed()
    desk.record(case_id, "noted", FIRST_DAY, facts={"remark": "x"})


def test_a_rebuild_of_untouched_lists_changes_no_row(desk: Desk) -> None:
    a_docket(desk)
    before = everything(desk)
    assert rebuild(desk.registry) == 2
    assert everything(desk) == before


@pytest.mark.parametrize("table", [projection.table.name for projection in PROJECTIONS])
def test_rows_that_were_lost_are_found_missing_and_written_again(desk: Desk, table: str) -> None:
    a_docket(desk)
    before = everything(desk)
    with db.transaction(desk.engine) as tx:
        lost = tx.execute(text(f"DELETE FROM {table}")).rowcount
    assert bool(verify(desk.registry)) is bool(lost)
    rebuild(desk.registry)
    assert everything(desk) == before
    assert verify(desk.registry) == []


def test_a_rebuild_appends_nothing_to_the_streams(desk: Desk) -> None:
    a_docket(desk)
    events = desk.scalar("SELECT count(*) FROM events")
    rebuild(desk.registry)
    assert desk.scalar("SELECT count(*) FROM events") == events
