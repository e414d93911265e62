"""Faults of the world around the service that were found by trying: each example as it should be."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from adjudicate import db
from adjudicate import worker as workers
from adjudicate.cases.queries import outbox as outbox_queries
from adjudicate.cases.registry import Registry
from tests.integration.desk import FIRST_DAY
from tests.integration.on_a_socket import Served, noted, opened, served, settings_of
from tests.integration.test_prepared import message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from adjudicate.settings import Settings
    from tests.integration.desk import Desk

LATER = FIRST_DAY + timedelta(days=30)
PATIENCE_SECONDS = 20


@pytest.fixture
def settings(database_url: str, law: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings on a fresh database, with short waits."""
    short = {"LOCK_SECONDS": "1", "STATEMENT_SECONDS": "1.5", "COMMAND_SECONDS": "3", "WORKER_INTERVAL_SECONDS": "0.05"}
    return settings_of(monkeypatch, database_url, law, tmp_path / "documents", **short)


def soon(holds: Callable[[], bool]) -> bool:
    """Whether something comes to hold within a time that no healthy machine needs."""
    limit = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > limit:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def a_worker(registry: Registry) -> Iterator[list[BaseException]]:
    """A worker at work; what ended it, if anything did."""
    stop, ended = threading.Event(), []

    def work() -> None:
        try:
            workers.serve(registry, stop)
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            ended.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield ended
    finally:
        stop.set()
        thread.join()


def renamed(desk: Desk, table: str, new: str) -> None:
    with db.transaction(desk.engine) as tx:
        tx.execute(text(f"ALTER TABLE {table} RENAME TO {new}"))


@pytest.mark.finding("D1")
def test_a_table_that_is_missing_for_a_moment_does_not_end_the_worker(desk: Desk) -> None:
    desk.open()
    desk.today(LATER)
    renamed(desk, "outbox", "away")
    with a_worker(desk.registry) as ended:
        time.sleep(0.5)
        renamed(desk, "away", "outbox")
        assert soon(lambda: desk.scalar("SELECT count(*) FROM events WHERE kind = 'lapse'") == 1)
        assert soon(lambda: desk.scalar("SELECT count(*) FROM outbox WHERE done_at IS NULL") == 0)
    assert ended == []


def test_a_case_whose_kept_law_cannot_be_read_stops_no_other_case_no_warning_and_no_message(desk: Desk) -> None:
    broken, sound = desk.open().case_id, desk.open().case_id
    with db.transaction(desk.engine) as tx:
        # A calendar of a former release: the worker dates the open cases anew when it starts, each by its law.
        tx.execute(text('UPDATE cases SET laws = \'{"2025-02-01": "gone"}\' WHERE id = :id'), {"id": broken})
        row = tx.execute(text("SELECT * FROM calendars")).mappings().one()
        tx.execute(
            text("INSERT INTO calendars VALUES ('old', :code, :body, :kept_at)"),
            {name: row[name] for name in ("code", "body", "kept_at")},
        )
        tx.execute(text("UPDATE cases SET calendar_digest = 'old'"))
    desk.today(LATER)
    with a_worker(desk.registry) as ended:
        lapsed = "SELECT count(*) FROM events WHERE kind = 'lapse' AND case_id = :id"
        assert soon(lambda: bool(desk.scalar(lapsed, id=sound)))
        assert soon(lambda: desk.scalar("SELECT count(*) FROM outbox WHERE done_at IS NULL") == 0)
    assert ended == []
    assert desk.scalar(lapsed, id=broken) == 0


@pytest.mark.finding("D1")
def test_readiness_says_when_a_worker_was_last_alive(settings: Settings) -> None:
    with served(settings) as made, made.client(None) as client:
        assert client.get("/readyz").json().get("worker") == {"state": "none", "last_seen": None}
        workers.run_once(made.registry)
        seen = client.get("/readyz").json()["worker"]
        assert (seen["state"], seen["last_seen"][:2]) == ("alive", "20")
        with db.transaction(made.registry.engine) as tx:
            tx.execute(text("UPDATE worker_heartbeats SET seen_at = '2026-01-01 00:00:00.000000'"))
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["worker"]["state"]) == (200, "stale")


@contextmanager
def read_only(made: Served) -> Iterator[None]:
    """As after a failover: on PostgreSQL the sessions opened meanwhile stay read-only afterwards."""
    engine = made.registry.engine
    if engine.dialect.name == "sqlite":
        on = [1]
        event.listen(engine, "checkout", lambda connection, *_: connection.execute(f"PRAGMA query_only={on[0]}"))
        yield
        on[0] = 0
        return
    name = engine.url.database
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as outside:
        outside.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')  # type: ignore[call-overload]
        outside.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        yield
        outside.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')  # type: ignore[call-overload]


