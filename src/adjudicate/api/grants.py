"""Grants on a case to other offices and to single actors, given by the office that handles it; no tokens here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from adjudicate import db
from adjudicate.access import queries
from adjudicate.api import rendering
from adjudicate.api.authentication import (
    RequestContext,
    authenticated,
    identify,
    is_under,
    read_as_caller,
    registry_of,
    require_token,
)
from adjudicate.api.errors import CREATED, NO_CONTENT, ApiError, not_found
from adjudicate.api.file_shapes import GrantList, GrantShape
from adjudicate.api.inputs import GrantIn
from adjudicate.api.openapi import ON_CASE, documented
from adjudicate.api.parsing import fingerprint, idempotency_key, json_body
from adjudicate.api.responses import json_bytes, json_response, stored_response
from adjudicate.api.turns import TurnRoute
from adjudicate.cases import case_file, reading
from adjudicate.cases.command import Command
from adjudicate.cases.idempotency import Answer, IdempotentRequest, once
from adjudicate.cases.ids import new_id

if TYPE_CHECKING:
    from sqlalchemy import Connection

router = APIRouter(
    prefix="/v1/cases/{case_id}/grants", tags=["grants"], dependencies=[Depends(require_token)], route_class=TurnRoute
)


def _grant_json(row: rendering.Row) -> dict[str, Any]:
    same = {name: row[name] for name in ("id", "office", "actor", "kind", "granted_by")}
    days = {name: rendering.day(row[name]) for name in ("from_on", "until_on")}
    return {**same, **days, "granted_at": rendering.instant(row["granted_at"]), **_end_of(row)}


def _end_of(row: rendering.Row) -> dict[str, Any]:
    return {"ended_by": row["ended_by"], "ended_at": rendering.instant(row["ended_at"])}


def _refuse_to_grant(tx: Connection, request: Request, context: RequestContext, case_id: UUID) -> None:
    """Raises CaseNotFound, and ApiError for who may see the case and not grant access to it."""
    view = reading.current(tx, registry_of(request), str(case_id), visible=context.visible)
    if not is_under(tx, request, context, view.row["office"]):
        zh, en = (
            "只有承办机构及其上级机构可以授权。",
            "Only the office that handles the case, or an office above it, can grant access.",
        )
        raise ApiError("not-permitted", zh=zh, en=en)
    if not registry_of(request).catalogue.offices.permits("grant", context.caller.roles):
        zh, en = "您的角色不能授权他人查阅或者办理案件。", "Your roles may not grant others access to a case."
        raise ApiError("not-permitted", zh=zh, en=en)


@router.get("", **documented("list_grants", model=GrantList, codes=ON_CASE))
def list_grants(request: Request, case_id: UUID) -> Response:
    """The grants on the case, past ones included."""
    with read_as_caller(request) as (tx, context):
        reading.current(tx, registry_of(request), str(case_id), visible=context.visible)
        return json_response({"data": [_grant_json(row) for row in queries.grants_of(tx, str(case_id))]})


@router.post(
    "",
    **documented(
        "grant_access",
        model=GrantShape,
        status=CREATED,
        body=GrantIn,
        command=True,
        codes=(*ON_CASE, "not-permitted", "office-unknown", "actor-invalid"),
    ),
)
def grant_access(request: Request, case_id: UUID, body: Annotated[GrantIn, Depends(json_body(GrantIn))]) -> Response:
    """Give another office or one actor access to this case alone."""
    registry = registry_of(request)
    digest = fingerprint(request, body)

    def begin(command: Command) -> tuple[IdempotentRequest, RequestContext]:
        context = identify(command.tx, request)
        _refuse_to_grant(command.tx, request, context, case_id)
        key = idempotency_key(request)
        return IdempotentRequest(actor=context.caller.actor, key=key, fingerprint=digest), context

    def grant(command: Command, context: RequestContext) -> tuple[Answer, str | None]:
        if body.office is not None:
            registry.office(command.tx, body.office)
        if body.actor is not None and queries.actor(command.tx, body.actor) is None:
            raise ApiError("actor-invalid", zh="没有此人员。", en="There is no such actor.")
        moment = command.moment
        row = {
            "id": new_id(moment.at),
            "case_id": str(case_id),
            "office": body.office,
            "actor": body.actor,
            "kind": body.kind,
            "from_on": body.from_on or moment.today,
            "until_on": body.until_on,
            "granted_by": context.caller.actor,
            "granted_at": moment.at,
            "ended_by": None,
            "ended_at": None,
        }
        command.lock(str(case_id))
        case_file.give_grant(command.tx, row)
        headers = {"Location": f"/v1/cases/{case_id}/grants/{row['id']}"}
        return Answer(status=CREATED, headers=headers, body=json_bytes(_grant_json(row)).decode()), str(case_id)

    return stored_response(once(registry, begin, grant))


@router.delete(
    "/{grant_id}",
    **documented("end_grant", model=None, status=NO_CONTENT, codes=(*ON_CASE, "not-permitted", "not-found")),
)
def end_grant(request: Request, case_id: UUID, grant_id: UUID) -> Response:
    """End a grant as of today. It stays on record; ending it again changes nothing."""
    context = authenticated(request)
    registry = registry_of(request)

    def work(tx: Connection) -> None:
        _refuse_to_grant(tx, request, context, case_id)
        if str(grant_id) not in {row["id"] for row in queries.grants_of(tx, str(case_id))}:
            raise not_found()
        moment = registry.moment(tx)
        Command(tx, registry).lock(str(case_id))
        row = next(one for one in queries.grants_of(tx, str(case_id)) if one["id"] == str(grant_id))
        if row["ended_at"] is None and (row["until_on"] is None or row["until_on"] > moment.today):
            case_file.end_grant(tx, row, until_on=moment.today, by=context.caller.actor, moment=moment)

    db.run(registry.engine, work)
    return Response(status_code=NO_CONTENT)
