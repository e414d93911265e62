"""The chain of a case's events: what of an event is hashed, and what the first one is chained to; it stores nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adjudicate.chaining import ALGORITHM, chained, first_link, new_salt, plain, salted_digest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ALGORITHM", "FOUNDATION", "HASHED", "event_hash", "foundation_hash", "new_salt", "salted_digest"]

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


def foundation_hash(case: Mapping[str, Any]) -> str:
    """What the first event of a case is chained to."""
    return first_link({name: case[name] for name in FOUNDATION})


def event_hash(event: Mapping[str, Any], previous: str) -> str:
    """The hash of an event's row upon the hash before it."""
    content = {name: event[name] for name in HASHED}
    for name in _TIMES:
        content[name] = plain(content[name])
    return chained(content, previous)
