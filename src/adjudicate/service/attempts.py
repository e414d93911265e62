"""Reads the attempts at service out of a case's threads; what counts as service the workflow files decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from adjudicate.definition.rulebook import Rulebook
    from adjudicate.states.standing import Standing

# What makes an incident an attempt at service, whatever its file calls it: it delivers a document by a method.
DELIVERS = frozenset({"document", "method", "completed_on"})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: `facts` are the thread's own, such as the document, the method, the proof and the days."""

    thread: str
    incident: str
    addressee: str | None
    state: str
    open: bool
    opened_on: date
    facts: dict[str, Any]


def attempts_of(rulebook: Rulebook, standing: Standing) -> list[Attempt]:
    """Every attempt in the case, in the order in which they began."""
    found = [
        Attempt(
            thread=key,
            incident=t.incident,
            addressee=t.party,
            state=t.state,
            open=not t.final,
            opened_on=t.opened_on,
            facts=dict(t.facts),
        )
        for key, t in standing.threads.items()
        if rulebook.compiled(t.incident).facts.keys() >= DELIVERS
    ]
    return sorted(found, key=lambda attempt: attempt.opened_on)
