"""Responses on offices, roles, people and tokens, as strict models."""

from __future__ import annotations

from typing import Literal

from adjudicate.api.inputs import Instant
from adjudicate.api.list_shapes import Page
from adjudicate.api.shapes import LabelShape, Shape


class RoleShape(Shape):
    """A role of the law and what it may do beside the steps of a case."""

    role: str
    label: LabelShape
    kind: Literal["office", "party", "outside", "automatic"]
    records_for: list[str]
    may: list[str]


class OfficeKindShape(Shape):
    """A kind of office, and the roles that its people may have."""

    kind: str
    label: LabelShape
    outside: bool
    roles: list[str]


class RoleList(Shape):
    """All roles and all kinds of offices."""

    roles: list[RoleShape]
    office_kinds: list[OfficeKindShape]


class OfficeShape(Shape):
    """An office and its place in the tree."""

    code: str
    region: str
    name: LabelShape
    docket_name: str
    level: str
    parent: str | None
    kind: str
    outside: bool
    closed_at: Instant | None


class OfficeList(Shape):
    """Offices, each after the one above it."""

    data: list[OfficeShape]


class AppointmentShape(Shape):
    """A role held at an office from one instant until another."""

    id: str
    office: str
    role: str
    from_at: Instant
    until_at: Instant | None
    in_force: bool
    stands_in_for: str | None
    given_by: str
    given_at: Instant
    ended_by: str | None
    ended_at: Instant | None


class PersonShape(Shape):
    """A person with every role ever held. A name that was erased is null."""

    id: str
    name: str | None
    office: str
    roles: list[str]
    since: Instant
    left_at: Instant | None
    appointments: list[AppointmentShape]


class PersonRow(Shape):
    """A person with the roles held now."""

    id: str
    name: str | None
    office: str
    roles: list[str]
    left_at: Instant | None


class PeopleList(Shape):
    """A page of people."""

    data: list[PersonRow]
    page: Page


class MeShape(Shape):
    """Who you are in this request, and where else you may act."""

    id: str
    name: str
    office: str
    roles: list[str]
    may: list[str]
    appointments: list[AppointmentShape]


class TokenShape(Shape):
    """A token as it is known: never the token itself."""

    id: str
    label: str
    issued_at: Instant
    issued_by: str | None
    expires_at: Instant | None
    revoked_at: Instant | None


class TokenList(Shape):
    """The tokens of a person, newest first."""

    data: list[TokenShape]


class TokenIssued(Shape):
    """A new token, shown this once."""

    id: str
    token: str
    expires_at: Instant | None
