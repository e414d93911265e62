"""Reading a stream: which acts are in effect, in which order they are folded, and which derived rows still stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adjudicate.states.entries import DERIVED, Entry, EntryKind
from adjudicate.states.standing import Standing
from adjudicate.states.threads import incident_of, number_of

Place = tuple[int, ...]


def live_acts(entries: Sequence[Entry]) -> list[Entry]:
    """The acts in effect, neither void nor superseded, in the order of day and place."""
    void = _void(entries)
    acts = {entry.sequence: entry for entry in entries if entry.kind is EntryKind.ACT}
    replaced = {act.supersedes for act in acts.values() if act.supersedes is not None and act.sequence not in void}
    live = [act for act in acts.values() if act.sequence not in void and act.sequence not in replaced]
    return sorted(live, key=lambda act: (act.effective_on, place(act, acts)))


def place(act: Entry, acts: dict[int, Entry]) -> Place:
    """Where an act stands among those of its day: its own sequence, that of the act it supersedes when the day is
    unchanged, or just ahead of the act it was entered before."""
    if act.supersedes is not None and acts[act.supersedes].effective_on == act.effective_on:
        return place(acts[act.supersedes], acts)
    if act.before is not None and act.before in acts and acts[act.before].effective_on == act.effective_on:
        return (*place(acts[act.before], acts)[:-1], -1, act.sequence, 0)
    return (act.sequence, 0)


def _void(entries: Sequence[Entry]) -> set[int]:
    """Rows without effect. A void row may itself be void, so the latest speak first."""
    void: set[int] = set()
    for entry in reversed(entries):
        if entry.kind is EntryKind.VOIDED and entry.sequence not in void and entry.target is not None:
            void.add(entry.target)
    return void


def standing_derived(entries: Iterable[Entry]) -> dict[str, Entry]:
    """The derived rows that were announced and not withdrawn, by key."""
    announced: dict[str, Entry] = {}
    by_sequence: dict[int, Entry] = {}
    for entry in entries:
        by_sequence[entry.sequence] = entry
        if entry.kind in DERIVED and entry.key is not None:
            announced[entry.key] = entry
        elif entry.kind is EntryKind.WITHDRAWN and entry.target in by_sequence:
            announced.pop(str(by_sequence[entry.target].key), None)
    return announced


def standing_rows(entries: Sequence[Entry]) -> set[int]:
    """The rows whose consequences outside the stream still stand: those in effect, and those that acts in effect
    supersede without changing what happened."""
    acts = {entry.sequence: entry for entry in entries if entry.kind is EntryKind.ACT}
    standing = {entry.sequence for entry in standing_derived(entries).values()}
    for act in live_acts(entries):
        former: Entry | None = act
        while former is not None and former.event == act.event:
            standing.add(former.sequence)
            former = acts.get(former.supersedes or 0)
    return standing


def marks(entries: Sequence[Entry]) -> dict[int, list[str]]:
    """The irregularity marks of the acts in effect: act by act, the conditions that did not hold."""
    live = {act.sequence for act in live_acts(entries)}
    return {sequence: names for sequence, names in all_marks(entries).items() if sequence in live}


def all_marks(entries: Iterable[Entry]) -> dict[int, list[str]]:
    """The marks of all acts, with those that are void or superseded and may be restored."""
    found: dict[int, list[str]] = {}
    for entry in entries:
        if entry.kind is EntryKind.ACT and entry.irregular:
            found[entry.sequence] = list(entry.irregular)
        elif entry.kind is EntryKind.IRREGULARITY_SET and entry.target is not None:
            found.setdefault(entry.target, []).append(entry.facts["condition"])
        elif entry.kind is EntryKind.IRREGULARITY_LIFTED and entry.target is not None:
            found.get(entry.target, []).remove(entry.facts["condition"])
    return {sequence: names for sequence, names in found.items() if names}


def joined_ids(entries: Iterable[Entry]) -> set[str]:
    """Every id that a party was ever given, whatever became of the act since."""
    return {joining.party for entry in entries if entry.kind is EntryKind.ACT for joining in entry.joins}


def keep_counts(standing: Standing, entries: Iterable[Entry]) -> None:
    """Set what a standing counts over the whole stream, whatever became of the acts since."""
    opened: dict[str, int] = {}
    joined = 0
    for entry in entries:
        if entry.kind is not EntryKind.ACT:
            continue
        joined += len(entry.joins)
        if entry.thread is not None:
            incident = incident_of(entry.thread)
            opened[incident] = max(opened.get(incident, 0), number_of(entry.thread))
    standing.opened_threads, standing.joined = opened, joined
