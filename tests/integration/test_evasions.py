"""Changes behind the engine's back that agree with one another: rows moved, guards hollow, calendars turned back."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import make_url, text

from adjudicate import db
from adjudicate.cases import case_file
from adjudicate.cases.calendars import load_calendar
from adjudicate.verification.checkpoint import CheckpointUnreadable
from adjudicate.verification.verifying import verify
from tests.integration.desk import FIRST_DAY
from tests.integration.tampering import tamper
from tests.integration.test_calendars import NATIONAL, notice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.desk import Desk

LISTS = ("deadlines", "agenda")


def said(desk: Desk, checkpoint: Path | None = None) -> list[tuple[str | None, int | None, str]]:
    return [(one.case_id, one.sequence, one.en) for one in verify(desk.registry, checkpoint=checkpoint)]


def named(desk: Desk, checkpoint: Path | None = None) -> set[str | None]:
    """The cases that verification finds fault with."""
    return {case_id for case_id, _, _ in said(desk, checkpoint)}


def words(desk: Desk) -> str:
    """What verification finds, in both languages, as one text."""
    return "\n".join(f"{one.zh} {one.en}" for one in verify(desk.registry))


def execute(desk: Desk, *statements: str) -> None:
    """Execute statements in sight of every trigger."""
    with db.transaction(desk.engine) as tx:
        for statement in statements:
            tx.execute(text(statement))


# The calendar of a case.


@pytest.mark.finding("S6")
def test_a_case_dated_again_by_the_calendar_from_before_a_notice_is_found(desk: Desk, tmp_path: Path) -> None:
    case_id = str(desk.open().case_id)
    old = desk.rows("SELECT calendar_digest, standing, next_due_on FROM cases WHERE id = :id", id=case_id)[0]
    tamper(desk, *(f"CREATE TABLE kept_{name} AS SELECT * FROM {name}" for name in LISTS))
    load_calendar(desk.registry, notice("330000", 2025, "2025-03-06", "2025-03-07"), source="notice")
    assert desk.scalar("SELECT count(*) FROM events WHERE kind = 'dates_moved'") == 1
    assert said(desk, tmp_path / "heads") == []
    changes = f"calendar_digest = '{old[0]}', standing = '{old[1]}', next_due_on = '{old[2]}'"
    tamper(desk, f"UPDATE cases SET {changes} WHERE id = '{case_id}'")
    for name in LISTS:
        tamper(desk, f"DELETE FROM {name}", f"INSERT INTO {name} SELECT * FROM kept_{name}")
    assert named(desk) == {case_id}
    assert named(desk, tmp_path / "heads") == {case_id}


@pytest.mark.finding("S6")
def test_a_case_dated_by_a_later_calendar_without_an_event_that_says_so_is_found(desk: Desk) -> None:
    earlier = str(desk.open().case_id)
    # What is closed no notice moves.
    tamper(desk, f"UPDATE cases SET closed = (1 = 1) WHERE id = '{earlier}'")
    load_calendar(desk.registry, notice("330000", 2025, "2025-03-06", "2025-03-07"), source="notice")
    later = str(desk.open().case_id)
    tamper(desk, f"UPDATE cases SET closed = (1 = 0) WHERE id = '{earlier}'")
    assert said(desk) == []
    columns = ("calendar_digest", "standing", "next_due_on")
    copied = ", ".join(f"{one} = (SELECT other.{one} FROM cases other WHERE other.id = '{later}')" for one in columns)
    tamper(desk, f"UPDATE cases SET {copied} WHERE id = '{earlier}'")
    for name in LISTS:
        tamper(
            desk,
            f"DELETE FROM {name} WHERE case_id = '{earlier}'",
            f"CREATE TABLE copy_{name} AS SELECT * FROM {name} WHERE case_id = '{later}'",
            f"UPDATE copy_{name} SET case_id = '{earlier}'",
            f"INSERT INTO {name} SELECT * FROM copy_{name}",
        )
    assert named(desk) == {earlier}


@pytest.mark.finding("S6")
def test_a_notice_that_moved_no_day_is_not_taken_back_unseen(desk: Desk) -> None:
    desk.today(date(2026, 12, 30))
    for _ in range(2):
        desk.open(on=date(2026, 12, 30))
    case_id = str(desk.scalar("SELECT max(id) FROM cases"))
    first = desk.scalar("SELECT calendar_digest FROM cases WHERE id = :id", id=case_id)
    load_calendar(desk.registry, NATIONAL, source="notice")
    assert desk.scalar("SELECT count(*) FROM events") == 2
    desk.record(case_id, "noted", date(2026, 12, 30), facts={"remark": "x"})
    assert said(desk) == []
    tamper(desk, f"UPDATE cases SET calendar_digest = '{first}' WHERE id = '{case_id}'")
    assert any("calendar of the case" in en for _, _, en in said(desk))


# Triggers.

TOOTHLESS = {
    "actors": "NOT (NEW.id::varchar(1) = OLD.id::varchar(1)"
    " AND NEW.created_at::date::timestamptz = OLD.created_at::date::timestamptz)",
    "docket_counters": "NOT (NEW.office::varchar(1) = OLD.office::varchar(1) AND NEW.kind::varchar(1) = "
    "OLD.kind::varchar(1) AND NEW.year::text::varchar(1) = OLD.year::text::varchar(1) AND NEW.last = OLD.last + 1)",
    "cases": "NOT (NEW.id = OLD.id AND NEW.workflow = OLD.workflow AND NEW.office = OLD.office AND NEW.region ="
    " OLD.region AND NEW.opened_on = OLD.opened_on AND NEW.version::text >= OLD.version::text)",
    "tokens": "NOT (NEW.id::char(3) = OLD.id::char(3) AND NEW.hash = OLD.hash AND NEW.actor = OLD.actor"
    " AND OLD.revoked_at IS NULL)",
}


@pytest.mark.finding("S7")
@pytest.mark.parametrize("table", sorted(TOOTHLESS))
def test_a_guard_that_compares_only_a_part_of_a_column_is_found(desk_on_postgresql: Desk, table: str) -> None:
    desk, name = desk_on_postgresql, f"history_{table}_update"
    assert said(desk) == []
    execute(
        desk,
        f"DROP TRIGGER {name} ON {table}",
        f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({TOOTHLESS[table]})"
        " EXECUTE FUNCTION adjudicate_refuse()",
    )
    assert name in words(desk)


@pytest.mark.finding("S7")
def test_a_guard_that_compares_by_an_operator_of_somebody_s_own_is_found(desk_on_postgresql: Desk) -> None:
    desk = desk_on_postgresql
    execute(
        desk,
        "CREATE SCHEMA evil",
        "CREATE FUNCTION evil.always(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true'",
        "CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.always)",
        "DROP TRIGGER history_marker_update ON marker",
        "DROP TRIGGER history_tokens_update ON tokens",
        "CREATE TRIGGER history_tokens_update BEFORE UPDATE ON tokens FOR EACH ROW WHEN (NOT (NEW.id::text"
        " OPERATOR(evil.=) OLD.id::text AND NEW.hash::text OPERATOR(evil.=) OLD.hash::text AND NEW.actor::text"
        " OPERATOR(evil.=) OLD.actor::text AND OLD.revoked_at IS NULL)) EXECUTE FUNCTION adjudicate_refuse()",
    )
    url = make_url(desk.registry.settings.database_url)
    execute(desk, f'ALTER DATABASE "{url.database}" SET search_path = public, evil, pg_catalog')
    desk.engine.dispose()
    found = words(desk)
    assert "history_tokens_update" in found
    assert "history_marker_update" in found


@contextmanager
def extra_trigger(desk: Desk, name: str, table: str) -> Iterator[None]:
    """A trigger that takes the last day from every grant, while it stands."""
    if desk.engine.dialect.name == "sqlite":
        execute(desk, f"CREATE TRIGGER {name} AFTER INSERT ON {table} BEGIN UPDATE grants SET until_on = NULL; END")
        yield
        execute(desk, f"DROP TRIGGER {name}")
        return
    execute(
        desk,
        "CREATE FUNCTION evil() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN UPDATE grants SET until_on = NULL; RETURN NEW; END'",
        f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION evil()",
    )
    yield
    execute(desk, f"DROP TRIGGER {name} ON {table}", "DROP FUNCTION evil()")


@pytest.mark.finding("S7")
@pytest.mark.parametrize("table", ["grants", "idempotency", "alembic_version"])
def test_a_trigger_that_no_migration_made_is_named(desk: Desk, table: str) -> None:
    with extra_trigger(desk, "tidy_up", table):
        assert "tidy_up" in words(desk)
    assert said(desk) == []


@pytest.mark.finding("S7")
def test_a_guard_of_another_name_for_what_a_guard_forbids_is_named(desk_on_postgresql: Desk) -> None:
    desk = desk_on_postgresql
    for statement, shown in (
        ("CREATE RULE swallow AS ON INSERT TO outbox DO INSTEAD NOTHING", "swallow"),
        ("ALTER TABLE events ENABLE ROW LEVEL SECURITY", "events"),
    ):
        assert said(desk) == []
        execute(desk, statement)
        assert shown in words(desk)
        execute(desk, "DROP RULE IF EXISTS swallow ON outbox", "ALTER TABLE events DISABLE ROW LEVEL SECURITY")


@pytest.mark.finding("S7")
def test_triggers_switched_off_by_a_setting_of_the_database_are_found(desk_on_postgresql: Desk) -> None:
    desk = desk_on_postgresql
    database = make_url(desk.registry.settings.database_url).database
    for setting in ("SET session_replication_role = replica", "SET session_replication_role TO 'replica'"):
        execute(desk, f'ALTER DATABASE "{database}" {setting}')
        assert "session_replication_role" in words(desk)
        desk.engine.dispose()
        assert "session_replication_role" in words(desk)
        execute(desk, f'ALTER DATABASE "{database}" RESET session_replication_role')
        desk.engine.dispose()
    assert said(desk) == []


@pytest.mark.finding("S7")
def test_triggers_switched_off_for_a_role_count_where_the_role_can_write_history(desk_on_postgresql: Desk) -> None:
    desk, role = desk_on_postgresql, f"replicator_{uuid4().hex}"
    execute(desk, f"CREATE ROLE {role}", f"ALTER ROLE {role} SET session_replication_role = replica")
    try:
        assert said(desk) == []
        execute(desk, f"GRANT DELETE ON events TO {role}")
        assert "session_replication_role" in words(desk)
    finally:
        execute(desk, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


# Writers.


@pytest.mark.finding("S24")
@pytest.mark.parametrize(("kind", "entitled"), [("joint", True), ("approval", True), ("outside", False)])
def test_who_may_only_read_a_case_is_named_as_its_writer(desk: Desk, kind: str, entitled: bool) -> None:
    case_id = str(desk.open(office="CN").case_id)
    assert named(desk) == {case_id}

    def give(tx: Any) -> None:
        at = desk.registry.moment(tx).at
        grant = {"id": "g" * 36, "case_id": case_id, "office": "HZ", "actor": None, "kind": kind}
        days = {"from_on": FIRST_DAY, "until_on": None, "granted_by": "chief1", "granted_at": at}
        case_file.give_grant(tx, {**grant, **days})

    desk.run(give)
    assert named(desk) == (set() if entitled else {case_id})


# Docket numbers.


@pytest.mark.finding("S8")
def test_two_docket_numbers_of_a_series_that_changed_places_are_found(desk: Desk, tmp_path: Path) -> None:
    first, second = desk.docketed(), desk.docketed()
    assert said(desk, tmp_path / "heads") == []
    tamper(
        desk,
        f"UPDATE docket_numbers SET number = 99 WHERE case_id = '{first}'",
        f"UPDATE docket_numbers SET number = 1 WHERE case_id = '{second}'",
        f"UPDATE docket_numbers SET number = 2 WHERE case_id = '{first}'",
    )
    assert named(desk, tmp_path / "heads") == {first, second}


@pytest.mark.finding("S8")
@pytest.mark.parametrize(
    ("column", "elsewhere"), [("office", "'ZJ'"), ("year", "2024"), ("kind", "'test-dispute/other'")]
)
def test_the_last_number_moved_into_another_series_is_found(
    desk: Desk, tmp_path: Path, column: str, elsewhere: str
) -> None:
    desk.docketed()
    last = desk.docketed()
    series = {"office": "'HZ'", "kind": "'test-dispute/main'", "year": "2025", column: elsewhere}
    tamper(
        desk,
        f"UPDATE docket_numbers SET {column} = {elsewhere}, number = 1 WHERE case_id = '{last}'",
        "UPDATE docket_counters SET last = 1",
        "INSERT INTO docket_counters (office, kind, year, last)"
        f" VALUES ({series['office']}, {series['kind']}, {series['year']}, 1)",
    )
    assert (last, 2) in {(case_id, sequence) for case_id, sequence, _ in said(desk)}


@pytest.mark.finding("S8")
def test_two_cases_of_an_office_with_the_same_docket_number_are_found(desk: Desk) -> None:
    desk.docketed()
    last = desk.docketed()
    tamper(
        desk,
        f"UPDATE docket_numbers SET office = 'ZJ', number = 1 WHERE case_id = '{last}'",
        "UPDATE docket_counters SET last = 1",
    )
    again = desk.docketed()
    twice = desk.scalar("SELECT docket_number FROM cases WHERE id = :id", id=last)
    assert desk.scalar("SELECT docket_number FROM cases WHERE id = :id", id=again) == twice
    tamper(desk, f"UPDATE docket_numbers SET office = 'HZ', number = 3 WHERE case_id = '{last}'")
    assert any(twice in one.zh and twice in one.en for one in verify(desk.registry))


# Documents due.


@pytest.mark.finding("S11")
def test_a_document_due_to_another_party_or_to_one_more_is_found(desk: Desk) -> None:
    case_id = desk.docketed()
    ((sequence, document),) = desk.rows("SELECT sequence, document FROM document_requests WHERE party = ''")
    assert said(desk) == []
    where = f"WHERE case_id = '{case_id}' AND sequence = {sequence} AND document = '{document}'"
    names = ("case_id", "sequence", "document", "thread", "requested_at", "digest", "fulfilled_at")
    columns = ", ".join(names)
    tamper(desk, f"INSERT INTO document_requests ({columns}, party) SELECT {columns}, 'p2' FROM document_requests")
    assert (case_id, sequence) in {one[:2] for one in said(desk)}
    tamper(desk, f"DELETE FROM document_requests {where} AND party = 'p2'")
    assert said(desk) == []
    tamper(desk, f"UPDATE document_requests SET party = 'p1' {where}")
    assert (case_id, sequence) in {one[:2] for one in said(desk)}


@pytest.mark.finding("S11")
def test_a_document_due_in_another_thread_is_found(desk: Desk) -> None:
    case_id = desk.docketed()
    desk.record(case_id, "pause_begun", FIRST_DAY)
    assert said(desk) == []
    tamper(desk, "UPDATE document_requests SET thread = 'test-pause-1'")
    assert named(desk) == {case_id}


# The checkpoint.


@pytest.mark.finding("S22")
def test_a_checkpoint_without_its_last_line_end_goes_on_in_a_line_of_its_own(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "heads"
    desk.open()
    assert said(desk, file) == []
    file.write_bytes(file.read_bytes().removesuffix(b"\n"))
    lines = len(file.read_text().splitlines())
    desk.open()
    for _ in range(2):
        assert said(desk, file) == []
    assert len([json.loads(line) for line in file.read_text().splitlines()]) == lines + 1
    assert file.read_bytes().endswith(b"\n")


@pytest.mark.finding("S22")
def test_a_checkpoint_whose_last_line_was_cut_off_says_what_to_do_and_stays_as_it_is(
    desk: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "heads"
    desk.open()
    assert said(desk, file) == []
    whole = file.read_bytes()
    file.write_bytes(torn := whole + whole[:20])
    with pytest.raises(CheckpointUnreadable, match=r"cut off.*delete") as raised:
        said(desk, file)
    assert "删去" in raised.value.zh
    assert file.read_bytes() == torn


@pytest.mark.finding("S22")
def test_entries_of_a_ledger_that_are_gone_are_named_once_each_with_their_places(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "heads"
    desk.open()
    assert said(desk, file) == []
    line = next(json.loads(one) for one in file.read_text().splitlines() if "administration" in one)
    for more in (5, 7):
        with file.open("a") as opened:
            opened.write(json.dumps({**line, "place": line["place"] + more}) + "\n")
    found = [en for _, _, en in said(desk, file)]
    assert len(found) == len(set(found)) == 2
    assert all(str(line["place"] + more) in en for more, en in zip((5, 7), found, strict=True))
