"""History edited behind the engine's back is found by verification, which names the case and the event."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from adjudicate import db
from adjudicate.cases.calendars import load_calendar
from adjudicate.verification.checkpoint import CheckpointUnreadable
from adjudicate.verification.queries.guards_in_place import broken_guards
from adjudicate.verification.queries.history_triggers import GUARDED, guards
from adjudicate.verification.verifying import verify
from adjudicate.worker import Worker
from tests.integration.desk import FIRST_DAY, start
from tests.integration.tampering import count, for_a_while, forge, tamper
from tests.integration.test_calendars import notice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.desk import Desk


def furnish(desk: Desk) -> tuple[str, str]:
    """Two cases with everything in them: one docketed, heard, paused and noted, one without a docket number."""
    docketed = desk.docketed()
    desk.record(docketed, "noted", FIRST_DAY, facts={"remark": "first", "contact": "private"})
    desk.record(docketed, "noted", FIRST_DAY, facts={"remark": "second"})
    hearing = {"hearing_on": "2025-03-05", "hearing_time": "09:00", "hearing_room": "1"}
    desk.record(docketed, "hearing_fixed", FIRST_DAY, facts=hearing)
    undocketed = str(desk.open().case_id)
    desk.today(FIRST_DAY + timedelta(days=30))
    Worker(desk.registry).run_once()
    desk.record(docketed, "pause_begun", date(2025, 3, 10), reason="late")
    return docketed, undocketed


@pytest.fixture
def record(desk: Desk) -> tuple[str, str]:
    """The two cases, in a database of the test's own."""
    return furnish(desk)


@pytest.fixture(scope="module")
def museum(module_database_url: str, law: Path) -> Iterator[tuple[Desk, str]]:
    """A desk with the two cases that many tests share, each putting everything back; and the docketed case."""
    desk = start(module_database_url, law)
    docketed, _ = furnish(desk)
    load_calendar(desk.registry, notice("330000", 2025, "2025-06-10", "2025-06-13"), source="notice")
    yield desk, docketed
    assert verify(desk.registry) == []
    desk.registry.close()


def found(desk: Desk, checkpoint: Path | None = None) -> list[tuple[str | None, int | None]]:
    """Where verification finds fault: the case and the event."""
    return [(one.case_id, one.sequence) for one in verify(desk.registry, checkpoint=checkpoint)]


def test_a_record_nobody_touched_has_nothing_to_find(desk: Desk, record: tuple[str, str]) -> None:
    assert verify(desk.registry) == []


def test_a_record_with_every_kind_of_row_in_it_has_nothing_to_find(desk: Desk, record: tuple[str, str]) -> None:
    from adjudicate.cases import recording
    from adjudicate.states.entries import Correction, Draft

    docketed, _ = record
    desk.record(docketed, "pause_ended", date(2025, 3, 20), thread="test-pause-1")
    corrections = [Correction(3, "误记"), Correction(4, "更正", Draft("noted", FIRST_DAY, facts={"remark": "third"}))]
    desk.run(lambda tx: recording.rectify(desk.command(tx), docketed, corrections, caller=desk.chief, version=None))
    load_calendar(desk.registry, notice("330000", 2025, "2025-06-10", "2025-06-13"), source="notice")
    desk.record(docketed, "opening_revoked", date(2025, 4, 1), caller=desk.chief)
    earlier = desk.open(on=date(2025, 1, 27)).case_id
    desk.record(earlier, "case_opened", date(2025, 2, 5), facts={"panel": ["a", "b", "c"]})
    desk.today(FIRST_DAY + timedelta(days=200))
    Worker(desk.registry).run_once()
    assert verify(desk.registry) == []
    kinds = {row[0] for row in desk.rows("SELECT DISTINCT kind FROM events")}
    assert kinds >= {"act", "voided", "lapse", "law_selected", "dates_moved", "withdrawn"}


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("facts", 'facts = \'{"remark":"forged"}\''),
        ("day", "effective_on = '2025-03-02'"),
        ("reason", "reason = 'forged'"),
        ("actor", "actor = 'somebody'"),
        ("recorder", "recorded_by = 'somebody'"),
        ("moment", "recorded_at = '2025-03-01 00:00:00'"),
        ("event", "event = 'decided'"),
        ("hash", "hash = 'aa'"),
        ("chain", "previous_hash = 'aa'"),
        ("digest", "particulars_digest = NULL"),
        ("docket number", "docket_number = '杭测字〔2025〕9号'"),
        ("algorithm", "algorithm = 'none'"),
    ],
)
def test_a_changed_event_is_named(museum: tuple[Desk, str], what: str, change: str) -> None:
    desk, docketed = museum
    statement = f"UPDATE events SET {change} WHERE case_id = '{docketed}' AND sequence = 3"
    with for_a_while(desk, statement, table="events"):
        assert (docketed, 3) in found(desk)


