"""Grants on a case to other offices and to single actors, given by the office that handles it; no tokens here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from adjudicate import db
from adjudicate.access import queries
from adjudicate.api import rendering
from adjudicate.api.authentication import (
    RequestContext,
    ask_again,
    behind_lock,
    confirmed,
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
from adjudicate.cases.errors import OfficeUnknown, no_such_office
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


def _check_may_give(tx: Connection, request: Request, context: RequestContext, office: str) -> None:
    """Raises ApiError where the caller may not grant access to a case of this office, nor end a grant."""
    if not is_under(tx, request, context, office):
        zh, en = (
            "只有承办机构及其上级机构可以授权。",
            "Only the office that handles the case, or an office above it, can grant access.",
        )
        raise ApiError("not-permitted", zh=zh, en=en)
    if not registry_of(request).catalogue.offices.permits("grant", context.caller.roles):
        zh, en = (
            "您的角色不能授权他人查阅或者办理案件，请由承办机构有此权限的人员授权。",
            "Your roles may not grant others access to a case: leave it to somebody of the office whose roles may.",
        )
        raise ApiError("not-permitted", zh=zh, en=en)


def _check_holder(tx: Connection, body: GrantIn) -> None:
    """Raises ApiError, OfficeUnknown for somebody who could not use a grant: unknown, closed, or left."""
    if body.office is not None:
        office = queries.office(tx, body.office)
        if office is None:
            raise no_such_office()
        if office["closed_at"] is not None:
            zh, en = office["name_zh"], office["name_en"]
            raise OfficeUnknown(
                zh=f"“{zh}”已撤销，不能获得授权，请填写现有机构",
                en=f"'{en}' is closed and can be granted no access: name an office that is not",
            )
    if body.actor is not None:
        person = queries.actor(tx, body.actor)
        if person is None:
            raise ApiError(
                "actor-invalid", zh="没有所填标识的人员，请核对标识。", en="Nobody has the id that was given: check it."
            )
        if person["disabled_at"] is not None:
            zh, en = "该人员已离任，不能获得授权。", "This person has left and can be granted no access."
            raise ApiError("actor-invalid", zh=zh, en=en)


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
        command.queue_lock(str(case_id), context.visible)
        context = ask_again(command.tx, request, context)
        key = idempotency_key(request)
        return IdempotentRequest(actor=context.caller.actor, key=key, fingerprint=digest), context

    def grant(command: Command, context: RequestContext) -> tuple[Answer, str | None]:
        stored = command.lock(str(case_id), context.visible)
        _check_may_give(command.tx, request, context, stored.row["office"])
        _check_holder(command.tx, body)
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
        case_file.give_grant(command.tx, row)
        headers = {"Location": f"/v1/cases/{case_id}/grants/{row['id']}"}
        return Answer(status=CREATED, headers=headers, body=json_bytes(_grant_json(row)).decode()), str(case_id)

    return stored_response(once(registry, begin, grant, confirm=partial(confirmed, request)))


@router.delete(
    "/{grant_id}",
    **documented("end_grant", model=None, status=NO_CONTENT, codes=(*ON_CASE, "not-permitted", "not-found")),
)
def end_grant(request: Request, case_id: UUID, grant_id: UUID) -> Response:
    """End a grant as of today. It stays on record; ending it again changes nothing."""
    registry = registry_of(request)

    def work(tx: Connection) -> None:
        command = Command(tx, registry)
        context = behind_lock(command, request, identify(tx, request), str(case_id))
        _check_may_give(tx, request, context, command.lock(str(case_id), context.visible).row["office"])
        row = next((one for one in queries.grants_of(tx, str(case_id)) if one["id"] == str(grant_id)), None)
        if row is None:
            raise not_found()
        moment = command.moment
        if row["ended_at"] is None and (row["until_on"] is None or row["until_on"] > moment.today):
            case_file.end_grant(tx, row, until_on=moment.today, by=context.caller.actor, moment=moment)

    db.run(registry.engine, work)
    return Response(status_code=NO_CONTENT)
