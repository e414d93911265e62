"""Runs a scenario through the pure core, with `today` moving, and holds every outcome against what it expects."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from adjudicate.definition.catalogue import Catalogue, load
from adjudicate.errors import AdjudicateError, StepRefused
from adjudicate.law.calendars import calendar_for, load_calendars
from adjudicate.states import codec, engine, history
from adjudicate.states.entries import Correction, Draft, Entry, EntryKind, Joining
from adjudicate.states.fold import LegalContext
from adjudicate.states.result import Result
from adjudicate.states.standing import Standing
from tests.surroundings import ROOT
from tests.workflows.script import Event, Scenario, plain


class ScenarioError(Exception):
    """An expectation that does not hold; the message begins with file and line."""


@lru_cache(maxsize=4)
def shipped(folder: Path = ROOT / "workflows") -> Catalogue:
    """The law in a folder, loaded once."""
    return load(folder)


@lru_cache(maxsize=8)
def calendars() -> dict[str, Any]:
    """The shipped calendars."""
    return load_calendars(ROOT / "workflows/calendars")


def legal_context_for(catalogue: Catalogue, workflow: str, region: str) -> LegalContext:
    """What a case of this procedure in this region stands on."""
    return LegalContext(catalogue.laws(workflow, region), calendar_for(calendars(), region))


def everybody(catalogue: Catalogue) -> frozenset[str]:
    """Every role that a person may have."""
    return frozenset(name for name, role in catalogue.registers.roles.items() if role.kind != "automatic")


@dataclass
class Case:
    """A case in the pure core: its stream and standing, and what each command brought about."""

    legal: LegalContext
    roles: frozenset[str]
    today: date = date.min
    entries: list[Entry] = field(default_factory=list)
    standing: Standing | None = None
    documents: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    outcomes: list[Result] = field(default_factory=list)

    def keep(self, outcome: Result) -> Result:
        """Take a command's rows and standing over; holds that the stream has no gap and folds to the standing."""
        expected = list(range(len(self.entries) + 1, len(self.entries) + 1 + len(outcome.entries)))
        if [entry.sequence for entry in outcome.entries] != expected:
            raise AssertionError(f"rows {[e.sequence for e in outcome.entries]} where {expected} were due")
        self.entries.extend(outcome.entries)
        self.standing = outcome.standing
        self.documents.extend(due.document for due in outcome.documents)
        self.numbers.extend(due.docket for due in outcome.numbers)
        self.outcomes.append(outcome)
        return outcome

    def folded(self) -> None:
        """Hold that folding the stream from scratch gives the standing that the commands left."""
        again = codec.standing_to_json(engine.project(self.legal, self.entries, today=self.today))
        kept = codec.standing_to_json(self.standing) if self.standing else None
        if again != kept:
            differing = [key for key in again if kept is None or again[key] != kept[key]]
            shown = {key: (again[key], kept[key] if kept else None) for key in differing}
            raise AssertionError(f"the fold differs from the standing (folded, kept): {shown}")

    def settle(self) -> Result:
        """What the worker does."""
        assert self.standing is not None
        return self.keep(
            engine.announce_lapses(self.legal, self.standing, today=self.today, next_sequence=len(self.entries) + 1)
        )

    def act(self, draft: Draft, roles: Collection[str] | None = None) -> Result:
        """Open the case with this act, or record it. Raises StepRefused."""
        whose = frozenset(self.roles if roles is None else roles)
        if self.standing is None:
            return self.keep(engine.open_case(self.legal, draft, today=self.today, roles=whose))
        return self.keep(
            engine.record(
                self.legal,
                self.standing,
                draft,
                today=self.today,
                roles=whose,
                next_sequence=len(self.entries) + 1,
                history=lambda: list(self.entries),
            )
        )

    def rectify(self, corrections: list[Correction], roles: Collection[str] | None = None) -> Result:
        """Correct the record. Raises StepRefused."""
        assert self.standing is not None
        return self.keep(
            engine.rectify(
                self.legal,
                self.standing,
                corrections,
                today=self.today,
                roles=frozenset(self.roles if roles is None else roles),
                next_sequence=len(self.entries) + 1,
                history=lambda: list(self.entries),
            )
        )


