"""The words of conditions that read the threads of incidents: where they stand, and whom or what they name."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from adjudicate.guards.arguments import no_such_state, one_name, some_names, with_keys
from adjudicate.guards.kinds import FactType, Place
from adjudicate.guards.people import empty
from adjudicate.guards.why import Why, listed, quoted_list
from adjudicate.guards.word import Compile, Key, Labels, Surroundings, View, Word
from adjudicate.law.text import Text


class ThreadOpen(Word):
    """A thread of the incident is open, in that state if one is named."""

    word = "thread_open"
    zh = "该附随程序有分支正在进行；写明阶段的，处于该阶段"
    example = "{incident: suspension, state: suspended}"
    places = (Place("incident"),)

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        plain = {"incident": self.argument} if isinstance(self.argument, str) else self.argument
        named = with_keys(plain, self.word, required={"incident"}, optional=frozenset({"state"}))
        self.incident = one_name(named["incident"], self.word)
        self.state = one_name(named["state"], self.word) if "state" in named else None

    def test(self, view: View) -> bool:
        return view.thread_open(self.incident, self.state)

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield ("incident", self.incident)

    def faults(self, known: Surroundings) -> Iterator[Text]:
        yield from super().faults(known)
        states = known.thread_states(self.incident)
        if states is None or self.state is None:
            return
        if self.state not in states:
            yield no_such_state(self.incident, self.state, states)
        elif states[self.state]:
            yield Text(
                f"附随程序“{self.incident}”到达阶段“{self.state}”即告终结，不会仍在进行",
                f"the incident '{self.incident}' is over in its state '{self.state}': no thread is open there",
            )

    def variables(self) -> Iterator[Key]:
        yield ("thread", self.incident, self.state or "")

    def why(self, view: View) -> Why | None:
        title, there_zh, there_en = view.names.incident(self.incident), "", ""
        if self.state is not None:
            where = view.names.thread_state(self.incident, self.state)
            there_zh, there_en = f"、处于“{where.zh}”", f" at '{where.en}'"
        is_open = self.test(view)
        return Why(
            f"{'有' if is_open else '没有'}正在进行{there_zh}的“{title.zh}”",
            f"there is {'an' if is_open else 'no'} open '{title.en}'{there_en}",
            {"incidents": [self.incident]},
        )

    def in_chinese(self, labels: Labels) -> str:
        return f"有{self._where(labels)}"

    def each_in_chinese(self, labels: Labels, *, holds: bool = True) -> tuple[str, ...]:
        return (self.in_chinese(labels) if holds else f"没有{self._where(labels)}",)

    def _where(self, labels: Labels) -> str:
        where = f"处于“{labels.thread_state(self.incident, self.state)}”" if self.state else "正在进行"
        return f"{where}的“{labels.incident(self.incident)}”"


class InState(Word):
    """The main procedure stands there, or in one of those states."""

    word = "in_state"
    zh = "主程序处于该阶段（或者所列阶段之一）"
    example = "[docketed, heard]"
    places = (Place("state"),)

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        self.states = some_names(self.argument, self.word)

    def test(self, view: View) -> bool:
        return view.stands_in(self.states)

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield from (("state", state) for state in self.states)

    def why(self, view: View) -> Why | None:
        if view.state is None:
            return Why("案件尚未开始", "the case has not begun")
        here, wanted = view.names.state(view.state), quoted_list(map(view.names.state, self.states), "或者", " or ")
        return Why(
            f"案件现处于“{here.zh}”（所问的阶段：{wanted.zh}）",
            f"the case stands at '{here.en}' (the stage in question: {wanted.en})",
            {"states": list(self.states)},
        )

    def in_chinese(self, labels: Labels) -> str:
        return "主程序处于" + "或者".join(f"“{labels.place(state)}”" for state in self.states)


class _NamedByThreads(Word):
    """A word that holds a list, of people or of papers, against what the threads of an incident name."""

    places = (
        Place("fact", (FactType.LIST, FactType.ACTOR), ("actor",)),
        Place("incident"),
    )
    key: ClassVar[str] = "people"
    holds_of: ClassVar[FactType] = FactType.ACTOR
    noun: ClassVar[Text] = Text("人员", "people")

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        given = with_keys(self.argument, self.word, required={self.key, "incident", "fact", "states"})
        self.people, self.incident, self.named = (
            one_name(given[key], self.word) for key in (self.key, "incident", "fact")
        )
        self.states = some_names(given["states"], self.word)

    def _people(self, view: View) -> set[str]:
        told = view.fact(self.people)
        return {told} if isinstance(told, str) else set(told or ())

    def _found(self, view: View) -> frozenset[str]:
        return view.named_in_threads(self.incident, self.named, self.states)

    @abstractmethod
    def _at_fault(self, view: View) -> list[str]:
        """Those on the list for whom it does not hold."""

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield from (("fact", self.people), ("incident", self.incident))

    def faults(self, known: Surroundings) -> Iterator[Text]:
        yield from super().faults(known)
        states = known.thread_states(self.incident)
        if states is None:
            return
        for name in self.states:
            if name not in states:
                yield no_such_state(self.incident, name, states)
        rule = known.thread_fact(self.incident, self.named)
        if rule is None or (rule.type is not self.holds_of and rule.list != self.holds_of.value):
            yield Text(
                f"附随程序“{self.incident}”没有名为“{self.named}”、记录{self.noun.zh}的事实",
                f"the incident '{self.incident}' has no fact '{self.named}' that names {self.noun.en}",
            )

    def why(self, view: View) -> Why | None:
        people = self._at_fault(view)
        if not people:
            return None
        states = quoted_list((view.names.thread_state(self.incident, one) for one in self.states), "或者", " or ")
        return self._told(view, people, states)

    def _told(self, view: View, people: list[str], states: Text) -> Why:
        """The sentence about those for whom it does not hold."""
        who = listed(view.names.value(self.people, person) for person in people)
        title = view.names.incident(self.incident)
        return Why(
            f"{who.zh}在“{title.zh}”中属于{states.zh}",
            f"{who.en}: {states.en} in '{title.en}'",
            {"facts": [self.people], "people": people},
        )

    def _where(self, labels: Labels) -> str:
        states = "或者".join(f"“{labels.thread_state(self.incident, one)}”" for one in self.states)
        return f"“{labels.incident(self.incident)}”中{states}的{self.noun.zh}"


class FreeOf(_NamedByThreads):
    """Nobody on the list is whom a thread of the incident names that stands in one of those states, open or over."""

    word = "free_of"
    zh = "名单中没有该附随程序处于所列阶段（包括已经终结）的分支所指的人员"
    example = "{people: heard_by, incident: recusal, fact: challenged_person, states: [recused]}"

    def _at_fault(self, view: View) -> list[str]:
        return sorted(self._people(view) & self._found(view))

    def test(self, view: View) -> bool:
        return not self._at_fault(view)

    def in_chinese(self, labels: Labels) -> str:
        return f"“{labels.fact(self.people)}”中没有在{self._where(labels)}"


class EachNamed(_NamedByThreads):
    """Everybody on the list is whom a thread of the incident names that stands in one of those states, open or over."""

    word = "each_named"
    zh = "名单中的人员均为该附随程序处于所列阶段（包括已经终结）的分支所指的人员；名单为空的，不成立"
    example = "{people: panel, incident: handler-card, fact: handler, states: [valid]}"

    def _at_fault(self, view: View) -> list[str]:
        return sorted(self._people(view) - self._found(view))

    def test(self, view: View) -> bool:
        people = self._people(view)
        return bool(people) and people <= self._found(view)

    def why(self, view: View) -> Why | None:
        if not self._people(view):
            return empty(view, self.people)
        return super().why(view)

    def _told(self, view: View, people: list[str], states: Text) -> Why:
        who = listed(view.names.value(self.people, person) for person in people)
        title = view.names.incident(self.incident)
        return Why(
            f"{who.zh}在“{title.zh}”中不属于{states.zh}",
            f"{who.en}: not {states.en} in '{title.en}'",
            {"facts": [self.people], "people": people},
        )

    def in_chinese(self, labels: Labels) -> str:
        return f"“{labels.fact(self.people)}”所列的，均为在{self._where(labels)}"


class NoPaperOf(_NamedByThreads):
    """No paper on the list is one that a thread of the incident names, open or over, that stands in those states."""

    word = "no_paper_of"
    zh = "所列文件中没有该附随程序处于所列阶段（包括已经终结）的分支所记录的文件"
    example = "{papers: evidence_relied_on, incident: appraisal, fact: appraisal_report, states: [inadmissible]}"
    places = (
        Place("fact", (FactType.LIST, FactType.DOCUMENT), ("document",)),
        Place("incident"),
    )
    key = "papers"
    holds_of = FactType.DOCUMENT
    noun = Text("文件", "papers")

    def _at_fault(self, view: View) -> list[str]:
        return sorted(self._people(view) & self._found(view))

    def test(self, view: View) -> bool:
        return not self._at_fault(view)

    def _told(self, view: View, people: list[str], states: Text) -> Why:
        title = view.names.incident(self.incident)
        return Why(
            f"其中有{len(people)}份文件，在“{title.zh}”中属于{states.zh}",
            f"{len(people)} of the papers: {states.en} in '{title.en}'",
            {"facts": [self.people], "documents": people},
        )

    def in_chinese(self, labels: Labels) -> str:
        return f"“{labels.fact(self.people)}”中没有在{self._where(labels)}"
