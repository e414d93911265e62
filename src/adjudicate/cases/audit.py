"""The hash chain over a case's events: what is hashed, in which form; it reads and stores nothing."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import rfc8785

from adjudicate.cases.errors import ContentNotRecordable

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
# What a case is from its first day; the first event is chained to it.
FOUNDATION = ("id", "workflow", "office", "region", "opened_on", "opened_by")


def canonical(value: Any) -> bytes:
    """RFC 8785 canonical JSON. Raises ContentNotRecordable for what has no canonical form."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise ContentNotRecordable(
            zh="内容含有无法准确保存的数字或字符。",
            en="The content holds a number or character that cannot be kept exactly.",
        ) from error


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
    content = {name: _plain(event[name]) for name in HASHED}
    return hashlib.sha256(previous.encode() + b"\n" + canonical(content)).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    return value
