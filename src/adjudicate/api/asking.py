"""Finds out who asks, once for each request, and opens the transaction in which the answer is read."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from fastapi import Request

from adjudicate import clock, db
from adjudicate.access.identity import authenticate
from adjudicate.access.queries import sees
from adjudicate.api.errors import Unauthenticated
from adjudicate.cases.models import cases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Connection

    from adjudicate.access.caller import Caller
    from adjudicate.cases.registry import Registry
    from adjudicate.clock import Moment

_BEARER = re.compile(r"[Bb]earer +([A-Za-z0-9._~+/=-]{1,200})")


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, at which moment, and the predicate that selects what they may know of."""

    caller: Caller
    moment: Moment
    visible: ColumnElement[bool]


def registry_of(request: Request) -> Registry:
    """The process's registry, as `create_app` left it."""
    return cast("Registry", request.app.state.registry)


def _unauthenticated() -> Unauthenticated:
    return Unauthenticated(
        zh="请在 Authorization 请求头中给出有效的访问令牌。", en="Give a valid token in the Authorization header."
    )


def bearer(request: Request) -> str:
    """The token in the Authorization header. Raises Unauthenticated."""
    given = request.headers.getlist("authorization")
    match = _BEARER.fullmatch(given[0].strip()) if len(given) == 1 else None
    if match is None:
        raise _unauthenticated()
    return match[1]


async def bears_token(request: Request) -> None:
    """Refuse a request without a token before anything of it is read."""
    bearer(request)


def identify(tx: Connection, request: Request) -> Asking:
    """The caller of this request. Raises Unauthenticated."""
    caller = authenticate(tx, bearer(request), at=clock.now())
    if caller is None:
        raise _unauthenticated()
    moment = registry_of(request).moment(tx)
    visible = sees(caller, case_id=cases.c.id, office=cases.c.office, today=moment.today)
    return Asking(caller, moment, visible)


@contextmanager
def reads(request: Request) -> Iterator[tuple[Connection, Asking]]:
    """One consistent read on behalf of the caller. Raises Unauthenticated."""
    with db.reading(registry_of(request).engine) as tx:
        yield tx, identify(tx, request)


def asks(request: Request) -> Asking:
    """Who asks, where the work itself runs in a transaction of its own. Raises Unauthenticated."""
    with reads(request) as (_, asking):
        return asking
