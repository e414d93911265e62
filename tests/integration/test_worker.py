"""The worker: lapses announced once, warnings given once, messages carried out under a lease, however many workers."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from adjudicate import db
from adjudicate.cases import recording
from adjudicate.cases.queries import outbox as outbox_queries
from adjudicate.worker import Worker
from tests.integration.desk import FIRST_DAY, start

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.desk import Desk

AFTER = FIRST_DAY + timedelta(days=30)


def test_a_worker_announces_every_lapse_that_is_due_and_then_rests(desk: Desk) -> None:
    ids = [desk.open().case_id for _ in range(3)]
    assert Worker(desk.registry).announce_lapses() == (0, 0)
    desk.today(AFTER)
    assert Worker(desk.registry).announce_lapses() == (3, 0)
    assert Worker(desk.registry).announce_lapses() == (0, 0)
    assert desk.rows("SELECT case_id, event, recorded_by FROM events WHERE kind = 'lapse' ORDER BY case_id") == [
        (case_id, "opening_missed", "clock") for case_id in sorted(ids)
    ]
    assert desk.rows("SELECT DISTINCT status FROM deadlines") == [("missed",)]


def test_the_last_day_itself_is_not_yet_a_lapse(desk: Desk) -> None:
    desk.open()
    desk.today(date(2025, 3, 10))
    assert Worker(desk.registry).announce_lapses() == (0, 0)
    desk.today(date(2025, 3, 11))
    assert Worker(desk.registry).announce_lapses() == (1, 0)


def test_many_workers_and_one_due_deadline_give_one_event(database_url: str, law: Path) -> None:
    desk = start(database_url, law, pool_size=12)
    for _ in range(5):
        desk.open()
    desk.today(AFTER)
    barrier = threading.Barrier(6)
    found: list[tuple[int, int]] = []

    def work() -> None:
        worker = Worker(desk.registry)
        barrier.wait()
        found.append(worker.announce_lapses())

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(done for done, _ in found) == 5
    assert all(failed == 0 for _, failed in found)
    assert desk.scalar("SELECT count(*) FROM events WHERE kind = 'lapse'") == 5
    desk.registry.close()


def test_a_case_that_cannot_be_settled_does_not_stop_the_others(desk: Desk) -> None:
    broken, sound = desk.open().case_id, desk.open().case_id
    with db.transaction(desk.engine) as tx:
        tx.execute(text("UPDATE cases SET standing = '{}' WHERE id = :id"), {"id": broken})
    desk.today(AFTER)
    assert Worker(desk.registry).announce_lapses() == (1, 1)
    assert desk.rows("SELECT case_id FROM events WHERE kind = 'lapse'") == [(sound,)]


def warnings(desk: Desk) -> list[Any]:
    return desk.rows("SELECT dedupe_key, sequence FROM outbox WHERE topic = 'deadline.warning' ORDER BY id")


def test_a_warning_comes_some_working_days_before_once_and_not_into_the_stream(desk: Desk) -> None:
    case_id = desk.open().case_id  # due on Monday 10 March; three working days before is Wednesday 5 March
    desk.today(date(2025, 3, 4))
    assert Worker(desk.registry).give_warnings() == 0
    desk.today(date(2025, 3, 5))
    assert Worker(desk.registry).give_warnings() == 1
    assert Worker(desk.registry).give_warnings() == 0
    assert warnings(desk) == [(f"warning:{case_id}:opening:2025-03-10", None)]
    assert desk.scalar("SELECT count(*) FROM events") == 1


def test_a_deadline_that_moves_is_warned_of_again(desk: Desk) -> None:
    case_id = desk.docketed()
    desk.today(date(2025, 5, 29))
    assert Worker(desk.registry).give_warnings() == 1
    desk.record(
        case_id, "decision_extended", date(2025, 5, 29), by="chief", caller=desk.chief, facts={"longer_by": "1 month"}
    )
    assert Worker(desk.registry).give_warnings() == 0
    desk.today(date(2025, 7, 1))
    assert Worker(desk.registry).give_warnings() == 1
    assert [key.rsplit(":", 1)[1] for key, _ in warnings(desk)] == ["2025-06-03", "2025-07-03"]


def test_an_event_reaches_the_outbox_with_its_transaction_and_is_carried_out_once(desk: Desk) -> None:
    case_id = desk.docketed()
    seen: list[tuple[str, Any]] = []
    worker = Worker(desk.registry, {"case.recorded": lambda _tx, row: seen.append((row["dedupe_key"], row["body"]))})
    assert worker.deliver() == (2, 0)
    assert worker.deliver() == (0, 0)
    assert [key for key, _ in seen] == [f"recorded:{case_id}:1", f"recorded:{case_id}:2"]
    assert seen[1][1] == {"case": case_id, "from_sequence": 2, "to_sequence": 2}


def test_a_message_that_fails_is_tried_again_later_and_says_why(desk: Desk) -> None:
    desk.open()

    def refuse(_tx: Any, _row: Any) -> None:
        raise RuntimeError("the receiver is away")

    assert Worker(desk.registry, {"case.recorded": refuse}).deliver() == (0, 1)
    assert Worker(desk.registry).deliver() == (0, 0)
    assert desk.rows("SELECT attempts, last_error, done_at FROM outbox") == [
        (1, "RuntimeError: the receiver is away", None)
    ]
    desk.today(FIRST_DAY + timedelta(days=1))
    assert Worker(desk.registry).deliver() == (1, 0)


def test_whoever_lost_the_lease_marks_and_does_nothing(desk: Desk) -> None:
    desk.open()
    at = desk.run(desk.registry.moment).at
    claim = outbox_queries.claim
    first = desk.run(lambda tx: claim(tx, worker="a", at=at, until=at + timedelta(seconds=1), limit=9))
    assert desk.run(lambda tx: claim(tx, worker="b", at=at, until=at, limit=9)) == []
    later = at + timedelta(seconds=2)
    second = desk.run(lambda tx: claim(tx, worker="b", at=later, until=later + timedelta(seconds=9), limit=9))
    assert [row["id"] for row in first] == [row["id"] for row in second]
    assert not desk.run(lambda tx: outbox_queries.mark_done(tx, first[0]["id"], worker="a", at=later))
    assert desk.run(lambda tx: outbox_queries.mark_done(tx, first[0]["id"], worker="b", at=later))


def test_reading_shows_what_is_due_and_lists_count_what_is_not_announced(desk: Desk) -> None:
    from adjudicate.access.queries import Sight
    from adjudicate.cases.queries import counts

    sight = Sight(desk.clerk, AFTER)
    case_id = desk.open().case_id
    desk.today(AFTER)
    with db.reading(desk.engine) as tx:
        assert counts.unsettled(tx, sight=sight, today=AFTER) == 1
    desk.run(lambda tx: recording.settle(desk.command(tx), case_id))
    with db.reading(desk.engine) as tx:
        assert counts.unsettled(tx, sight=sight, today=AFTER) == 0
