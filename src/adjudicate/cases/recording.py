"""The use cases that change a case: lock, bring up to date, decide, append, all in the caller's one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from adjudicate.cases import audit, kill_points
from adjudicate.cases.errors import CaseNotFound, OfficeUnknown, StaleCase
from adjudicate.cases.ids import new_id
from adjudicate.cases.queries import writing
from adjudicate.cases.stream import Person, Stream
from adjudicate.cases.up_to_date import Current, brought_up_to_date
from adjudicate.states import codec, engine
from adjudicate.states.entries import EntryKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection

    from adjudicate.access.caller import Caller
    from adjudicate.cases.registry import Registry
    from adjudicate.clock import Moment
    from adjudicate.states.engine import Result
    from adjudicate.states.entries import Correction, Draft, Entry, Moved, Reason
    from adjudicate.states.fold import LegalContext
    from adjudicate.states.standing import Standing

__all__ = ["CommandResult", "Person", "ask_lock", "lock", "open_case", "record", "rectify", "reproject", "settle"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """What a command did, or with `dry_run` would do (then `numbers` is empty)."""

    case_id: str
    version: int
    row: Mapping[Any, Any]
    entries: tuple[Entry, ...]
    act: Entry | None
    standing: Standing
    moved: tuple[Moved, ...]
    documents: tuple[Any, ...]
    numbers: tuple[str, ...]
    advice: tuple[Reason, ...]
    irregular: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Locked:
    """A case under lock with what it stands on, not yet brought up to date."""

    row: Mapping[Any, Any]
    moment: Moment
    legal: LegalContext
    standing: Standing


def ask_lock(tx: Connection, registry: Registry, case_id: str, visible: ColumnElement[bool] | None = None) -> None:
    """Ask for a case's lock, so that what is asked next travels with it; `lock` under the same visibility waits."""
    held = registry.within(tx).setdefault("asked", {})
    held[case_id] = (visible, writing.ask_case_row(tx, case_id, visible=visible, lock=True))


def lock(tx: Connection, registry: Registry, case_id: str, visible: ColumnElement[bool] | None = None) -> Locked:
    """Lock a case until the transaction ends. Raises CaseNotFound if there is none, or none that is visible.

    Locked under the same visibility once, it need not be read again until something is written to it.
    """
    within = registry.within(tx)
    held: dict[str, tuple[Any, Locked]] = within.setdefault("locked", {})
    if case_id in held and held[case_id][0] is visible:
        return held[case_id][1]
    under, asked = within.get("asked", {}).pop(case_id, (None, None))
    if asked is None or under is not visible:
        asked = writing.ask_case_row(tx, case_id, visible=visible, lock=True)
    locked = _standing_on(tx, registry, asked.first())
    kill_points.reached("after-lock")
    held[case_id] = (visible, locked)
    return locked


def _standing_on(tx: Connection, registry: Registry, row: Mapping[Any, Any] | None) -> Locked:
    if row is None:
        raise CaseNotFound
    return Locked(row, registry.moment(tx), registry.legal(tx, row), codec.standing_from_json(row["standing"]))


def _taken(
    tx: Connection, registry: Registry, case_id: str, visible: ColumnElement[bool] | None, *, dry_run: bool
) -> Locked:
    """The case to decide on: under lock, or only read where nothing will be written."""
    if dry_run:
        return _standing_on(tx, registry, writing.case_row(tx, case_id, visible=visible))
    return lock(tx, registry, case_id, visible)


def _keep(stream: Stream, standing: Standing, *, was: int, without: Collection[str] = ()) -> Mapping[str, Any]:
    """Write everything, the columns on the case last, and forget what was read of it under lock."""
    caches = stream.keep(standing, was=was, without=without)
    stream.registry.within(stream.tx).get("locked", {}).pop(stream.case_id, None)
    return caches


def open_case(
    tx: Connection,
    registry: Registry,
    *,
    workflow: str,
    office: str,
    draft: Draft,
    people: Mapping[str, Person] | None = None,
    caller: Caller,
    dry_run: bool = False,
) -> CommandResult:
    """Open a case of a procedure at an office with its first event.

    Raises WorkflowUnknown, OfficeUnknown, the engine's refusals, and ContentNotRecordable.
    """
    place = registry.office(tx, office)
    moment = registry.moment(tx)
    region = str(place["region"])
    legal = engine.LegalContext(registry.laws(workflow, region), registry.calendar(tx, region))
    result = engine.open_case(legal, draft, today=moment.today, roles=caller.roles)
    rulebook = legal.laws.at(result.standing.law_day)
    levels = rulebook.main.workflow.levels
    if levels and place["level"] not in levels:
        raise OfficeUnknown(
            zh=f"该级机构不办理此程序（限：{'、'.join(levels)}）",
            en=f"only offices of these levels run it: {', '.join(levels)}",
        )
    case_id = new_id(moment.at)
    founded = {
        "id": case_id,
        "workflow": workflow,
        "office": office,
        "region": region,
        "opened_on": result.entries[0].effective_on,
        "opened_by": caller.actor,
    }
    stream = Stream(
        tx, registry, case_id, office, legal, moment, 0, audit.foundation_hash(founded), rulebook.digest, {}
    )
    if dry_run:
        return _recorded(stream, founded, result, result.entries)
    _lay_down(stream, founded, result)
    stream.append(result, caller=caller, people=people)
    stream.reached("after-event")
    stream.project(None, result.standing, people or {})
    stream.tell(1)
    caches = _keep(stream, result.standing, was=0)
    return _recorded(stream, {**founded, **caches}, result, result.entries)


