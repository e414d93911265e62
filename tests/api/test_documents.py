"""Documents: nobody is served bytes that are not those registered, and sending them twice, or too late, is no error."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.harness import OPENING, start

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.api.harness import Api

PAPER = b"%PDF-1.7 " + bytes(range(256)) * 5000


def send(api: Api, case_id: str, content: bytes, *, name: str = "a.pdf", **headers: str) -> Any:
    given = api.headers("clerk", Content_Type="application/pdf", **headers)
    return api.client.post(f"/v1/cases/{case_id}/documents?name={name}", content=content, headers=given)


def stored(api: Api, content: bytes = PAPER) -> Path:
    digest = hashlib.sha256(content).hexdigest()
    return api.registry.settings.documents / digest[:2] / digest


def registered(api: Api) -> str:
    """A document in a case; where it is read."""
    answer = send(api, api.docketed(), PAPER)
    assert answer.status_code == 201
    return str(answer.headers["Location"])


@pytest.mark.finding("C5")
def test_a_document_comes_with_its_digest_whole_in_part_and_when_it_is_only_asked_for(api: Api) -> None:
    url = registered(api)
    digest = f"sha-256=:{base64.b64encode(hashlib.sha256(PAPER).digest()).decode()}:"
    whole, part = api.get(url), api.get(url, Range="bytes=10-19")
    probe = api.client.head(url, headers=api.headers("clerk"))
    assert [answer.headers.get("Repr-Digest") for answer in (whole, part, probe)] == [digest] * 3
    assert (whole.content, part.content, probe.content) == (PAPER, PAPER[10:20], b"")
    assert (part.status_code, part.headers["Content-Range"]) == (206, f"bytes 10-19/{len(PAPER)}")
    assert int(probe.headers["Content-Length"]) == len(PAPER)
    several = api.get(url, Range="bytes=0-1,5-6")
    assert (several.status_code, several.headers["Repr-Digest"]) == (206, digest)
    assert api.get(url, Range=f"bytes={len(PAPER)}-").status_code == 416
    assert api.get(url, Range="bytes=0-1", If_Range='"another"').status_code == 200


def flip(path: Path) -> None:
    """Change one byte; size and times stay what they were."""
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[700_000] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def shorten(path: Path) -> None:
    os.truncate(path, 1000)


def lengthen(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"%%EOF")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def exchange(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"another paper")
    other.replace(path)


@pytest.mark.finding("C5")
@pytest.mark.parametrize("damage", [flip, shorten, lengthen, empty, exchange])
def test_bytes_that_no_longer_have_their_digest_are_served_to_nobody(
    sqlite_api: Api, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    api = sqlite_api
    url = registered(api)
    damage(stored(api))
    digest = hashlib.sha256(PAPER).hexdigest()
    for headers in ({}, {"Range": "bytes=0-9"}, {"Range": "bytes=0-1,5-6"}, {"If_None_Match": '"x"'}):
        caplog.clear()
        answer = api.get(url, **headers)
        assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
        assert answer.json()["code"] == "document-damaged"
        (line,) = [record.msg for record in caplog.records if record.levelname == "ERROR"]
        assert (line["digest"], line["case_id"]) == (digest, url.split("/")[3])
    assert api.client.head(url, headers=api.headers("clerk")).status_code == 500
    again = send(api, url.split("/")[3], PAPER)
    assert (again.status_code, api.get(url).content) == (200, PAPER)


def test_a_document_whose_file_is_gone_is_told_from_a_folder_that_is_gone(sqlite_api: Api) -> None:
    api = sqlite_api
    url = registered(api)
    folder = api.registry.settings.documents
    stored(api).unlink()
    assert api.get(url).json()["code"] == "document-missing"
    shutil.rmtree(folder)
    for answer in (api.get(url), send(api, api.docketed(), b"x")):
        assert (answer.status_code, answer.json()["code"]) == (503, "documents-unavailable")
        assert answer.headers["Retry-After"] == "1"
    folder.mkdir()
    assert send(api, url.split("/")[3], PAPER).status_code == 200
    assert api.get(url).content == PAPER


@pytest.mark.parametrize("fault", ["gone", "a file"])
def test_a_folder_that_cannot_be_written_is_said_in_one_line(
    sqlite_api: Api, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    api = sqlite_api
    case_id = api.docketed()
    assert send(api, case_id, b"first").status_code == 201
    folder = api.registry.settings.documents
    shutil.rmtree(folder)
    if fault == "a file":
        folder.write_text("not a folder")
    caplog.clear()
    answer = send(api, case_id, PAPER)
    assert (answer.status_code, answer.json()["code"]) == (503, "documents-unavailable")
    (line,) = [record.msg for record in caplog.records if record.levelname in {"WARNING", "ERROR"}]
    assert (line["event"], line["code"]) == ("service unavailable", "documents-unavailable")
    assert "trace" not in line
    assert api.rows("SELECT count(*) FROM documents") == [(1,)]


def send_many_times_at_once(api: Api) -> None:
    case_id = api.docketed()
    for number in range(10):
        paper = b"paper %d" % number
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _, paper=paper: send(api, case_id, paper), range(8)))
        assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
        assert len({answer.text for answer in answers}) == 1


@pytest.mark.finding("D6")
def test_a_document_sent_twice_at_once_is_registered_once_and_nobody_is_told_of_an_error(
    postgresql_url: str, law: Path, tmp_path: Path
) -> None:
    with start(postgresql_url, law, tmp_path / "documents") as api:
        send_many_times_at_once(api)


def test_a_document_sent_twice_at_once_is_registered_once_on_sqlite_too(sqlite_api: Api) -> None:
    send_many_times_at_once(sqlite_api)


def send_two_documents_under_one_key(api: Api) -> None:
    case_id = api.docketed()
    first = send(api, case_id, b"one", Idempotency_Key="k")
    again = send(api, case_id, b"one", Idempotency_Key="k")
    assert (first.status_code, again.status_code, again.text) == (201, 201, first.text)
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    other = send(api, case_id, b"two", Idempotency_Key="k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert send(api, case_id, b"one", name="b.pdf", Idempotency_Key="k").status_code == 422
    assert send(api, case_id, b"three", Idempotency_Key="a b").json()["code"] == "header-invalid"
    assert api.rows("SELECT count(*) FROM documents") == [(1,)]
    act = api.post(f"/v1/cases/{api.open()}/events", OPENING, key="k", If_Match='"1-0"')
    assert act.json()["code"] == "idempotency-key-reused"


@pytest.mark.finding("D6")
def test_two_documents_under_one_idempotency_key_are_a_fault_and_one_document_is_answered_again(
    sqlite_api: Api,
) -> None:
    send_two_documents_under_one_key(sqlite_api)


def test_two_documents_under_one_idempotency_key_are_a_fault_on_postgresql_too(
    postgresql_url: str, law: Path, tmp_path: Path
) -> None:
    with start(postgresql_url, law, tmp_path / "documents") as api:
        send_two_documents_under_one_key(api)


def test_a_key_sent_with_one_document_many_times_at_once_gets_one_answer(api: Api) -> None:
    case_id = api.docketed()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: send(api, case_id, PAPER, Idempotency_Key="k"), range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
