"""What the parts of a definition are called in the sentences of check, in both languages; it judges nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adjudicate.definition.models import ANY, NOTHING, PARTY, Step, Workflow
from adjudicate.definition.registers import Registers
from adjudicate.definition.rulebook import CompiledWorkflow
from adjudicate.definition.shared_models import Label
from adjudicate.law.text import Text


def quoted(label: Label | Text, key: str | None = None) -> Text:
    """A label as a sentence has it, with the key beside it by which a maintainer finds the line."""
    if key is None:
        return Text(f"“{label.zh}”", f"'{label.en}'")
    return Text(f"“{label.zh}”（{key}）", f"'{label.en}' ({key})")


def listed(texts: Iterable[Text], zh: str = "、", en: str = ", ") -> Text:
    """Several texts, one after another."""
    several = list(texts)
    return Text(zh.join(one.zh for one in several), en.join(one.en for one in several))


def filled(zh: str, en: str, names: Mapping[str, Text | str | int]) -> Text:
    """A sentence in both languages, with the words in braces replaced by names in each."""
    in_zh = {key: one.zh if isinstance(one, Text) else one for key, one in names.items()}
    in_en = {key: one.en if isinstance(one, Text) else one for key, one in names.items()}
    return Text(zh.format(**in_zh), en.format(**in_en))


class Naming:
    """The names of one definition, with the incidents that it admits."""

    def __init__(self, workflow: Workflow, incidents: Mapping[str, CompiledWorkflow], registers: Registers) -> None:
        self._workflow, self._incidents, self._registers = workflow, incidents, registers

    def step(self, step: Step) -> Text:
        """A step by the label of its own."""
        return quoted(step.label, step.event)

    def event(self, name: str, *, key: bool = True) -> Text:
        """An event, of this definition or of an incident."""
        for workflow in (self._workflow, *(one.workflow for one in self._incidents.values())):
            for step in workflow.steps:
                if step.event == name:
                    return quoted(step.label, name if key else None)
        return quoted(Text(name, name))

    def state(self, name: str, *, key: bool = True) -> Text:
        """A state, or the time before the first event."""
        if name == NOTHING:
            return Text("尚未开始时", "the time before anything has begun")
        if name == ANY:
            return Text("任一未结阶段", "any state that is not final")
        return self._of(self._workflow.states, name, key=key)

    def deadline(self, name: str, *, key: bool = True) -> Text:
        """A deadline."""
        return self._of(self._workflow.deadlines, name, key=key)

    def fact(self, name: str, *, key: bool = True) -> Text:
        """A fact, also one that an incident reads of its case."""
        return self._of({**self._workflow.reads, **self._workflow.facts}, name, key=key)

    def condition(self, name: str, *, key: bool = True) -> Text:
        """A condition."""
        return self._of(self._workflow.conditions, name, key=key)

    def role(self, name: str) -> Text:
        """Somebody who acts, or a part in the dispute."""
        if name == PARTY:
            return Text("任一当事人", "every party")
        parts = {**self._registers.roles, **self._workflow.parties}
        return self._of(parts, name, key=True)

    def incident(self, name: str, *, key: bool = True) -> Text:
        """An incident by its title."""
        known = self._incidents.get(name)
        return quoted(known.workflow.title if known else Text(name, name), name if key and known else None)

    def thread_state(self, incident: str, name: str) -> Text:
        """A state of an incident."""
        known = self._incidents.get(incident)
        return self._of(known.states, name, key=False) if known else quoted(Text(name, name))

    def uncounted(self, kind: str) -> Text:
        """A kind of uncounted time, which has no label of its own, by what begins it."""
        for workflow in (self._workflow, *(one.workflow for one in self._incidents.values())):
            for step in workflow.steps:
                if kind in step.begins:
                    begun = quoted(step.label)
                    return Text(
                        f"自{begun.zh}起不计入的时间（{kind}）", f"the time left uncounted since {begun.en} ({kind})"
                    )
        return Text(f"不计入的时间“{kind}”", f"the uncounted time '{kind}'")

    def _of(self, known: Mapping[str, object], name: str, *, key: bool) -> Text:
        label = getattr(known.get(name), "label", None) or Text(name, name)
        return quoted(label, name if key and name in known else None)

    def variable(self, key: tuple[str, ...]) -> Text:
        """What a question keeps of a case."""
        kind, name = key[:2]
        if kind == "event":
            return _of_kind("事项", "event", self.event(name, key=False))
        if kind == "deadline":
            return _of_kind("期限", "deadline", self.deadline(name, key=False))
        if kind == "fact":
            return _of_kind("事实", "fact", self.fact(name, key=False))
        if kind == "entered":
            return _of_kind("阶段", "state", self.state(name, key=False))
        if kind == "thread":
            inside = listed([self.incident(name, key=False), *([self.thread_state(name, key[2])] if key[2] else [])])
            return _of_kind("附随程序", "incident", inside)
        if kind == "role":
            return _of_kind("当事人", "part", self.role(name))
        if kind == "open":
            return self.uncounted(name)
        if kind == "owed":
            named = self.event(key[2], key=False) if key[1] == "event" else self.state(key[2], key=False)
            return Text(f"{named.zh}之后应有的事项", f"what is owed after {named.en}")
        return self._comparison(name)

    def _comparison(self, written: str) -> Text:
        facts = {**self._workflow.reads, **self._workflow.facts}
        inside = listed(self.fact(name, key=False) for name in facts if f"'{name}'" in written)
        return Text(f"对{inside.zh}的比较", f"a comparison of {inside.en}")


def _of_kind(zh: str, en: str, name: Text) -> Text:
    return Text(f"{zh}{name.zh}", f"{en} {name.en}")
