"""Every kind of problem by its code: the HTTP status and the title in both languages; no request is known here."""

from __future__ import annotations

from dataclasses import dataclass


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
    "clock-wrong": Kind(500, "本机时钟有误", "This machine's clock is wrong"),
    "setting-invalid": Kind(500, "运行配置无效", "A setting is not valid"),
    "officer-unknown": Kind(422, "不能确定该人员为承办人", "This person cannot be put in charge"),
    "nothing-to-erase": Kind(422, "没有可以删除的个人信息", "There is nothing to erase"),
    "document-not-due": Kind(422, "该文书不在应制作之列", "This document is not due"),
    "document-erased": Kind(410, "文件已依法删除", "The document was erased"),
    "answer-erased": Kind(410, "答复已依法删除", "The answer was erased"),
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
