"""Counts which steps, ways, guards and deadlines a run exercised, by listening at the engine's own seams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adjudicate.definition.catalogue import Catalogue
from adjudicate.definition.models import Branch, Step, Workflow
from adjudicate.definition.rulebook import CompiledWorkflow
from adjudicate.states import fold, incident_rules, judge, ledger, machine
from adjudicate.states.machine import NamedCondition
from adjudicate.states.standing import Status
from tests.naive.inheriting import base_of

File = tuple[str, date]
LAW = Path(__file__).resolve().parents[2] / "workflows"


def file_of(workflow: Workflow) -> File:
    """The key and first day in force that name a definition."""
    return workflow.workflow, workflow.in_force.from_


@dataclass
class Watch:
    """What was exercised, by file; steps by their position, since two steps may share an event."""

    steps: Counter[tuple[File, int]] = field(default_factory=Counter)
    ways: Counter[tuple[File, int, str]] = field(default_factory=Counter)
    refused: Counter[tuple[File, int, str]] = field(default_factory=Counter)
    irregular: Counter[tuple[File, int, str]] = field(default_factory=Counter)
    lapsed: Counter[tuple[File, str]] = field(default_factory=Counter)
    met: Counter[tuple[File, str]] = field(default_factory=Counter)
    guards: Counter[tuple[File, str, bool]] = field(default_factory=Counter)
    deaf: bool = False
    _positions: dict[int, dict[int, int]] = field(default_factory=dict)
    _seen: list[CompiledWorkflow] = field(default_factory=list)

    def count(self, counter: Counter[Any], what: Hashable) -> None:
        """Count something that happened, unless nobody is to listen just now."""
        if not self.deaf:
            counter[what] += 1

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Count what happens inside the block, where nothing else is counted."""
        self.deaf = False
        try:
            yield
        finally:
            self.deaf = True

    def position(self, compiled: CompiledWorkflow, step: Step) -> int:
        """Where a step stands in its file."""
        if id(compiled) not in self._positions:
            self._seen.append(compiled)  # kept, so that no other workflow is ever given the same identity
            self._positions[id(compiled)] = {id(one): i for i, one in enumerate(compiled.workflow.steps)}
        return self._positions[id(compiled)][id(step)]


@contextmanager
def watching() -> Iterator[Watch]:
    """Count everything that happens in the engine inside the block."""
    watch = Watch()
    with pytest.MonkeyPatch.context() as patch:
        _listen_to_steps(patch, watch)
        _listen_to_judging(patch, watch)
        _listen_to_deadlines(patch, watch)
        yield watch


def _listen_to_steps(patch: pytest.MonkeyPatch, watch: Watch) -> None:
    destination = fold.Fold._destination

    def counted_destination(self: Any, compiled: CompiledWorkflow, step: Step, occurrence: Any, state: str) -> Any:
        target = destination(self, compiled, step, occurrence, state)
        place = watch.position(compiled, step)
        watch.count(watch.steps, (file_of(compiled.workflow), place))
        if isinstance(step.to, Branch):
            watch.count(watch.ways, (file_of(compiled.workflow), place, str(target)))
            if step.to.if_ is not None and step.to.then != step.to.otherwise:
                watch.count(watch.guards, (file_of(compiled.workflow), step.to.if_, target == step.to.then))
        return target

    patch.setattr(fold.Fold, "_destination", counted_destination)


