"""How a thread is named within its case, and which rules run in it; it opens and changes none."""

from __future__ import annotations

from adjudicate.definition.deadline_models import Deadline
from adjudicate.definition.rulebook import Rulebook


def thread_name(incident: str, number: int) -> str:
    """The name of the thread that is the `number`th of its incident in the case, such as `recusal-2`."""
    return f"{incident}-{number}"


def incident_of(thread: str) -> str:
    """The incident that a thread is one run of."""
    return thread.rpartition("-")[0]


def number_of(thread: str) -> int:
    """Which thread of its incident it is, from 1."""
    return int(thread.rpartition("-")[2])


def in_thread(key: str, thread: str | None) -> str:
    """The key of an event or deadline within a thread; the key itself in the main procedure."""
    return key if thread is None else f"{key}@{thread}"


def rule_of(rulebook: Rulebook, name: str, thread: str | None) -> Deadline:
    """The rule of the deadline `name` that runs in a thread, or in the main procedure. Raises KeyError."""
    return rulebook.compiled(None if thread is None else incident_of(thread)).deadlines[name]
