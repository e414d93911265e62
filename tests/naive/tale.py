"""A case retold from the beginning, naively: every act in order, every lapse between them, nothing remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from adjudicate.law.calendars import Calendar
from adjudicate.law.deadlines import Due, Exclusion, Extension, Period
from adjudicate.law.periods import Length
from tests.naive.rules import Book, Raw, Rules, many, on_day, step_for, without_labels
from tests.unit.law.slow_counter import slow_compute


class NotCountable(Exception):
    """A deadline that starts has no length on its day."""


@dataclass(frozen=True)
class Act:
    """What somebody did, as the stream keeps it."""

    sequence: int
    event: str
    on: date
    by: str
    thread: str | None
    party: str | None
    facts: Raw
    joins: tuple[tuple[str, str, str | None], ...] = ()
    opens: bool = False
    supersedes: int | None = None
    before: int | None = None


@dataclass
class Clock:
    """One running time limit."""

    name: str
    party: str | None
    thread: str | None
    parts: list[tuple[date, str]]
    trigger: date
    extensions: list[tuple[str, str, date]] = field(default_factory=list)
    status: str = "running"
    due: date | None = None
    provisional: bool = False
    moved: date | None = None

    @property
    def key(self) -> str:
        key = self.name if self.party is None else f"{self.name}/{self.party}"
        return key if self.thread is None else f"{key}@{self.thread}"


_slowly = lru_cache(maxsize=100_000)(slow_compute)


def due_of(clock: Clock, rule: Raw, gaps: list[Raw], calendar: Calendar, more: list[str]) -> tuple[date | None, bool]:
    """The due day, counted one day at a time, and whether it rests on an unpublished year."""
    kinds = many(rule.get("excludes"))
    excluded = tuple(Exclusion(g["kind"], g["from"], g["until"]) for g in gaps if g["kind"] in kinds)
    granted = [Extension(Length.parse(length), by, on) for length, by, on in clock.extensions]
    assumed = [Extension(Length.parse(length), "", clock.trigger) for length in more]
    dues: list[Due] = [
        _slowly(
            Period(
                trigger_on=trigger,
                length=Length.parse(length),
                extensions=(*granted, *assumed),
                exclusions=excluded,
                backward=bool(rule.get("counted_back")),
                rolls=rule.get("rolls", True),
            ),
            calendar,
        )
        for trigger, length in clock.parts
    ]
    known = [due.due_on for due in dues if due.due_on is not None]
    provisional = any(due.provisional for due in dues)
    if rule.get("latest"):
        return (max(known), provisional) if len(known) == len(dues) else (None, False)
    return (min(known), provisional) if known else (None, False)


class Tale:
    """Where the case stands at the point the telling has reached."""

    def __init__(self, rules: Rules, calendar: Calendar) -> None:
        self.rules, self.calendar = rules, calendar
        self.book: Book
        self.governed: int | None = None
        self.state = "nothing"
        self.closed = False
        self.threads: dict[str, Raw] = {}
        self.facts: Raw = {}
        self.party_facts: dict[str, Raw] = {}
        self.members: dict[str, Raw] = {}
        self.done: list[tuple[str, str | None, str | None]] = []
        self.clocks: dict[str, Clock] = {}
        self.gaps: list[Raw] = []
        self.lapses: list[tuple[date, str, str | None, str | None]] = []
        self.caused: list[tuple[date, str, str | None]] = []

    # -- who and what ---------------------------------------------------------------------------------------------

    def people(self, role: str) -> list[str]:
        """Those who play a part now, in the order of joining."""
        return [who for who, one in self.members.items() if not one["left"] and self.plays(who, role)]

    def plays(self, who: str, role: str) -> bool:
        one = self.members[who]
        return one["represents"] is None if role == "party" else one["role"] == role

    def rule(self, clock: Clock) -> Raw:
        incident = None if clock.thread is None else self.threads[clock.thread]["incident"]
        return self.book.road(incident)["deadlines"][clock.name]

    # -- time -----------------------------------------------------------------------------------------------------

    def lapse_before(self, day: date) -> None:
        """Everything that ran out before a day, in the order of day, definition, party, thread."""
        while not self.closed:
            waiting = []
            for clock in self.clocks.values():
                if clock.status == "running" and clock.due is not None and not clock.provisional:
                    on = max(clock.due, clock.moved or clock.due)
                    if on < day:
                        waiting.append((on, self._position(clock), clock.party or "", clock.thread or "", clock))
            if not waiting:
                return
            on, _, _, _, clock = min(waiting, key=lambda one: one[:4])
            self._lapse(on, clock)

    def _position(self, clock: Clock) -> int:
        home = None if clock.thread is None else self.threads[clock.thread]["incident"]
        roads: list[str | None] = [None, *self.book.incidents]
        places = [(key, name) for key in roads for name in self.book.road(key).get("deadlines", {})]
        return places.index((home, clock.name))

    def _lapse(self, on: date, clock: Clock) -> None:
        clock.status = "missed"
        home = None if clock.thread is None else self.threads[clock.thread]["incident"]
        road, event = self.book.road(home), self.rule(clock).get("when_over")
        step = step_for(road, event, self._standing_of(clock.thread)) if event else None
        if step is None:
            return
        facts = {n: on.isoformat() for n in many(step.get("records")) if road["facts"][n].get("day")}
        party = clock.party or (self.threads[clock.thread]["party"] if clock.thread else None)
        self.lapses.append((on, event, party, clock.thread))
        self.take(event, on, "clock", clock.thread, party, facts, ())

    def _standing_of(self, thread: str | None) -> str:
        return self.state if thread is None else str(self.threads[thread]["state"])

    # -- acts -----------------------------------------------------------------------------------------------------

    def begin(self, act: Act) -> None:
        """The version that the first act's days select."""
        book = self.rules.select(act.on)
        assert book is not None
        for name in many(book.main.get("governs")):
            if name in act.facts:
                book = self.rules.select(date.fromisoformat(act.facts[name]))
                break
        assert book is not None
        self.book = book
        governs = many(book.main.get("governs"))
        self.governed = next((i for i, name in enumerate(governs) if name in act.facts), None)

    def tell(self, act: Act) -> None:
        """One act, after whatever ran out before its day."""
        if act.thread is None:
            governs = many(self.book.main.get("governs"))
            for i, name in enumerate(governs):
                if name in act.facts and (self.governed is None or i < self.governed):
                    chosen = self.rules.select(date.fromisoformat(act.facts[name]))
                    assert chosen is not None
                    self.book, self.governed = chosen, i
                    break
        _, incident = self.book.home(act.event)
        if act.thread is not None and act.thread not in self.threads:
            self.threads[act.thread] = {
                "incident": incident,
                "state": "nothing",
                "party": act.party,
                "facts": {},
                "final": False,
            }
        self.take(act.event, act.on, act.by, act.thread, act.party, act.facts, act.joins)

    def take(
        self,
        event: str,
        on: date,
        by: str,
        thread: str | None,
        party: str | None,
        facts: Raw,
        joins: tuple[tuple[str, str, str | None], ...],
    ) -> None:
        """Carry an event out, whoever caused it."""
        incident = None if thread is None else str(self.threads[thread]["incident"])
        road = self.book.road(incident)
        step = step_for(road, event, self._standing_of(thread))
        if step is None:
            return
        bound = party if step.get("per") else None
        eye = Eye(self, road, incident, thread, party, bound, on, facts)
        target = self.way(step, eye)
        self._keep(road, step, thread, party, facts)
        for who, role, represents in joins:
            self.members[who] = {"role": role, "left": False, "represents": represents}
        if step.get("leaves") and party in self.members:
            self.members[party]["left"] = True
        self.done.append((event, thread, party))
        self._clocks(road, incident, step, thread, party, bound, on, by, facts, eye)
        if joins:
            self._joined(joins, on)
        if target is not None:
            self._move(road, thread, target, on)
        if incident is not None:
            self._outcomes(incident, event, on, thread, party, facts)

    def way(self, step: Raw, eye: Eye) -> str | None:
        """Where the step leads; None where it stays."""
        to = step.get("to")
        if not isinstance(to, dict):
            return to
        if "choose" in to:
            ((fact, options),) = to["choose"].items()
            return options.get(eye.fact(fact))
        return to["then"] if eye.holds(to["if"]) else to["otherwise"]

    def _keep(self, road: Raw, step: Raw, thread: str | None, party: str | None, facts: Raw) -> None:
        for name in (*many(step.get("records")), *many(step.get("may_record"))):
            rule = road["facts"][name]
            if name not in facts or rule.get("particulars"):
                continue
            if thread is not None:
                self.threads[thread]["facts"][name] = facts[name]
            elif not rule.get("per"):
                self.facts[name] = facts[name]
            else:
                for who, own in ({party: facts[name]} if party else facts[name]).items():
                    self.party_facts.setdefault(who, {})[name] = own

    def _move(self, road: Raw, thread: str | None, target: str, on: date) -> None:
        final = bool(road["states"][target].get("final"))
        if thread is None:
            self.state = target
            self.closed = self.closed or final
        else:
            self.threads[thread]["state"], self.threads[thread]["final"] = target, final
        if not final:
            return
        for clock in self.clocks.values():
            if clock.status == "running" and thread in (None, clock.thread):
                clock.status = "released"
        if thread is not None:
            self._close_gaps(None, thread, on)

    def _outcomes(self, incident: str, event: str, on: date, thread: Any, party: str | None, facts: Raw) -> None:
        for outcome in many(self.book.uses[incident].get("outcomes")):
            if not self.fits(outcome, event, thread, facts) or self.closed:
                continue
            step = step_for(self.book.main, outcome["records"], self.state)
            if step is None:
                continue
            carried = self.carried(outcome, thread, facts)
            for name in many(step.get("records")):
                if self.book.main["facts"][name].get("day"):
                    carried.setdefault(name, on.isoformat())
            self.caused.append((on, outcome["records"], party))
            self.take(outcome["records"], on, "link", None, party, carried, ())

    def fits(self, outcome: Raw, event: str, thread: Any, facts: Raw) -> bool:
        """Whether the outcome speaks of this event with these facts."""
        held = {**self.threads.get(thread, {}).get("facts", {}), **facts}
        return outcome["when"] == event and all(held.get(n) == v for n, v in outcome.get("given", {}).items())

    def carried(self, outcome: Raw, thread: Any, facts: Raw) -> Raw:
        """The facts an outcome takes to the main road."""
        held = {**self.threads.get(thread, {}).get("facts", {}), **facts}
        return {main: held[own] for main, own in outcome.get("carries", {}).items() if own in held}

    # -- clocks ---------------------------------------------------------------------------------------------------

    def _clocks(
        self,
        road: Raw,
        incident: str | None,
        step: Raw,
        thread: str | None,
        party: str | None,
        bound: str | None,
        on: date,
        by: str,
        facts: Raw,
        eye: Eye,
    ) -> None:
        self._close_gaps(many(step.get("ends")), thread, on)
        for kind in many(step.get("begins")):
            if not any(g["kind"] == kind and g["thread"] == thread and g["until"] is None for g in self.gaps):
                self.gaps.append({"kind": kind, "thread": thread, "from": on, "until": None})
                self._recount(on)
        for name in many(step.get("stops")):
            for clock in self.instances(name, thread, bound):
                clock.status = {"running": "met", "missed": "met_late"}.get(clock.status, clock.status)
        for name in many(step.get("restarts")):
            self._start(road, name, thread, party, bound, on, eye)
        extend = step.get("extends")
        if extend and isinstance(facts.get(extend["with"]), str):
            for clock in self.instances(extend["deadline"], thread, bound):
                if clock.status in ("running", "missed"):
                    clock.extensions.append((facts[extend["with"]], by, on))
                    self._count(clock, on)
                    if clock.status == "missed" and (clock.due is None or clock.due >= on):
                        clock.status = "running"
        for start in many(step.get("starts")):
            name = start["deadline"] if isinstance(start, dict) else start
            if not isinstance(start, dict) or eye.holds(start["if"]):
                self._start(road, name, thread, party, bound, on, eye)

    def instances(self, name: str, thread: str | None, bound: str | None) -> list[Clock]:
        """The instances a step means: its party's own where it concerns one party and the clock runs per party."""
        found = [clock for clock in self.clocks.values() if clock.name == name and clock.thread == thread]
        if found and bound is not None:
            per = self.rule(found[0]).get("per")
            if per and self.plays(bound, per):
                return [clock for clock in found if clock.party == bound]
        return found

    def _start(
        self, road: Raw, name: str, thread: str | None, party: str | None, bound: str | None, on: date, eye: Eye
    ) -> None:
        rule = road["deadlines"][name]
        holders: list[str | None] = [None]
        if rule.get("per"):
            holders = [bound] if bound in self.members and self.plays(str(bound), rule["per"]) else []
            holders = holders or [*self.people(rule["per"])]
        for who in holders:
            parts = self.parts(rule, Eye(self, road, eye.incident, thread, who or party, who or party, on, {}), on)
            if parts:
                clock = Clock(name, who, thread, parts, parts[0][0])
                self._count(clock, on)
                self.clocks[clock.key] = clock

    def parts(self, rule: Raw, eye: Eye, on: date) -> list[tuple[date, str]]:
        """Trigger day and length of every count. Raises NotCountable."""
        several = rule.get("earliest") or rule.get("latest")
        if several:
            days = [(one["length"], eye.fact(one["counted_from"])) for one in several]
            return [(date.fromisoformat(d), self._length(on_day(v, date.fromisoformat(d)))) for v, d in days if d]
        day = eye.fact(rule["counted_from"]) if rule.get("counted_from") else on.isoformat()
        if day is None:
            return []
        trigger = date.fromisoformat(day)
        if rule.get("fixed_by"):
            return [(trigger, self._length(eye.fact(rule["fixed_by"])))]
        if rule.get("choose"):
            ((fact, options),) = rule["choose"].items()
            return [(trigger, self._length(on_day(options.get(eye.fact(fact)), trigger)))]
        return [(trigger, self._length(on_day(rule["length"], trigger)))]

    def _length(self, value: Any) -> str:
        if value is None:
            raise NotCountable
        return str(Length.parse(value))

    def _joined(self, joins: tuple[tuple[str, str, str | None], ...], on: date) -> None:
        main = self.book.main
        for who, _, _ in joins:
            for name, rule in main.get("deadlines", {}).items():
                if not rule.get("per") or not self.plays(who, rule["per"]) or self.book.own_trigger(name):
                    continue
                running = [c for c in self.clocks.values() if c.name == name and c.status == "running"]
                if not running or any(c.name == name and c.party == who for c in self.clocks.values()):
                    continue
                clock = Clock(name, who, None, [(on, length) for _, length in running[0].parts], on)
                self._count(clock, on)
                self.clocks[clock.key] = clock

    def _close_gaps(self, kinds: list[str] | None, thread: str | None, on: date) -> None:
        for gap in self.gaps:
            if (kinds is None or gap["kind"] in kinds) and gap["thread"] == thread and gap["until"] is None:
                gap["until"] = max(on, gap["from"])
        self._recount(on)

    def _recount(self, on: date) -> None:
        for clock in self.clocks.values():
            if clock.status == "running":
                self._count(clock, on)

    def _count(self, clock: Clock, on: date) -> None:
        before = (clock.due, clock.moved is None)
        clock.due, clock.provisional = due_of(clock, self.rule(clock), self.gaps, self.calendar, [])
        if before != (clock.due, False):
            clock.moved = on


