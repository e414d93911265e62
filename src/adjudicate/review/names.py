"""How a definition's parts read in Chinese: lengths, conditions, places and ways on; it knows no page layout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from adjudicate.definition.deadline_models import Deadline
from adjudicate.definition.models import ANY, NOTHING, PARTY, Always, Fact, Guard, Occasion, Step, Workflow
from adjudicate.definition.registers import Registers
from adjudicate.definition.shared_models import Basis, Label, Weight
from adjudicate.guards.compiling import compile_guard
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


@dataclass(frozen=True)
class Names:
    """The labels of everything one version speaks of, its incidents and the registers included.

    `admitting` are the procedures that admit it, where it is an incident: it may speak of their deadlines and states.
    """

    workflow: Workflow
    incidents: Mapping[str, Workflow]
    registers: Registers
    admitting: tuple[Workflow, ...] = ()

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
        known: Mapping[str, Label] = (rule.choice if rule else None) or {}
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
        return self.incidents[incident].states[name].label.zh if incident in self.incidents else name

    def incident(self, name: str) -> str:
        """An incident's title."""
        return self.incidents[name].title.zh if name in self.incidents else name

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
        """A condition's label with its citation."""
        rule = self.workflow.conditions[name]
        cited = basis(rule.basis)
        return f"{rule.label.zh}（{cited}）" if cited else rule.label.zh

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


def way(names: Names, step: Step) -> str:
    """Where a step comes from and where it leads."""
    sources = "、".join(names.state(name) for name in step.from_)
    if step.to is None:
        return f"{sources}（不变）"
    if isinstance(step.to, str):
        return f"{sources} → {names.state(step.to)}"
    if step.to.choose is not None:
        ((fact, options),) = step.to.choose.items()
        led = "；".join(f"{names.value(fact, value)} → {names.state(state)}" for value, state in options.items())
        return f"{sources} → 依“{names.fact(fact)}”：{led}"
    condition = names.workflow.conditions[str(step.to.if_)].label.zh
    then, otherwise = names.state(str(step.to.then)), names.state(str(step.to.otherwise))
    return f"{sources} → “{condition}”的 → {then}；否则 → {otherwise}"


def deadline_length(names: Names, rule: Deadline) -> str:
    """How long a deadline is."""
    if rule.length is not None:
        return dated(rule.length)
    if rule.choose is not None:
        ((fact, options),) = rule.choose.items()
        return f"依“{names.fact(fact)}”：" + "；".join(f"{names.value(fact, v)} {dated(o)}" for v, o in options.items())
    if rule.fixed_by is not None:
        bounds = [f"不少于 {length(rule.at_least)}"] if rule.at_least else []
        bounds += [f"不超过 {length(rule.at_most)}"] if rule.at_most else []
        return f"由“{names.fact(rule.fixed_by)}”确定" + (f"（{'，'.join(bounds)}）" if bounds else "")
    parts = rule.earliest or rule.latest or ()
    said = "；".join(f"{dated(part.length)}（自{names.fact(part.counted_from) or '起算行为之日'}）" for part in parts)
    return ("最早者：" if rule.earliest else "最晚者：") + said


def extensions(names: Names, rule: Deadline) -> str:
    """Who may extend a deadline and by how much, for each time that says so differently."""
    times = {None: rule.extend} if isinstance(rule.extend, tuple) else rule.extend
    said = []
    for day, rules in times.items():
        one = "；".join(
            f"{names.role(each.by)}，{at_most(each.at_most)}{'，次数不限' if each.repeats else ''}" for each in rules
        )
        said.append(f"自 {day} 起：{one or '不得延长'}" if day else one)
    return "。".join(said)


def whose_time(rule: Deadline) -> str:
    """Whose the time is."""
    return _KINDS[rule.kind.value]
