"""Turns every error into an RFC 9457 problem in the caller's language; no other module knows an HTTP status."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from adjudicate import db, logs
from adjudicate.api.headers import ENGLISH, language_of
from adjudicate.api.problems import FieldFault, faults_of
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


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its HTTP status and its title in both languages."""

    status: int
    zh: str
    en: str


PROBLEM_KINDS: dict[str, Kind] = {
    # Requests that are not as the protocol asks
    "json-malformed": Kind(400, "请求体不是有效的 JSON", "The body is not valid JSON"),
    "unknown-parameter": Kind(400, "未知的查询参数", "Unknown query parameter"),
    "cursor-invalid": Kind(400, "分页游标无效", "The cursor is not valid here"),
    "header-invalid": Kind(400, "请求头无效", "A header is not valid"),
    "idempotency-key-missing": Kind(400, "缺少 Idempotency-Key 请求头", "The Idempotency-Key header is missing"),
    "unauthenticated": Kind(401, "需要有效的访问令牌", "A valid access token is needed"),
    "not-permitted": Kind(403, "无权进行该操作", "You may not do this"),
    "not-found": Kind(404, "未找到", "Not found"),
    "method-not-allowed": Kind(405, "不支持该请求方法", "The method is not allowed here"),
    "stale-case": Kind(412, "案件已有更新，请重新读取", "The case has changed since it was read"),
    "body-too-large": Kind(413, "请求体过大", "The body is too large"),
    "unsupported-media-type": Kind(415, "不支持的内容类型", "The content type is not supported"),
    "body-invalid": Kind(422, "请求体不符合要求", "The body does not match its description"),
    "parameter-invalid": Kind(422, "参数无效", "A parameter is not valid"),
    "idempotency-key-reused": Kind(422, "该幂等键已用于另一请求", "The idempotency key was used for another request"),
    "digest-mismatch": Kind(422, "内容与所称摘要不符", "The content does not match the stated digest"),
    "precondition-required": Kind(428, "缺少 If-Match 请求头", "The If-Match header is missing"),
    # Refused on the socket, before any route was asked
    "request-malformed": Kind(400, "不是有效的 HTTP 请求", "This is not valid HTTP"),
    "request-timeout": Kind(408, "请求未在规定时间内发送完毕", "The request was not sent in time"),
    "uri-too-long": Kind(414, "请求地址过长", "The address is too long"),
    "head-too-large": Kind(431, "请求头过大", "The head of the request is too large"),
    "overloaded": Kind(503, "连接数已达上限", "There are too many connections at the moment"),
    "internal-error": Kind(500, "服务器内部错误", "Internal error"),
    "unavailable": Kind(503, "服务暂时不可用", "The service is not available at the moment"),
    # Requests that the law or the record does not allow, and a service that cannot work
    "document-missing": Kind(500, "文件内容已不在存储目录中", "The stored file of the document is missing"),
    "document-damaged": Kind(500, "存储的文件内容已被改动", "The stored file of the document was changed"),
    "documents-unavailable": Kind(
        503, "文件存储目录暂时无法使用", "The folder of the documents cannot be used at the moment"
    ),
    "role-not-entitled": Kind(403, "该角色无权办理此事项", "This role may not do this"),
    "case-not-found": Kind(404, "未找到", "Not found"),
    "event-not-allowed": Kind(409, "当前阶段不能办理此事项", "The event is not possible in the present state"),
    "guards-unmet": Kind(409, "法定条件未满足", "Statutory conditions are not met"),
    "irregular-not-accepted": Kind(
        409, "存在程序瑕疵，须由有权人员说明理由", "The act would be irregular: someone entitled must give a reason"
    ),
    "step-refused": Kind(409, "不能办理此事项", "The event cannot be recorded"),
    "correction-not-possible": Kind(409, "不能更正该记录", "This entry of the record cannot be corrected"),
    "day-not-possible": Kind(422, "该事项不能发生在该日", "The event cannot have happened on that day"),
    "workflow-unknown": Kind(422, "没有此程序", "There is no such procedure"),
    "office-unknown": Kind(
        422, "没有此机构或该机构无权办理", "There is no such office, or it does not handle this procedure"
    ),
    "office-invalid": Kind(422, "机构信息无效", "The office is not valid"),
    "actor-invalid": Kind(422, "人员信息无效", "The actor is not valid"),
    "no-law-in-force": Kind(422, "当日没有生效的规定", "No law is in force on that day"),
    "day-not-playable": Kind(409, "沙箱日期不能设为该日", "The sandbox date cannot be set to that day"),
    "sandbox-mismatch": Kind(500, "数据库与沙箱开关不符", "The database does not match the sandbox switch"),
    "not-migrated": Kind(500, "数据库尚未迁移", "The database has not been migrated yet"),
    "checkpoint-unreadable": Kind(500, "检查点文件无法读取", "The checkpoint file cannot be read"),
    "backup-refused": Kind(500, "未能写成备份", "The backup was not written"),
    "restore-refused": Kind(500, "未能恢复备份", "The backup was not restored"),
    "setting-invalid": Kind(500, "运行配置无效", "A setting is not valid"),
    "officer-unknown": Kind(422, "不能确定该人员为承办人", "This person cannot be put in charge"),
    "nothing-to-erase": Kind(422, "没有可以删除的个人信息", "There is nothing to erase"),
    "document-erased": Kind(410, "文件已依法删除", "The document was erased"),
    "history-contradicted": Kind(409, "与已记录的事项相抵触", "The event contradicts what is already recorded"),
    "facts-invalid": Kind(422, "事实内容不符合要求", "The facts do not match the procedure's description"),
    "unknown-event": Kind(422, "该程序没有此事项", "The procedure has no such event"),
    "unknown-thread": Kind(422, "该案没有此分支程序", "The case has no such thread"),
    "unknown-party": Kind(422, "该案没有此当事人", "The case has no such party"),
    "law-error": Kind(422, "法律数据无法给出答案", "The legal data give no answer"),
    "calendar-missing": Kind(422, "没有可用的日历", "No calendar is loaded for this"),
    "calendar-invalid": Kind(422, "日历文件无效", "The calendar file is not valid"),
    "period-invalid": Kind(422, "期限或日期无效", "The period or day is not valid"),
    "kept-law-unreadable": Kind(500, "所存法律文本无法读取", "A law kept with a case cannot be read"),
    "definition-invalid": Kind(500, "程序定义无效", "The procedure's definition is not valid"),
    "error": Kind(500, "服务器内部错误", "Internal error"),
}


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
        "not-found", zh="没有这一资源，或您无权查阅。", en="The resource does not exist, or you may not see it."
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
        "请求头或请求体未在规定时间内发送完毕，连接已关闭。",
        "The head or the body was not sent in time; the connection is closed.",
    ),
    SocketRefusal.REQUEST_LINE_TOO_LONG: ("请求地址超过长度上限。", "The address is longer than the limit."),
    SocketRefusal.HEAD_TOO_LARGE: (
        "请求头的总长或项数超过上限。",
        "The fields of the head are too long together, or too many.",
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
    if reason.details:
        body["details"] = dict(reason.details)
    return body


_FRAMEWORK = {
    404: ("not-found", "没有这一资源，或您无权查阅。", "The resource does not exist, or you may not see it."),
    405: ("method-not-allowed", "此地址不支持该方法。", "This address does not support the method."),
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
    zh, en = "有参数不符合要求。", "Some parameters do not match their description."
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
