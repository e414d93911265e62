"""Offices, people and tokens for tests, by the same use cases as everywhere and with an entry in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adjudicate import clock
from adjudicate.access import offices, people, tokens
from adjudicate.access.administration import COMMAND_LINE
from adjudicate.definition.catalogue import read_texts
from adjudicate.definition.offices import read_offices
from adjudicate.definition.registers import read_registers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from adjudicate.definition.offices import Offices


def rules_of(law: Path) -> Offices:
    """The kinds of offices of a folder of the law."""
    texts = read_texts(law)
    return read_offices(texts, read_registers(texts).roles)


def add_office(
    tx: Connection, rules: Offices, code: str, region: str, level: str, parent: str | None = None, **names: Any
) -> None:
    """An office whose names are its code, unless others are given."""
    given: dict[str, Any] = {"name_zh": code, "name_en": code, "docket_name": code, **names}
    draft = offices.OfficeDraft(code=code, region=region, level=level, parent=parent, **given)
    offices.add_office(tx, draft, rules=rules, by=COMMAND_LINE, at=clock.now())


def add_person(
    tx: Connection,
    rules: Offices,
    actor: str,
    office: str,
    roles: Iterable[str],
    *,
    name: str | None = None,
    at: datetime | None = None,
) -> None:
    """A person, known since `at` (without it since now)."""
    people.add_person(
        tx, actor=actor, name=name or actor, office=office, roles=roles, rules=rules, by=COMMAND_LINE,
        at=at or clock.now(),
    )  # fmt: skip


def token_of(tx: Connection, actor: str, *, label: str = "test", at: datetime | None = None, days: int = 90) -> str:
    """A new token of a person."""
    return tokens.issue_token(tx, actor=actor, label=label, by=COMMAND_LINE, at=at or clock.now(), days=days)[1]
