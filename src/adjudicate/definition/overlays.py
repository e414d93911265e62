"""Local rules applied to a procedure: a province's or city's stricter limits for their time; it refuses nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from adjudicate.definition.deadline_models import Component, Deadline, DeadlineKind, Extensions
from adjudicate.definition.models import Condition, Overlay, OverlayDeadline, Workflow
from adjudicate.law.citations import basis_at
from adjudicate.law.periods import Length, Unit, value_at

T = TypeVar("T")


def meets(overlay: Overlay, day: date, until: date | None) -> bool:
    """Whether the overlay is in force at some time while a version is (half-open on both sides)."""
    begins_in_time = until is None or overlay.in_force.from_ < until
    return begins_in_time and (overlay.in_force.until is None or day < overlay.in_force.until)


def raised_name(name: str, overlay: Overlay) -> str:
    """What a condition is called as an overlay asks for it: each overlay asks for its own time, by its own basis."""
    return f"{name}_in_{overlay.region}_{overlay.in_force.from_:%Y%m%d}"


def dated(value: T | Mapping[date, T], day: date) -> dict[date, T]:
    """A value by the days from which it holds; one that is not dated holds from `day` on."""
    return dict(value) if isinstance(value, Mapping) else {day: value}


def applied(workflow: Workflow, overlays: Sequence[Overlay]) -> Workflow:
    """The workflow with what the overlays of a region say, each from its own first to its own last day.

    They stand in order, the province's before its city's: of two that say the same thing on one day, the later holds.
    """
    first = workflow.in_force.from_
    deadlines = dict(workflow.deadlines)
    for name in dict.fromkeys(name for overlay in overlays for name in overlay.deadlines):
        rules = [
            _Rule(overlay.deadlines[name], max(overlay.in_force.from_, first), overlay.in_force.until)
            for overlay in overlays
            if name in overlay.deadlines
        ]
        deadlines[name] = _stricter(deadlines[name], rules, first)
    conditions = dict(workflow.conditions)
    raised: dict[str, list[str]] = {}
    for overlay in overlays:
        for name in [name for name in overlay.raises if name in workflow.conditions]:
            raised.setdefault(name, []).append(raised_name(name, overlay))
            conditions[raised_name(name, overlay)] = _raised(conditions[name], name, overlay)
    steps = tuple(
        step.model_copy(update={"expects": (*step.expects, *(one for n in step.advises for one in raised.get(n, ())))})
        for step in workflow.steps
    )
    return workflow.model_copy(update={"deadlines": deadlines, "conditions": conditions, "steps": steps})


def _raised(condition: Condition, name: str, overlay: Overlay) -> Condition:
    """The condition as the overlay asks for it: it must hold for acts of the time in which the overlay is in force."""
    time: dict[str, date] = {"from": overlay.in_force.from_}
    if overlay.in_force.until is not None:
        time["until"] = overlay.in_force.until
    guard = {"any": [{"not": {"in_time": time}}, name]}
    codes = condition.ruling_needed
    kept = {"label": condition.label, "weight": condition.weight, "ruling_needed": codes}
    return Condition(basis=overlay.basis, **kept, **guard)  # type: ignore[arg-type]


@dataclass(frozen=True)
class _Rule:
    """What one overlay says of a deadline, and when."""

    says: OverlayDeadline
    begin: date
    end: date | None

    def holds(self, day: date) -> bool:
        return self.begin <= day and (self.end is None or day < self.end)


_Cited = tuple[Length, str]


@dataclass(frozen=True)
class _OnDay:
    """What holds for a deadline that is counted from one day; each length with its citation.

    `others` are the lengths of local rules that are counted in another unit than the procedure's, beside it.
    """

    length: _Cited
    others: Mapping[Unit, _Cited]
    extend: Extensions

    def counted(self, unit: Unit | None) -> _Cited:
        """The length in another unit, or the procedure's own where nothing is counted in that one."""
        return self.length if unit is None else self.others.get(unit, self.length)

    @property
    def cited(self) -> str:
        """Everything cited for what is counted."""
        return "; ".join(dict.fromkeys(basis for _, basis in (self.length, *self.others.values()) if basis))


def _stricter(base: Deadline, rules: Sequence[_Rule], first: date) -> Deadline:
    """The base deadline with the overlays' lengths, extensions and citations while they are in force.

    A length in the base's unit stands in its place. Where the units differ all are counted and the strictest day holds.
    """
    if base.length is None:
        return base
    lengths = dated(base.length, first)
    by_day = {day: _on(day, base, lengths, rules) for day in _turns(base, lengths, rules, first)}
    codes = [*base.ruling_needed, *(code for rule in rules for code in rule.says.ruling_needed)]
    update: dict[str, object] = {
        "basis": _plain_if_constant({day: one.cited for day, one in by_day.items()}),
        "extend": _plain_if_constant({day: one.extend for day, one in by_day.items()}),
        "ruling_needed": tuple(dict.fromkeys(codes)),
    }
    units: list[Unit | None] = [None, *dict.fromkeys(unit for one in by_day.values() for unit in one.others)]
    counts = [{day: one.counted(unit) for day, one in by_day.items()} for unit in units]
    if len(counts) == 1:
        update["length"] = _lengths(counts[0])
    else:
        # The day that binds: the last on which one must act, or the last before which nobody may.
        binding = "latest" if base.kind is DeadlineKind.WAIT else "earliest"
        update["length"], update[binding] = None, tuple(_component(base, count) for count in counts)
    return base.model_copy(update=update)


def _turns(base: Deadline, lengths: Mapping[date, Length], rules: Iterable[_Rule], first: date) -> list[date]:
    """The days from which anything about a deadline may change."""
    days = {first, *lengths, *(day for rule in rules for day in (rule.begin, rule.end) if day is not None)}
    for one in (base.basis, base.extend, *(rule.says.basis for rule in rules)):
        days.update(one if isinstance(one, dict) else ())
    return sorted(day for day in days if day >= min(lengths))


def _on(day: date, base: Deadline, lengths: Mapping[date, Length], rules: Iterable[_Rule]) -> _OnDay:
    own = value_at(lengths, day)
    length, others, extend = (own, basis_at(base.basis, day) or ""), dict[Unit, _Cited](), base.extensions_on(day)
    for rule in (rule for rule in rules if rule.holds(day)):
        local = rule.says.length, basis_at(rule.says.basis, day) or ""
        if local[0].unit is own.unit:
            length = local
        else:
            others[local[0].unit] = local
        extend = extend if rule.says.extend is None else rule.says.extend
    return _OnDay(length, others, extend)


def _component(base: Deadline, counted: Mapping[date, _Cited]) -> Component:
    # The base's fact is what all are counted from; without one the act's own day is, and only one can be kept.
    basis = _plain_if_constant({day: cited for day, (_, cited) in counted.items()})
    return Component(length=_lengths(counted), counted_from=base.counted_from or "", basis=basis)


def _lengths(counted: Mapping[date, _Cited]) -> dict[date, Length]:
    return _turning({day: length for day, (length, _) in counted.items()})


def _turning(values: Mapping[date, T]) -> dict[date, T]:
    """Values by day, those left out that say what held before them."""
    found: dict[date, T] = {}
    for day, value in values.items():
        if not found or found[max(found)] != value:
            found[day] = value
    return found


def _plain_if_constant(values: Mapping[date, T]) -> T | dict[date, T]:
    turning = _turning(values)
    return next(iter(turning.values())) if len(turning) == 1 else turning
