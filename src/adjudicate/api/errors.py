"""Turns every error into an RFC 9457 problem in the caller's language; no other module knows an HTTP status."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from adjudicate import db, logs
from adjudicate.api.headers import ENGLISH, language_of
from adjudicate.api.problem_kinds import PROBLEM_KINDS
from adjudicate.api.problems import FieldFault, faults_of, first_of
from adjudicate.compact_json import compact
from adjudicate.errors import AdjudicateError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fastapi import FastAPI
    from starlette.types import Scope

log = logs.logger(__name__)

OK = 200
CREATED = 201
NO_CONTENT = 204
NOT_MODIFIED = 304
# What the log and the counts say of a request whose caller went away; nobody receives it.
HUNG_UP = 499

# On every response: it is for the caller alone, and depends on the caller and the language.
PRIVATE = {"Cache-Control": "private, no-store", "Vary": "Authorization, Accept-Language"}


class ApiError(AdjudicateError):
    """A request that is refused by its form or by access, whatever the law says. Statuses follow from `code`."""

    def __init__(
        self,
        code: str,
        *,
        zh: str,
        en: str,
        errors: Sequence[FieldFault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(zh=zh, en=en)
        self.problem_code = code
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


class Unauthenticated(AdjudicateError):
    """There is no valid token. Whether it is missing, unknown, expired or revoked is not disclosed."""

    code: ClassVar[str] = "unauthenticated"


def not_found() -> ApiError:
    """The same answer for a resource that does not exist and for one that the caller may not see."""
    return ApiError(
        "not-found", zh="没有这一资源，或者您无权查阅。", en="The resource does not exist, or you may not see it."
    )


def database_unreachable() -> db.Unavailable:
    """The error to answer with while the database cannot be reached."""
    return db.Unavailable(
        zh="数据库无法连接，请稍后重试。", en="The database cannot be reached; please try again later."
    )


def problem_of(request: Request, error: AdjudicateError) -> Response:
    """The problem response to a request that `error` ended."""
    code = error.problem_code if isinstance(error, ApiError) else error.code
    kind = PROBLEM_KINDS[code]
    language = language_of(request)
    english = language == ENGLISH
    body: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": kind.en if english else kind.zh,
        "status": kind.status,
        "code": code,
        "detail": error.en if english else error.zh,
        "instance": request.url.path,
    }
    reasons = getattr(error, "reasons", None)
    if reasons is not None:
        body["reasons"] = [reason_as_json(reason) for reason in reasons]
    allowed = getattr(error, "allowed", None)
    if allowed is not None:
        body["allowed"] = list(allowed)
    faults = getattr(error, "errors", ())
    if faults:
        body["errors"] = [fault.as_json() for fault in faults]
    headers = {"Content-Language": language, **getattr(error, "headers", {})}
    if kind.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="adjudicate"'
    if kind.status == 503:
        headers["Retry-After"] = "1"
    content = compact(body).encode()
    return Response(content, kind.status, headers, "application/problem+json")


class SocketRefusal(Enum):
    """Why a connection is answered without asking a route; the value is the problem's code."""

    MALFORMED = "request-malformed"
    TOO_SLOW = "request-timeout"
    REQUEST_LINE_TOO_LONG = "uri-too-long"
    HEAD_TOO_LARGE = "head-too-large"
    OVERLOADED = "overloaded"


_ON_SOCKET = {
    SocketRefusal.MALFORMED: ("无法按 HTTP/1.1 解析该请求。", "The request cannot be parsed as HTTP/1.1."),
    SocketRefusal.TOO_SLOW: (
        "请求头或者请求体未在规定时间内发送完毕，连接已关闭，请重新发送。",
        "The head or the body was not sent in time; the connection is closed: send the request again.",
    ),
    SocketRefusal.REQUEST_LINE_TOO_LONG: (
        "请求地址超过长度上限，请缩短后重新发送。",
        "The address is longer than the limit; send a shorter one.",
    ),
    SocketRefusal.HEAD_TOO_LARGE: (
        "请求头的总长或者项数超过上限，请减少后重新发送。",
        "The fields of the head are too long together, or too many: send fewer.",
    ),
    SocketRefusal.OVERLOADED: ("连接数已达上限，请稍后重试。", "All connections are in use; please try again later."),
}


