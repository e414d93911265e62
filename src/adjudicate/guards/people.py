"""The words of conditions that read who takes part: the parts that parties play, and lists of people."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from adjudicate.guards.arguments import no_such_state, one_name, some_names, two_facts, with_keys, worded
from adjudicate.guards.kinds import LONGEST_LIST, FactType, Place, kind_of
from adjudicate.guards.why import Why, joined, listed, quoted_list
from adjudicate.guards.word import Comparison, Compile, Key, Labels, Pending, Surroundings, View, Word
from adjudicate.law.text import Text
from adjudicate.law.written import whole


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

    def why(self, view: View) -> Why | None:
        first, second = (set(view.fact(name) or ()) for name in (self.first, self.second))
        return joined(
            (
                self._only_in(view, self.first, self.second, first - second),
                self._only_in(view, self.second, self.first, second - first),
                *(_empty(view, name) for name, people in ((self.first, first), (self.second, second)) if not people),
            )
        )

    def _only_in(self, view: View, here: str, there: str, people: set[str]) -> Why | None:
        if not people:
            return None
        one, other = view.names.fact(here), view.names.fact(there)
        who = listed(view.names.value(here, person) for person in sorted(people))
        return Why(
            f"在“{one.zh}”而不在“{other.zh}”中的：{who.zh}",
            f"in '{one.en}' but not in '{other.en}': {who.en}",
            {"facts": [self.first, self.second], "people": sorted(people)},
        )

    def in_chinese(self, labels: Labels) -> str:
        return f"“{labels.fact(self.first)}”与“{labels.fact(self.second)}”为相同人员"


def _empty(view: View, name: str) -> Why:
    label = view.names.fact(name)
    return Why(f"“{label.zh}”中没有人员", f"'{label.en}' names nobody", {"facts": [name]})


class MostOf(Comparison):
    """More than half of the people on the second list stand on the first, and nobody who is not on the second."""

    word = "most_of"
    zh = "前一名单所列人员过后一名单的半数，且均在后一名单之中"
    example = "[votes_for, panel]"
    places = (Place("fact", (FactType.LIST,), ("actor", "party")),)

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        self.some, self.whole = two_facts(self.argument, self.word)

    def test(self, view: View) -> bool:
        some, whole = set(view.fact(self.some) or ()), set(view.fact(self.whole) or ())
        return some <= whole and 2 * len(some) > len(whole)

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield from (("fact", self.some), ("fact", self.whole))

    def why(self, view: View) -> Why | None:
        some, whole = set(view.fact(self.some) or ()), set(view.fact(self.whole) or ())
        small, large = view.names.fact(self.some), view.names.fact(self.whole)
        return Why(
            f"“{large.zh}”共{len(whole)}人，其中在“{small.zh}”的有{len(some & whole)}人",
            f"{len(some & whole)} of the {len(whole)} in '{large.en}' are in '{small.en}'",
            {"facts": [self.some, self.whole]},
        )

    def in_chinese(self, labels: Labels) -> str:
        return f"“{labels.fact(self.some)}”过“{labels.fact(self.whole)}”的半数，且均为其中的人员"


class NamedIn(Comparison):
    """The party stands on that list of parties; inside `for_each` and in `per` steps."""

    word = "named_in"
    zh = "该当事人在该名单之中；用于 for_each 之内以及 per 步骤"
    example = "attendance"
    places = (Place("fact", (FactType.LIST,), ("party",)),)
    of_a_party = True

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        self.fact = one_name(self.argument, self.word)

    def test(self, view: View) -> bool:
        return view.party in (view.fact(self.fact) or ())

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield ("fact", self.fact)

    def why(self, view: View) -> Why | None:
        label, there = view.names.fact(self.fact), view.party in (view.fact(self.fact) or ())
        if there:
            return Why(f"“{label.zh}”列有该当事人", f"'{label.en}' names the party", {"facts": [self.fact]})
        return Why(f"“{label.zh}”未列该当事人", f"'{label.en}' does not name the party", {"facts": [self.fact]})

    def variables(self) -> Iterator[Key]:
        # One unknown for the list would say of every party the same: one may be on it and another not.
        yield from ()

    def in_chinese(self, labels: Labels) -> str:
        return f"该当事人在“{labels.fact(self.fact)}”之中"


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
            return _empty(view, self.people)
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


class Among(Comparison):
    """Somebody on the list plays that part now, or represents one who does."""

    word = "among"
    zh = "名单中有现任该身份的当事人，或者代理该身份当事人的人"
    example = "{list: attendance, role: respondent}"
    places = (Place("fact", (FactType.LIST,), ("party",)), Place("role"))

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        given = with_keys(self.argument, self.word, required={"list", "role"})
        self.list, self.role = (one_name(given[key], self.word) for key in ("list", "role"))

    def test(self, view: View) -> bool:
        there = {view.principal(one) for one in view.fact(self.list) or ()}
        return not there.isdisjoint(view.members(self.role))

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield from (("fact", self.list), ("role", self.role))

    def why(self, view: View) -> Why | None:
        told = list(view.fact(self.list) or ())
        label = view.names.fact(self.list)
        if not told:
            return _empty(view, self.list)
        who = listed(view.names.party(party) for party in told)
        return Why(
            f"“{label.zh}”所列为{who.zh}", f"'{label.en}' lists {who.en}", {"facts": [self.list], "parties": told}
        )

    def in_chinese(self, labels: Labels) -> str:
        return f"“{labels.fact(self.list)}”中有{labels.role(self.role)}或者其代理人"


class HasParty(Word):
    """Somebody plays that part now; with `at_least`, so many do."""

    word = "has_party"
    zh = "现有人担任该当事人身份；写明 at_least 的，至少有这么多人"
    example = "successor"
    places = (Place("role"),)

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        self.least = 1
        if isinstance(self.argument, dict):
            given = with_keys(self.argument, self.word, required={"role", "at_least"})
            self.least = worded("at_least", partial(whole, given["at_least"], 1, LONGEST_LIST))
            self.role = one_name(given["role"], self.word)
        else:
            self.role = one_name(self.argument, self.word)

    def test(self, view: View) -> bool:
        return len(view.members(self.role)) >= self.least

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield ("role", self.role)

    def variables(self) -> Iterator[Key]:
        # An explorer knows whether a part is played, but not by how many.
        if self.least == 1:
            yield ("role", self.role)

    def why(self, view: View) -> Why | None:
        label, parties = view.names.role(self.role), list(view.members(self.role))
        if not parties:
            return Why(f"本案现在没有{label.zh}", f"the case has no party who is: {label.en}", {"roles": [self.role]})
        who = listed(view.names.party(party) for party in parties)
        return Why(f"本案现有{who.zh}", f"the case has: {who.en}", {"parties": parties})

    def in_chinese(self, labels: Labels) -> str:
        return f"本案现有{labels.role(self.role)}" + (f"至少{self.least}名" if self.least > 1 else "")


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
        others = others or self.children[0].asks_a_party()
        if facts and not others and all(rule is not None and rule.per is None for _, rule in facts):
            listed = [name for name, _ in facts]
            yield Text(
                f"“for_each”逐一询问当事人，而“{'、'.join(listed)}”全案只有一个值",
                f"'for_each' asks of each party, but '{', '.join(listed)}' is kept once for the case",
            )

    def why(self, view: View) -> Why | None:
        """For whom it does not hold and why not; where it holds for each, which a `not` asks, why it does."""
        holds = self._holds(view)
        causes: list[tuple[Why | None, list[str]]] = []
        for party in view.members(self.role):
            bound = view.bound(party)
            try:
                if self.children[0].test(bound) is not holds:
                    continue
                cause = self.children[0].why(bound)
            except Pending:  # a fact that is still to be given decides for this party
                continue
            alike = next((found for known, found in causes if known == cause), None)
            if alike is None:
                causes.append((cause, [party]))
            else:
                alike.append(party)
        return joined(_lacking(view, cause, parties) for cause, parties in causes if cause is not None or not holds)

    def _holds(self, view: View) -> bool:
        try:
            return self.test(view)
        except Pending:
            return False

    def in_chinese(self, labels: Labels) -> str:
        return f"对每一名{labels.role(self.role)}：{self.children[0].said(labels)}"


def _lacking(view: View, cause: Why | None, parties: list[str]) -> Why:
    """For whom the condition does not hold, and why not."""
    who = listed(view.names.party(party) for party in parties)
    if cause is None:
        return Why(f"尚未就以下当事人成立：{who.zh}", f"it does not hold yet for: {who.en}", {"parties": parties})
    return Why(f"{who.zh}：{cause.zh}", f"{who.en}: {cause.en}", {**cause.details, "parties": parties})
