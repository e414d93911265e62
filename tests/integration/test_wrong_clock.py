"""By a clock that is wrong a worker does nothing: what it would announce or remove could not be taken back."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from adjudicate import clock, db
from adjudicate.cases.clock_check import ClockWrong, trust_clock
from adjudicate.cases.heartbeat import latest
from adjudicate.cases.models import outbox, worker_heartbeats
from adjudicate.cases.registry import Registry
from adjudicate.settings import Settings
from adjudicate.worker import Worker, run_once

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

true_now = clock.now


@pytest.fixture
def registry(database_url: str, law: Path) -> Iterator[Registry]:
    """No sandbox: there the day is played."""
    with closing(started(database_url, law)) as found:
        yield found


def started(url: str, law: Path, *, sandbox: bool = False) -> Registry:
    return Registry.start(Settings(database_url=url, workflows=law, sandbox=sandbox))


def off_by(monkeypatch: pytest.MonkeyPatch, ahead: timedelta) -> None:
    monkeypatch.setattr(clock, "now", lambda: true_now() + ahead)


def message(registry: Registry, *, done: bool) -> None:
    at = true_now() - timedelta(days=1)
    row = {"id": "0" * 36, "topic": "event", "body": {}, "created_at": at, "attempts": 0, "dedupe_key": "one"}
    row |= {name: None for name in outbox.c.keys() if name not in row}  # noqa: SIM118 - columns by name
    row |= {"done_at": at if done else None}
    db.run(registry.engine, lambda tx: tx.execute(insert(outbox), row))


def messages(registry: Registry) -> list[Any]:
    with db.reading(registry.engine) as tx:
        return [row.done_at for row in tx.execute(outbox.select())]


def works_for_a_while(registry: Registry) -> tuple[str, Any]:
    """What readiness says of a worker after some rounds."""
    stop = threading.Event()
    thread = threading.Thread(target=Worker(registry).run, args=(stop,))
    thread.start()
    try:
        for _ in range(100):
            time.sleep(0.1)
            with db.reading(registry.engine) as tx:
                found = latest(tx, interval_seconds=1.0)
            if found[0] in {"alive", "failing"}:
                return found
        return found
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("ahead", [timedelta(days=200), -timedelta(days=200), timedelta(minutes=6)], ids=str)
def test_a_worker_whose_clock_the_server_contradicts_does_nothing_and_is_seen_to_fail(
    postgresql_url: str, law: Path, monkeypatch: pytest.MonkeyPatch, ahead: timedelta
) -> None:
    registry = started(postgresql_url, law)
    message(registry, done=ahead > timedelta(days=1))
    before = messages(registry)
    off_by(monkeypatch, ahead)
    with pytest.raises(ClockWrong, match="ahead" if ahead > timedelta(0) else "behind"):
        run_once(registry)
    stop = threading.Event()
    thread = threading.Thread(target=Worker(registry).run, args=(stop,))
    thread.start()
    time.sleep(1)
    stop.set()
    thread.join()
    assert messages(registry) == before
    monkeypatch.setattr(clock, "now", true_now)
    with db.reading(registry.engine) as tx:
        state, seen_at = latest(tx, interval_seconds=1.0)
    assert state == "failing"
    assert seen_at is not None
    assert abs(true_now() - seen_at) < timedelta(minutes=1)
    registry.close()


def test_on_a_file_a_worker_whose_clock_fell_behind_the_last_beat_does_nothing_until_it_is_set_or_believed(
    sqlite_url: str, law: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = started(sqlite_url, law)
    message(registry, done=False)
    row = {column.name: 0 for column in worker_heartbeats.columns}
    row |= {"worker": "before", "started_at": true_now(), "seen_at": true_now()}  # type: ignore[dict-item]
    db.run(registry.engine, lambda tx: tx.execute(insert(worker_heartbeats), row))
    off_by(monkeypatch, -timedelta(hours=1))
    assert works_for_a_while(registry)[0] == "failing"
    assert messages(registry) == [None]
    with pytest.raises(ClockWrong, match="--clock-is-right"):
        run_once(registry)
    db.run(registry.engine, trust_clock)
    run_once(registry)
    assert messages(registry) != [None]
    registry.close()


def test_a_clock_a_little_off_is_acted_on(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    run_once(registry)
    for ahead in (timedelta(minutes=2), -timedelta(minutes=2)):
        off_by(monkeypatch, ahead)
        run_once(registry)


def test_a_sandbox_plays_its_own_day(database_url: str, law: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = started(database_url, law, sandbox=True)
    off_by(monkeypatch, timedelta(days=200))
    run_once(found)
    off_by(monkeypatch, -timedelta(days=200))
    run_once(found)
    found.close()
