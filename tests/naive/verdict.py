"""Whether an act is accepted, irregular or refused, answered by retelling the whole case for every question."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from adjudicate.law.calendars import Calendar
from tests.naive.clocks import Clock
from tests.naive.eye import Eye
from tests.naive.rules import Book, Raw, Rules, many, on_day, step_for
from tests.naive.tale import Act, NotCountable, Tale
from tests.naive.values import covers, day_of, fits

AUTOMATIC = {"clock", "link"}


class Refused(Exception):
    """The act cannot be recorded; the message says why, for whoever reads a failing test."""


@dataclass(frozen=True)
class Wish:
    """What somebody asks to have recorded; `corrects` and `voids` name rows of the stream."""

    event: str = ""
    on: date = date.min
    by: str | None = None
    thread: str | None = None
    party: str | None = None
    facts: Raw = field(default_factory=dict)
    joins: tuple[tuple[str, str, str | None], ...] = ()
    accepts: bool = False
    reason: str | None = None
    before: int | None = None
    corrects: int | None = None
    voids: int | None = None


@dataclass(frozen=True)
class Answer:
    """The completed acts, what does not hold of theirs and of later acts, and the whole case told as of today."""

    acts: tuple[Act, ...]
    marks: dict[int, list[str]]
    tale: Tale


@dataclass
class Record:
    """The stream as the naive interpreter keeps it: acts and what was voided; everything else is retold."""

    acts: list[Act] = field(default_factory=list)
    voids: list[tuple[int, int]] = field(default_factory=list)
    marks: dict[int, list[str]] = field(default_factory=dict)

    def live(self) -> list[Act]:
        """The acts in effect, as they happened."""
        void: set[int] = set()
        for row, target in reversed(self.voids):
            if row not in void:
                void.add(target)
        replaced = {act.supersedes for act in self.acts if act.supersedes and act.sequence not in void}
        live = [act for act in self.acts if act.sequence not in void and act.sequence not in replaced]
        return sorted(live, key=lambda act: (act.on, self._place(act)))

    def _place(self, act: Act) -> tuple[int, ...]:
        by_sequence = {one.sequence: one for one in self.acts}
        if act.supersedes and by_sequence[act.supersedes].on == act.on:
            return self._place(by_sequence[act.supersedes])
        if act.before and by_sequence[act.before].on == act.on:
            return (*self._place(by_sequence[act.before])[:-1], -1, act.sequence, 0)
        return (act.sequence, 0)


class Naive:
    """One procedure under one calendar."""

    def __init__(self, rules: Rules, calendar: Calendar) -> None:
        self.rules, self.calendar = rules, calendar

    def retell(self, acts: list[Act], today: date) -> Tale:
        """The whole case from its first act."""
        tale = Tale(self.rules, self.calendar)
        tale.begin(acts[0])
        for act in acts:
            tale.lapse_before(act.on)
            tale.tell(act)
        tale.lapse_before(today)
        return tale

    def ask(self, record: Record, wishes: list[Wish], *, today: date, roles: frozenset[str], row: int) -> Answer:
        """What becomes of one act, or of several corrections judged as a whole. Raises Refused."""
        proposed = Record([*record.acts], [*record.voids])
        wanted: dict[int, Wish] = {}
        for number, wish in enumerate(wishes, start=row):
            self._propose(proposed, wish, number, today)
            if not wish.voids:
                wanted[number] = wish
        live, before = proposed.live(), record.live()
        kept = {act.sequence for act in before}
        now = {act.sequence for act in live}
        days = [act.on for act in before if act.sequence not in now] + [a.on for a in live if a.sequence not in kept]
        if not live:
            raise Refused("nothing would be left")
        told: list[Act] = []
        finished: dict[int, Act] = {}
        marks = dict(record.marks)
        for act in live:
            if act.on >= min(days, default=date.max):
                try:
                    tale = self._until(told, act.on)
                except NotCountable:
                    raise Refused("a deadline cannot be counted") from None
                wish = wanted.get(act.sequence)
                completed, failing = self._judge(tale, act, wish, today, roles, proposed, finished)
                # What was recorded before is judged again as it was recorded, and stays as it was.
                act = completed if wish else act  # noqa: PLW2901
                marks[act.sequence] = failing
                if wish:
                    finished[act.sequence] = act
            told.append(act)
        try:
            tale = self.retell(told, today)
        except NotCountable:
            raise Refused("a deadline cannot be counted") from None
        return Answer(
            tuple(finished.get(n, next((a for a in proposed.acts if a.sequence == n), None)) for n in wanted),  # type: ignore[misc]
            {sequence: names for sequence, names in marks.items() if names},
            tale,
        )

    def _until(self, told: list[Act], day: date) -> Tale | None:
        return self.retell(told, day) if told else None

    def _propose(self, record: Record, wish: Wish, number: int, today: date) -> None:
        by_sequence = {act.sequence: act for act in record.acts}
        voided = {row for row, _ in record.voids}
        live = {act.sequence for act in record.live()}
        target = wish.corrects or wish.voids
        if target is not None:
            if target not in by_sequence and (target not in voided or wish.corrects):
                raise Refused("no such row")
            if target in by_sequence and target not in live and not wish.corrects:
                raise Refused("void or superseded before")
            if wish.corrects and any(a.supersedes == target and a.sequence in live for a in record.acts):
                raise Refused("superseded before")
        if wish.voids:
            record.voids.append((number, wish.voids))
            return
        if wish.before is not None and by_sequence.get(wish.before, wish).on != wish.on:
            raise Refused("`before` names no act of that day")
        thread, joins, former = wish.thread, wish.joins, by_sequence.get(wish.corrects or 0)
        opens = False
        if former is not None:
            opens = former.opens
            thread = thread or (former.thread if former.opens else None)
            if former.event == wish.event and not joins:
                joins = former.joins
        act = Act(number, wish.event, wish.on, wish.by or "", thread, wish.party, wish.facts, joins, opens)
        record.acts.append(replace(act, supersedes=wish.corrects, before=wish.before))

    def _judge(
        self,
        tale: Tale | None,
        act: Act,
        wish: Wish | None,
        today: date,
        roles: frozenset[str],
        record: Record,
        finished: dict[int, Act],
    ) -> tuple[Act, list[str]]:
        if act.on > today:
            raise Refused("in the future")
        seen = tale if tale is not None else Tale(self.rules, self.calendar)
        book = self._book(tale, act)
        seen.book = book
        known, incident = book.home(act.event)
        if not known:
            raise Refused("unknown event")
        compiled = book.compiled(incident)
        if incident is None and act.thread is not None:
            raise Refused("a main event in a thread")
        opens, state, thread = False, seen.state, act.thread
        if incident is not None:
            fresh = thread is None or (act.opens and thread not in seen.threads)
            if fresh:
                if step_for(compiled, act.event, "nothing") is None:
                    raise Refused("which thread?")
                opens, state = True, "nothing"
                thread = thread or self._next_thread(incident, record)
            elif thread not in seen.threads or seen.threads[thread]["incident"] != incident:
                raise Refused("no such thread")
            else:
                state = seen.threads[thread]["state"]
        step = step_for(compiled, act.event, state)
        if step is None:
            raise Refused(f"no step from {state}")
        by = self._whose(step, act.by or None, roles if wish else None)
        used = _used_by_others(record, act) if wish else set()
        joins = self._joining(seen, act, step, book, used, asked=wish is not None)
        party = self._party(seen, act, step, book, incident, thread, opens, by, joins)
        facts = self._facts(compiled, step, act, party, today, again=wish is None)
        there = {who for who, one in seen.members.items() if not one["left"]} | {who for who, _, _ in joins}
        for name, value in facts.items():
            if wish and compiled["facts"][name].get("list") == "party" and not set(value) <= there:
                raise Refused("who is that?")
        if incident is None:
            self._told_of_each(seen, compiled, step, facts, party, joins)
        done = replace(act, by=by, joins=joins, party=party, facts=facts, thread=thread, opens=opens)
        view_thread = None if opens else thread
        eye = Eye(seen, compiled, incident, view_thread, party, party if step.get("per") else None, act.on, facts)
        self._required(seen, compiled, incident, step, done, eye, book)
        failing = self._held(seen, act, book) if incident is None else self._of_outcomes(seen, book, incident, done)
        failing += [name for name in many(step.get("expects")) if not eye.holds(name)]
        if failing and wish is not None:
            able = many(step.get("may_override")) or [n for n, r in self.rules.roles.items() if r.get("may_override")]
            if not (wish.accepts and wish.reason and set(able) & roles):
                raise Refused(f"irregular: {failing}")
        return done, failing

    def _book(self, tale: Tale | None, act: Act) -> Book:
        book = self.rules.select(act.on) if tale is None else tale.book
        if book is None:
            raise Refused("no law in force")
        if tale is not None and act.thread is not None:
            return book
        recorded = {n for s in book.main["steps"] if s["event"] == act.event for n in many(s.get("records"))}
        held = None if tale is None else tale.governed
        for i, name in enumerate(many(book.main.get("governs"))):
            if held is not None and i >= held:
                break
            day = act.facts.get(name)
            if day is None and tale is not None and name in recorded:
                day = act.on.isoformat()
            if isinstance(day, str):
                chosen = self.rules.select(day_of(day) or act.on)
                if chosen is None:
                    raise Refused("no law in force")
                return chosen
        return book

    def _next_thread(self, incident: str, record: Record) -> str:
        numbers = [int(act.thread.rpartition("-")[2]) for act in record.acts if _is_of(act.thread, incident)]
        return f"{incident}-{max(numbers, default=0) + 1}"

    def _whose(self, step: Raw, by: str | None, roles: frozenset[str] | None) -> str:
        people = [role for role in many(step["by"]) if role not in AUTOMATIC]
        entitled = [role for role in people if roles is None or self._may_record(roles, role)]
        if by is None and entitled:
            return str(entitled[0])
        if by not in entitled:
            raise Refused("whose act is it?")
        return str(by)

    def _may_record(self, roles: frozenset[str], whose: str) -> bool:
        return whose in roles or any(whose in many(self.rules.roles[r].get("records_for")) for r in roles)

    def _joining(self, tale: Tale, act: Act, step: Raw, book: Book, used: set[str], *, asked: bool) -> Any:
        taken = {*tale.members, *used}
        for who, role, _ in act.joins:
            if role not in many(step.get("joins")):
                raise Refused(f"no {role} joins here")
            if who in taken:
                raise Refused("the id is taken")
            taken.add(who)
        present = {*tale.members, *(who for who, _, _ in act.joins)}
        for _, role, represents in act.joins:
            if bool(book.main["parties"][role].get("represents")) != (represents is not None):
                raise Refused("who represents whom?")
            if represents is not None and represents not in present:
                raise Refused("represents nobody")
        there = [(m["role"], m.get("represents")) for m in tale.members.values() if not m["left"]]
        for _, role, represents in act.joins:
            most, there = book.main["parties"][role].get("at_most"), [*there, (role, represents)]
            if most is not None and there.count((role, represents)) > most:
                raise Refused(f"too many of {role}")
        if asked:
            wanted = many(step.get("must_join"))
            if wanted and not any(role in wanted for _, role, _ in act.joins):
                raise Refused("who joins?")
            for role, rule in book.main["parties"].items():
                count = sum(one[1] == role for one in act.joins) + len(tale.people(role))
                if role in many(step.get("joins")) and count < rule.get("at_least", 0):
                    raise Refused(f"too few of {role}")
        return act.joins

    def _party(
        self,
        tale: Tale,
        act: Act,
        step: Raw,
        book: Book,
        incident: str | None,
        thread: str | None,
        opens: bool,
        by: str,
        joins: Any,
    ) -> str | None:
        present = [who for who, one in tale.members.items() if incident or not one["left"]] + [one[0] for one in joins]
        if act.party is not None and act.party not in present:
            raise Refused("no such party")
        wanted = step.get("per") or (book.uses[incident].get("per") if incident and opens else None)
        party = act.party or tale.threads.get(thread or "", {}).get("party")
        if wanted is None:
            if party is None and self.rules.roles.get(by, {}).get("kind") == "party":
                own = [*tale.people(by), *(who for who, role, _ in joins if role == by)]
                return own[0] if len(own) == 1 else None
            return party
        if party is None:
            able = tale.people(wanted)
            if len(able) != 1:
                raise Refused("which party?")
            return able[0]
        if party not in tale.members or not tale.plays(party, wanted):
            raise Refused("another part")
        return str(party)

    def _facts(self, compiled: Raw, step: Raw, act: Act, party: str | None, today: date, *, again: bool) -> Raw:
        records, may = many(step.get("records")), many(step.get("may_record"))
        facts = dict(act.facts)
        for name in facts:
            if name not in records and name not in may:
                raise Refused(f"fact {name} is not recorded here")
        for name in records:
            rule = compiled["facts"][name]
            if name not in facts:
                if again and rule.get("particulars"):
                    continue
                if again or not rule.get("day") or rule.get("may_be_future"):
                    raise Refused(f"fact {name} is missing")
                facts[name] = act.on.isoformat()
        for name, value in facts.items():
            rule = compiled["facts"][name]
            if rule.get("per") and party is None:
                if not isinstance(value, dict):
                    raise Refused(f"fact {name} is per party")
                values = list(value.values())
            else:
                values = [value]
            for one in values:
                if not fits(rule, one, today):
                    raise Refused(f"fact {name} is mistyped")
        return facts

    def _told_of_each(
        self,
        tale: Tale,
        compiled: Raw,
        step: Raw,
        facts: Raw,
        party: str | None,
        joins: tuple[tuple[str, str, Any], ...],
    ) -> None:
        """What is recorded of each party of a role is known of all of them, unless the step is each party's own."""
        if step.get("per"):
            return
        for name in many(step.get("records")):
            role = compiled["facts"][name].get("per")
            if not role:
                continue
            everyone = tale.people(role)
            everyone += [who for who, own, whom in joins if (whom is None if role == "party" else own == role)]
            for who in everyone:
                told = who == party if party is not None else who in facts[name]
                if not told and tale.party_facts.get(who, {}).get(name) is None:
                    raise Refused(f"fact {name} of {who} is missing")

    def _required(
        self, tale: Tale, compiled: Raw, incident: str | None, step: Raw, act: Act, eye: Eye, book: Book
    ) -> None:
        for name in many(step.get("requires")):
            if not eye.holds(name):
                raise Refused(f"requires {name}")
        to = step.get("to")
        if isinstance(to, dict) and "choose" in to and tale_way(to, eye) is None:
            raise Refused("which way?")
        if incident is not None and act.opens:
            self._admitted(tale, book.uses[incident], incident, act, book)
        if incident is not None:
            self._causes(tale, book, incident, act)
        self._lengths(tale, compiled, step, act, incident)

    def _held(self, tale: Tale, act: Act, book: Book) -> list[str]:
        found = []
        for key, thread in tale.threads.items():
            use, states = book.uses[thread["incident"]], book.incidents[thread["incident"]]["states"]
            if not thread["final"] and act.event in many(use.get("holds")) and states[thread["state"]].get("holds"):
                found.append(f"held_by:{key}")
        return found

    def _admitted(self, tale: Tale, use: Raw, incident: str, act: Act, book: Book) -> None:
        if tale.state not in many(use["while"]):
            raise Refused("not while it stands there")
        open_ones = [t for t in tale.threads.values() if not t["final"]]
        alike = [t for t in open_ones if t["incident"] == incident and (not use.get("per") or t["party"] == act.party)]
        at_once = use.get("at_once", 1)
        if at_once != "unlimited" and len(alike) >= at_once:
            raise Refused("one is still open")
        if any(t["incident"] in many(use.get("not_with")) for t in open_ones):
            raise Refused("not beside the other")
        main = Eye(tale, book.main, None, None, act.party, act.party if use.get("per") else None, act.on, {})
        if not all(main.holds(name) for name in many(use.get("requires"))):
            raise Refused("the procedure's own condition")

    def _causes(self, tale: Tale, book: Book, incident: str, act: Act) -> None:
        if tale.closed:
            return
        for outcome in many(book.uses[incident].get("outcomes")):
            if not tale.fits(outcome, act.event, act.thread, act.facts):
                continue
            step = step_for(book.main, outcome["records"], tale.state)
            if step is None:
                raise Refused("its outcome is not possible")
            if not tale.can_be_of(step, act.party):
                continue
            carried = tale.carried(outcome, act.thread, act.facts)
            for name in many(step.get("records")):
                if name not in carried and not book.main["facts"][name].get("day"):
                    raise Refused("its outcome lacks a fact")

    def _of_outcomes(self, tale: Tale, book: Book, incident: str, act: Act) -> list[str]:
        """What the main procedure expects of what the act brings about there."""
        failing: list[str] = []
        for outcome in [] if tale.closed else many(book.uses[incident].get("outcomes")):
            step = step_for(book.main, outcome["records"], tale.state)
            if not tale.fits(outcome, act.event, act.thread, act.facts) or step is None:
                continue
            if tale.can_be_of(step, act.party):
                bound = act.party if step.get("per") else None
                given = tale.carried(outcome, act.thread, act.facts)
                days = [
                    day_of(given[n])
                    for n in many(step.get("records"))
                    if book.main["facts"][n].get("day") and n in given
                ]
                on = min([act.on, *(day for day in days if day is not None)])
                eye = Eye(tale, book.main, None, None, act.party, bound, on, given)
                eye.dated_back = bool(days)
                failing += [name for name in many(step.get("expects")) if not eye.holds(name)]
        return failing

    def _lengths(self, tale: Tale, compiled: Raw, step: Raw, act: Act, incident: str | None) -> None:
        extend = step.get("extends")
        if extend:
            self._extension(tale, compiled, extend, act, act.thread if incident else None)
        # Wherever the length is told: a notice fixes it, and only its receipt starts the count.
        for rule in compiled.get("deadlines", {}).values():
            given = act.facts.get(rule.get("fixed_by"))
            if isinstance(given, str):
                if "at_least" in rule and not covers(given, rule["at_least"]):
                    raise Refused("too short")
                if "at_most" in rule and not covers(rule["at_most"], given):
                    raise Refused("too long")

    def _extension(self, tale: Tale, compiled: Raw, extend: Raw, act: Act, thread: str | None) -> None:
        length = act.facts.get(extend["with"])
        if not isinstance(length, str):
            return
        said = compiled["deadlines"][extend["deadline"]].get("extend")
        clocks: list[Clock] = [
            c
            for c in tale.clocks.values()
            if c.name == extend["deadline"]
            and c.thread == thread
            and c.party in (None, act.party or c.party)
            and c.status in ("running", "missed")
        ]
        if not clocks:
            raise Refused("it is not running")
        for clock in clocks:
            rules = many(on_day(said, clock.trigger))
            if len(clock.extensions) >= len(rules) and not (rules and rules[-1].get("repeats")):
                raise Refused("no extension left")
            rule = rules[min(len(clock.extensions), len(rules) - 1)]
            if rule["by"] != act.by:
                raise Refused("another's to grant")
            if rule["at_most"] != "unlimited" and not covers(rule["at_most"], length):
                raise Refused("beyond the cap")


def tale_way(to: Raw, eye: Eye) -> str | None:
    """The state a choice leads to, or None where the fact is unknown."""
    ((fact, options),) = to["choose"].items()
    value = eye.fact(fact)
    return options.get(value) if isinstance(value, str) else None


def _is_of(thread: str | None, incident: str) -> bool:
    return thread is not None and thread.rpartition("-")[0] == incident


def _used_by_others(record: Record, act: Act) -> set[str]:
    """The ids that were given for good: those of every act but the ones in whose stead this one stands."""
    by_sequence = {one.sequence: one for one in record.acts}
    own: list[int | None] = [act.sequence]
    while own[-1] is not None:
        own.append(by_sequence[own[-1]].supersedes if own[-1] in by_sequence else None)
    return {who for one in record.acts if one.sequence not in own for who, _, _ in one.joins}