def draft_of(data: dict[str, Any], sequences: dict[int, int]) -> Draft:
    """The act that an event of a scenario asks for."""
    at = data.get("effective_at")
    return Draft(
        event=data["event"],
        effective_on=data["effective_on"],
        by=data.get("by"),
        thread=data.get("thread"),
        party=data.get("party"),
        effective_at=datetime.fromisoformat(at) if isinstance(at, str) else at,
        facts=plain(data.get("facts") or {}),
        joins=tuple(Joining(one["party"], one["role"], one.get("represents")) for one in data.get("joins") or ()),
        reason=data.get("reason"),
        accept_irregular=bool(data.get("accept_irregular")),
        before=sequences[data["before"]] if "before" in data else None,
    )


class Running:
    """One scenario on its way: today, the case, and the row that each numbered event became."""

    def __init__(self, scenario: Scenario, catalogue: Catalogue) -> None:
        self.scenario = scenario
        self.catalogue = catalogue
        self.case = Case(legal_context_for(catalogue, scenario.workflow, scenario.region), everybody(catalogue))
        self.sequences: dict[int, int] = {}

    def run(self) -> Case:
        """Every event in order. Raises ScenarioError."""
        for event in self.scenario.events:
            with self._named(event):
                self._step(event)
        return self.case

    @contextmanager
    def _named(self, event: Event) -> Iterator[None]:
        what = event.data.get("event") or next(iter(event.data))
        where = f"{self.scenario.file}:{event.line}: event {event.number} ({what})"
        try:
            yield
        except ScenarioError as broken:
            raise ScenarioError(
                f"{where}: {broken}\n  in the scenario of line {self.scenario.line}: {self.scenario.name}"
            ) from None
        except (KeyError, AssertionError, TypeError) as error:
            raise ScenarioError(f"{where}: {type(error).__name__}: {error}") from error

    def _step(self, event: Event) -> None:
        data, case = event.data, self.case
        if "today" in data:
            if data["today"] < case.today:
                raise ScenarioError(f"today cannot go back from {case.today} to {data['today']}")
            case.today = data["today"]
        if "effective_on" in data:
            case.today = max(case.today, data["effective_on"])
        before = len(case.entries)
        if {"event", "voids", "together"} & set(data):
            self._command(event)
        elif case.standing is not None:
            case.settle()
        if case.standing is not None:
            case.folded()
        expect = plain(data.get("expect") or {})
        if expect:
            if case.standing is None:
                raise ScenarioError("there is no case yet of which anything could be expected")
            # What is read is the case as of today, whether or not the last act was refused.
            Expectations(case, data.get("thread"), case.entries[before:]).check(expect)

    def _command(self, event: Event) -> None:
        data, case = event.data, self.case
        roles = data.get("roles")
        try:
            if "together" in data:
                outcome = case.rectify([self._correction(one) for one in data["together"]], roles)
            elif "corrects" in data or "voids" in data:
                outcome = case.rectify([self._correction(data)], roles)
            else:
                outcome = case.act(draft_of(data, self.sequences), roles)
        except StepRefused as refusal:
            self._refused(data, refusal)
            if case.standing is not None:
                case.settle()  # what is expected after a refusal is expected as of today, like any read
            return
        except AdjudicateError as error:
            raise ScenarioError(f"failed: {error}") from error
        if "refused" in data:
            raise ScenarioError(f"was accepted, but ought to have been refused for: {', '.join(data['refused'])}")
        rows = [e for e in outcome.entries if e.kind in (EntryKind.ACT, EntryKind.VOIDED)]
        self.sequences[event.number] = rows[-1].sequence
        if "together" in data:
            return
        self._compare("irregular", data.get("irregular") or [], [r.condition for r in outcome.irregular])
        if "advice" in data:
            self._compare("advice", data["advice"], [r.condition for r in outcome.advice])

    def _correction(self, data: dict[str, Any]) -> Correction:
        reason = data.get("reason") or "更正记录"
        if "voids" in data:
            return Correction(self.sequences[data["voids"]], reason)
        return Correction(self.sequences.get(data.get("corrects", 0), 0), reason, draft_of(data, self.sequences))

    def _refused(self, data: dict[str, Any], refusal: StepRefused) -> None:
        reasons = [(r.code, r.condition, r.en) for r in refusal.reasons]
        names = {refusal.code, *(code for code, _, _ in reasons), *(name for _, name, _ in reasons if name)}
        told = "; ".join(f"{name or code}: {en}" for code, name, en in reasons) or refusal.en
        if "refused" not in data:
            raise ScenarioError(f"was refused ({refusal.code}): {told}")
        if missing := [name for name in data["refused"] if name not in names]:
            raise ScenarioError(
                f"was refused, but not for {', '.join(missing)}; the reasons were ({refusal.code}): {told}"
            )

    def _compare(self, what: str, wanted: list[str], found: list[str | None]) -> None:
        if sorted(wanted) != sorted(str(name) for name in found):
            raise ScenarioError(f"{what} {sorted(wanted)} expected, found {sorted(str(name) for name in found)}")