def test_changed_particulars_are_named(desk: Desk, record: tuple[str, str]) -> None:
    docketed, _ = record
    tamper(desk, f"UPDATE event_particulars SET body = '{{}}' WHERE case_id = '{docketed}' AND sequence = 3")
    assert (docketed, 3) in found(desk)


def test_a_deleted_event_is_named(desk: Desk, record: tuple[str, str]) -> None:
    docketed, _ = record
    tamper(desk, f"DELETE FROM events WHERE case_id = '{docketed}' AND sequence = 3")
    assert (docketed, 3) in found(desk)


def test_an_event_replaced_by_another_is_named(desk: Desk, record: tuple[str, str]) -> None:
    docketed, undocketed = record
    names = "kind, event, effective_on, by, facts, facts_salt, facts_digest, particulars_digest, hash, previous_hash"
    values = ", ".join(
        f"{name} = (SELECT o.{name} FROM events o WHERE o.case_id = '{undocketed}' AND o.sequence = 1)"
        for name in names.split(", ")
    )
    tamper(
        desk, f"UPDATE events SET {values} WHERE case_id = '{docketed}' AND sequence = 4".replace(" by =", ' "by" =')
    )
    assert (docketed, 4) in found(desk)


def test_events_that_changed_places_are_named(desk: Desk, record: tuple[str, str]) -> None:
    docketed, _ = record
    where = f"WHERE case_id = '{docketed}' AND sequence"
    tamper(
        desk,
        f"UPDATE events SET sequence = 99 {where} = 3",
        f"UPDATE events SET sequence = 3 {where} = 4",
        f"UPDATE events SET sequence = 4 {where} = 99",
    )
    assert {(docketed, 3), (docketed, 4)} <= set(found(desk))


def test_a_last_event_cut_off_is_named(desk: Desk, record: tuple[str, str]) -> None:
    docketed, _ = record
    last = desk.scalar("SELECT version FROM cases WHERE id = :id", id=docketed)
    tamper(desk, f"DELETE FROM events WHERE case_id = '{docketed}' AND sequence = {last}")
    assert (docketed, last) in found(desk)


CASE_TABLES = [table.name for table in db.metadata.sorted_tables if "case_id" in table.c]


def remove_case(desk: Desk, case_id: str) -> None:
    statements = [f"DELETE FROM {table} WHERE case_id = '{case_id}'" for table in CASE_TABLES]
    tamper(desk, *statements, f"DELETE FROM cases WHERE id = '{case_id}'")


def test_a_docketed_case_removed_with_all_its_rows_leaves_a_gap_in_the_numbers(
    desk: Desk, record: tuple[str, str]
) -> None:
    docketed, _ = record
    remove_case(desk, docketed)
    messages = [one.en for one in verify(desk.registry)]
    assert messages == ["no docket number 1 of HZ test-dispute/main 2025"]


def test_a_case_removed_from_the_list_of_cases_alone_is_named(desk: Desk, record: tuple[str, str]) -> None:
    _, undocketed = record
    tamper(desk, f"DELETE FROM cases WHERE id = '{undocketed}'")
    assert (undocketed, None) in found(desk)


@pytest.mark.parametrize(
    "table",
    [
        *("events", "event_particulars", "cases", "deadlines", "parties", "hearings", "document_requests"),
        *("docket_numbers", "docket_counters", "law_texts", "calendars", "offices", "actors"),
    ],
)
def test_an_emptied_table_is_found(museum: tuple[Desk, str], table: str) -> None:
    desk, _ = museum
    assert count(desk, table) > 0
    with for_a_while(desk, f"DELETE FROM {table}", table=table):
        assert count(desk, table) == 0
        assert found(desk) != []
    assert found(desk) == []


def test_a_dropped_trigger_is_found(museum: tuple[Desk, str]) -> None:
    desk, _ = museum
    sqlite = desk.engine.dialect.name == "sqlite"
    operations = ("update", "delete") if sqlite else ("update", "delete", "truncate")
    made = guards(desk.engine.dialect.name)
    assert set(made) == {f"history_{table}_{operation}" for table in GUARDED for operation in operations}
    for name, statement in made.items():
        table = name.removeprefix("history_").rpartition("_")[0]
        with db.transaction(desk.engine) as tx:
            tx.execute(text(f"DROP TRIGGER {name}{'' if sqlite else f' ON {table}'}"))
        with db.reading(desk.engine) as tx:
            assert broken_guards(tx) == [name]
        if table == "events":
            (finding,) = verify(desk.registry)
            assert name in finding.en
        with db.transaction(desk.engine) as tx:
            tx.execute(text(statement))


