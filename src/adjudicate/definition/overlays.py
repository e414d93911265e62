"""Local rules upon a procedure: a province's or city's stricter limits for a time in force; looser is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from adjudicate.definition.deadline_models import Component, Deadline
from adjudicate.definition.models import OPEN_ENDED, Condition, Overlay, OverlayDeadline, Workflow
from adjudicate.definition.registers import Registers
from adjudicate.definition.yaml_source import Source
from adjudicate.errors import Fault
from adjudicate.law.periods import Length, value_at
from adjudicate.law.suggestion import unknown
from adjudicate.law.text import Text


def meets(overlay: Overlay, day: date, until: date | None) -> bool:
    """Whether the overlay is in force at some time while a version is (half-open on both sides)."""
    begins_in_time = until is None or overlay.in_force.from_ < until
    return begins_in_time and (overlay.in_force.until is None or day < overlay.in_force.until)


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


def faults(overlay: Overlay, source: Source, bases: Sequence[Workflow], registers: Registers) -> list[Fault]:
    """Every fault of an overlay against the versions it meets: unknown names, incomparable lengths, looser ones."""
    found: list[Fault] = registers.basis_faults(overlay.basis, source, ("basis",), overlay.in_force.from_)
    if any(base.kind == "incident" for base in bases):
        en, zh = f"'{overlay.overlay}' is an incident", f"“{overlay.overlay}”是附随程序"
        found.append(
            source.fault(("overlay",), f"{en}: local rules stand upon a procedure", f"{zh}，地方规定只能针对程序")
        )
    met = [b for b in bases if meets(overlay, b.in_force.from_, _next_day(b, bases))]
    if not met:
        en, zh = "it meets no version of its procedure", "没有任何程序版本与其施行期间重合"
        found.append(source.fault(("in_force",), en, zh))
    for base in met:
        for name, stricter in overlay.deadlines.items():
            found.extend(_deadline_faults(name, stricter, base, source))
        advised = {condition for step in base.steps for condition in step.advises}
        found.extend(
            _fault(source, ("raises",), unknown(f"没有步骤提示“{name}”", f"no step advises '{name}'", name, advised))
            for name in overlay.raises
            if name not in advised
        )
    for name, stricter in overlay.deadlines.items():
        found.extend(_names(name, stricter, source, registers, overlay.in_force.from_))
    return list(dict.fromkeys(found))


def stacked(overlay: Overlay, source: Source, others: Sequence[Overlay], bases: Sequence[Workflow]) -> Iterator[Fault]:
    """Faults of a city's rules upon a deadline that its province already counts in another unit than the procedure."""
    for other in others:
        above = other.region.rstrip("0") != overlay.region.rstrip("0") and _lies_in(overlay.region, other.region)
        if not above or not meets(other, overlay.in_force.from_, overlay.in_force.until):
            continue
        for name in overlay.deadlines.keys() & other.deadlines.keys():
            lengths = [length for base in bases for length in _plain_lengths(base, name)]
            if any(length.unit is not other.deadlines[name].length.unit for length in lengths):
                region = other.region
                en = f"deadline '{name}': the rules of {region} count it in another unit, and only one can be added"
                zh = f"期限“{name}”：{region} 的规定已用另一单位计算，不能再加一层"
                yield source.fault(("deadlines", name), en, zh)


def _lies_in(region: str, other: str) -> bool:
    return other in (f"{region[:2]}0000", f"{region[:4]}00")


def _plain_lengths(base: Workflow, name: str) -> list[Length]:
    rule = base.deadlines.get(name)
    return [] if rule is None else list(_dated(rule.length, base.in_force.from_).values())


def _fault(source: Source, at: tuple[str | int, ...], said: Text) -> Fault:
    return source.fault(at, said.en, said.zh)


def _names(name: str, stricter: OverlayDeadline, source: Source, registers: Registers, day: date) -> Iterator[Fault]:
    at: tuple[str | int, ...] = ("deadlines", name)
    yield from registers.basis_faults(stricter.basis, source, (*at, "basis"), day)
    for j, extension in enumerate(stricter.extend or ()):
        here = (*at, "extend", j)
        if extension.basis is not None:
            yield from registers.basis_faults(extension.basis, source, (*here, "basis"), day)
        if extension.by not in registers.roles:
            by = extension.by
            zh, en = f"期限“{name}”由不存在的角色“{by}”延长", f"deadline '{name}' is extended by unknown role '{by}'"
            yield _fault(source, here, unknown(zh, en, by, registers.roles))


def _next_day(base: Workflow, bases: Sequence[Workflow]) -> date | None:
    following = [other.in_force.from_ for other in bases if other.in_force.from_ > base.in_force.from_]
    return min(following) if following else None


def _deadline_faults(name: str, stricter: OverlayDeadline, base: Workflow, source: Source) -> list[Fault]:
    at = ("deadlines", name)
    rule = base.deadlines.get(name)
    if rule is None:
        en, zh = f"the base has no deadline '{name}'", f"上位程序没有期限“{name}”"
        return [_fault(source, at, unknown(zh, en, name, base.deadlines))]
    lengths = _dated(rule.length, base.in_force.from_)
    if not lengths:
        en = f"deadline '{name}' of the base has no plain length that could be made stricter"
        return [source.fault(at, en, f"上位程序的期限“{name}”没有可以从严的固定长度")]
    found = []
    for length in lengths.values():
        if length.unit is stricter.length.unit and stricter.length.count > length.count:
            en = f"deadline '{name}': {stricter.length} is looser than the base's {length}"
            found.append(source.fault(at, en, f"期限“{name}”：{stricter.length} 比上位程序的 {length} 宽"))
        if length.unit is not stricter.length.unit and not rule.counted_from:
            en = f"deadline '{name}': units differ and the base names no day to count from"
            found.append(source.fault(at, en, f"期限“{name}”：单位与上位程序不同，而上位程序没有写明起算日"))
    return [*found, *_extension_faults(name, stricter, rule, source)]


def _extension_faults(name: str, stricter: OverlayDeadline, rule: Deadline, source: Source) -> list[Fault]:
    if stricter.extend is None:
        return []
    if len(stricter.extend) > len(rule.extend):
        en, zh = f"deadline '{name}': more extensions than the base allows", f"期限“{name}”：延长次数多于上位程序"
        return [source.fault(("deadlines", name), en, zh)]
    found = []
    for mine, theirs in zip(stricter.extend, rule.extend, strict=False):
        if theirs.at_most == OPEN_ENDED:
            continue
        looser = mine.at_most == OPEN_ENDED or (
            isinstance(mine.at_most, Length)
            and isinstance(theirs.at_most, Length)
            and (mine.at_most.unit is not theirs.at_most.unit or mine.at_most.count > theirs.at_most.count)
        )
        if looser:
            en, zh = f"deadline '{name}': the extension is looser than the base's", f"期限“{name}”：延长比上位程序宽"
            found.append(source.fault(("deadlines", name), en, zh))
    return found
