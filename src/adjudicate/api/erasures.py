"""Erasing particulars of a case, by who may; what was erased, by whom and why stays on the file of the case."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from adjudicate.api.authentication import (
    RequestContext,
    ask_again,
    confirmed,
    identify,
    is_under,
    registry_of,
    require_token,
)
from adjudicate.api.errors import CREATED, ApiError
from adjudicate.api.file_shapes import ErasureShape
from adjudicate.api.openapi import ON_CASE, documented
from adjudicate.api.parsing import fingerprint, idempotency_key, json_body
from adjudicate.api.register_inputs import ErasureIn
from adjudicate.api.rendering import instant
from adjudicate.api.responses import json_bytes, stored_response
from adjudicate.api.turns import TurnRoute
from adjudicate.cases import erasing
from adjudicate.cases.idempotency import Answer, IdempotentRequest, once
from adjudicate.documents import removing

if TYPE_CHECKING:
    from adjudicate.cases.command import Command

router = APIRouter(
    prefix="/v1/cases/{case_id}/erasures",
    tags=["erasures"],
    dependencies=[Depends(require_token)],
    route_class=TurnRoute,
)


@router.post(
    "",
    **documented(
        "erase_particulars", model=ErasureShape, status=CREATED, body=ErasureIn, command=True,
        codes=(*ON_CASE, "not-permitted", "nothing-to-erase"),
    ),
)  # fmt: skip
def erase_particulars(
    request: Request, case_id: UUID, body: Annotated[ErasureIn, Depends(json_body(ErasureIn))]
) -> Response:
    """Erase particulars of events, and documents with their names. No fact that the law reads is touched."""
    registry = registry_of(request)
    digest = fingerprint(request, body)

    def begin(command: Command) -> tuple[IdempotentRequest, RequestContext]:
        context = identify(command.tx, request)
        command.queue_lock(str(case_id), context.visible)
        context = ask_again(command.tx, request, context)
        key = idempotency_key(request)
        return IdempotentRequest(actor=context.caller.actor, key=key, fingerprint=digest), context

    def act(command: Command, context: RequestContext) -> tuple[Answer, str | None]:
        stored = command.lock(str(case_id), context.visible)
        permitted = registry.catalogue.offices.permits("erase", context.caller.roles)
        if not permitted or not is_under(command.tx, request, context, stored.row["office"]):
            zh, en = (
                "您不能删除本案中的个人信息，请由承办机构有此权限的人员删除。",
                "You may not erase particulars in this case: leave it to somebody of the office whose roles may.",
            )
            raise ApiError("not-permitted", zh=zh, en=en)
        erasure = erasing.Erasure(events=body.events, documents=body.documents)
        by: dict[str, Any] = {"by": context.caller.actor, "reason": body.reason, "moment": command.moment}
        erasing.erase(command.tx, str(case_id), erasure, **by)
        value = {
            "events": sorted(set(body.events)),
            "documents": sorted(set(body.documents)),
            "erased_by": context.caller.actor,
            "erased_at": instant(command.moment.at),
        }
        return Answer(status=CREATED, headers={}, body=json_bytes(value).decode()), str(case_id)

    answer = once(registry, begin, act, confirm=partial(confirmed, request))
    # Bytes go after the commit: an erasure that was rolled back has lost nothing.
    removing.try_at_once(registry.engine, registry.settings.documents, body.documents)
    return stored_response(answer)
