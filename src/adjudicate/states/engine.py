"""What one may do with a case in the core: open, record, rectify, announce lapses, reproject; it stores nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date
from functools import partial

from adjudicate import errors
from adjudicate.definition.models import CLOCK
from adjudicate.states import history as past
from adjudicate.states import judge
from adjudicate.states.entries import Correction, Draft, Entry, EntryKind, Moved
from adjudicate.states.fold import Fold, Laws, LegalContext, fold_acts
from adjudicate.states.judge import begin, refuse
from adjudicate.states.naming import CaseNames
from adjudicate.states.result import Result, Rows, act_entry, compared, moved, result_of
from adjudicate.states.revision import revise, withdrawn
from adjudicate.states.standing import Standing

__all__ = [
    "Laws",
    "LegalContext",
    "Result",
    "announce_lapses",
    "open_case",
    "project",
    "record",
    "rectify",
    "reproject",
]

Entries = Callable[[], Sequence[Entry]]


def project(legal: LegalContext, entries: Sequence[Entry], *, today: date) -> Standing:
    """Fold a stream from scratch as of `today`: what `verify` and `as_of` reads compare with."""
    acts = past.live_acts(entries)
    standing = fold_acts(legal, acts, today, begin(legal, acts[0])).standing
    standing.marks = past.marks(entries)
    past.keep_counts(standing, entries)
    return standing


def announce_lapses(legal: LegalContext, standing: Standing, *, today: date, next_sequence: int) -> Result:
    """Announce every lapse due as of `today`; the same rows whether a worker asks for it or the next command."""
    if not Fold(legal, standing).lapses_before(today):
        return Result((), standing)
    folding = Fold(legal, standing.copy())
    folding.lapse_until(today)
    rows = Rows(next_sequence)
    rows.announce(folding.derived)
    return result_of(folding.rulebook, rows, standing, folding.standing)


def open_case(legal: LegalContext, draft: Draft, *, today: date, roles: Collection[str]) -> Result:
    """Record the first event of a case. Raises StepRefused and NoLawInForce."""
    verdict = judge.judge(legal, None, draft, today=today, roles=roles)
    refuse(verdict, roles)
    rows = Rows(1)
    act = rows.append(act_entry(rows.next_sequence, verdict))
    folding = Fold(legal, begin(legal, verdict.draft))
    _apply(folding, act, today)
    rows.announce(folding.derived)
    return result_of(folding.rulebook, rows, None, folding.standing, verdict)


def record(
    legal: LegalContext,
    standing: Standing,
    draft: Draft,
    *,
    today: date,
    roles: Collection[str],
    next_sequence: int,
    history: Entries,
) -> Result:
    """Record an act: announce what is due, judge, apply, announce or withdraw what the act changed.

    `history` is asked for only when the act lies before something already recorded or a party joins with it.
    Raises StepRefused.
    """
    announced = announce_lapses(legal, standing, today=today, next_sequence=next_sequence)
    if _is_late(announced.standing, draft):
        correction = Correction(0, draft.reason or "", draft)
        return revise(legal, standing, announced, [correction], today=today, roles=roles, stream=history())
    used = past.joined_ids(history()) if draft.joins else ()
    verdict = judge.judge(legal, announced.standing, draft, today=today, roles=roles, used=used)
    refuse(verdict, roles)
    rows = Rows(next_sequence + len(announced.entries), list(announced.entries))
    # The version that an act selects is announced ahead of it, so the act's own number leaves room for that row.
    selects = int(verdict.rulebook.day != announced.standing.law_day)
    act = act_entry(rows.next_sequence + selects, verdict)
    folding = Fold(legal, announced.standing.copy())
    _apply(folding, act, today)
    rows.announce(folding.derived[:selects])
    rows.append(act)
    rows.announce(folding.derived[selects:])
    return result_of(folding.rulebook, rows, standing, folding.standing, verdict)


def _apply(folding: Fold, act: Entry, today: date) -> None:
    folding.act(act)
    if folding.not_startable:
        raise judge.not_countable(folding.not_startable[0])
    folding.lapse_until(today)
    if act.irregular:
        folding.standing.marks[act.sequence] = list(act.irregular)


def _is_late(standing: Standing, draft: Draft) -> bool:
    earlier = standing.last_on is not None and draft.effective_on < standing.last_on
    lapsed = standing.last_lapse_on is not None and draft.effective_on <= standing.last_lapse_on
    return draft.before is not None or earlier or lapsed


def rectify(
    legal: LegalContext,
    standing: Standing,
    corrections: Sequence[Correction],
    *,
    today: date,
    roles: Collection[str],
    next_sequence: int,
    history: Entries,
) -> Result:
    """Supersede or void rows of the record, several judged as a whole. Raises StepRefused, naming the act it breaks."""
    announced = announce_lapses(legal, standing, today=today, next_sequence=next_sequence)
    register = legal.laws.at(announced.standing.law_day).registers.roles
    if not any(register[role].may_rectify for role in roles if role in register):
        able = [name for name, role in register.items() if role.may_rectify]
        who = CaseNames(legal.laws.at(announced.standing.law_day), announced.standing).roles(able)
        raise errors.RoleNotEntitled(
            zh=f"您的角色无权更正记录，请由{who.zh}更正",
            en=f"your roles may not rectify the record: leave it to {who.en}",
            allowed=able,
        )
    return revise(legal, standing, announced, corrections, today=today, roles=roles, stream=history())


def reproject(
    legal: LegalContext, standing: Standing, *, today: date, next_sequence: int, reason: str, history: Entries
) -> Result:
    """Compute everything again with a new calendar; no rows if nothing moved, else one that says what moved and why."""
    stream = history()
    live = past.live_acts(stream)
    folding = fold_acts(legal, live, today, begin(legal, live[0]))
    fresh = folding.standing
    fresh.marks = past.marks(stream)
    past.keep_counts(fresh, stream)
    changed = [one for one in moved(standing, fresh) if one.was_on != one.is_on]
    gone, derived = compared(past.standing_derived(stream), folding.derived)
    if not changed and not gone and not derived:
        return Result((), standing)
    rows = Rows(next_sequence)
    if changed or gone:
        row = rows.add(lambda sequence: _dates_moved(sequence, changed, today, reason))
        for entry in gone:
            rows.add(partial(withdrawn, entry=entry, cause=row.sequence))
    rows.announce(derived)
    return result_of(folding.rulebook, rows, standing, fresh)


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
