"""A case retold from the beginning, naively: every act in order, every lapse between them, nothing remembered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from adjudicate.law.calendars import Calendar
from adjudicate.law.periods import Length
from tests.naive.clocks import Clock, due_of
from tests.naive.eye import Eye
from tests.naive.rules import Book, Raw, Rules, many, on_day, step_for


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


class Tale:
    """Where the case stands at the point the telling has reached."""

    def __init__(self, rules: Rules, calendar: Calendar) -> None:
        self.rules, self.calendar = rules, calendar
        self.book: Book
        self.governed: int | None = None
        self.state = "nothing"
        self.closed = False
        self.lapsing = False
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
        return self.book.compiled(incident)["deadlines"][clock.name]

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
        homes: list[str | None] = [None, *self.book.incidents]
        places = [(key, name) for key in homes for name in self.book.compiled(key).get("deadlines", {})]
        return places.index((home, clock.name))

    def _lapse(self, on: date, clock: Clock) -> None:
        clock.status, clock.lapsed = "missed", on
        home = None if clock.thread is None else self.threads[clock.thread]["incident"]
        compiled, event = self.book.compiled(home), self.rule(clock).get("when_over")
        step = step_for(compiled, event, self._standing_of(clock.thread)) if event else None
        if step is None:
            return
        facts = {n: on.isoformat() for n in many(step.get("records")) if compiled["facts"][n].get("day")}
        party = clock.party or (self.threads[clock.thread]["party"] if clock.thread else None)
        self.lapses.append((on, event, party, clock.thread))
        self.lapsing = True
        self.take(event, on, "clock", clock.thread, party, facts, ())
        self.lapsing = False

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
        compiled = self.book.compiled(incident)
        step = step_for(compiled, event, self._standing_of(thread))
        if step is None:
            return
        bound = party if step.get("per") else None
        eye = Eye(self, compiled, incident, thread, party, bound, on, facts)
        target = self.way(step, eye)
        self._keep(compiled, step, thread, party, facts)
        for who, role, represents in joins:
            self.members[who] = {"role": role, "left": False, "represents": represents}
        if step.get("leaves") and party in self.members:
            self.members[party]["left"] = True
        self.done.append((event, thread, party))
        self._clocks(compiled, incident, step, thread, party, bound, on, by, facts, eye)
        if joins:
            self._joined(joins, on)
        if target is not None:
            self._move(compiled, thread, target, on)
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

    def _keep(self, compiled: Raw, step: Raw, thread: str | None, party: str | None, facts: Raw) -> None:
        for name in (*many(step.get("records")), *many(step.get("may_record"))):
            rule = compiled["facts"][name]
            if name not in facts or rule.get("particulars"):
                continue
            if thread is not None:
                self.threads[thread]["facts"][name] = facts[name]
            elif not rule.get("per"):
                self.facts[name] = facts[name]
            else:
                for who, own in ({party: facts[name]} if party else facts[name]).items():
                    self.party_facts.setdefault(who, {})[name] = own

    def _move(self, compiled: Raw, thread: str | None, target: str, on: date) -> None:
        final = bool(compiled["states"][target].get("final"))
        if thread is None:
            self.state = target
            self.closed = final
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
            if step is None or not self.can_be_of(step, party):
                continue
            carried = self.carried(outcome, thread, facts)
            for name in many(step.get("records")):
                if self.book.main["facts"][name].get("day"):
                    carried.setdefault(name, on.isoformat())
            self.caused.append((on, outcome["records"], party))
            self.take(outcome["records"], on, "link", None, party, carried, ())

    def can_be_of(self, step: Raw, party: str | None) -> bool:
        """Whether what an incident records can be recorded of its party: of a respondent, say."""
        return not step.get("per") or party not in self.members or self.plays(str(party), step["per"])

    def fits(self, outcome: Raw, event: str, thread: Any, facts: Raw) -> bool:
        """Whether the outcome speaks of this event with these facts."""
        held = {**self.threads.get(thread, {}).get("facts", {}), **facts}
        return outcome["when"] == event and all(held.get(n) == v for n, v in outcome.get("given", {}).items())

    def carried(self, outcome: Raw, thread: Any, facts: Raw) -> Raw:
        """The facts an outcome takes to the main procedure."""
        held = {**self.threads.get(thread, {}).get("facts", {}), **facts}
        return {main: held[own] for main, own in outcome.get("carries", {}).items() if own in held}

    # -- clocks ---------------------------------------------------------------------------------------------------

    def _clocks(
        self,
        compiled: Raw,
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
                late = not clock.provisional and clock.due is not None and clock.due < on
                ended = {"running": "met_late" if late else "met", "missed": "met_late"}
                clock.status = ended.get(clock.status, clock.status)
        for name in many(step.get("restarts")):
            self._start(compiled, name, thread, party, bound, on, eye)
        extend = step.get("extends")
        if extend and isinstance(facts.get(extend["with"]), str):
            for clock in self.instances(extend["deadline"], thread, bound):
                if clock.status in ("running", "missed"):
                    clock.extensions.append((facts[extend["with"]], by, on))
                    self._count(clock, on)
                    if clock.status == "missed" and (clock.due is None or clock.due >= on or clock.provisional):
                        clock.status = "running"
        for start in many(step.get("starts")):
            name = start["deadline"] if isinstance(start, dict) else start
            if not isinstance(start, dict) or eye.holds(start["if"]):
                self._start(compiled, name, thread, party, bound, on, eye)

    def instances(self, name: str, thread: str | None, bound: str | None) -> list[Clock]:
        """The instances a step means: its party's own where it concerns one party and the clock runs per party."""
        found = [clock for clock in self.clocks.values() if clock.name == name and clock.thread == thread]
        if found and bound is not None:
            per = self.rule(found[0]).get("per")
            if per and self.plays(bound, per):
                return [clock for clock in found if clock.party == bound]
        return found

    def _start(
        self, compiled: Raw, name: str, thread: str | None, party: str | None, bound: str | None, on: date, eye: Eye
    ) -> None:
        rule = compiled["deadlines"][name]
        holders: list[str | None] = [None]
        if rule.get("per"):
            holders = [bound] if bound in self.members and self.plays(str(bound), rule["per"]) else []
            holders = holders or [*self.people(rule["per"])]
        for who in holders:
            try:
                parts = self.parts(
                    rule, Eye(self, compiled, eye.incident, thread, who or party, who or party, on, {}), on
                )
            except NotCountable:
                # Nobody can refuse what time brings about: then the clock does not start.
                if not self.lapsing:
                    raise
                continue
            if parts:
                clock = Clock(name, who, thread, parts, parts[0][0])
                self._count(clock, on)
                was = self.clocks.get(clock.key)
                # The day it ran out cannot bring the very same count to its end a second time.
                if was and (was.lapsed, was.trigger, was.due) == (on, clock.trigger, clock.due):
                    continue
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
                # What is counted back from a day to come is counted from that day, whoever joins when.
                back = bool(rule.get("counted_back"))
                running = [c for c in self.clocks.values() if c.name == name and c.status == "running"]
                if not running and back and self._done_for_one(name):
                    running = [
                        c
                        for c in self.clocks.values()
                        if c.name == name and str(c.trigger) == self.facts.get(rule.get("counted_from"))
                    ][-1:]
                if not running or any(c.name == name and c.party == who for c in self.clocks.values()):
                    continue
                parts = [(day if back else on, length) for day, length in running[0].parts]
                clock = Clock(name, who, None, parts, parts[0][0])
                self._count(clock, on)
                self.clocks[clock.key] = clock

    def _done_for_one(self, name: str) -> bool:
        """Whether, where the case stands, an act that concerns one party ends this time limit."""
        steps = [step for step in self.book.main["steps"] if step.get("per") and self.state in many(step["from"])]
        return any(name in many(step.get("stops")) for step in steps)

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
