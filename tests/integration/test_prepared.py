"""What a transaction asks and writes together: nothing is lost, reordered, or taken for done when it failed."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from adjudicate import clock, db
from adjudicate.cases.models import outbox
from adjudicate.cases.queries import outbox as queries
from adjudicate.cases.queries import writing
from adjudicate.postgres import prepared
from adjudicate.postgres.pipeline import Pipeline
from tests.integration.desk import FIRST_DAY, everything, start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from tests.integration.desk import Desk


@pytest.fixture
def postgres_desk(postgresql_url: str, law: Path) -> Iterator[Desk]:
    """A desk with a single connection, so that a test sees in what state the last one left it."""
    made = start(postgresql_url, law, pool_size=1)
    yield made
    made.registry.close()


def message(number: int, **changed: Any) -> dict[str, Any]:
    state = {"claimed_until": None, "claimed_by": None, "attempts": 0, "last_error": None, "done_at": None}
    row = {"id": f"m{number}", "topic": "t", "case_id": None, "sequence": None, "body": {}, "created_at": clock.now()}
    return {**row, **state, "dedupe_key": f"k{number}", **changed}


def messages(desk: Desk) -> int:
    return int(desk.scalar("SELECT count(*) FROM outbox"))


def test_what_is_executed_at_once_comes_after_what_was_said_before(desk: Desk) -> None:
    def work(tx: Connection) -> list[str]:
        queries.add_message(tx, message(1))
        return list(tx.execute(select(outbox.c.id)).scalars())

    assert desk.run(work) == ["m1"]


def test_what_still_waits_when_the_work_fails_is_dropped(desk: Desk) -> None:
    def work(tx: Connection) -> None:
        queries.add_message(tx, message(1))
        raise LookupError

    with pytest.raises(LookupError):
        desk.run(work)
    desk.run(lambda tx: queries.add_message(tx, message(2)))
    assert desk.rows("SELECT id FROM outbox") == [("m2",)]


def test_a_write_that_fails_with_the_commit_is_raised_and_leaves_nothing(desk: Desk) -> None:
    def work(tx: Connection) -> str:
        for row in (message(1), message(2, dedupe_key="k1"), message(3)):
            queries.add_message(tx, row)
        return "done"

    before = everything(desk)
    with pytest.raises(IntegrityError):
        desk.run(work)
    assert everything(desk) == before
    desk.run(lambda tx: queries.add_message(tx, message(4)))
    assert messages(desk) == 1


def test_any_number_of_rows_is_written_in_order(desk: Desk) -> None:
    statement = prepared.PreparedStatement(outbox.insert())
    desk.run(lambda tx: statement.write(tx, [message(number) for number in range(19)]))
    assert messages(desk) == 19
    assert desk.rows("SELECT dedupe_key FROM outbox WHERE id = 'm17'") == [("k17",)]


def test_a_case_changed_under_its_own_lock_is_refused_by_the_database(desk: Desk) -> None:
    case_id = str(desk.open().case_id)
    before = everything(desk)
    with pytest.raises(IntegrityError):
        desk.run(lambda tx: writing.update_case(tx, case_id, was=7, values={"version": 8, "closed": True}))
    assert everything(desk) == before
    desk.run(lambda tx: writing.update_case(tx, case_id, was=1, values={"version": 1, "closed": False}))


def test_a_transaction_that_failed_before_its_end_is_no_success(postgres_desk: Desk) -> None:
    def work(tx: Connection) -> None:
        queries.add_message(tx, message(1))
        with pytest.raises(DBAPIError):
            tx.execute(text("SELECT 1 / 0"))

    with pytest.raises(DBAPIError, match="COMMIT was answered with"):
        postgres_desk.run(work)
    assert messages(postgres_desk) == 0


def test_a_text_is_not_cut_off_at_a_null_character(postgres_desk: Desk) -> None:
    with pytest.raises(DataError, match="NUL"):
        postgres_desk.run(lambda tx: queries.add_message(tx, message(1, topic="a\0b")))
    assert messages(postgres_desk) == 0


def test_a_server_that_forgot_what_was_prepared_costs_no_command(postgres_desk: Desk) -> None:
    case_id = str(postgres_desk.open().case_id)
    postgres_desk.record(case_id, "noted", FIRST_DAY, facts={"remark": "1"})
    postgres_desk.run(lambda tx: tx.execute(text("DEALLOCATE ALL")))
    postgres_desk.record(case_id, "noted", FIRST_DAY, facts={"remark": "2"})
    assert postgres_desk.scalar("SELECT count(*) FROM events") == 3


def test_what_was_prepared_before_a_failure_is_not_prepared_again(postgres_desk: Desk) -> None:
    def work(tx: Connection) -> None:
        queries.add_message(tx, message(1))
        queries.add_message(tx, message(1))

    for _ in range(3):
        with pytest.raises(IntegrityError):
            postgres_desk.run(work)
    prepared = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'INSERT INTO outbox%'"
    assert postgres_desk.scalar(prepared) == 1


def test_writers_on_sqlite_take_turns_and_none_is_turned_away(sqlite_url: str, law: Path) -> None:
    many = start(sqlite_url, law, pool_size=20)
    writing_now: list[int] = []

    def work(number: int) -> None:
        def write(tx: Connection) -> None:
            writing_now.append(number)
            assert writing_now == [number]
            queries.add_message(tx, message(number))
            time.sleep(0.002)
            writing_now.clear()

        many.run(write)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, range(64)))
    assert messages(many) == 64
    many.registry.close()


def test_a_connection_broken_off_in_the_middle_is_not_used_again(
    postgres_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class BrokenOffError(Exception):
        pass

    def broken(_self: Pipeline, _count: int) -> Any:
        raise BrokenOffError

    def work(tx: Connection) -> None:
        queries.add_message(tx, message(1))
        prepared.flush(tx)

    with monkeypatch.context() as patch:
        patch.setattr(Pipeline, "_results", broken)
        with pytest.raises(BrokenOffError):
            postgres_desk.run(work)
    assert messages(postgres_desk) == 0
    postgres_desk.run(lambda tx: queries.add_message(tx, message(2)))
    assert messages(postgres_desk) == 1


def test_reading_sees_one_moment_however_its_questions_travel(postgres_desk: Desk) -> None:
    with db.reading(postgres_desk.engine) as tx:
        assert queries.query_answer(tx, actor="clerk1", key="k").first() is None
        assert tx.execute(text("SHOW transaction_isolation")).scalar() == "repeatable read"
