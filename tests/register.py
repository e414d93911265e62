"""Offices, people and tokens for tests, by the same use cases as everywhere and with an entry in the ledger.

On the code of a release without the ledger, where `tools/failed-before` runs the tests of findings too, they are added
as that release did.
"""

from __future__ import annotations

from datetime import timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from adjudicate import clock

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from adjudicate.cases.registry import Registry
    from adjudicate.definition.offices import Offices

HAS_LEDGER = find_spec("adjudicate.ledger") is not None
COMMAND_LINE = "command-line"


def rules_of(law: Path) -> Offices | None:
    """The kinds of offices of a folder of the law."""
    if not HAS_LEDGER:
        return None
    from adjudicate.definition.catalogue import read_texts
    from adjudicate.definition.offices import read_offices
    from adjudicate.definition.registers import read_registers

    texts = read_texts(law)
    return read_offices(texts, read_registers(texts).roles)


def rules_in(registry: Registry) -> Offices | None:
    """The kinds of offices of the law that a process has loaded."""
    return registry.catalogue.offices if HAS_LEDGER else None


def add_office(
    tx: Connection, rules: Offices | None, code: str, region: str, level: str, parent: str | None = None, **names: Any
) -> None:
    """An office whose names are its code, unless others are given."""
    given: dict[str, Any] = {"name_zh": code, "name_en": code, "docket_name": code, **names}
    given |= {"code": code, "region": region, "level": level, "parent": parent}
    if rules is None:
        from adjudicate.access import identity as former

        former.add_office(tx, former.OfficeDraft(**given))  # type: ignore[attr-defined]
        return
    from adjudicate.access import offices

    offices.add_office(tx, offices.OfficeDraft(**given), rules=rules, by=COMMAND_LINE, at=clock.now())


def add_person(
    tx: Connection,
    rules: Offices | None,
    actor: str,
    office: str,
    roles: Iterable[str],
    *,
    name: str | None = None,
    at: datetime | None = None,
) -> None:
    """A person, known since `at` (without it since now)."""
    given: dict[str, Any] = {"actor": actor, "name": name or actor, "office": office, "at": at or clock.now()}
    if rules is None:
        from adjudicate.access import identity as former

        former.add_actor(tx, roles=list(roles), **given)  # type: ignore[attr-defined]
        return
    from adjudicate.access import people

    people.add_person(tx, roles=roles, rules=rules, by=COMMAND_LINE, **given)


def token_of(tx: Connection, actor: str, *, label: str = "test", at: datetime | None = None, days: int = 90) -> str:
    """A new token of a person."""
    when = at or clock.now()
    if not HAS_LEDGER:
        from adjudicate.access import identity as former

        ends = when + timedelta(days=days)
        return str(former.issue_token(tx, actor=actor, label=label, at=when, expires_at=ends)[1])  # type: ignore[attr-defined]
    from adjudicate.access import tokens

    return tokens.issue_token(tx, actor=actor, label=label, by=COMMAND_LINE, at=when, days=days)[1]
