"""Faults of local rules: against the versions they meet, the rules above and those beside them; it applies none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from adjudicate.definition.dated_bases import expiring
from adjudicate.definition.deadline_models import Deadline, Extensions
from adjudicate.definition.deadline_names import at_odds, holding, too_short_to_warn, wrong_in_hours
from adjudicate.definition.models import Overlay, OverlayDeadline, Workflow
from adjudicate.definition.overlays import dated, meets, raised_name
from adjudicate.definition.pinned import regions_of
from adjudicate.definition.registers import Registers
from adjudicate.definition.yaml_source import Path, Source
from adjudicate.errors import Fault
from adjudicate.law.periods import Length, never_shorter
from adjudicate.law.suggestion import unknown
from adjudicate.law.text import Text


def faults(
    overlay: Overlay, source: Source, bases: Sequence[Workflow], others: Sequence[Overlay], registers: Registers
) -> list[Fault]:
    """Every fault of an overlay: unknown names, incomparable lengths, looser ones, and two at once of one region.

    `bases` are all versions of its procedure, `others` the other overlays upon it.
    """
    found: list[Fault] = registers.basis_faults(overlay.basis, source, ("basis",), overlay.in_force.from_)
    found += expiring(source, registers.instruments, overlay.in_force.from_, overlay.in_force.until)
    if any(base.kind == "incident" for base in bases):
        en, zh = f"'{overlay.overlay}' is an incident", f"“{overlay.overlay}”是附随程序"
        found.append(
            source.fault(("overlay",), f"{en}: local rules stand upon a procedure", f"{zh}，地方规定只能针对程序")
        )
    met = [b for b in bases if meets(overlay, b.in_force.from_, _next_day(b, bases))]
    if not met:
        en, zh = "it meets no version of its procedure", "没有任何程序版本与其施行期间重合"
        found.append(source.fault(("in_force",), en, zh))
    said = [*_beside(overlay, others)]
    for base in met:
        said.extend(_upon(overlay, base))
    for above in others:
        if above.region in regions_of(overlay.region) and above.region != overlay.region:
            said.extend(one for base in met for one in _below(overlay, above, base))
    for name, stricter in overlay.deadlines.items():
        said.extend(_units(name, stricter, overlay, registers))
        found.extend(_names(name, stricter, source, registers, overlay.in_force.from_))
        said.extend(one for base in met for one in _granting(name, stricter, base, registers))
    return list(dict.fromkeys([*found, *(source.fault(at, one.en, one.zh) for at, one in said)]))


Said = Iterator[tuple[Path, Text]]


def _beside(overlay: Overlay, others: Iterable[Overlay]) -> Said:
    """Other rules of the same region that are in force at the same time and began before."""
    for other in others:
        begins = other.in_force.from_
        if other.region == overlay.region and begins < overlay.in_force.from_ and _at_once(overlay, other):
            yield (
                ("in_force",),
                Text(
                    f"本地区自 {begins} 起施行的规定此时仍施行：同一地区同一时间只能有一份地方规定",
                    f"this region's rules of {begins} are still in force: "
                    "a region has one file of local rules at a time",
                ),
            )


def _at_once(one: Overlay, other: Overlay) -> bool:
    return meets(other, one.in_force.from_, one.in_force.until)


def _upon(overlay: Overlay, base: Workflow) -> Said:
    """What is wrong with an overlay upon one version of its procedure."""
    begin = max(overlay.in_force.from_, base.in_force.from_)
    for name, stricter in overlay.deadlines.items():
        if name in base.deadlines:
            yield from _deadline(name, stricter, base, begin, overlay.in_force.until)
        else:
            said = f"上位程序没有期限“{name}”", f"the base has no deadline '{name}'"
            yield ("deadlines", name), unknown(*said, name, base.deadlines)
    advised = {condition for step in base.steps for condition in step.advises}
    for name in overlay.raises:
        if name not in advised:
            yield ("raises",), unknown(f"没有步骤提示“{name}”", f"no step advises '{name}'", name, advised)
        elif (own := raised_name(name, overlay)) in base.conditions:
            yield (
                ("raises",),
                Text(
                    f"上位程序已有名为“{own}”的条件，地方所要求的“{name}”将以此为名",
                    f"the base has a condition '{own}', the name that '{name}' gets as the region asks for it",
                ),
            )


@dataclass(frozen=True)
class _Held:
    """What local rules are held against: lengths and extensions; `whose` has braces for what of theirs is meant."""

    lengths: Iterable[Length]
    extensions: Iterable[Extensions]
    whose: Text

    def of(self, zh: str, en: str) -> Text:
        """What is theirs, in words."""
        return Text(self.whose.zh.replace("{}", zh), self.whose.en.replace("{}", en))


def _deadline(name: str, stricter: OverlayDeadline, base: Workflow, begin: date, until: date | None) -> Said:
    at, rule = ("deadlines", name), base.deadlines[name]
    if rule.length is None:
        zh = f"上位程序的期限“{name}”没有可以从严的固定长度"
        en = f"deadline '{name}' of the base has no plain length that could be made stricter"
        yield at, Text(zh, en)
        return
    lengths, extensions = holding(rule.length, begin, until), holding(rule.extend, begin, until)
    yield from _against(name, stricter, rule, _Held(lengths, extensions, Text("上位程序的{}", "the base's {}")))
    if not rule.counted_from and any(length.unit is not stricter.length.unit for length in lengths):
        en = f"deadline '{name}': units differ and the base names no day to count from"
        yield at, Text(f"期限“{name}”：单位与上位程序不同，而上位程序没有写明起算日", en)
    yield from _unfit(name, stricter, rule)


def _unfit(name: str, stricter: OverlayDeadline, rule: Deadline) -> Said:
    """What a length of the base's own would be refused for."""
    extend = rule.extend if stricter.extend is None else stricter.extend
    local = rule.model_copy(update={"length": stricter.length, "extend": extend})
    for _, said in (*too_short_to_warn(name, local), *wrong_in_hours(name, local)):
        yield ("deadlines", name), said


