"""Signed cursors of lists, bound to the caller, the list and its filters; a cursor gives no access to anything."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from adjudicate.api.errors import ApiError
from adjudicate.compact_json import compact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST = 1_000


def _seal(key: bytes, *, place: bytes, bound_to: bytes) -> bytes:
    return hmac.digest(key, bound_to + b"\x00" + place, "sha256")[:16]


def bound(*, caller: str, path: str, filters: Mapping[str, Any]) -> bytes:
    """A digest of everything a cursor is bound to."""
    text = json.dumps([caller, path, dict(filters)], sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest()


def issue(place: Sequence[Any], *, key: bytes, bound_to: bytes) -> str:
    """The cursor that continues after `place`: the sort values and the id of the last row of a page."""
    content = compact(list(place)).encode()
    return base64.urlsafe_b64encode(_seal(key, place=content, bound_to=bound_to) + content).rstrip(b"=").decode()


def read(cursor: str, *, key: bytes, bound_to: bytes) -> list[Any]:
    """The sort values that a cursor continues after. Raises ApiError for one not issued for this caller and list."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raw = b""
    seal, content = raw[:16], raw[16:]
    if (
        len(cursor) > LONGEST
        or not content
        or not hmac.compare_digest(seal, _seal(key, place=content, bound_to=bound_to))
    ):
        raise ApiError(
            "cursor-invalid",
            zh="游标无效，请从第一页重新读取。",
            en="The cursor is not valid; start from the first page.",
        )
    place: list[Any] = json.loads(content)
    return place
