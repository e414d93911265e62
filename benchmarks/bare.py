"""A bare FastAPI handler with a hand-written driver: the rows of a real recording, and no check of any kind."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import psycopg
from fastapi import FastAPI, Header
from fastapi.responses import Response

from adjudicate.cases.ids import new_id
from benchmarks.statements import Request, stamp, statements

if TYPE_CHECKING:
    from benchmarks.template import Template


def _psycopg(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(url.replace("+psycopg", ""))


def _sqlite(url: str) -> sqlite3.Connection:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=30)
    for pragma in (
        "busy_timeout=30000",
        "journal_mode=WAL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "synchronous=FULL",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def create_app(url: str, template: Template) -> FastAPI:
    """The application: one route, one connection for each thread."""
    dialect = "sqlite" if url.startswith("sqlite") else "postgresql"
    connect = _sqlite if dialect == "sqlite" else _psycopg
    prepared = {step.event: statements(template, step, dialect) for step in template.steps}
    answers = {
        step.event: next(w for w in step.written if w.table == "idempotency").rows[0]["body"].encode()
        for step in template.steps
    }
    begin = "BEGIN IMMEDIATE" if dialect == "sqlite" else None
    own = threading.local()
    app = FastAPI()

    @app.post("/v1/cases/{case_id}/events")
    def record(
        case_id: str,
        body: dict[str, Any],
        if_match: Annotated[str, Header()],
        idempotency_key: Annotated[str, Header()],
    ) -> Response:
        connection = getattr(own, "connection", None)
        if connection is None:
            connection = own.connection = connect(url)
        now = datetime.now(UTC)
        version = int(if_match[1:].partition("-")[0])
        request = Request(case_id, version, idempotency_key, new_id(now), stamp(now, dialect))
        cursor = connection.cursor()
        if begin:
            cursor.execute(begin)
        for statement in prepared[body["event"]]:
            cursor.execute(statement.sql, statement.parameters(request))
        connection.commit()
        return Response(answers[body["event"]], 201, media_type="application/json")

    return app
