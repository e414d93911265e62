"""How a definition's parts read in Chinese: lengths, conditions, places and ways on; it knows no page layout."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from adjudicate.definition.deadline_models import Deadline, ExtensionRule
from adjudicate.definition.models import ANY, NOTHING, PARTY, Fact, Guard, Step, Workflow
from adjudicate.definition.registers import Registers
from adjudicate.definition.shared_models import Basis, Label, Weight
from adjudicate.law.periods import Length, Unit

_UNITS = {
    Unit.HOURS: "小时",
    Unit.DAYS: "日",
    Unit.WORKING_DAYS: "个工作日",
    Unit.MONTHS: "个月",
    Unit.YEARS: "年",
}
_KINDS = {"duty": "义务（机关应当）", "right": "权利（届满前可以）", "wait": "等待（届满前不得）"}


def at_most(value: Length | str) -> str:
    """How far an extension may go."""
    return f"不超过 {length(value)}" if isinstance(value, Length) else "长度不限"


def length(value: Length) -> str:
    """`3 months` as it is said."""
    return f"{value.count} {_UNITS[value.unit]}"


def dated(value: Length | Mapping[date, Length]) -> str:
    """A plain length, or each with the day from which it holds."""
    if isinstance(value, Length):
        return length(value)
    return "；".join(f"自 {day} 起 {length(one)}" for day, one in sorted(value.items()))


def weight(value: Weight | None) -> str:
    """The weight of an irregularity."""
    return "" if value is None else {Weight.GRAVE: "重大瑕疵", Weight.MINOR: "轻微瑕疵"}[value]


def basis(value: Basis | None) -> str:
    """A citation, or each with the day from which it is cited."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return "；".join(f"自 {day} 起 {text}" for day, text in sorted(value.items()))


def bracketed(value: Basis | None) -> str:
    """A citation behind what it is for."""
    return f"（{basis(value)}）" if value is not None else ""


@dataclass(frozen=True)
class Numbers:
    """The numbers of conditions and steps in one review: what bears one name in several versions has one number."""

    conditions: Mapping[str, int]
    steps: Mapping[str, int]


def numbered(versions: Iterable[Workflow]) -> Numbers:
    """Counted in the order of the first version, what only the others have behind it."""
    listed = list(versions)
    conditions = dict.fromkeys(name for one in listed for name in one.conditions)
    steps = dict.fromkeys(key for one in listed for key in step_keys(one.steps))
    return Numbers(*({name: i for i, name in enumerate(found, 1)} for found in (conditions, steps)))


def step_keys(steps: Iterable[Step]) -> list[str]:
    """What each step is known by in another version: its event and the first stage that it starts from."""
    met: dict[str, int] = {}
    found = []
    for step in steps:
        key = f"{step.event} {step.from_[0]}"
        met[key] = met.get(key, 0) + 1
        found.append(key if met[key] == 1 else f"{key} {met[key]}")
    return found


