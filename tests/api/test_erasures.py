"""Erased documents: their bytes go, whatever happens in between, and nobody else's bytes go with them."""

from __future__ import annotations

import hashlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import OperationalError

from adjudicate import clock, db, failures
from adjudicate.cases import case_file, idempotency
from adjudicate.cases.erasing import Erasure, erase
from adjudicate.clock import Moment
from adjudicate.verification.queries import whole_record
from adjudicate.verification.verifying import verify
from adjudicate.worker import run_once
from tests.api.harness import TODAY, start
from tests.api.test_documents import send
from tests.integration.tampering import tamper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.api.harness import Api

PAPER = "张三的身份证".encode()
DIGEST = hashlib.sha256(PAPER).hexdigest()


def place(api: Api) -> Path:
    return api.registry.settings.documents / DIGEST[:2] / DIGEST


def filed(api: Api) -> str:
    """A case with the paper on its file."""
    case_id = api.docketed()
    assert send(api, case_id, PAPER).status_code == 201
    return case_id


def erased(api: Api, case_id: str, key: str = "") -> Any:
    return api.post(f"/v1/cases/{case_id}/erasures", {"documents": [DIGEST], "reason": "依申请"}, "chief", key=key)


def told(api: Api) -> list[str]:
    """What verification says, the bytes of documents included."""
    return [one.en for one in verify(api.registry, documents=True)]


@contextmanager
def before_unlinking(do: Callable[[], Any]) -> Iterator[None]:
    """Let something happen whenever the paper's bytes are about to be removed."""
    unlink = Path.unlink

    def hooked(self: Path, *given: Any, **named: Any) -> None:
        if self.name == DIGEST:
            do()
        unlink(self, *given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "unlink", hooked)
        yield


def refuse() -> None:
    raise PermissionError(13, "Permission denied")


@pytest.mark.finding("F1")
def test_bytes_that_cannot_be_removed_now_are_no_error_are_named_and_are_removed_by_the_worker(api: Api) -> None:
    case_id = filed(api)
    with before_unlinking(refuse):
        assert erased(api, case_id, "one").status_code == 201
        assert erased(api, case_id, "one").status_code == 201
        run_once(api.registry)
    assert place(api).exists()
    assert [one for one in told(api) if DIGEST[:12] in one and "erased" in one]
    api.today("2026-03-06")
    run_once(api.registry)
    assert not place(api).exists()
    assert told(api) == []


@pytest.mark.finding("F1")
def test_a_process_that_dies_behind_the_commit_leaves_the_bytes_to_the_worker(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = filed(api)

    def die(point: str, *_: Any) -> None:
        if point == "after-commit":
            raise SystemError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "reached", die)
        assert erased(api, case_id).status_code == 500
    assert place(api).exists()
    run_once(api.registry)
    assert not place(api).exists()
    assert told(api) == []


@pytest.mark.finding("F1")
def test_bytes_of_an_erased_document_that_came_back_are_named(api: Api) -> None:
    case_id = filed(api)
    assert erased(api, case_id).status_code == 201
    assert told(api) == []
    place(api).write_bytes(PAPER)
    assert [one for one in told(api) if DIGEST[:12] in one]
    # They are no fault where another case has the same bytes on file.
    assert send(api, api.docketed(), PAPER).status_code == 201
    assert told(api) == []


@pytest.mark.finding("F1")
def test_sending_an_erased_document_again_puts_nothing_back_on_the_disk(api: Api) -> None:
    case_id = filed(api)
    assert erased(api, case_id).status_code == 201
    assert send(api, case_id, PAPER).status_code == 410
    assert not place(api).exists()


@pytest.mark.finding("F1")
def test_a_folder_of_documents_that_is_not_there_is_not_taken_for_bytes_that_are_gone(sqlite_api: Api) -> None:
    case_id = filed(sqlite_api)
    folder = sqlite_api.registry.settings.documents
    aside = folder.with_name("not-mounted")
    folder.rename(aside)
    assert erased(sqlite_api, case_id).status_code == 201
    run_once(sqlite_api.registry)
    aside.rename(folder)
    sqlite_api.today("2026-03-06")
    run_once(sqlite_api.registry)
    assert not place(sqlite_api).exists()


