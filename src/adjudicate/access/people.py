"""People and their roles over time: added, moved, standing in, leaving; each with its entry in the ledger."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adjudicate.access import queries
from adjudicate.access.administration import ADMINISTRATION, RESERVED, begin, end_of_acts, new_row, record
from adjudicate.access.errors import ActorInvalid
from adjudicate.access.offices import NO_SUCH_OFFICE
from adjudicate.access.reach import tokens_out_of_reach
from adjudicate.access.texts import is_text
from adjudicate.access.tokens import revoked
from adjudicate.ledger import ERASED, Change, erase

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from adjudicate.definition.offices import Offices

_ACTOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LONGEST_NAME = 200
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """A role held at an office for a time, in the place of somebody; `until_at` None: until it is ended."""

    office: str
    role: str
    from_at: datetime
    until_at: datetime | None
    stands_in_for: str | None


def add_person(
    tx: Connection,
    *,
    actor: str,
    name: str,
    office: str,
    roles: Iterable[str],
    rules: Offices,
    by: str,
    at: datetime,
) -> None:
    """Add a person, or a system, that acts for an office, with its roles there. Raises ActorInvalid."""
    begin(tx)
    held = sorted(set(roles))
    if not _ACTOR.fullmatch(actor):
        raise _invalid(
            "人员标识只能含字母、数字、点、横线和下划线，以字母或者数字开头，不超过六十四个字符",
            "a person's id is up to sixty-four letters, digits, dots, dashes and underscores, the first a letter or a "
            "digit",
        )
    if actor.casefold() in RESERVED:
        raise _invalid(
            "所填的标识由系统自用，不能用于人员，请另填标识",
            "the id that was given stands for the program itself and for no person: give another",
        )
    _check_name(name)
    if queries.actor(tx, actor) is not None:
        raise _invalid("已有人员使用所填的标识，请另填标识", "somebody has that id already: give another")
    _check_roles(tx, office, held, rules)
    person = new_row("actors", {"id": actor, "name": name, "office": office, "roles": held, "created_at": at})
    rows = {"actors": [person], "appointments": [_appointment(actor, office, role, by, at) for role in held]}
    record(tx, Change(kind="person_added", actor=by, at=at, rows=rows))


def rename_person(tx: Connection, actor: str, name: str, *, by: str, at: datetime, reason: str | None = None) -> None:
    """Change a person's name; nothing happens where it is that already. Raises ActorInvalid."""
    begin(tx)
    _check_name(name)
    person = _present(tx, actor)
    if person["name"] == name:
        return
    rows = {"actors": [{**person, "name": name}]}
    record(tx, Change(kind="person_renamed", actor=by, at=at, rows=rows, reason=reason))


def move_person(
    tx: Connection,
    actor: str,
    *,
    office: str,
    roles: Iterable[str],
    rules: Offices,
    by: str,
    at: datetime,
    reason: str | None = None,
) -> None:
    """Let a person work at an office with these roles from now on: a move, or other roles at the same place.

    What the person holds elsewhere, or in the place of somebody, stays; so does a role until a date at the same place,
    unless it is given without an end now. Nothing happens where all is so already. Raises ActorInvalid.
    """
    begin(tx)
    person, held = _present(tx, actor), sorted(set(roles))
    _check_roles(tx, office, held, rules)
    at = end_of_acts(tx, actor, at)
    own = [row for row in queries.appointments_in_force(tx, actor, at=at) if row["stands_in_for"] is None]
    there = [row for row in own if row["office"] == office]
    kept = {row["role"] for row in there if row["until_at"] is None} & set(held)
    # What is not asked for any more ends; what runs out and is asked for gives way to the role without an end.
    ended = [row for row in there if (row["until_at"] is None) == (row["role"] not in held)]
    if office != person["office"]:
        ended += [row for row in own if row["office"] == person["office"]]
    given = [_appointment(actor, office, role, by, at) for role in held if role not in kept]
    if not ended and not given and (person["office"], person["roles"]) == (office, held):
        return
    rows: dict[str, Sequence[Mapping[str, Any]]] = {
        "actors": [{**person, "office": office, "roles": held}],
        "appointments": [*_ended(ended, by, at), *given],
        "tokens": revoked(tokens_out_of_reach(tx, actor, office, rules), by, at),
    }
    record(tx, Change(kind="person_moved", actor=by, at=at, rows=_told(rows), reason=reason))


