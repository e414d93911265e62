"""Local rules as the first format of kept laws applied them: what an old case stands on does not change with today's.

Frozen, as the format is. Lengths hold in the time of the local rules; extensions and citations were not told by time.
"""

from __future__ import annotations

from datetime import date

from adjudicate.definition.deadline_models import Component, Deadline
from adjudicate.definition.models import Condition, Overlay, OverlayDeadline, Workflow
from adjudicate.law.periods import Length, value_at


def applied(workflow: Workflow, overlay: Overlay) -> Workflow:
    """The workflow with the overlay's lengths and raised conditions, both from the overlay's first to its last day."""
    deadlines = dict(workflow.deadlines)
    for name, stricter in overlay.deadlines.items():
        deadlines[name] = _stricter(deadlines[name], stricter, overlay, workflow.in_force.from_)
    conditions = dict(workflow.conditions)
    raised = {name: f"{name}_in_{overlay.region}" for name in overlay.raises if name in conditions}
    for name, local in raised.items():
        conditions[local] = _raised(conditions[name], name, overlay)
    steps = tuple(
        step.model_copy(update={"expects": (*step.expects, *(raised[n] for n in step.advises if n in raised))})
        for step in workflow.steps
    )
    return workflow.model_copy(update={"deadlines": deadlines, "conditions": conditions, "steps": steps})


def _raised(condition: Condition, name: str, overlay: Overlay) -> Condition:
    """The condition as the overlay asks for it: it must hold for acts of the time in which the overlay is in force."""
    time: dict[str, date] = {"from": overlay.in_force.from_}
    if overlay.in_force.until is not None:
        time["until"] = overlay.in_force.until
    guard = {"any": [{"not": {"in_time": time}}, name]}
    return Condition(label=condition.label, basis=overlay.basis, **guard)  # type: ignore[arg-type]


def _stricter(base: Deadline, stricter: OverlayDeadline, overlay: Overlay, day: date) -> Deadline:
    """The base deadline with a dated length: the overlay's while it is in force, the base's before and after.

    Where the units differ both are counted and the earlier day holds.
    """
    plain = _dated(base.length, day)
    begin, end = max(overlay.in_force.from_, day), overlay.in_force.until
    update: dict[str, object] = {}
    local = _spliced(plain, stricter.length, begin, end)
    if all(length.unit is stricter.length.unit for length in plain.values()):
        update["length"] = local
    else:
        # The base's fact is what both are counted from; without one the act's own day is, and only one can be kept.
        counted_from = base.counted_from or ""
        update["length"] = None
        update["earliest"] = (
            Component(length=plain, counted_from=counted_from),
            Component(length=local, counted_from=counted_from),
        )
    if stricter.extend is not None:
        update["extend"] = stricter.extend
    return base.model_copy(update=update)


def _dated(length: Length | dict[date, Length] | None, day: date) -> dict[date, Length]:
    if length is None:
        return {}
    return {day: length} if isinstance(length, Length) else dict(length)


def _spliced(base: dict[date, Length], local: Length, begin: date, end: date | None) -> dict[date, Length]:
    spliced = {day: length for day, length in base.items() if day < begin or (end is not None and day >= end)}
    spliced[begin] = local
    if end is not None and end not in spliced:
        spliced[end] = value_at(base, end)
    return spliced
