"""Who is asking, as every use case needs to know it; how that was proved is not here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """An authenticated actor with the roles it holds, the office it belongs to and that office's place in the tree."""

    actor: str
    name: str
    roles: frozenset[str]
    office: str
    office_path: str