def _listen_to_judging(patch: pytest.MonkeyPatch, watch: Watch) -> None:
    weigh, unmet = judge.weigh, machine.unmet

    def counted_weigh(*args: Any, **kwargs: Any) -> Any:
        verdict = weigh(*args, **kwargs)
        file, place = file_of(verdict.compiled.workflow), watch.position(verdict.compiled, verdict.step)
        for reason in verdict.refusals:
            if reason.condition in verdict.step.requires:
                watch.count(watch.refused, (file, place, reason.condition))
        for reason in verdict.irregular:
            watch.count(watch.irregular, (file, place, str(reason.condition)))
            if reason.condition not in verdict.step.expects:
                _of_outcomes(verdict, str(reason.condition))
        return verdict

    def _of_outcomes(verdict: Any, condition: str) -> None:
        """A mark that the main procedure expects of what the act brings about there."""
        main = verdict.rulebook.main
        for i, step in enumerate(main.workflow.steps):
            if set(step.by) == {"link"} and condition in step.expects:
                watch.count(watch.irregular, (file_of(main.workflow), i, condition))

    def counted_unmet(condition: NamedCondition, view: Any, pending: Any) -> Any:
        before = len(pending)
        reason = unmet(condition, view, pending)
        if len(pending) == before:
            # The condition that lets an incident open is the procedure's own, though the view is the incident's.
            own = view._compiled.conditions.get(condition.name) is condition
            home = view._compiled if own else view._rulebook.main
            watch.count(watch.guards, (file_of(home.workflow), condition.name, reason is None))
        return reason

    patch.setattr(judge, "weigh", counted_weigh)
    for module in (judge, machine, incident_rules):
        patch.setattr(module, "unmet", counted_unmet)


def _listen_to_deadlines(patch: pytest.MonkeyPatch, watch: Watch) -> None:
    lapse, stop, holds = fold.Fold._lapse, ledger._stop, ledger._holds

    def counted_lapse(self: Any, on: date, running: Any) -> None:
        compiled = self.rulebook.compiled(self._home(running))
        watch.count(watch.lapsed, (file_of(compiled.workflow), running.name))
        lapse(self, on, running)

    def counted_stop(on: Any, name: str, thread: str | None, occurrence: Any) -> None:
        stop(on, name, thread, occurrence)
        for running in ledger._instances(on, name, thread, occurrence.party):
            if running.status is Status.MET and running.ended_on == occurrence.on:
                compiled = on.rulebook.compiled(on._home(running))
                watch.count(watch.met, (file_of(compiled.workflow), name))

    def counted_holds(
        context: Any, compiled: CompiledWorkflow, condition: str, occurrence: Any, *, bound: bool
    ) -> bool:
        held = holds(context, compiled, condition, occurrence, bound=bound)
        watch.count(watch.guards, (file_of(compiled.workflow), condition, held))
        return held

    patch.setattr(fold.Fold, "_lapse", counted_lapse)
    patch.setattr(ledger, "_stop", counted_stop)
    patch.setattr(ledger, "_holds", counted_holds)


@dataclass(frozen=True)
class Demand:
    """One thing that somebody must have seen happen in a file."""

    kind: str
    file: File
    what: str
    seen: bool


def demanded(catalogue: Catalogue, watch: Watch) -> list[Demand]:
    """Everything in every shipped definition that the worked examples have to show, and whether they did.

    What a version inherits unchanged counts as shown where a worked example of its base shows it: the step stands in
    the base's file alone, and its condition reads the same facts and deadlines here as there. A step or deadline that
    the version writes anew is shown anew, and so is a condition that reads something written anew.
    """
    found: list[Demand] = []
    for key, by_day in catalogue.versions_by_key.items():
        for day in by_day:
            found.extend(_with_base(catalogue, watch, (key, day)))
    return found


def _with_base(catalogue: Catalogue, watch: Watch, file: File) -> list[Demand]:
    own = catalogue.versions_by_key[file[0]][file[1]].workflow
    demands = list(_of_file(own, watch))
    named = base_of(LAW, file[0], file[1].isoformat())
    if named is None:
        return demands
    key, _, day = named.partition("/")
    base = key, date.fromisoformat(day)
    shown = {(one.kind, one.what) for one in _with_base(catalogue, watch, base) if one.seen}
    same = Unchanged(own, catalogue.versions_by_key[base[0]][base[1]].workflow)
    return [
        replace(one, seen=True) if not one.seen and (one.kind, one.what) in shown and same.is_so(one) else one
        for one in demands
    ]


