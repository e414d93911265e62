"""Whether a case that moves from one version of a procedure to the next finds everything it stands on by name."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping

from adjudicate.checks.naming import quoted
from adjudicate.checks.structure import backwards
from adjudicate.checks.subject import Passage, Subject, reachable_from, started
from adjudicate.definition.models import NOTHING
from adjudicate.definition.shared_models import Label
from adjudicate.errors import Fault
from adjudicate.law.text import Text


def faults(older: Subject, newer: Subject) -> Iterator[Fault]:
    """What a case may hold when a later day selects the newer version, and the newer version does not know."""
    selecting = _selecting(older)
    if not selecting:
        return
    before = _before(older, selecting)
    for name in sorted(before - {NOTHING}):
        if name not in newer.compiled.states:
            yield newer.fault(
                ("in_force",),
                "本版本自 {day} 起接手时，案件可能处于{state}，但本版本没有该阶段",
                "a case may stand in {state} when this version takes over on {day}, but it has no such state",
                state=older.naming.state(name),
                day=str(newer.workflow.in_force.from_),
            )
    for passage in selecting:
        lost = (
            passage.source in newer.compiled.states and newer.compiled.step(passage.step.event, passage.source) is None
        )
        if passage.source in before and lost:
            yield newer.fault(
                ("in_force",),
                "{step}在{state}确定适用本版本，但本版本在该阶段没有这一步骤",
                "{step} selects this version in {state}, but here it has no step from there",
                step=older.naming.step(passage.step),
                state=older.naming.state(passage.source),
            )
    yield from _carried(older, newer, before)


def _selecting(older: Subject) -> list[Passage]:
    """The steps, after the first, that make a day known which selects the version."""
    governs = set(older.workflow.governs)
    return [
        passage
        for passage in older.passages
        if passage.source != NOTHING and governs & {*passage.step.records, *passage.step.may_record}
    ]


def _unselected(older: Subject) -> tuple[Passage, ...]:
    """The ways a case may go before the day of highest precedence is known."""
    first = older.workflow.governs[0]
    return tuple(passage for passage in older.passages if first not in passage.step.records)


def _before(older: Subject, selecting: list[Passage]) -> frozenset[str]:
    """The states in which a case may stand when another version comes to govern it."""
    return reachable_from(_unselected(older), (NOTHING,)) & {passage.source for passage in selecting}


def _carried(older: Subject, newer: Subject, before: frozenset[str]) -> Iterator[Fault]:
    passages = _unselected(older)
    earlier = reachable_from(passages, (NOTHING,)) & backwards(passages, set(before))
    taken = [passage for passage in passages if passage.source in earlier and passage.target in earlier]
    facts = {name for passage in taken for name in passage.step.takes}
    running = {name for passage in taken for name in started(passage.step)}
    open_ones = {use.opens for use in older.workflow.incidents if earlier & set(use.while_)}
    naming = older.naming
    yield from _lost(older, newer, ("事实{}", "the fact {}"), _named(facts, newer.compiled.facts, naming.fact))
    deadlines = _named(running, newer.compiled.deadlines, naming.deadline)
    yield from _lost(older, newer, ("期限{}", "the deadline {}"), deadlines)
    yield from _lost(
        older, newer, ("附随程序{}", "the incident {}"), _named(open_ones, newer.incidents, naming.incident)
    )
    for key in sorted(open_ones & set(newer.incidents)):
        old, new = older.incidents[key], newer.incidents[key]
        incident = naming.incident(key)
        standing = {name: state.label for name, state in old.states.items() if not state.final}
        ways = (f"处于{{}}的附随程序{incident.zh}", f"a thread of {incident.en} in the state {{}}")
        yield from _lost(older, newer, ways, _labelled(standing, new.states))
        counting = {name: rule.label for name, rule in old.deadlines.items()}
        ways = (f"带有期限{{}}的附随程序{incident.zh}", f"a thread of {incident.en} with the deadline {{}}")
        yield from _lost(older, newer, ways, _labelled(counting, new.deadlines))


def _named(names: Iterable[str], known: Container[str], call: Callable[[str], Text]) -> list[Text]:
    """What the newer version does not know, as the older one calls it."""
    return [call(name) for name in sorted(names) if name not in known]


def _labelled(labels: Mapping[str, Label], known: Container[str]) -> list[Text]:
    return [quoted(label, name) for name, label in sorted(labels.items()) if name not in known]


def _lost(older: Subject, newer: Subject, what: tuple[str, str], names: list[Text]) -> Iterator[Fault]:
    for name in names:
        yield newer.fault(
            ("in_force",),
            "案件可能从 {day} 的版本带来{what}，但本版本没有同名者",
            "a case may bring {what} from the version of {day}, but this version has none of that name",
            what=Text(what[0].format(name.zh), what[1].format(name.en)),
            day=str(older.workflow.in_force.from_),
        )
