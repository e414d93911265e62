"""`adjudicate serve` answers on either database: with a worker of its own on SQLite, in several processes elsewhere."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
from sqlalchemy import text

from adjudicate import db
from tests import register
from tests.surroundings import ROOT, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection


def token_on(url: str) -> str:
    """A token of an officer of one office, in a database that nobody serves yet."""
    engine = db.connect(url)

    def furnish(tx: Connection) -> str:
        rules = register.rules_of(ROOT / "workflows")
        register.add_office(tx, rules, "HZ", "330100", "city", docket_name="杭")
        register.add_person(tx, rules, "li", "HZ", ["case_officer"])
        return register.token_of(tx, "li")

    try:
        return db.run(engine, furnish)
    finally:
        engine.dispose()


@dataclass
class Served:
    """A process that serves, its address, and everything it has written to standard error."""

    process: subprocess.Popen[bytes]
    address: str
    written: Path

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(f"{self.address}{path}", headers=headers, timeout=30)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def lines(self) -> list[dict[str, Any]]:
        """The log lines so far but those of requests that ended; whatever else was written is no JSON and an error."""
        text = self.written.read_text()
        read = [json.loads(line) for line in text.splitlines() if not line.startswith("adjudicate: http://")]
        return [line for line in read if line["event"] != "request ended"]


@contextmanager
def serving(url: str, folder: Path, *words: str, **more: str) -> Iterator[Served]:
    """`adjudicate serve` on a database, once it is ready."""
    port = free_port()
    settings = {"PORT": str(port), "ADJUDICATE_DATABASE_URL": url, "ADJUDICATE_WORKFLOWS": str(ROOT / "workflows")}
    command = [sys.executable, "-c", "from adjudicate.cli import main; main()", "serve", *words]
    written = folder / "standard-error.txt"
    with written.open("wb") as out:
        environment = {**os.environ, **settings, **more}
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT)
    served = Served(process, f"http://127.0.0.1:{port}", written)
    try:
        for _ in range(300):
            try:
                if served.get("/readyz").json()["status"] == "ready":
                    break
            except httpx.TransportError:
                assert process.poll() is None, written.read_text()
                time.sleep(0.2)
        yield served
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_serve_answers_and_stops_when_it_is_told_to(database_url: str, tmp_path: Path) -> None:
    token = token_on(database_url)
    words = [] if database_url.startswith("sqlite") else ["--processes", "2"]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with serving(database_url, tmp_path, *words, TMPDIR=str(temporary)) as served:
        assert [path.name.rpartition("-")[0] for path in temporary.iterdir()] == ["adjudicate-metrics"] * bool(words)
        answer = served.get("/v1/cases", Authorization=f"Bearer {token}")
        assert (answer.status_code, answer.json()["data"]) == (200, [])
        assert "server" not in answer.headers
        assert 'operation="list_cases",status="200"} 1.0' in served.get("/metrics").text
        assert served.stop() == 0
        assert served.lines() == []
    assert list(temporary.iterdir()) == []


def probes(figures: str) -> float:
    """How many probes were answered, as /metrics tells."""
    found = re.search(r'adjudicate_requests_total{operation="probe_alive",status="200"} (\S+)', figures)
    return float(found[1]) if found else 0


def test_the_counts_of_all_processes_are_one_sum_and_what_dead_ones_left_is_removed(
    postgresql_url: str, tmp_path: Path
) -> None:
    token_on(postgresql_url)
    folder = tmp_path / "counts"
    folder.mkdir()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (folder / f"counter_{gone.pid}.db").write_bytes(b"left by a process that was killed")
    (folder / "notes.txt").write_text("not ours")
    with serving(postgresql_url, tmp_path, "--processes", "2", ADJUDICATE_METRICS_FOLDER=str(folder)) as served:
        assert not (folder / f"counter_{gone.pid}.db").exists()
        asked = 0
        with ThreadPoolExecutor(8) as pool:
            for _ in range(50):
                answers = list(pool.map(lambda _: served.get("/livez").status_code, range(16)))
                assert answers == [200] * 16
                asked += 16
                processes = {path.stem.rpartition("_")[2] for path in folder.glob("counter_*.db")}
                if len(processes) == 2:
                    break
        assert len(processes) == 2
        assert [probes(served.get("/metrics").text) for _ in range(12)] == [asked] * 12
        os.kill(int(processes.pop()), signal.SIGKILL)
        for _ in range(100):
            try:
                told = probes(served.get("/metrics").text)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        assert told == asked
        assert served.stop() == 0
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_a_served_process_and_its_worker_log_errors_in_one_line_each_and_name_nobody(
    sqlite_url: str, tmp_path: Path
) -> None:
    token = token_on(sqlite_url)
    with serving(sqlite_url, tmp_path) as served:
        engine = db.connect(sqlite_url)
        with db.transaction(engine) as tx:
            tx.execute(text("ALTER TABLE parties RENAME TO gone"))
            tx.execute(text("ALTER TABLE outbox RENAME TO also_gone"))
        engine.dispose()
        assert served.get("/v1/cases?party=甲公司", Authorization=f"Bearer {token}").status_code == 500
        for _ in range(100):
            if len({line["event"] for line in served.lines()}) == 2:
                break
            time.sleep(0.1)
        assert served.stop() == 0
        lines = {line["event"]: line for line in served.lines()}
    assert set(lines) == {"request failed", "round failed, the worker waits"}
    assert lines["request failed"]["operation"] == "list_cases"
    assert lines["round failed, the worker waits"]["trace"].startswith("worker.py:")
    assert "甲公司" not in served.written.read_text()


def test_a_process_that_still_waits_for_its_database_ends_when_it_is_told_to(tmp_path: Path) -> None:
    program = "import signal; from adjudicate.cli.processes import application\n"
    # As the server does before it asks for the application.
    program += "signal.signal(signal.SIGTERM, lambda *_: None); application()"
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    surroundings = {**os.environ, "ADJUDICATE_DATABASE_URL": url, "ADJUDICATE_DOCUMENTS": str(tmp_path)}
    with (tmp_path / "log").open("wb") as log:
        waiting = subprocess.Popen([sys.executable, "-c", program], env=surroundings, stderr=log, cwd=tmp_path)
    for _ in range(600):
        if b"waits to start" in (tmp_path / "log").read_bytes():
            break
        time.sleep(0.1)
    waiting.terminate()
    assert waiting.wait(timeout=30) == -signal.SIGTERM
