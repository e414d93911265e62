"""What a command brings about: rows numbered for the stream, moved dates, documents and numbers; it decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from adjudicate.definition.models import Step
from adjudicate.definition.rulebook import Rulebook
from adjudicate.law.values import value
from adjudicate.states.entries import DocumentDue, Entry, EntryKind, Moved, NumberDue, Reason
from adjudicate.states.fold import Derived
from adjudicate.states.judge import Verdict
from adjudicate.states.standing import Standing, Status


@value
class Result:
    """What a command brings about: rows to append in order, the new standing, and what follows outside the stream."""

    entries: tuple[Entry, ...]
    standing: Standing
    moved: tuple[Moved, ...] = ()
    documents: tuple[DocumentDue, ...] = ()
    numbers: tuple[NumberDue, ...] = ()
    advice: tuple[Reason, ...] = ()
    irregular: tuple[Reason, ...] = ()


@dataclass
class Rows:
    """The rows of one command on their way into the stream, numbered without a gap."""

    next_sequence: int
    entries: list[Entry] = field(default_factory=list)

    def add(self, make: Callable[[int], Entry]) -> Entry:
        """Append the row that `make` builds for the next sequence."""
        return self.append(make(self.next_sequence))

    def append(self, entry: Entry) -> Entry:
        """Append a row that bears the next sequence."""
        self.entries.append(entry)
        self.next_sequence += 1
        return entry

    def announce(self, derived: Iterable[Derived]) -> None:
        """Append rows that follow from acts, rules and the calendar."""
        for one in derived:
            self.append(_announced(self.next_sequence, one))


def _announced(sequence: int, one: Derived) -> Entry:
    return Entry(
        sequence=sequence,
        kind=one.kind,
        event=one.event,
        effective_on=one.effective_on,
        by=one.by,
        thread=one.thread,
        party=one.party,
        facts=dict(one.facts),
        cause=one.cause,
        key=one.key,
    )


def compared(announced: Mapping[str, Entry], derived: Iterable[Derived]) -> tuple[list[Entry], list[Derived]]:
    """The announced rows that no longer follow as they stand, and the derived ones that are not announced as such."""
    now = {one.key: one for one in derived}
    kept = {key for key, entry in announced.items() if key in now and _says(entry, now[key])}
    gone = [entry for key, entry in announced.items() if key not in kept]
    return gone, [one for key, one in now.items() if key not in kept]


def _says(entry: Entry, one: Derived) -> bool:
    """Whether a row tells what was derived; the facts that came with it may have been corrected since."""
    return (entry.effective_on, entry.party, dict(entry.facts)) == (one.effective_on, one.party, dict(one.facts))


def act_entry(sequence: int, verdict: Verdict) -> Entry:
    draft = verdict.draft
    return Entry(
        sequence=sequence,
        kind=EntryKind.ACT,
        event=draft.event,
        effective_on=draft.effective_on,
        by=str(draft.by),
        thread=draft.thread,
        party=draft.party,
        effective_at=draft.effective_at,
        facts=dict(draft.facts),
        joins=draft.joins,
        irregular=tuple([str(reason.condition) for reason in verdict.irregular]),
        reason=draft.reason,
    )


def result_of(
    rulebook: Rulebook,
    rows: Rows,
    before: Standing | None,
    after: Standing,
    verdict: Verdict | None = None,
    former: Iterable[Entry] = (),
) -> Result:
    """What the rows bring about; `former` are the rows that they may supersede."""
    documents, numbers = _owed(rulebook, rows.entries, verdict, former)
    return Result(
        entries=tuple(rows.entries),
        standing=after,
        moved=moved(before, after),
        documents=tuple(documents),
        numbers=tuple(numbers),
        advice=verdict.advice if verdict else (),
        irregular=verdict.irregular if verdict else (),
    )


def moved(before: Standing | None, after: Standing) -> tuple[Moved, ...]:
    old, new = {} if before is None else before.deadlines, after.deadlines
    found = []
    for key, was, now in zip(old, old.values(), map(new.get, old), strict=True):
        if now is was:
            continue
        if now is None:
            found.append(Moved(key, was.due_on, None, str(Status.RELEASED)))
        elif was.due_on != now.due_on or was.status is not now.status:
            found.append(Moved(key, was.due_on, now.due_on, str(now.status)))
    found += [Moved(key, None, now.due_on, str(now.status)) for key, now in new.items() if key not in old]
    return tuple(found)


_EFFECTIVE = (EntryKind.ACT, EntryKind.LAPSE, EntryKind.CONSEQUENCE)


def _owed(
    rulebook: Rulebook, entries: Sequence[Entry], verdict: Verdict | None, former: Iterable[Entry]
) -> tuple[list[DocumentDue], list[NumberDue]]:
    """The documents to issue and the numbers to draw, or to mark void, for the rows that take effect."""
    documents: list[DocumentDue] = []
    numbers: list[NumberDue] = []
    events = {one.sequence: one.event for one in (*former, *entries)}
    for entry in entries:
        steps = _taken(rulebook, entry, verdict)
        # What the superseded act asked for stays asked for where the same thing happened, only otherwise.
        if entry.supersedes is None or events.get(entry.supersedes) != entry.event:
            issued = dict.fromkeys([name for step in steps for name in step.issues])
            documents += [DocumentDue(name, entry.sequence, entry.party, entry.thread) for name in issued]
        for step in steps[:1]:
            if step.numbers and entry.supersedes is None:
                numbers.append(NumberDue(step.numbers, entry.effective_on.year, entry.sequence))
            if step.voids_number:
                numbers.append(NumberDue(step.voids_number, entry.effective_on.year, entry.sequence, void=True))
    return documents, numbers


def _taken(rulebook: Rulebook, entry: Entry, verdict: Verdict | None) -> Sequence[Step]:
    """The steps that an effective row may have taken: the one that was judged, else all of its event."""
    if entry.kind is EntryKind.ACT and verdict is not None and entry.event == verdict.step.event:
        return (verdict.step,)
    if entry.kind in _EFFECTIVE and entry.event in rulebook.homes:
        return rulebook.compiled(rulebook.homes[entry.event]).events[entry.event]
    return ()
