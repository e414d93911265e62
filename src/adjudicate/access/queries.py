"""The statements that read offices, people, tokens and grants, and the one rule of visibility; none writes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, exists, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adjudicate.access.models import (
    actors,
    administration_entries,
    administration_head,
    appointments,
    grants,
    offices,
    tokens,
)
from adjudicate.ledger import Head
from adjudicate.postgres.prepared import PreparedStatement

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy import Connection, RowMapping

    from adjudicate.access.caller import Caller
    from adjudicate.postgres.prepared import PendingResult


# A grant of any other kind lets its holder read a case and record nothing in it.
RECORDING_KINDS = ("joint", "approval")


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
    """The codes of an office and of all under it."""
    return select(offices.c.code).where(_begins_with(path))


def _begins_with(path: str) -> ColumnElement[bool]:
    # Not LIKE, which on SQLite takes `hz` for `HZ`: another office.
    return func.substr(offices.c.path, 1, len(path)) == path


@lru_cache(maxsize=1)
def _caller_statement() -> PreparedStatement:
    at = bindparam("at", type_=tokens.c.expires_at.type)
    home, place = offices.alias("home"), offices.alias("place")
    in_force = and_(
        appointments.c.actor == actors.c.id,
        appointments.c.from_at <= at,
        or_(appointments.c.until_at.is_(None), appointments.c.until_at > at),
    )
    joined = (
        tokens.join(actors, actors.c.id == tokens.c.actor)
        .join(home, home.c.code == actors.c.office)
        .outerjoin(appointments, in_force)
        .outerjoin(place, place.c.code == appointments.c.office)
    )
    return PreparedStatement(
        select(
            actors.c.id,
            actors.c.name,
            actors.c.office.label("home"),
            home.c.path.label("home_path"),
            appointments.c.office,
            appointments.c.role,
            appointments.c.until_at,
            place.c.path,
        )
        .select_from(joined)
        .where(
            tokens.c.hash == bindparam("hash"),
            tokens.c.revoked_at.is_(None),
            or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > at),
            actors.c.disabled_at.is_(None),
        )
    )


def query_token(tx: Connection, *, token_hash: str, at: datetime) -> PendingResult:
    """Queue the question whose token this is: a row for each role held now (one without a role where none is held).

    Nothing where the token is expired or revoked, or the person has left.
    """
    return _caller_statement().query(tx, {"hash": token_hash, "at": at})


_under_way = PreparedStatement(select(func.pg_advisory_xact_lock_shared(bindparam("key", type_=BigInteger))))
_no_more = PreparedStatement(select(func.pg_advisory_xact_lock(bindparam("key", type_=BigInteger))))


@lru_cache(maxsize=1024)
def _key_of(actor_id: str) -> dict[str, int]:
    digest = hashlib.sha256(f"acts of {actor_id}".encode()).digest()
    return {"key": int.from_bytes(digest[:8], signed=True)}


def announce_act(tx: Connection, actor_id: str) -> None:
    """Queue the sign that an act of a person is under way, until the transaction ends; see `await_acts`."""
    if tx.dialect.name == "postgresql":
        _under_way.query(tx, _key_of(actor_id))


def await_acts(tx: Connection, actor_id: str) -> None:
    """Wait until no act of a person is under way, and let none begin until the transaction ends.

    On SQLite no other transaction writes meanwhile.
    """
    if tx.dialect.name == "postgresql":
        _no_more.rows(tx, _key_of(actor_id))


def office(tx: Connection, code: str) -> RowMapping | None:
    """One office."""
    return tx.execute(select(offices).where(offices.c.code == code)).mappings().first()


def all_offices(tx: Connection, *, under: str = "") -> list[RowMapping]:
    """Every office at or below a path, each after the one above it."""
    statement = select(offices).where(_begins_with(under)).order_by(offices.c.path)
    return list(tx.execute(statement).mappings())


def any_office(tx: Connection) -> bool:
    """Whether the tables are there and answer, and hold an office."""
    return tx.execute(select(offices.c.code).limit(1)).first() is not None


def actor(tx: Connection, actor_id: str) -> RowMapping | None:
    """One person of the register."""
    return tx.execute(select(actors).where(actors.c.id == actor_id)).mappings().first()


def people_under(tx: Connection, path: str, *, after: str = "", limit: int | None = None) -> list[RowMapping]:
    """The people whose office lies at or below a path, in the order of their ids."""
    statement = (
        select(actors).where(actors.c.office.in_(subtree(path)), actors.c.id > after).order_by(actors.c.id).limit(limit)
    )
    return list(tx.execute(statement).mappings())


def appointments_of(tx: Connection, actor_id: str) -> list[RowMapping]:
    """Every role a person ever held or will hold, in the order in which they begin."""
    where = appointments.c.actor == actor_id
    order = (appointments.c.from_at, appointments.c.office, appointments.c.role, appointments.c.id)
    return list(tx.execute(select(appointments).where(where).order_by(*order)).mappings())


def appointments_in_force(tx: Connection, actor_id: str, *, at: datetime) -> list[RowMapping]:
    """The roles that a person holds at an instant."""
    return [row for row in appointments_of(tx, actor_id) if is_in_force(row, at)]


def is_in_force(row: Mapping[Any, Any], at: datetime) -> bool:
    """Whether an appointment holds at an instant."""
    return bool(row["from_at"] <= at and (row["until_at"] is None or row["until_at"] > at))


def is_over(row: Mapping[Any, Any], at: datetime) -> bool:
    """Whether an appointment has ended by an instant; one that begins later has not."""
    return bool(row["until_at"] is not None and row["until_at"] <= at)


def people_at(tx: Connection, office_code: str, *, at: datetime) -> bool:
    """Whether anybody works at an office or holds a role there now or later."""
    running = or_(appointments.c.until_at.is_(None), appointments.c.until_at > at)
    held = select(appointments.c.id).where(appointments.c.office == office_code, running)
    works = select(actors.c.id).where(actors.c.office == office_code, actors.c.disabled_at.is_(None))
    return any(tx.execute(one.limit(1)).first() is not None for one in (held, works))


def token(tx: Connection, token_id: str) -> RowMapping | None:
    """One token, as its hash."""
    return tx.execute(select(tokens).where(tokens.c.id == token_id)).mappings().first()


def live_tokens(tx: Connection, *, actor: str | None = None, label: str | None = None) -> list[RowMapping]:
    """The tokens of a person, or with a label, that were not revoked."""
    statement = select(tokens).where(tokens.c.revoked_at.is_(None)).order_by(tokens.c.issued_at, tokens.c.id)
    if actor is not None:
        statement = statement.where(tokens.c.actor == actor)
    if label is not None:
        statement = statement.where(tokens.c.label == label)
    return list(tx.execute(statement).mappings())


def tokens_of(tx: Connection, actor_id: str | None) -> list[RowMapping]:
    """The tokens of one person, or of all, newest first; never their hashes."""
    shown = [column for column in tokens.c if column.name != "hash"]
    statement = select(*shown).order_by(tokens.c.issued_at.desc(), tokens.c.id)
    if actor_id is not None:
        statement = statement.where(tokens.c.actor == actor_id)
    return list(tx.execute(statement).mappings())


def grants_of(tx: Connection, case_id: str) -> list[RowMapping]:
    """The grants on a case, past ones included, in the order in which they were given."""
    statement = select(grants).where(grants.c.case_id == case_id).order_by(grants.c.granted_at, grants.c.id)
    return list(tx.execute(statement).mappings())


def locked_head(tx: Connection, first: Head) -> Head:
    """Where the administrative ledger ends, its row locked until the transaction ends; `first` where there is none."""
    statement = select(administration_head.c.place, administration_head.c.hash).with_for_update()
    row = tx.execute(statement).first()
    if row is None:
        into = (sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert)(administration_head)
        values = {"id": 1, "place": first.place, "hash": first.hash}
        tx.execute(into.on_conflict_do_nothing(index_elements=["id"]), values)
        row = tx.execute(statement).one()
    return Head(row.place, row.hash)


def entered_at(tx: Connection, place: int) -> datetime | None:
    """When the entry at a place of the administrative ledger was recorded."""
    entries = administration_entries
    return tx.execute(select(entries.c.recorded_at).where(entries.c.place == place)).scalar()


def move_head(tx: Connection, head: Head) -> None:
    """Store where the administrative ledger ends now."""
    tx.execute(update(administration_head).values(place=head.place, hash=head.hash))
