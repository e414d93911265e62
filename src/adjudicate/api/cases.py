"""The reads of one case: as of today, with lapses that are not announced yet marked, or as known at a past moment."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from adjudicate.access import queries as access
from adjudicate.api import rendering
from adjudicate.api.authentication import read_as_caller, registry_of, require_token
from adjudicate.api.errors import not_found
from adjudicate.api.inputs import QueryInstant
from adjudicate.api.list_shapes import AttemptList, AuditList, DeadlineList, EntryList, LinkList, NextShape
from adjudicate.api.marks import marks
from adjudicate.api.openapi import ON_CASE, documented
from adjudicate.api.responses import json_response, json_response_with_etag
from adjudicate.api.shapes import CaseShape, ExplanationShape
from adjudicate.api.turns import TurnRoute
from adjudicate.cases import reading
from adjudicate.cases.docket import number_after
from adjudicate.cases.parties import name_columns
from adjudicate.cases.queries import reads as stored
from adjudicate.cases.rows import people_of
from adjudicate.definition.models import LINK
from adjudicate.law.citations import basis_at
from adjudicate.law.legal_time import ZONE_NAME
from adjudicate.service.attempts import attempts_of
from adjudicate.states import accounts, next_steps
from adjudicate.states.threads import rule_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from adjudicate.api.authentication import RequestContext
    from adjudicate.cases.reading import CaseSnapshot
    from adjudicate.definition.rulebook import Rulebook

TOKEN_REQUIRED = [Depends(require_token)]
router = APIRouter(prefix="/v1/cases/{case_id}", tags=["cases"], dependencies=TOKEN_REQUIRED, route_class=TurnRoute)

AsOf = Annotated[
    QueryInstant | None, Query(description="Show what was known at that moment. Such an answer has no ETag.")
]
After = Annotated[int, Query(ge=0, le=1_000_000_000, description="Continue after this sequence.")]
Limit = Annotated[int, Query(ge=1, le=500)]


def snapshot_of(
    tx: Connection, request: Request, context: RequestContext, case_id: UUID, as_of: datetime | None
) -> CaseSnapshot:
    """The case now, or as known at `as_of`. Raises CaseNotFound."""
    registry = registry_of(request)
    if as_of is None:
        return reading.current(tx, registry, str(case_id), visible=context.visible)
    return reading.as_of(tx, registry, str(case_id), as_of, visible=context.visible)


def _case_response(request: Request, value: Any, view: CaseSnapshot, as_of: datetime | None) -> Response:
    return json_response_with_etag(request, value, version=view.version) if as_of is None else json_response(value)


def case_json(
    view: CaseSnapshot,
    *,
    people: Mapping[str, rendering.Row],
    docket_number: str | None,
    office: rendering.Row,
    marked: Mapping[int, rendering.Row],
    as_of: datetime | None,
) -> dict[str, Any]:
    """A case as `read_case` answers it; `marked` are the rows of its irregular acts by sequence."""
    book, standing, row = view.rulebook, view.standing, view.row
    return {
        "id": row["id"],
        "docket_number": docket_number,
        "law": rendering.law(book),
        "office": {"code": office["code"], "name": {"zh": office["name_zh"], "en": office["name_en"]}},
        "region": row["region"],
        "officer": row["officer"],
        "stage": rendering.stage(book, standing.state),
        "threads": rendering.threads(book, standing),
        "parties": rendering.parties(book, standing, people),
        "facts": dict(standing.facts),
        "irregularities": marks(book, standing, {key: _judged_by(view, one) for key, one in marked.items()}),
        "pending": [rendering.entry(book, entry, announced=False) for entry in view.pending],
        "closed": standing.closed,
        "opened_on": rendering.day(row["opened_on"]),
        "version": view.version,
        "time_zone": ZONE_NAME,
        "as_of": rendering.instant(as_of),
    }


def _judged_by(view: CaseSnapshot, row: rendering.Row) -> tuple[Rulebook, date, str]:
    """The version that an act was judged under, its day and its event: its irregularities cite the law of these."""
    of_version = {digest: day for day, digest in view.row["laws"].items()}
    day = of_version.get(row["law_digest"])
    book = view.rulebook if day is None else view.legal.laws.at(date.fromisoformat(day))
    return book, row["effective_on"], row["event"]


@router.get("", **documented("read_case", model=CaseShape, codes=ON_CASE, conditional=True))
def read_case(request: Request, case_id: UUID, as_of: AsOf = None) -> Response:
    """The case: stage, threads, parties, facts and irregularities."""
    with read_as_caller(request) as (tx, context):
        view = snapshot_of(tx, request, context, case_id, as_of)
        people: dict[str, rendering.Row] = {row["party"]: row for row in stored.party_rows(tx, str(case_id))}
        office = access.office(tx, view.row["office"])
        number = view.row["docket_number"]
        if as_of is not None:
            rows = stored.event_rows(tx, str(case_id), until=view.version)
            people = {party: name_columns(person) for party, person in people_of(rows).items()}
            number = number_after(rows)
        marked = {row["sequence"]: row for row in stored.act_rows(tx, str(case_id), view.standing.marks)}
        value = case_json(view, people=people, docket_number=number, office=office or {}, marked=marked, as_of=as_of)
        return _case_response(request, value, view, as_of)


@router.get("/events", **documented("list_events", model=EntryList, codes=ON_CASE, conditional=True))
def list_events(request: Request, case_id: UUID, after: After = 0, limit: Limit = 200, as_of: AsOf = None) -> Response:
    """The events of the case, in the order in which they were recorded."""
    with read_as_caller(request) as (tx, context):
        view = snapshot_of(tx, request, context, case_id, as_of)
        rows = stored.event_rows(tx, str(case_id), after=after, limit=limit + 1)
        if as_of is not None:
            rows = [row for row in rows if row["recorded_at"] <= as_of]
        shown = [rendering.stored_entry(view.rulebook, row) for row in rows[:limit]]
        more = len(rows) > limit
        if not more:
            due = [entry for entry in view.pending if entry.sequence > after]
            shown += [rendering.entry(view.rulebook, entry, announced=False) for entry in due]
        value = {"data": shown, "next_after": shown[-1]["sequence"] if more else None}
        response = _case_response(request, value, view, as_of)
        if more:
            following = request.url.include_query_params(after=value["next_after"], limit=limit)
            response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
        return response


def _deadline(view: CaseSnapshot, key: str, stored_status: Mapping[str, str], as_of: datetime | None) -> dict[str, Any]:
    running = view.standing.deadlines[key]
    floor = None
    if running.due_on is None and running.ended_on is None:
        floor = accounts.due_floor(view.legal, view.standing, key, view.moment.today)
    announced = as_of is not None or stored_status.get(key) == running.status.value
    return rendering.deadline(view.rulebook, running, floor_on=floor, announced=announced)


@router.get("/deadlines", **documented("list_case_deadlines", model=DeadlineList, codes=ON_CASE, conditional=True))
def list_case_deadlines(request: Request, case_id: UUID, as_of: AsOf = None) -> Response:
    """The deadlines of the case, running and ended."""
    with read_as_caller(request) as (tx, context):
        view = snapshot_of(tx, request, context, case_id, as_of)
        status = {row["key"]: row["status"] for row in stored.deadline_rows(tx, str(case_id))}
        value = {"data": [_deadline(view, key, status, as_of) for key in view.standing.deadlines]}
        return _case_response(request, value, view, as_of)


@router.get(
    "/deadlines/{key:path}/explanation",
    **documented("explain_deadline", model=ExplanationShape, codes=(*ON_CASE, "not-found"), conditional=True),
)
def explain_deadline(request: Request, case_id: UUID, key: str, as_of: AsOf = None) -> Response:
    """How the due day follows, day by day, from the rule, the record and the calendar."""
    with read_as_caller(request) as (tx, context):
        view = snapshot_of(tx, request, context, case_id, as_of)
        running = view.standing.deadlines.get(key)
        if running is None:
            raise not_found()
        rule = rule_of(view.rulebook, running.name, running.thread)
        value = {
            "key": key,
            "label": rendering.label(rule.label),
            "basis": basis_at(rule.basis, running.trigger_on),
            "ruling_needed": list(rule.ruling_needed),
            "due_on": rendering.day(running.due_on),
            "counts": [rendering.account(each) for each in accounts.account(view.legal, view.standing, key)],
        }
        return _case_response(request, value, view, as_of)


@router.get("/next", **documented("list_next", model=NextShape, codes=ON_CASE, conditional=True))
def list_next(request: Request, case_id: UUID) -> Response:
    """What your roles may record next, and every reason why the rest is not possible."""
    with read_as_caller(request) as (tx, context):
        view = snapshot_of(tx, request, context, case_id, None)
        today = view.moment.today
        found = next_steps.next_steps(view.legal, view.standing, today=today, roles=context.caller.roles)
        value = {
            "state": view.standing.state,
            "today": rendering.day(today),
            "data": [rendering.next_step(each, today) for each in found],
        }
        return json_response_with_etag(request, value, version=view.version)


@router.get(
    "/service-attempts",
    **documented("list_service_attempts", model=AttemptList, codes=ON_CASE, conditional=True),
)
def list_service_attempts(request: Request, case_id: UUID, as_of: AsOf = None) -> Response:
    """The attempts at service, each with its method, its proof and the day on which service was complete."""
    with read_as_caller(request) as (tx, context):
        view = snapshot_of(tx, request, context, case_id, as_of)
        rows = [row for row in stored.event_rows(tx, str(case_id)) if as_of is None or row["recorded_at"] <= as_of]
        value = {
            "data": [
                {
                    **rendering.attempt(view.rulebook, attempt),
                    "events": [rendering.stored_entry(view.rulebook, r) for r in rows if r["thread"] == attempt.thread],
                }
                for attempt in attempts_of(view.rulebook, view.standing)
            ]
        }
        return _case_response(request, value, view, as_of)


@router.get("/links", **documented("list_links", model=LinkList, codes=ON_CASE, conditional=True))
def list_links(request: Request, case_id: UUID, as_of: AsOf = None) -> Response:
    """What incidents caused in this case, each with its cause."""
    with read_as_caller(request) as (tx, context):
        view = snapshot_of(tx, request, context, case_id, as_of)
        rows = [row for row in stored.event_rows(tx, str(case_id)) if as_of is None or row["recorded_at"] <= as_of]
        by_sequence = {row["sequence"]: row for row in rows}
        caused = [row for row in rows if row["by"] == LINK]
        value = {"data": [rendering.link(view.rulebook, row, by_sequence.get(row["cause"])) for row in caused]}
        return _case_response(request, value, view, as_of)


@router.get("/audit", **documented("list_audit", model=AuditList, codes=ON_CASE, conditional=True))
def list_audit(request: Request, case_id: UUID) -> Response:
    """The audit chain: who recorded what under which law and calendar; each hash covers the row before."""
    with read_as_caller(request) as (tx, context):
        view = snapshot_of(tx, request, context, case_id, None)
        value = {
            "head_hash": view.row["head_hash"],
            "data": [rendering.audit(row) for row in reading.trail(tx, str(case_id))],
        }
        return json_response_with_etag(request, value, version=view.version)
