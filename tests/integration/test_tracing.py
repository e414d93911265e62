"""Spans for OpenTelemetry: of a request, its command and a worker's round, under the caller's trace, naming nobody."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from sqlalchemy import text

from adjudicate import db, tracing
from adjudicate.worker import Worker
from tests.api.harness import OPENING, REQUEST, Api, start
from tests.integration.desk import law_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def api(database_url: str, tmp_path: Path) -> Iterator[Api]:
    with start(database_url, law_folder(tmp_path / "workflows"), tmp_path / "documents") as made:
        yield made


@pytest.fixture
def spans(api: Api) -> Iterator[Any]:
    """The spans that have ended since it was last asked."""
    kept = InMemorySpanExporter()
    tracing.switch_on(SimpleSpanProcessor(kept))

    def ended() -> list[Any]:
        found = list(kept.get_finished_spans())
        kept.clear()
        return found

    yield ended
    tracing.switch_off()


def test_a_command_is_a_span_under_its_request_and_that_under_the_callers(api: Api, spans: Any) -> None:
    case_id = api.open()
    etag = api.etag(case_id)
    spans()
    given = {"traceparent": f"00-{TRACE}-{CALLER}-01", "X_Request_Id": "r-1", "If_Match": etag}
    assert api.post(f"/v1/cases/{case_id}/events", OPENING, **given).status_code == 201
    command, request = spans()
    assert (request.name, command.name) == ("POST /v1/cases/{case_id}/events", "command")
    assert {format(span.context.trace_id, "032x") for span in (command, request)} == {TRACE}
    assert format(request.parent.span_id, "016x") == CALLER
    assert command.parent.span_id == request.context.span_id
    assert dict(request.attributes) == {
        "http.request.method": "POST",
        "http.route": "/v1/cases/{case_id}/events",
        "http.response.status_code": 201,
        "adjudicate.request_id": "r-1",
    }


def test_a_request_without_a_trace_begins_one_and_the_log_names_it(
    api: Api, spans: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with db.transaction(api.registry.engine) as tx:
        tx.execute(text("ALTER TABLE parties RENAME TO gone"))
    assert api.post("/v1/cases", REQUEST, traceparent="00-zz-zz-01").status_code == 500
    (line,) = [record.msg for record in caplog.records if record.levelname == "ERROR"]
    command, request = spans()
    assert line["trace_id"] == format(request.context.trace_id, "032x")
    assert request.parent is None
    assert (command.status.status_code, command.attributes["error.type"]) == (StatusCode.ERROR, type_of(line))
    said = f"{command.to_json()} {request.to_json()}"
    assert [word for word in ("甲公司", "0571-1", "INSERT", "Traceback", "姓名") if word in said] == []


def type_of(line: dict[str, Any]) -> str:
    return str(line["error"]).rpartition(".")[2]


def test_a_round_of_the_worker_is_a_span(api: Api, spans: Any) -> None:
    Worker(api.registry).run_once()
    assert [span.name for span in spans()] == ["worker round"]


def test_without_the_switch_there_are_no_spans_and_the_library_is_not_even_loaded() -> None:
    code = "import sys, adjudicate.api.app, adjudicate.worker; print('opentelemetry.sdk' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_switch_without_its_packages_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.resources", None)
    with pytest.raises(tracing.TelemetryMissing, match="ADJUDICATE_TELEMETRY"):
        tracing.switch_on()
