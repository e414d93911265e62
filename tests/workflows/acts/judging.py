"""Drives a case by the events of a script, performs the act, and says which verdict the engine gave and for what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

from adjudicate.errors import AdjudicateError, StepRefused
from adjudicate.states.entries import EntryKind
from tests.workflows.acts.reader import Script
from tests.workflows.runner import (
    Case,
    Expectations,
    ScenarioError,
    draft_of,
    everybody,
    legal_context_for,
    shipped,
)

REASON = "事实已经发生，如实登记"
LOCAL, NATIONAL = "440000", "000000"
# The engine lacks the word rather than refusing the act: none of these is a verdict of the law.
NOT_EXPRESSIBLE = {"unknown-event", "facts-invalid", "unknown-party", "unknown-thread", "role-not-entitled"}
GRAVE, MINOR = "grave", "minor"
TAKEN = {"accepted", "reminded", "marked-minor", "marked-grave"}


@dataclass(frozen=True)
class Told:
    """What the engine said to an entry that it took: its marks with their weights, its reminders, and the thread."""

    marks: tuple[tuple[str, str | None], ...] = ()
    advice: tuple[str, ...] = ()
    thread: str | None = None


class Refused(Exception):
    """An entry that was refused: the code, every name of a reason, and the sentences."""

    def __init__(self, code: str, names: set[str], told: str) -> None:
        self.code, self.names, self.told = code, names, told
        super().__init__(f"{code}: {told}")


class Engine(Protocol):
    """A case at its beginning, in the pure core or behind the API."""

    def enter(self, data: dict[str, Any]) -> Told:
        """Raises Refused."""


@dataclass(frozen=True)
class Verdict:
    """`said` is a word of the table or why there is none; `names` are the conditions and codes that spoke."""

    said: str
    names: frozenset[str] = frozenset()
    told: str = ""

    def agrees(self, script: Script) -> bool:
        """The verdict of the table, for the reasons that the script names, on everything that the row says."""
        spoke = self.said == "accepted" or bool(script.because)
        said = self.said == script.row.expected and script.unsaid is None
        return said and spoke and set(script.because) <= self.names


class InCore:
    """A case in the pure core."""

    def __init__(self, workflow: str) -> None:
        region = NATIONAL if workflow.endswith("-major") else LOCAL
        catalogue = shipped()
        self.case = Case(legal_context_for(catalogue, workflow, region), everybody(catalogue))

    @property
    def law(self) -> date | None:
        return self.case.standing.law_day if self.case.standing else None

    def enter(self, data: dict[str, Any]) -> Told:
        self.case.today = max(self.case.today, data["effective_on"])
        try:
            outcome = self.case.act(draft_of(data, {}), data.get("roles"))
        except StepRefused as refusal:
            names = {reason.condition or reason.code for reason in refusal.reasons} | {refusal.code}
            told = "; ".join(reason.en for reason in refusal.reasons) or refusal.en
            raise Refused(refusal.code, names, told) from refusal
        except AdjudicateError as error:
            raise Refused(error.code, {error.code}, error.en) from error
        act = next(entry for entry in outcome.entries if entry.kind is EntryKind.ACT)
        marks = tuple((str(one.condition), one.weight) for one in outcome.irregular)
        return Told(marks, tuple(one.condition or one.code for one in outcome.advice), act.thread)


class Clerk:
    """Enters the events of a script one after another."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.threads: dict[str, str] = {}

    def enter(self, event: dict[str, Any]) -> Told:
        """Enter one event; a thread goes by the label under which it was opened, or is the last of its incident."""
        data = {name: value for name, value in event.items() if name not in {"as", "called", "irregular"}}
        if "thread" in data:
            data["thread"] = self.threads.get(data["thread"], data["thread"])
        told = self.engine.enter(data)
        if told.thread is not None:
            self.threads[event.get("as") or told.thread.rpartition("-")[0]] = told.thread
        return told

    def lead(self, events: list[dict[str, Any]]) -> str | None:
        """Enter what leads to the act; what went otherwise than the table supposes, if anything did."""
        for event in events:
            where = f"{event['event']} of {event['effective_on']}"
            wanted = set(event.get("irregular") or ())
            try:
                told = self.enter({**event, "accept_irregular": True, "reason": REASON} if wanted else event)
            except Refused as refusal:
                return f"{where} was refused ({refusal})"
            if {name for name, _ in told.marks} != wanted:
                return f"{where} was marked: {told.marks}"
        return None


def judge(script: Script, engine: Engine) -> Verdict:
    """The verdict on the act of a script."""
    clerk = Clerk(engine)
    if (gone_wrong := clerk.lead(script.events)) is not None:
        return Verdict("not reached", told=gone_wrong)
    act = {"reason": REASON, **script.act, "accept_irregular": True}
    try:
        told = clerk.enter(act)
    except Refused as refusal:
        lacks = refusal.code in NOT_EXPRESSIBLE and not _only_the_value_stands_against_it(clerk, act, script.instead)
        return Verdict("not expressible" if lacks else "refused", frozenset(refusal.names), refusal.told)
    if told.marks:
        weight = GRAVE if any(one == GRAVE for _, one in told.marks) else MINOR
        return Verdict(f"marked-{weight}", frozenset(name for name, _ in told.marks))
    return Verdict("reminded" if told.advice else "accepted", frozenset(told.advice))


def _only_the_value_stands_against_it(clerk: Clerk, act: dict[str, Any], instead: dict[str, Any]) -> bool:
    """Whether the act is taken without a mark once the facts have the values that the script gives instead."""
    if not instead:
        return False
    try:
        return not clerk.enter({**act, "facts": {**act["facts"], **instead}}).marks
    except Refused:
        return False


def judged_in_core(script: Script) -> Verdict:
    """The verdict of the pure core; one under the law of another day than the row's is none."""
    engine = InCore(script.row.workflow)
    verdict = judge(script, engine)
    if engine.case.standing is not None:
        engine.case.settle()  # after a refusal, what is due by today is still to be announced
        engine.case.folded()
    if engine.law not in (None, script.row.version) and verdict.said != "not reached":
        return replace(verdict, said="under another law", told=f"judged under {engine.law} ({verdict.said})")
    if script.expect and verdict.said in TAKEN:
        try:
            Expectations(engine.case, None, engine.case.entries).check(script.expect)
        except ScenarioError as broken:
            return Verdict(f"{verdict.said}, with other effects", verdict.names, str(broken))
    return verdict
