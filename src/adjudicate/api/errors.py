"""The only place that knows HTTP statuses: every refusal becomes an RFC 9457 problem here, in the caller's language."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from adjudicate import db
from adjudicate.api.problems import FieldFault, faults_of
from adjudicate.errors import AdjudicateError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import FastAPI, Request

log = logging.getLogger(__name__)

OK = 200
CREATED = 201
NO_CONTENT = 204
NOT_MODIFIED = 304


# What every answer bears: it is for the caller alone, and differs by who asks and in which language.
PRIVATE = {"Cache-Control": "private, no-store", "Vary": "Authorization, Accept-Language"}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: the status it is answered with and its title in both languages."""

    status: int
    zh: str
    en: str


KINDS: dict[str, Kind] = {
    # What the protocol asks for
    "json-malformed": Kind(400, "请求体不是有效的 JSON", "The body is not valid JSON"),
    "unknown-parameter": Kind(400, "未知的查询参数", "Unknown query parameter"),
    "cursor-invalid": Kind(400, "分页游标无效", "The cursor is not valid here"),
    "header-invalid": Kind(400, "请求头无效", "A header is not valid"),
    "idempotency-key-missing": Kind(400, "缺少 Idempotency-Key 请求头", "The Idempotency-Key header is missing"),
    "unauthenticated": Kind(401, "需要有效的访问令牌", "A valid access token is needed"),
    "not-permitted": Kind(403, "无权进行该操作", "You are not entitled to do this"),
    "not-found": Kind(404, "未找到", "Not found"),
    "method-not-allowed": Kind(405, "不支持该请求方法", "The method is not allowed here"),
    "stale-case": Kind(412, "案件已有更新，请重新读取", "The case has changed since it was read"),
    "body-too-large": Kind(413, "请求体过大", "The body is too large"),
    "unsupported-media-type": Kind(415, "不支持的内容类型", "The content type is not supported"),
    "body-invalid": Kind(422, "请求体不符合要求", "The body is not as described"),
    "parameter-invalid": Kind(422, "参数无效", "A parameter is not valid"),
    "idempotency-key-reused": Kind(422, "该幂等键已用于另一请求", "The idempotency key was used for another request"),
    "digest-mismatch": Kind(422, "内容与所称摘要不符", "The content does not have the digest that was claimed"),
    "precondition-required": Kind(428, "缺少 If-Match 请求头", "The If-Match header is missing"),
    "internal-error": Kind(500, "服务器内部错误", "Internal error"),
    "unavailable": Kind(503, "服务暂时不可用", "The service is not available at the moment"),
    # What the law and the record ask for
    "document-missing": Kind(500, "文件内容已不在存储目录中", "The document's content is gone from its folder"),
    "role-not-entitled": Kind(403, "该角色无权办理此事项", "This role may not do this"),
    "case-not-found": Kind(404, "未找到", "Not found"),
    "event-not-allowed": Kind(409, "当前阶段不能办理此事项", "This is not possible in the present state"),
    "guards-unmet": Kind(409, "法定条件未满足", "Conditions that the law sets are not met"),
    "irregular-not-accepted": Kind(
        409, "存在程序瑕疵，须由有权人员说明理由", "This would be irregular and needs a reason"
    ),
    "step-refused": Kind(409, "不能办理此事项", "This cannot be recorded"),
    "correction-not-possible": Kind(409, "不能更正该记录", "This row of the record cannot be corrected"),
    "day-not-possible": Kind(422, "该事项不能发生在该日", "The act cannot lie on that day"),
    "workflow-unknown": Kind(422, "没有此程序", "There is no such procedure"),
    "office-unknown": Kind(422, "没有此机构或该机构无权办理", "There is no such office, or not for this procedure"),
    "office-invalid": Kind(422, "机构信息无效", "The office is not valid"),
    "actor-invalid": Kind(422, "人员信息无效", "The actor is not valid"),
    "no-law-in-force": Kind(422, "当日没有生效的规定", "No law is in force on that day"),
    "day-not-playable": Kind(409, "沙箱日期不能设为该日", "The sandbox cannot play that day"),
    "sandbox-mismatch": Kind(500, "数据库与沙箱开关不符", "The database and the sandbox switch do not agree"),
    "not-migrated": Kind(500, "数据库尚未迁移", "The database has not been migrated yet"),
    "checkpoint-unreadable": Kind(500, "检查点文件无法读取", "The checkpoint file cannot be read"),
    "setting-invalid": Kind(500, "运行配置无效", "A setting is not valid"),
    "history-contradicted": Kind(409, "与已记录的事项相抵触", "Something already recorded contradicts this"),
    "facts-invalid": Kind(422, "事实内容不符合要求", "The facts are not as the procedure describes them"),
    "unknown-event": Kind(422, "该程序没有此事项", "The procedure knows no such event"),
    "unknown-thread": Kind(422, "该案没有此分支程序", "The case has no such thread"),
    "unknown-party": Kind(422, "该案没有此当事人", "The case has no such party"),
    "law-error": Kind(422, "法律数据无法给出答案", "The legal data cannot answer"),
    "calendar-missing": Kind(422, "没有可用的日历", "No calendar covers this"),
    "calendar-invalid": Kind(422, "日历文件无效", "The calendar file is not valid"),
    "period-invalid": Kind(422, "期限或日期无效", "The period or day is not valid"),
    "kept-law-unreadable": Kind(500, "所存法律文本无法读取", "A law kept with a case cannot be read"),
    "definition-invalid": Kind(500, "程序定义无效", "The procedure's definition is not valid"),
    "error": Kind(500, "服务器内部错误", "Internal error"),
}


