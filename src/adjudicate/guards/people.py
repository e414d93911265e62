"""The words of conditions that read who takes part: the parts that parties play, and lists of people."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from adjudicate.guards.arguments import one_name, two_facts, with_keys, worded
from adjudicate.guards.kinds import LONGEST_LIST, FactType, Place, kind_of
from adjudicate.guards.why import Why, joined, listed
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
                *(empty(view, name) for name, people in ((self.first, first), (self.second, second)) if not people),
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


def empty(view: View, name: str) -> Why:
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

    def each_in_chinese(self, labels: Labels, *, holds: bool = True) -> tuple[str, ...]:
        return (self.in_chinese(labels) if holds else f"该当事人不在“{labels.fact(self.fact)}”之中",)


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
            return empty(view, self.list)
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
        return f"本案现有{labels.role(self.role)}" + (f"至少 {self.least} 名" if self.least > 1 else "")

    def each_in_chinese(self, labels: Labels, *, holds: bool = True) -> tuple[str, ...]:
        lacking = (
            f"现有{labels.role(self.role)}不足 {self.least} 名" if self.least > 1 else f"现无{labels.role(self.role)}"
        )
        return (self.in_chinese(labels) if holds else f"本案{lacking}",)


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
