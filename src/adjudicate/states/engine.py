"""What one may do with a case in the pure core: open, record, rectify, settle, reproject; it stores nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date
from functools import partial

from adjudicate import errors
from adjudicate.definition.models import CLOCK
from adjudicate.states import history as past
from adjudicate.states import judge
from adjudicate.states.entries import Correction, Draft, Entry, EntryKind, Moved
from adjudicate.states.fold import Ground, Laws, Walk, fold
from adjudicate.states.judge import begin, refuse
from adjudicate.states.result import Outcome, Rows, act_entry, compared, moved, outcome
from adjudicate.states.revision import revise, withdrawn
from adjudicate.states.standing import Standing

__all__ = ["Ground", "Laws", "Outcome", "open_case", "project", "record", "rectify", "reproject", "settle"]

Entries = Callable[[], Sequence[Entry]]


def project(ground: Ground, entries: Sequence[Entry], *, today: date) -> Standing:
    """Fold a stream from scratch as of `today`: what `verify` and `as_of` reads compare with."""
    acts = past.live_acts(entries)
    standing = fold(ground, acts, today, begin(ground, acts[0])).standing
    standing.marks = past.marks(entries)
    past.keep_counts(standing, entries)
    return standing


def settle(ground: Ground, standing: Standing, *, today: date, next_sequence: int) -> Outcome:
    """Announce every lapse due as of `today`; the same rows whether a worker asks for it or the next command."""
    if not Walk(ground, standing).lapses_before(today):
        return Outcome((), standing)
    walk = Walk(ground, standing.copy())
    walk.lapse_until(today)
    rows = Rows(next_sequence)
    rows.announce(walk.derived)
    return outcome(walk.rulebook, rows, standing, walk.standing)


def open_case(ground: Ground, draft: Draft, *, today: date, roles: Collection[str]) -> Outcome:
    """Record the first event of a case. Raises StepRefused and NoLawInForce."""
    verdict = judge.judge(ground, None, draft, today=today, roles=roles)
    refuse(verdict, roles)
    rows = Rows(1)
    act = rows.append(act_entry(rows.next_sequence, verdict))
    walk = Walk(ground, begin(ground, verdict.draft))
    _apply(walk, act, today)
    rows.announce(walk.derived)
    return outcome(walk.rulebook, rows, None, walk.standing, verdict)


def record(
    ground: Ground,
    standing: Standing,
    draft: Draft,
    *,
    today: date,
    roles: Collection[str],
    next_sequence: int,
    history: Entries,
) -> Outcome:
    """Record an act: announce what is due, judge, apply, announce or withdraw what the act changed.

    `history` is asked for only when the act lies before something already recorded. Raises StepRefused.
    """
    settled = settle(ground, standing, today=today, next_sequence=next_sequence)
    if _is_late(settled.standing, draft):
        correction = Correction(0, draft.reason or "", draft)
        return revise(ground, standing, settled, [correction], today=today, roles=roles, stream=history())
    verdict = judge.judge(ground, settled.standing, draft, today=today, roles=roles)
    refuse(verdict, roles)
    rows = Rows(next_sequence + len(settled.entries), list(settled.entries))
    # The version that an act selects is announced ahead of it, so the act's own number leaves room for that row.
    selects = int(verdict.rulebook.day != settled.standing.law_day)
    act = act_entry(rows.next_sequence + selects, verdict)
    walk = Walk(ground, settled.standing.copy())
    _apply(walk, act, today)
    rows.announce(walk.derived[:selects])
    rows.append(act)
    rows.announce(walk.derived[selects:])
    return outcome(walk.rulebook, rows, standing, walk.standing, verdict)


def _apply(walk: Walk, act: Entry, today: date) -> None:
    walk.act(act)
    if walk.unstartable:
        raise judge.not_countable(walk.unstartable[0])
    walk.lapse_until(today)
    if act.irregular:
        walk.standing.marks[act.sequence] = list(act.irregular)


def _is_late(standing: Standing, draft: Draft) -> bool:
    earlier = standing.last_on is not None and draft.effective_on < standing.last_on
    lapsed = standing.last_lapse_on is not None and draft.effective_on <= standing.last_lapse_on
    return draft.before is not None or earlier or lapsed


def rectify(
    ground: Ground,
    standing: Standing,
    corrections: Sequence[Correction],
    *,
    today: date,
    roles: Collection[str],
    next_sequence: int,
    history: Entries,
) -> Outcome:
    """Supersede or void rows of the record, several judged as a whole. Raises StepRefused, naming the act it breaks."""
    settled = settle(ground, standing, today=today, next_sequence=next_sequence)
    register = ground.laws.at(settled.standing.law_day).registers.roles
    if not any(register[role].may_rectify for role in roles if role in register):
        raise errors.RoleNotEntitled(zh="您的角色无权更正记录", en="your roles may not rectify the record")
    return revise(ground, standing, settled, corrections, today=today, roles=roles, stream=history())


def reproject(
    ground: Ground, standing: Standing, *, today: date, next_sequence: int, reason: str, history: Entries
) -> Outcome:
    """Compute everything again with a new calendar; no rows if nothing moved, else one that says what moved and why."""
    stream = history()
    live = past.live_acts(stream)
    walk = fold(ground, live, today, begin(ground, live[0]))
    fresh = walk.standing
    fresh.marks = past.marks(stream)
    past.keep_counts(fresh, stream)
    changed = [one for one in moved(standing, fresh) if one.was_on != one.is_on]
    gone, derived = compared(past.standing_derived(stream), walk.derived)
    if not changed and not gone and not derived:
        return Outcome((), standing)
    rows = Rows(next_sequence)
    if changed or gone:
        row = rows.add(lambda sequence: _dates_moved(sequence, changed, today, reason))
        for entry in gone:
            rows.add(partial(withdrawn, entry=entry, cause=row.sequence))
    rows.announce(derived)
    return outcome(walk.rulebook, rows, standing, fresh)


def _dates_moved(sequence: int, changed: Sequence[Moved], today: date, reason: str) -> Entry:
    facts = {
        "moved": [
            {
                "key": one.key,
                "was_on": one.was_on.isoformat() if one.was_on else None,
                "is_on": one.is_on.isoformat() if one.is_on else None,
            }
            for one in changed
        ]
    }
    kind = EntryKind.DATES_MOVED
    return Entry(sequence, kind, kind.value, today, CLOCK, facts=facts, reason=reason)