class ApiError(AdjudicateError):
    """A refusal of the protocol itself, before any case is looked at."""

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
    """No token, or one that is not known, expired or revoked; which of these is not told."""

    code: ClassVar[str] = "unauthenticated"


def not_found() -> ApiError:
    """The one answer for what does not exist and for what the caller may not know of."""
    return ApiError(
        "not-found", zh="没有这一资源，或您无权知悉。", en="There is no such thing, or not for you to know of."
    )


def away() -> db.Unavailable:
    """The answer where the database does not."""
    return db.Unavailable(
        zh="数据库无法连接，请稍后重试。", en="The database cannot be reached; please try again later."
    )


def language_of(request: Request) -> str:
    """`en` where the caller prefers English to Chinese, otherwise `zh-CN`."""
    best = {"zh": 0.0, "en": 0.0, "*": 0.0}
    for part in request.headers.get("accept-language", "")[:400].split(","):
        tag, _, parameters = part.strip().partition(";")
        weight = parameters.strip().removeprefix("q=") if parameters.strip() else "1"
        prefix = tag.split("-", 1)[0].lower()
        try:
            quality = float(weight)
        except ValueError:
            continue
        if prefix in best:
            best[prefix] = max(best[prefix], quality)
    return "en" if best["en"] > max(best["zh"], best["*"]) else "zh-CN"


def problem_of(request: Request, error: AdjudicateError) -> Response:
    """The answer to a request that is refused with `error`."""
    code = error.problem_code if isinstance(error, ApiError) else error.code
    kind = KINDS[code]
    language = language_of(request)
    english = language == "en"
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
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=str).encode()
    return Response(content, kind.status, headers, "application/problem+json")


def reason_as_json(reason: Any) -> dict[str, Any]:
    """A reason with both sentences and its citation, as it stands in problems, in `next` and in warnings."""
    shown: dict[str, Any] = {"code": reason.code, "zh": reason.zh, "en": reason.en}
    if reason.condition is not None:
        shown["condition"] = reason.condition
    if reason.basis is not None:
        shown["basis"] = reason.basis
    if reason.details:
        shown["details"] = dict(reason.details)
    return shown


_FRAMEWORK = {
    404: ("not-found", "没有这一资源，或您无权知悉。", "There is no such thing, or not for you to know of."),
    405: ("method-not-allowed", "此地址不支持该方法。", "This address does not take that method."),
    413: ("body-too-large", "请求体超出上限。", "The body exceeds the limit."),
    415: ("unsupported-media-type", "不支持该内容类型。", "That content type is not supported."),
}


def _of_framework(request: Request, error: HTTPException) -> Response:
    code, zh, en = _FRAMEWORK.get(
        error.status_code, ("json-malformed", "无法理解该请求。", "The request cannot be understood.")
    )
    return problem_of(request, ApiError(code, zh=zh, en=en, headers=error.headers))


def _of_parameters(request: Request, error: RequestValidationError) -> Response:
    faults = faults_of(error.errors(), skip=1)
    missing_page = any(each["loc"][0] == "path" for each in error.errors())
    if missing_page:
        return problem_of(request, not_found())
    zh, en = "有参数不符合要求。", "Some parameters are not as described."
    return problem_of(request, ApiError("parameter-invalid", zh=zh, en=en, errors=faults))


def install(app: FastAPI) -> None:
    """Answer every error of `app`, its own and the framework's, as a problem."""

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, AdjudicateError)  # noqa: S101 - registered for this class alone
        answer = problem_of(request, error)
        if answer.status_code >= 500:
            log.error("request failed: %s", error, exc_info=error)
        return answer

    def failed(request: Request, error: Exception) -> Response:
        log.error("request failed", exc_info=error)
        zh, en = "请求未能完成，未作任何记录。", "The request was not completed and nothing was recorded."
        answer = problem_of(request, ApiError("internal-error", zh=zh, en=en))
        # The framework answers this outside of everything else that adds headers.
        answer.headers.update(PRIVATE)
        return answer

    def database(request: Request, error: Exception) -> Response:
        assert isinstance(error, DBAPIError)  # noqa: S101 - registered for this class alone
        if db.lost(error) or db.passing(error):
            log.warning("database: %s", error)
            return problem_of(request, away())
        return failed(request, error)

    def framework(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
        return _of_framework(request, error)

    def parameters(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class alone
        return _of_parameters(request, error)

    app.add_exception_handler(AdjudicateError, refused)
    app.add_exception_handler(DBAPIError, database)
    app.add_exception_handler(HTTPException, framework)
    app.add_exception_handler(RequestValidationError, parameters)
    app.add_exception_handler(Exception, failed)
