"""Offices, people, appointments and tokens as the API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adjudicate.access.queries import is_in_force
from adjudicate.api.rendering import instant, label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from adjudicate.definition.offices import Offices
    from adjudicate.definition.registers import Role


def roles(known: Mapping[str, Role], rules: Offices) -> dict[str, Any]:
    """All roles and all kinds of offices."""
    return {
        "roles": [
            {
                "role": name,
                "label": label(role.label),
                "kind": role.kind,
                "records_for": list(role.records_for),
                "may": permissions(rules, {name}),
            }
            for name, role in known.items()
        ],
        "office_kinds": [
            {"kind": name, "label": label(kind.label), "outside": kind.outside, "roles": list(kind.roles)}
            for name, kind in rules.kinds.items()
        ],
    }


def permissions(rules: Offices, held: Iterable[str]) -> list[str]:
    """What these roles may do beside the steps of a case."""
    return [what for what in rules.may if rules.permits(what, frozenset(held))]


def office(row: Mapping[Any, Any], rules: Offices) -> dict[str, Any]:
    """An office."""
    kind = row["kind"] or rules.usual
    return {
        **{name: row[name] for name in ("code", "region", "docket_name", "level", "parent")},
        "name": {"zh": row["name_zh"], "en": row["name_en"]},
        "kind": kind,
        "outside": kind in rules.kinds and rules.kinds[kind].outside,
        "closed_at": instant(row["closed_at"]),
    }


def appointment(row: Mapping[Any, Any], at: datetime) -> dict[str, Any]:
    """A role held at an office, as of an instant."""
    same = ("id", "office", "role", "stands_in_for", "given_by", "ended_by")
    times = ("from_at", "until_at", "given_at", "ended_at")
    shown = {**{name: row[name] for name in same}, **{name: instant(row[name]) for name in times}}
    return {**shown, "in_force": is_in_force(row, at)}


def person_row(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A person with the roles held at their office."""
    shown = {"id": row["id"], "name": row["name"] or None, "office": row["office"], "roles": row["roles"]}
    return {**shown, "left_at": instant(row["disabled_at"])}


def person(row: Mapping[Any, Any], held: Iterable[Mapping[Any, Any]], at: datetime) -> dict[str, Any]:
    """A person with every role ever held."""
    shown = {**person_row(row), "since": instant(row["created_at"])}
    return {**shown, "appointments": [appointment(one, at) for one in held]}


def token(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A token, without its hash."""
    times = {name: instant(row[name]) for name in ("issued_at", "expires_at", "revoked_at")}
    return {"id": row["id"], "label": row["label"], "issued_by": row["issued_by"], **times}
