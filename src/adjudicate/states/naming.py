"""What people call the parts of a case in a sentence; keys and ids stand in the structured members beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from adjudicate.definition.models import CLOCK, LINK, PARTY, Fact, Step
from adjudicate.definition.rulebook import CompiledWorkflow, Rulebook
from adjudicate.definition.shared_models import Label
from adjudicate.guards.kinds import FINDINGS, FactType
from adjudicate.guards.why import listed, quoted_list
from adjudicate.law.periods import Length, in_words
from adjudicate.law.text import Text
from adjudicate.states.entries import Joining
from adjudicate.states.standing import Standing
from adjudicate.states.threads import incident_of, number_of

_LONGEST_QUOTED = 60


class CaseNames:
    """The labels of a case: of the version that judges it, of its parties and of its threads.

    `joins` are those who join with the act at hand: they come after the parties that there are.
    """

    __slots__ = ("_compiled", "_joins", "_rulebook", "_standing")

    def __init__(
        self,
        rulebook: Rulebook,
        standing: Standing | None,
        compiled: CompiledWorkflow | None = None,
        joins: Sequence[Joining] = (),
    ) -> None:
        self._rulebook, self._standing = rulebook, standing
        self._compiled, self._joins = compiled or rulebook.main, joins

    def _rule(self, fact: str) -> Fact | None:
        workflow = self._compiled.workflow
        return workflow.facts.get(fact) or workflow.reads.get(fact) or self._rulebook.main.facts.get(fact)

    def fact(self, name: str) -> Text:
        """A fact; the one of the workflow of the act where the main procedure has one of the same name."""
        rule = self._rule(name)
        return Text("未列明的事实", "a fact that is not described") if rule is None else text_of(rule.label)

    def value(self, fact: str, value: Any) -> Text:
        """A value of a fact in a sentence: options and findings by their labels, lengths in words, people as told."""
        rule = self._rule(fact)
        if isinstance(value, bool):
            return Text("是", "yes") if value else Text("否", "no")
        if isinstance(value, list | tuple):
            return listed(self.value(fact, one) for one in value)
        if isinstance(value, dict):
            finding = FINDINGS.get(str(value.get("finding")))
            return finding or listed(self.value(fact, one) for one in value.values())
        return self._one_value(rule, value)

    def item(self, fact: str, name: str) -> Text:
        """An item of a checklist."""
        rule = self._rule(fact)
        known = (rule.checklist if rule else None) or {}
        return text_of(known[name]) if name in known else Text("未列明的项目", "an item that is not described")

    def _one_value(self, rule: Fact | None, value: Any) -> Text:
        if rule is not None and rule.choice and value in rule.choice:
            label = rule.choice[value]
            return Text(f"“{label.zh}”", f"'{label.en}'")
        if rule is not None and rule.several and value in rule.several:
            label = rule.several[value]
            return Text(f"“{label.zh}”", f"'{label.en}'")
        if rule is not None and rule.list == PARTY:
            return self.party(str(value))
        if rule is not None and rule.type is FactType.LENGTH:
            length = Length.parse(value)
            return in_words(length.count, length.unit)
        if rule is not None and FactType.DOCUMENT in (rule.type, rule.list):
            return Text("已登记的文件", "a registered document")
        shown = str(value)[:_LONGEST_QUOTED]
        return Text(shown, shown)

    def event(self, name: str) -> Text:
        """An event of the main procedure or of an incident."""
        label = self._rulebook.label(name)
        return Text("未列明的事项", "an event that is not described") if label is None else text_of(label)

    def deadline(self, name: str) -> Text:
        """A deadline; the one of the workflow of the act where the main procedure has one of the same name."""
        rule = self._compiled.deadlines.get(name) or self._rulebook.main.deadlines[name]
        return text_of(rule.label)

    def incident(self, name: str) -> Text:
        """An incident."""
        return text_of(self._rulebook.compiled(name).workflow.title)

    def state(self, name: str) -> Text:
        """A state of the main procedure."""
        return text_of(self._rulebook.main.states[name].label)

    def thread_state(self, incident: str, name: str) -> Text:
        """A state of an incident."""
        return text_of(self._rulebook.compiled(incident).states[name].label)

    def role(self, name: str) -> Text:
        """A part in the dispute, or a role of the register."""
        if name == PARTY:
            return Text("当事人", "party")
        part, registered = self._rulebook.main.workflow.parties.get(name), self._rulebook.registers.roles.get(name)
        known = part or registered
        return Text("未列明的身份", "a role that is not described") if known is None else text_of(known.label)

    def roles(self, names: Iterable[str]) -> Text:
        """Several roles, any of which will do."""
        return listed((self.role(name) for name in names), "或者", " or ")

    def party(self, party: str) -> Text:
        """A party by its part and its place in the list of the parties; its name is personal and stays out."""
        members = {} if self._standing is None else self._standing.members
        parts = {key: member.role for key, member in members.items()} | {one.party: one.role for one in self._joins}
        if party not in parts:
            return Text("不在本案中的人", "somebody who is not in the case")
        number, label = list(parts).index(party) + 1, self.role(parts[party])
        return Text(f"{label.zh}（第{number}名当事人）", f"{label.en} (party no. {number})")

    def parties(self, parties: Iterable[str]) -> Text:
        """Several parties."""
        return listed(self.party(one) for one in parties)

    def thread(self, key: str) -> Text:
        """A thread by its incident, its number and the day on which it was opened."""
        title, number = self.incident(incident_of(key)), number_of(key)
        held = None if self._standing is None else self._standing.threads.get(key)
        day = "" if held is None else held.opened_on
        return Text(
            f"“{title.zh}”第{number}件{f'（{day}启动）' if day else ''}",
            f"'{title.en}' no. {number}{f' (opened on {day})' if day else ''}",
        )

    def doers(self, event: str) -> Text:
        """Whose act an event is."""
        roles = dict.fromkeys(role for step in self._steps_of(event) for role in step.by if role not in (CLOCK, LINK))
        if not roles:
            return self._follows_from(event)
        said = self.roles(roles)
        return Text(f"由{said.zh}作出", f"an act of: {said.en}")

    def _follows_from(self, event: str) -> Text:
        """With which events of incidents an event is recorded by itself, or that time alone brings it about."""
        uses = (admitted.use for admitted in self._rulebook.incidents.values())
        causes = dict.fromkeys(one.when for use in uses for one in use.outcomes if one.records == event)
        if not causes:
            return Text("期限届满时自动记录", "it follows by itself when its time is over")
        said = quoted_list((self.event(cause) for cause in causes), "或者", " or ")
        return Text(f"随{said.zh}自动记录", f"it follows by itself from {said.en}")

    def _steps_of(self, event: str) -> tuple[Step, ...]:
        if event not in self._rulebook.homes:
            return ()
        return self._rulebook.compiled(self._rulebook.homes[event]).events[event]

    def _steps(self) -> Iterator[Step]:
        yield from self._compiled.workflow.steps
        if self._compiled.incident is not None:
            yield from self._rulebook.main.workflow.steps

    def _events(self, wanted: Callable[[Step], bool]) -> Text:
        events = dict.fromkeys(step.event for step in self._steps() if wanted(step))
        return quoted_list((self.event(event) for event in events), "或者", " or ")

    def recorded_with(self, fact: str) -> Text:
        """The events that record a fact; empty where none does."""
        return self._events(lambda step: fact in step.takes)

    def started_by(self, deadline: str) -> Text:
        """The events that start a deadline; empty where none does."""
        return self._events(lambda step: deadline in started(step))


def started(step: Step) -> Iterator[str]:
    """The deadlines that a step starts, on a condition or without one."""
    for one in step.starts:
        yield one if isinstance(one, str) else one.deadline


def text_of(label: Label) -> Text:
    """A label as the text of a sentence."""
    return Text(label.zh, label.en)
