"""The lists across cases: the cases, deadlines and hearings that the caller may see, filtered, sorted and paged."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from adjudicate.api import rendering
from adjudicate.api.authentication import RequestContext, read_as_caller, registry_of, require_token
from adjudicate.api.filters import Filters, FilterText, known_deadline
from adjudicate.api.inputs import Day
from adjudicate.api.list_shapes import CaseList, DeadlineRows, HearingRows
from adjudicate.api.openapi import documented
from adjudicate.api.paging import Cursor, Limit, page_of, page_request_of
from adjudicate.api.responses import json_response
from adjudicate.api.turns import TurnRoute
from adjudicate.cases.queries import counts
from adjudicate.cases.queries import lists as queries
from adjudicate.states.standing import Status
from adjudicate.states.threads import rule_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, RowMapping

    from adjudicate.cases.registry import Registry
    from adjudicate.definition.rulebook import Rulebook

router = APIRouter(prefix="/v1", tags=["lists"], dependencies=[Depends(require_token)], route_class=TurnRoute)

CODES = ("cursor-invalid",)


class CaseRowRenderer:
    """Renders rows of `cases`; parties and due days are read once for the whole page."""

    def __init__(self, tx: Connection, registry: Registry, case_ids: Sequence[str]) -> None:
        self._tx, self._registry = tx, registry
        self._parties = queries.names_of_parties(tx, case_ids)
        self._due = queries.next_due_days(tx, case_ids)

    def rulebook(self, row: Mapping[Any, Any], prefix: str = "") -> Rulebook:
        """The version that governs a row's case, as the case was pinned to it."""
        first_day = row[f"{prefix}law_day"]
        digests = [row[f"{prefix}law_digest"]]
        laws = self._registry.laws_by_digest(self._tx, row[f"{prefix}workflow"], row[f"{prefix}region"], digests)
        return laws.at(first_day)

    def case(self, row: RowMapping, prefix: str = "") -> dict[str, Any]:
        """A case as lists show it."""
        book = self.rulebook(row, prefix)
        case_id = row[f"{prefix}id"]
        same = ("id", "docket_number", "workflow", "office", "region", "patent", "closed", "irregularities", "version")
        return {
            **{name: row[f"{prefix}{name}"] for name in same},
            "title": rendering.label(book.main.workflow.title),
            "law_day": rendering.day(row[f"{prefix}law_day"]),
            "stage": rendering.stage(book, row[f"{prefix}stage"]),
            "parties": self._parties[case_id],
            "opened_on": rendering.day(row[f"{prefix}opened_on"]),
            "changed_at": rendering.instant(row[f"{prefix}changed_at"]),
            "next_due_on": rendering.day(self._due.get(case_id)),
        }


