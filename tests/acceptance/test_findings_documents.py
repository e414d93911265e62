"""Uploads to a served process: refused in time, broken off without a trace, and nobody else waits for them."""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy import text

from adjudicate import db
from adjudicate.cli import main
from tests.acceptance.office import Office, answer_on, served_office

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.databases import Databases

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def office(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with served_office(module_database_url, tmp_path_factory.mktemp("office")) as found:
        yield found


def change(office: Office, sql: str, **values: str) -> None:
    engine = db.connect(office.url)
    with db.transaction(engine) as tx:
        tx.execute(text(sql), values)
    engine.dispose()


def rows(office: Office) -> int:
    listed = office.served.get(
        f"/v1/cases/{office.case_id}/documents", Authorization=f"Bearer {office.tokens['clerk']}"
    )
    return len(listed.json()["documents"])


def send_in_two(office: Office, who: str, content: bytes, meanwhile: Callable[[], None]) -> tuple[int, str]:
    """Upload a document, and between its first and its second half let something happen."""
    head = office.head(
        "POST", office.upload_path, who, Content_Type="application/pdf", Content_Length=str(len(content))
    )
    with office.connect() as connection:
        connection.sendall(head + content[: len(content) // 2])
        for _ in range(100):
            if list(office.documents.glob("receiving-*")):
                break
            time.sleep(0.05)
        meanwhile()
        connection.sendall(content[len(content) // 2 :])
        answer = answer_on(connection)
        return answer.status, answer.code


@pytest.mark.finding("D6")
def test_an_upload_begun_under_a_grant_that_ended_meanwhile_is_refused(office: Office) -> None:
    clerk = {"Authorization": f"Bearer {office.tokens['clerk']}", "Idempotency-Key": "grant"}
    grants = f"{office.served.address}/v1/cases/{office.case_id}/grants"
    grant = httpx.post(grants, json={"office": "GZ", "kind": "joint"}, headers=clerk).json()
    before, content = rows(office), b"begun in time" * 100_000

    def end() -> None:
        assert httpx.delete(f"{grants}/{grant['id']}", headers=clerk).status_code == 204

    status, code = send_in_two(office, "stranger", content, end)
    assert (status, code) == (404, "case-not-found")
    assert rows(office) == before
    digest = hashlib.sha256(content).hexdigest()
    assert not (office.documents / digest[:2] / digest).exists()
    office.await_nothing_left()


@pytest.mark.finding("D6")
def test_an_upload_begun_with_a_token_that_was_revoked_meanwhile_is_refused(office: Office) -> None:
    engine = db.connect(office.url)
    with db.reading(engine) as tx:
        token_id = tx.execute(text("SELECT id FROM tokens WHERE actor = 'chief'")).scalar_one()
    engine.dispose()
    before = rows(office)

    env = {"ADJUDICATE_DATABASE_URL": office.url, "ADJUDICATE_SANDBOX": "1"}

    def revoke() -> None:
        done = CliRunner().invoke(main, ["token", "revoke", token_id], env=env)
        assert done.exit_code == 0, done.output

    status, code = send_in_two(office, "chief", b"begun in time" * 100_000, revoke)
    assert (status, code) == (401, "unauthenticated")
    assert rows(office) == before
    office.await_nothing_left()


def test_eight_large_uploads_at_once_keep_nobody_waiting(office: Office) -> None:
    done = threading.Event()

    def upload(number: int) -> int:
        def blocks() -> Iterator[bytes]:
            for _ in range(63):
                yield bytes([number]) * MIB

        headers = {"Authorization": f"Bearer {office.tokens['clerk']}", "Content-Type": "application/pdf"}
        path = f"{office.served.address}{office.upload_path}"
        return httpx.post(path, content=blocks(), headers=headers, timeout=120).status_code

    def ask() -> list[int]:
        answers = []
        while not done.wait(0.02):
            answers.append(httpx.get(f"{office.served.address}/livez", timeout=10).status_code)
            answers.append(office.served.get("/v1/me/none").status_code)
        return answers

    before = office.resident()
    with ThreadPoolExecutor(9) as pool:
        asking = pool.submit(ask)
        assert list(pool.map(upload, range(8))) == [201] * 8
        done.set()
        answers = asking.result()
    assert len(answers) > 8
    assert set(answers) == {200, 404}
    assert office.resident() - before < 100 * MIB


def test_after_an_internal_error_the_connection_serves_the_next_request(office: Office) -> None:
    change(office, "ALTER TABLE grants RENAME TO gone")
    try:
        with office.connect() as connection:
            path = f"/v1/cases/{office.case_id}/grants"
            connection.sendall(office.head("GET", path))
            first = answer_on(connection)
            assert (first.status, first.code) == (500, "internal-error")
            assert "connection" not in first.headers
            time.sleep(0.2)
            try:
                connection.sendall(office.head("GET", "/livez"))
                second = answer_on(connection)
            except OSError:
                second = None
            assert second is not None
            assert (second.status, second.reset) == (200, False)
    finally:
        change(office, "ALTER TABLE gone RENAME TO grants")
    assert office.await_lines("request failed")[0]["operation"]


def test_a_disk_that_is_full_is_said_so_and_leaves_nothing_behind(office: Office) -> None:
    process = office.served.process.pid
    head = office.head("POST", office.upload_path, Content_Type="application/pdf", Content_Length=str(40 * MIB))
    before = resource.prlimit(process, resource.RLIMIT_FSIZE, (30 * MIB, resource.RLIM_INFINITY))
    try:
        answer = office.ask(head + bytes(40 * MIB))
    finally:
        resource.prlimit(process, resource.RLIMIT_FSIZE, before)
    assert (answer.status, answer.code) == (503, "documents-unavailable")
    assert answer.headers["retry-after"] == "1"
    office.await_nothing_left()
    (line,) = office.await_lines("service unavailable")
    assert (line["code"], line["cause"]) == ("documents-unavailable", "OSError")
    assert office.ask(head + bytes(40 * MIB)).status in {200, 201}


def test_what_a_killed_process_was_receiving_is_cleared_away_after_an_hour(
    databases: Databases, tmp_path: Path
) -> None:
    url = databases.create("sqlite")
    with served_office(url, tmp_path) as office:
        office.documents.mkdir(exist_ok=True)
        old, new = office.documents / "receiving-old", office.documents / "receiving-new"
        for path in (old, new):
            path.write_bytes(b"half")
        os.utime(old, (time.time() - 7200,) * 2)
        head = office.head("POST", office.upload_path, Content_Type="application/pdf", Content_Length="3")
        assert office.ask(head + b"abc").status == 201
        assert (old.exists(), new.exists()) == (False, True)
        shutil.rmtree(office.documents)
        assert office.ask(head + b"abd").code == "documents-unavailable"
    databases.drop(url)