class Unchanged:
    """Which entries of a version are those of its base; citations are left aside."""

    def __init__(self, own: Workflow, base: Workflow) -> None:
        self._own, self._base = _entries(own), _entries(base)
        self._known: dict[tuple[str, str], bool] = {}

    def is_so(self, demand: Demand) -> bool:
        """Whether the step or deadline that a demand speaks of is the base's, and the condition with all it reads."""
        if demand.kind.startswith("deadlines"):
            return self._same("deadlines", demand.what)
        event, _, rest = demand.what.partition(" from ")
        _, _, condition = rest.partition(": ")
        return self._same("steps", event) and (not condition or self.reads_the_same("conditions", condition))

    def _same(self, section: str, name: str) -> bool:
        return self._own.get((section, name)) == self._base.get((section, name))

    def reads_the_same(self, section: str, name: str) -> bool:
        """Whether an entry and all that it reads are the base's."""
        entry = section, name
        if entry not in self._known:
            self._known[entry] = True  # two entries that name each other are judged by what else they name
            named = ((other, word) for word in _words(self._own[entry]) for other in _READ)
            others = [one for one in named if one in self._own]
            self._known[entry] = self._same(*entry) and all(self.reads_the_same(*other) for other in others)
        return self._known[entry]


# What a condition may read.
_READ = ("conditions", "deadlines", "facts")


def _entries(workflow: Workflow) -> dict[tuple[str, str], Any]:
    """The named entries as plain data without their citations, which may be dated otherwise by version."""
    data = _uncited(workflow.model_dump(mode="json", by_alias=True))
    found: dict[tuple[str, str], Any] = {}
    for section in (*_READ, "parties"):
        found.update({(section, name): entry for name, entry in data[section].items()})
    for step in data["steps"]:
        found.setdefault(("steps", step["event"]), []).append(step)
    return found


def _uncited(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _uncited(inner) for key, inner in value.items() if key != "basis"}
    return [_uncited(inner) for inner in value] if isinstance(value, list) else value


def _words(value: Any) -> Iterator[str]:
    """Every word in an entry that might be a name."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner)
    elif isinstance(value, str):
        yield value


def _of_file(workflow: Workflow, watch: Watch) -> Iterator[Demand]:
    file = file_of(workflow)
    stopped = {name for step in workflow.steps for name in step.stops}
    for place, step in enumerate(workflow.steps):
        says = f"{step.event} from {'/'.join(step.from_)}"
        yield Demand("steps", file, says, (file, place) in watch.steps)
        if isinstance(step.to, Branch):
            for target in CompiledWorkflow(workflow, incident=None).destinations(step):
                yield Demand("ways", file, f"{says} → {target}", (file, place, target) in watch.ways)
        for name in step.requires:
            yield Demand("requires refused", file, f"{says}: {name}", (file, place, name) in watch.refused)
        for name in step.expects:
            yield Demand("expects irregular", file, f"{says}: {name}", (file, place, name) in watch.irregular)
    for name in workflow.deadlines:
        yield Demand("deadlines lapsed", file, name, (file, name) in watch.lapsed)
        if name in stopped:
            yield Demand("deadlines met", file, name, (file, name) in watch.met)


def table(demands: list[Demand]) -> str:
    """How much of each kind was seen in each file."""
    kinds = list(dict.fromkeys(one.kind for one in demands))
    lines = [f"{'file':44}" + "".join(f"{kind:>20}" for kind in kinds)]
    for file in dict.fromkeys(one.file for one in demands):
        cells = []
        for kind in kinds:
            those = [one for one in demands if one.file == file and one.kind == kind]
            cells.append(f"{sum(one.seen for one in those)}/{len(those)}" if those else "–")
        lines.append(f"{file[0] + ' ' + str(file[1]):44}" + "".join(f"{cell:>20}" for cell in cells))
    return "\n".join(lines)
