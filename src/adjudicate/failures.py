"""What an error of the database means: try again, not now, or a fault; it names no table and no statement."""

from __future__ import annotations

import sqlite3
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import psycopg
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from adjudicate.errors import AdjudicateError

if TYPE_CHECKING:
    from sqlalchemy import URL


class Unavailable(AdjudicateError):
    """The database cannot be reached, is too busy, or cannot write at present; nothing is known to have been recorded.

    Only a COMMIT that was sent and not answered may have been carried out. A repetition with the same idempotency key
    finds out.
    """

    code: ClassVar[str] = "unavailable"


class Failure(Enum):
    """What is to be done about an error of the database."""

    AGAIN = "rolled back because of another transaction: the same may be tried at once"
    BUSY = "a lock, a statement or a place in the pool was waited for too long"
    FULL = "the server has no room, memory or connection left"
    AWAY = "the session is of no use: the server is gone, read-only, or another one"
    FAULT = "the statement or the schema is wrong"


# What may be offered to a caller as "not now".
NOT_NOW = frozenset({Failure.AGAIN, Failure.BUSY, Failure.FULL, Failure.AWAY})

# Serialization failure, deadlock, and the two of a prepared statement that the server has forgotten or that a changed
# table made invalid.
_AGAIN = {"40001", "40P01", "26000", "0A000"}
# Lock not available, and a statement that was cancelled: by statement_timeout, or by an operator.
_BUSY = {"55P03", "57014"}
# A read-only transaction: a standby, or a primary that a failover has made read-only.
_READ_ONLY = "25006"
_INTERVENED = {"57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "25P04"}
_BY_CLASS = {"08": Failure.AWAY, "53": Failure.FULL, "58": Failure.FULL}

_SQLITE = {
    sqlite3.SQLITE_BUSY: Failure.BUSY,
    sqlite3.SQLITE_INTERRUPT: Failure.BUSY,
    sqlite3.SQLITE_PROTOCOL: Failure.BUSY,
    sqlite3.SQLITE_LOCKED: Failure.AGAIN,
    sqlite3.SQLITE_FULL: Failure.FULL,
    sqlite3.SQLITE_NOMEM: Failure.FULL,
    sqlite3.SQLITE_READONLY: Failure.AWAY,
    sqlite3.SQLITE_IOERR: Failure.AWAY,
    sqlite3.SQLITE_CANTOPEN: Failure.AWAY,
    sqlite3.SQLITE_PERM: Failure.AWAY,
}
# Extended codes carry the primary one in their last byte.
_PRIMARY = 0xFF


def kind_of(error: BaseException) -> Failure:
    """What an error that SQLAlchemy raised means; anything else is a fault."""
    if isinstance(error, PoolExhausted):
        return Failure.BUSY
    if not isinstance(error, DBAPIError):
        return Failure.FAULT
    cause = error.orig
    if isinstance(cause, psycopg.Error) and cause.sqlstate is not None:
        return _of_sqlstate(cause.sqlstate)
    if isinstance(cause, sqlite3.Error):
        return _SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & _PRIMARY, Failure.FAULT)
    if error.connection_invalidated or (isinstance(error, OperationalError) and isinstance(cause, psycopg.Error)):
        return Failure.AWAY
    return Failure.FAULT


def _of_sqlstate(state: str) -> Failure:
    if state in _AGAIN:
        return Failure.AGAIN
    if state in _BUSY:
        return Failure.BUSY
    if state == _READ_ONLY or state in _INTERVENED:
        return Failure.AWAY
    return _BY_CLASS.get(state[:2], Failure.FAULT)


def broken_constraint(error: BaseException) -> str | None:
    """The name of the constraint that PostgreSQL says was broken."""
    cause = error.orig if isinstance(error, IntegrityError) else None
    return cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None


def unavailable() -> Unavailable:
    """What a caller is told, whatever the reason: the reason is for the log and the operator."""
    return Unavailable(
        zh="数据库繁忙、无法连接或暂时不能写入，请稍后重试。",
        en="The database is busy, cannot be reached or cannot be written at present; please try again later.",
    )


