"""A database that is read-only, full, locked, gone or slow: right answers or 503, nothing half done, all well after."""

from __future__ import annotations

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import text

from adjudicate import db
from adjudicate.verification.verifying import verify
from tests import postgres
from tests.databases import DIALECTS
from tests.integration.faults import PostgresFaults, SqliteFaults
from tests.integration.on_a_socket import Served, noted, opened, served, settings_of
from tests.surroundings import SOAKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from adjudicate.settings import Settings
    from tests.databases import Databases

# Short limits and faults in `make test`; `make soak` takes long faults, the limits that are shipped and more clients.
pytestmark = [pytest.mark.slow, *([pytest.mark.soak] if SOAKING else [])]
SHORT = {
    "LOCK_SECONDS": "0.4", "STATEMENT_SECONDS": "0.8", "COMMAND_SECONDS": "1.2", "CONNECT_SECONDS": "2",
    "WORKER_INTERVAL_SECONDS": "0.05",
}  # fmt: skip
LIMITS = {} if SOAKING else SHORT
FAULT_SECONDS = 20.0 if SOAKING else 1.5
CLERKS = ("clerk", "neighbour", "stranger", *(("province", "nation") if SOAKING else ()))
WELL_SECONDS = 60


@dataclass
class Office:
    """One client that writes into a case of its own office and reads it, again and again, and what it was answered."""

    served: Served
    who: str
    case_id: str = ""
    recorded: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    refused: int = 0
    read: int = 0
    read_refused: int = 0

    def work(self, stop: threading.Event) -> None:
        """Record notes until told to stop, each under one key until it is acknowledged; read in between."""
        with self.served.client(self.who) as client:
            while not stop.is_set():
                remark = uuid.uuid4().hex
                while not self._recorded(client, remark) and not stop.is_set():
                    time.sleep(0.02)

    def finish(self) -> None:
        """After the fault: one more note, for which nobody restarts anything."""
        limit = time.monotonic() + WELL_SECONDS
        remark = uuid.uuid4().hex
        with self.served.client(self.who) as client:
            while not self._recorded(client, remark):
                assert time.monotonic() < limit, f"{self.who} can still not record"
                time.sleep(0.05)

    def _recorded(self, client: httpx.Client, remark: str) -> bool:
        found = self._asked(client, lambda: client.get(f"/v1/cases/{self.case_id}"), {200})
        if found is None:
            self.read_refused += 1
            return False
        self.read += 1
        etag = found.headers["ETag"]
        written = self._asked(client, lambda: noted(client, self.case_id, remark, etag=etag, key=remark), {201, 412})
        if written is None:
            self.refused += 1
            return False
        if written.status_code == 201:
            self.recorded.append(remark)
        return written.status_code == 201

    def _asked(self, client: httpx.Client, ask: Any, right: set[int]) -> httpx.Response | None:
        try:
            answer: httpx.Response = ask()
        except httpx.HTTPError as error:
            self.wrong.append(f"{type(error).__name__}: {error}")
            return None
        if answer.status_code in right:
            return answer
        if answer.status_code != 503 or "Retry-After" not in answer.headers:
            self.wrong.append(f"{answer.status_code} {answer.text[:300]}")
        return None


@contextmanager
def faulty(dialect: str, databases: Databases) -> Iterator[tuple[str, Any]]:
    """A database of the test's own that can be broken, on PostgreSQL with a server of its own."""
    if dialect == "sqlite":
        url = databases.create("sqlite")
        yield url, SqliteFaults(url, FAULT_SECONDS)
        databases.drop(url)
        return
    # Durable: what was acknowledged must outlast a server that is stopped at once.
    server = postgres.start(durable=True)
    faults = PostgresFaults(server, server.url)
    try:
        db.migrate(server.url)
        yield server.url, faults
    finally:
        faults.close()


def under_load(offices: list[Office], during: Any) -> None:
    """Let every office work while something happens."""
    stop = threading.Event()
    with ThreadPoolExecutor(len(offices)) as pool:
        working = [pool.submit(office.work, stop) for office in offices]
        try:
            during()
        finally:
            stop.set()
        for each in working:
            each.result()


def assert_nothing_is_half_done(made: Served, offices: list[Office]) -> None:
    assert verify(made.registry) == []
    with db.reading(made.registry.engine) as tx:
        kept = [row.body for row in tx.execute(text("SELECT body FROM event_particulars"))] + [
            row.facts for row in tx.execute(text("SELECT facts FROM events"))
        ]
    everything = "\n".join(str(each) for each in kept)
    for office in offices:
        assert [everything.count(remark) for remark in office.recorded] == [1] * len(office.recorded)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_under_every_fault_each_answer_is_right_or_503_and_all_is_well_afterwards_without_a_restart(
    dialect: str, databases: Databases, law: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with faulty(dialect, databases) as (url, faults):
        settings = settings_of(monkeypatch, url, law, tmp_path / "documents", **LIMITS)
        go_through_all(settings, faults, who=CLERKS, seconds=FAULT_SECONDS)


def go_through_all(settings: Settings, faults: Any, *, who: Sequence[str], seconds: float) -> None:
    """Every fault of this kind of database, one after the other, on a service that is never restarted."""
    with served(settings, with_worker=True) as made:
        faults.attach(made.registry.engine)
        offices = [Office(made, name) for name in who]
        for office in offices:
            with made.client(office.who) as client:
                office.case_id = opened(client, f"open-{office.who}")
        for name in faults.names:
            go_through(name, faults, offices, seconds)
        assert made.ended == []
        assert made.worker is not None
        assert made.worker.is_alive()
        assert_the_worker_works(made)
        assert_nothing_is_half_done(made, offices)


def go_through(name: str, faults: Any, offices: list[Office], seconds: float) -> None:
    """One fault under load, and what must hold during and after it."""
    before = [(office.refused + office.read_refused, office.read, len(office.recorded)) for office in offices]
    fault = faults.locked(offices[0].case_id) if name == "locked" else getattr(faults, name)()

    def during() -> None:
        with fault:
            time.sleep(seconds)
            others.extend(len(office.recorded) for office in offices[1:])

    others: list[int] = []
    under_load(offices, during)
    for office in offices:
        office.finish()
    assert [office.wrong for office in offices] == [[]] * len(offices), name
    refused = [office.refused + office.read_refused for office in offices]
    assert refused != [first for first, _, _ in before], f"{name}: nobody noticed"
    if name == "locked" and isinstance(faults, PostgresFaults):
        recorded = [number for _, _, number in before[1:]]
        assert all(now > then for now, then in zip(others, recorded, strict=True)), "one case held up other offices"
    if name not in {"gone", "stopped"}:
        assert all(office.read > read for office, (_, read, _) in zip(offices, before, strict=True)), name


def assert_the_worker_works(made: Served) -> None:
    with made.client() as client:
        later = client.put("/v1/sandbox/today", json={"today": "2026-06-01"})
        assert later.status_code == 200, later.text
    limit = time.monotonic() + WELL_SECONDS
    while time.monotonic() < limit:
        with db.reading(made.registry.engine) as tx:
            if tx.execute(text("SELECT count(*) FROM events WHERE kind = 'lapse'")).scalar():
                return
        time.sleep(0.05)
    pytest.fail("the worker announced no lapse after the faults")
