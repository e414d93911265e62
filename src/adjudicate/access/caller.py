"""Who is asking, as every use case needs to know it; how that was proved is not here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """An authenticated person at the office where it acts, with the roles held there, and that office's place in the
    tree. Who stands in may act at several offices, in each request at one.

    `until_at`: when the first of these roles ends, where that is known beforehand.
    """

    actor: str
    name: str
    roles: frozenset[str]
    office: str
    office_path: str
    until_at: datetime | None = None
