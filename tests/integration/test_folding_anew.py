"""A release may fold differently: after it a rebuild brings every case to what its events give under its own law."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from adjudicate import db
from adjudicate.cases.rebuild import RebuildReport, rebuild
from adjudicate.states import ledger
from adjudicate.states.fold import Fold
from adjudicate.verification.verifying import verify
from tests.integration.desk import FIRST_DAY, everything

if TYPE_CHECKING:
    from tests.integration.desk import Desk

SERVED, TOLD, DECISION_DUE = FIRST_DAY, date(2025, 4, 1), date(2025, 6, 3)
# What a rebuild may write; every other table stays as it was, and of the cases all but these columns.
CACHES = {"deadlines", "agenda"}


def answered_late(desk: Desk) -> str:
    """A case told of service and answer on one day, long after the last day to answer."""
    case_id = desk.docketed()
    desk.today(TOLD)
    for event in ("opponent_served", "answered"):
        facts = {"served_on": SERVED.isoformat()} if event == "opponent_served" else {}
        by = "opponent" if event == "answered" else "clerk"
        desk.record(case_id, event, TOLD, by=by, party="p2", facts=facts)
    return case_id


def as_the_release_before_folded(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Until 0.2.0 a deadline that was stopped before its lapse was announced counted as met."""
    monkeypatch.setattr(ledger, "is_over", lambda *_: False)
    return monkeypatch


def answers(desk: Desk) -> list[Any]:
    return desk.rows("SELECT case_id, status FROM deadlines WHERE name = 'answer' ORDER BY case_id")


def record_of(desk: Desk) -> dict[str, list[str]]:
    """Everything that is no cache."""
    return {name: rows for name, rows in everything(desk).items() if name not in {*CACHES, "cases"}}


@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
def test_a_standing_of_the_release_before_is_found_folded_anew_and_agrees_afterwards(desk: Desk, closed: bool) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        as_the_release_before_folded(monkeypatch)
        case_id = answered_late(desk)
        desk.docketed(on=TOLD)
        if closed:
            desk.record(case_id, "decided", TOLD)
        assert verify(desk.registry) == []
        assert answers(desk) == [(case_id, "met")]
    before = record_of(desk)
    heads = "SELECT id, version, head_hash, law_digest, laws, calendar_digest, changed_at, settled_on FROM cases"
    of_the_cases = sorted(map(str, desk.rows(heads)))
    assert {(one.case_id, one.en) for one in verify(desk.registry)} == {
        (case_id, "the stored standing is not what the events give"),
        (case_id, "the deadline 'answer/p2' is wrong in status"),
    }
    assert rebuild(desk.registry) == RebuildReport(2, 1, ())
    assert answers(desk) == [(case_id, "met_late")]
    assert verify(desk.registry) == []
    assert record_of(desk) == before
    assert sorted(map(str, desk.rows(heads))) == of_the_cases
    assert rebuild(desk.registry) == RebuildReport(2, 0, ())


def test_a_standing_changed_by_hand_is_found_and_comes_back_from_the_events(desk: Desk) -> None:
    case_id = desk.docketed()
    before = everything(desk)
    with db.transaction(desk.engine) as tx:
        stored = tx.execute(text("SELECT standing FROM cases")).scalar()
        standing = json.loads(stored) if isinstance(stored, str) else stored
        standing["state"] = "decided"
        tx.execute(text("UPDATE cases SET standing = :standing"), {"standing": json.dumps(standing)})
    found = [(one.case_id, one.en) for one in verify(desk.registry)]
    assert (case_id, "the stored standing is not what the events give") in found
    assert rebuild(desk.registry).standings == 1
    assert everything(desk) == before


def test_where_the_automatic_events_differ_too_events_withdraw_and_announce_and_none_is_touched(desk: Desk) -> None:
    case_id = desk.docketed()
    early = Fold._next_lapse
    with pytest.MonkeyPatch.context() as monkeypatch:
        # A former release that announced each lapse a day too early.
        monkeypatch.setattr(Fold, "_next_lapse", lambda self, day: early(self, day + timedelta(days=1)))
        desk.today(DECISION_DUE)
        desk.record(case_id, "noted", DECISION_DUE, facts={"remark": "x"})
        assert verify(desk.registry) == []
    said = desk.rows("SELECT sequence, hash FROM events ORDER BY sequence")
    assert desk.scalar("SELECT count(*) FROM events WHERE event = 'decision_missed'") == 1
    assert "nothing brings this event about" in {one.en for one in verify(desk.registry)}
    assert rebuild(desk.registry) == RebuildReport(1, 1, ())
    assert verify(desk.registry) == []
    after = desk.rows("SELECT sequence, hash FROM events ORDER BY sequence")
    assert after[: len(said)] == said
    assert [row[0] for row in desk.rows("SELECT kind FROM events ORDER BY sequence")][len(said) :] == [
        "dates_moved",
        "withdrawn",
    ]
    assert "重新推算" in desk.scalar("SELECT reason FROM events WHERE kind = 'dates_moved'")


def test_a_lapse_that_the_release_before_did_not_see_is_announced(desk: Desk) -> None:
    case_id = desk.docketed()
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(Fold, "_next_lapse", lambda *_: None)
        desk.today(DECISION_DUE + timedelta(days=9))
        desk.record(case_id, "noted", DECISION_DUE + timedelta(days=9), facts={"remark": "x"})
        assert verify(desk.registry) == []
    assert [one.en for one in verify(desk.registry) if one.en.startswith("an automatic event is missing")]
    assert rebuild(desk.registry).standings == 1
    assert desk.scalar("SELECT count(*) FROM events WHERE event = 'decision_missed'") == 1
    assert verify(desk.registry) == []


def test_a_day_that_time_has_made_right_since_asks_for_no_event(desk: Desk) -> None:
    case_id = desk.docketed()
    early = Fold._next_lapse
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(Fold, "_next_lapse", lambda self, day: early(self, day + timedelta(days=1)))
        desk.today(DECISION_DUE)
        desk.record(case_id, "noted", DECISION_DUE, facts={"remark": "x"})
    desk.today(DECISION_DUE + timedelta(days=1))
    events = desk.scalar("SELECT count(*) FROM events")
    assert rebuild(desk.registry) == RebuildReport(1, 1, ())
    assert desk.scalar("SELECT count(*) FROM events") == events
    assert verify(desk.registry) == []
