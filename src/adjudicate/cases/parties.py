"""Who a party is: its name, how the name is searched for, and the particulars that may be erased; no query here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from adjudicate.law.folding import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_NAME = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who a party is: its name and whatever else must be known, all of which may later be erased."""

    name: str
    particulars: Mapping[str, Any] = field(default_factory=dict)


def name_columns(person: Person) -> dict[str, Any]:
    """The columns of a party that hold who it is."""
    return {
        "name": person.name[:LONGEST_NAME],
        "name_key": name_key(person.name),
        "particulars": dict(person.particulars),
    }


def name_key(name: str) -> str:
    """A name folded for search, as it is stored and as it is looked for."""
    return fold(name)[:LONGEST_NAME]
