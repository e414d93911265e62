"""Which tokens of a person may act at an office that the person is given a role at; the others end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adjudicate.access import queries
from adjudicate.access.administration import NO_PERSON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from adjudicate.definition.offices import Offices


def tokens_out_of_reach(tx: Connection, actor: str, office: str, rules: Offices) -> list[Mapping[Any, Any]]:
    """The live tokens of a person that were issued by somebody else who never administered this office.

    Whoever issued a token may have kept it. With it, the administrator of a city would obtain whatever role its people
    are given further up.
    """
    place = queries.office(tx, office)
    path = "" if place is None else str(place["path"])
    trusted = {*NO_PERSON, actor, None}
    return [
        row
        for row in queries.live_tokens(tx, actor=actor)
        if row["issued_by"] not in trusted and not _administered(tx, row["issued_by"], path, rules)
    ]


def _administered(tx: Connection, issuer: str, path: str, rules: Offices) -> bool:
    # Whether the issuer has left or moved since does not matter: the token was issued in the right place.
    held = [row for row in queries.appointments_of(tx, issuer) if rules.permits("administer", frozenset({row["role"]}))]
    places = [queries.office(tx, row["office"]) for row in held]
    return any(place is not None and path.startswith(place["path"]) for place in places)