class Eye:
    """What a condition sees: the act's own facts first, one thread, one party, and through `bound` only that party."""

    def __init__(
        self,
        tale: Tale,
        road: Raw,
        incident: str | None,
        thread: str | None,
        party: str | None,
        bound: str | None,
        on: date,
        given: Raw,
    ) -> None:
        self.tale, self.road, self.incident, self.thread = tale, road, incident, thread
        self.party, self.bound, self.on, self.given = party, bound, on, given

    def for_party(self, who: str) -> Eye:
        return Eye(self.tale, self.road, self.incident, self.thread, who, who, self.on, self.given)

    def fact(self, name: str) -> Any:
        """The act's value, else the thread's, the party's or the case's; of a fact kept per party, all values."""
        rule = self.road["facts"].get(name, {})
        if name in self.given:
            value = self.given[name]
            return value.get(self.party) if rule.get("per") and isinstance(value, dict) and self.party else value
        if self.incident is not None and name in self.road["facts"]:
            return None if self.thread is None else self.tale.threads[self.thread]["facts"].get(name)
        if self.tale.book.main["facts"].get(name, {}).get("per"):
            if self.party is not None:
                return self.tale.party_facts.get(self.party, {}).get(name)
            return {who: own[name] for who, own in self.tale.party_facts.items() if name in own} or None
        return self.tale.facts.get(name)

    def happened(self, event: str) -> bool:
        """Whether it was recorded: in this thread, or for this party where it happens to parties."""
        own = self.incident is not None and any(step["event"] == event for step in self.road["steps"])
        party = self.bound if self.tale.book.concerns_a_party(event) and not own else None
        return any(
            event == done and (not own or thread == self.thread) and (party is None or who == party)
            for done, thread, who in self.tale.done
        )

    def clocks(self, name: str) -> list[Clock]:
        """The instances of a deadline as seen from here."""
        own = self.incident is not None and name in self.road.get("deadlines", {})
        thread = self.thread if own else None
        rule = (self.road if own else self.tale.book.main)["deadlines"][name]
        found = [c for c in self.tale.clocks.values() if c.name == name and c.thread == thread]
        return [c for c in found if c.party == self.bound] if rule.get("per") and self.bound else found

    def over(self, name: str) -> bool:
        """Started, and every last day behind us for certain."""
        found = self.clocks(name)
        return bool(found) and all(not c.provisional and c.due is not None and c.due < self.on for c in found)

    def holds(self, said: Any) -> bool:
        """Whether a condition holds: by name, or as a word with its argument."""
        if isinstance(said, str):
            return self.holds(without_labels(self.road["conditions"][said]))
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

    def _started(self, name: str) -> bool:
        return bool(self.clocks(name))

    def _in_reach(self, said: Raw) -> bool:
        ends = []
        for clock in self.clocks(said["deadline"]):
            rule = self.tale.rule(clock)
            allowed = many(rule.get("extend"))[: said["extensions"]]
            if any(one["at_most"] == "unlimited" for one in allowed):
                return True
            more = [one["at_most"] for one in allowed[len(clock.extensions) :]]
            ends.append(due_of(clock, rule, self.tale.gaps, self.tale.calendar, more)[0])
        return not ends or None in ends or self.on <= max(end for end in ends if end is not None)

    def _thread_open(self, said: Any) -> bool:
        wanted = said if isinstance(said, dict) else {"incident": said}
        return any(
            one["incident"] == wanted["incident"] and not one["final"] and wanted.get("state") in (None, one["state"])
            for one in self.tale.threads.values()
        )

    def _same_people(self, names: list[str]) -> bool:
        first, second = (self.fact(name) for name in names)
        return bool(first) and bool(second) and set(first) == set(second)

    def _not_after(self, names: list[str]) -> bool:
        first, second = (self.fact(name) for name in names)
        return first is None or second is None or first <= second

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

    def _has_party(self, role: str) -> bool:
        return bool(self.tale.people(role))

    def _for_each(self, said: Raw) -> bool:
        return all(self.for_party(who).holds(said["holds"]) for who in self.tale.people(said["role"]))

    def _all(self, said: list[Any]) -> bool:
        return all(self.holds(one) for one in said)

    def _any(self, said: list[Any]) -> bool:
        return any(self.holds(one) for one in said)

    def _not(self, said: Any) -> bool:
        return not self.holds(said)
