"""The nearest known word to a mistyped one; it knows no vocabulary of its own."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from adjudicate.law.text import Text
from adjudicate.law.written import hinted


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like the given one; None where none is like it."""
    near = difflib.get_close_matches(str(word), [str(k) for k in known], n=1, cutoff=0.6)
    return near[0] if near else None


def suggestion(word: str, known: Iterable[str]) -> Text:
    """`是否应为“x”？` and ` Did you mean 'x'?` for the nearest known word, or nothing in either language."""
    near = nearest(word, known)
    return Text(f"是否应为“{near}”？", f" Did you mean '{near}'?") if near else Text("", "")


def unknown(zh: str, en: str, word: object, known: Iterable[str]) -> Text:
    """The sentence that a word is unknown, with the nearest known one and with what is wrong with its characters."""
    near = suggestion(str(word), known)
    said = Text(f"{zh}。{near.zh}", f"{en}.{near.en}") if near.zh else Text(zh, en)
    return hinted(said, word)