def test_a_trigger_switched_off_or_made_toothless_is_found(desk: Desk, record: tuple[str, str]) -> None:
    name = "history_events_update"
    if desk.engine.dialect.name == "sqlite":
        statements = [
            f"DROP TRIGGER {name}",
            f"CREATE TRIGGER {name} BEFORE UPDATE ON events FOR EACH ROW WHEN 0 BEGIN SELECT 1; END",
        ]
    else:
        statements = [f"ALTER TABLE events DISABLE TRIGGER {name}"]
    with db.transaction(desk.engine) as tx:
        for statement in statements:
            tx.execute(text(statement))
    (finding,) = verify(desk.registry)
    assert name in finding.en


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases SET stage = 'decided' WHERE id = '{}'",
        "UPDATE cases SET standing = replace(standing, '\"opened\"', '\"decided\"') WHERE id = '{}'",
        "UPDATE cases SET docket_number = '杭测字〔2025〕7号' WHERE id = '{}'",
        "UPDATE cases SET patent = 'ZL1' WHERE id = '{}'",
        "UPDATE cases SET irregularities = 3 WHERE id = '{}'",
        "UPDATE cases SET next_due_on = '2030-01-01' WHERE id = '{}'",
        "UPDATE cases SET closed = (1 = 1) WHERE id = '{}'",
        "UPDATE cases SET office = 'CN' WHERE id = '{}'",
        "UPDATE cases SET opened_by = 'chief1' WHERE id = '{}'",
        "UPDATE deadlines SET due_on = '2030-01-01' WHERE case_id = '{}' AND \"key\" = 'decision'",
        "UPDATE deadlines SET status = 'met' WHERE case_id = '{}' AND \"key\" = 'decision'",
        "DELETE FROM deadlines WHERE case_id = '{}'",
        "UPDATE parties SET role = 'claimant' WHERE case_id = '{}'",
        "UPDATE parties SET name = '丁' WHERE case_id = '{}'",
        "UPDATE hearings SET room = '2' WHERE case_id = '{}'",
    ],
)
def test_an_overwritten_state_or_due_date_is_named(museum: tuple[Desk, str], statement: str) -> None:
    desk, docketed = museum
    table = statement.removeprefix("DELETE FROM ").removeprefix("UPDATE ").split()[0]
    with for_a_while(desk, statement.format(docketed), table=table):
        assert docketed in {case_id for case_id, _ in found(desk)}


def test_an_edited_law_calendar_or_notice_is_found(desk: Desk, record: tuple[str, str]) -> None:
    load_calendar(desk.registry, notice("330000", 2025, "2025-06-10", "2025-06-13"), source="notice")
    for statement in (
        "UPDATE law_texts SET texts = replace(texts, '3 months', '9 months')",
        "UPDATE calendars SET body = replace(body, '2025-10-01', '2025-11-01')",
        "UPDATE holiday_notices SET source = source || '# x'",
    ):
        before = len(verify(desk.registry))
        tamper(desk, statement)
        assert len(verify(desk.registry)) > before


def test_a_number_made_void_or_changed_by_hand_is_named(desk: Desk, record: tuple[str, str]) -> None:
    docketed, _ = record
    tamper(desk, "UPDATE docket_numbers SET voided_by = 3")
    assert (docketed, 3) in found(desk)
    tamper(desk, "UPDATE docket_numbers SET voided_by = NULL, text = '杭测字〔2025〕2号'")
    assert (docketed, 2) in found(desk)


def test_the_checkpoint_grows_only_while_all_agrees(desk: Desk, record: tuple[str, str], tmp_path: Path) -> None:
    docketed, undocketed = record
    file = tmp_path / "outside" / "heads.jsonl"
    assert found(desk, file) == []
    first = file.read_text()
    lines = [json.loads(line) for line in first.splitlines()]
    assert {line["case"] for line in lines if "case" in line} == {docketed, undocketed}
    assert {kind for line in lines for kind in line if kind not in {"sequence", "place", "hash", "at"}} == {
        "case", "administration", "series",
    }  # fmt: skip
    assert found(desk, file) == []
    assert file.read_text() == first
    desk.record(undocketed, "noted", FIRST_DAY + timedelta(days=30), facts={"remark": "x"})
    assert found(desk, file) == []
    assert len(file.read_text().splitlines()) == len(lines) + 1
    grown = file.read_text()
    tamper(desk, f"UPDATE cases SET stage = 'decided' WHERE id = '{docketed}'")
    desk.record(undocketed, "noted", FIRST_DAY + timedelta(days=30), facts={"remark": "y"})
    assert found(desk, file) != []
    assert file.read_text() == grown