class Expectations:
    """What a scenario says of the case after an event, one method for each word."""

    def __init__(self, case: Case, thread: str | None, rows: list[Entry]) -> None:
        assert case.standing is not None
        self.case, self.standing, self.thread, self.rows = case, case.standing, thread, rows

    def check(self, expect: dict[str, Any]) -> None:
        """Raises ScenarioError with every difference found."""
        differences = [line for word, wanted in expect.items() for line in getattr(self, word)(wanted)]
        if differences:
            raise ScenarioError("\n    ".join(["not as expected:", *differences]))

    def state(self, wanted: str) -> Iterator[str]:
        if self.standing.state != wanted:
            yield f"state: {wanted} expected, it stands at {self.standing.state}"

    def law(self, wanted: str) -> Iterator[str]:
        if self.standing.law_day.isoformat() != wanted:
            yield f"law: {wanted} expected, it stands under {self.standing.law_day}"

    def threads(self, wanted: dict[str, str | None]) -> Iterator[str]:
        held = {key: thread.state for key, thread in self.standing.threads.items()}
        for key, state in wanted.items():
            if held.get(key) != state:
                yield f"thread {key}: {state} expected, found {held.get(key)} (threads: {held})"

    def due(self, wanted: dict[str, str | None]) -> Iterator[str]:
        running = self.standing.deadlines
        for key, day in wanted.items():
            found = running[key].due_on if key in running else None
            if (found.isoformat() if found else None) != day:
                why = "" if key in running else f" (never started; known: {', '.join(running)})"
                yield f"due {key}: {day} expected, found {found}{why}"

    def status(self, wanted: dict[str, str]) -> Iterator[str]:
        running = self.standing.deadlines
        for key, status in wanted.items():
            found = running[key].status.value if key in running else None
            if found != status:
                yield f"status {key}: {status} expected, found {found} (known: {', '.join(running)})"

    def kinds(self, wanted: dict[str, str]) -> Iterator[str]:
        rulebook = self.case.legal.laws.at(self.standing.law_day)
        inner = {name: rule for one in rulebook.incidents.values() for name, rule in one.compiled.deadlines.items()}
        rules = {**inner, **rulebook.main.deadlines}
        for name, kind in wanted.items():
            found = rules[name].kind.value if name in rules else None
            if found != kind:
                yield f"kind of {name}: {kind} expected, found {found}"

    def promises(self, wanted: list[dict[str, Any]]) -> Iterator[str]:
        """The `always` lines, whole and in any order: a promise dropped breaks no path, so it must be asked for."""
        lines = self.case.legal.laws.at(self.standing.law_day).main.workflow.always
        found = [line.model_dump(mode="json", exclude_none=True, exclude={"basis", "label"}) for line in lines]
        for one in wanted:
            if _as_lists(one) not in found:
                yield f"promises: {one} expected, found {found}"
        if len(wanted) != len(found):
            yield f"promises: {len(wanted)} expected, there are {len(found)}"

    def provisional(self, wanted: list[str]) -> Iterator[str]:
        found = sorted(key for key, one in self.standing.deadlines.items() if one.provisional)
        if found != sorted(wanted):
            yield f"provisional: {sorted(wanted)} expected, found {found}"

    def _lapses(self) -> list[str]:
        derived = history.standing_derived(self.case.entries).values()
        return [entry.event for entry in derived if entry.kind is EntryKind.LAPSE]

    def lapsed(self, wanted: list[str]) -> Iterator[str]:
        found = self._lapses()
        for event in wanted:
            if event not in found:
                yield f"lapsed: {event} expected, the lapses so far are {found}"

    def not_lapsed(self, wanted: list[str]) -> Iterator[str]:
        for event in wanted:
            if event in self._lapses():
                yield f"lapsed: {event} was not expected"

    def marks(self, wanted: list[str]) -> Iterator[str]:
        found = sorted(name for names in self.standing.marks.values() for name in names)
        if found != sorted(wanted):
            yield f"marks: {sorted(wanted)} expected, found {found}"

    def _asked(self, kind: str) -> list[str]:
        """Of the act where the expectation stands on one, else of the whole case."""
        if not any(row.kind is EntryKind.ACT for row in self.rows):
            return list(getattr(self.case, kind))
        outcome = self.case.outcomes[-1]
        if kind == "documents":
            return [due.document for due in outcome.documents]
        return [due.docket for due in outcome.numbers]

    def documents(self, wanted: list[str]) -> Iterator[str]:
        found = self._asked("documents")
        for name in wanted:
            if name not in found:
                yield f"documents: {name} expected, found {found}"

    def numbers(self, wanted: list[str]) -> Iterator[str]:
        found = self._asked("numbers")
        if sorted(found) != sorted(wanted):
            yield f"numbers: {wanted} expected, found {found}"

    def facts(self, wanted: dict[str, Any]) -> Iterator[str]:
        for name, value in wanted.items():
            found = self._fact(name)
            if isinstance(value, dict) and isinstance(found, dict):
                found = {key: found.get(key) for key in value}
            if found != value:
                yield f"fact {name}: {value} expected, found {found}"

    def _fact(self, name: str) -> Any:
        """The thread's own where the event names one, else the case's, the parties', or that of the latest thread."""
        standing = self.standing
        held = standing.threads.get(self.thread or "")
        if held is not None and name in held.facts:
            return held.facts[name]
        if name in standing.facts:
            return standing.facts[name]
        by_party = {party: facts[name] for party, facts in standing.party_facts.items() if name in facts}
        if by_party:
            return by_party
        return next((t.facts[name] for t in reversed(standing.threads.values()) if name in t.facts), None)


def _as_lists(line: dict[str, Any]) -> dict[str, Any]:
    """A promise as the definition holds it: `one_of` and `follows` may be written as one word."""
    return {k: [v] if k in ("one_of", "follows") and isinstance(v, str) else v for k, v in line.items()}


def run(scenario: Scenario, catalogue: Catalogue) -> Case:
    """Run one scenario. Raises ScenarioError, or the scenario's own fault."""
    if scenario.fault:
        raise ScenarioError(scenario.fault)
    return Running(scenario, catalogue).run()
