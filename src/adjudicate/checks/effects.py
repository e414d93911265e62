"""What a step does to the variables a slice keeps: deadlines, uncounted time, events and what is owed; no guards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adjudicate.checks.abstraction import LAPSED, PASSED, RUNNING, STOPPED, Key, Seen, Value, holds, keys_of
from adjudicate.checks.subject import Subject
from adjudicate.definition.models import NOTHING, Start, Step

Kept = tuple[list[Value], frozenset[Key]]


class Effects:
    """The effects of every step of a definition upon one slice, in the order in which the ledger has them."""

    def __init__(self, subject: Subject, index: Mapping[Key, int]) -> None:
        self._subject, self._index = subject, index

    def of(self, step: Step, place: str, given: tuple[Value, ...]) -> Iterator[Kept]:
        """The values after the step, with the variables that would settle which of several they are."""
        kept = list(given)
        self._plain(step, kept)
        versions: list[Kept] = [(kept, frozenset())]
        if step.extends is not None:
            at = self._index.get(("deadline", step.extends.deadline))
            if at is not None and kept[at] == LAPSED:
                versions.append(([*kept[:at], RUNNING, *kept[at + 1 :]], frozenset()))
        for one in step.starts:
            at = self._index.get(("deadline", one.deadline if isinstance(one, Start) else one))
            if at is None:
                continue
            options, wants = self._begins(one, place, given)
            versions = [
                ([*values[:at], RUNNING if begins else values[at], *values[at + 1 :]], unsettled | wants)
                for values, unsettled in versions
                for begins in options
            ]
        yield from versions

    def _plain(self, step: Step, kept: list[Value]) -> None:
        self._set(kept, ("event", step.event), value=True)
        for kind in step.ends:
            self._set(kept, ("open", kind), value=False)
        for kind in step.begins:
            self._set(kept, ("open", kind), value=True)
        for name in step.stops:
            at = self._index.get(("deadline", name))
            if at is not None and kept[at] in (RUNNING, LAPSED):
                kept[at] = STOPPED if kept[at] == RUNNING else PASSED
        for name in step.restarts:
            self._set(kept, ("deadline", name), RUNNING)

    def _set(self, kept: list[Value], key: Key, value: Value) -> None:
        if key in self._index:
            kept[self._index[key]] = value

    def _begins(
        self, one: Start | str, place: str, given: tuple[Value, ...]
    ) -> tuple[tuple[bool, ...], frozenset[Key]]:
        if not isinstance(one, Start):
            return (True,), frozenset()
        word = self._subject.compiled.conditions[one.if_].word
        found = holds(word, Seen(place, given, self._index, is_incident=self._subject.is_incident))
        if found is not None:
            return (found,), frozenset()
        return (True, False), frozenset(key for key in keys_of(word) if key not in self._index)

    def arrived(self, kept: list[Value], step: Step, source: str, target: str) -> tuple[Value, ...]:
        """The values once the step has led somewhere: an end releases what runs, and what is asked about is noted."""
        ends = target != NOTHING and self._subject.compiled.states[target].final
        entered = target if target != source else None
        noted = list(kept)
        for key, i in self._index.items():
            if key[0] == "deadline" and ends and noted[i] == RUNNING:
                noted[i] = STOPPED
            elif key[0] == "entered" and key[1] == entered:
                noted[i] = True
            elif key[0] == "owed":
                # A step that is both what is owed and what begins the debt pays it.
                happened = {("event", step.event), ("state", entered)}
                names = list(zip(key[1::2], key[2::2], strict=True))
                if happened & set(names[1:]):
                    noted[i] = False
                elif names[0] in happened:
                    noted[i] = True
        return tuple(noted)
