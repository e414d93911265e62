"""Whatever goes wrong, the log says so in one line of JSON that names nobody and quotes no fact and no statement."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from adjudicate import db, logs
from adjudicate.logs import REQUEST_ENDED
from adjudicate.worker import Worker
from tests.api.harness import REQUEST, Api, start
from tests.integration.desk import law_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SAID = ("甲公司", "乙公司", "0571-1", "ZL201510299950.3", "疑难", "INSERT", "SELECT", "Traceback", "姓名", "Bearer")


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
    assert (line["logger"], line["event"]) == ("adjudicate.worker", "case not settled, left until tomorrow")
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
    assert [line["event"] for line in delivered] == ["message delivered"]
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
