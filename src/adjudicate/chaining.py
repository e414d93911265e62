"""What every chain is made of: canonical JSON, salted digests, and hashes over the hash before; it stores nothing."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

import rfc8785

from adjudicate.compact_json import compact_sorted
from adjudicate.errors import AdjudicateError

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHM = "sha-256"


class ContentNotRecordable(AdjudicateError):
    """A value has no canonical form (a number beyond what JSON keeps exactly, a broken character)."""

    code: ClassVar[str] = "facts-invalid"


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


def digest_holds(salt: str, value: Any, digest: str) -> bool:
    """Whether a body still has its salted digest."""
    try:
        return salted_digest(salt, value) == digest
    except (ValueError, ContentNotRecordable):
        return False


def first_link(content: Mapping[str, Any]) -> str:
    """What the first entry of a chain is chained to: the digest of what the chain belongs to."""
    return hashlib.sha256(canonical({name: plain(value) for name, value in content.items()})).hexdigest()


def chained(content: Any, previous: str) -> str:
    """The hash of an entry upon the hash before it."""
    return hashlib.sha256(previous.encode() + b"\n" + canonical(content)).hexdigest()


def plain(value: Any) -> Any:
    """A stored value as JSON has it: instants in UTC with microseconds, dates as such, the rest as it is."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
    if isinstance(value, date):
        return value.isoformat()
    return value
