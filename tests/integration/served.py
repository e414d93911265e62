"""The product as processes of its own: an API on a port that stays, and a worker, to be killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from adjudicate import db
from adjudicate.cases.registry import Registry
from adjudicate.cases.sandbox import move_today
from adjudicate.settings import Settings
from tests import register
from tests.surroundings import ROOT, free_port

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Connection

COMMAND = (sys.executable, "-c", "from adjudicate.cli import main; main()")
LEASE_SECONDS = 2
READY_WITHIN = 120


@dataclass
class Office:
    """A sandbox database with one office, and what every process on it is told."""

    url: str
    law: Path
    folder: Path
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def documents(self) -> Path:
        return self.folder / "documents"

    @property
    def settings(self) -> Settings:
        return Settings(database_url=self.url, sandbox=True, workflows=self.law, documents=self.documents)

    def environment(self, **more: str) -> dict[str, str]:
        return {
            **os.environ,
            "ADJUDICATE_DATABASE_URL": self.url,
            "ADJUDICATE_WORKFLOWS": str(self.law),
            "ADJUDICATE_DOCUMENTS": str(self.documents),
            "ADJUDICATE_SANDBOX": "1",
            "ADJUDICATE_WORKER_INTERVAL_SECONDS": "0.1",
            "ADJUDICATE_LEASE_SECONDS": str(LEASE_SECONDS),
            "PYTHONPATH": str(ROOT),
            **more,
        }

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """One command line, to its end."""
        return subprocess.run(
            [*COMMAND, *words], cwd=ROOT, env=self.environment(**more), capture_output=True, check=False, text=True,
            timeout=300,
        )  # fmt: skip

    def begin(self, *words: str, **more: str) -> subprocess.Popen[str]:
        """One command line that goes on by itself; its standard error can be read."""
        return subprocess.Popen(
            [*COMMAND, *words], cwd=ROOT, env=self.environment(**more), stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip


def furnished(url: str, law: Path, folder: Path, *, people: int, today: date) -> Office:
    """An office in which so many people may do everything, each with a token; `today` is what the sandbox plays."""
    office = Office(url, law, folder)
    registry = Registry.start(office.settings)

    def furnish(tx: Connection) -> None:
        rules = register.rules_in(registry)
        register.add_office(tx, rules, "HZ", "330100", "city", docket_name="杭")
        for number in range(people):
            name = f"person-{number}"
            register.add_person(tx, rules, name, "HZ", ["chief", "clerk"])
            office.tokens[name] = register.token_of(tx, name)
        move_today(tx, today)

    db.run(registry.engine, furnish)
    registry.close()
    return office


@dataclass
class Running:
    """The processes of an office: the API, in several on PostgreSQL, and a worker beside it."""

    office: Office
    port: int = field(default_factory=free_port)
    api: subprocess.Popen[bytes] | None = None
    worker: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.office.folder / "log.txt"

    def __enter__(self) -> Running:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        for process in (self.api, self.worker):
            if process is not None:
                self._kill_group(process)

    def start(self) -> None:
        """Start whatever does not run, and wait until the API answers."""
        words = ["serve", "--without-worker"]
        if not self.office.url.startswith("sqlite"):
            words += ["--processes", "2"]
        if self.api is None or self.api.poll() is not None:
            self.api = self._begin(*words)
        if self.worker is None or self.worker.poll() is not None:
            self.worker = self._begin("worker")
        limit = time.monotonic() + READY_WITHIN
        while not self._answers():
            assert self.api.poll() is None, self.log.read_text()[-3000:]
            assert time.monotonic() < limit, self.log.read_text()[-3000:]
            time.sleep(0.05)

    def _begin(self, *words: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as out:
            return subprocess.Popen(
                [*COMMAND, *words], cwd=ROOT, env=self.office.environment(PORT=str(self.port)), stdout=out,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def _answers(self) -> bool:
        try:
            return bool(httpx.get(f"{self.address}/readyz", timeout=10).json()["status"] == "ready")
        except (httpx.TransportError, ValueError):
            return False

    def ways_to_kill(self) -> Sequence[str]:
        """The API whole, one of its processes, and the worker."""
        return ("api", "worker") if self.office.url.startswith("sqlite") else ("api", "one", "worker")

    def kill(self, what: str, pick: float) -> None:
        """SIGKILL now; `pick` between 0 and 1 chooses one of the API's processes."""
        assert self.api is not None
        assert self.worker is not None
        if what == "one":
            served = self._serving()
            if served:
                os.kill(served[int(pick * len(served))], signal.SIGKILL)
            return
        self._kill_group(self.api if what == "api" else self.worker)

    def _serving(self) -> list[int]:
        """The processes that the API's first one has started to answer requests."""
        assert self.api is not None
        children = Path(f"/proc/{self.api.pid}/task/{self.api.pid}/children").read_text().split()
        return [pid for pid in map(int, children) if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    @staticmethod
    def _kill_group(process: subprocess.Popen[bytes]) -> None:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
