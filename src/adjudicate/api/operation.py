"""What operators and machines ask: alive, ready, figures, what a problem means, and in a sandbox the day it plays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from sqlalchemy.exc import DBAPIError

from adjudicate import db
from adjudicate.access import queries as access
from adjudicate.api import rendering
from adjudicate.api.answers import answer
from adjudicate.api.authentication import authenticated, reads, registry_of, require_token
from adjudicate.api.documenting import documented
from adjudicate.api.errors import KINDS, OK, away, not_found
from adjudicate.api.inputs import TodayIn
from adjudicate.api.metrics import EXPOSITION_TYPE, exposition
from adjudicate.api.reading import json_body, known_parameters
from adjudicate.api.service_shapes import AliveShape, ProblemPage, ReadyShape, TodayShape
from adjudicate.cases.sandbox import move_today

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from adjudicate.cases.registry import Registry

router = APIRouter(tags=["operation"], dependencies=[Depends(known_parameters)])
sandbox = APIRouter(prefix="/v1/sandbox", tags=["sandbox"], dependencies=[Depends(require_token)])

NATION = "000000"
DECEMBER = 12

FIGURES_ANSWER: dict[int | str, dict[str, Any]] = {
    OK: {"description": "Figures for Prometheus.", "content": {"text/plain": {"schema": {"type": "string"}}}}
}


@router.get("/livez", **documented("probe_alive", answers=AliveShape, open_to_all=True))
async def probe_alive() -> Response:
    """Whether the process answers."""
    return answer({"status": "alive"})


@router.get("/readyz", **documented("probe_ready", answers=ReadyShape, open_to_all=True))
def probe_ready(request: Request) -> Response:
    """Whether the database answers and the law is loaded; 503 otherwise."""
    registry = registry_of(request)
    try:
        with db.reading(registry.engine) as tx:
            access.any_office(tx)
            missing = _years_without_notice(registry, tx)
    except DBAPIError as error:
        raise away() from error
    workflows = len(registry.catalogue.keys())
    return answer({"status": "ready", "database": "ok", "workflows": workflows, "holiday_notices_missing": missing})


def _years_without_notice(registry: Registry, tx: Connection) -> list[int]:
    """The notice for a year comes out in the autumn before it: in December its absence is worth a word."""
    today = registry.moment(tx).today
    wanted = [today.year, today.year + 1] if today.month == DECEMBER else [today.year]
    calendar = registry.calendar(tx, NATION)
    return [year for year in wanted if not calendar.published(year)]


@router.get("/metrics", **documented("read_metrics", answers=None, open_to_all=True, also=FIGURES_ANSWER))
def read_metrics() -> Response:
    """Counts and times of requests; nothing about any case."""
    return Response(exposition(), media_type=EXPOSITION_TYPE)


@router.get(
    "/problems/{code}", **documented("read_problem", answers=ProblemPage, codes=("not-found",), open_to_all=True)
)
async def read_problem(code: Annotated[str, Path(max_length=60)]) -> Response:
    """What a kind of problem is called; the `type` of every problem leads here."""
    kind = KINDS.get(code)
    if kind is None:
        raise not_found()
    return answer({"code": code, "status": kind.status, "title": {"zh": kind.zh, "en": kind.en}})


@sandbox.get("/today", **documented("read_today", answers=TodayShape))
def read_today(request: Request) -> Response:
    """The day the sandbox plays."""
    with reads(request) as (_, context):
        return answer({"today": rendering.day(context.moment.today), "sandbox": True})


@sandbox.put("/today", **documented("play_day", answers=TodayShape, body=TodayIn, codes=("day-not-playable",)))
def play_day(request: Request, body: Annotated[TodayIn, Depends(json_body(TodayIn))]) -> Response:
    """Let the sandbox play a day from now on; never back behind what was recorded."""
    authenticated(request)
    registry = registry_of(request)

    def work(tx: Connection) -> None:
        move_today(tx, body.today)

    db.run(registry.engine, work)
    return answer({"today": rendering.day(body.today), "sandbox": True})
