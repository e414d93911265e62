"""Whether every word in a workflow file stands for something: names, guards, citations, units; it never explores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from adjudicate.definition.models import (
    ANY,
    CLOCK,
    LINK,
    NOTHING,
    PARTY,
    Always,
    Branch,
    Component,
    Deadline,
    Start,
    Step,
    Workflow,
)
from adjudicate.definition.registers import Registers
from adjudicate.definition.yaml_source import Source
from adjudicate.errors import Fault
from adjudicate.guards.compiling import Word, compile_guard
from adjudicate.law.citations import parse_citations
from adjudicate.law.periods import Length
from adjudicate.law.suggestion import suggestion

At = tuple[str | int, ...]


class CrossReferences:
    """Collects the faults of one file; `incidents` are the incident files that were found."""

    def __init__(
        self, workflow: Workflow, source: Source, registers: Registers, incidents: Mapping[str, Workflow]
    ) -> None:
        self.workflow, self.source, self.registers, self.incidents = workflow, source, registers, incidents
        self.day: date = workflow.in_force.from_
        self.facts = {**workflow.facts, **workflow.reads}
        self.events = {step.event for step in workflow.steps}
        self.faults: list[Fault] = []

    def check(self) -> list[Fault]:
        """Every fault of the file."""
        self._bases()
        self._conditions()
        for i, step in enumerate(self.workflow.steps):
            self._step(("steps", i), step)
        self._exclusive()
        for name, deadline in self.workflow.deadlines.items():
            self._deadline(("deadlines", name), name, deadline)
        self._incidents()
        self._invariants()
        self._lists()
        return self.faults

    def _add(self, at: At, message: str) -> None:
        self.faults.append(self.source.fault(at, message))

    def _known(self, at: At, what: str, name: str, known: Iterable[str], saying: str) -> bool:
        names = list(known)
        if name in names:
            return True
        self._add(at, f"{saying} unknown {what} '{name}'.{suggestion(name, names)}")
        return False

    def _all_known(self, at: At, what: str, names: Iterable[str], known: Iterable[str], saying: str) -> None:
        options = list(known)
        for j, name in enumerate(names):
            self._known((*at, j) if (*at, j) in self.source.lines else at, what, name, options, saying)

    def _bases(self) -> None:
        for at, basis in _bases_in(self.source.data, ()):
            if isinstance(basis, str | dict):
                self.faults.extend(self.registers.basis_faults(basis, self.source, at, self.day))
        for i, step in enumerate(self.workflow.steps):
            if step.basis is None:
                self._add(("steps", i), f"step '{step.event}' cites nothing: it needs a basis")
        for name, deadline in self.workflow.deadlines.items():
            if deadline.basis is None:
                self._add(("deadlines", name), f"deadline '{name}' cites nothing: it needs a basis")

    def _conditions(self) -> None:
        guards = {name: condition.guard for name, condition in self.workflow.conditions.items()}
        for name, guard in guards.items():
            at: At = ("conditions", name)
            try:
                word = compile_guard(guard, guards, (name,))
            except ValueError as error:
                self._add(at, f"condition '{name}': {error}")
                continue
            self._word(at, name, word)

    def _word(self, at: At, name: str, word: Word) -> None:
        known = {
            "fact": self.facts,
            "event": self._all_events(),
            "deadline": self._all_deadlines(),
            "incident": self.incidents,
            "role": self._party_roles(),
        }
        for kind, used in word.names():
            if kind == "state":
                if self.workflow.kind == "procedure":
                    self._known(at, "state", used, self.workflow.states, f"condition '{name}' speaks of")
                continue
            if kind == "role" and self.workflow.kind == "incident":
                continue
            if self._known(at, kind, used, known[kind], f"condition '{name}' speaks of") and kind == "fact":
                self._fact_use(at, name, used, word)

    def _fact_use(self, at: At, name: str, fact: str, word: Word) -> None:
        rule = self.facts[fact]
        if rule.particulars:
            self._add(at, f"condition '{name}' reads '{fact}', which may be erased: no guard may rest on it")
        wanted = getattr(word, "wanted", {}).get(fact, ())
        if rule.choice is not None:
            for value in wanted:
                if value not in rule.choice:
                    near = suggestion(str(value), rule.choice)
                    self._add(at, f"condition '{name}': '{fact}' is never '{value}'.{near}")

    def _party_roles(self) -> list[str]:
        return [*self.workflow.parties, PARTY]

    def _all_events(self) -> set[str]:
        used = {use.opens for use in self.workflow.incidents}
        inner = {step.event for key in used if key in self.incidents for step in self.incidents[key].steps}
        return self.events | inner

    def _all_deadlines(self) -> set[str]:
        return set(self.workflow.deadlines)

    def _step(self, at: At, step: Step) -> None:
        says = f"step '{step.event}'"
        states, deadlines = self.workflow.states, self.workflow.deadlines
        if step.from_ not in ((ANY,), (NOTHING,)):
            self._all_known((*at, "from"), "state", step.from_, states, f"{says} comes from")
        self._target((*at, "to"), says, step)
        roles = [*self.registers.roles]
        self._all_known((*at, "by"), "role", step.by, roles, f"{says} is the act of")
        self._all_known((*at, "may_override"), "role", step.may_override, roles, f"{says} may be overridden by")
        for key in ("records", "may_record"):
            self._all_known((*at, key), "fact", getattr(step, key), self.workflow.facts, f"{says} records")
        for key in ("requires", "expects", "advises"):
            self._all_known((*at, key), "condition", getattr(step, key), self.workflow.conditions, f"{says} {key}")
        starts = [one.deadline if isinstance(one, Start) else one for one in step.starts]
        self._all_known((*at, "starts"), "deadline", starts, deadlines, f"{says} starts")
        for j, one in enumerate(step.starts):
            if isinstance(one, Start):
                self._known((*at, "starts", j), "condition", one.if_, self.workflow.conditions, f"{says} starts under")
        self._all_known((*at, "stops"), "deadline", step.stops, deadlines, f"{says} stops")
        self._all_known((*at, "restarts"), "deadline", step.restarts, deadlines, f"{says} restarts")
        self._all_known((*at, "issues"), "document", step.issues, self.registers.documents, f"{says} issues")
        self._extends((*at, "extends"), says, step)
        self._kinds(at, says, step)
        self._parties(at, says, step)
        for key in ("numbers", "voids_number"):
            if name := getattr(step, key):
                self._known((*at, key), "docket", name, self.workflow.dockets, f"{says} {key}")

    def _target(self, at: At, says: str, step: Step) -> None:
        states = self.workflow.states
        if isinstance(step.to, str):
            self._known(at, "state", step.to, states, f"{says} leads to")
        elif isinstance(step.to, Branch) and step.to.choose is not None:
            ((fact, options),) = step.to.choose.items()
            if self._known(at, "fact", fact, self.facts, f"{says} chooses by"):
                self._options(at, says, fact, options)
            self._all_known(at, "state", options.values(), states, f"{says} leads to")
        elif isinstance(step.to, Branch):
            self._known(at, "condition", str(step.to.if_), self.workflow.conditions, f"{says} chooses by")
            self._all_known(at, "state", (str(step.to.then), str(step.to.otherwise)), states, f"{says} leads to")

    def _options(self, at: At, says: str, fact: str, options: Mapping[str, Any]) -> None:
        choice = self.facts[fact].choice
        if choice is None:
            self._add(at, f"{says} chooses by '{fact}', which is no choice")
            return
        for value in options:
            if value not in choice:
                self._add(at, f"{says}: '{fact}' is never '{value}'.{suggestion(value, choice)}")
        if missing := [value for value in choice if value not in options]:
            self._add(at, f"{says} leads nowhere when '{fact}' is {', '.join(missing)}")

    def _extends(self, at: At, says: str, step: Step) -> None:
        if step.extends is None:
            return
        name, fact = step.extends.deadline, step.extends.with_
        known = self._known(at, "deadline", name, self.workflow.deadlines, f"{says} extends")
        if known and not self.workflow.deadlines[name].extend:
            self._add(at, f"{says} extends '{name}', which says nothing about who may extend it")
        if self._known(at, "fact", fact, self.workflow.facts, f"{says} extends by"):
            if not self.workflow.facts[fact].length:
                self._add(at, f"{says} extends by '{fact}', which is no length")
            if fact not in step.records:
                self._add(at, f"{says} extends by '{fact}', which it does not record")

    def _kinds(self, at: At, says: str, step: Step) -> None:
        begun = {kind for other in self.workflow.steps for kind in other.begins}
        self._all_known((*at, "ends"), "uncounted time", step.ends, begun, f"{says} ends")

    def _parties(self, at: At, says: str, step: Step) -> None:
        if self.workflow.kind == "incident":
            return
        self._all_known((*at, "joins"), "party", step.joins, self.workflow.parties, f"{says} joins")
        if step.per:
            self._known((*at, "per"), "party", step.per, self._party_roles(), f"{says} is per")

    def _exclusive(self) -> None:
        seen: dict[tuple[str, str], int] = {}
        for i, step in enumerate(self.workflow.steps):
            sources = self.workflow.states if step.from_ == (ANY,) else step.from_
            for state in sources:
                if state in self.workflow.states and self.workflow.states[state].final:
                    if step.from_ != (ANY,):
                        self._add(("steps", i, "from"), f"step '{step.event}' leaves the final state '{state}'")
                    continue
                key = (step.event, state)
                if key in seen:
                    self._add(("steps", i), f"two steps are open for event '{step.event}' in state '{state}'")
                seen.setdefault(key, i)

    def _deadline(self, at: At, name: str, rule: Deadline) -> None:
        says = f"deadline '{name}'"
        if rule.counted_from:
            self._day_fact((*at, "counted_from"), says, rule.counted_from)
        for key in ("earliest", "latest"):
            for j, part in enumerate(getattr(rule, key) or ()):
                self._component((*at, key, j), says, part)
        fixed = rule.fixed_by
        if fixed and self._known((*at, "fixed_by"), "fact", fixed, self.facts, f"{says} is fixed by"):
            self._is_length((*at, "fixed_by"), f"{says} is fixed by", fixed)
        if rule.choose:
            ((fact, options),) = rule.choose.items()
            if self._known((*at, "choose"), "fact", fact, self.facts, f"{says} chooses by"):
                self._options((*at, "choose"), says, fact, options)
        if rule.per and self.workflow.kind == "procedure":
            self._known((*at, "per"), "party", rule.per, self._party_roles(), f"{says} is per")
        if rule.when_over:
            self._when_over((*at, "when_over"), says, rule.when_over)
        for j, extension in enumerate(rule.extend):
            self._known((*at, "extend", j), "role", extension.by, self.registers.roles, f"{says} is extended by")
        self._kinds_known((*at, "excludes"), says, rule)
        self._units(at, says, rule)

    def _is_length(self, at: At, says: str, fact: str) -> None:
        if not self.facts[fact].length:
            self._add(at, f"{says} '{fact}', which is no length")

    def _component(self, at: At, says: str, part: Component) -> None:
        self._day_fact(at, says, part.counted_from)

    def _day_fact(self, at: At, says: str, fact: str) -> None:
        if self._known(at, "fact", fact, self.facts, f"{says} is counted from") and not self.facts[fact].day:
            self._add(at, f"{says} is counted from '{fact}', which is no day")

    def _when_over(self, at: At, says: str, event: str) -> None:
        if not self._known(at, "event", event, self.events, f"{says} ends with"):
            return
        if not any(CLOCK in step.by for step in self.workflow.steps if step.event == event):
            self._add(at, f"{says} ends with '{event}', which is not an act of the clock")

    def _kinds_known(self, at: At, says: str, rule: Deadline) -> None:
        mine = [kind for step in self.workflow.steps for kind in step.begins]
        theirs = [
            kind
            for use in self.workflow.incidents
            if use.opens in self.incidents
            for step in self.incidents[use.opens].steps
            for kind in step.begins
        ]
        if self.workflow.kind == "procedure":
            self._all_known(at, "uncounted time", rule.excludes, [*mine, *theirs], f"{says} excludes")

    def _units(self, at: At, says: str, rule: Deadline) -> None:
        if rule.ruling_needed or not isinstance(rule.basis, str):
            return
        for length in _lengths(rule):
            for citation in parse_citations_quietly(rule.basis):
                instrument = self.registers.instruments.get(citation)
                if instrument is not None and instrument.at_odds(length):
                    self._add(at, f"{says}: {length} is at odds with '{citation}', whose days are not counted that way")

    def _incidents(self) -> None:
        for i, use in enumerate(self.workflow.incidents):
            at: At = ("incidents", i)
            says = f"incident '{use.opens}'"
            if not self._known(at, "incident", use.opens, self.incidents, "this procedure admits"):
                continue
            inner = self.incidents[use.opens]
            self._all_known((*at, "while"), "state", use.while_, self.workflow.states, f"{says} opens in")
            self._all_known((*at, "holds"), "event", use.holds, self.events, f"{says} holds")
            self._all_known((*at, "requires"), "condition", use.requires, self.workflow.conditions, f"{says} requires")
            self._all_known((*at, "not_with"), "incident", use.not_with, self.incidents, f"{says} is not open with")
            if use.per:
                self._known((*at, "per"), "party", use.per, self._party_roles(), f"{says} is per")
            for name in inner.reads:
                self._known(at, "fact", name, self.workflow.facts, f"{says} reads")
            if clash := self.events & {step.event for step in inner.steps}:
                self._add(at, f"{says} has events of the same name as this file: {', '.join(sorted(clash))}")
            self._outcomes(at, says, use, inner)

    def _outcomes(self, at: At, says: str, use: Any, inner: Workflow) -> None:
        theirs = {step.event for step in inner.steps}
        for j, outcome in enumerate(use.outcomes):
            here: At = (*at, "outcomes", j)
            self._known(here, "event", outcome.when, theirs, f"{says} has the outcome")
            self._all_known(here, "fact", outcome.carries.values(), inner.facts, f"{says} carries")
            self._all_known(here, "fact", outcome.given, inner.facts, f"{says} depends on")
            for fact, value in outcome.given.items():
                choice = inner.facts[fact].choice if fact in inner.facts else None
                if choice is not None and value not in choice:
                    self._add(here, f"{says}: '{fact}' is never '{value}'.{suggestion(str(value), choice)}")
            self._all_known(here, "fact", outcome.carries, self.workflow.facts, f"{says} carries to")
            known = self._known(here, "event", outcome.records, self.events, f"{says} records")
            linked = any(LINK in step.by for step in self.workflow.steps if step.event == outcome.records)
            if known and not linked:
                self._add(here, f"{says} records '{outcome.records}', which is not an act of the link")

    def _invariants(self) -> None:
        events, states = self._all_events(), set(self.workflow.states)
        known = {"event": events, "state": states, "event or state": events | states}
        for i, line in enumerate(self.workflow.always):
            for what, word in _always_names(line):
                self._known(("always", i), what, word, known[what], "an 'always' line speaks of")
            if line.until:
                try:
                    guard = compile_guard(line.until, {n: c.guard for n, c in self.workflow.conditions.items()})
                except ValueError as error:
                    self._add(("always", i), f"an 'always' line: {error}")
                else:
                    self._word(("always", i), "until", guard)

    def _lists(self) -> None:
        at: At = ("governs",)
        self._all_known(at, "fact", self.workflow.governs, self.workflow.facts, "this file is governed by")
        indexes = self.workflow.indexes
        if indexes.patent:
            self._known(("indexes", "patent"), "fact", indexes.patent, self.workflow.facts, "the patent index reads")
        if indexes.hearing:
            for key, name in indexes.hearing.model_dump().items():
                known = self.events if key == "held" else self.workflow.facts
                if name:
                    self._known(("indexes", "hearing", key), "name", name, known, "the hearing index reads")


def _bases_in(data: Any, at: At) -> Iterator[tuple[At, Any]]:
    if isinstance(data, dict):
        for key, value in data.items():
            here = (*at, str(key))
            if key == "basis":
                yield here, value
            else:
                yield from _bases_in(value, here)
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from _bases_in(value, (*at, i))


def _lengths(rule: Deadline) -> Iterator[Length]:
    options = [rule.length, *(value for chosen in (rule.choose or {}).values() for value in chosen.values())]
    for option in [*options, rule.at_least, rule.at_most]:
        if isinstance(option, Length):
            yield option
        elif isinstance(option, dict):
            yield from option.values()


def parse_citations_quietly(basis: str) -> list[str]:
    """The codes cited; none where the citation cannot be read, which is reported elsewhere."""
    try:
        return [citation.code for citation in parse_citations(basis)]
    except ValueError:
        return []


def _always_names(line: Always) -> Iterator[tuple[str, str]]:
    """Every name of the line, with what it says that it is."""
    for named in (
        line.before,
        line.after,
        line.never,
        *(line.one_of or ()),
        *(line.follows or ()),
        *(line.never_both or ()),
    ):
        if isinstance(named, str):
            yield "event or state", named
        elif named is not None:
            yield ("event", named.event) if named.event else ("state", str(named.state))
