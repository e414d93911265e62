"""Who the caller is, the roles and kinds of offices, and the offices: read by all, changed by who administers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from adjudicate import clock, db
from adjudicate.access import offices as use_cases
from adjudicate.access import queries
from adjudicate.access.administration import begin as begin_change
from adjudicate.api import register_rendering as rendering
from adjudicate.api.authentication import (
    RequestContext,
    identify,
    is_outside,
    read_as_caller,
    registry_of,
    require_token,
)
from adjudicate.api.errors import CREATED, ApiError, not_found
from adjudicate.api.openapi import documented
from adjudicate.api.parsing import fingerprint, idempotency_key, json_body
from adjudicate.api.register_inputs import OfficeChangeIn, OfficeIn
from adjudicate.api.register_shapes import MeShape, OfficeList, OfficeShape, RoleList
from adjudicate.api.responses import json_bytes, json_response, stored_response
from adjudicate.api.turns import TurnRoute
from adjudicate.cases.idempotency import Answer, IdempotentRequest, once

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from adjudicate.cases.command import Command

    Administering = Callable[[Connection, RequestContext, datetime], tuple[int, Any]]

router = APIRouter(prefix="/v1", tags=["register"], dependencies=[Depends(require_token)], route_class=TurnRoute)
Code = Annotated[str, Path(pattern="^[A-Za-z0-9]{2,32}$", description="An office's code.")]
ADMINISTERING = ("not-permitted", "not-found")
OFFICE_CODES = (*ADMINISTERING, "office-invalid", "office-unknown")


def administrator(tx: Connection, request: Request) -> tuple[RequestContext, datetime]:
    """The caller, who must have a role that administers, and the moment of the change, which begins here.

    Raises ApiError, Unauthenticated.
    """
    return begin_as_caller(tx, request, partial(check_administers, request))


def begin_as_caller(
    tx: Connection, request: Request, check: Callable[[RequestContext], object], *, without_role: bool = False
) -> tuple[RequestContext, datetime]:
    """Begin an administrative change by a caller whom `check` lets pass: the caller, and the moment of the change.

    A stranger locks nothing. Who waited for the lock may have left meanwhile, and is identified again behind it at the
    moment that the entry will bear. Raises Unauthenticated, and what `check` raises.
    """
    check(identify(tx, request, without_role=without_role))
    at = begin_change(tx)
    context = identify(tx, request, at=at, without_role=without_role)
    check(context)
    return context, at


def check_administers(request: Request, context: RequestContext) -> None:
    """Raises ApiError for a caller without a role that administers."""
    if not registry_of(request).catalogue.offices.permits("administer", context.caller.roles):
        zh, en = (
            "只有管理人员可以办理机构和人员事项，请由本机构的管理人员办理。",
            "Only who administers offices and people can do this: leave it to who administers your office.",
        )
        raise ApiError("not-permitted", zh=zh, en=en)


def administered(tx: Connection, context: RequestContext, code: str) -> Mapping[Any, Any]:
    """An office at or below the caller's. Raises ApiError for one that is not, or not known."""
    row = queries.office(tx, code)
    if row is None or not row["path"].startswith(context.caller.office_path):
        zh = "没有此机构，或者它不在您管理的范围内；属于后者的，请由其上级机构的管理人员办理。"
        en = "There is no such office, or it is not one that you administer: leave it to who administers one above."
        raise ApiError("office-unknown", zh=zh, en=en)
    return row


def administer(request: Request, body: Any, work: Administering) -> Response:
    """Carry out an administrative command once for its idempotency key.

    `work` is given who calls and the moment of the change, and returns the status and the answer.
    """
    digest = fingerprint(request, body)

    def begin(command: Command) -> tuple[IdempotentRequest, tuple[RequestContext, datetime]]:
        # Takes the lock of the ledger, so that a repetition waits for the first and sees its answer.
        context, at = administrator(command.tx, request)
        key = idempotency_key(request)
        return IdempotentRequest(actor=context.caller.actor, key=key, fingerprint=digest), (context, at)

    def act(command: Command, found: tuple[RequestContext, datetime]) -> tuple[Answer, str | None]:
        status, value = work(command.tx, *found)
        return Answer(status=status, headers={}, body=json_bytes(value).decode()), None

    return stored_response(once(registry_of(request), begin, act))


