"""/metrics tells what was asked, what waits and whether a worker lives, also what it can where the database is gone."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from adjudicate import db
from adjudicate.cases.heartbeat import Heartbeat
from adjudicate.worker import Worker

if TYPE_CHECKING:
    from tests.api.harness import Api

HEARTBEATS = (
    "CREATE TABLE IF NOT EXISTS worker_heartbeats (worker varchar(80) PRIMARY KEY, started_at timestamp, "
    "seen_at timestamp, failed_rounds bigint, settled bigint, warned bigint, delivered bigint, failed bigint, "
    "removed_messages bigint, removed_answers bigint)"
)


def told(api: Api) -> dict[str, float]:
    """Every value by its name and labels, without the prefix."""
    answer = api.get("/metrics", None)
    assert answer.status_code == 200
    assert "甲公司" not in answer.text
    found = re.findall(r"^adjudicate_(\S+) (\S+)$", answer.text, re.MULTILINE)
    return {name: float(value) for name, value in found}


def run(api: Api, *statements: str) -> None:
    with db.transaction(api.registry.engine) as tx:
        for statement in statements:
            tx.execute(text(statement))


@pytest.mark.finding("D8")
def test_messages_and_lapses_that_wait_are_told_until_a_worker_has_been_there(api: Api) -> None:
    assert told(api).get("outbox_open") == 0
    api.open()
    waiting = told(api)
    assert waiting["database_up"] == 1
    assert waiting["outbox_open"] > 0
    assert waiting["outbox_oldest_seconds"] >= 0
    assert waiting["lapses_unannounced"] == 0
    api.today("2026-05-01")
    late = told(api)
    assert late["lapses_unannounced"] == 1
    assert late["outbox_oldest_seconds"] > 50 * 86_400
    Worker(api.registry).run_once()
    done = told(api)
    assert (done["outbox_open"], done["outbox_oldest_seconds"], done["lapses_unannounced"]) == (0, 0, 0)


@pytest.mark.finding("D8")
def test_the_connections_to_the_database_are_told(api: Api) -> None:
    api.docketed()
    found = told(api)
    sqlite = api.registry.engine.dialect.name == "sqlite"
    for pool in ("all",) if sqlite else ("commands", "reads"):
        assert found.get(f'database_connections{{pool="{pool}",state="kept"}}', -1) >= 1
        assert found[f'database_connections{{pool="{pool}",state="in_use"}}'] >= 0


@pytest.mark.finding("D8")
def test_what_workers_tell_of_themselves_is_told_in_all(api: Api) -> None:
    counts = "failed_rounds, settled, warned, delivered, failed, removed_messages, removed_answers"
    row = "INSERT INTO worker_heartbeats (worker, started_at, seen_at, {}) VALUES ('{}', '2026-03-01', '{}', {})"
    run(
        api,
        HEARTBEATS,
        "DELETE FROM worker_heartbeats",
        row.format(counts, "a", "2026-03-05 00:00:00.000000", "1, 2, 3, 4, 5, 6, 7"),
        row.format(counts, "b", "2026-03-04 00:00:00.000000", "10, 20, 30, 40, 50, 60, 70"),
    )
    found = told(api)
    assert found.get("worker_failed_rounds_total") == 11
    assert [found[f'worker_done_total{{what="{name}"}}'] for name in ("settled", "warned", "delivered")] == [22, 33, 44]
    assert found['rows_removed_total{table="outbox"}'] == 66
    assert found['rows_removed_total{table="idempotency"}'] == 77
    assert abs(found["worker_seen_timestamp_seconds"] - 1_772_668_800) < 86_400


def test_a_round_that_failed_between_two_beats_is_counted_and_says_nothing_of_how_it_goes_now(api: Api) -> None:
    heartbeat = Heartbeat()
    heartbeat.round_failed()
    heartbeat.round_failed()
    heartbeat.round_succeeded()
    heartbeat.beat(api.registry)
    assert told(api)["worker_failed_rounds_total"] == 2
    assert api.get("/readyz", None).json()["worker"]["state"] == "alive"
    heartbeat.round_failed()
    heartbeat.beat(api.registry)
    assert told(api)["worker_failed_rounds_total"] == 3
    assert api.get("/readyz", None).json()["worker"]["state"] == "failing"


def test_what_workers_have_done_stays_in_the_sums_when_they_ended_long_ago(api: Api) -> None:
    counts = "failed_rounds, settled, warned, delivered, failed, removed_messages, removed_answers"
    row = "INSERT INTO worker_heartbeats (worker, started_at, seen_at, {}) VALUES ('{}', '2026-03-01', '{}', {})"
    ended = [
        row.format(counts, name, "2026-03-02 00:00:00.000000", "1, 2, 3, 4, 5, 6, 7") for name in ("a", "b", "c", "d")
    ]
    run(api, "DELETE FROM worker_heartbeats", *ended[:2])
    before = told(api)
    assert before['worker_done_total{what="settled"}'] == 4
    counted = [name for name in before if name.startswith(("worker_done", "worker_failed", "rows_removed"))]
    for later in ended[2:]:
        # A worker that runs forgets those that ended.
        Heartbeat().beat(api.registry)
        after = told(api)
        assert {name: after[name] for name in counted} == {name: before[name] for name in counted}
        run(api, later)
        before = told(api)
    assert before['worker_done_total{what="settled"}'] == 8


def test_a_worker_in_a_container_that_was_started_again_has_another_name() -> None:
    again = "from adjudicate.cases import heartbeat; heartbeat.os.getpid = lambda: 1; print(heartbeat.Heartbeat().name)"
    names = {subprocess.check_output([sys.executable, "-c", again], text=True) for _ in range(2)}
    assert len(names) == 2


@pytest.mark.finding("D8")
def test_a_database_without_heartbeats_or_without_anything_hides_no_other_figure(api: Api) -> None:
    run(api, HEARTBEATS, "ALTER TABLE worker_heartbeats RENAME TO no_heartbeats")
    found = told(api)
    assert (found.get("database_up"), found.get("outbox_open")) == (1, 0)
    assert "worker_seen_timestamp_seconds" not in found
    run(api, "ALTER TABLE outbox RENAME TO no_outbox")
    found = told(api)
    assert (found["database_up"], "outbox_open" in found) == (0, False)
    assert found['requests_total{operation="read_metrics",status="200"}'] >= 1


def test_a_request_is_counted_by_its_operation_and_status_and_never_by_its_address(api: Api) -> None:
    before = told(api)
    api.get("/v1/cases?party=甲公司")
    api.get("/甲公司")
    after = told(api)
    for name in (
        'requests_total{operation="list_cases",status="200"}',
        'requests_total{operation="none",status="404"}',
    ):
        assert after[name] == before.get(name, 0) + 1
    assert after['request_seconds_count{operation="list_cases"}'] >= 1
