"""What made a condition fail, in both languages, and the labels that it is said with; it tests nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from adjudicate.law.text import Text


class Names(Protocol):
    """What the parts of a case are called in both languages: a sentence holds no key and no id."""

    def fact(self, name: str) -> Text:
        """A fact."""

    def value(self, fact: str, value: Any) -> Text:
        """A value of a fact."""

    def item(self, fact: str, name: str) -> Text:
        """An item of a checklist."""

    def event(self, name: str) -> Text:
        """An event."""

    def deadline(self, name: str) -> Text:
        """A deadline."""

    def incident(self, name: str) -> Text:
        """An incident."""

    def state(self, name: str) -> Text:
        """A state of the main procedure."""

    def thread_state(self, incident: str, name: str) -> Text:
        """A state of an incident."""

    def role(self, name: str) -> Text:
        """A part that parties play, or a role of the register."""

    def party(self, party: str) -> Text:
        """A party: its part and its place among the parties of the case."""

    def doers(self, event: str) -> Text:
        """Whose act an event is."""

    def recorded_with(self, fact: str) -> Text:
        """The events that record a fact."""

    def started_by(self, deadline: str) -> Text:
        """The events that start a deadline."""


@dataclass(frozen=True, slots=True)
class Why:
    """What decides a condition now: a sentence without keys in each language, and the keys for programs."""

    zh: str
    en: str
    details: Mapping[str, Sequence[str]] = field(default_factory=dict)


def listed(texts: Iterable[Text], zh: str = "、", en: str = ", ") -> Text:
    """Several names one after the other."""
    several = list(texts)
    return Text(zh.join(one.zh for one in several), en.join(one.en for one in several))


def quoted_list(texts: Iterable[Text], zh: str = "、", en: str = ", ") -> Text:
    """Several labels one after the other, each between quotation marks."""
    return listed((Text(f"“{one.zh}”", f"'{one.en}'") for one in texts), zh, en)


def joined(several: Iterable[Why | None]) -> Why | None:
    """Several causes as one; None where there is none."""
    found = [one for one in several if one is not None]
    if not found:
        return None
    details: dict[str, list[str]] = {}
    for one in found:
        for kind, keys in one.details.items():
            held = details.setdefault(kind, [])
            held.extend(key for key in keys if key not in held)
    sentences = list(dict.fromkeys((one.zh, one.en) for one in found))
    return Why("；".join(zh for zh, _ in sentences), "; ".join(en for _, en in sentences), details)
