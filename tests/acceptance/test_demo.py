"""The demo office opens on an empty database, prints lines that work, and is itself again at the next start."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from adjudicate.cases.registry import Registry
from adjudicate.demo.loading import furnish
from adjudicate.settings import Settings
from adjudicate.verification.verifying import verify
from tests.architecture.sources import ROOT
from tests.surroundings import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.databases import Databases

CURL = re.compile(r"^  (curl .+)$", re.MULTILINE)
TOKEN = re.compile(r"^  (\S.*?) {2,}([A-Za-z0-9_-]{40,})$", re.MULTILINE)


@contextmanager
def served(url: str, folder: Path) -> Iterator[str]:
    """The demo as `make run` starts it; gives what it printed once it was up."""
    environment = {
        **os.environ,
        "PORT": str(free_port()),
        "ADJUDICATE_DATABASE_URL": url,
        "ADJUDICATE_DOCUMENTS": str(folder / "documents"),
        "ADJUDICATE_WORKFLOWS": str(ROOT / "workflows"),
        "PYTHONUNBUFFERED": "1",
    }
    out = folder / "out.txt"
    with out.open("wb") as written:
        command = [sys.executable, "-c", "from adjudicate.cli import main; main()", "demo", "serve"]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=written, stderr=subprocess.STDOUT)
    try:
        for _ in range(600):
            printed = out.read_text(encoding="utf-8")
            if len(CURL.findall(printed)) == 3 or process.poll() is not None:
                break
            time.sleep(0.2)
        yield printed
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def carried_out(line: str) -> httpx.Response:
    """What a printed curl line does, without needing curl."""
    words = shlex.split(line)
    assert words[:2] == ["curl", "-sS"]
    headers: dict[str, str] = {}
    content = None
    address = words[-1]
    for flag, value in zip(words[2:-1:2], words[3:-1:2], strict=True):
        if flag == "-H":
            name, _, text = value.partition(": ")
            headers[name] = text
        else:
            assert flag == "-d"
            content = value.encode()
    return httpx.request("POST" if content else "GET", address, headers=headers, content=content, timeout=30)


def test_the_printed_lines_work_and_the_next_start_keeps_the_cases_and_revokes_the_tokens(
    database_url: str, tmp_path: Path
) -> None:
    with served(database_url, tmp_path) as printed:
        lines = CURL.findall(printed)
        assert len(lines) == 3, printed[-3000:]
        answers = [carried_out(line) for line in lines]
        assert [answer.status_code for answer in answers] == [200, 200, 200], [answer.text[:300] for answer in answers]
        assert len(answers[0].json()["data"]) == 5
        assert any(option["allowed"] for option in answers[1].json()["data"])
        assert answers[2].json()["dry_run"] is True
        tokens = dict(TOKEN.findall(printed))
        assert len(tokens) >= 6
        address = str(answers[0].request.url).split("/v1/")[0]
        assert all(visible(address, token) > 0 for token in tokens.values())
        first = {"address": address, "cases": visible(address, tokens["国家局 / national office"])}
    with served(database_url, tmp_path) as printed:
        (again,) = {str(carried_out(line).request.url).split("/v1/")[0] for line in CURL.findall(printed)}
        old = httpx.get(f"{again}/v1/cases", headers={"Authorization": f"Bearer {tokens['国家局 / national office']}"})
        assert old.status_code == 401
        fresh = dict(TOKEN.findall(printed))
        assert visible(again, fresh["国家局 / national office"]) == first["cases"]


def visible(address: str, token: str) -> int:
    answer = httpx.get(f"{address}/v1/cases?limit=200", headers={"Authorization": f"Bearer {token}"}, timeout=30)
    return len(answer.json()["data"])


@pytest.fixture(scope="module")
def furnished(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Registry, list[Any]]]:
    """The demo docket, loaded once for the tests that only look at it."""
    url = databases.create("sqlite")
    documents = tmp_path_factory.mktemp("documents")
    registry = Registry.start(Settings(database_url=url, workflows=ROOT / "workflows", documents=documents))
    yield registry, furnish(registry)
    registry.close()
    databases.drop(url)


def test_every_story_is_told_to_its_end_and_the_record_verifies(furnished: tuple[Registry, list[Any]]) -> None:
    registry, tales = furnished
    assert [(tale.told["sides"], tale.refused) for tale in tales if tale.refused] == []
    assert len(tales) >= 40
    assert verify(registry) == []


def test_invented_data_say_that_they_are_invented(furnished: tuple[Registry, list[Any]]) -> None:
    _, tales = furnished
    for tale in tales:
        if "story" in tale.told:
            assert all("虚构" in name for name in tale.told["sides"])
        else:
            assumed = [step for step in tale.told["steps"] if step.get("assumed")]
            assert assumed


def test_the_demo_docket_is_loaded_once(furnished: tuple[Registry, list[Any]]) -> None:
    registry, _ = furnished
    assert furnish(registry) == []


def test_the_demo_shows_cases_at_many_stages(furnished: tuple[Registry, list[Any]]) -> None:
    from sqlalchemy import text

    from adjudicate import db

    registry, _ = furnished
    with db.reading(registry.engine) as tx:
        stages = {row[0] for row in tx.execute(text("select stage from cases"))}
        running = tx.execute(text("select count(*) from deadlines where status = 'running'")).scalar_one()
    assert len(stages) >= 12
    assert running >= 20
