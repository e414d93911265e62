"""Who leaves at the moment in which they act: the act is refused, or stays true and `verify` agrees years later."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from adjudicate.cases import recording
from adjudicate.verification.verifying import verify
from tests.api.harness import Api, start
from tests.api.test_reach import appoint, end, patch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOTE = {"event": "noted", "effective_on": "2026-03-05", "facts": {"remark": "x"}}
SOON = 10.0


@pytest.fixture
def real(database_url: str, law: Path, tmp_path: Path) -> Iterator[Api]:
    """The application on a database that is no sandbox, once on each engine."""
    with start(database_url, law, tmp_path / "documents", today=None) as made:
        yield made


@pytest.fixture
def on_postgresql(postgresql_url: str, law: Path, tmp_path: Path) -> Iterator[Api]:
    """The same on PostgreSQL, where two may write at once."""
    with start(postgresql_url, law, tmp_path / "documents", today=None) as made:
        yield made


@contextmanager
def locked(api: Api, sql: str) -> Iterator[None]:
    """Somebody else holds the lock of some rows meanwhile."""
    with api.registry.engine.connect() as other, other.begin():
        other.execute(text(sql))
        yield


def wait_for_a_lock(api: Api) -> None:
    """Until some session waits for a lock."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    until = time.monotonic() + SOON
    while time.monotonic() < until:
        with api.registry.reads.connect() as other:
            if other.execute(waiting).scalar():
                return
        time.sleep(0.02)
    pytest.fail("nobody waits for a lock")


@pytest.mark.finding("P4")
def test_who_leaves_while_waiting_for_a_case_records_nothing_in_it(on_postgresql: Api) -> None:
    api = on_postgresql
    case_id = api.open()
    etag = api.etag(case_id)
    with ThreadPoolExecutor() as pool:
        with locked(api, f"SELECT 1 FROM cases WHERE id = '{case_id}' FOR UPDATE"):
            acting = pool.submit(api.record, case_id, NOTE, "clerk", If_Match=etag)
            wait_for_a_lock(api)
            assert patch(api, "clerk", {"left": True}).status_code == 200
        assert acting.result().status_code == 401
    assert verify(api.registry) == []


@pytest.mark.finding("P4")
@pytest.mark.parametrize("how", ["moved", "ended"])
def test_who_loses_the_role_while_waiting_for_a_case_records_nothing_in_it(on_postgresql: Api, how: str) -> None:
    api = on_postgresql
    case_id = api.open()
    etag = api.etag(case_id)
    (held,) = api.get("/v1/people/clerk", "admin").json()["appointments"]
    with ThreadPoolExecutor() as pool:
        with locked(api, f"SELECT 1 FROM cases WHERE id = '{case_id}' FOR UPDATE"):
            acting = pool.submit(api.record, case_id, NOTE, "clerk", If_Match=etag)
            wait_for_a_lock(api)
            if how == "moved":
                assert patch(api, "clerk", {"office": "GZ", "roles": ["clerk"]}).status_code == 200
            else:
                assert end(api, "clerk", held["id"], "admin").status_code == 204
        assert acting.result().status_code in {403, 404}
    assert verify(api.registry) == []