@dataclass(frozen=True)
class Names:
    """The labels of everything one version speaks of, its incidents and the registers included.

    `admitting` are the procedures that admit it, where it is an incident: it may speak of their deadlines and states,
    and of the other incidents, `beside` it, that they admit.
    `numbers` are those of the whole review. `compared` says that the text is to be held against another version's,
    where other numbers hold.
    """

    workflow: Workflow
    incidents: Mapping[str, Workflow]
    registers: Registers
    numbers: Numbers = field(default_factory=lambda: Numbers({}, {}))
    compared: bool = False
    admitting: tuple[Workflow, ...] = ()
    beside: Mapping[str, Workflow] = field(default_factory=dict)

    def _facts(self) -> Mapping[str, Fact]:
        return {**self.workflow.reads, **self.workflow.facts}

    def state(self, name: str) -> str:
        """A state's label; `nothing` is the beginning."""
        if name == NOTHING:
            return "（开始）"
        if name == ANY:
            return "（任一未结阶段）"
        return self.workflow.states[name].label.zh

    def event(self, name: str) -> str:
        """An event's label, wherever it is defined."""
        for workflow in (self.workflow, *self.incidents.values()):
            for step in workflow.steps:
                if step.event == name:
                    return step.label.zh
        return name

    def fact(self, name: str) -> str:
        """A fact's label."""
        facts = self._facts()
        return facts[name].label.zh if name in facts else name

    def value(self, fact: str, value: Any) -> str:
        """A value of a fact as its label says it."""
        rule = self._facts().get(fact)
        if isinstance(value, bool):
            return "是" if value else "否"
        known: Mapping[str, Label] = ((rule.choice or rule.several) if rule else None) or {}
        return known[value].zh if value in known else str(value)

    def item(self, fact: str, name: str) -> str:
        """An item of a checklist as its label says it."""
        rule = self._facts().get(fact)
        known: Mapping[str, Label] = (rule.checklist if rule else None) or {}
        return known[name].zh if name in known else name

    def deadline(self, name: str) -> str:
        """A deadline's label."""
        known = (one.deadlines[name] for one in (self.workflow, *self.admitting) if name in one.deadlines)
        found = next(known, None)
        return name if found is None else found.label.zh

    def place(self, name: str) -> str:
        """A state of the main procedure, which an incident's own file does not know."""
        known = (one.states[name] for one in (self.workflow, *self.admitting) if name in one.states)
        found = next(known, None)
        return name if found is None else found.label.zh

    def thread_state(self, incident: str, name: str) -> str:
        """A state of an incident."""
        known = {**self.beside, **self.incidents}
        return known[incident].states[name].label.zh if incident in known else name

    def incident(self, name: str) -> str:
        """An incident's title."""
        known = {**self.beside, **self.incidents}
        return known[name].title.zh if name in known else name

    def role(self, name: str) -> str:
        """A role of the register, or a part in the dispute."""
        if name == PARTY:
            return "当事人"
        if name in self.workflow.parties:
            return self.workflow.parties[name].label.zh
        return self.registers.roles[name].label.zh if name in self.registers.roles else name

    def roles(self, names: Iterable[str]) -> str:
        """Several roles."""
        return "、".join(self.role(name) for name in names)

    def condition_label(self, name: str) -> str:
        """A condition's label."""
        return self.workflow.conditions[name].label.zh

    @cached_property
    def guards(self) -> Mapping[str, Guard]:
        """What each condition asks for, as written."""
        return {name: condition.guard for name, condition in self.workflow.conditions.items()}

    def counted(self, name: str) -> str:
        """The number of a condition, by which its meaning and its citation are found; none in a comparison."""
        return "" if self.compared else f"〔{self.numbers.conditions[name]}〕"

    def condition(self, name: str) -> str:
        """A condition's label with its number."""
        return self.condition_label(name) + self.counted(name)

    def document(self, name: str) -> str:
        """A document's proper name."""
        return self.registers.documents[name].label.zh

    def uncounted(self, kind: str) -> str:
        """A kind of uncounted time by what begins it."""
        for workflow in (self.workflow, *self.incidents.values()):
            begun_by = [step.label.zh for step in workflow.steps if kind in step.begins]
            if begun_by:
                one = begun_by[0] if len(begun_by) == 1 else ""
                return one if workflow is self.workflow and one else f"{workflow.title.zh}{f'（{one}）' if one else ''}"
        return kind


def measure(names: Names, rule: Deadline) -> tuple[str, ...]:
    """How long a deadline is."""
    if rule.length is not None:
        return (dated(rule.length),)
    if rule.choose is not None:
        ((fact, options),) = rule.choose.items()
        lengths = (f"{names.value(fact, value)}的，{dated(one)}" for value, one in options.items())
        return (f"依“{names.fact(fact)}”：", *lengths)
    if rule.fixed_by is not None:
        bounds = [f"不少于 {length(rule.at_least)}"] if rule.at_least else []
        bounds += [f"不超过 {length(rule.at_most)}"] if rule.at_most else []
        return (f"由“{names.fact(rule.fixed_by)}”确定", *bounds)
    parts = rule.earliest or rule.latest or ()
    said = (f"自“{names.fact(part.counted_from)}”起 {dated(part.length)}{bracketed(part.basis)}" for part in parts)
    return ("下列日期中最早的：" if rule.earliest else "下列日期中最晚的：", *said)


def extensions(names: Names, rule: Deadline) -> tuple[str, ...]:
    """Who may extend a deadline and by how much, for each time that says so differently."""
    if isinstance(rule.extend, tuple):
        return tuple(extended(names, rule.extend))
    return tuple(
        f"自 {day} 起：{'；'.join(extended(names, rules)) or '不得延长'}" for day, rules in rule.extend.items()
    )


def extended(names: Names, rules: Iterable[ExtensionRule]) -> Iterator[str]:
    """Each extension: by whom, how far, and the citation."""
    for one in rules:
        repeated = "，次数不限" if one.repeats else ""
        yield f"由{names.role(one.by)}延长，{at_most(one.at_most)}{repeated}{bracketed(one.basis)}"


def whose_time(rule: Deadline) -> str:
    """Whose the time is."""
    return _KINDS[rule.kind.value]
