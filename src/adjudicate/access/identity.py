"""Who is asking and how that is proved: a bearer token, its person, and the roles held at this moment."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from adjudicate.access import queries
from adjudicate.access.caller import Caller
from adjudicate.access.errors import NotAppointed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Connection

    from adjudicate.postgres.prepared import PendingResult

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,100}")


def hash_of(token: str) -> str:
    """How a token is stored: SHA-256 in hex. The token is random, so no slow hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def authenticate(tx: Connection, token: str, *, at: datetime, office: str | None = None) -> Caller | None:
    """The caller whose token this is, at its own office or at `office`; None if it is not known, expired or revoked.

    Raises NotAppointed if the caller has no role at `office` at that moment.
    """
    rows = look_up(tx, token, at=at)
    return None if rows is None else caller_of(rows.rows(), office)


def look_up(tx: Connection, token: str, *, at: datetime) -> PendingResult | None:
    """Queue the question whose token this is; None if it cannot be one. `caller_of` reads the answer."""
    return queries.query_token(tx, token_hash=hash_of(token), at=at) if _TOKEN.fullmatch(token) else None


def caller_of(rows: Sequence[Mapping[str, Any]], office: str | None) -> Caller | None:
    """The caller that the answer tells of, as `authenticate` says."""
    if not rows:
        return None
    home = rows[0]["home"]
    place = home if office is None else office
    held = [row for row in rows if row["office"] == place]
    if office is not None and office != home and not held:
        raise NotAppointed
    path = held[0]["path"] if held else rows[0]["home_path"]
    ends = [row["until_at"] for row in held if row["until_at"] is not None]
    return Caller(
        actor=rows[0]["id"],
        name=rows[0]["name"],
        roles=frozenset(row["role"] for row in held if row["role"] is not None),
        office=place,
        office_path=path,
        until_at=min(ends, default=None),
    )
