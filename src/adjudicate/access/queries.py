"""Every statement on offices, actors, tokens and grants, and the one rule of visibility; it decides nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, insert, literal, or_, select, update

from adjudicate.access.models import actors, grants, offices, tokens
from adjudicate.postgres.prepared import PreparedStatement

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy import Connection, RowMapping

    from adjudicate.access.caller import Caller


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller may know of on a day, the only rule of its kind: an office sees its own and its subordinates'
    cases, and those granted to it or to the caller.

    A case asked for by its id is asked whether the caller's sight `covers` it. A list takes its rows from two sources,
    the offices' own (`offices`, or `codes` with `path`) and the `granted`, each with an index of its own: asked of
    each row, "or granted" is a condition that no index answers.
    """

    caller: Caller
    today: date

    @property
    def path(self) -> str:
        """What the paths of all offices begin with whose cases are the caller's own."""
        return self.caller.office_path

    def offices(self) -> Select[tuple[str]]:
        """The codes of the offices whose cases are the caller's own."""
        return subtree(self.path)

    def codes(self, tx: Connection) -> list[str]:
        """The same, read: where the planner must know how many there are."""
        return [row.code for row in tx.execute(self.offices())]

    def granted(self) -> Select[tuple[str]]:
        """The ids of the cases that a grant in force opens."""
        return select(grants.c.case_id).distinct().where(*_in_force(self.caller, self.today))

    def covers(self, *, case_id: ColumnElement[str], office: ColumnElement[str]) -> ColumnElement[bool]:
        """Whether the caller may know of the case of this id and office."""
        return or_(office.in_(self.offices()), granted(self.caller, case_id=case_id, today=self.today))


def _in_force(caller: Caller, today: date) -> tuple[ColumnElement[bool], ...]:
    return (
        or_(grants.c.actor == caller.actor, grants.c.office == caller.office),
        grants.c.from_on <= today,
        or_(grants.c.until_on.is_(None), grants.c.until_on > today),
    )


def granted(
    caller: Caller, *, case_id: ColumnElement[str], today: date, kinds: tuple[str, ...] | None = None
) -> ColumnElement[bool]:
    """Whether a grant in force (of one of `kinds`, if given) opens the case to the caller or to its office."""
    conditions = [grants.c.case_id == case_id, *_in_force(caller, today)]
    if kinds is not None:
        conditions.append(grants.c.kind.in_(kinds))
    return exists(select(grants.c.id).where(*conditions))


def holds_grant(tx: Connection, caller: Caller, *, case_id: str, kinds: tuple[str, ...], today: date) -> bool:
    """Whether a grant in force of one of `kinds` opens this case to the caller or to its office."""
    column = literal(case_id, grants.c.case_id.type)
    return bool(tx.execute(select(granted(caller, case_id=column, today=today, kinds=kinds))).scalar_one())


def subtree(path: str) -> Select[tuple[str]]:
    """The codes of an office and of all under it. A path holds no wildcard: office codes are letters and digits."""
    return select(offices.c.code).where(offices.c.path.startswith(path, autoescape=True))


@lru_cache(maxsize=1)
def _caller_statement() -> PreparedStatement:
    joined = tokens.join(actors, actors.c.id == tokens.c.actor).join(offices, offices.c.code == actors.c.office)
    return PreparedStatement(
        select(actors.c.id, actors.c.name, actors.c.roles, actors.c.office, offices.c.path)
        .select_from(joined)
        .where(
            and_(
                tokens.c.hash == bindparam("hash"),
                tokens.c.revoked_at.is_(None),
                or_(
                    tokens.c.expires_at.is_(None), tokens.c.expires_at > bindparam("at", type_=tokens.c.expires_at.type)
                ),
                actors.c.disabled_at.is_(None),
            )
        )
    )


def actor_of_token(tx: Connection, *, token_hash: str, at: datetime) -> Mapping[str, Any] | None:
    """The actor whose token this is, unless it is expired or revoked or the actor disabled."""
    return next(iter(_caller_statement().rows(tx, {"hash": token_hash, "at": at})), None)


def office(tx: Connection, code: str) -> RowMapping | None:
    """One office."""
    return tx.execute(select(offices).where(offices.c.code == code)).mappings().first()


def all_offices(tx: Connection) -> list[RowMapping]:
    """Every office, each after the one above it."""
    return list(tx.execute(select(offices).order_by(offices.c.path)).mappings())


def any_office(tx: Connection) -> bool:
    """Whether the tables are there and answer, and hold an office."""
    return tx.execute(select(offices.c.code).limit(1)).first() is not None


def add_office(tx: Connection, values: dict[str, Any]) -> None:
    """Write one office."""
    tx.execute(insert(offices), values)


def actor(tx: Connection, actor_id: str) -> RowMapping | None:
    """One actor."""
    return tx.execute(select(actors).where(actors.c.id == actor_id)).mappings().first()


def add_actor(tx: Connection, values: dict[str, Any]) -> None:
    """Write one actor."""
    tx.execute(insert(actors), values)


def add_token(tx: Connection, values: dict[str, Any]) -> None:
    """Write one token, as its hash."""
    tx.execute(insert(tokens), values)


def tokens_of(tx: Connection, actor_id: str | None) -> list[RowMapping]:
    """The tokens of one actor, or of all, newest first; never their hashes."""
    shown = (tokens.c.id, tokens.c.actor, tokens.c.label, tokens.c.issued_at, tokens.c.expires_at, tokens.c.revoked_at)
    statement = select(*shown).order_by(tokens.c.issued_at.desc(), tokens.c.id)
    if actor_id is not None:
        statement = statement.where(tokens.c.actor == actor_id)
    return list(tx.execute(statement).mappings())


def revoke_token(tx: Connection, token_id: str, at: datetime) -> int:
    """Revoke one token; returns how many were revoked by this."""
    statement = update(tokens).where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None)).values(revoked_at=at)
    return tx.execute(statement).rowcount


def revoke_labelled(tx: Connection, label: str, at: datetime) -> int:
    """Revoke every token with this label; returns how many were revoked by this."""
    statement = update(tokens).where(tokens.c.label == label, tokens.c.revoked_at.is_(None)).values(revoked_at=at)
    return tx.execute(statement).rowcount


def grants_of(tx: Connection, case_id: str) -> list[RowMapping]:
    """The grants on a case, past ones included, in the order in which they were given."""
    statement = select(grants).where(grants.c.case_id == case_id).order_by(grants.c.granted_at, grants.c.id)
    return list(tx.execute(statement).mappings())


def add_grant(tx: Connection, values: dict[str, Any]) -> None:
    """Write one grant."""
    tx.execute(insert(grants), values)


def end_grant(tx: Connection, *, case_id: str, grant_id: str, until_on: date) -> int:
    """End a grant that is in force or has no end yet; returns how many were ended by this."""
    running = or_(grants.c.until_on.is_(None), grants.c.until_on > until_on)
    where = (grants.c.id == grant_id, grants.c.case_id == case_id, running)
    return tx.execute(update(grants).where(*where).values(until_on=until_on)).rowcount