@pytest.mark.finding("D2")
def test_a_database_that_became_read_only_is_not_now_and_is_written_again_without_a_restart(
    settings: Settings,
) -> None:
    with served(settings) as made, made.client() as client:
        case_id = opened(client, "open")
        etag = client.get(f"/v1/cases/{case_id}").headers["ETag"]
        with read_only(made):
            time.sleep(2.1)  # a commit proves for two seconds that writing is possible
            for number in range(3):
                refused = noted(client, case_id, "x", etag=etag, key=f"k{number}")
                assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
                assert refused.headers["Retry-After"]
            assert client.get("/readyz").status_code == 503
            assert client.get(f"/v1/cases/{case_id}").status_code == 200
        assert noted(client, case_id, "x", etag=etag, key="k0").status_code == 201
        assert client.get("/readyz").status_code == 200


@contextmanager
def full(made: Served) -> Iterator[None]:
    """No room: on SQLite its own limit; on PostgreSQL a trigger says what the server says when its disk is full."""
    engine = made.registry.engine
    if engine.dialect.name == "sqlite":
        most = [1]
        event.listen(engine, "checkout", lambda connection, *_: connection.execute(f"PRAGMA max_page_count={most[0]}"))
        yield
        most[0] = 1_000_000
        return
    with db.transaction(engine) as tx:
        raising = "LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$"
        tx.execute(text(f"CREATE FUNCTION full_disk() RETURNS trigger {raising}"))
        tx.execute(text("CREATE TRIGGER f BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION full_disk()"))
    yield
    with db.transaction(engine) as tx:
        tx.execute(text("DROP FUNCTION full_disk() CASCADE"))


@pytest.mark.finding("D2")
def test_a_full_disk_is_not_now_and_the_service_is_unready_until_something_is_written_again(
    settings: Settings,
) -> None:
    with served(settings, with_worker=True) as made, made.client() as client:
        case_id = opened(client, "open")
        etag = client.get(f"/v1/cases/{case_id}").headers["ETag"]
        with full(made):
            statuses = []
            for number in range(60):
                answer = noted(client, case_id, "long" * 400, etag=etag, key=f"k{number}")
                statuses.append(answer.status_code)
                if answer.status_code != 201:
                    break
                etag = answer.headers["ETag"]
            assert statuses[-1] == 503
            assert answer.headers["Retry-After"]
            # An idle worker begins and commits all the time, and writes nothing by it.
            time.sleep(0.5)
            assert client.get("/readyz").status_code == 503
        assert noted(client, case_id, "x", etag=etag, key="after").status_code == 201
        assert client.get("/readyz").status_code == 200


@contextmanager
def locked_from_outside(made: Served, case_id: str) -> Iterator[None]:
    engine = made.registry.engine
    if engine.dialect.name == "sqlite":
        import sqlite3

        outside = sqlite3.connect(str(engine.url.database), isolation_level=None)
        outside.execute("BEGIN IMMEDIATE")
        yield
        outside.close()
        return
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as other:
        other.execute("SELECT 1 FROM cases WHERE id = %s FOR UPDATE", [case_id])
        yield
        other.rollback()


@pytest.mark.finding("D3")
def test_a_case_locked_from_outside_is_not_now_and_stops_no_read_and_no_other_office(settings: Settings) -> None:
    postgresql = settings.database_url.startswith("postgresql")
    with served(settings) as made, made.client() as client, made.client("stranger") as stranger:
        case_id, elsewhere = opened(client, "open"), opened(stranger, "elsewhere")
        etag = client.get(f"/v1/cases/{case_id}").headers["ETag"]

        def blocked(number: int) -> Any:
            with made.client() as own:
                try:
                    return noted(own, case_id, "x", etag=etag, key=f"b{number}").status_code
                except httpx.TimeoutException:
                    return "no answer"

        def asked(ask: Callable[[], httpx.Response]) -> Any:
            try:
                return ask().status_code
            except httpx.TimeoutException:
                return "no answer"

        # More than there are threads and connections.
        with locked_from_outside(made, case_id), ThreadPoolExecutor(60) as pool:
            waiting = [pool.submit(blocked, number) for number in range(60)]
            time.sleep(0.3)
            assert asked(lambda: stranger.get(f"/v1/cases/{elsewhere}")) == 200
            assert asked(lambda: client.get("/v1/cases")) == 200
            assert asked(lambda: client.get("/readyz")) in ({200} if postgresql else {200, 503})
            if postgresql:
                other = stranger.get(f"/v1/cases/{elsewhere}").headers["ETag"]
                assert asked(lambda: noted(stranger, elsewhere, "y", etag=other, key="y")) == 201
            assert {each.result() for each in waiting} == {503}
        assert noted(client, case_id, "x", etag=etag, key="b0").status_code == 201