def test_only_a_checkpoint_finds_that_a_case_without_a_number_is_gone(
    desk: Desk, record: tuple[str, str], tmp_path: Path
) -> None:
    _, undocketed = record
    assert found(desk, tmp_path / "heads") == []
    remove_case(desk, undocketed)
    assert found(desk) == []
    assert found(desk, tmp_path / "heads") == [(undocketed, 2)]


def test_only_a_checkpoint_finds_a_tail_cut_off_together_with_its_head(
    desk: Desk, record: tuple[str, str], tmp_path: Path
) -> None:
    _, undocketed = record
    copy = {name: desk.rows(f"SELECT {name} FROM cases WHERE id = :id", id=undocketed)[0][0] for name in CUT}
    late = FIRST_DAY + timedelta(days=30)
    desk.record(undocketed, "noted", late, facts={"remark": "unwelcome"})
    assert found(desk, tmp_path / "heads") == []
    values = ", ".join(f"{name} = '{value}'" for name, value in copy.items())
    tamper(
        desk,
        f"DELETE FROM events WHERE case_id = '{undocketed}' AND sequence = 3",
        f"UPDATE cases SET {values} WHERE id = '{undocketed}'",
    )
    assert found(desk) == []
    assert found(desk, tmp_path / "heads") == [(undocketed, 3)]


CUT = ("version", "head_hash", "standing", "changed_at")


def test_only_a_checkpoint_finds_that_every_table_was_emptied(
    desk: Desk, record: tuple[str, str], tmp_path: Path
) -> None:
    assert found(desk, tmp_path / "heads") == []
    tamper(desk, *[f"DELETE FROM {table.name}" for table in reversed(db.metadata.sorted_tables)])
    assert found(desk) == []
    # Beside the two cases, the administrative ledger and the series of docket numbers are missed.
    assert {case_id for case_id, _ in found(desk, tmp_path / "heads")} == {*record, None}


def test_only_a_checkpoint_finds_a_chain_computed_anew_from_a_forgery(
    desk: Desk, record: tuple[str, str], tmp_path: Path
) -> None:
    docketed, _ = record
    assert found(desk, tmp_path / "heads") == []
    forge(desk, docketed, 4, "forged")
    assert found(desk) == []
    ((case_id, _),) = found(desk, tmp_path / "heads")
    assert case_id == docketed


def test_a_file_that_is_no_checkpoint_is_refused_with_its_line(
    desk: Desk, record: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "heads").write_text('{"case": "a", "sequence": 1, "hash": "b"}\nnonsense\n')
    with pytest.raises(CheckpointUnreadable, match="line 2"):
        verify(desk.registry, checkpoint=tmp_path / "heads")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET reason = 'x'",
        "DELETE FROM events",
        "INSERT OR REPLACE INTO events SELECT * FROM events",
        "DELETE FROM event_particulars",
        "UPDATE event_particulars SET body = '{}'",
        "UPDATE law_texts SET texts = '{}'",
        "DELETE FROM calendars",
        "UPDATE holiday_notices SET source = ''",
        "DELETE FROM docket_numbers",
        "UPDATE docket_numbers SET text = 'x'",
        "UPDATE docket_counters SET last = 9",
        "DELETE FROM cases",
        "UPDATE cases SET version = 1",
        "UPDATE cases SET office = 'CN'",
        "UPDATE marker SET sandbox = NOT sandbox",
        "TRUNCATE events CASCADE",
        "TRUNCATE event_particulars",
        "TRUNCATE docket_counters",
    ],
)
def test_the_database_itself_refuses_to_edit_history(museum: tuple[Desk, str], statement: str) -> None:
    desk, _ = museum
    sqlite = desk.engine.dialect.name == "sqlite"
    if sqlite and statement.startswith("TRUNCATE"):
        statement = "DELETE FROM " + statement.split()[1]
    if not sqlite and "OR REPLACE" in statement:
        statement = "INSERT INTO events SELECT * FROM events ON CONFLICT (case_id, sequence) DO UPDATE SET reason = 'x'"
    with pytest.raises(DBAPIError, match="only added to"), db.transaction(desk.engine) as tx:
        tx.execute(text(statement))


def test_particulars_may_be_erased_and_the_chain_still_holds(desk: Desk, record: tuple[str, str]) -> None:
    docketed, _ = record
    with db.transaction(desk.engine) as tx:
        tx.execute(
            text("UPDATE event_particulars SET body = NULL, salt = NULL WHERE case_id = :id AND sequence = 3"),
            {"id": docketed},
        )
    (finding,) = verify(desk.registry)
    assert (finding.case_id, finding.sequence, finding.en) == (docketed, 3, "the event's particulars are gone")