@pytest.mark.finding("F16")
@pytest.mark.parametrize("column", ["name", "name_key", "particulars"])
def test_a_name_written_back_after_its_erasure_is_found(api: Api, column: str) -> None:
    case_id = api.docketed()
    body = {"events": [1], "reason": "依申请"}
    assert api.post(f"/v1/cases/{case_id}/erasures", body, "chief").status_code == 201
    assert verify(api.registry) == []
    tamper(api, f"UPDATE parties SET {column} = '{{}}' WHERE case_id = '{case_id}'")
    assert [one for one in verify(api.registry) if one.case_id == case_id and column in one.en]


@pytest.mark.finding("F16")
def test_the_name_of_an_erased_document_written_back_is_found(sqlite_api: Api) -> None:
    case_id = filed(sqlite_api)
    assert erased(sqlite_api, case_id).status_code == 201
    tamper(sqlite_api, f"UPDATE documents SET name = '张三.pdf' WHERE case_id = '{case_id}'")
    assert [one for one in verify(sqlite_api.registry) if one.case_id == case_id]


@pytest.mark.finding("F16")
@pytest.mark.parametrize("table", ["event_particulars", "file_particulars"])
def test_erased_particulars_that_were_put_back_just_as_they_were_are_found(api: Api, table: str) -> None:
    case_id = filed(api)
    kept = f"CREATE TABLE kept AS SELECT * FROM {table} WHERE case_id = '{case_id}'"
    tamper(api, kept)
    body = {"events": [1], "documents": [DIGEST], "reason": "依申请"}
    assert api.post(f"/v1/cases/{case_id}/erasures", body, "chief").status_code == 201
    assert verify(api.registry) == []
    tamper(api, f"DELETE FROM {table} WHERE case_id = '{case_id}'", f"INSERT INTO {table} SELECT * FROM kept")
    assert [one for one in verify(api.registry) if one.case_id == case_id and "erased" in one.en]


@pytest.mark.finding("F20")
def test_a_document_erased_while_verification_runs_is_no_loss(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id, ids = filed(api), whole_record.all_case_ids

    def erase_first(tx: Any) -> Iterator[str]:
        assert erased(api, case_id).status_code == 201
        yield from ids(tx)

    monkeypatch.setattr(whole_record, "all_case_ids", erase_first)
    assert told(api) == []


@pytest.mark.finding("F2")
def test_an_erasure_takes_no_bytes_that_another_case_files_meanwhile(api: Api) -> None:
    case_id, other = filed(api), api.docketed()
    sent: list[Any] = []
    with ThreadPoolExecutor(1) as pool:

        def send_meanwhile() -> None:
            if not sent:
                sent.append(pool.submit(send, api, other, PAPER))
                # It comes to its end only where the two are not kept apart.
                wait(sent, timeout=1)

        with before_unlinking(send_meanwhile):
            assert erased(api, case_id).status_code == 201
        assert sent[0].result(timeout=20).status_code == 201
    answer = api.get(f"/v1/cases/{other}/documents/{DIGEST}")
    assert (answer.status_code, answer.content) == (200, PAPER)
    assert told(api) == []


@pytest.mark.finding("F2")
def test_the_bytes_of_a_document_that_two_cases_erase_at_once_go(
    postgresql_url: str, law: Path, tmp_path: Path
) -> None:
    with start(postgresql_url, law, tmp_path / "documents") as api:
        by: dict[str, Any] = {"by": "chief", "reason": "依申请", "moment": Moment(TODAY, clock.now())}
        with db.transaction(api.registry.engine) as first, db.transaction(api.registry.engine) as second:
            for tx, case_id in zip((first, second), (filed(api), filed(api)), strict=True):
                erase(tx, case_id, Erasure(documents=[DIGEST]), **by)
        run_once(api.registry)
        assert not place(api).exists()
        assert told(api) == []


@pytest.mark.finding("F2")
def test_a_document_whose_registration_is_tried_again_has_its_bytes(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id, register, tried = api.docketed(), case_file.register_document, []

    def fail_once(*given: Any) -> None:
        tried.append(given)
        if len(tried) == 1:
            # What an erasure elsewhere may do between the two attempts.
            place(api).unlink()
            raise OperationalError("", None, sqlite3.OperationalError("database is locked"))
        register(*given)

    monkeypatch.setattr(case_file, "register_document", fail_once)
    monkeypatch.setattr(failures, "kind_of", lambda _: failures.Failure.AGAIN)
    assert send(api, case_id, PAPER).status_code == 201
    assert (len(tried), api.get(f"/v1/cases/{case_id}/documents/{DIGEST}").status_code) == (2, 200)