# What libpq and the server say where a connection fails: they give no code for it.
_SAID = (
    ("password authentication failed", "用户名或密码不对", "the user name or the password is wrong"),
    ("no password supplied", "未给出密码", "no password is given"),
    ("no pg_hba.conf entry", "服务器不接受从本机以该用户连接", "the server takes no connection of this user from here"),
    ("role", "服务器上没有该用户", "the server has no such user"),
    ("does not exist", "服务器上没有该数据库", "the server has no such database"),
    ("refused", "该地址没有数据库服务器应答", "no database server answers at this address"),
    ("timeout", "该地址在限定时间内没有应答", "nothing answered at this address in time"),
    ("resolve", "找不到该主机", "the host cannot be found"),
    ("translate host name", "找不到该主机", "the host cannot be found"),
    ("too many", "服务器的连接数已满", "the server takes no more connections"),
    ("starting up", "服务器正在启动", "the server is starting up"),
    ("shutting down", "服务器正在停止", "the server is shutting down"),
)
_STATES = {
    _READ_ONLY: ("数据库为只读", "it is read-only"),
    "53100": ("服务器磁盘已满", "the disk of the server is full"),
    "55P03": ("所需的锁被他人占用", "somebody else holds a lock that is needed"),
    "57014": ("未在限定时间内完成", "it did not finish in time"),
    "42501": ("该用户权限不足", "this user has not the privileges it needs"),
}
_SQLITE_SAID = {
    sqlite3.SQLITE_CANTOPEN: (
        "文件不存在，或无权打开该文件或其所在文件夹",
        "the file is missing, or it or its folder may not be opened",
    ),
    sqlite3.SQLITE_READONLY: ("文件或其所在文件夹不可写", "the file or its folder cannot be written"),
    sqlite3.SQLITE_BUSY: ("文件被其他程序锁定", "another program has locked the file"),
    sqlite3.SQLITE_FULL: ("磁盘已满", "the disk is full"),
    sqlite3.SQLITE_NOTADB: ("该文件不是 SQLite 数据库", "the file is no SQLite database"),
    sqlite3.SQLITE_CORRUPT: ("数据库文件已损坏", "the database file is damaged"),
}


# No privilege, no such user or password, no such database or schema: nothing that the program could be wrong about.
_REFUSED = {"42501", "28000", "28P01", "3D000", "3F000"}


def is_of_the_database(error: BaseException) -> bool:
    """Whether an error at the start says something of the database itself, so that an operator needs no trace."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    if isinstance(cause, sqlite3.Error) and getattr(cause, "sqlite_errorcode", 0) & _PRIMARY in _SQLITE_SAID:
        return True
    return kind_of(error) in NOT_NOW or getattr(cause, "sqlstate", None) in _REFUSED


def explained(error: BaseException, url: URL) -> Unavailable:
    """The same for an operator at a command line: which database, without its password, and why if that is known."""
    zh, en = _reason(error)
    where = shown(url)
    return Unavailable(zh=f"无法使用数据库 {where}：{zh}。", en=f"The database {where} cannot be used: {en}.")


def shown(url: URL) -> str:
    """The address of a database without its password, wherever it stands; a file by its whole path."""
    if url.get_backend_name() == "sqlite":
        return str(Path(str(url.database)).absolute()) if url.database else str(url)
    secret = [name for name in url.query if "password" in name.lower()]
    return url.difference_update_query(secret).render_as_string(hide_password=True)


def _reason(error: BaseException) -> tuple[str, str]:
    seen: BaseException | None = error
    while seen is not None:
        cause = seen.orig if isinstance(seen, DBAPIError) else seen
        if isinstance(cause, sqlite3.Error):
            code = getattr(cause, "sqlite_errorcode", 0) & _PRIMARY
            return _SQLITE_SAID.get(code, ("SQLite 报告错误", "SQLite reports an error"))
        if isinstance(cause, OSError):
            return "无权读写其所在文件夹", "its folder may not be read or written"
        if isinstance(cause, psycopg.Error):
            return _reason_of_postgresql(cause)
        seen = seen.__cause__
    return "未作应答", "it does not answer"


def _reason_of_postgresql(cause: psycopg.Error) -> tuple[str, str]:
    said = str(cause).strip()
    for words, zh, en in _SAID:
        if words in said and (words != "role" or "does not exist" in said):
            return zh, en
    if cause.sqlstate in _STATES:
        return _STATES[cause.sqlstate]
    if cause.sqlstate:
        return f"服务器报告 {cause.sqlstate}", f"the server reports {cause.sqlstate}"
    last = (said.splitlines() or [""])[-1].strip().rstrip(".")
    return f"服务器称“{last}”", f"the server says '{last}'"
