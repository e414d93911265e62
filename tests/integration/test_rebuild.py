"""The work lists follow from the cases alone: whatever was done to their rows, a rebuild writes them as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from adjudicate import db
from adjudicate.cases import recording
from adjudicate.cases.parties import Person
from adjudicate.cases.projections import PROJECTIONS
from adjudicate.cases.rebuild import RebuildReport, rebuild
from adjudicate.states.entries import Correction, Draft, Joining
from adjudicate.verification.verifying import verify
from tests.integration.desk import FIRST_DAY, everything

if TYPE_CHECKING:
    from adjudicate.cases.recording import CommandResult
    from adjudicate.states.entries import Entry
    from tests.integration.desk import Desk


def a_docket(desk: Desk) -> None:
    desk.docketed()
    case_id = desk.docketed()
    desk.record(case_id, "noted", FIRST_DAY, facts={"remark": "x"})
    hearing = {"hearing_on": "2025-04-01", "hearing_time": "09:00", "hearing_room": "一庭"}
    desk.record(case_id, "hearing_fixed", FIRST_DAY, facts=hearing)


def void(desk: Desk, case_id: str, act: Entry | None) -> Entry | None:
    """Void a row; the row that does so."""
    assert act is not None
    corrections = [Correction(act.sequence, "误记")]
    done: CommandResult = desk.run(
        lambda tx: recording.rectify(desk.command(tx), case_id, corrections, caller=desk.chief, version=None)
    )
    return done.act


def test_a_rebuild_of_untouched_lists_changes_no_row(desk: Desk) -> None:
    a_docket(desk)
    before = everything(desk)
    assert rebuild(desk.registry) == RebuildReport(2, 0, ())
    assert everything(desk) == before


@pytest.mark.parametrize("table", [projection.table.name for projection in PROJECTIONS])
def test_rows_that_were_lost_are_found_missing_and_written_again(desk: Desk, table: str) -> None:
    a_docket(desk)
    before = everything(desk)
    with db.transaction(desk.engine) as tx:
        lost = tx.execute(text(f"DELETE FROM {table}")).rowcount
    assert lost
    assert verify(desk.registry)
    rebuild(desk.registry)
    assert everything(desk) == before
    assert verify(desk.registry) == []


def test_a_rebuild_appends_nothing_to_the_streams(desk: Desk) -> None:
    a_docket(desk)
    events = desk.scalar("SELECT count(*) FROM events")
    rebuild(desk.registry)
    assert desk.scalar("SELECT count(*) FROM events") == events


def test_a_case_that_cannot_be_read_is_put_aside_and_the_others_are_written_anew(desk: Desk) -> None:
    broken, sound = sorted((desk.docketed(), desk.docketed()))
    with db.transaction(desk.engine) as tx:
        tx.execute(text("UPDATE cases SET standing = '{}' WHERE id = :id"), {"id": broken})
        tx.execute(text("UPDATE deadlines SET due_on = '2000-01-01'"))
    assert rebuild(desk.registry) == RebuildReport(1, 0, (broken,))
    wrong = desk.rows("SELECT DISTINCT case_id FROM deadlines WHERE due_on = '2000-01-01'")
    assert wrong == [(broken,)] != [(sound,)]


def test_a_party_whose_joining_was_voided_and_restored_is_rebuilt_as_it_was(desk: Desk) -> None:
    case_id = desk.docketed()
    joined = (Joining("", "opponent"),)
    act = desk.record(case_id, "party_added", FIRST_DAY, joins=joined, people=[Person(name="丙")]).act
    voiding = void(desk, case_id, act)
    other = desk.record(case_id, "party_added", FIRST_DAY, joins=joined, people=[Person(name="丁")]).act
    void(desk, case_id, void(desk, case_id, other))
    void(desk, case_id, voiding)
    before = everything(desk)
    names = desk.rows("SELECT party, name FROM parties WHERE party NOT IN ('p1', 'p2') ORDER BY party")
    assert names == [("p3", "丙"), ("p4", "丁")]
    assert verify(desk.registry) == []
    rebuild(desk.registry)
    assert everything(desk) == before


def test_an_erased_name_does_not_come_back_with_a_rebuild_or_a_restored_joining(desk: Desk) -> None:
    case_id = desk.docketed()
    joined = (Joining("", "opponent"),)
    act = desk.record(case_id, "party_added", FIRST_DAY, joins=joined, people=[Person(name="丙")]).act
    assert act is not None
    renamed = Correction(act.sequence, "更名", Draft("party_added", FIRST_DAY, joins=joined))
    desk.run(
        lambda tx: recording.rectify(
            desk.command(tx), case_id, [renamed], caller=desk.chief, version=None, people=[[Person(name="丙二")]]
        )
    )
    with db.transaction(desk.engine) as tx:
        erasing = "UPDATE event_particulars SET body = NULL, salt = NULL WHERE sequence > :act"
        tx.execute(text(erasing), {"act": act.sequence})
        tx.execute(text("UPDATE parties SET name = NULL, name_key = NULL, particulars = NULL WHERE party = 'p3'"))
    rebuild(desk.registry)
    assert desk.rows("SELECT party, name FROM parties WHERE party = 'p3'") == [("p3", None)]
    assert {finding.en for finding in verify(desk.registry)} == {"the event's particulars are gone"}
