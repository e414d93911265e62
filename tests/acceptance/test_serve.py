"""`adjudicate serve` answers on either database: with a worker of its own on SQLite, in several processes elsewhere."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx

from adjudicate import clock, db
from adjudicate.access import identity
from tests.surroundings import ROOT, free_port

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection


def token_on(url: str) -> str:
    """A token of an officer of one office, in a database that nobody serves yet."""
    engine = db.connect(url)

    def furnish(tx: Connection) -> str:
        office = identity.OfficeDraft(
            code="HZ", region="330100", name_zh="杭州", name_en="Hangzhou", docket_name="杭", level="city"
        )
        identity.add_office(tx, office)
        identity.add_actor(tx, actor="li", name="李", office="HZ", roles=["case_officer"], at=clock.now())
        return identity.issue_token(tx, actor="li", label="test", at=clock.now())[1]

    try:
        return db.run(engine, furnish)
    finally:
        engine.dispose()


def test_serve_answers_and_stops_when_it_is_told_to(database_url: str, tmp_path: Path) -> None:
    token = token_on(database_url)
    port = free_port()
    environment = {
        **os.environ,
        "PORT": str(port),
        "ADJUDICATE_DATABASE_URL": database_url,
        "ADJUDICATE_WORKFLOWS": str(ROOT / "workflows"),
    }
    words = ["serve"] if database_url.startswith("sqlite") else ["serve", "--processes", "2"]
    command = [sys.executable, "-c", "from adjudicate.cli import main; main()", *words]
    with (tmp_path / "out.txt").open("wb") as out:
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                ready = httpx.get(f"{address}/readyz", timeout=5)
                break
            except httpx.TransportError:
                assert process.poll() is None, (tmp_path / "out.txt").read_text()
                time.sleep(0.2)
        assert ready.json()["status"] == "ready"
        answer = httpx.get(f"{address}/v1/cases", headers={"Authorization": f"Bearer {token}"}, timeout=30)
        assert (answer.status_code, answer.json()["data"]) == (200, [])
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) in {0, -signal.SIGTERM, 128 + signal.SIGTERM}
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
