"""What a condition sees of a case told so far, one method for each guard word; it changes nothing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from tests.naive.clocks import Clock, due_of
from tests.naive.rules import Raw, many, on_day, without_labels

if TYPE_CHECKING:
    from tests.naive.tale import Tale


class Eye:
    """What a condition sees: the act's own facts first, one thread, one party, and through `bound` only that party."""

    def __init__(
        self,
        tale: Tale,
        compiled: Raw,
        incident: str | None,
        thread: str | None,
        party: str | None,
        bound: str | None,
        on: date,
        given: Raw,
    ) -> None:
        self.tale, self.compiled, self.incident, self.thread = tale, compiled, incident, thread
        self.party, self.bound, self.on, self.given = party, bound, on, given
        self.dated_back = False

    def for_party(self, who: str) -> Eye:
        eye = Eye(self.tale, self.compiled, self.incident, self.thread, who, who, self.on, self.given)
        eye.dated_back = self.dated_back
        return eye

    def fact(self, name: str) -> Any:
        """The act's value, else the thread's, the party's or the case's; of a fact kept per party, all values."""
        rule = self.compiled["facts"].get(name, {})
        if name in self.given:
            value = self.given[name]
            return value.get(self.party) if rule.get("per") and isinstance(value, dict) and self.party else value
        if self.incident is not None and name in self.compiled["facts"]:
            return None if self.thread is None else self.tale.threads[self.thread]["facts"].get(name)
        if self.tale.book.main["facts"].get(name, {}).get("per"):
            if self.party is not None:
                return self.tale.party_facts.get(self.party, {}).get(name)
            return {who: own[name] for who, own in self.tale.party_facts.items() if name in own} or None
        return self.tale.facts.get(name)

    def happened(self, event: str) -> bool:
        """Whether it was recorded: in this thread, or for this party where it happens to parties."""
        own = self.incident is not None and any(step["event"] == event for step in self.compiled["steps"])
        party = self.bound if self.tale.book.concerns_a_party(event) and not own else None
        return any(
            event == done and (not own or thread == self.thread) and (party is None or who == party)
            for done, thread, who in self.tale.done
        )

    def clocks(self, name: str) -> list[Clock]:
        """The instances of a deadline as seen from here."""
        own = self.incident is not None and name in self.compiled.get("deadlines", {})
        thread = self.thread if own else None
        rule = (self.compiled if own else self.tale.book.main)["deadlines"][name]
        found = [c for c in self.tale.clocks.values() if c.name == name and c.thread == thread]
        return [c for c in found if c.party == self.bound] if rule.get("per") and self.bound else found

    def over(self, name: str) -> bool:
        """Started, and every last day behind us for certain: behind what its own lapse brings about, too."""
        found = self.clocks(name)
        return bool(found) and all(
            (c.status in ("missed", "met_late") and not self.dated_back)
            or (not c.provisional and c.due is not None and c.due < self.on)
            for c in found
        )

    def holds(self, said: Any) -> bool:
        """Whether a condition holds: by name, or as a word with its argument."""
        if isinstance(said, str):
            return self.holds(without_labels(self.compiled["conditions"][said]))
        ((word, argument),) = said.items()
        return bool(getattr(self, f"_{word}")(argument))

    def _fact_is(self, wanted: Raw) -> bool:
        return all(self.fact(name) in many(values) for name, values in wanted.items())

    def _fact_known(self, names: Any) -> bool:
        return all(self.fact(name) not in (None, "", [], {}) for name in many(names))

    def _count_of(self, said: Raw) -> bool:
        ((name, rule),) = said.items()
        value = self.fact(name)
        if value is None:
            return False
        size = len(set(value)) if isinstance(value, list) else value
        if rule.get("odd") and size % 2 == 0:
            return False
        if rule.get("even") and size % 2:
            return False
        return not (("at_least" in rule and size < rule["at_least"]) or ("at_most" in rule and size > rule["at_most"]))

    def _recorded(self, event: str) -> bool:
        return self.happened(event)

    def _not_recorded(self, event: str) -> bool:
        return not self.happened(event)

    def _over(self, name: str) -> bool:
        return self.over(name)

    def _not_over(self, name: str) -> bool:
        return not self.over(name)

    def _kept(self, name: str) -> bool:
        found = self.clocks(name)
        return bool(found) and all(clock.status == "met" for clock in found)

    def _started(self, name: str) -> bool:
        return bool(self.clocks(name))

    def _in_reach(self, said: Raw) -> bool:
        ends = []
        for clock in self.clocks(said["deadline"]):
            rule = self.tale.rule(clock)
            allowed = many(on_day(rule.get("extend"), clock.trigger))[: said["extensions"]]
            if any(one["at_most"] == "unlimited" for one in allowed):
                return True
            more = [one["at_most"] for one in allowed[len(clock.extensions) :]]
            end, provisional = due_of(clock, rule, self.tale.gaps, self.tale.calendar, more)
            ends.append(None if provisional else end)
        return not ends or None in ends or self.on <= max(end for end in ends if end is not None)

    def _thread_open(self, said: Any) -> bool:
        wanted = said if isinstance(said, dict) else {"incident": said}
        return any(
            one["incident"] == wanted["incident"] and not one["final"] and wanted.get("state") in (None, one["state"])
            for one in self.tale.threads.values()
        )

    def named_by_threads(self, said: Raw) -> set[str]:
        """Whom the threads of an incident name that stand in one of the states."""
        there = [
            one["facts"].get(said["fact"])
            for one in self.tale.threads.values()
            if one["incident"] == said["incident"] and one["state"] in many(said["states"])
        ]
        return {name for one in there for name in many(one)}

    def _free_of(self, said: Raw) -> bool:
        return not self.named_by_threads(said).intersection(many(self.fact(said["people"])))

    def _each_named(self, said: Raw) -> bool:
        people = set(many(self.fact(said["people"])))
        return bool(people) and not people - self.named_by_threads(said)

    def _no_paper_of(self, said: Raw) -> bool:
        return not self.named_by_threads(said).intersection(many(self.fact(said["papers"])))

    def _same_people(self, names: list[str]) -> bool:
        first, second = (self.fact(name) for name in names)
        return bool(first) and bool(second) and set(first) == set(second)

    def _most_of(self, names: list[str]) -> bool:
        some, whole = (set(many(self.fact(name))) for name in names)
        return not some - whole and len(some) > len(whole) / 2

    def _named_in(self, name: str) -> bool:
        return self.party in many(self.fact(name))

    def _finding_is(self, said: Raw) -> bool:
        ((name, items),) = said.items()
        found = self.fact(name) or {}
        return all(found.get(item, {}).get("finding") in many(wanted) for item, wanted in items.items())

    def _chosen(self, said: Raw) -> bool:
        ((name, wanted),) = said.items()
        return set(many(wanted)) <= set(many(self.fact(name)))

    def _not_after(self, names: list[str]) -> bool:
        first, second = (self.fact(name) for name in names)
        return first is None or second is None or first <= second

    def _act_day(self, wanted: Raw) -> bool:
        days = [(self.fact(name), said) for name, said in wanted.items()]
        on = self.on.isoformat()
        return all(day is None or day == on or (said == "not_before" and day > on) for day, said in days)

    def _working_day(self, name: str) -> bool:
        day = self.fact(name)
        return day is None or self.tale.calendar.day(date.fromisoformat(day)).working

    def _time_between(self, said: Raw) -> bool:
        time = self.fact(said["fact"])
        return time is None or said["first"] <= time <= said["last"]

    def _among(self, said: Raw) -> bool:
        people = self.tale.people(said["role"])
        there = [one for one in many(self.fact(said["list"])) if one in self.tale.members]
        return any(one in people or self.tale.members[one]["represents"] in people for one in there)

    def _no_twin(self, names: list[str]) -> bool:
        mine = [self.fact(name) for name in names]
        return not any(
            key != self.thread
            and one["incident"] == self.incident
            and not one["final"]
            and one["party"] == self.party
            and [one["facts"].get(name) for name in names] == mine
            for key, one in self.tale.threads.items()
        )

    def _in_state(self, states: Any) -> bool:
        return self.tale.state in many(states)

    def _in_time(self, said: Raw) -> bool:
        return bool(said["from"] <= self.on and ("until" not in said or self.on < said["until"]))

    def _has_party(self, said: Any) -> bool:
        role, least = (said["role"], said["at_least"]) if isinstance(said, dict) else (said, 1)
        return len(self.tale.people(role)) >= least

    def _for_each(self, said: Raw) -> bool:
        return all(self.for_party(who).holds(said["holds"]) for who in self.tale.people(said["role"]))

    def _all(self, said: list[Any]) -> bool:
        return all(self.holds(one) for one in said)

    def _any(self, said: list[Any]) -> bool:
        return any(self.holds(one) for one in said)

    def _not(self, said: Any) -> bool:
        return not self.holds(said)