@pytest.mark.finding("P4")
def test_an_act_under_way_is_let_pass_and_the_role_ends_after_it(
    on_postgresql: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, record = on_postgresql, recording.record
    case_id = api.open()
    decided, may_go = threading.Event(), threading.Event()

    def slowly(*given: Any, **named: Any) -> Any:
        found = record(*given, **named)
        decided.set()
        assert may_go.wait(SOON)
        return found

    etag = api.etag(case_id)
    with ThreadPoolExecutor() as pool:
        monkeypatch.setattr(recording, "record", slowly)
        acting = pool.submit(api.record, case_id, NOTE, "clerk", If_Match=etag)
        assert decided.wait(SOON)
        leaving = pool.submit(patch, api, "clerk", {"left": True})
        wait_for_a_lock(api)
        may_go.set()
        assert acting.result().status_code == 201
        assert leaving.result().status_code == 200
    assert verify(api.registry) == []


@pytest.mark.finding("P4")
def test_an_administrator_who_leaves_while_waiting_adds_nobody(on_postgresql: Api) -> None:
    api = on_postgresql
    assert api.post(
        "/v1/people", {"id": "adm2", "name": "某", "office": "CN", "roles": ["admin"]}, "nation-admin"
    ).is_success
    api.tokens["adm2"] = api.post("/v1/people/adm2/tokens", {}, "nation-admin").json()["token"]
    newcomer = {"id": "zoe", "name": "某", "office": "HZ", "roles": ["clerk"]}
    with ThreadPoolExecutor() as pool:
        with locked(api, "SELECT 1 FROM administration_head FOR UPDATE"):
            leaving = pool.submit(patch, api, "adm2", {"left": True})
            wait_for_a_lock(api)
            adding = pool.submit(api.post, "/v1/people", newcomer, "adm2")
            time.sleep(0.3)
        assert leaving.result().status_code == 200
        assert adding.result().status_code in {201, 401}
    assert (adding.result().status_code == 201) == (api.get("/v1/people/zoe", "admin").status_code == 200)
    assert verify(api.registry) == []


@pytest.mark.finding("P4")
@pytest.mark.parametrize("what", ["grant", "ended grant", "officer", "document"])
def test_who_leaves_while_waiting_for_a_case_changes_nothing_on_its_file(on_postgresql: Api, what: str) -> None:
    api = on_postgresql
    case_id = api.open()
    given = api.post(f"/v1/cases/{case_id}/grants", {"office": "GZ", "kind": "joint"}, "chief").json()
    path, headers = f"/v1/cases/{case_id}", api.headers("clerk")
    asked: Any = {
        "grant": lambda: api.post(f"{path}/grants", {"office": "WZ", "kind": "joint"}),
        "ended grant": lambda: api.client.delete(f"{path}/grants/{given['id']}", headers=headers),
        "officer": lambda: api.client.put(f"{path}/officer", json={"officer": "chief"}, headers=headers),
        "document": lambda: api.client.post(
            f"{path}/documents?name=x.txt", content=b"x", headers={**headers, "Content-Type": "text/plain"}
        ),
    }
    before = api.rows("SELECT count(*) FROM file_entries")
    with ThreadPoolExecutor() as pool:
        with locked(api, f"SELECT 1 FROM cases WHERE id = '{case_id}' FOR UPDATE"):
            acting = pool.submit(asked[what])
            wait_for_a_lock(api)
            assert patch(api, "clerk", {"left": True}).status_code == 200
        assert acting.result().status_code == 401
    assert api.rows("SELECT count(*) FROM file_entries") == before
    assert verify(api.registry) == []


@pytest.mark.finding("P4")
def test_whose_time_of_standing_in_runs_out_while_waiting_records_nothing(on_postgresql: Api) -> None:
    api = on_postgresql
    case_id = api.open()
    etag = api.etag(case_id)
    until = datetime.now(UTC) + timedelta(seconds=1.5)
    appoint(api, "neighbour", "HZ", "clerk", until_at=until.isoformat())
    with ThreadPoolExecutor() as pool:
        with locked(api, f"SELECT 1 FROM cases WHERE id = '{case_id}' FOR UPDATE"):
            acting = pool.submit(api.record, case_id, NOTE, "neighbour", If_Match=etag, Adjudicate_Office="HZ")
            wait_for_a_lock(api)
            time.sleep(max(0.0, (until - datetime.now(UTC)).total_seconds()) + 0.05)
        assert acting.result().status_code == 403
    assert verify(api.registry) == []


@pytest.mark.finding("P4")
def test_who_ends_their_own_last_role_leaves_a_record_that_holds(real: Api) -> None:
    (held,) = real.get("/v1/people/admin", "admin").json()["appointments"]
    assert end(real, "admin", held["id"], "admin").status_code == 204
    assert verify(real.registry) == []


def test_of_many_who_act_and_leave_at_once_the_record_holds(real: Api) -> None:
    case_id = real.open()
    names = [f"p{number}" for number in range(4)]
    for name in names:
        body = {"id": name, "name": name, "office": "HZ", "roles": ["clerk"]}
        assert real.post("/v1/people", body, "nation-admin").status_code == 201
        real.tokens[name] = real.post(f"/v1/people/{name}/tokens", {}, "nation-admin").json()["token"]

    def act(name: str) -> None:
        for _ in range(6):
            seen = real.get(f"/v1/cases/{case_id}", name)
            if seen.status_code != 200:
                return
            real.record(case_id, NOTE, name, If_Match=seen.headers["ETag"])

    with ThreadPoolExecutor(8) as pool:
        acting = [pool.submit(act, name) for name in names]
        time.sleep(0.1)
        leaving = [pool.submit(patch, real, name, {"left": True}) for name in names]
        assert [one.result().status_code for one in leaving] == [200] * len(names)
        for one in acting:
            one.result()
    assert verify(real.registry) == []


def one_effect_and_one_answer(api: Api) -> None:
    """Two send one administrative command under one key at once."""
    for number in range(5):
        body = {"id": f"q{number}", "name": "某", "office": "HZ", "roles": ["clerk"]}
        barrier = threading.Barrier(2)

        def ask(body: Any = body, barrier: Any = barrier, key: str = f"same-{number}") -> Any:
            barrier.wait()
            return api.post("/v1/people", body, "nation-admin", key=key)

        with ThreadPoolExecutor() as pool:
            answers = [one.result() for one in [pool.submit(ask), pool.submit(ask)]]
        assert [answer.status_code for answer in answers] == [201, 201], [answer.text for answer in answers]
        assert answers[0].content == answers[1].content
    assert verify(api.registry) == []


@pytest.mark.finding("P9")
def test_two_requests_of_an_administrator_with_one_key_have_one_effect_and_one_answer(on_postgresql: Api) -> None:
    one_effect_and_one_answer(on_postgresql)


def test_on_sqlite_too_two_requests_with_one_key_have_one_answer(sqlite_api: Api) -> None:
    one_effect_and_one_answer(sqlite_api)