def socket_problem(
    refusal: SocketRefusal, headers: Iterable[tuple[bytes, bytes]]
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and body of the problem that answers a request of which only `headers` may be known."""
    zh, en = _ON_SOCKET[refusal]
    known = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": list(headers)}
    answer = problem_of(Request(known), ApiError(refusal.value, zh=zh, en=en, headers=PRIVATE))
    answer.headers["Connection"] = "close"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer.status_code, answer.raw_headers, bytes(answer.body)


def reason_as_json(reason: Any) -> dict[str, Any]:
    """A reason with its sentences and citation, as problems, `next` and recorded irregularities show it."""
    body: dict[str, Any] = {"code": reason.code, "zh": reason.zh, "en": reason.en}
    if reason.condition is not None:
        body["condition"] = reason.condition
    if reason.basis is not None:
        body["basis"] = reason.basis
    if reason.weight is not None:
        body["weight"] = reason.weight
    if reason.details:
        body["details"] = dict(reason.details)
    return body


_FRAMEWORK = {
    404: ("not-found", "没有这一资源，或者您无权查阅。", "The resource does not exist, or you may not see it."),
    405: (
        "method-not-allowed",
        "此地址不支持该方法，请改用响应头所列的方法。",
        "This address does not support the method; use one that the answer's header lists.",
    ),
    413: ("body-too-large", "请求体超出上限。", "The body exceeds the limit."),
    415: ("unsupported-media-type", "不支持该内容类型。", "The content type is not supported."),
}


def _framework_problem(request: Request, error: HTTPException) -> Response:
    code, zh, en = _FRAMEWORK.get(
        error.status_code, ("json-malformed", "无法解析该请求。", "The request cannot be parsed.")
    )
    return problem_of(request, ApiError(code, zh=zh, en=en, headers=error.headers))


def _parameter_problem(request: Request, error: RequestValidationError) -> Response:
    faults = faults_of(error.errors(), skip=1)
    # A path with a malformed id names nothing that could exist.
    if any(each["loc"][0] == "path" for each in error.errors()):
        return problem_of(request, not_found())
    said = first_of(faults)
    zh, en = f"有参数不符合要求：{said.zh}。", f"Some parameters do not match their description: {said.en}."
    return problem_of(request, ApiError("parameter-invalid", zh=zh, en=en, errors=faults))


def route_of(scope: Scope) -> str:
    """The template of the route that took a request, such as `/v1/cases/{case_id}`; `none` where no route took it."""
    return str(getattr(scope.get("route"), "path", None) or "none")


def operation_of(scope: Scope) -> str:
    """The name of the operation that a request was routed to, as OpenAPI has it; `none` where no route took it."""
    return str(getattr(scope.get("route"), "operation_id", None) or "none")


def _log_fields(request: Request, answer: Response) -> dict[str, Any]:
    """What a log line says of a request: neither its address nor its body, which may hold names."""
    return {"operation": operation_of(request.scope), "status": answer.status_code}


def internal_error(request: Request, error: Exception) -> Response:
    """The answer to a request that failed in a way nobody foresaw, which is logged."""
    zh, en = "请求未能完成，未作任何记录。", "The request was not completed and nothing was recorded."
    answer = problem_of(request, ApiError("internal-error", zh=zh, en=en))
    log.error("request failed", exc_info=error, **_log_fields(request, answer))
    return answer


def _refused(request: Request, error: AdjudicateError) -> Response:
    answer = problem_of(request, error)
    fields = {**_log_fields(request, answer), **getattr(error, "log_fields", {})}
    if answer.status_code == PROBLEM_KINDS["unavailable"].status:
        # Where it arose says nothing: what is missing lies outside, and is named by the error and its cause.
        log.warning("service unavailable", **{**logs.described(error, frames=False), **fields})
    elif answer.status_code >= PROBLEM_KINDS["internal-error"].status:
        log.error("request failed", exc_info=error, **fields)
    return answer


def install(app: FastAPI) -> None:
    """Make `app` answer every error that has a place, its own and the framework's, with a problem.

    The handlers wait for nothing, so they need no thread; where every thread is waiting, refusals still go out.
    """

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, AdjudicateError)  # noqa: S101 - registered for this class alone
        return _refused(request, error)

    async def database(request: Request, error: Exception) -> Response:
        assert isinstance(error, DBAPIError)  # noqa: S101 - registered for this class alone
        if db.cannot_now(error):
            unreachable = database_unreachable()
            unreachable.__cause__ = error
            return _refused(request, unreachable)
        return internal_error(request, error)

    async def framework(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
        return _framework_problem(request, error)

    async def parameters(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class alone
        return _parameter_problem(request, error)

    app.add_exception_handler(AdjudicateError, refused)
    app.add_exception_handler(DBAPIError, database)
    app.add_exception_handler(HTTPException, framework)
    app.add_exception_handler(RequestValidationError, parameters)
