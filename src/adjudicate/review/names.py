"""How a definition's parts read in Chinese: lengths, conditions, places and ways on; it knows no page layout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from adjudicate.definition.models import ANY, NOTHING, PARTY, Basis, Deadline, Fact, Label, Step, Workflow
from adjudicate.definition.registers import Registers
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


def basis(value: Basis | None) -> str:
    """A citation, or each with the day from which it is cited."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return "；".join(f"自 {day} 起 {text}" for day, text in sorted(value.items()))


@dataclass(frozen=True)
class Names:
    """The labels of everything one version speaks of, its incidents and the registers included."""

    workflow: Workflow
    incidents: Mapping[str, Workflow]
    registers: Registers

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

    def deadline(self, name: str) -> str:
        """A deadline's label."""
        return self.workflow.deadlines[name].label.zh if name in self.workflow.deadlines else name

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
    if isinstance(written, str):
        return f"“{names.workflow.conditions[written].label.zh}”" if written in names.workflow.conditions else written
    ((word, argument),) = written.items()
    said: str = IN_CHINESE[word](names, argument)
    return said


def _values(names: Names, fact: str, wanted: Any) -> str:
    values = wanted if isinstance(wanted, list) else [wanted]
    return f"“{names.fact(fact)}”为" + "或者".join(f"“{names.value(fact, value)}”" for value in values)


def _count(names: Names, argument: Any) -> str:
    ((fact, rule),) = argument.items()
    said = {"at_least": "不少于 {}", "at_most": "不多于 {}", "odd": "为单数", "even": "为双数"}
    return f"“{names.fact(fact)}”所列的人数或者数目" + "，".join(said[key].format(value) for key, value in rule.items())


def _thread(names: Names, argument: Any) -> str:
    incident = argument if isinstance(argument, str) else argument["incident"]
    state = None if isinstance(argument, str) else argument.get("state")
    where = names.incidents[incident].states[state].label.zh if state and incident in names.incidents else state
    return f"“{names.incident(incident)}”正在进行" + (f"并处于“{where}”" if where else "")


def _time(_names: Names, argument: Any) -> str:
    until = f"、{argument['until']} 以前（不含当日）" if "until" in argument else ""
    return f"行为日在 {argument['from']} 以后（含当日）{until}"


def _joined(names: Names, argument: Any, word: str) -> str:
    return word.join(f"（{guard(names, one)}）" if isinstance(one, dict) else guard(names, one) for one in argument)


def _list(argument: Any) -> list[Any]:
    return argument if isinstance(argument, list) else [argument]


IN_CHINESE: Mapping[str, Any] = {
    "fact_is": lambda n, a: "，且".join(_values(n, fact, wanted) for fact, wanted in a.items()),
    "fact_known": lambda n, a: "已记录" + "、".join(f"“{n.fact(one)}”" for one in _list(a)),
    "count_of": _count,
    "recorded": lambda n, a: f"已发生“{n.event(a)}”",
    "not_recorded": lambda n, a: f"未发生“{n.event(a)}”",
    "over": lambda n, a: f"“{n.deadline(a)}”已届满",
    "not_over": lambda n, a: f"“{n.deadline(a)}”未届满",
    "started": lambda n, a: f"“{n.deadline(a)}”已开始",
    "in_reach": lambda n, a: f"不晚于“{n.deadline(a['deadline'])}”足额延长 {a['extensions']} 次后的届满日",
    "thread_open": _thread,
    "same_people": lambda n, a: f"“{n.fact(a[0])}”与“{n.fact(a[1])}”为相同人员",
    "not_after": lambda n, a: f"“{n.fact(a[0])}”不晚于“{n.fact(a[1])}”",
    "no_twin": lambda n, a: "没有同一当事人且" + "、".join(f"“{n.fact(one)}”" for one in a) + "相同的另一进行中的程序",
    "in_state": lambda n, a: "主程序处于" + "或者".join(f"“{_place(n, one)}”" for one in _list(a)),
    "in_time": _time,
    "has_party": lambda n, a: f"本案现有{n.role(a)}",
    "for_each": lambda n, a: f"对每一名{n.role(a['role'])}：{guard(n, a['holds'])}",
    "all": lambda n, a: _joined(n, a, " 且 "),
    "any": lambda n, a: _joined(n, a, " 或 "),
    "not": lambda n, a: f"并非{_joined(n, [a], '')}",
}


def _place(names: Names, state: str) -> str:
    return names.state(state) if state in names.workflow.states else state


def ways(names: Names, step: Step) -> str:
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


def measure(names: Names, rule: Deadline) -> str:
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


def kind(rule: Deadline) -> str:
    """Whose the time is."""
    return _KINDS[rule.kind.value]
