"""A plain FastAPI and SQLAlchemy ORM handler: a real recording's rows as mapped objects, and no check."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import FastAPI, Header
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, registry, sessionmaker

from adjudicate import db
from adjudicate.cases.ids import new_id
from benchmarks.statements import Request
from benchmarks.template import UPSERTED, table_of

if TYPE_CHECKING:
    from benchmarks.template import Step, Template, Written

mapped: dict[str, type[Any]] = {}


class EventIn(BaseModel):
    """What a client sends."""

    event: str
    effective_on: date
    by: str | None = None
    thread: str | None = None
    party: str | None = None
    facts: dict[str, Any]


def _map(template: Template) -> None:
    registered = registry()
    for written in (one for step in template.steps for one in step.written):
        if written.table not in mapped:
            mapped[written.table] = type(written.table.title(), (), {})
            registered.map_imperatively(mapped[written.table], table_of(written))


def create_app(url: str, template: Template) -> FastAPI:
    """The application: one route, one session for each request."""
    _map(template)
    engine = db.connect(url) if url.startswith("sqlite") else create_engine(url, pool_size=20)
    make_session = sessionmaker(engine)
    steps = {step.event: step for step in template.steps}
    app = FastAPI()

    @app.post("/v1/cases/{case_id}/events")
    def record(
        case_id: str, body: EventIn, if_match: Annotated[str, Header()], idempotency_key: Annotated[str, Header()]
    ) -> Response:
        now = datetime.now(UTC)
        version = int(if_match[1:].partition("-")[0])
        request = Request(case_id, version, idempotency_key, new_id(now), now)
        step = steps[body.event]
        with make_session() as session:
            for written in step.written:
                _write(session, template, step, written, request)
            session.commit()
        answer = next(w for w in step.written if w.table == "idempotency").rows[0]["body"]
        return Response(answer, 201, media_type="application/json")

    return app


def _write(session: Session, template: Template, step: Step, written: Written, request: Request) -> None:
    kind = mapped[written.table]
    for row in written.rows:
        values = _values(template, step, written, row, request)
        if written.table == "cases":
            case = session.get(kind, request.case_id)
            for name, value in values.items():
                setattr(case, name, value)
            continue
        if written.removed:
            session.delete(session.get(kind, tuple(values[name] for name in written.columns)))
            continue
        if written.table in UPSERTED:
            held = session.get(kind, tuple(values[key.name] for key in table_of(written).primary_key))
            if held is not None:
                for name, value in values.items():
                    setattr(held, name, value)
                continue
        made = kind()
        for name, value in values.items():
            setattr(made, name, value)
        session.add(made)


def _values(template: Template, step: Step, written: Written, row: dict[str, Any], request: Request) -> dict[str, Any]:
    values = {name: row[name] for name in written.columns}
    if "case_id" in values:
        values["case_id"] = request.case_id
    for name in ("sequence", "version"):
        if name in values:
            values[name] += request.version - step.version
    for name in ("recorded_at", "changed_at", "created_at", "requested_at"):
        if name in values:
            values[name] = request.now
    if written.table == "outbox":
        values["id"] = request.message
        values["body"] = {**values["body"], "case": request.case_id}
        values["dedupe_key"] = f"recorded:{request.case_id}:{values['sequence']}"
    if written.table == "idempotency":
        values["key"] = request.key
        values["headers"] = {**values["headers"], "Location": f"/v1/cases/{request.case_id}"}
        values["body"] = values["body"].replace(template.case_id, request.case_id)
    return values
