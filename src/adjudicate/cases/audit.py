"""The hash chain over a case's events: what is hashed, in which form; it reads and stores nothing."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import rfc8785

from adjudicate.cases.errors import ContentNotRecordable
from adjudicate.compact_json import compact_sorted

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHM = "sha-256"

# Everything an event says, in the columns' names, except the bodies that stand here as salted digests.
HASHED = (
    *("case_id", "sequence", "kind", "event", "effective_on", "effective_at", "by", "thread", "party", "joins"),
    *("irregular", "reason", "supersedes", "before", "target", "cause", "key", "actor", "recorded_by", "recorded_at"),
    *("recorded_on", "law_digest", "calendar_digest", "docket_number", "voids_docket_number"),
    *("facts_digest", "particulars_digest", "algorithm"),
)
_TIMES = ("effective_on", "effective_at", "recorded_at", "recorded_on")
# What a case is from its first day; the first event is chained to it.
FOUNDATION = ("id", "workflow", "office", "region", "opened_on", "opened_by")


def canonical(value: Any) -> bytes:
    """RFC 8785 canonical JSON. Raises ContentNotRecordable for what has no canonical form."""
    try:
        # Written in C, and the same bytes as RFC 8785 asks for wherever `_plainly_ordered` holds.
        return compact_sorted(value).encode() if _plainly_ordered(value) else rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise ContentNotRecordable(
            zh="内容含有无法准确保存的数字或字符。",
            en="The content holds a number or character that cannot be kept exactly.",
        ) from error


_LARGEST = 2**53 - 1
_PLAIN = {str, bool, type(None)}


def _plainly_ordered(value: Any) -> bool:
    """Whether nothing in a value is written or ordered in JSON otherwise than Python does it: no fraction, no number
    beyond 53 bits, no key outside the plane in which code points and UTF-16 units sort alike.
    """
    kind = type(value)
    if kind in _PLAIN:
        return True
    if kind is int:
        return bool(-_LARGEST <= value <= _LARGEST)
    if kind is dict:
        for key, one in value.items():
            if type(key) is not str or not key.isascii() or not (type(one) in _PLAIN or _plainly_ordered(one)):
                return False
        return True
    return (kind is list or kind is tuple) and all(_plainly_ordered(one) for one in value)


def new_salt() -> str:
    """A salt of 128 bits, in hex."""
    return secrets.token_hex(16)


def salted_digest(salt: str, value: Any) -> str:
    """The digest of a body, in hex; without the salt it tells nothing about a short body."""
    return hashlib.sha256(bytes.fromhex(salt) + canonical(value)).hexdigest()


def foundation_hash(case: Mapping[str, Any]) -> str:
    """What the first event of a case is chained to."""
    return hashlib.sha256(canonical({name: _plain(case[name]) for name in FOUNDATION})).hexdigest()


def event_hash(event: Mapping[str, Any], previous: str) -> str:
    """The hash of an event's row upon the hash before it."""
    content = {name: event[name] for name in HASHED}
    for name in _TIMES:
        content[name] = _plain(content[name])
    return hashlib.sha256(previous.encode() + b"\n" + canonical(content)).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
    if isinstance(value, date):
        return value.isoformat()
    return value
