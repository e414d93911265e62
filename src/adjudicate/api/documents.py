"""The documents of a case: listed, registered by sending their bytes, read by digest; only through a case."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import StringConstraints

from adjudicate import db
from adjudicate.api import rendering
from adjudicate.api.authentication import (
    RequestContext,
    behind_lock,
    identify,
    may_act,
    read_as_caller,
    registry_of,
    require_token,
)
from adjudicate.api.cases import AsOf, snapshot_of
from adjudicate.api.document_bytes import VerifiedFile, in_disk_thread, without_interruption
from adjudicate.api.errors import CREATED, NOT_MODIFIED, OK, ApiError
from adjudicate.api.file_shapes import DocumentList, DocumentShape
from adjudicate.api.headers import entity_tag, is_known_to_caller, media_type_of
from adjudicate.api.openapi import ON_CASE, documented
from adjudicate.api.parsing import blocks_of, idempotency_key, request_digest
from adjudicate.api.problems import FieldFault
from adjudicate.api.responses import json_bytes, json_response, json_response_with_etag, stored_response
from adjudicate.api.turns import TurnRoute, turns_of
from adjudicate.cases import case_file, named_documents, reading
from adjudicate.cases.command import Command
from adjudicate.cases.idempotency import Answer, IdempotentRequest, once
from adjudicate.cases.queries import filing
from adjudicate.cases.queries import reads as stored
from adjudicate.documents import queries, store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from adjudicate.cases.command import Command
    from adjudicate.cases.reading import CaseSnapshot
    from adjudicate.clock import Moment
    from adjudicate.documents.store import Receiving

router = APIRouter(
    prefix="/v1/cases/{case_id}/documents",
    tags=["documents"],
    dependencies=[Depends(require_token)],
    route_class=TurnRoute,
)

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 in hex.")]
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300, pattern=r"^[^/\\\x00-\x1f]+$"),
    Query(description="The document's name, for people."),
]
ClaimedDigest = Annotated[str | None, Query(pattern="^[0-9a-f]{64}$", description="Refuse bytes with another SHA-256.")]
Fulfils = Annotated[
    str | None,
    Query(
        pattern="^[1-9][0-9]{0,8}/[a-z][a-z0-9_]{0,79}$",
        description="The `id` of the document due, in `documents_due`, that this document is.",
    ),
]
BINARY: dict[int | str, dict[str, Any]] = {
    OK: {
        "description": "The bytes.",
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
        "headers": {"ETag": {"schema": {"type": "string"}}, "Repr-Digest": {"schema": {"type": "string"}}},
    },
    NOT_MODIFIED: {"description": "Not modified"},
}
BYTES_REFUSED = (
    *ON_CASE,
    "not-found",
    "document-erased",
    "document-missing",
    "document-damaged",
    "documents-unavailable",
)


def _document_json(row: rendering.Row) -> dict[str, Any]:
    same = ("digest", "size", "media_type", "registered_by")
    shown = {**{name: row[name] for name in same}, "name": row["name"] or None, "fact": f"sha-256:{row['digest']}"}
    return {**shown, "registered_at": rendering.instant(row["registered_at"])}


@router.get("", **documented("list_documents", model=DocumentList, codes=ON_CASE, conditional=True))
def list_documents(request: Request, case_id: UUID, as_of: AsOf = None) -> Response:
    """The documents that the office must issue, and those registered in the case."""
    with read_as_caller(request) as (tx, context):
        view = snapshot_of(tx, request, context, case_id, as_of)
        registered = [
            _document_json(row)
            for row in queries.documents_of(tx, str(case_id))
            if as_of is None or row["registered_at"] <= as_of
        ]
        named = named_documents.named_in(view.rulebook, view.standing)
        value = {
            "documents_due": _due(tx, view, as_of),
            "documents": registered,
            "documents_missing": [
                {
                    "fact": one.fact,
                    "label": {"zh": one.label.zh, "en": one.label.en},
                    "digest": one.digest,
                    "party": one.party,
                    "thread": one.thread,
                }
                for one in named_documents.unregistered(tx, str(case_id), named)
            ],
        }
        return json_response_with_etag(request, value, version=view.version) if as_of is None else json_response(value)


def _due(tx: Connection, view: CaseSnapshot, as_of: datetime | None) -> list[dict[str, Any]]:
    """The requests for documents whose events stand, with what fulfilled them by then."""
    case_id = str(view.row["id"])
    known = view.rulebook.registers.documents
    standing = reading.standing_rows(tx, case_id, as_of)
    then = None if as_of is None else case_file.fulfilled_by(tx, case_id, as_of)
    found = []
    for row in stored.document_request_rows(tx, case_id):
        document, sequence = row["document"], row["sequence"]
        if sequence not in standing:
            continue
        told = row if then is None else then.get((sequence, document), {})
        found.append({
            "id": f"{sequence}/{document}",
            "document": document,
            "label": rendering.label(known[document].label) if document in known else None,
            "sequence": sequence,
            "party": row["party"] or None,
            "thread": row["thread"],
            "due_since": rendering.instant(row["requested_at"]),
            "digest": told.get("digest"),
            "fulfilled_at": rendering.instant(told.get("fulfilled_at")),
        })  # fmt: skip
    return found


def _case_seen(tx: Connection, request: Request, context: RequestContext, case_id: UUID) -> CaseSnapshot:
    """Raises CaseNotFound for a case that the caller may not know of."""
    return reading.current(tx, registry_of(request), str(case_id), visible=context.visible)


def _refuse_to_file(tx: Connection, request: Request, context: RequestContext, case_id: UUID) -> None:
    """Raises CaseNotFound, and ApiError for who may see the case and not put a document on its file."""
    office = _case_seen(tx, request, context, case_id).row["office"]
    if not may_act(tx, request, context, case_id=str(case_id), office=office):
        zh, en = (
            "您可以查阅本案，但不能在本案中登记文件，请由承办机构登记。",
            "You may read this case but not register documents in it: leave it to the office that handles it.",
        )
        raise ApiError("not-permitted", zh=zh, en=en)
    if not registry_of(request).catalogue.offices.permits("file", context.caller.roles):
        zh, en = (
            "您的角色不能登记文件，请由承办机构有此权限的人员登记。",
            "Your roles may not register documents: leave it to somebody of the office whose roles may.",
        )
        raise ApiError("not-permitted", zh=zh, en=en)


def _erased() -> ApiError:
    return ApiError("document-erased", zh="该文件已依法删除。", en="The document was erased.")


def _other_digest(digest: str) -> FieldFault:
    zh, en = "实际收到的是另一内容", "other bytes were received"
    return FieldFault("digest", "digest-received", zh, en, {"received": digest})


def _media_type(request: Request) -> str:
    stated = media_type_of(request)
    if not _MEDIA_TYPE.fullmatch(stated) or stated.startswith("multipart/"):
        zh, en = "请直接发送文件内容，并注明其内容类型。", "Send the document's bytes with its own content type."
        raise ApiError("unsupported-media-type", zh=zh, en=en)
    return stated


@router.post(
    "",
    **documented(
        "register_document",
        model=DocumentShape,
        status=CREATED,
        codes=(
            *ON_CASE,
            "not-permitted",
            "body-too-large",
            "unsupported-media-type",
            "digest-mismatch",
            "document-not-due",
            "body-invalid",
            "header-invalid",
            "idempotency-key-reused",
            "answer-erased",
            "documents-unavailable",
        ),
        extra={OK: {"model": DocumentShape, "description": "It was already registered in this case."}},
        binary_body=True,
    ),
)
async def register_document(
    request: Request, case_id: UUID, name: Name, digest: ClaimedDigest = None, fulfils: Fulfils = None
) -> Response:
    """Register a document in a case by sending its bytes. Sending the same bytes again changes nothing.

    With `fulfils` it is the document that the office had to issue; of several given for one, the last counts.
    """

    def check_before() -> None:
        with read_as_caller(request) as (tx, context):
            _refuse_to_file(tx, request, context, case_id)

    # The endpoint is asynchronous, because the bytes are; so it takes a turn for each of its parts itself.
    turns = turns_of(request)
    await turns.read(check_before)
    media_type = _media_type(request)
    blocks = blocks_of(request, at_most=store.LARGEST)
    folder = registry_of(request).settings.documents
    received = await in_disk_thread(lambda: store.Receiving.start(folder, at_most=store.LARGEST))
    try:
        async for block in blocks:
            await in_disk_thread(received.write, block)
        if received.size == 0:
            raise ApiError(
                "body-invalid", zh="文件为空，请发送文件的内容。", en="The document is empty: send its bytes."
            )
        if digest is not None and digest != received.digest:
            zh, en = (
                "收到的内容与所称的摘要不符，请重新发送文件。",
                "The bytes received do not have the digest that was stated: send the document again.",
            )
            raise ApiError("digest-mismatch", zh=zh, en=en, errors=[_other_digest(received.digest)])
        await in_disk_thread(received.settle)
        values = {"case_id": str(case_id), "digest": received.digest, "size": received.size, "media_type": media_type}
        register = partial(_register, request, case_id, received, {**values, "name": name}, fulfils)
        return await turns.command(register, line=str(case_id))
    finally:
        await without_interruption(received.discard)


def _fulfil(tx: Connection, row: Mapping[Any, Any], fulfils: str, *, by: str, moment: Moment) -> None:
    """Make a document on file the one that was due. Raises ApiError where nothing that stands asks for it."""
    case_id, (number, document) = row["case_id"], fulfils.split("/")
    asked = [
        one for one in stored.document_request_rows(tx, case_id)
        if (one["sequence"], one["document"]) == (int(number), document)
    ]  # fmt: skip
    if not asked or int(number) not in reading.standing_rows(tx, case_id):
        zh = f"本案第 {number} 号记录没有要求制作该文书，或者该记录已作废、已被更正"
        en = f"row {number} of this case asks for no such document, or is void or superseded"
        raise ApiError("document-not-due", zh=zh, en=en)
    if asked[0]["digest"] != row["digest"]:
        request = {"sequence": int(number), "document": document, "digest": row["digest"]}
        case_file.fulfil_request(tx, case_id, request, by=by, moment=moment)


def _register(
    request: Request, case_id: UUID, received: Receiving, values: dict[str, Any], fulfils: str | None
) -> Response:
    """Register what was received, for a caller who may still do so: sending it may have taken many minutes."""
    registry = registry_of(request)

    def register(tx: Connection, context: RequestContext) -> Answer:
        _refuse_to_file(tx, request, context, case_id)
        held = behind_lock(Command(tx, registry), request, context, values["case_id"])
        if held.caller != context.caller:
            _refuse_to_file(tx, request, held, case_id)
        filing.hold_bytes(tx, values["digest"])
        known = queries.document(tx, values["case_id"], values["digest"])
        if known is not None and not known["name"]:
            raise _erased()
        # The bytes first: a row without them would be a loss, bytes without a row are read by nobody.
        received.keep()
        moment = registry.moment(tx)
        row = {**values, "registered_at": moment.at, "registered_by": held.caller.actor}
        if known is None:
            case_file.register_document(tx, row)
        if fulfils is not None:
            _fulfil(tx, row, fulfils, by=held.caller.actor, moment=moment)
        body = json_bytes(_document_json(known or row)).decode()
        location = f"/v1/cases/{values['case_id']}/documents/{values['digest']}"
        return Answer(status=CREATED if known is None else OK, headers={"Location": location}, body=body)

    if "idempotency-key" not in request.headers:
        answer = db.run(registry.engine, lambda tx: register(tx, identify(tx, request)))
        return stored_response(answer)

    asked = request_digest(request, f"{values['media_type']} {values['digest']}")

    def begin(command: Command) -> tuple[IdempotentRequest, RequestContext]:
        context = identify(command.tx, request)
        _refuse_to_file(command.tx, request, context, case_id)
        key = idempotency_key(request)
        return IdempotentRequest(actor=context.caller.actor, key=key, fingerprint=asked), context

    def act(command: Command, context: RequestContext) -> tuple[Answer, str | None]:
        return register(command.tx, context), values["case_id"]

    return stored_response(once(registry, begin, act))


def _content(request: Request, case_id: UUID, digest: str) -> Response:
    with read_as_caller(request) as (tx, context):
        _case_seen(tx, request, context, case_id)
        row = queries.document(tx, str(case_id), digest)
    if row is None:
        zh, en = (
            "本案案卷中没有所指的文件，请按案卷的文件列表查阅。",
            "The document is not on the file of this case: take one from the list of its documents.",
        )
        raise ApiError("not-found", zh=zh, en=en)
    if not row["name"]:
        raise _erased()
    tag = entity_tag(digest)
    if is_known_to_caller(request, tag):
        return Response(status_code=NOT_MODIFIED, headers={"ETag": tag})
    try:
        file = store.opened(registry_of(request).settings.documents, digest)
    except store.DocumentLost as error:
        error.log_fields = {"case_id": str(case_id), "digest": digest}
        raise
    headers = {"ETag": tag, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row['name'], safe='')}"}
    return VerifiedFile(file, digest=digest, headers=headers, media_type=row["media_type"])


@router.get(
    "/{digest}",
    **documented("read_document", model=None, codes=BYTES_REFUSED, extra=BINARY),
)
def read_document(request: Request, case_id: UUID, digest: Digest) -> Response:
    """The bytes of a document registered in the case."""
    return _content(request, case_id, digest)


@router.head(
    "/{digest}",
    **documented("probe_document", model=None, codes=BYTES_REFUSED, extra=BINARY),
)
def probe_document(request: Request, case_id: UUID, digest: Digest) -> Response:
    """Whether a document is registered in the case."""
    return _content(request, case_id, digest)
