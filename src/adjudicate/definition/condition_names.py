"""Whether every condition is made of words that mean something here, and is asked where what it reads has one value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adjudicate.definition.models import PARTY, Fact
from adjudicate.definition.naming import Naming, asked_by
from adjudicate.definition.yaml_source import Path
from adjudicate.errors import Misworded
from adjudicate.guards.compiling import Word, compile_guard
from adjudicate.law.text import Text


class _Here:
    """The definition as a guard word asks about it."""

    def __init__(self, naming: Naming) -> None:
        self._naming = naming
        self.is_incident = naming.is_incident

    def fact(self, name: str) -> Fact | None:
        return self._naming.facts.get(name)

    def extensions(self, deadline: str) -> int | None:
        rule = self._naming.workflow.deadlines.get(deadline)
        return None if rule is None else rule.most_extensions

    def thread_states(self, incident: str) -> Mapping[str, bool] | None:
        found = self._naming.incidents.get(incident)
        return None if found is None else {name: state.final for name, state in found.states.items()}

    def thread_fact(self, incident: str, name: str) -> Fact | None:
        found = self._naming.incidents.get(incident)
        return None if found is None else found.facts.get(name)


def check(naming: Naming) -> None:
    """Note every fault of the conditions, and of steps and incidents that ask them of nobody in particular."""
    compiled: dict[str, Word] = {}
    for name, guard in naming.guards.items():
        word = condition(naming, ("conditions", name), Text(f"条件“{name}”", f"condition '{name}'"), guard, (name,))
        if word is not None:
            compiled[name] = word
    if naming.is_incident:
        return
    for i, step in enumerate(naming.workflow.steps):
        for key, asked in asked_by(step):
            if asked in compiled:
                begins = Text(f"步骤“{step.event}”", f"step '{step.event}'")
                _of_nobody(naming, ("steps", i, key), begins, asked, compiled[asked], step.per)
    for i, use in enumerate(naming.workflow.incidents):
        for asked in use.requires:
            if asked in compiled:
                begins = Text(f"附随程序“{use.opens}”", f"incident '{use.opens}'")
                _of_nobody(naming, ("incidents", i, "requires"), begins, asked, compiled[asked], use.per)


def condition(naming: Naming, at: Path, begins: Text, guard: Any, seen: tuple[str, ...] = ()) -> Word | None:
    """Read one condition and note what is wrong with it; None where it cannot be read."""
    try:
        word = compile_guard(guard, naming.guards, seen)
    except Misworded as error:
        naming.add(at, f"{begins.en}: {error.en}", f"{begins.zh}：{error.zh}")
        return None
    _names(naming, at, begins, word)
    for said in word.faults(_Here(naming)):
        naming.add(at, f"{begins.en}: {said.en}", f"{begins.zh}：{said.zh}")
    return word


def _names(naming: Naming, at: Path, begins: Text, word: Word) -> None:
    known: dict[str, Any] = {
        "fact": naming.facts,
        "event": naming.all_events,
        "deadline": naming.workflow.deadlines,
        "incident": naming.incidents if naming.is_incident else naming.admitted,
        "state": naming.workflow.states,
        "role": naming.party_roles,
    }
    if naming.is_incident:
        # Of the procedures that admit it, the incident need fit one; where none does, nothing can be said.
        known["state"] = [state for procedure in naming.admitting for state in procedure.states] or None
        known["role"] = [*(role for procedure in naming.admitting for role in procedure.parties), PARTY]
        known["role"] = known["role"] if naming.admitting else None
        if naming.admitting:
            shared = set.intersection(*(set(procedure.deadlines) for procedure in naming.admitting))
            known["deadline"] = [*naming.workflow.deadlines, *sorted(shared)]
    nouns = {"role": "party"}
    saying = Text(f"{begins.zh}所指的是", f"{begins.en} speaks of")
    for kind, used in dict.fromkeys(word.names()):
        unread = kind in ("incident", "event") and naming.partly_unknown
        if known[kind] is None or (unread and used not in known[kind]):
            continue
        sound = naming.known(at, nouns.get(kind, kind), used, known[kind], saying)
        if sound and kind == "fact" and naming.facts[used].particulars:
            naming.add(
                at,
                f"{begins.en} reads '{used}', which may be erased: no guard may rest on it",
                f"{begins.zh}以“{used}”为依据，而该事实可能被删除，不得作为条件的依据",
            )


def _of_nobody(naming: Naming, at: Path, begins: Text, asked: str, word: Word, role: str | None) -> None:
    """Note a condition that reads what each party has of its own where no party is meant, or one who never has it."""
    if any(_asks_a_party(word, role)):
        naming.add(
            at,
            f"{begins.en} asks for '{asked}', which asks something of one party, but concerns no party: use 'for_each'",
            f"{begins.zh}询问“{asked}”，它针对某一当事人，而此处不涉及某一当事人：请用“for_each”",
        )
    for fact, bound in _read(word, role):
        whose = naming.facts[fact].per if fact in naming.facts else None
        if whose is None or bound == whose or (bound is not None and PARTY in (whose, bound)):
            continue
        reads_en = f"{begins.en} asks for '{asked}', which reads '{fact}', kept per {whose}"
        reads_zh = f"{begins.zh}询问“{asked}”，其中的“{fact}”按“{whose}”分别记录"
        if bound is None:
            naming.add(
                at,
                f"{reads_en}, but concerns no party: use 'for_each'",
                f"{reads_zh}，而此处不涉及某一当事人：请用“for_each”",
            )
        else:
            naming.add(at, f"{reads_en}, but asks it of a {bound}", f"{reads_zh}，而此处针对“{bound}”")


def _asks_a_party(word: Word, bound: str | None) -> Iterator[bool]:
    """For each word in it that means one party, whether none is meant there."""
    if word.of_a_party:
        yield bound is None
    for child in word.children:
        yield from _asks_a_party(child, getattr(word, "role", None) if word.binds else bound)


def _read(word: Word, bound: str | None) -> Iterator[tuple[str, str | None]]:
    """The facts that a word reads, each with the role of the party for whom it is read."""
    yield from ((name, bound) for kind, name in word.own_names() if kind == "fact")
    for child in word.children:
        yield from _read(child, getattr(word, "role", None) if word.binds else bound)
