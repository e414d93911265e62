"""Identifies the caller of a request, and opens the transaction in which its answer is read; it issues no token."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from fastapi import Request

from adjudicate import clock, db, logs
from adjudicate.access.identity import authenticate, caller_of, look_up
from adjudicate.access.queries import RECORDING_KINDS, Sight, announce_act, holds_grant
from adjudicate.api.errors import ApiError, Unauthenticated
from adjudicate.api.headers import ACTING_OFFICE
from adjudicate.api.parsing import known_parameters
from adjudicate.cases.models import cases

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Connection

    from adjudicate.access.caller import Caller
    from adjudicate.cases.command import Command
    from adjudicate.cases.registry import Registry
    from adjudicate.clock import Moment
    from adjudicate.postgres.prepared import PendingResult

Input = TypeVar("Input")

_BEARER = re.compile(r"[Bb]earer +([A-Za-z0-9._~+/=-]{1,200})")


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Who calls, at which moment, and which cases they may see: `visible` as the condition for a case by its id.

    `again` is the answer to the question who calls, asked once more behind a lock.
    """

    caller: Caller
    moment: Moment
    visible: ColumnElement[bool]
    again: PendingResult | None = None

    @property
    def sight(self) -> Sight:
        """Which cases they may see, for lists and counts."""
        return Sight(self.caller, self.moment.today)


def registry_of(request: Request) -> Registry:
    """The process's registry, as `create_app` left it."""
    return cast("Registry", request.app.state.registry)


def _unauthenticated() -> Unauthenticated:
    return Unauthenticated(
        zh="请在 Authorization 请求头中给出有效的访问令牌；没有令牌或者令牌已失效的，请向管理人员申领。",
        en="Give a valid token in the Authorization header; if you have none, or yours no longer holds, ask who "
        "administers your office for one.",
    )


def bearer(request: Request) -> str:
    """The token in the Authorization header. Raises Unauthenticated."""
    stated = request.headers.getlist("authorization")
    match = _BEARER.fullmatch(stated[0].strip()) if len(stated) == 1 else None
    if match is None:
        raise _unauthenticated()
    return match[1]


async def require_token(request: Request) -> None:
    """Refuse a request without a token before reading anything else of it, then one with unknown parameters."""
    bearer(request)
    await known_parameters(request)


def require_token_then(
    read: Callable[[Request], Coroutine[Any, Any, Input]],
) -> Callable[[Request], Coroutine[Any, Any, Input]]:
    """`require_token` and then `read`, as one dependency: FastAPI spends time on each dependency."""

    async def require_and_read(request: Request) -> Input:
        await require_token(request)
        return await read(request)

    return require_and_read


def identify(
    tx: Connection, request: Request, *, at: datetime | None = None, without_role: bool = False
) -> RequestContext:
    """The caller of this request, now or as of an instant, who holds a role unless `without_role` will do.

    Raises Unauthenticated, NotAppointed, ApiError.
    """
    when = at or clock.now()
    caller = authenticate(tx, bearer(request), at=when, office=_acting_office(request))
    return _recognised(tx, request, caller, without_role=without_role)


def _acting_office(request: Request) -> str | None:
    return request.headers.get(ACTING_OFFICE)


def _recognised(
    tx: Connection, request: Request, caller: Caller | None, *, without_role: bool = False
) -> RequestContext:
    if caller is None:
        raise _unauthenticated()
    if not caller.roles and not without_role:
        raise ApiError(
            "not-permitted",
            zh="您目前在本机构没有任何角色，只能查阅本人的信息和令牌；在其他机构任职的，请在请求头中写明该机构。",
            en="You hold no role at your office now and can look at nothing but yourself and your tokens; "
            "if you hold one at another office, name that office in the header.",
        )
    # For the lines of this thread, and for the line of the request when it has ended.
    logs.bind(actor=caller.actor)
    request.state.actor = caller.actor
    moment = registry_of(request).moment(tx)
    return RequestContext(caller, moment, _visible(caller, moment.today))


def ask_again(tx: Connection, request: Request, context: RequestContext) -> RequestContext:
    """Ask who calls once more behind the locks queued so far, in their round trip; `confirmed` reads the answer.

    The lock of a case may be waited for, and the caller may have left meanwhile. On SQLite nobody else has written
    since the caller was identified.
    """
    if tx.dialect.name == "sqlite":
        return context
    announce_act(tx, context.caller.actor)
    return replace(context, again=look_up(tx, bearer(request), at=clock.now()))


def confirmed(request: Request, command: Command, context: RequestContext) -> RequestContext:
    """The caller as behind the locks of a command, which are held. Raises Unauthenticated, NotAppointed.

    Verification judges an act by the roles held at its moment. So that moment is fixed here, behind the locks and
    behind the sign that an act of this person is under way: whoever ends one of their roles waits for the act and then
    reads the clock (`access.administration.end_of_acts`). Roles that end by themselves are compared with the clock.
    """
    tx, _ = command.tx, command.moment
    if context.again is not None:
        caller = caller_of(context.again.rows(), _acting_office(request))
        if caller != context.caller:
            context = _recognised(tx, request, caller)
    until = context.caller.until_at
    return context if until is None or clock.now() < until else identify(tx, request)


def behind_lock(command: Command, request: Request, context: RequestContext, case_id: str) -> RequestContext:
    """Lock a case that the caller may see, and the caller as behind the lock. Raises CaseNotFound, Unauthenticated."""
    command.queue_lock(case_id, context.visible)
    context = ask_again(command.tx, request, context)
    command.await_locks()
    return confirmed(request, command, context)


@lru_cache(maxsize=1024)
def _visible(caller: Caller, today: date) -> ColumnElement[bool]:
    # Building the expression costs as much as running it. It depends on its arguments alone, so it may be cached.
    return Sight(caller, today).covers(case_id=cases.c.id, office=cases.c.office)


def may_act(tx: Connection, request: Request, context: RequestContext, *, case_id: str, office: str) -> bool:
    """Whether the caller may record in a case it sees: through its office, or through a grant to record."""
    caller = context.caller
    if is_under(tx, request, context, office):
        return True
    return holds_grant(tx, caller, case_id=case_id, kinds=RECORDING_KINDS, today=context.moment.today)


def is_under(tx: Connection, request: Request, context: RequestContext, office: str) -> bool:
    """Whether `office` is the caller's own or under it. Raises OfficeUnknown, except to an outside body, to which it is
    not told which offices there are.
    """
    if is_outside(tx, request, context):
        return office == context.caller.office
    path: str = registry_of(request).office(tx, office)["path"]
    return path.startswith(context.caller.office_path)


def is_outside(tx: Connection, request: Request, context: RequestContext) -> bool:
    """Whether the caller acts for an outside body, which knows of no office but its own."""
    rules = registry_of(request).catalogue.offices
    kind = rules.kinds.get(registry_of(request).office(tx, context.caller.office)["kind"] or rules.usual)
    return kind is None or kind.outside


@contextmanager
def read_as_caller(request: Request, *, without_role: bool = False) -> Iterator[tuple[Connection, RequestContext]]:
    """A transaction for consistent reads, and the caller, as `identify` says. Raises Unavailable too."""
    with db.reading(registry_of(request).reads) as tx:
        yield tx, identify(tx, request, without_role=without_role)


def authenticated(request: Request, *, without_role: bool = False) -> RequestContext:
    """The caller, for an endpoint that does its work in another transaction. Raises as `read_as_caller` does."""
    with read_as_caller(request, without_role=without_role) as (_, context):
        return context
