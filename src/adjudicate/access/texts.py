"""Whether a text can be kept as a name; what it names is not known here."""

from __future__ import annotations


def is_text(text: str, longest: int) -> bool:
    """Whether a text says something, is at most so long (in characters), and can be written in UTF-8."""
    return bool(text.strip()) and len(text) <= longest and not any("\ud800" <= letter <= "\udfff" for letter in text)
