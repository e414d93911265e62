"""Probes, metrics, the page of each problem code and, in a sandbox, its date; no case is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from sqlalchemy.exc import DBAPIError

from adjudicate import clock, db
from adjudicate.access import queries as access
from adjudicate.api import rendering
from adjudicate.api.authentication import authenticated, read_as_caller, registry_of, require_token
from adjudicate.api.document_bytes import can_be_written
from adjudicate.api.errors import OK, database_unreachable, not_found
from adjudicate.api.inputs import TodayIn
from adjudicate.api.metrics import EXPOSITION_TYPE, exposition
from adjudicate.api.openapi import documented
from adjudicate.api.parsing import json_body, known_parameters
from adjudicate.api.problem_kinds import PROBLEM_KINDS
from adjudicate.api.responses import json_response
from adjudicate.api.service_shapes import AliveShape, ProblemPage, ReadyShape, TodayShape
from adjudicate.api.turns import TurnRoute, turns_of
from adjudicate.cases.heartbeat import latest
from adjudicate.cases.queries.workers import try_to_write
from adjudicate.cases.sandbox import move_today
from adjudicate.law.calendars import NATIONWIDE

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from adjudicate.api.figures import Figures
    from adjudicate.cases.registry import Registry

router = APIRouter(tags=["operation"], dependencies=[Depends(known_parameters)], route_class=TurnRoute)
sandbox = APIRouter(
    prefix="/v1/sandbox", tags=["sandbox"], dependencies=[Depends(require_token)], route_class=TurnRoute
)

DECEMBER = 12
# What a load balancer waits for a probe is rarely more.
PROBE_SECONDS = 4.0

METRICS_RESPONSE: dict[int | str, dict[str, Any]] = {
    OK: {
        "description": "Metrics in the Prometheus text format.",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
}


@router.get("/livez", **documented("probe_alive", model=AliveShape, public=True))
async def probe_alive() -> Response:
    """Whether the process answers."""
    return json_response({"status": "alive"})


@router.get("/readyz", **documented("probe_ready", model=ReadyShape, public=True))
async def probe_ready(request: Request) -> Response:
    """Whether the database can be read and written and the law is loaded; 503 otherwise. Says when a worker was seen.

    A service without a worker, or without a folder for documents, is right in all else that it answers, so that alone
    does not make it unready.
    """
    registry = registry_of(request)
    documents = "ok" if await can_be_written(registry.settings.documents) else "not-writable"
    return await turns_of(request).probe(lambda: json_response(_readiness(registry, documents)), seconds=PROBE_SECONDS)


def _readiness(registry: Registry, documents: str) -> dict[str, Any]:
    """Raises Unavailable where the database cannot be read or written."""
    try:
        with db.reading(registry.reads) as tx:
            access.any_office(tx)
            missing = _years_without_notice(registry, tx)
            state, seen_at = latest(tx, interval_seconds=registry.settings.worker_interval_seconds)
        db.probe_write(registry.reads, lambda tx: try_to_write(tx, clock.now()), proven_by=registry.engine)
    except DBAPIError as error:
        raise database_unreachable() from error
    return {
        "status": "ready",
        "database": "ok",
        "documents": documents,
        "worker": {"state": state, "last_seen": rendering.instant(seen_at)},
        "workflows": len(registry.catalogue.keys()),
        "holiday_notices_missing": missing,
    }


def _years_without_notice(registry: Registry, tx: Connection) -> list[int]:
    """Which of this year and, from December, the next have no holiday notice loaded. A notice comes out in autumn."""
    today = registry.moment(tx).today
    wanted = [today.year, today.year + 1] if today.month == DECEMBER else [today.year]
    calendar = registry.calendar(tx, NATIONWIDE)
    return [year for year in wanted if not calendar.published(year)]


@router.get("/metrics", **documented("read_metrics", model=None, public=True, extra=METRICS_RESPONSE))
async def read_metrics(request: Request) -> Response:
    """Counts and durations of requests, and what waits in the database; nothing about any case."""
    figures: Figures = request.app.state.figures
    return Response(exposition(await figures.read()), media_type=EXPOSITION_TYPE)


@router.get("/problems/{code}", **documented("read_problem", model=ProblemPage, codes=("not-found",), public=True))
async def read_problem(code: Annotated[str, Path(max_length=60)]) -> Response:
    """The title of a problem code; the `type` of every problem leads here."""
    kind = PROBLEM_KINDS.get(code)
    if kind is None:
        raise not_found()
    return json_response({"code": code, "status": kind.status, "title": {"zh": kind.zh, "en": kind.en}})


@sandbox.get("/today", **documented("read_today", model=TodayShape))
def read_today(request: Request) -> Response:
    """The date that the sandbox uses as today."""
    with read_as_caller(request, without_role=True) as (_, context):
        return json_response({"today": rendering.day(context.moment.today), "sandbox": True})


@sandbox.put("/today", **documented("play_day", model=TodayShape, body=TodayIn, codes=("day-not-playable",)))
def play_day(request: Request, body: Annotated[TodayIn, Depends(json_body(TodayIn))]) -> Response:
    """Set the sandbox's date. It cannot be set to before what is recorded."""
    context = authenticated(request, without_role=True)
    registry = registry_of(request)

    def work(tx: Connection) -> None:
        move_today(tx, body.today, by=context.caller.actor)

    db.run(registry.engine, work)
    return json_response({"today": rendering.day(body.today), "sandbox": True})
