"""What verification reports: one disagreement, with the case and event where it lies; how it is shown is not here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One disagreement, in both languages. `sequence` is the event's, where one event can be named."""

    case_id: str | None
    sequence: int | None
    zh: str
    en: str

    @classmethod
    def of_all(cls, zh: str, en: str) -> Finding:
        """A disagreement that concerns the whole record."""
        return cls(None, None, zh, en)