def stand_in(tx: Connection, actor: str, draft: StandIn, *, rules: Offices, by: str, at: datetime) -> str:
    """Let a person hold a role at an office beside its own ones; returns the appointment's id. Raises ActorInvalid."""
    begin(tx)
    person = _present(tx, actor)
    if draft.stands_in_for is not None:
        if draft.stands_in_for == actor:
            raise _invalid(
                "不能代理本人，请填写被代理的其他人员", "nobody stands in for themselves: name somebody else"
            )
        if queries.actor(tx, draft.stands_in_for) is None:
            raise _invalid(
                "没有所填的被代理人员，请核对其标识", "there is no such person to stand in for: check the id"
            )
    if draft.from_at < at:
        raise _invalid("任职不能早于现在开始", "an appointment cannot begin before now")
    if draft.until_at is not None and draft.until_at <= draft.from_at:
        raise _invalid("任职的结束时间须晚于开始时间", "an appointment must end after it begins")
    _check_roles(tx, draft.office, [draft.role], rules)
    for row in queries.appointments_of(tx, actor):
        same = (row["office"], row["role"]) == (draft.office, draft.role)
        ends_before = row["until_at"] is not None and row["until_at"] <= draft.from_at
        begins_after = draft.until_at is not None and draft.until_at <= row["from_at"]
        if same and not ends_before and not begins_after:
            raise _invalid(
                "该人员在此期间已在该机构担任该角色，无须再次任职",
                "the person has that role at that office at that time already and need not be appointed again",
            )
    given = _appointment(actor, draft.office, draft.role, by, at)
    given |= {"from_at": draft.from_at, "until_at": draft.until_at, "stands_in_for": draft.stands_in_for}
    beyond = revoked(tokens_out_of_reach(tx, actor, draft.office, rules), by, at)
    rows = _told({"appointments": [given], "tokens": beyond})
    if _is_own(given, person) and draft.from_at <= at:
        rows["actors"] = [{**person, "roles": sorted({*person["roles"], draft.role})}]
    record(tx, Change(kind="appointment_given", actor=by, at=at, rows=rows))
    return str(given["id"])


def end_appointment(tx: Connection, actor: str, appointment: str, *, by: str, at: datetime) -> bool:
    """End a role now, or keep one that has not begun from beginning; False if it has ended. Raises ActorInvalid."""
    begin(tx)
    person = _present(tx, actor)
    row = next((one for one in queries.appointments_of(tx, actor) if one["id"] == appointment), None)
    if row is None:
        raise _invalid(
            "该人员没有所指的任职，请核对任职列表", "the person has no such appointment: look at the list of them"
        )
    at = end_of_acts(tx, actor, at)
    if row["ended_at"] is not None or queries.is_over(row, at):
        return False
    rows: dict[str, Sequence[Mapping[str, Any]]] = {"appointments": _ended([row], by, at)}
    if _is_own(row, person):
        rows["actors"] = [{**person, "roles": [role for role in person["roles"] if role != row["role"]]}]
    record(tx, Change(kind="appointment_ended", actor=by, at=at, rows=rows))
    return True


def leave(tx: Connection, actor: str, *, by: str, at: datetime, reason: str | None = None) -> None:
    """Let a person leave: every role ends, those not begun too, and every token, at once. Raises ActorInvalid.

    What the person recorded stays what it was. Nothing happens where the person has left already.
    """
    begin(tx)
    person = queries.actor(tx, actor)
    if person is None:
        raise _unknown()
    if person["disabled_at"] is not None:
        return
    at = end_of_acts(tx, actor, at)
    held = queries.appointments_of(tx, actor)
    running = [row for row in held if row["ended_at"] is None and not queries.is_over(row, at)]
    rows = {
        "actors": [{**person, "roles": [], "disabled_at": at}],
        "appointments": _ended(running, by, at),
        "tokens": revoked(queries.live_tokens(tx, actor=actor), by, at),
    }
    record(tx, Change(kind="person_left", actor=by, at=at, rows=_told(rows), reason=reason))