@pytest.mark.finding("D3")
def test_a_statement_that_does_not_end_is_not_now(settings: Settings) -> None:
    sqlite = settings.database_url.startswith("sqlite")
    with served(settings) as made, made.client() as client:
        case_id = opened(client, "open")
        etag = client.get(f"/v1/cases/{case_id}").headers["ETag"]
        # About half a minute, longer than a client waits, so that a release without limits gets over it too.
        counted = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 150000000) SELECT x FROM n"
        endless = f"SELECT count(*) FROM ({counted})"
        sleeping = "LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(25); RETURN NEW; END $$"
        statements = [f"CREATE TRIGGER slow BEFORE INSERT ON events BEGIN {endless}; END"]
        if not sqlite:
            statements = [
                f"CREATE FUNCTION slow() RETURNS trigger {sleeping}",
                "CREATE TRIGGER slow BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION slow()",
            ]
        with db.transaction(made.registry.engine) as tx:
            for statement in statements:
                tx.execute(text(statement))
        try:
            status: Any = noted(client, case_id, "x", etag=etag, key="k").status_code
        except httpx.TimeoutException:
            status = "no answer"
        assert status == 503


def aged(desk: Desk) -> list[Any]:
    """An outbox with an old delivered message, an old open one and a young one, and two answers, one of them old."""
    case_id = desk.docketed()
    old, young = "2020-01-01 00:00:00.000000", "2025-03-03 00:00:00.000000"
    with db.transaction(desk.engine) as tx:
        insert = (
            "INSERT INTO outbox (id, topic, body, dedupe_key, created_at, attempts, done_at) "
            "VALUES (:id, 't', '{}', :id, :at, 0, :done)"
        )
        for name, at, done in (("01-old-done", old, old), ("01-old-open", old, None), ("02-young", young, young)):
            tx.execute(text(insert), {"id": name, "at": at, "done": done})
        for key, at in (("old", old), ("young", young)):
            tx.execute(
                text(
                    "INSERT INTO idempotency (actor, key, fingerprint, case_id, status, headers, body, created_at) "
                    "VALUES ('clerk1', :key, 'f', :case, 201, '{}', '{}', :at)"
                ),
                {"key": key, "case": case_id, "at": at},
            )
    return [case_id]


@pytest.mark.finding("D7")
def test_delivered_messages_and_kept_answers_go_after_their_time_and_open_messages_stay(desk: Desk) -> None:
    aged(desk)
    worker = workers.Worker(desk.registry, {"t": lambda *_: (_ for _ in ()).throw(RuntimeError("away"))})
    worker.run_once()
    kept = {row[0] for row in desk.rows("SELECT id FROM outbox")}
    assert "01-old-done" not in kept
    assert {"01-old-open", "02-young"} <= kept
    assert desk.rows("SELECT key FROM idempotency") == [("young",)]


@pytest.mark.finding("D9")
def test_a_statement_that_fails_later_bears_its_text_and_who_wanted_it(desk: Desk) -> None:
    def work(tx: Any) -> None:
        outbox_queries.add_message(tx, message(1))
        outbox_queries.add_message(tx, message(2, dedupe_key="k1"))

    with pytest.raises(IntegrityError) as failed:
        desk.run(work)
    assert "INSERT INTO outbox" in str(failed.value)
    assert "'k1'" not in str(failed.value.statement)
    (note,) = failed.value.__notes__
    assert "cases/queries/outbox.py" in note
    assert "test_findings_world.py" in note


@pytest.mark.finding("D9")
def test_whoever_traces_sqlalchemy_sees_every_statement(desk: Desk) -> None:
    begun: list[str] = []
    ended: list[Any] = []

    def before(_tx: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool) -> None:
        context.span = statement
        begun.append(statement)

    def after(_tx: Any, _cursor: Any, _statement: str, _values: Any, context: Any, _many: bool) -> None:
        ended.append(context.span)

    def wrong(context: Any) -> None:
        ended.append((context.execution_context.span, type(context.original_exception).__name__))

    event.listen(desk.engine, "before_cursor_execute", before)
    event.listen(desk.engine, "after_cursor_execute", after)
    event.listen(desk.engine, "handle_error", wrong)
    desk.open()
    assert {"cases", "events", "outbox"} <= {
        statement.split()[2] for statement in begun if statement.startswith("INSERT INTO")
    }
    assert ended == begun
    begun.clear()
    ended.clear()
    with pytest.raises(DBAPIError):
        desk.run(lambda tx: [outbox_queries.add_message(tx, message(7)) for _ in range(2)])
    assert begun
    assert ended[-1][1] in {"UniqueViolation", "IntegrityError"}
