"""The words of conditions that read who takes part: the parts that parties play, and lists of people."""

from __future__ import annotations

from collections.abc import Iterator

from adjudicate.guards.arguments import no_such_state, one_name, some_names, two_facts, with_keys
from adjudicate.guards.kinds import FactType, Place, kind_of
from adjudicate.guards.word import Comparison, Compile, Key, Labels, Surroundings, View, Word
from adjudicate.law.text import Text


class SamePeople(Comparison):
    """The two lists name the same people, whatever their order; an empty one names nobody and fails."""

    word = "same_people"
    zh = "两份名单所列的人相同，不论顺序；名单为空的，不成立"
    example = "[heard_by, signed_by]"
    places = (Place("fact", (FactType.LIST,), ("actor", "party")),)

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        self.first, self.second = two_facts(self.argument, self.word)

    def test(self, view: View) -> bool:
        first, second = view.fact(self.first), view.fact(self.second)
        return bool(first) and bool(second) and set(first) == set(second)

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield from (("fact", self.first), ("fact", self.second))

    def faults(self, known: Surroundings) -> Iterator[Text]:
        yield from super().faults(known)
        first, second = known.fact(self.first), known.fact(self.second)
        both = [rule for rule in (first, second) if rule is not None and self.places[0].takes(rule)]
        if len(both) == 2 and both[0].list != both[1].list:
            one, other = (kind_of(rule) for rule in both)
            yield Text(
                f"“{self.first}”是{one.zh}，“{self.second}”是{other.zh}，两者不会相同",
                f"'{self.first}' is {one.en} and '{self.second}' {other.en}: they never name the same",
            )

    def why(self, view: View) -> Text | None:
        first, second = (set(view.fact(name) or ()) for name in (self.first, self.second))
        differing = sorted(first ^ second)
        zh, en = "、".join(differing), ", ".join(differing)
        return Text(f"不一致的人员：{zh}", f"differing people: {en}") if differing else None

    def in_chinese(self, labels: Labels) -> str:
        return f"“{labels.fact(self.first)}”与“{labels.fact(self.second)}”为相同人员"


class FreeOf(Word):
    """Nobody on the list is whom a thread of the incident names that stands in one of those states, open or over."""

    word = "free_of"
    zh = "名单中没有该附随程序处于所列阶段（包括已经终结）的分支所指的人员"
    example = "{people: heard_by, incident: recusal, fact: challenged_person, states: [recused]}"
    places = (
        Place("fact", (FactType.LIST, FactType.ACTOR), ("actor",)),
        Place("incident"),
    )

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        given = with_keys(self.argument, self.word, required={"people", "incident", "fact", "states"})
        self.people, self.incident, self.named = (
            one_name(given[key], self.word) for key in ("people", "incident", "fact")
        )
        self.states = some_names(given["states"], self.word)

    def _barred(self, view: View) -> list[str]:
        told = view.fact(self.people)
        people = [told] if isinstance(told, str) else told or []
        return sorted(set(people) & view.named_in_threads(self.incident, self.named, self.states))

    def test(self, view: View) -> bool:
        return not self._barred(view)

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
        if rule is None or (rule.type is not FactType.ACTOR and rule.list != FactType.ACTOR.value):
            yield Text(
                f"附随程序“{self.incident}”没有名为“{self.named}”、记录人员的事实",
                f"the incident '{self.incident}' has no fact '{self.named}' that names people",
            )

    def why(self, view: View) -> Text | None:
        barred = self._barred(view)
        return Text(f"涉及的人员：{'、'.join(barred)}", f"it concerns: {', '.join(barred)}") if barred else None

    def in_chinese(self, labels: Labels) -> str:
        where = "或者".join(f"“{labels.thread_state(self.incident, one)}”" for one in self.states)
        return f"“{labels.fact(self.people)}”中没有在“{labels.incident(self.incident)}”中{where}的人员"


class HasParty(Word):
    """Somebody plays that part now."""

    word = "has_party"
    zh = "现有人担任该当事人身份"
    example = "successor"
    places = (Place("role"),)

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        self.role = one_name(self.argument, self.word)

    def test(self, view: View) -> bool:
        return bool(view.members(self.role))

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield ("role", self.role)

    def variables(self) -> Iterator[Key]:
        yield ("role", self.role)

    def in_chinese(self, labels: Labels) -> str:
        return f"本案现有{labels.role(self.role)}"


class ForEach(Word):
    """The condition holds for each party that plays the part now."""

    word = "for_each"
    zh = "对现任该身份的每一名当事人，该条件均成立"
    example = "{role: respondent, holds: CONDITION}"
    places = (Place("role"), Place("condition"))
    binds = True

    def prepare(self, compile_inner: Compile) -> None:
        given = with_keys(self.argument, self.word, required={"role", "holds"})
        self.role = one_name(given["role"], self.word)
        self.children = (compile_inner(given["holds"]),)

    def test(self, view: View) -> bool:
        return all(self.children[0].test(view.bound(party)) for party in view.members(self.role))

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield ("role", self.role)

    def faults(self, known: Surroundings) -> Iterator[Text]:
        yield from super().faults(known)
        facts = [(name, known.fact(name)) for kind, name in self.children[0].names() if kind == "fact"]
        others = any(kind in ("event", "deadline") for kind, _ in self.children[0].names())
        if facts and not others and all(rule is not None and rule.per is None for _, rule in facts):
            listed = [name for name, _ in facts]
            yield Text(
                f"“for_each”逐一询问当事人，而“{'、'.join(listed)}”全案只有一个值",
                f"'for_each' asks of each party, but '{', '.join(listed)}' is kept once for the case",
            )

    def why(self, view: View) -> Text | None:
        lacking = [party for party in view.members(self.role) if not self.children[0].test(view.bound(party))]
        return Text(f"尚缺：{'、'.join(lacking)}", f"not yet for: {', '.join(lacking)}")

    def awaited(self, view: View) -> Iterator[Text]:
        for one in map(view.bound, view.members(self.role)):
            if not self.children[0].test(one):
                yield from self.children[0].awaited(one)

    def in_chinese(self, labels: Labels) -> str:
        return f"对每一名{labels.role(self.role)}：{self.children[0].said(labels)}"
