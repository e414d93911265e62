"""Bearer tokens issued and revoked, each with its entry in the administrative ledger; a token is shown once."""

from __future__ import annotations

import secrets
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from adjudicate.access import queries
from adjudicate.access.administration import begin, new_row, record
from adjudicate.access.errors import ActorInvalid
from adjudicate.access.identity import hash_of
from adjudicate.access.texts import is_text
from adjudicate.ledger import Change

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

TOKEN_BYTES = 32
USUAL_DAYS = 90
MOST_DAYS = 366
_LONGEST_LABEL = 200


def issue_token(
    tx: Connection, *, actor: str, label: str, by: str, at: datetime, days: int | None = USUAL_DAYS
) -> tuple[str, str]:
    """A new token of a person as (its id, the token itself, which is shown this once), for a number of days.

    `days` None: without an end, which only the command line may ask for. Raises ActorInvalid.
    """
    begin(tx)
    if label and not is_text(label, _LONGEST_LABEL):
        zh = f"令牌的说明须为至多 {_LONGEST_LABEL} 字的有效文字"
        raise ActorInvalid(zh=zh, en=f"a token's label is valid text of at most {_LONGEST_LABEL} characters")
    person = queries.actor(tx, actor)
    if person is None:
        raise ActorInvalid(zh="没有所填标识的人员，请核对标识", en="nobody has the id that was given: check it")
    if person["disabled_at"] is not None:
        raise ActorInvalid(zh="该人员已离任，不能签发令牌", en="this person has left and can be given no token")
    token, token_id = secrets.token_urlsafe(TOKEN_BYTES), str(uuid.uuid4())
    values = {"id": token_id, "hash": hash_of(token), "actor": actor, "label": label}
    ends = None if days is None else at + timedelta(days=days)
    row = new_row("tokens", {**values, "issued_at": at, "expires_at": ends, "issued_by": by})
    record(tx, Change(kind="token_issued", actor=by, at=at, rows={"tokens": [row]}))
    return token_id, token


def revoke_token(tx: Connection, token_id: str, *, by: str, at: datetime) -> bool:
    """Revoke one token; False if there is none, or it was revoked before."""
    begin(tx)
    row = queries.token(tx, token_id)
    if row is None or row["revoked_at"] is not None:
        return False
    record(tx, Change(kind="token_revoked", actor=by, at=at, rows={"tokens": revoked([row], by, at)}))
    return True


def revoke_labelled(tx: Connection, label: str, *, by: str, at: datetime) -> int:
    """Revoke every token with this label; returns how many were revoked by this."""
    begin(tx)
    rows = queries.live_tokens(tx, label=label)
    if rows:
        record(tx, Change(kind="token_revoked", actor=by, at=at, rows={"tokens": revoked(rows, by, at)}))
    return len(rows)


def revoked(rows: Sequence[Mapping[Any, Any]], by: str, at: datetime) -> list[dict[str, Any]]:
    """The rows of tokens as they stand once revoked."""
    return [{**row, "revoked_at": at, "revoked_by": by} for row in rows]
