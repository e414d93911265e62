"""Whatever goes wrong, the log says so in one line of JSON that names nobody and quotes no fact and no statement."""

from __future__ import annotations

import json
import logging
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from adjudicate import db, logs
from adjudicate.api.app import create_app
from adjudicate.cases.registry import Registry
from adjudicate.settings import Settings
from adjudicate.worker import Worker
from tests.api.harness import REQUEST, Api, start
from tests.integration.desk import law_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

REQUEST_ENDED = "request ended"
SAID = (
    "甲公司",
    "乙公司",
    "0571-1",
    "ZL201510299950.3",
    "疑难",
    "INSERT",
    "SELECT",
    "Traceback",
    "/cases/0",
    "姓名",
    "Bearer",
)


@pytest.fixture
def api(database_url: str, tmp_path: Path) -> Iterator[Api]:
    with start(database_url, law_folder(tmp_path / "workflows"), tmp_path / "documents") as made:
        yield made


@pytest.fixture
def lines(api: Api, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What is logged from now on, each line read as JSON; none may hold what the tests send."""
    root, own = logging.getLogger(), logging.getLogger("adjudicate")
    before = (list(root.handlers), root.level, own.level)
    capsys.readouterr()
    logs.configure("debug")

    def written(*, requests: bool = False) -> list[dict[str, Any]]:
        """The lines since it was last asked; those of requests that ended only where they are asked for."""
        out, err = capsys.readouterr()
        assert [word for word in SAID if word in out + err] == []
        read = [json.loads(line) for line in (out + err).splitlines()]
        return [line for line in read if (line["event"] == REQUEST_ENDED) is requests]

    yield written
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    own.setLevel(before[2])


def break_table(api: Api, name: str) -> None:
    with db.transaction(api.registry.engine) as tx:
        tx.execute(text(f"ALTER TABLE {name} RENAME TO gone"))


def test_a_statement_that_fails_over_names_and_facts_is_one_line_without_them(api: Api, lines: Any) -> None:
    break_table(api, "parties")
    assert api.post("/v1/cases", REQUEST).status_code == 500
    (line,) = lines()
    assert (line["level"], line["operation"], line["status"]) == ("error", "open_case", 500)
    assert line["error"].startswith("sqlalchemy.exc.")
    assert line["cause"].startswith(("sqlite3.", "psycopg."))
    assert "api/commands.py" in line["trace"]
    assert len(line["trace"]) < 600


def test_a_list_searched_by_name_fails_without_the_name(api: Api, lines: Any) -> None:
    break_table(api, "parties")
    assert api.get("/v1/cases?party=甲公司").status_code == 500
    (line,) = lines()
    assert (line["operation"], line["status"]) == ("list_cases", 500)


def test_a_refusal_of_a_client_is_not_logged(api: Api, lines: Any) -> None:
    assert api.post("/v1/cases", {**REQUEST, "event": "疑难"}).status_code == 422
    assert api.get("/v1/cases?party=甲公司&party=乙公司").status_code == 422
    assert lines() == []


def test_a_case_that_the_worker_cannot_settle_is_one_line_with_its_id(api: Api, lines: Any) -> None:
    case_id = api.open()
    api.today("2026-05-01")
    break_table(api, "events")
    assert Worker(api.registry).announce_lapses() == (0, 1)
    (line,) = lines()
    assert (line["logger"], line["event"]) == ("adjudicate.worker", "lapses not announced, to be tried again")
    assert line["case_id"] == case_id
    assert line["trace"].startswith("worker.py:")


def test_a_message_is_logged_by_its_ids_whether_it_was_delivered_or_not(api: Api, lines: Any) -> None:
    case_id = api.open()

    def refuse(_tx: Any, message: Any) -> None:
        raise ValueError(f"甲公司 0571-1 {message['body']}")

    worker = Worker(api.registry, {"case.recorded": refuse})
    assert worker.deliver() == (0, 1)
    (failed,) = lines()
    assert (failed["topic"], failed["case_id"], failed["error"]) == ("case.recorded", case_id, "ValueError")
    api.today("2026-03-06")
    assert Worker(api.registry).deliver()[0] == 1
    delivered = lines()
    assert [(line["level"], line["event"]) for line in delivered] == [("debug", "message delivered")]
    assert set(delivered[0]) == {"timestamp", "level", "logger", "event", "topic", "id", "case_id", "sequence"}
    assert delivered[0]["case_id"] == case_id


def test_a_database_that_is_gone_is_one_warning_for_each_request(
    api: Api, lines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any, **__: Any) -> Any:
        raise db.Unavailable(zh="甲公司", en="INSERT")

    monkeypatch.setattr("adjudicate.api.lists.queries.list_cases", gone)
    assert api.get("/v1/cases").status_code == 503
    (line,) = lines()
    assert (line["level"], line["code"], line["status"]) == ("warning", "unavailable", 503)
    assert "trace" not in line


def ended(lines: Any) -> list[dict[str, Any]]:
    """The lines of requests that ended, without what differs from one run to the next."""
    found = lines(requests=True)
    return [
        {name: value for name, value in line.items() if name not in {"timestamp", "milliseconds"}} for line in found
    ]


@pytest.mark.finding("D5")
def test_each_request_that_ends_is_one_line_with_who_asked_for_what_by_which_route(api: Api, lines: Any) -> None:
    case_id = api.open()
    lines(requests=True)
    api.get(f"/v1/cases/{case_id}?as_of=2026-03-04T00:00:00Z", X_Request_Id="r-1")
    api.get("/v1/cases?party=甲公司", None, X_Request_Id="r-2")
    api.get("/甲公司", X_Request_Id="r-3")
    common = {"level": "info", "logger": "adjudicate.requests", "event": REQUEST_ENDED, "method": "GET"}
    route = "/v1/cases/{case_id}"
    assert ended(lines) == [
        {**common, "request_id": "r-1", "actor": "clerk", "route": route, "operation": "read_case", "status": 404},
        {**common, "request_id": "r-2", "route": "/v1/cases", "operation": "list_cases", "status": 401},
        {**common, "request_id": "r-3", "route": "none", "operation": "none", "status": 404},
    ]


@pytest.mark.finding("D5")
def test_a_request_bears_the_callers_id_if_it_is_a_sane_one_and_its_trace(api: Api, lines: Any) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    kept = api.get("/v1/workflows", X_Request_Id="Root=1-67891233-ab", traceparent=f"00-{trace}-00f067aa0ba902b7-01")
    assert kept.headers.get("X-Request-Id") == "Root=1-67891233-ab"
    (line,) = ended(lines)
    assert (line.get("request_id"), line.get("trace_id")) == ("Root=1-67891233-ab", trace)
    for bad in ("a b", "x" * 101, "", 'a"b', "a<b>", "名".encode()):
        answer = api.client.get("/v1/workflows", headers={**api.headers("clerk"), "X-Request-Id": bad})
        assert len(answer.headers["X-Request-Id"]) == 16
    for wrong in (
        "00",
        f"01-{trace}-00f067aa0ba902b7-01-é".encode("latin-1"),
        f"00-{trace}-00f067aa0ba902b7",
        f"ff-{trace}-00f067aa0ba902b7-01",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
    ):
        assert api.client.get("/v1/workflows", headers={**api.headers("clerk"), "traceparent": wrong}).is_success
    made = ended(lines)
    assert len({line["request_id"] for line in made}) == 11
    assert [line for line in made if "trace_id" in line] == []


@pytest.mark.finding("D5")
def test_what_is_logged_while_a_command_runs_bears_the_id_of_its_request_and_who_asked(api: Api, lines: Any) -> None:
    case_id = api.docketed()
    etag = api.etag(case_id)
    lines(requests=True)
    break_table(api, "documents")
    answer = api.post(f"/v1/cases/{case_id}/grants", {"actor": "stranger", "kind": "outside"}, X_Request_Id="fine")
    assert answer.status_code == 201
    headers = api.headers("clerk", Content_Type="text/plain", X_Request_Id="failing", If_Match=etag)
    assert (
        api.client.post(f"/v1/cases/{case_id}/documents?name=甲公司", content=b"0571-1", headers=headers).status_code
        == 500
    )
    (line,) = lines()
    told = [line.get(name) for name in ("event", "request_id", "operation")]
    assert told == ["request failed", "failing", "register_document"]


def test_probes_are_told_only_where_everything_is(api: Api, lines: Any) -> None:
    for path in ("/livez", "/readyz", "/metrics"):
        api.get(path, None)
    assert [line["level"] for line in lines(requests=True)] == ["debug"] * 3
    logs.configure("info")
    api.get("/livez", None)
    assert lines(requests=True) == []


def test_requests_are_not_told_where_a_setting_says_so(database_url: str, tmp_path: Path, lines: Any) -> None:
    quiet = Settings(database_url=database_url, sandbox=True, workflows=law_folder(tmp_path / "w"), access_log=False)
    with closing(Registry.start(quiet)) as registry, TestClient(create_app(registry=registry)) as client:
        answer = client.get("/v1/cases")
    assert (answer.status_code, "X-Request-Id" in answer.headers) == (401, True)
    assert lines(requests=True) == []
