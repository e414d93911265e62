"""Whether what a deadline names exists and is of the right kind, and whether it can be counted at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import TypeVar

from adjudicate.definition.dated_bases import codes_in
from adjudicate.definition.deadline_models import Deadline
from adjudicate.definition.models import CLOCK
from adjudicate.definition.naming import Naming
from adjudicate.definition.registers import Registers
from adjudicate.definition.step_names import chosen_by, erasable
from adjudicate.definition.yaml_source import Path
from adjudicate.errors import Leaves
from adjudicate.guards.kinds import FactType, kind_of
from adjudicate.law.periods import Length, Unit, never_shorter
from adjudicate.law.text import Text

T = TypeVar("T")


def check(naming: Naming) -> None:
    """Note every fault of the deadlines."""
    for name, rule in naming.workflow.deadlines.items():
        at: Path = ("deadlines", name)
        _facts(naming, at, name, rule)
        _names(naming, at, name, rule)
        _dated(naming, at, name, rule)
        _lengths(naming, at, name, rule)
        _units(naming, at, name, rule)


def says(name: str, verb_zh: str, verb_en: str) -> Text:
    """The beginning of a sentence on a deadline."""
    return Text(f"期限“{name}”{verb_zh}", f"deadline '{name}' {verb_en}")


def needed(rule: Deadline) -> tuple[str, ...]:
    """The facts without which a deadline cannot be counted."""
    parts = (*(rule.earliest or ()), *(rule.latest or ()))
    names = (rule.counted_from, rule.fixed_by, *(rule.choose or {}), *(part.counted_from for part in parts))
    return tuple(name for name in names if name)


def _facts(naming: Naming, at: Path, name: str, rule: Deadline) -> None:
    if rule.counted_from:
        _of_type(naming, (*at, "counted_from"), name, rule.counted_from, FactType.DAY)
    for key in ("earliest", "latest"):
        for j, part in enumerate(getattr(rule, key) or ()):
            _of_type(naming, (*at, key, j), name, part.counted_from, FactType.DAY)
    if rule.fixed_by:
        _of_type(naming, (*at, "fixed_by"), name, rule.fixed_by, FactType.LENGTH)
    if rule.choose:
        ((fact, options),) = rule.choose.items()
        if naming.known((*at, "choose"), "fact", fact, naming.facts, says(name, "选择长度所依的是", "chooses by")):
            chosen_by(naming, (*at, "choose"), says(name, "", ""), fact, options)
    for fact in dict.fromkeys(needed(rule)):
        _of_whom(naming, at, name, rule, fact)


_COUNTED: Mapping[FactType, tuple[Text, str]] = {
    FactType.DAY: (Text("起算所依的是", "is counted from"), "no day"),
    FactType.LENGTH: (Text("的长度所依的是", "is fixed by"), "no length"),
}


def _of_type(naming: Naming, at: Path, name: str, fact: str, wanted: FactType) -> None:
    verb, lacking = _COUNTED[wanted]
    if not naming.known(at, "fact", fact, naming.facts, says(name, verb.zh, verb.en)):
        return
    rule = naming.facts[fact]
    if rule.type is not wanted:
        is_kind = kind_of(rule)
        what = "日期" if wanted is FactType.DAY else "期限长度"
        naming.add(
            at,
            f"deadline '{name}' {verb.en} '{fact}', which is {lacking} but {is_kind.en}",
            f"期限“{name}”{verb.zh}“{fact}”，而它不是{what}，是{is_kind.zh}",
        )
    elif rule.particulars:
        erasable(naming, at, says(name, "", ""), fact)


def _of_whom(naming: Naming, at: Path, name: str, rule: Deadline, fact: str) -> None:
    whose = naming.facts[fact].per if fact in naming.facts and not naming.is_incident else None
    if whose is not None and whose != rule.per:
        naming.add(
            at,
            f"deadline '{name}' is counted by '{fact}', which is kept per {whose}, "
            f"but it runs {'per ' + rule.per if rule.per else 'once for all'}",
            f"期限“{name}”按“{fact}”计算，该事实按“{whose}”分别记录，"
            f"而期限{'按“' + rule.per + '”分别计算' if rule.per else '对全案只有一个'}",
        )


def _names(naming: Naming, at: Path, name: str, rule: Deadline) -> None:
    if rule.per and not naming.is_incident:
        naming.known((*at, "per"), "party", rule.per, naming.party_roles, says(name, "分别针对", "is per"))
    for here, extension in rule.extensions():
        whose = says(name, "由其延长的是", "is extended by")
        naming.known((*at, "extend", *here), "role", extension.by, naming.registers.roles, whose)
    if rule.when_over:
        _when_over(naming, (*at, "when_over"), name, rule)
    if not naming.is_incident and not naming.partly_unknown:
        begun = [kind for step in naming.workflow.steps for kind in step.begins]
        begun += [kind for inner in naming.admitted.values() for step in inner.steps for kind in step.begins]
        naming.all_known((*at, "excludes"), "uncounted time", rule.excludes, begun, says(name, "不计入", "excludes"))


def _when_over(naming: Naming, at: Path, name: str, rule: Deadline) -> None:
    event = str(rule.when_over)
    if not naming.known(at, "event", event, naming.events, says(name, "届满时发生", "ends with")):
        return
    if not any(CLOCK in step.by for step in naming.events[event]):
        naming.add(
            at,
            f"deadline '{name}' ends with '{event}', which is not an act of the clock",
            f"期限“{name}”届满时发生“{event}”，而该事项不是由时间（clock）引起的",
        )
    for step in naming.events[event]:
        if step.per != rule.per and not naming.is_incident:
            naming.add(
                ("deadlines", name),
                f"deadline '{name}' runs {'per ' + rule.per if rule.per else 'once for all'}, but its lapse "
                f"'{event}' is {'per ' + step.per if step.per else 'of no party'}",
                f"期限“{name}”{'按“' + rule.per + '”分别计算' if rule.per else '对全案只有一个'}，而届满事项“{event}”"
                f"{'按“' + step.per + '”分别发生' if step.per else '不涉及某一当事人'}",
            )
            return


def _dated(naming: Naming, at: Path, name: str, rule: Deadline) -> None:
    """A value dated by its first day must have one for the version's own first day."""
    if isinstance(rule.extend, dict) and min(rule.extend, default=date.max) > naming.day:
        naming.add(
            (*at, "extend"),
            f"deadline '{name}' does not say who extends it from {naming.day}, this version's first day",
            f"期限“{name}”没有写明自本版本施行首日（{naming.day}）起由谁延长",
        )
    for here, value in _values(at, rule):
        if not isinstance(value, Mapping):
            continue
        if not value:
            naming.add(here, f"deadline '{name}': no length is given", f"期限“{name}”没有写出长度")
        elif min(value) > naming.day:
            naming.add(
                here,
                f"deadline '{name}' has no length before {min(value)}, but this version is in force from {naming.day}",
                f"期限“{name}”在 {min(value)} 以前没有长度，而本版本自 {naming.day} 起施行",
            )


