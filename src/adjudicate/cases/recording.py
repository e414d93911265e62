"""The use cases that change a case: open, record, rectify, settle; each decides in the pure core and then writes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from adjudicate.cases.case_change import CaseChange
from adjudicate.cases.errors import OfficeUnknown, StaleCase
from adjudicate.cases.ids import new_id
from adjudicate.cases.stored_case import announce_due
from adjudicate.states import engine
from adjudicate.states.entries import EntryKind
from adjudicate.states.fold_context import LegalContext
from adjudicate.states.result import Result

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from sqlalchemy import ColumnElement

    from adjudicate.access.caller import Caller
    from adjudicate.cases.command import Command
    from adjudicate.cases.parties import Person
    from adjudicate.cases.stored_case import UpToDateCase
    from adjudicate.states.entries import Correction, Draft, Entry, Moved, Reason
    from adjudicate.states.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """What a command did, or in a dry run would do (then `numbers` is empty)."""

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


def open_case(
    command: Command,
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
    registry, moment = command.registry, command.moment
    place = registry.office(command.tx, office)
    region = str(place["region"])
    legal = LegalContext(registry.laws(workflow, region), registry.calendar(command.tx, region))
    result = engine.open_case(legal, draft, today=moment.today, roles=caller.roles)
    levels = legal.laws.at(result.standing.law_day).main.workflow.levels
    if levels and place["level"] not in levels:
        raise OfficeUnknown(
            zh=f"该级机构不办理此程序（限：{'、'.join(levels)}）",
            en=f"only offices of these levels run it: {', '.join(levels)}",
        )
    founded = {
        "id": new_id(moment.at),
        "workflow": workflow,
        "office": office,
        "region": region,
        "opened_on": result.entries[0].effective_on,
        "opened_by": caller.actor,
    }
    change = CaseChange.of_new(founded, legal, result, registry=registry, moment=moment, caller=caller, people=people)
    if not dry_run:
        command.write(change)
    return _answer(change, result)


def record(
    command: Command,
    case_id: str,
    draft: Draft,
    *,
    caller: Caller,
    version: int | AbstractSet[int] | None,
    people: Mapping[str, Person] | None = None,
    visible: ColumnElement[bool] | None = None,
    dry_run: bool = False,
) -> CommandResult:
    """Record an act in a case. `version` is what the caller last read, or one of several; None skips the comparison.

    Raises CaseNotFound, StaleCase, the engine's refusals, and ContentNotRecordable.
    """

    def decide(current: UpToDateCase) -> Result:
        return engine.record(
            current.stored.legal, current.standing, draft, today=command.moment.today, roles=caller.roles,
            next_sequence=current.version + 1, history=lambda: current.history(command.tx),
        )  # fmt: skip

    return _change(
        command, case_id, decide, caller=caller, version=version, people=people, visible=visible, dry_run=dry_run
    )


def rectify(
    command: Command,
    case_id: str,
    corrections: Sequence[Correction],
    *,
    caller: Caller,
    version: int | AbstractSet[int] | None,
    people: Mapping[str, Person] | None = None,
    visible: ColumnElement[bool] | None = None,
    dry_run: bool = False,
) -> CommandResult:
    """Supersede or void acts on the record, all corrections judged as a whole. Raises as `record` does."""

    def decide(current: UpToDateCase) -> Result:
        return engine.rectify(
            current.stored.legal, current.standing, corrections, today=command.moment.today, roles=caller.roles,
            next_sequence=current.version + 1, history=lambda: current.history(command.tx),
        )  # fmt: skip

    return _change(
        command, case_id, decide, caller=caller, version=version, people=people, visible=visible, dry_run=dry_run
    )


def settle(command: Command, case_id: str, *, reason: str | None = None) -> CommandResult | None:
    """Announce what is due, and after a change of calendar what moved. None if the stream stays as it was.

    The rows are the same that the next command would write by itself; `reason` is kept with dates that moved.
    Raises CaseNotFound.
    """
    current = announce_due(command.tx, command.lock(case_id), command.moment.today, reason=reason)
    change = CaseChange.of_stored(current, registry=command.registry, moment=command.moment)
    command.write(change)
    if not current.due:
        return None
    moved = tuple(one for due in current.due for one in due.moved)
    return _answer(change, replace(current.due[-1], moved=moved))


def _change(
    command: Command,
    case_id: str,
    decide: Callable[[UpToDateCase], Result],
    *,
    caller: Caller,
    version: int | AbstractSet[int] | None,
    people: Mapping[str, Person] | None,
    visible: ColumnElement[bool] | None,
    dry_run: bool,
) -> CommandResult:
    stored = command.read(case_id, visible) if dry_run else command.lock(case_id, visible)
    current = announce_due(command.tx, stored, command.moment.today)
    if version is not None and current.version not in ({version} if isinstance(version, int) else version):
        raise StaleCase(current.version)
    decided = decide(current)
    change = CaseChange.of_stored(
        current, registry=command.registry, moment=command.moment, decided=decided, caller=caller, people=people
    )
    if not dry_run:
        command.write(change)
    return _answer(change, decided)


def _answer(change: CaseChange, result: Result) -> CommandResult:
    own = [entry for entry in result.entries if entry.kind in {EntryKind.ACT, EntryKind.VOIDED}]
    return CommandResult(
        case_id=change.case_id,
        version=change.version,
        row=change.written_row,
        entries=change.entries,
        act=own[0] if own else None,
        standing=result.standing,
        moved=result.moved,
        documents=result.documents,
        numbers=tuple(change.numbers.drawn),
        advice=result.advice,
        irregular=result.irregular,
    )
