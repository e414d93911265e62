"""What goes wrong with one case or message keeps the worker from nothing else; no part of a round goes on too long."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from adjudicate import db
from adjudicate import worker as workers
from adjudicate.cases.put_aside import PutAside
from adjudicate.worker import Worker
from tests.integration.desk import FIRST_DAY, start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.integration.desk import Desk

LATER = FIRST_DAY + timedelta(days=30)
PATIENCE_SECONDS = 20
# So many that the waits of before, 1 + 2 + 4 + 8 + 16 seconds, are longer than the patience.
BAD = 5


@pytest.fixture
def hurried(database_url: str, law: Path) -> Iterator[Desk]:
    """A desk on which nothing may take long."""
    short = {"lock_seconds": 0.5, "statement_seconds": 0.5, "command_seconds": 0.6}
    made = start(database_url, law, worker_interval_seconds=0.05, **short)
    yield made
    made.registry.close()


def soon(holds: Callable[[], bool]) -> bool:
    limit = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > limit:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def at_work(desk: Desk) -> Iterator[None]:
    """A worker at work on the desk's database."""
    stop = threading.Event()
    thread = threading.Thread(target=workers.serve, args=(desk.registry, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def make_slow(desk: Desk, case_ids: list[str]) -> None:
    """Recording in these cases takes longer than anything may."""
    among = f"NEW.case_id IN ({', '.join(repr(case_id) for case_id in case_ids)})"
    if desk.engine.dialect.name == "sqlite":
        counted = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000000000) SELECT x FROM n"
        statements = [
            f"CREATE TRIGGER slow BEFORE INSERT ON events WHEN {among} BEGIN SELECT count(*) FROM ({counted}); END"
        ]
    else:
        sleeping = "LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$"
        statements = [
            f"CREATE FUNCTION slow() RETURNS trigger {sleeping}",
            f"CREATE TRIGGER slow BEFORE INSERT ON events FOR EACH ROW WHEN ({among}) EXECUTE FUNCTION slow()",
        ]
    with db.transaction(desk.engine) as tx:
        for statement in statements:
            tx.execute(text(statement))


def test_cases_that_take_too_long_keep_no_other_case_no_message_and_no_removal_waiting(hurried: Desk) -> None:
    bad = [str(hurried.open(on=FIRST_DAY).case_id) for _ in range(BAD)]
    sound = str(hurried.open(on=FIRST_DAY).case_id)
    with db.transaction(hurried.engine) as tx:
        tx.execute(text("UPDATE cases SET next_due_on = '2025-03-09' WHERE id <> :sound"), {"sound": sound})
    make_slow(hurried, bad)
    hurried.today(LATER)
    with at_work(hurried):
        delivered = soon(lambda: hurried.scalar("SELECT count(*) FROM outbox WHERE done_at IS NULL") == 0)
        settled = soon(lambda: hurried.scalar("SELECT count(*) FROM events WHERE kind = 'lapse'") == 1)
    assert (delivered, settled) == (True, True)
    assert hurried.rows("SELECT case_id FROM events WHERE kind = 'lapse'") == [(sound,)]


def test_what_was_put_aside_comes_after_all_that_never_failed(hurried: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adjudicate.cases.put_aside.FIRST_SECONDS", 0.0)
    asked: list[str] = []
    bad = [str(hurried.open().case_id) for _ in range(3)]

    def settle(_command: Any, case_id: str) -> None:
        asked.append(case_id)
        raise RuntimeError("it cannot be settled")

    monkeypatch.setattr("adjudicate.cases.recording.settle", settle)
    hurried.today(LATER)
    worker = Worker(hurried.registry, part_seconds=0.3)
    worker.announce_lapses()
    assert set(asked[:3]) == set(bad)


def test_a_database_that_cannot_be_written_ends_the_round(hurried: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    hurried.open()
    hurried.today(LATER)

    def away(*_: Any, **__: Any) -> None:
        raise db.Unavailable(zh="", en="")

    monkeypatch.setattr("adjudicate.cases.recording.settle", away)
    monkeypatch.setattr("adjudicate.db.probe_write", away)
    worker = Worker(hurried.registry)
    with pytest.raises(db.Unavailable):
        worker.run_once()
    assert hurried.scalar("SELECT count(*) FROM outbox WHERE done_at IS NULL") == 1


def test_what_takes_too_long_is_left_alone_longer_each_time_up_to_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    at = [0.0]
    monkeypatch.setattr("adjudicate.cases.put_aside.monotonic", lambda: at[0])
    aside: PutAside[str] = PutAside()
    waits = []
    for _ in range(12):
        aside.put("slow")
        since = at[0]
        while "slow" in aside.now():
            at[0] += 1.0
        waits.append(at[0] - since)
    assert waits[:4] == [5.0, 10.0, 20.0, 40.0]
    assert waits[-2:] == [3600.0, 3600.0]


def test_what_was_done_after_all_is_put_aside_for_a_short_time_again(monkeypatch: pytest.MonkeyPatch) -> None:
    at = [0.0]
    monkeypatch.setattr("adjudicate.cases.put_aside.monotonic", lambda: at[0])
    aside: PutAside[str] = PutAside()
    for _ in range(6):
        aside.put("slow")
        at[0] += 1000.0
    aside.done("slow")
    assert aside.ever() == []
    aside.put("slow")
    at[0] += 5.0
    assert aside.now() == []


def with_backlog(desk: Desk, messages: int) -> None:
    """So many messages that nobody has delivered."""
    insert = text(
        "INSERT INTO outbox (id, topic, body, dedupe_key, created_at, attempts) "
        "VALUES (:id, 't', '{}', :id, '2025-03-03 00:00:00.000000', 0)"
    )
    with db.transaction(desk.engine) as tx:
        tx.execute(insert, [{"id": f"{number:06}"} for number in range(messages)])


def test_a_backlog_of_messages_keeps_lapses_waiting_for_one_part_of_a_round_and_no_longer(desk: Desk) -> None:
    with_backlog(desk, 120)
    worker = Worker(desk.registry, {"t": lambda *_: time.sleep(0.02)}, part_seconds=0.2)
    done, failed = worker.deliver()
    assert 0 < done < 60
    assert failed == 0
    # What was claimed and not reached waits for no lease to run out.
    assert desk.scalar("SELECT count(*) FROM outbox WHERE done_at IS NULL AND claimed_until IS NOT NULL") == 0
    assert desk.scalar("SELECT max(attempts) FROM outbox WHERE done_at IS NULL") == 0
    worker.part_seconds = 60
    assert worker.deliver()[0] == 120 - done


@pytest.mark.parametrize("part", ["announce_lapses", "give_warnings", "deliver"])
def test_each_part_of_a_round_ends_after_its_time_though_there_is_more_to_do(desk: Desk, part: str) -> None:
    for _ in range(3):
        desk.open()
    desk.today(FIRST_DAY + timedelta(days=6) if part == "give_warnings" else LATER)
    worker = Worker(desk.registry, part_seconds=0.0)
    first = getattr(worker, part)()
    assert (first if isinstance(first, int) else first[0]) == 1


def test_a_worker_that_is_told_to_stop_finishes_the_message_it_is_at_and_no_other(desk: Desk) -> None:
    with_backlog(desk, 300)
    stop = threading.Event()
    seen = threading.Event()

    def slowly(*_: Any) -> None:
        seen.set()
        time.sleep(0.05)

    worker = Worker(desk.registry, {"t": slowly})
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    assert seen.wait(PATIENCE_SECONDS)
    stop.set()
    thread.join(5)
    ended = not thread.is_alive()
    thread.join(60)
    assert ended
    assert desk.scalar("SELECT count(*) FROM outbox WHERE done_at IS NULL") > 200


def with_an_old_calendar(desk: Desk) -> None:
    """All open cases were last dated by the calendar of a former release."""
    with db.transaction(desk.engine) as tx:
        row = tx.execute(text("SELECT * FROM calendars")).mappings().one()
        tx.execute(
            text("INSERT INTO calendars VALUES ('old', :code, :body, :kept_at)"),
            {name: row[name] for name in ("code", "body", "kept_at")},
        )
        tx.execute(text("UPDATE cases SET calendar_digest = 'old'"))


def test_a_worker_that_cannot_read_a_calendar_works_all_the_same(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.open()
    desk.today(LATER)

    def broken(*_: Any) -> None:
        raise ValueError("no calendar")

    monkeypatch.setattr(desk.registry, "calendar", broken)
    with at_work(desk):
        assert soon(lambda: desk.scalar("SELECT count(*) FROM events WHERE kind = 'lapse'") == 1)
        assert soon(lambda: desk.scalar("SELECT count(*) FROM outbox WHERE done_at IS NULL") == 0)


def test_open_cases_are_dated_anew_a_part_at_a_time_while_lapses_are_announced(desk: Desk) -> None:
    for _ in range(3):
        desk.open()
    with_an_old_calendar(desk)
    worker = Worker(desk.registry, part_seconds=0.0)
    dated = []
    for _ in range(4):
        worker.run_once()
        dated.append(desk.scalar("SELECT count(*) FROM cases WHERE calendar_digest <> 'old'"))
    assert dated == [1, 2, 3, 3]
    desk.today(LATER)
    assert worker.run_once().settled == 1


def test_the_heart_beats_while_open_cases_are_dated_anew(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        desk.open()
    with_an_old_calendar(desk)
    worker = Worker(desk.registry)
    beats: list[str] = []
    monkeypatch.setattr(worker, "_alive", lambda: beats.append("beat"))
    worker.date_open_cases()
    assert len(beats) == 3


def test_a_case_that_takes_too_long_is_passed_over_when_open_cases_are_dated_anew(hurried: Desk) -> None:
    slow, *others = sorted(str(hurried.open().case_id) for _ in range(3))
    with_an_old_calendar(hurried)
    hurried.today(LATER)
    make_slow(hurried, [slow])
    worker = Worker(hurried.registry)
    assert worker.date_open_cases() == 3
    still = hurried.rows("SELECT id FROM cases WHERE calendar_digest = 'old'")
    assert still == [(slow,)]
    assert others
