"""People with their roles over time, and their tokens: read within one's office, changed by who administers it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from adjudicate import clock, db
from adjudicate.access import people, queries, tokens
from adjudicate.api import register_rendering as rendering
from adjudicate.api.authentication import RequestContext, read_as_caller, registry_of, require_token
from adjudicate.api.errors import CREATED, NO_CONTENT, ApiError, not_found
from adjudicate.api.inputs import ActorId, OfficeCode
from adjudicate.api.openapi import documented
from adjudicate.api.paging import Cursor, Limit, page_of, page_request_of
from adjudicate.api.parsing import json_body
from adjudicate.api.register import (
    ADMINISTERING,
    administer,
    administered,
    administrator,
    begin_as_caller,
    check_administers,
)
from adjudicate.api.register_inputs import AppointmentIn, NameErasureIn, PersonChangeIn, PersonIn, TokenIn
from adjudicate.api.register_shapes import PeopleList, PersonShape, TokenIssued, TokenList
from adjudicate.api.rendering import instant
from adjudicate.api.responses import json_response
from adjudicate.api.turns import TurnRoute
from adjudicate.cases.queries.filing import forget_answers_about

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

router = APIRouter(prefix="/v1/people", tags=["register"], dependencies=[Depends(require_token)], route_class=TurnRoute)
Who = Annotated[ActorId, Path(description="A person's id.")]
INVALID = (*ADMINISTERING, "actor-invalid", "office-unknown")


def _within(tx: Connection, context: RequestContext, actor: str) -> Mapping[Any, Any]:
    """A person whose office is the caller's or below it. Raises not-found for everybody else."""
    row = queries.actor(tx, actor)
    if row is None or not _is_under(tx, context, row["office"]):
        raise not_found()
    return row


def _known(tx: Connection, context: RequestContext, actor: str) -> Mapping[Any, Any]:
    """A person who works, or holds a role now or later, at the caller's office or below it. Raises not-found."""
    row = queries.actor(tx, actor)
    places = [] if row is None else [row["office"], *(one["office"] for one in _running(tx, actor))]
    if row is None or not any(_is_under(tx, context, place) for place in places):
        raise not_found()
    return row


def _running(tx: Connection, actor: str) -> list[Mapping[Any, Any]]:
    return [dict(one) for one in queries.appointments_of(tx, actor) if not queries.is_over(one, clock.now())]


def _is_under(tx: Connection, context: RequestContext, office: str) -> bool:
    place = queries.office(tx, office)
    return place is not None and place["path"].startswith(context.caller.office_path)


def _check_whole_reach(tx: Connection, context: RequestContext, actor: str) -> None:
    """Raises ApiError where a person holds a role, now or later, at an office that the caller does not administer.

    Whoever issues a token knows it, and a token acts wherever its person may.
    """
    _within(tx, context, actor)
    if not all(_is_under(tx, context, one["office"]) for one in _running(tx, actor)):
        raise ApiError(
            "not-permitted",
            zh="该人员还在您管理范围以外的机构任职，令牌应由上级机构的管理人员签发。",
            en="The person also holds a role at an office outside those that you administer; "
            "let an administrator above both issue the token.",
        )


def _shown(tx: Connection, context: RequestContext, actor: str) -> dict[str, Any]:
    return rendering.person(_known(tx, context, actor), queries.appointments_of(tx, actor), clock.now())