def _lay_down(stream: Stream, founded: Mapping[str, Any], result: Result) -> None:
    """Write the case itself, so that events may refer to it; its caches follow when they are known."""
    rulebook = stream.legal.laws.at(result.standing.law_day)
    stream.registry.keep_law(stream.tx, rulebook, stream.moment)
    stream.registry.keep_calendar(stream.tx, stream.legal.calendar, stream.moment)
    row = {**founded, **stream.caches(result.standing), "opened_at": stream.moment.at}
    writing.add_case(stream.tx, row)


def record(
    tx: Connection,
    registry: Registry,
    case_id: str,
    draft: Draft,
    *,
    caller: Caller,
    version: int | None,
    people: Mapping[str, Person] | None = None,
    visible: ColumnElement[bool] | None = None,
    dry_run: bool = False,
) -> CommandResult:
    """Record an act in a case. `version` is what the caller last read; None skips the comparison.

    Raises CaseNotFound, StaleCase, the engine's refusals, and ContentNotRecordable.
    """

    def decide(held: Current, locked: Locked) -> Result:
        return engine.record(
            locked.legal, held.standing, draft, today=locked.moment.today, roles=caller.roles,
            next_sequence=held.version + 1, history=lambda: held.history(tx),
        )  # fmt: skip

    locked = _taken(tx, registry, case_id, visible, dry_run=dry_run)
    return _carry_out(
        tx, registry, locked, decide, caller=caller, version=version, people=people or {}, dry_run=dry_run
    )


def rectify(
    tx: Connection,
    registry: Registry,
    case_id: str,
    corrections: Sequence[Correction],
    *,
    caller: Caller,
    version: int | None,
    people: Mapping[str, Person] | None = None,
    visible: ColumnElement[bool] | None = None,
    dry_run: bool = False,
) -> CommandResult:
    """Supersede or void acts on the record, all corrections judged as a whole. Raises as `record` does."""

    def decide(held: Current, locked: Locked) -> Result:
        return engine.rectify(
            locked.legal, held.standing, corrections, today=locked.moment.today, roles=caller.roles,
            next_sequence=held.version + 1, history=lambda: held.history(tx),
        )  # fmt: skip

    locked = _taken(tx, registry, case_id, visible, dry_run=dry_run)
    return _carry_out(
        tx, registry, locked, decide, caller=caller, version=version, people=people or {}, dry_run=dry_run
    )


def settle(tx: Connection, registry: Registry, case_id: str, *, reason: str | None = None) -> CommandResult | None:
    """Announce what is due, and after a change of calendar what moved. None if the stream stays as it was.

    The rows are the same that the next command would write by itself. Raises CaseNotFound.
    """
    locked = lock(tx, registry, case_id)
    held = brought_up_to_date(tx, locked, reason=reason)
    stream = _stream(tx, registry, locked)
    _append_due(stream, held)
    if held.standing != locked.standing:
        stream.project(locked.standing, held.standing, {})
    was = locked.row["version"]
    if not held.due:
        # Nothing was recorded: when the case last changed, and the calendar of a closed one, stay as they were.
        if not locked.standing.closed:
            registry.keep_calendar(tx, locked.legal.calendar, locked.moment)
        stay = ("changed_at", "calendar_digest") if locked.standing.closed else ("changed_at",)
        _keep(stream, held.standing, was=was, without=stay)
        return None
    stream.tell(held.due[0].entries[0].sequence)
    caches = _keep(stream, held.standing, was=was)
    moved = tuple(one for due in held.due for one in due.moved)
    return _recorded(stream, {**locked.row, **caches}, replace(held.due[-1], moved=moved), held.entries)


def reproject(tx: Connection, registry: Registry, case_id: str, *, reason: str) -> CommandResult | None:
    """Bring a case's dates to the calendar of today; `reason` is kept with what moved. None if nothing moved."""
    return settle(tx, registry, case_id, reason=reason)


def _carry_out(
    tx: Connection,
    registry: Registry,
    locked: Locked,
    decide: Any,
    *,
    caller: Caller,
    version: int | None,
    people: Mapping[str, Person],
    dry_run: bool,
) -> CommandResult:
    held = brought_up_to_date(tx, locked)
    if version is not None and version != held.version:
        raise StaleCase(held.version)
    result: Result = decide(held, locked)
    stream = _stream(tx, registry, locked)
    entries = (*held.entries, *result.entries)
    if dry_run:
        return _recorded(stream, locked.row, result, entries)
    _append_due(stream, held)
    stream.reached("after-lapses")
    stream.append(result, caller=caller, people=people)
    stream.reached("after-event")
    stream.project(locked.standing, result.standing, people)
    stream.tell(locked.row["version"] + 1)
    caches = _keep(stream, result.standing, was=locked.row["version"])
    return _recorded(stream, {**locked.row, **caches}, result, entries)


def _append_due(stream: Stream, held: Current) -> None:
    for due in held.due:
        stream.append(due, caller=None)


def _stream(tx: Connection, registry: Registry, locked: Locked) -> Stream:
    row = locked.row
    return Stream(
        tx, registry, row["id"], row["office"], locked.legal, locked.moment, row["version"], row["head_hash"],
        row["law_digest"], dict(row["laws"]), row["docket_number"],
    )  # fmt: skip


def _recorded(stream: Stream, row: Mapping[Any, Any], result: Result, entries: Sequence[Entry]) -> CommandResult:
    own = [entry for entry in result.entries if entry.kind in {EntryKind.ACT, EntryKind.VOIDED}]
    return CommandResult(
        case_id=stream.case_id,
        version=entries[-1].sequence if entries else stream.version,
        row=row,
        entries=tuple(entries),
        act=own[0] if own else None,
        standing=result.standing,
        moved=result.moved,
        documents=result.documents,
        numbers=tuple(stream.numbers),
        advice=result.advice,
        irregular=result.irregular,
    )
