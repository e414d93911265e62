"""How a definition's parts read in Chinese: lengths, conditions, places and ways on; it knows no page layout."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from adjudicate.definition.deadline_models import Deadline, ExtensionRule
from adjudicate.definition.models import ANY, NOTHING, PARTY, Always, Fact, Guard, Occasion, Workflow
from adjudicate.definition.registers import Registers
from adjudicate.definition.shared_models import Basis, Label, Weight
from adjudicate.guards.compiling import compile_guard
from adjudicate.guards.joining import All, AnyOf, Not
from adjudicate.law.periods import Length, Unit

_UNITS = {
    Unit.HOURS: "小时",
    Unit.DAYS: "日",
    Unit.WORKING_DAYS: "个工作日",
    Unit.MONTHS: "个月",
    Unit.YEARS: "年",
}
_KINDS = {"duty": "义务（机关应当）", "right": "权利（当事人可以）", "wait": "等待（届满前不得）"}


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


def bracketed(names: Names, value: Basis | None) -> str:
    """A citation behind what it is for, where citations are asked for."""
    return f"（{basis(value)}）" if value is not None and names.cites else ""


@dataclass(frozen=True)
class Names:
    """The labels of everything one version speaks of, its incidents and the registers included.

    `admitting` are the procedures that admit it, where it is an incident: it may speak of their deadlines and states,
    and of the other incidents, `beside` it, that they admit.
    `cites` says whether a condition is named with its citation.
    """

    workflow: Workflow
    incidents: Mapping[str, Workflow]
    registers: Registers
    cites: bool = True
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

    def condition(self, name: str) -> str:
        """A condition's label with its citation, where citations are asked for."""
        rule = self.workflow.conditions[name]
        return rule.label.zh + bracketed(self, rule.basis)

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


def guard(names: Names, written: Any) -> str:
    """A condition's meaning in words."""
    return compile_guard(written, names.guards).said(names)


def meaning(names: Names, written: Any) -> tuple[str, ...]:
    """The same, each of several things that are asked for by itself."""
    word = compile_guard(written, names.guards)
    if not isinstance(word, All | AnyOf):
        return (word.said(names),)
    excluded = [child for child in word.children if isinstance(child, Not) and not child.name]
    if isinstance(word, AnyOf) and len(excluded) == 1:
        # Unless A, or B: a lawyer says it of A, not of its contrary.
        others = "，或者".join(child.said(names) for child in word.children if child is not excluded[0])
        return (f"{excluded[0].children[0].said(names)}的，须{others}",)
    head = "下列各项均成立：" if isinstance(word, All) else "下列任一项成立："
    return (head, *(f"（{i}）{child.said(names)}" for i, child in enumerate(word.children, 1)))


def promise(names: Names, line: Always) -> str:
    """An invariant by its label or, where it has none, as a sentence."""
    if line.label:
        return line.label.zh
    if line.before:
        return f"{_occasions(names, [line.before])}之前须有{_occasions(names, line.one_of)}"
    if line.after:
        return f"{_occasions(names, [line.after])}之后须有{_occasions(names, line.follows)}"
    if line.never:
        return f"须{guard(names, line.until)}，方可有{_occasions(names, [line.never])}"
    return f"{_occasions(names, line.never_both, '和')}不得并存"


def _occasions(names: Names, occasions: Iterable[Occasion] | None, joined: str = "或者") -> str:
    """Events and states by their labels; a bare name that is both is the event."""
    events = {step.event for step in names.workflow.steps}
    found = []
    for one in occasions or ():
        name = one if isinstance(one, str) else str(one.event or one.state)
        is_state = one.state is not None if not isinstance(one, str) else name not in events
        found.append(f"“{names.state(name) if is_state and name in names.workflow.states else names.event(name)}”")
    return joined.join(found)


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
    said = (
        f"自“{names.fact(part.counted_from)}”起 {dated(part.length)}{bracketed(names, part.basis)}" for part in parts
    )
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
        yield f"由{names.role(one.by)}延长，{at_most(one.at_most)}{repeated}{bracketed(names, one.basis)}"


def whose_time(rule: Deadline) -> str:
    """Whose the time is."""
    return _KINDS[rule.kind.value]
