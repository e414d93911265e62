"""Pages of lists: what a cursor is bound to, and how an answer leads to the next page; what is listed is not known."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Request

from adjudicate.api import cursors
from adjudicate.api.authentication import RequestContext, bearer, registry_of

if TYPE_CHECKING:
    from collections.abc import Sequence

Cursor = Annotated[str | None, Query(min_length=1, max_length=cursors.LONGEST, description="From `page.next_cursor`.")]
Limit = Annotated[int, Query(ge=1, le=200)]


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One page of a list for one caller: what its cursors are bound to, and the key that signs them."""

    key: bytes
    bound_to: bytes
    cursor: str | None
    limit: int

    def after(self, kinds: Sequence[type]) -> list[Any] | None:
        """The sort values to continue after, as `kinds`; None on page one. Raises ApiError for any other cursor."""
        if self.cursor is None:
            return None
        place = cursors.read(self.cursor, key=self.key, bound_to=self.bound_to)
        return [kind.fromisoformat(v) if kind in {date, datetime} else v for v, kind in zip(place, kinds, strict=True)]


def page_request_of(request: Request, context: RequestContext, *, limit: int, cursor: str | None) -> PageRequest:
    """The page that a request asks for, bound to its caller, its list and its filters."""
    filters = {k: v for k, v in request.query_params.items() if k not in {"cursor", "limit"}}
    secret = registry_of(request).settings.cursor_secret
    # Without a configured secret the caller's own token signs them: whoever holds it may read those pages anyway.
    key = hashlib.sha256((secret or bearer(request)).encode() + b"cursor").digest()
    bound = cursors.bound(caller=context.caller.actor, path=request.url.path, filters=filters)
    return PageRequest(key, bound, cursor, limit)


def page_of(
    request: Request, page_request: PageRequest, rows: Sequence[Any], place: Sequence[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """What an answer says of its page, and its headers. `rows` are one more than the limit where there is more; `place`
    are the columns of the order.
    """
    if len(rows) <= page_request.limit:
        return {"next_cursor": None, "has_more": False}, {}
    last = rows[page_request.limit - 1]
    cursor = cursors.issue([_plain(last[name]) for name in place], key=page_request.key, bound_to=page_request.bound_to)
    parameters = {**request.query_params, "cursor": cursor}
    link = f"{request.url.path}?{urlencode(parameters)}"
    return {"next_cursor": cursor, "has_more": True}, {"Link": f'<{link}>; rel="next"'}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
