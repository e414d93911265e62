"""The commands on cases: open, record and rectify, each also as a dry run; what the law allows is decided elsewhere."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from adjudicate import tracing
from adjudicate.api import rendering
from adjudicate.api.authentication import (
    RequestContext,
    ask_again,
    confirmed,
    identify,
    is_under,
    may_act,
    read_as_caller,
    registry_of,
    require_token_then,
)
from adjudicate.api.errors import CREATED, OK, ApiError, operation_of
from adjudicate.api.inputs import ActIn, CaseIn, EventIn, RectificationIn
from adjudicate.api.openapi import JUDGED, ON_CASE, documented
from adjudicate.api.parsing import expected_versions, fingerprint, idempotency_key, json_body
from adjudicate.api.responses import case_etag, json_bytes, json_response, stored_response
from adjudicate.api.shapes import RecordedShape
from adjudicate.api.turns import CommandRoute
from adjudicate.cases import recording
from adjudicate.cases.command import Command
from adjudicate.cases.idempotency import Answer, IdempotentRequest, once
from adjudicate.cases.parties import Person
from adjudicate.states.entries import Correction, Draft, Joining

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import BaseModel
    from sqlalchemy import Connection

    from adjudicate.api.inputs import PartyIn
    from adjudicate.cases.recording import CommandResult
    from adjudicate.cases.registry import Registry

# Every route here reads its body through `require_token_then`.
router = APIRouter(prefix="/v1/cases", tags=["commands"], route_class=CommandRoute)

DryRun = Annotated[bool, Query(description="Answer as if the act were recorded, and record nothing.")]
DRY_RUN_RESPONSE: dict[int | str, dict[str, Any]] = {
    OK: {"model": RecordedShape, "description": "What a dry run would have recorded."}
}


def _draft(act: ActIn, before: int | None = None) -> Draft:
    return Draft(
        event=act.event,
        effective_on=act.effective_on,
        by=act.by,
        thread=act.thread,
        party=act.party,
        effective_at=act.effective_at,
        facts=dict(act.facts),
        joins=tuple(Joining(party.id or "", party.role, party.represents) for party in act.parties),
        reason=act.reason,
        accept_irregular=act.accept_irregular,
        before=before,
    )


def _people(parties: Sequence[PartyIn]) -> list[Person]:
    """Who they are that join, in order; those without an id get one when the act is judged."""
    people = []
    for party in parties:
        stated = {"kind": party.kind, "identifier": party.identifier, "address": party.address}
        particulars = {key: value for key, value in stated.items() if value is not None}
        people.append(Person(name=party.name, particulars=particulars))
    return people


def recorded_json(
    tx: Connection, registry: Registry, recorded: CommandResult, *, context: RequestContext, dry_run: bool
) -> dict[str, Any]:
    """What a command recorded, as the API answers it."""
    row = recorded.row
    laws = registry.laws_by_digest(tx, row["workflow"], row["region"], list((row.get("laws") or {}).values()))
    book = laws.at(recorded.standing.law_day)
    actor = context.caller.actor

    def entry_json(entry: Any) -> dict[str, Any]:
        acted = entry.by not in rendering.AUTOMATIC
        return rendering.entry(book, entry, provenance=rendering.Provenance(None, actor if acted else None, None))

    return {
        "case_id": None if dry_run and recorded.act is not None and recorded.act.sequence == 1 else recorded.case_id,
        "dry_run": dry_run,
        "version": recorded.version,
        "docket_number": row.get("docket_number"),
        "stage": rendering.stage(book, recorded.standing.state),
        "act": None if recorded.act is None else entry_json(recorded.act),
        "entries": [entry_json(entry) for entry in recorded.entries],
        "deadlines_moved": rendering.moved(recorded.moved),
        "documents_due": rendering.documents_due(book, recorded.documents),
        "numbers": list(recorded.numbers),
        "advice": rendering.reasons(recorded.advice),
        "irregularities": rendering.reasons(recorded.irregular),
    }


def _check_may_act(command: Command, request: Request, context: RequestContext, result: CommandResult) -> None:
    """Raises ApiError where the caller may see the case and not record in it; the transaction is then rolled back."""
    if not may_act(command.tx, request, context, case_id=result.case_id, office=result.row["office"]):
        zh, en = (
            "您可以查阅本案，但不能在本案中记录，请由承办机构记录。",
            "You may read this case but not record in it: leave it to the office that handles it.",
        )
        raise ApiError("not-permitted", zh=zh, en=en)


def run_command(
    request: Request,
    body: BaseModel,
    act: Callable[[Command, RequestContext], CommandResult],
    *,
    case_id: str | None,
    dry_run: bool,
) -> Response:
    """Run a command once for its idempotency key, or as a dry run; `case_id` is None where a case is opened.

    Raises what `act` raises, ApiError for headers that are missing or malformed, Unauthenticated, KeyReused.
    """

    def checked(command: Command, context: RequestContext) -> CommandResult:
        result = act(command, context)
        if case_id is not None:
            _check_may_act(command, request, context, result)
        return result

    with tracing.span("command", operation=operation_of(request.scope)):
        if dry_run:
            return _try_command(request, checked)
        return _record_once(request, body, checked, case_id=case_id)


def _try_command(request: Request, act: Callable[[Command, RequestContext], CommandResult]) -> Response:
    registry = registry_of(request)
    with read_as_caller(request) as (tx, context):
        result = act(Command(tx, registry), context)
        return json_response(recorded_json(tx, registry, result, context=context, dry_run=True))


def _record_once(
    request: Request,
    body: BaseModel,
    act: Callable[[Command, RequestContext], CommandResult],
    *,
    case_id: str | None,
) -> Response:
    registry = registry_of(request)
    request_digest = fingerprint(request, body)

    def begin(command: Command) -> tuple[IdempotentRequest, RequestContext]:
        # The caller is identified in the transaction of the command: one round trip to the database less.
        context = identify(command.tx, request)
        if case_id is not None:
            expected_versions(request)
            command.queue_lock(case_id, context.visible)
        context = ask_again(command.tx, request, context)
        key = idempotency_key(request)
        return IdempotentRequest(actor=context.caller.actor, key=key, fingerprint=request_digest), context

    def record(command: Command, context: RequestContext) -> tuple[Answer, str | None]:
        result = act(command, context)
        content = json_bytes(recorded_json(command.tx, registry, result, context=context, dry_run=False))
        headers = {"ETag": case_etag(result.version, content), "Location": f"/v1/cases/{result.case_id}"}
        return Answer(status=CREATED, headers=headers, body=content.decode()), result.case_id

    def repeat(command: Command, context: RequestContext, opened: str) -> None:
        command.read(opened, context.visible)

    confirm = partial(confirmed, request)
    return stored_response(once(registry, begin, record, confirm=confirm, repeat=None if case_id else repeat))


@router.post(
    "",
    **documented(
        "open_case",
        model=RecordedShape,
        status=CREATED,
        body=CaseIn,
        command=True,
        codes=(*JUDGED, "workflow-unknown", "office-unknown", "no-law-in-force", "law-error", "calendar-missing"),
        extra=DRY_RUN_RESPONSE,
    ),
)
def open_case(
    request: Request,
    body: Annotated[CaseIn, Depends(require_token_then(json_body(CaseIn)))],
    *,
    dry_run: DryRun = False,
) -> Response:
    """Open a case with its first act."""

    def act(command: Command, context: RequestContext) -> CommandResult:
        office = body.office or context.caller.office
        if not is_under(command.tx, request, context, office):
            zh, en = (
                "只能在本机构或者下级机构新建案件，请由该机构自行新建。",
                "You can open cases only in your own office or an office under it: leave it to that office.",
            )
            raise ApiError("not-permitted", zh=zh, en=en)
        return recording.open_case(
            command,
            workflow=body.workflow,
            office=office,
            draft=_draft(body),
            people=_people(body.parties),
            caller=context.caller,
            dry_run=dry_run,
        )

    return run_command(request, body, act, case_id=None, dry_run=dry_run)


@router.post(
    "/{case_id}/events",
    **documented(
        "record_event",
        model=RecordedShape,
        status=CREATED,
        body=EventIn,
        command=True,
        versioned=True,
        codes=(*ON_CASE, *JUDGED, "no-law-in-force", "law-error", "calendar-missing"),
        extra=DRY_RUN_RESPONSE,
    ),
)
def record_event(
    request: Request,
    case_id: UUID,
    body: Annotated[EventIn, Depends(require_token_then(json_body(EventIn)))],
    *,
    dry_run: DryRun = False,
) -> Response:
    """Record what happened in a case, in the main procedure or in a thread."""

    def act(command: Command, context: RequestContext) -> CommandResult:
        return recording.record(
            command,
            str(case_id),
            _draft(body, body.before),
            caller=context.caller,
            version=_versions(request, dry_run=dry_run),
            people=_people(body.parties),
            visible=context.visible,
            dry_run=dry_run,
        )

    return run_command(request, body, act, case_id=str(case_id), dry_run=dry_run)


@router.post(
    "/{case_id}/rectifications",
    **documented(
        "rectify_record",
        model=RecordedShape,
        status=CREATED,
        body=RectificationIn,
        command=True,
        versioned=True,
        codes=(*ON_CASE, *JUDGED, "correction-not-possible", "no-law-in-force", "law-error", "calendar-missing"),
        extra=DRY_RUN_RESPONSE,
    ),
)
def rectify_record(
    request: Request,
    case_id: UUID,
    body: Annotated[RectificationIn, Depends(require_token_then(json_body(RectificationIn)))],
    *,
    dry_run: DryRun = False,
) -> Response:
    """Correct the record by one or several changes, judged as a whole; superseded rows stay readable."""

    def act(command: Command, context: RequestContext) -> CommandResult:
        acts = [each.act for each in body.corrections]
        drafts = [None if act is None else _draft(act, act.before) for act in acts]
        corrections = [
            Correction(each.target, each.reason, draft) for each, draft in zip(body.corrections, drafts, strict=True)
        ]
        return recording.rectify(
            command,
            str(case_id),
            corrections,
            caller=context.caller,
            version=_versions(request, dry_run=dry_run),
            people=[[] if act is None else _people(act.parties) for act in acts],
            visible=context.visible,
            dry_run=dry_run,
        )

    return run_command(request, body, act, case_id=str(case_id), dry_run=dry_run)


def _versions(request: Request, *, dry_run: bool) -> frozenset[int] | None:
    return None if dry_run and "if-match" not in request.headers else expected_versions(request)