def _values(at: Path, rule: Deadline) -> Iterator[tuple[Path, Length | Mapping[date, Length]]]:
    """Every length of a deadline, plain or dated, with its path."""
    if rule.length is not None:
        yield (*at, "length"), rule.length
    for fact, options in (rule.choose or {}).items():
        yield from (((*at, "choose", fact, value), length) for value, length in options.items())
    for key in ("earliest", "latest"):
        yield from (((*at, key, j, "length"), part.length) for j, part in enumerate(getattr(rule, key) or ()))


def _plain(value: Length | Mapping[date, Length]) -> tuple[Length, ...]:
    return (value,) if isinstance(value, Length) else tuple(value.values())


def _lengths(naming: Naming, at: Path, name: str, rule: Deadline) -> None:
    for here, said in (*too_short_to_warn(name, rule), *wrong_in_hours(name, rule)):
        naming.say((*at, *here), said)


def too_short_to_warn(name: str, rule: Deadline) -> Iterator[tuple[Path, Text]]:
    """A warning that would be due before the deadline begins."""
    lengths = _every_length(rule)
    if rule.warn_before and any(_longer(rule.warn_before, length) for length in lengths):
        shortest = next(length for length in lengths if _longer(rule.warn_before, length))
        yield (
            ("warn_before",),
            Text(
                f"期限“{name}”在届满前 {rule.warn_before} 提醒，而该期限可能只有 {shortest}",
                f"deadline '{name}' warns {rule.warn_before} before its end, but may last only {shortest}",
            ),
        )