def erase_name(tx: Connection, actor: str, *, by: str, at: datetime, reason: str) -> None:
    """Erase the name of a person who has left, here and in every entry that told it. Raises ActorInvalid."""
    begin(tx)
    person = queries.actor(tx, actor)
    if person is None:
        raise _unknown()
    if person["disabled_at"] is None:
        raise _invalid(
            "只能删除已离任人员的姓名，请先办理离任",
            "only the name of somebody who has left can be erased: let the person leave first",
        )
    erase(tx, ADMINISTRATION, None, "actors", actor)
    rows = {"actors": [{**person, "name": ""}], ERASED: [{"table": "actors", "row": actor}]}
    record(tx, Change(kind="name_erased", actor=by, at=at, rows=rows, reason=reason))


def _is_own(row: Mapping[Any, Any], person: Mapping[Any, Any]) -> bool:
    """Whether a role is one of those that `actors.roles` lists: at home, in nobody's place, without an end."""
    return row["office"] == person["office"] and row["stands_in_for"] is None and row["until_at"] is None


def _present(tx: Connection, actor: str) -> Row:
    row = queries.actor(tx, actor)
    if row is None:
        raise _unknown()
    if row["disabled_at"] is not None:
        raise _invalid("该人员已离任", "this person has left")
    return dict(row)


def _check_name(name: str) -> None:
    if not is_text(name, _LONGEST_NAME):
        raise _invalid(
            f"姓名须为 1 至 {_LONGEST_NAME} 字的有效文字", f"a name is valid text of 1 to {_LONGEST_NAME} characters"
        )


def _check_roles(tx: Connection, office: str, roles: Sequence[str], rules: Offices) -> None:
    row = queries.office(tx, office)
    if row is None:
        raise _invalid(*NO_SUCH_OFFICE)
    if row["closed_at"] is not None:
        raise _invalid(
            f"“{row['name_zh']}”已撤销，不能再任职于此，请填写现有机构",
            f"'{row['name_en']}' is closed and nobody is appointed there any more: name an office that is not",
        )
    kind = rules.kinds.get(row["kind"] or rules.usual)
    known = () if kind is None else kind.roles
    strange = [role for role in roles if role not in known]
    if strange:
        of_zh, of_en = ("该机构", "this office") if kind is None else (f"“{kind.label.zh}”", f"'{kind.label.en}'")
        error = _invalid(
            f"{of_zh}的人员不能担任所填的角色，请从该类机构可以担任的角色中选填",
            f"people of {of_en} cannot have the roles that were given: take those of that kind of office",
        )
        error.allowed = known
        raise error
    if not roles:
        raise _invalid("至少应有一个角色", "at least one role is needed")


def _appointment(actor: str, office: str, role: str, by: str, at: datetime) -> Row:
    given = {"id": str(uuid.uuid4()), "actor": actor, "office": office, "role": role}
    return new_row("appointments", {**given, "from_at": at, "given_by": by, "given_at": at})


def _ended(rows: Iterable[Mapping[Any, Any]], by: str, at: datetime) -> list[Row]:
    # One that has not begun ends where it begins, so that it never held.
    return [{**row, "until_at": max(at, row["from_at"]), "ended_by": by, "ended_at": at} for row in rows]


def _told(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Sequence[Mapping[str, Any]]]:
    return {name: some for name, some in rows.items() if some}


def _unknown() -> ActorInvalid:
    return _invalid("没有所填标识的人员，请核对标识", "nobody has the id that was given: check it")


def _invalid(zh: str, en: str) -> ActorInvalid:
    return ActorInvalid(zh=zh, en=en)
