"""Which open cases a change of an article would touch: those in whose stage, or for whose deadlines, it still matters.

What only time does (a lapse) is no reason by itself: while it may still come, its deadline runs. Nor is a document of a
register that names the article: the step that issues it says by what law it does in its version.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from adjudicate.definition.article_index import Asked
from adjudicate.definition.catalogue import Catalogue
from adjudicate.definition.models import ANY, CLOCK, Overlay, Step, Workflow
from adjudicate.errors import NoLawInForce

Version = tuple[str, date]


@dataclass(frozen=True, slots=True)
class Touched:
    """Open cases under one version: in one of these stages something that rests on the article is still to come, or
    one of these deadlines, which rest on it, may run.

    With a `region` (a GB/T 2260 code) only cases of that province or city.
    """

    key: str
    day: date
    states: frozenset[str]
    deadlines: frozenset[str]
    region: str | None = None

    @property
    def codes(self) -> str:
        """What the codes of the regions begin with: 33 for the province 330000, 3301 for its city 330100."""
        whole = (self.region or "").removesuffix("00")
        return whole.removesuffix("00")


@dataclass
class _Names:
    """What of one definition rests on the article, by section."""

    whole: bool = False
    by_section: dict[str, set[str | int]] = field(default_factory=dict)

    def of(self, section: str) -> set[str | int]:
        return self.by_section.get(section, set())


def touched(catalogue: Catalogue, asked: Asked) -> tuple[Touched, ...]:
    """Which open cases would be touched, version by version; those where nothing can be left out."""
    names: dict[Version, _Names] = {}
    for one in asked.resting:
        section, name = one.at
        if one.home.region is None and one.home.day is not None:
            found = names.setdefault((one.home.key, one.home.day), _Names())
            found.whole = found.whole or not section
            found.by_section.setdefault(section, set()).add(name)
    result = []
    for key in catalogue.keys():  # noqa: SIM118 - a catalogue is no mapping
        for day, version in sorted(catalogue.versions_by_key[key].items()):
            found_here = _of_version(catalogue, (key, day), version.workflow, names)
            if found_here.states or found_here.deadlines:
                result.append(found_here)
    return (*result, *_of_local_rules(catalogue, asked))


def _of_version(catalogue: Catalogue, which: Version, workflow: Workflow, names: Mapping[Version, _Names]) -> Touched:
    own = names.get(which, _Names())
    deadlines = {str(name) for name in own.of("deadlines")}
    inside = set()
    for use in workflow.incidents:
        inner = _inner(catalogue, use.opens, which[1])
        if inner is not None and inner in names:
            inside.add(use.opens)
            deadlines |= {str(name) for name in names[inner].of("deadlines")}
    open_states = frozenset(name for name, state in workflow.states.items() if not state.final)
    if own.whole:
        return Touched(*which, open_states, frozenset(deadlines))
    starts = {state for step in _relevant(workflow, own) for state in _from(step.from_, open_states)}
    for i, use in enumerate(workflow.incidents):
        if i in own.of("incidents") or use.opens in inside:
            starts |= _from(use.while_, open_states)
    starts |= {str(name) for name in own.of("states")}
    return Touched(*which, _leading_to(workflow, starts & open_states, open_states), frozenset(deadlines))


def _inner(catalogue: Catalogue, key: str, day: date) -> Version | None:
    try:
        return key, catalogue.selected(key, day)
    except NoLawInForce:
        return None


def _relevant(workflow: Workflow, own: _Names) -> Iterator[Step]:
    """The steps that rest on the article or on a condition or a deadline that does; lapses left out."""
    conditions, deadlines = own.of("conditions"), own.of("deadlines")
    for i, step in enumerate(workflow.steps):
        if set(step.by) == {CLOCK}:
            continue
        branch = getattr(step.to, "if_", None)
        asked = {*step.requires, *step.expects, *step.advises, branch}
        asked |= {start.if_ for start in step.starts if not isinstance(start, str)}
        moved = {start if isinstance(start, str) else start.deadline for start in step.starts}
        moved |= {step.extends.deadline} if step.extends else set()
        if i in own.of("steps") or asked & conditions or moved & deadlines:
            yield step


def _from(written: Iterable[str], open_states: frozenset[str]) -> frozenset[str]:
    named = frozenset(written)
    return open_states if ANY in named else named


def _leading_to(workflow: Workflow, goals: Iterable[str], open_states: frozenset[str]) -> frozenset[str]:
    """The states from which one of the goals can still be reached, themselves included."""
    before: dict[str, set[str]] = {}
    for step in workflow.steps:
        for target in _targets(step):
            before.setdefault(target, set()).update(_from(step.from_, open_states))
    found, waiting = set(goals), list(goals)
    while waiting:
        for state in before.get(waiting.pop(), set()) - found:
            found.add(state)
            waiting.append(state)
    return frozenset(found) & open_states


def _targets(step: Step) -> set[str]:
    if step.to is None or isinstance(step.to, str):
        return set() if step.to is None else {step.to}
    if step.to.choose is not None:
        return {state for by_value in step.to.choose.values() for state in by_value.values()}
    return {state for state in (step.to.then, step.to.otherwise) if state}


def _of_local_rules(catalogue: Catalogue, asked: Asked) -> Iterator[Touched]:
    """Local rules that rest on the article touch the cases of their region, by their deadlines and what they raise."""
    for key in catalogue.keys():  # noqa: SIM118 - a catalogue is no mapping
        for rule in catalogue.local_rules(key):
            overlay = rule.overlay
            names = {
                one.at for one in asked.resting if (one.home.key, one.home.region, one.home.day) == _place(overlay)
            }
            if not names:
                continue
            whole = ("", "") in names
            own = _Names(by_section={"deadlines": {n for n in overlay.deadlines if whole or ("deadlines", n) in names}})
            own.by_section["conditions"] = set(overlay.raises) if whole else set()
            for day, version in sorted(catalogue.versions_by_key[key].items()):
                if rule in catalogue.overlays(key, day, overlay.region):
                    open_states = frozenset(n for n, state in version.workflow.states.items() if not state.final)
                    steps = _relevant(version.workflow, own)
                    goals = {state for step in steps for state in _from(step.from_, open_states)} & open_states
                    states = _leading_to(version.workflow, goals, open_states)
                    yield Touched(key, day, states, frozenset(map(str, own.of("deadlines"))), overlay.region)


def _place(overlay: Overlay) -> tuple[str, str, date]:
    return overlay.overlay, overlay.region, overlay.in_force.from_