@router.get("", **documented("list_people", model=PeopleList, codes=("office-unknown", "cursor-invalid")))
def list_people(
    request: Request,
    office: Annotated[OfficeCode | None, Query(description="An office with all below it; else your own.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The people of your office and of those below it, in the order of their ids."""
    with read_as_caller(request) as (tx, context):
        path = context.caller.office_path if office is None else administered(tx, context, office)["path"]
        asked = page_request_of(request, context, limit=limit, cursor=cursor)
        (after,) = asked.after((str,)) or ("",)
        rows = queries.people_under(tx, path, after=after, limit=limit + 1)
        page, headers = page_of(request, asked, rows, ("id",))
        shown = [rendering.person_row(row) for row in rows[:limit]]
        return json_response({"data": shown, "page": page}, headers=headers)


@router.get("/{actor}", **documented("read_person", model=PersonShape, codes=("not-found",)))
def read_person(request: Request, actor: Who) -> Response:
    """A person with every role ever held."""
    with read_as_caller(request) as (tx, context):
        return json_response(_shown(tx, context, actor))


@router.post(
    "", **documented("add_person", model=PersonShape, status=CREATED, body=PersonIn, command=True, codes=INVALID)
)
def add_person(request: Request, body: Annotated[PersonIn, Depends(json_body(PersonIn))]) -> Response:
    """Add a person to an office that you administer."""
    rules = registry_of(request).catalogue.offices

    def work(tx: Connection, context: RequestContext, at: datetime) -> tuple[int, Any]:
        administered(tx, context, body.office)
        by: dict[str, Any] = {"rules": rules, "by": context.caller.actor, "at": at}
        people.add_person(tx, actor=body.id, name=body.name, office=body.office, roles=body.roles, **by)
        return CREATED, _shown(tx, context, body.id)

    return administer(request, body, work)


@router.patch("/{actor}", **documented("change_person", model=PersonShape, body=PersonChangeIn, codes=INVALID))
def change_person(
    request: Request, actor: Who, body: Annotated[PersonChangeIn, Depends(json_body(PersonChangeIn))]
) -> Response:
    """Rename a person, move them, or let them leave: then every role and token ends at once.

    Repeating it changes nothing more.
    """
    registry = registry_of(request)

    def work(tx: Connection) -> Any:
        context, at = administrator(tx, request)
        _within(tx, context, actor)
        by: dict[str, Any] = {"by": context.caller.actor, "at": at, "reason": body.reason}
        if body.left:
            if actor == context.caller.actor:
                zh, en = (
                    "不能为本人办理离任，请由其他管理人员办理。",
                    "Let another administrator record that you leave.",
                )
                raise ApiError("actor-invalid", zh=zh, en=en)
            people.leave(tx, actor, **by)
        elif body.name is not None:
            people.rename_person(tx, actor, body.name, **by)
        else:
            place = administered(tx, context, body.office or "")
            people.move_person(
                tx, actor, office=place["code"], roles=body.roles or (), rules=registry.catalogue.offices, **by
            )
        return _shown(tx, context, actor)

    return json_response(db.run(registry.engine, work))


@router.post(
    "/{actor}/appointments",
    **documented("appoint_person", model=PersonShape, status=CREATED, body=AppointmentIn, command=True, codes=INVALID),
)
def appoint_person(
    request: Request, actor: Who, body: Annotated[AppointmentIn, Depends(json_body(AppointmentIn))]
) -> Response:
    """Let a person hold a role beside their own ones, for a time or until it is ended, such as to stand in."""
    rules = registry_of(request).catalogue.offices

    def work(tx: Connection, context: RequestContext, at: datetime) -> tuple[int, Any]:
        _within(tx, context, actor)
        administered(tx, context, body.office)
        draft = people.StandIn(**{**body.model_dump(), "from_at": body.from_at or at})
        people.stand_in(tx, actor, draft, rules=rules, by=context.caller.actor, at=at)
        return CREATED, _shown(tx, context, actor)

    return administer(request, body, work)


@router.delete(
    "/{actor}/appointments/{appointment_id}",
    **documented("end_appointment", model=None, status=NO_CONTENT, codes=(*ADMINISTERING, "actor-invalid")),
)
def end_appointment(request: Request, actor: Who, appointment_id: UUID) -> Response:
    """End a role now. It stays on record; ending it again changes nothing."""

    def work(tx: Connection) -> None:
        context, at = administrator(tx, request)
        _known(tx, context, actor)
        held = {row["id"]: row["office"] for row in queries.appointments_of(tx, actor)}
        if str(appointment_id) not in held:
            raise not_found()
        # Who administers the office of the role ends it, wherever the person works; at home one lets somebody leave.
        if not _is_under(tx, context, held[str(appointment_id)]):
            raise ApiError(
                "not-permitted",
                zh="该任职属于您管理范围以外的机构，应由该机构或者其上级机构的管理人员终止。",
                en="The role is one at an office outside those that you administer; "
                "let an administrator of that office, or of one above it, end it.",
            )
        people.end_appointment(tx, actor, str(appointment_id), by=context.caller.actor, at=at)

    db.run(registry_of(request).engine, work)
    return Response(status_code=NO_CONTENT)


def _check_tokens(tx: Connection, request: Request, actor: str, context: RequestContext) -> None:
    """Raises ApiError for tokens that are neither one's own nor those of somebody whom one administers."""
    if actor != context.caller.actor:
        check_administers(request, context)
        _within(tx, context, actor)


@router.get("/{actor}/tokens", **documented("list_tokens", model=TokenList, codes=ADMINISTERING))
def list_tokens(request: Request, actor: Who) -> Response:
    """The tokens of a person, newest first; never the tokens themselves."""
    with read_as_caller(request, without_role=True) as (tx, context):
        _check_tokens(tx, request, actor, context)
        return json_response({"data": [rendering.token(row) for row in queries.tokens_of(tx, actor)]})


@router.post(
    "/{actor}/tokens",
    **documented(
        "issue_token", model=TokenIssued, status=CREATED, body=TokenIn, codes=(*ADMINISTERING, "actor-invalid")
    ),
)
def issue_token(request: Request, actor: Who, body: Annotated[TokenIn, Depends(json_body(TokenIn))]) -> Response:
    """Issue a token for a person. It is shown this once and kept nowhere, so that a repetition issues another one."""

    def work(tx: Connection) -> Any:
        context, at = administrator(tx, request)
        _check_whole_reach(tx, context, actor)
        given: dict[str, Any] = {"label": body.label, "days": body.days, "by": context.caller.actor, "at": at}
        token_id, token = tokens.issue_token(tx, actor=actor, **given)
        row = queries.token(tx, token_id)
        return {"id": token_id, "token": token, "expires_at": instant(row["expires_at"] if row else None)}

    return json_response(db.run(registry_of(request).engine, work), status=CREATED)


@router.delete(
    "/{actor}/tokens/{token_id}",
    **documented("revoke_token", model=None, status=NO_CONTENT, codes=ADMINISTERING),
)
def revoke_token(request: Request, actor: Who, token_id: UUID) -> Response:
    """Revoke a token at once. Revoking it again changes nothing."""

    def work(tx: Connection) -> None:
        context, at = begin_as_caller(tx, request, partial(_check_tokens, tx, request, actor), without_role=True)
        if str(token_id) not in {row["id"] for row in queries.tokens_of(tx, actor)}:
            raise not_found()
        tokens.revoke_token(tx, str(token_id), by=context.caller.actor, at=at)

    db.run(registry_of(request).engine, work)
    return Response(status_code=NO_CONTENT)


@router.post(
    "/{actor}/erasures",
    **documented("erase_name", model=PersonShape, body=NameErasureIn, codes=(*ADMINISTERING, "actor-invalid")),
)
def erase_name(
    request: Request, actor: Who, body: Annotated[NameErasureIn, Depends(json_body(NameErasureIn))]
) -> Response:
    """Erase the name of a person who has left, here and in every entry of the record that told it."""

    def work(tx: Connection) -> Any:
        context, at = administrator(tx, request)
        _within(tx, context, actor)
        people.erase_name(tx, actor, by=context.caller.actor, at=at, reason=body.reason)
        forget_answers_about(tx, actor)
        return _shown(tx, context, actor)

    return json_response(db.run(registry_of(request).engine, work))
