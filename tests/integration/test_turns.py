"""Whoever waits for one case, for the register or for a database that hangs takes no turn from anybody else."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import psycopg
import pytest

from adjudicate import db
from adjudicate.api import turns
from adjudicate.api.figures import Figures
from adjudicate.api.turns import ADMINISTRATION, COMMANDS_AT_ONCE, OF_ONE_CASE_AT_ONCE, Turns
from adjudicate.time_limits import Limits
from tests.integration.on_a_socket import noted, opened, served, settings_of
from tests.integration.test_findings_world import locked_from_outside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from adjudicate.settings import Settings
    from tests.integration.on_a_socket import Served

SOON_SECONDS = 1.5


@pytest.fixture
def settings(database_url: str, law: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings on a fresh database: a lock is waited for three seconds, longer than anybody else may notice."""
    short = {"LOCK_SECONDS": "3", "STATEMENT_SECONDS": "5", "COMMAND_SECONDS": "6"}
    return settings_of(monkeypatch, database_url, law, tmp_path / "documents", **short)


def timed(ask: Callable[[], httpx.Response]) -> tuple[Any, bool]:
    """The status of an answer, and whether it came soon."""
    before = time.monotonic()
    try:
        status: Any = ask().status_code
    except httpx.TimeoutException:
        status = "no answer"
    return status, time.monotonic() - before < SOON_SECONDS


def test_uploads_to_a_locked_case_stop_no_command_on_another_case_and_no_summary(settings: Settings) -> None:
    with served(settings) as made, made.client() as client, made.client("stranger") as stranger:
        case_id, elsewhere = opened(client, "open"), opened(stranger, "elsewhere")
        etag = stranger.get(f"/v1/cases/{elsewhere}").headers["ETag"]

        def upload(number: int) -> Any:
            with made.client() as own:
                where = f"/v1/cases/{case_id}/documents?name=a.txt"
                try:
                    sent = own.post(where, content=f"{number}".encode(), headers={"Content-Type": "text/plain"})
                except httpx.TimeoutException:
                    return "no answer"
                return sent.status_code

        with locked_from_outside(made, case_id), ThreadPoolExecutor(60) as pool:
            waiting = [pool.submit(upload, number) for number in range(60)]
            time.sleep(1.5)
            assert timed(lambda: client.get("/v1/summary")) == (200, True)
            assert timed(lambda: client.get("/v1/cases")) == (200, True)
            if settings.database_url.startswith("postgresql"):
                assert timed(lambda: noted(stranger, elsewhere, "y", etag=etag, key="y")) == (201, True)
            assert {each.result() for each in waiting} == {503}
        assert upload(0) == 201


@contextmanager
def head_locked(made: Served) -> Iterator[None]:
    """Somebody keeps the head of the administrative ledger."""
    address = made.registry.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as other:
        other.execute("SELECT 1 FROM administration_head FOR UPDATE")
        yield
        other.rollback()


def test_changes_of_the_register_that_wait_stop_no_command_on_a_case(
    postgresql_url: str, law: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = {"LOCK_SECONDS": "3", "STATEMENT_SECONDS": "5", "COMMAND_SECONDS": "6"}
    settings = settings_of(monkeypatch, postgresql_url, law, tmp_path / "documents", **short)
    with served(settings) as made, made.client() as client:
        case_id = opened(client, "open")
        etag = client.get(f"/v1/cases/{case_id}").headers["ETag"]

        def change(number: int) -> Any:
            with made.client() as own:
                try:
                    return own.put("/v1/sandbox/today", json={"today": f"2026-06-{number % 28 + 1:02}"}).status_code
                except httpx.TimeoutException:
                    return "no answer"

        with head_locked(made), ThreadPoolExecutor(30) as pool:
            waiting = [pool.submit(change, number) for number in range(30)]
            time.sleep(0.7)
            assert timed(lambda: noted(client, case_id, "x", etag=etag, key="x")) == (201, True)
            assert timed(lambda: client.post("/v1/cases", json={}, headers={"Idempotency-Key": "o"})) == (422, True)
            assert {each.result() for each in waiting} == {503}


def test_changes_of_the_register_take_as_few_turns_as_commands_on_one_case() -> None:
    at_work: list[int] = [0]
    most: list[int] = [0]
    lock, release = threading.Lock(), threading.Event()

    def work() -> None:
        with lock:
            at_work[0] += 1
            most[0] = max(most[0], at_work[0])
        release.wait(5)
        with lock:
            at_work[0] -= 1

    async def main() -> None:
        shared = Turns(Limits(lock_seconds=5.0, command_seconds=8.0))
        async with anyio.create_task_group() as tasks:
            for _ in range(COMMANDS_AT_ONCE):
                tasks.start_soon(lambda: shared.command(work, line=ADMINISTRATION))
            await anyio.sleep(0.3)
            # One that opens a case waits for none of them.
            assert await shared.command(lambda: "opened", line=None) == "opened"
            release.set()

    anyio.run(main)
    assert most == [OF_ONE_CASE_AT_ONCE]


def test_a_probe_that_finds_others_still_waiting_for_the_database_is_not_ready_within_a_second() -> None:
    release = threading.Event()

    async def main() -> list[float]:
        shared = Turns(Limits(lock_seconds=5.0, command_seconds=8.0))
        took: list[float] = []

        async def probe() -> None:
            before = time.monotonic()
            with pytest.raises(db.Unavailable):
                await shared.probe(lambda: None, seconds=4.0)
            took.append(time.monotonic() - before)

        async with anyio.create_task_group() as tasks:
            for _ in range(turns.PROBES_AT_ONCE):
                tasks.start_soon(lambda: shared.probe(lambda: release.wait(20), seconds=4.0))
            await anyio.sleep(0.1)
            async with anyio.create_task_group() as probes:
                for _ in range(20):
                    probes.start_soon(probe)
            release.set()
        return took

    took = anyio.run(main)
    assert len(took) == 20
    assert max(took) < 2 * turns.PROBE_WAIT_SECONDS


def test_scrapes_of_a_database_that_hangs_keep_one_thread_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adjudicate.api.figures.LONGEST_SECONDS", 0.1)
    release = threading.Event()
    asked: list[str] = []

    @contextmanager
    def hanging(*_: Any, **__: Any) -> Iterator[None]:
        asked.append(threading.current_thread().name)
        release.wait(20)
        raise db.Unavailable(zh="", en="")
        yield

    class Nothing:
        engine = reads = None

    monkeypatch.setattr(db, "reading", hanging)

    async def main() -> None:
        figures = Figures(Nothing())  # type: ignore[arg-type]
        for _ in range(4):
            (up,) = await figures.read()
            assert (up.name, up.value) == ("database_up", 0.0)
        still = len(asked)
        release.set()
        assert still == 1

    anyio.run(main)
