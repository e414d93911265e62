"""Renders the irregularities that stand in a case: each by its label, weight and article."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adjudicate.definition.rulebook import AdmittedIncident, NamedCondition
from adjudicate.law.citations import basis_at
from adjudicate.states.incident_rules import HELD

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from adjudicate.definition.models import IncidentUse
    from adjudicate.definition.rulebook import Rulebook
    from adjudicate.states.standing import Standing


def marks(
    rulebook: Rulebook, standing: Standing, judged_by: Mapping[int, tuple[Rulebook, date, str]]
) -> list[dict[str, Any]]:
    """The irregularities that stand, each with its label and its article.

    `judged_by` says under which version and on which day the act of a sequence was done, and of which event it is; what
    is not in it is taken to be of the main procedure on this version's first day.
    """
    found = []
    for sequence, conditions in sorted(standing.marks.items()):
        book, on, event = judged_by.get(sequence, (rulebook, rulebook.day, ""))
        # The act's own procedure first: another one may call a condition of its own by the same name.
        own = book.compiled(book.homes.get(event))
        procedures = [own, book.main, *(admitted.compiled for admitted in book.incidents.values())]
        named = {
            name: condition for compiled in reversed(procedures) for name, condition in compiled.conditions.items()
        }
        shown = [_mark(name, named.get(name) or _held_by(book, standing, name), on) for name in conditions]
        found.append({"sequence": sequence, "conditions": shown})
    return found


def _held_by(book: Rulebook, standing: Standing, name: str) -> AdmittedIncident | None:
    """The incident whose thread held an act that happened all the same; its mark bears the thread's key."""
    thread = standing.threads.get(name.removeprefix(HELD)) if name.startswith(HELD) else None
    return None if thread is None else book.incidents.get(thread.incident)


def _mark(name: str, known: NamedCondition | AdmittedIncident | None, on: date) -> dict[str, Any]:
    unnamed = {"zh": "适用的版本中已没有该条件", "en": "the version that applies has no such condition"}
    reason: dict[str, Any] = {"code": "irregular", "condition": name, **unnamed}
    if known is None:
        return reason
    if isinstance(known, NamedCondition):
        rule: NamedCondition | IncidentUse = known
        zh, en = known.label.zh, known.label.en
    else:
        rule, title = known.use, known.compiled.workflow.title
        zh, en = f"“{title.zh}”进行中不能进行", f"not while '{title.en}' lasts"
    reason |= {"zh": zh, "en": en}
    if (cited := basis_at(rule.basis, on)) is not None:
        reason["basis"] = cited
    if rule.weight is not None:
        reason["weight"] = rule.weight.value
    return reason