def _below(overlay: Overlay, above: Overlay, base: Workflow) -> Said:
    """Where an overlay is looser than one of a region above it, in the time of both."""
    if not _at_once(overlay, above):
        return
    whose = Text(f"“{above.title.zh}”的{{}}", f"the {{}} of '{above.title.en}'")
    for name, mine in overlay.deadlines.items():
        if name not in above.deadlines or name not in base.deadlines:
            continue
        theirs = above.deadlines[name]
        extensions = () if theirs.extend is None else (theirs.extend,)
        yield from _against(name, mine, base.deadlines[name], _Held((theirs.length,), extensions, whose))


def _against(name: str, mine: OverlayDeadline, rule: Deadline, theirs: _Held) -> Said:
    at, length, (zh, en) = ("deadlines", name), mine.length, (f"期限“{name}”：", f"deadline '{name}': ")
    for other in theirs.lengths:
        held = theirs.of(f" {other} ", str(other))
        long, short = (other, length) if rule.stricter_if_longer else (length, other)
        if length.unit is other.unit and long.count > short.count:
            yield at, Text(f"{zh}{length} 比{held.zh}宽", f"{en}{length} is looser than {held.en}")
        elif length.unit is not other.unit and never_shorter(long, short):
            said = f"{length} is never stricter than {held.en}: it can never be what counts"
            yield at, Text(f"{zh}{length} 不可能比{held.zh}严，永远不起作用", f"{en}{said}")
    held, several = theirs.of("延长", "extension"), theirs.of("延长次数", "extensions")
    for extensions in () if mine.extend is None else theirs.extensions:
        if len(mine.extend or ()) > len(extensions) and not any(one.repeats for one in extensions[-1:]):
            yield at, Text(f"{zh}延长次数多于{several.zh}", f"{en}more extensions than {several.en}")
        elif _longer(mine.extend or (), extensions):
            yield at, Text(f"{zh}延长比{held.zh}宽", f"{en}the extension is looser than {held.en}")


def _longer(mine: Extensions, theirs: Extensions) -> bool:
    """Whether one of my extensions may go further, or be granted more often, than the one in its place."""
    return any(
        _may_exceed(my.at_most, their.at_most) or (my.repeats and not their.repeats)
        for my, their in zip(mine, theirs, strict=False)
    )


def _may_exceed(mine: Length | str, theirs: Length | str) -> bool:
    if not isinstance(theirs, Length):
        return False
    return not isinstance(mine, Length) or mine.unit is not theirs.unit or mine.count > theirs.count


def _units(name: str, stricter: OverlayDeadline, overlay: Overlay, registers: Registers) -> Said:
    """Lengths at odds with how the cited instrument counts days."""
    if stricter.ruling_needed:
        return
    lengths = [(stricter.length, stricter.basis)]
    lengths += [
        (one.at_most, one.basis or stricter.basis) for one in stricter.extend or () if isinstance(one.at_most, Length)
    ]
    for length, basis in lengths:
        for cited in dated(basis, overlay.in_force.from_).values():
            yield from ((("deadlines", name), said) for said in at_odds(name, length, cited, registers))


def _names(name: str, stricter: OverlayDeadline, source: Source, registers: Registers, day: date) -> Iterator[Fault]:
    at: Path = ("deadlines", name)
    yield from registers.basis_faults(stricter.basis, source, (*at, "basis"), day)
    for j, extension in enumerate(stricter.extend or ()):
        here = (*at, "extend", j)
        if extension.basis is not None:
            yield from registers.basis_faults(extension.basis, source, (*here, "basis"), day)
        if extension.by not in registers.roles:
            by = extension.by
            zh, en = f"期限“{name}”由不存在的角色“{by}”延长", f"deadline '{name}' is extended by unknown role '{by}'"
            said = unknown(zh, en, by, registers.roles)
            yield source.fault(here, said.en, said.zh)


def _granting(name: str, stricter: OverlayDeadline, base: Workflow, registers: Registers) -> Said:
    """Extensions by somebody whose step does not extend the deadline."""
    granting = {role for step in base.steps if step.extends and step.extends.deadline == name for role in step.by}
    for j, one in enumerate(stricter.extend or ()):
        if one.by in registers.roles and one.by not in granting:
            label = registers.roles[one.by].label
            yield (
                ("deadlines", name, "extend", j),
                Text(
                    f"期限“{name}”由“{label.zh}”延长，却没有由其作出的延长步骤",
                    f"deadline '{name}' is extended by '{label.en}', but no step of theirs extends it",
                ),
            )


def _next_day(base: Workflow, bases: Sequence[Workflow]) -> date | None:
    following = [other.in_force.from_ for other in bases if other.in_force.from_ > base.in_force.from_]
    return min(following) if following else None