@router.get("/me", **documented("read_me", model=MeShape))
def read_me(request: Request) -> Response:
    """Who you are in this request, what you may do beside the steps of a case, and where else you hold roles."""
    with read_as_caller(request, without_role=True) as (tx, context):
        caller, at = context.caller, clock.now()
        held = queries.appointments_of(tx, caller.actor)
    rules = registry_of(request).catalogue.offices
    return json_response(
        {
            "id": caller.actor,
            "name": caller.name,
            "office": caller.office,
            "roles": sorted(caller.roles),
            "may": rendering.permissions(rules, caller.roles),
            "appointments": [rendering.appointment(row, at) for row in held],
        }
    )


@router.get("/roles", **documented("list_roles", model=RoleList))
def list_roles(request: Request) -> Response:
    """Every role of the law and every kind of office."""
    with read_as_caller(request):
        catalogue = registry_of(request).catalogue
        return json_response(rendering.roles(catalogue.registers.roles, catalogue.offices))


@router.get("/offices", **documented("list_offices", model=OfficeList))
def list_offices(request: Request) -> Response:
    """The offices. An outside body sees its own alone."""
    with read_as_caller(request) as (tx, context):
        rows = visible_offices(tx, request, context)
        return json_response({"data": [rendering.office(row, registry_of(request).catalogue.offices) for row in rows]})


def visible_offices(tx: Connection, request: Request, context: RequestContext) -> list[Any]:
    """The offices that the caller may know of."""
    rows = queries.all_offices(tx)
    outside = is_outside(tx, request, context)
    return [row for row in rows if row["code"] == context.caller.office or not outside]


@router.get("/offices/{office}", **documented("read_office", model=OfficeShape, codes=("not-found",)))
def read_office(request: Request, office: Code) -> Response:
    """One office."""
    with read_as_caller(request) as (tx, context):
        row = next((one for one in visible_offices(tx, request, context) if one["code"] == office), None)
        if row is None:
            raise not_found()
        return json_response(rendering.office(row, registry_of(request).catalogue.offices))


@router.post(
    "/offices",
    **documented(
        "add_office", model=OfficeShape, status=CREATED, body=OfficeIn, command=True,
        codes=OFFICE_CODES,
    ),
)  # fmt: skip
def add_office(request: Request, body: Annotated[OfficeIn, Depends(json_body(OfficeIn))]) -> Response:
    """Add an office below one that you administer, or register an outside body."""
    rules = registry_of(request).catalogue.offices

    def work(tx: Connection, context: RequestContext, at: datetime) -> tuple[int, Any]:
        administered(tx, context, body.parent)
        draft = use_cases.OfficeDraft(**body.model_dump())
        use_cases.add_office(tx, draft, rules=rules, by=context.caller.actor, at=at)
        return CREATED, rendering.office(administered(tx, context, body.code), rules)

    return administer(request, body, work)


@router.patch(
    "/offices/{office}",
    **documented(
        "change_office",
        model=OfficeShape,
        body=OfficeChangeIn,
        codes=OFFICE_CODES,
    ),
)
def change_office(
    request: Request, office: Code, body: Annotated[OfficeChangeIn, Depends(json_body(OfficeChangeIn))]
) -> Response:
    """Change an office's names, or close it. Repeating it changes nothing more."""
    registry = registry_of(request)

    def work(tx: Connection) -> Any:
        context, at = administrator(tx, request)
        administered(tx, context, office)
        by: dict[str, Any] = {"by": context.caller.actor, "at": at, "reason": body.reason}
        if body.closed:
            use_cases.close_office(tx, office, **by)
        else:
            named = body.model_dump(include={"name_zh", "name_en", "docket_name"}, exclude_none=True)
            use_cases.change_office(tx, office, named, rules=registry.catalogue.offices, **by)
        return rendering.office(administered(tx, context, office), registry.catalogue.offices)

    return json_response(db.run(registry.engine, work))
