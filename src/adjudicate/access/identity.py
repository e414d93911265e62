"""Who is asking and how that is proved: offices, actors and bearer tokens; what an actor may do is not decided here."""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from adjudicate.access import queries
from adjudicate.access.caller import Caller
from adjudicate.definition.values import LEVELS
from adjudicate.errors import AdjudicateError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

TOKEN_BYTES = 32

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,100}")
_CODE = re.compile(r"[A-Za-z0-9]{2,32}")
_REGION = re.compile(r"[0-9]{6}")
_ACTOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class OfficeInvalid(AdjudicateError):
    """An office cannot be added as described."""

    code: ClassVar[str] = "office-invalid"


class ActorInvalid(AdjudicateError):
    """An actor cannot be added as described, or does not exist."""

    code: ClassVar[str] = "actor-invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeDraft:
    """An office to be added: `region` is a GB/T 2260 code, `docket_name` what its docket numbers begin with."""

    code: str
    region: str
    name_zh: str
    name_en: str
    docket_name: str
    level: str
    parent: str | None = None


def hash_of(token: str) -> str:
    """How a token is stored: SHA-256 in hex. The token is random, so no slow hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def authenticate(tx: Connection, token: str, *, at: datetime) -> Caller | None:
    """The caller whose token this is, or None if it is not known, expired or revoked."""
    if not _TOKEN.fullmatch(token):
        return None
    row = queries.actor_of_token(tx, token_hash=hash_of(token), at=at)
    if row is None:
        return None
    return Caller(
        actor=row["id"],
        name=row["name"],
        roles=frozenset(row["roles"]),
        office=row["office"],
        office_path=row["path"],
    )


def issue_token(
    tx: Connection, *, actor: str, label: str, at: datetime, expires_at: datetime | None = None
) -> tuple[str, str]:
    """A new token of an actor as (its id, the token itself, which is shown this once). Raises ActorInvalid."""
    if queries.actor(tx, actor) is None:
        raise ActorInvalid(zh=f"没有人员“{actor[:64]}”", en=f"there is no actor '{actor[:64]}'")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    token_id = str(uuid.uuid4())
    values = {"id": token_id, "hash": hash_of(token), "actor": actor, "label": label[:200]}
    queries.add_token(tx, {**values, "issued_at": at, "expires_at": expires_at, "revoked_at": None})
    return token_id, token


def add_office(tx: Connection, draft: OfficeDraft) -> None:
    """Add an office under its parent. Raises OfficeInvalid."""

    def refuse(zh: str, en: str) -> OfficeInvalid:
        return OfficeInvalid(zh=zh, en=en)

    if not _CODE.fullmatch(draft.code):
        raise refuse("机构代码应为字母和数字", "an office code is letters and digits")
    if not _REGION.fullmatch(draft.region):
        raise refuse("区划代码应为六位数字", "a region is a code of six digits")
    if draft.level not in LEVELS:
        raise refuse(f"层级应为 {'、'.join(LEVELS)} 之一", f"a level is one of {', '.join(LEVELS)}")
    if queries.office(tx, draft.code) is not None:
        raise refuse(f"机构“{draft.code}”已存在", f"there already is an office '{draft.code}'")
    above = ""
    if draft.parent is not None:
        parent = queries.office(tx, draft.parent)
        if parent is None:
            raise refuse(f"没有上级机构“{draft.parent[:32]}”", f"there is no office '{draft.parent[:32]}' above it")
        above = parent["path"]
    queries.add_office(
        tx,
        {
            "code": draft.code,
            "region": draft.region,
            "name_zh": draft.name_zh,
            "name_en": draft.name_en,
            "docket_name": draft.docket_name,
            "level": draft.level,
            "parent": draft.parent,
            "path": f"{above}{draft.code}/",
        },
    )


def add_actor(tx: Connection, *, actor: str, name: str, office: str, roles: list[str], at: datetime) -> None:
    """Add a person or a system that acts for an office. Raises ActorInvalid."""
    if not _ACTOR.fullmatch(actor):
        raise ActorInvalid(
            zh="人员标识只能含字母、数字、点、横线", en="an actor id is letters, digits, dots and dashes"
        )
    if queries.office(tx, office) is None:
        raise ActorInvalid(zh=f"没有机构“{office[:32]}”", en=f"there is no office '{office[:32]}'")
    if queries.actor(tx, actor) is not None:
        raise ActorInvalid(zh=f"人员“{actor}”已存在", en=f"there already is an actor '{actor}'")
    values = {"id": actor, "name": name, "office": office, "roles": sorted(roles)}
    queries.add_actor(tx, {**values, "created_at": at, "disabled_at": None})
