"""A log line says what happened and where, in one line, and never what an error or another library quotes."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from sqlalchemy.exc import IntegrityError

from adjudicate import logs
from adjudicate.errors import PeriodError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECRET = "甲公司\n李四 0571-1"


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Logging as a process sets it up, and what it has written since it was last asked."""
    root, own = logging.getLogger(), logging.getLogger("adjudicate")
    before = (list(root.handlers), root.level, own.level)
    logs.configure("debug")
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    own.setLevel(before[2])


def fail(value: str) -> None:
    try:
        raise KeyError(value)
    except KeyError as error:
        raise IntegrityError(f"INSERT {value}", {"name": value}, error) from error


def test_an_event_is_one_line_of_json_with_its_time_level_and_fields(lines: Any) -> None:
    logs.logger("adjudicate.worker").info("message delivered", id="m1", sequence=3)
    (line,) = lines()
    assert list(line) == ["timestamp", "level", "logger", "event", "id", "sequence"]
    assert line["timestamp"].endswith("Z")
    assert (line["level"], line["logger"], line["event"]) == ("info", "adjudicate.worker", "message delivered")


def test_an_error_is_told_by_its_type_its_cause_and_its_frames_without_its_message(lines: Any) -> None:
    try:
        fail(SECRET)
    except IntegrityError:
        logs.logger("adjudicate.worker").exception("case not settled", case_id="c1")
    (line,) = lines()
    assert (line["error"], line["cause"]) == ("sqlalchemy.exc.IntegrityError", "KeyError")
    assert line["trace"].endswith(f"{__file__.rpartition('/')[2]}:{fail.__code__.co_firstlineno + 4} fail")
    assert len(line["trace"]) < 300
    assert not any(word in str(line) for word in ("甲公司", "李四", "INSERT", "Traceback"))


def test_a_frame_of_a_package_whose_name_only_begins_alike_is_not_one_of_this_program(lines: Any) -> None:
    place = Path(logs.__file__).parent
    code = compile("raise KeyError", f"{place}_tools/other.py", "exec")
    try:
        exec(code)
    except KeyError:
        logs.logger("adjudicate.worker").exception("case not settled")
    (line,) = lines()
    assert line["trace"] == "other.py:1 <module>"


def test_a_refusal_is_told_by_its_code(lines: Any) -> None:
    logs.logger("adjudicate.api").error("request failed", exc_info=PeriodError(zh=SECRET, en=SECRET))
    (line,) = lines()
    assert (line["error"], line["code"]) == ("adjudicate.errors.PeriodError", "period-invalid")
    assert "李四" not in str(line)


def test_the_values_of_another_librarys_message_are_left_out_and_so_are_further_lines(lines: Any) -> None:
    logging.getLogger("psycopg").warning("error ignored: %s", SECRET)
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: %s" % SECRET)  # noqa: G002, UP031
    logging.getLogger("uvicorn.error").warning("Child process [%d] died", 7)
    assert [line["event"] for line in lines()] == [
        "error ignored: %s",
        "Task exception was never retrieved",
        "Child process [7] died",
    ]


def test_statements_are_not_logged_at_any_level(lines: Any) -> None:
    engine = logging.getLogger("sqlalchemy.engine.Engine")
    engine.setLevel(logging.DEBUG)
    engine.info("INSERT INTO parties VALUES (%s)", SECRET)
    engine.setLevel(logging.NOTSET)
    logging.getLogger("httpx").info("GET /v1/cases?party=%s", SECRET)
    assert lines() == []


def test_an_error_that_was_logged_is_not_logged_again_by_the_server(lines: Any) -> None:
    error = ValueError(SECRET)
    logs.logger("adjudicate.api").error("request failed", exc_info=error)
    logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=error)
    logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=ValueError(SECRET))
    assert [line["event"] for line in lines()] == ["request failed", "Exception in ASGI application"]


def test_what_is_bound_to_a_request_stands_in_each_of_its_lines(lines: Any) -> None:
    with structlog.contextvars.bound_contextvars(request="r1"):
        logs.logger("adjudicate.api").info("one")
        logging.getLogger("uvicorn.error").warning("two")
    logs.logger("adjudicate.api").info("three")
    assert [line.get("request") for line in lines()] == ["r1", "r1", None]


def test_below_the_level_nothing_is_written(lines: Any) -> None:
    logs.configure("warning")
    logs.logger("adjudicate.worker").info("message delivered")
    logs.logger("adjudicate.worker").warning("database unavailable")
    logs.configure("error")
    logs.logger("adjudicate.worker").warning("database unavailable")
    logging.getLogger("uvicorn.error").warning("two")
    assert [line["event"] for line in lines()] == ["database unavailable"]


def test_on_a_terminal_a_line_is_for_people_and_still_one_line_without_the_message(
    lines: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    try:
        fail(SECRET)
    except IntegrityError:
        logs.logger("adjudicate.worker").exception("case not settled", case_id="c1")
    (line,) = capsys.readouterr().err.splitlines()
    assert not line.startswith("{")
    assert "case not settled" in line
    assert "李四" not in line


def test_a_program_that_embeds_this_one_keeps_its_own_configuration_of_structlog(lines: Any) -> None:
    logs.logger("adjudicate.worker").info("message delivered")
    assert not structlog.is_configured()
