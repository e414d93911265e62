"""Who is in charge of a case (承办人): everybody to whom it was assigned, and the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from adjudicate import db
from adjudicate.api.authentication import (
    behind_lock,
    identify,
    is_under,
    read_as_caller,
    registry_of,
    require_token,
)
from adjudicate.api.cases import snapshot_of
from adjudicate.api.errors import ApiError
from adjudicate.api.file_shapes import OfficerList
from adjudicate.api.openapi import ON_CASE, documented
from adjudicate.api.parsing import json_body
from adjudicate.api.register_inputs import OfficerIn
from adjudicate.api.rendering import instant
from adjudicate.api.responses import json_response
from adjudicate.api.turns import TurnRoute
from adjudicate.cases.assigning import assign_officer
from adjudicate.cases.command import Command
from adjudicate.cases.queries import filing

if TYPE_CHECKING:
    from sqlalchemy import Connection

router = APIRouter(
    prefix="/v1/cases/{case_id}/officer",
    tags=["cases"],
    dependencies=[Depends(require_token)],
    route_class=TurnRoute,
)
CODES = (*ON_CASE, "not-permitted", "officer-unknown")


def _officers(tx: Connection, case_id: UUID) -> dict[str, Any]:
    rows = filing.officer_rows(tx, str(case_id))
    data = [
        {"officer": row["actor"], "assigned_by": row["assigned_by"], "assigned_at": instant(row["assigned_at"])}
        for row in rows
    ]
    return {"officer": data[-1]["officer"] if data else None, "data": data}


@router.get("", **documented("list_officers", model=OfficerList, codes=ON_CASE))
def list_officers(request: Request, case_id: UUID) -> Response:
    """Who is in charge of the case, and everybody to whom it was assigned, in order."""
    with read_as_caller(request) as (tx, context):
        snapshot_of(tx, request, context, case_id, None)
        return json_response(_officers(tx, case_id))


@router.put(
    "",
    **documented(
        "assign_officer", model=OfficerList, body=OfficerIn, codes=(*ON_CASE, "not-permitted", "officer-unknown")
    ),
)
def put_in_charge(
    request: Request, case_id: UUID, body: Annotated[OfficerIn, Depends(json_body(OfficerIn))]
) -> Response:
    """Put a person in charge of the case from now on. Repeating it changes nothing."""
    registry = registry_of(request)

    def work(tx: Connection) -> Any:
        context, command = identify(tx, request), Command(tx, registry)
        context = behind_lock(command, request, context, str(case_id))
        stored = command.lock(str(case_id), context.visible)
        permitted = registry.catalogue.offices.permits("file", context.caller.roles)
        if not permitted or not is_under(tx, request, context, stored.row["office"]):
            zh, en = (
                "您不能确定本案的承办人，请由承办机构的人员确定。",
                "You may not say who is in charge of this case: leave it to the office that handles it.",
            )
            raise ApiError("not-permitted", zh=zh, en=en)
        assign_officer(
            command, str(case_id), body.officer, caller=context.caller, reason=body.reason, visible=context.visible
        )
        return _officers(tx, case_id)

    return json_response(db.run(registry.engine, work))