def wrong_in_hours(name: str, rule: Deadline) -> Iterator[tuple[Path, Text]]:
    """What a deadline in hours cannot have, and what only such a one can."""
    bounds = [rule.at_least] if rule.at_least else []
    in_hours = {length.unit is Unit.HOURS for length in (*_every_length(rule), *bounds)}
    if True in in_hours and rule.excludes:
        yield (
            ("excludes",),
            Text(
                f"期限“{name}”以小时计，不适用不计入的期间",
                f"deadline '{name}' is in hours, from which no time is left uncounted",
            ),
        )
    for here, extension in rule.extensions():
        if not isinstance(extension.at_most, Length) or not in_hours:
            continue
        if {extension.at_most.unit is Unit.HOURS} != in_hours:
            yield (
                ("extend", *here),
                Text(
                    f"期限“{name}”：以小时计的期限只能以小时延长，其他期限不能以小时延长",
                    f"deadline '{name}': a period in hours is extended in hours, and no other period is",
                ),
            )


def _every_length(rule: Deadline) -> list[Length]:
    lengths = [length for _, value in _values((), rule) for length in _plain(value)]
    return [*lengths, *([rule.at_most] if rule.at_most else [])]


def _longer(one: Length, other: Length) -> bool:
    """Whether the first is certainly longer."""
    return one.count > other.count if one.unit is other.unit else never_shorter(one, other)


def _units(naming: Naming, at: Path, name: str, rule: Deadline) -> None:
    if rule.ruling_needed:
        return
    cited = dict.fromkeys(_cited_lengths(at, rule))
    for said in dict.fromkeys(one for length, basis in cited for one in at_odds(name, length, basis, naming.registers)):
        naming.say(at, said, Leaves.ALL)


def at_odds(name: str, length: Length, cited: str, registers: Registers) -> Iterator[Text]:
    """Each instrument cited for a length that does not count days that way."""
    for code in codes_in(cited):
        instrument = registers.instruments.get(code)
        if instrument is not None and instrument.at_odds(length):
            yield Text(
                f"期限“{name}”：{length} 与“{code}”对“日”的规定不符",
                f"deadline '{name}': {length} is at odds with '{code}', whose days are not counted that way",
            )


def _cited_lengths(at: Path, rule: Deadline) -> Iterator[tuple[Length, str]]:
    """Every length of a deadline, bounds and extensions included, with the citation that holds on the same day."""
    parts = (*(rule.earliest or ()), *(rule.latest or ()))
    own = [(value, rule.basis) for path, value in _values(at, rule) if path[-3:-2] not in (("earliest",), ("latest",))]
    own += [(part.length, part.basis or rule.basis) for part in parts]
    own += [(length, rule.basis) for length in (rule.at_least, rule.at_most) if length]
    own += [(one.at_most, one.basis or rule.basis) for _, one in rule.extensions() if isinstance(one.at_most, Length)]
    for value, basis in own:
        for day, until, cited in _by_day(basis):
            for length in holding(value, day, until):
                yield length, cited


def _by_day(dated: str | Mapping[date, str] | None) -> Iterator[tuple[date, date, str]]:
    """What is dated by first days, with the time for which each holds; an undated one holds always."""
    if isinstance(dated, str):
        yield date.min, date.max, dated
    elif dated is not None:
        for day, until in pairwise([*sorted(dated), date.max]):
            yield day, until, dated[day]


def holding(value: T | Mapping[date, T], day: date, until: date | None) -> list[T]:
    """The values that hold at some time from `day` on and before `until`; one that is not dated always does."""
    if not isinstance(value, Mapping):
        return [value]
    ends = pairwise([*sorted(value), date.max])
    return [value[first] for first, end in ends if (until is None or first < until) and day < end]
