"""What is proved of definitions made by chance, against an exploration that leaves nothing out and the engine."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pytest

from adjudicate.checks import _subjects, check_texts
from adjudicate.checks.abstraction import KNOWN, LAPSED, NEVER, OVERDUE, PASSED, RUNNING, STOPPED, Key
from adjudicate.checks.exploring import Explorer
from adjudicate.checks.space import Space
from adjudicate.checks.subject import Subject
from adjudicate.definition.catalogue import from_texts, survey
from adjudicate.states.standing import Standing, Status
from tests.unit.checks.concrete import Promises, Seen, Walk, listening
from tests.unit.checks.explicit import ERRAND, Explicit, Found
from tests.unit.checks.random_law import drawn
from tests.unit.checks.small_law import FILE

SOAKING = os.environ.get("ADJUDICATE_SOAK") == "1"
LOOKED_AT = range(3000 if SOAKING else 120)
LED = range(1500 if SOAKING else 40)

pytestmark = [pytest.mark.soak] if SOAKING else []


def reported(texts: Mapping[str, str]) -> Found:
    """What check says of the procedure, in the same terms."""
    lines = texts[FILE].splitlines()
    first = lines.index("always:") + 2
    found = Found()
    for fault in (one for one in check_texts(texts).faults if one.file == FILE):
        if "does not hold" in fault.en:
            found.broken.add(fault.line - first)
        found.stranded |= "strands the case" in fault.en
        if unnoticed := re.match(r"deadline '.*?' \((\w+)\) may run out unnoticed", fault.en):
            found.unnoticed.add(unnoticed[1])
    return found


def loading(seeds: range) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The definitions made by chance that load: of the others nothing is proved."""
    for seed in seeds:
        texts = drawn(seed)
        if not survey(texts).faults:
            yield seed, texts


def assert_the_same_is_found(seeds: range) -> Counter[str]:
    found: Counter[str] = Counter()
    for seed, texts in loading(seeds):
        everything = Explicit(texts[FILE], texts["roles.yaml"]).explored()
        assert reported(texts) == everything, f"definition {seed}"
        found.update(name for name in ("broken", "stranded", "unnoticed") if getattr(everything, name))
        found["sound"] += everything == Found()
    return found


def test_slices_and_diagrams_find_what_looking_at_every_state_finds() -> None:
    found = assert_the_same_is_found(LOOKED_AT)
    assert min(found["broken"], found["stranded"], found["sound"]) > len(LOOKED_AT) / 8, found
    assert found["unnoticed"] > 0, found


SEEN_AS = {
    Status.RUNNING: (RUNNING, OVERDUE),
    Status.MISSED: (LAPSED,),
    Status.MET: (STOPPED, PASSED),
    Status.MET_LATE: (PASSED,),
    Status.RELEASED: (STOPPED, PASSED),
}


def procedure_of(texts: Mapping[str, str]) -> Subject:
    return next(one for one in _subjects(survey(texts)) if one.version.path == FILE)


def with_everything_kept(subject: Subject) -> Space:
    workflow = subject.workflow
    keys: list[Key] = [("event", step.event) for step in workflow.steps]
    keys += [("deadline", name) for name in workflow.deadlines]
    keys += [("fact", "colour"), ("fact", "known_on"), *(("role", role) for role in workflow.parties)]
    keys += [("open", kind) for kind in {kind for step in workflow.steps for kind in step.begins}]
    if workflow.incidents:
        keys += [("thread", "errand", ""), *(("event", event) for event in ERRAND)]
    return Explorer(subject).space(keys)


def seen_as(standing: Standing, key: Key) -> tuple[Any, ...]:
    """The values of a variable that describe a real case."""
    kind, name = key[:2]
    if kind == "event":
        return (name in standing.recorded,)
    if kind == "fact":
        value = standing.facts.get(name)
        # Values that nothing tells apart are one for the explorer.
        return (value, "red", "green", "blue") if name == "colour" and value else (KNOWN if value else None,)
    if kind == "role":
        return (any(member.role == name and member.left_on is None for member in standing.members.values()),)
    if kind == "open":
        return (any(one.kind == name and one.until_on is None for one in standing.intervals),)
    if kind == "thread":
        return (any(not thread.final for thread in standing.threads.values()),)
    running = next((one for one in standing.deadlines.values() if one.name == name), None)
    return SEEN_AS[running.status] if running else (NEVER,)


def explored(space: Space, standing: Standing) -> bool:
    """Whether the explorer has been where a real case stands."""
    options = [
        [i for i, value in enumerate(values) if value in seen_as(standing, key)]
        for key, values in zip(space.keys, space.variables.values, strict=True)
    ]
    number = space.reached.get(str(standing.state), 0)
    return any(space.diagrams.holds(number, values) for values in product(*options))


def led(seed: int, subject: Subject, texts: Mapping[str, str], cases: int) -> Iterator[Standing]:
    """Every standing of some cases led by chance; the promises they break are noted."""
    catalogue = from_texts(texts)
    for number in range(cases):
        walk, seen = Walk(catalogue, random.Random(seed * 1000 + number)), Seen()
        with listening(PROMISES[seed], seen):
            walk.begin()
            for _ in range(12):
                assert walk.case.standing is not None
                PROMISES[seed].ended(seen, final=walk.case.standing.closed)
                yield walk.case.standing
                if walk.case.standing.closed:
                    break
                options = walk.options()
                if not options or walk.chance.random() < 0.5:
                    walk.wait(walk.chance.choice((1, 2, 3, 5, 9)))
                else:
                    walk.take(walk.chance.choice(options))


PROMISES: dict[int, Promises] = {}


def assert_no_case_does_what_is_excluded(seeds: range, cases: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for seed, texts in loading(seeds):
        subject = procedure_of(texts)
        guards = {name: condition.guard for name, condition in subject.workflow.conditions.items()}
        promises = PROMISES[seed] = Promises(subject.workflow.always, guards, frozenset(subject.workflow.states))
        space = with_everything_kept(subject)
        for standing in led(seed, subject, texts, cases):
            found["standings"] += 1
            assert explored(space, standing), f"definition {seed}: no state of the explorer fits {standing}"
        said = reported(texts).broken
        assert promises.broken <= said, f"definition {seed}: cases broke {promises.broken}, reported were {said}"
        found["broken"] += len(promises.broken)
        found["reported"] += len(said)
    return found


def test_no_case_of_the_engine_breaks_a_promise_that_is_proved_or_goes_where_the_explorer_has_not_been() -> None:
    found = assert_no_case_does_what_is_excluded(LED, 12)
    assert found["broken"] > found["reported"] * 0.6 > 5, found
