"""Late entries and corrections: the whole history folded again with them in place, and judged again from there on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from adjudicate import errors
from adjudicate.definition.models import CLOCK
from adjudicate.states import history, judge
from adjudicate.states.entries import Correction, Draft, Entry, EntryKind, Joining, Reason
from adjudicate.states.fold import Fold, LegalContext
from adjudicate.states.judge import Verdict, begin, refuse
from adjudicate.states.naming import CaseNames
from adjudicate.states.result import Result, Rows, act_entry, compared, result_of
from adjudicate.states.standing import Standing
from adjudicate.states.threads import incident_of


def revise(
    legal: LegalContext,
    stored: Standing,
    announced: Result,
    corrections: Sequence[Correction],
    *,
    today: date,
    roles: Collection[str],
    stream: Sequence[Entry],
) -> Result:
    """Put late or corrected acts in their place, fold everything again and judge again what comes after them."""
    rows = Rows(len(stream) + len(announced.entries) + 1, list(announced.entries))
    if rows.next_sequence != (stream[-1].sequence if stream else 0) + len(announced.entries) + 1:
        raise AssertionError("the stream has a gap")
    entries = [*stream, *announced.entries]
    added: list[Entry] = []
    for correction in corrections:
        added.append(rows.add(partial(_proposed, correction=correction, entries=entries, added=added)))
    accepted = {
        row.sequence for row, one in zip(added, corrections, strict=True) if one.act and one.act.accept_irregular
    }
    revised = _Revision(legal, entries, added, accepted, today=today, roles=roles)
    final = revised.run()
    rows.entries[len(announced.entries) : len(announced.entries) + len(added)] = final
    _reconcile(rows, entries, revised, final)
    folding = revised.fold
    folding.standing.marks = history.marks([*stream, *rows.entries])
    history.keep_counts(folding.standing, [*stream, *rows.entries])
    verdict = next((revised.verdicts[e.sequence] for e in final if e.sequence in revised.verdicts), None)
    return result_of(folding.rulebook, rows, stored, folding.standing, verdict, former=entries)


def _proposed(sequence: int, correction: Correction, entries: Sequence[Entry], added: Sequence[Entry]) -> Entry:
    """The row that a correction asks for, before it is judged. Raises CorrectionNotPossible."""
    draft = correction.act
    if correction.target:
        _check_target(correction, entries, added)
    if draft is None:
        target = next(entry for entry in entries if entry.sequence == correction.target)
        return Entry(
            sequence=sequence,
            kind=EntryKind.VOIDED,
            event=EntryKind.VOIDED,
            effective_on=target.effective_on,
            by=target.by,
            thread=target.thread,
            party=target.party,
            reason=correction.reason,
            target=correction.target,
        )
    acts = {entry.sequence: entry for entry in (*entries, *added) if entry.kind is EntryKind.ACT}
    if draft.before is not None and (draft.before not in acts or acts[draft.before].effective_on != draft.effective_on):
        raise errors.CorrectionNotPossible(
            zh=f"补录的事项发生于{draft.effective_on}，只能置于同日已记录的事项之前",
            en=f"the late act is of {draft.effective_on} and can be put ahead of a recorded act of that day only",
        )
    replaced = acts.get(correction.target)
    return Entry(
        sequence=sequence,
        kind=EntryKind.ACT,
        event=draft.event,
        effective_on=draft.effective_on,
        by=draft.by or "",
        thread=draft.thread or _thread_of(replaced, acts),
        party=draft.party,
        effective_at=draft.effective_at,
        facts=dict(draft.facts),
        joins=_joins_of(draft, replaced),
        reason=correction.reason or draft.reason,
        supersedes=correction.target or None,
        before=draft.before,
    )


def _thread_of(replaced: Entry | None, acts: Mapping[int, Entry]) -> str | None:
    """The thread that the superseded act had opened: later acts speak of it by that id."""
    if replaced is None or replaced.thread is None:
        return None
    first = min(act.sequence for act in acts.values() if act.thread == replaced.thread)
    opened, former = replaced, acts.get(replaced.supersedes or 0)
    # What was corrected before opened the thread in its predecessor's stead.
    while former is not None and former.thread == replaced.thread:
        opened, former = former, acts.get(former.supersedes or 0)
    return replaced.thread if first == opened.sequence else None


def _joins_of(draft: Draft, replaced: Entry | None) -> tuple[Joining, ...]:
    """Those who join with a superseding act keep the ids they had; left out altogether, they join as before."""
    if replaced is None or replaced.event != draft.event:
        return draft.joins
    if not draft.joins:
        return replaced.joins
    stated = {one.party for one in draft.joins}
    held: dict[str, list[str]] = {}
    for one in replaced.joins:
        if one.party not in stated:
            held.setdefault(one.role, []).append(one.party)
    kept = []
    for one in draft.joins:
        ids = held.get(one.role, [])
        kept.append(replace(one, party=one.party or (ids.pop(0) if ids else "")))
    return tuple(kept)


def _check_target(correction: Correction, entries: Sequence[Entry], added: Sequence[Entry]) -> None:
    target = next((entry for entry in entries if entry.sequence == correction.target), None)
    # A voiding may be voided in its turn, but there is no act in it that another could stand for.
    corrigible = (EntryKind.ACT,) if correction.act is not None else (EntryKind.ACT, EntryKind.VOIDED)
    if target is None:
        raise errors.CorrectionNotPossible(
            zh=f"第 {correction.target} 号记录不存在，请核对案件的记录",
            en=f"row {correction.target} does not exist: look at the record of the case",
        )
    if target.kind not in corrigible:
        raise errors.CorrectionNotPossible(
            zh=f"第 {correction.target} 号记录不是由人员作出的事项，不能更正；请更正引起该记录的事项",
            en=f"row {correction.target} is no act of a person: correct the act that it follows from instead",
        )
    everything = [*entries, *added]
    live = {act.sequence for act in history.live_acts(everything)}
    restores = correction.act is not None or target.kind is EntryKind.VOIDED
    if target.sequence not in live and not restores:
        raise errors.CorrectionNotPossible(
            zh=f"第 {correction.target} 号记录已被更正或者作废，无须再次作废",
            en=f"row {correction.target} was superseded or voided before and need not be voided again",
        )
    if correction.act is not None and any(
        entry.supersedes == target.sequence and entry.sequence in live for entry in everything
    ):
        raise errors.CorrectionNotPossible(
            zh=f"第 {correction.target} 号记录已被更正，请更正取代它的最新记录",
            en=f"row {correction.target} was superseded: correct the latest row, which stands in its place",
        )


class _Revision:
    """One pass over the whole history with the new rows in it; judges what lies at or after the first change."""

    def __init__(
        self,
        legal: LegalContext,
        entries: Sequence[Entry],
        added: Sequence[Entry],
        accepted: Collection[int],
        *,
        today: date,
        roles: Collection[str],
    ) -> None:
        self._legal, self._today, self._roles, self._accepted = legal, today, roles, accepted
        self._entries, self._added = list(entries), list(added)
        self._own = {entry.sequence for entry in added if entry.kind is EntryKind.ACT}
        self._completed: list[Entry] = []
        self.verdicts: dict[int, Verdict] = {}
        self.fold: Fold

    def run(self) -> list[Entry]:
        """The new rows as completed by judging. Raises StepRefused and HistoryContradicted."""
        acts = history.live_acts([*self._entries, *self._added])
        before = history.live_acts(self._entries)
        changed_from = _changed_day(before, acts)
        judged: list[Entry] = []
        started: Fold | None = None
        for act in acts:
            standing = None if started is None else self._lapsed(started, act)
            if act.effective_on >= changed_from:
                act = self._judged(standing, act)  # noqa: PLW2901 - the completed act replaces the proposed one
            judged.append(act)
            if started is None:
                started = Fold(self._legal, begin(self._legal, act))
            known = len(started.not_startable)
            started.act(act)
            self._check_started(started, act, known)
        if started is None:
            raise errors.HistoryContradicted(
                zh="案件不能没有任何事项，首个事项只能更正，不能作废",
                en="a case cannot be left without any act: its first act can be corrected but not voided",
            )
        started.lapse_until(self._today)
        self.fold = started
        completed = {act.sequence: act for act in judged}
        return [completed.get(entry.sequence, entry) for entry in self._added]

    def _lapsed(self, folding: Fold, act: Entry) -> Standing:
        folding.lapse_until(act.effective_on)
        return folding.standing

    def _check_started(self, folding: Fold, act: Entry, known: int) -> None:
        """Every time limit that an act starts can be counted; a later act may not start one that cannot."""
        if len(folding.not_startable) == known:
            return
        refusal = judge.not_countable(folding.not_startable[known])
        if act.sequence in self._own:
            raise refusal
        raise self._contradicted(act, refusal, folding.standing)

    def _judged(self, standing: Standing | None, act: Entry) -> Entry:
        own = act.sequence in self._own
        draft = Draft(
            event=act.event,
            effective_on=act.effective_on,
            by=act.by or None,
            thread=act.thread,
            party=act.party,
            effective_at=act.effective_at,
            facts=act.facts,
            joins=act.joins,
            reason=act.reason,
            accept_irregular=act.sequence in self._accepted,
        )
        opens = act.thread is not None and (standing is None or act.thread not in standing.threads)
        if opens and (not own or act.thread == self._thread_superseded(act)):
            draft = replace(draft, thread=None)
        if own and standing is not None:
            # An id given by a late act must not be one that a later, or a void, act was given before.
            history.keep_counts(standing, [*self._entries, *self._completed])
        try:
            roles, used = (self._roles, self._used_by_others(act)) if own else (None, ())
            verdict = judge.judge(self._legal, standing, draft, today=self._today, roles=roles, used=used)
            refuse(verdict, self._roles, own=own)
        except errors.StepRefused as error:
            if own:
                raise
            raise self._contradicted(act, error, standing) from error
        self.verdicts[act.sequence] = verdict
        if own:
            completed = replace(act_entry(act.sequence, verdict), supersedes=act.supersedes, before=act.before)
            if act.thread is not None and _same_incident(act.thread, verdict.thread):
                completed = replace(completed, thread=act.thread)
            self._completed.append(completed)
            return completed
        return act

    def _used_by_others(self, act: Entry) -> set[str]:
        """The ids that were ever given, but for those of the acts in whose stead this one stands: they stay its own."""
        acts = {entry.sequence: entry for entry in (*self._entries, *self._added)}
        own, former = {act.sequence}, acts.get(act.supersedes or 0)
        while former is not None:
            own.add(former.sequence)
            former = acts.get(former.supersedes or 0)
        return history.joined_ids(one for one in (*self._entries, *self._completed) if one.sequence not in own)

    def _thread_superseded(self, act: Entry) -> str | None:
        return next((entry.thread for entry in self._entries if entry.sequence == act.supersedes), None)

    def _contradicted(
        self, act: Entry, error: errors.StepRefused, standing: Standing | None
    ) -> errors.HistoryContradicted:
        """What became impossible, named as the version calls it that governs the case there."""
        seen = begin(self._legal, act) if standing is None else standing
        said = CaseNames(self._legal.laws.at(seen.law_day), seen).event(act.event)
        return errors.HistoryContradicted(
            zh=f"此项更改会使{act.effective_on}的“{said.zh}”（第 {act.sequence} 号）失去依据：{error.zh}。"
            "请在同一次更正中一并更正或者作废该事项",
            en=f"the change leaves '{said.en}' of {act.effective_on} (row {act.sequence}) baseless: {error.en}. "
            "Correct or void that act in the same rectification",
            reasons=[Reason("contradicts", error.zh, error.en, details={"sequence": act.sequence}), *error.reasons],
        )


def _same_incident(one: str, other: str | None) -> bool:
    return other is not None and incident_of(one) == incident_of(other)


def _changed_day(before: Sequence[Entry], after: Sequence[Entry]) -> date:
    """The first day on which the two histories differ."""
    kept_before = {act.sequence for act in before}
    kept_after = {act.sequence for act in after}
    differing = [act.effective_on for act in before if act.sequence not in kept_after]
    differing += [act.effective_on for act in after if act.sequence not in kept_before]
    return min(differing, default=date.max)


def _reconcile(rows: Rows, entries: Sequence[Entry], revised: _Revision, final: Sequence[Entry]) -> None:
    """Withdraw announcements that no longer follow, announce those that now do, and set or lift marks."""
    cause = final[0].sequence
    gone, fresh = compared(history.standing_derived(entries), revised.fold.derived)
    for entry in gone:
        rows.add(partial(withdrawn, entry=entry, cause=cause))
    rows.announce(fresh)
    own = {entry.sequence for entry in final}
    held = history.all_marks(entries)
    for sequence, verdict in revised.verdicts.items():
        if sequence in own:
            continue
        failing = {str(reason.condition) for reason in verdict.irregular}
        marked = set(held.get(sequence, []))
        for name in sorted(failing - marked):
            rows.add(
                partial(
                    _mark,
                    kind=EntryKind.IRREGULARITY_SET,
                    target=sequence,
                    condition=name,
                    verdict=verdict,
                    cause=cause,
                )
            )
        for name in sorted(marked - failing):
            rows.add(
                partial(
                    _mark,
                    kind=EntryKind.IRREGULARITY_LIFTED,
                    target=sequence,
                    condition=name,
                    verdict=verdict,
                    cause=cause,
                )
            )


def withdrawn(sequence: int, entry: Entry, cause: int) -> Entry:
    return Entry(
        sequence=sequence,
        kind=EntryKind.WITHDRAWN,
        event=entry.event,
        effective_on=entry.effective_on,
        by=CLOCK,
        thread=entry.thread,
        party=entry.party,
        target=entry.sequence,
        cause=cause,
    )


def _mark(sequence: int, kind: EntryKind, target: int, condition: str, verdict: Verdict, cause: int) -> Entry:
    return Entry(
        sequence=sequence,
        kind=kind,
        event=verdict.draft.event,
        effective_on=verdict.draft.effective_on,
        by=CLOCK,
        thread=verdict.thread,
        party=verdict.draft.party,
        facts={"condition": condition},
        target=target,
        cause=cause,
    )