@router.get("/cases", **documented("list_cases", model=CaseList, codes=CODES))
def list_cases(
    request: Request,
    shared: Filters,
    due_after: Annotated[Day | None, Query(description="With a running deadline due on or after that day.")] = None,
    due_before: Annotated[Day | None, Query(description="With a running deadline due before that day.")] = None,
    sort: Literal["opened_on", "-opened_on", "changed_at", "-changed_at"] = "-opened_on",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The cases you may see."""
    registry = registry_of(request)
    with read_as_caller(request) as (tx, context):
        page_request = page_request_of(request, context, limit=limit, cursor=cursor)
        order = sort.removeprefix("-")
        rows = queries.list_cases(
            tx,
            sight=context.sight,
            filters=shared.of(tx, request, context),
            due_after=due_after,
            due_before=due_before,
            order=order,
            descending=sort.startswith("-"),
            after=page_request.after((datetime if order == "changed_at" else date, str)),
            limit=limit,
        )
        page, headers = page_of(request, page_request, rows, (order, "id"))
        renderer = CaseRowRenderer(tx, registry, [row["id"] for row in rows[:limit]])
        value = {
            "data": [renderer.case(row) for row in rows[:limit]],
            "page": page,
            "unsettled": unsettled(tx, context),
        }
        return json_response(value, headers=headers)


def unsettled(tx: Connection, context: RequestContext) -> int:
    """How many cases that the caller may see have a lapse not yet recorded."""
    return counts.unsettled(tx, sight=context.sight, today=context.moment.today)


@router.get("/deadlines", **documented("list_deadlines", model=DeadlineRows, codes=CODES))
def list_deadlines(
    request: Request,
    shared: Filters,
    status: Status = Status.RUNNING,
    kind: Annotated[
        Literal["duty", "right", "wait"] | None,
        Query(description="A duty of the office, a right of a party, or a wait."),
    ] = None,
    name: Annotated[FilterText | None, Query(description="The deadline's name in its procedure.")] = None,
    due_after: Annotated[Day | None, Query(description="Due on or after that day.")] = None,
    due_before: Annotated[Day | None, Query(description="Due before that day.")] = None,
    *,
    undated: Annotated[bool, Query(description="Those without a due day while an excluded interval is open.")] = False,
    sort: Literal["due_on", "-due_on"] = "due_on",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The deadlines of the cases you may see, as stored; those due first come first."""
    registry = registry_of(request)
    with read_as_caller(request) as (tx, context):
        page_request = page_request_of(request, context, limit=limit, cursor=cursor)
        known_deadline(tx, request, name)
        rows = queries.list_deadlines(
            tx,
            sight=context.sight,
            filters=shared.of(tx, request, context),
            status=status.value,
            kind=kind,
            name=name,
            due_after=due_after,
            due_before=due_before,
            undated=undated,
            descending=sort.startswith("-"),
            after=page_request.after((date, str, str)),
            limit=limit,
        )
        page, headers = page_of(request, page_request, rows, ("started_on" if undated else "due_on", "case_id", "key"))
        renderer = CaseRowRenderer(tx, registry, [row["case_id"] for row in rows[:limit]])
        shown = [_deadline_row(renderer, row) for row in rows[:limit]]
        return json_response({"data": shown, "page": page, "unsettled": unsettled(tx, context)}, headers=headers)


def _deadline_row(renderer: CaseRowRenderer, row: RowMapping) -> dict[str, Any]:
    rule = rule_of(renderer.rulebook(row, "of_"), row["name"], row["thread"])
    days = ("trigger_on", "started_on", "due_on", "ended_on", "lapsed_on")
    return {
        **{name: row[name] for name in ("key", "name", "kind", "party", "thread", "status", "provisional")},
        **{name: rendering.day(row[name]) for name in days},
        "due_at": rendering.instant(row["due_at"]),
        "label": rendering.label(rule.label),
        "case": renderer.case(row, "of_"),
    }


@router.get("/hearings", **documented("list_hearings", model=HearingRows, codes=CODES))
def list_hearings(
    request: Request,
    shared: Filters,
    held_after: Annotated[Day | None, Query(description="On or after that day.")] = None,
    held_before: Annotated[Day | None, Query(description="Before that day.")] = None,
    room: Annotated[FilterText | None, Query(description="The room, exactly.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The hearings of the cases you may see, by day, with room and attendance."""
    registry = registry_of(request)
    with read_as_caller(request) as (tx, context):
        page_request = page_request_of(request, context, limit=limit, cursor=cursor)
        rows = queries.list_hearings(
            tx,
            sight=context.sight,
            filters=shared.of(tx, request, context),
            first_on=held_after,
            before_on=held_before,
            room=room,
            after=page_request.after((date, str, str)),
            limit=limit,
        )
        page, headers = page_of(request, page_request, rows, ("hearing_on", "case_id", "thread"))
        renderer = CaseRowRenderer(tx, registry, [row["case_id"] for row in rows[:limit]])
        shown = [
            {
                "hearing_on": rendering.day(row["hearing_on"]),
                **{name: row[name] for name in ("time", "room", "mode", "attended", "held")},
                "thread": row["thread"] or None,
                "case": renderer.case(row, "of_"),
            }
            for row in rows[:limit]
        ]
        return json_response({"data": shown, "page": page, "unsettled": unsettled(tx, context)}, headers=headers)
