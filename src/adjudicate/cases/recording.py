"""The use cases that change a case: open, record, rectify, bring up to date; each decides in the core, then writes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from adjudicate.cases.case_change import CaseChange
from adjudicate.cases.clashes import Asked, clash_advice
from adjudicate.cases.docket import check_corrigible
from adjudicate.cases.errors import OfficeUnknown, StaleCase, no_such_office
from adjudicate.cases.ids import new_id
from adjudicate.cases.named_documents import refuse_unregistered, still_to_register
from adjudicate.cases.queries import reads, writing
from adjudicate.cases.stored_case import announce_due
from adjudicate.definition.values import LEVEL_NAMES
from adjudicate.guards.why import listed
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
    from adjudicate.definition.rulebook import Rulebook
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
    people: Sequence[Person] = (),
    caller: Caller,
    dry_run: bool = False,
) -> CommandResult:
    """Open a case of a procedure at an office with its first event; `people` are those who join, in order.

    Raises WorkflowUnknown, OfficeUnknown, the engine's refusals, and ContentNotRecordable.
    """
    registry, moment = command.registry, command.moment
    place = _office_that_handles(command, office)
    region = str(place["region"])
    legal = LegalContext(registry.laws(workflow, region), registry.calendar(command.tx, region))
    result = engine.open_case(legal, draft, today=moment.today, roles=caller.roles)
    rulebook = legal.laws.at(result.standing.law_day)
    _refuse_other_levels(rulebook, str(place["level"]))
    founded = {
        "id": new_id(moment.at),
        "workflow": workflow,
        "office": office,
        "region": region,
        "opened_on": result.entries[0].effective_on,
        "opened_by": caller.actor,
    }
    result = replace(result, advice=(*result.advice, *still_to_register(rulebook, result.entries)))
    named = _people_by_id(result, [draft], [people])
    change = CaseChange.of_new(founded, legal, result, registry=registry, moment=moment, caller=caller, people=named)
    if not dry_run:
        command.write(change)
    return _answer(change, result)


def _refuse_other_levels(rulebook: Rulebook, level: str) -> None:
    """Raises OfficeUnknown where offices of that level do not run the procedure."""
    title, levels = rulebook.main.workflow.title, rulebook.main.workflow.levels
    if levels and level not in levels:
        able = listed(LEVEL_NAMES[one] for one in levels)
        raise OfficeUnknown(
            zh=f"该级机构不办理“{title.zh}”，请由下列层级的机构办理：{able.zh}",
            en=f"an office of that level does not run '{title.en}'; offices of these levels do: {able.en}",
        )


def _office_that_handles(command: Command, code: str) -> Mapping[Any, Any]:
    """An office where a case can be opened. Raises OfficeUnknown for one that is closed, or an outside body."""
    # Read afresh: an office may have been closed since this process saw it first.
    row = writing.office_row(command.tx, code)
    if row is None:
        raise no_such_office()
    zh, en = row["name_zh"], row["name_en"]
    if row["closed_at"] is not None:
        raise OfficeUnknown(
            zh=f"“{zh}”已撤销，不能再在此新建案件，请填写现有机构",
            en=f"'{en}' is closed and no case is opened there any more: name an office that is not",
        )
    rules = command.registry.catalogue.offices
    kind = rules.kinds.get(row["kind"] or rules.usual)
    if kind is not None and kind.outside:
        raise OfficeUnknown(
            zh=f"“{zh}”是外部机构，案件不在此新建，请填写办理该案的机构",
            en=f"'{en}' is an outside body and no case is opened there: name the office that handles it",
        )
    return row


def record(
    command: Command,
    case_id: str,
    draft: Draft,
    *,
    caller: Caller,
    version: int | AbstractSet[int] | None,
    people: Sequence[Person] = (),
    visible: ColumnElement[bool] | None = None,
    dry_run: bool = False,
) -> CommandResult:
    """Record an act in a case. `version` is what the caller last read, or one of several; None skips the comparison.

    `people` are those who join with the act, in the order in which the draft names them.
    Raises CaseNotFound, StaleCase, the engine's refusals, and ContentNotRecordable.
    """

    def decide(current: UpToDateCase) -> Result:
        return engine.record(
            current.stored.legal, current.standing, draft, today=command.moment.today, roles=caller.roles,
            next_sequence=current.version + 1, history=lambda: current.history(command.tx),
        )  # fmt: skip

    return _change(
        command, case_id, decide, caller=caller, version=version, visible=visible, dry_run=dry_run,
        people=lambda decided: _people_by_id(decided, [draft], [people]),
    )  # fmt: skip


def rectify(
    command: Command,
    case_id: str,
    corrections: Sequence[Correction],
    *,
    caller: Caller,
    version: int | AbstractSet[int] | None,
    people: Sequence[Sequence[Person]] = (),
    visible: ColumnElement[bool] | None = None,
    dry_run: bool = False,
) -> CommandResult:
    """Supersede or void acts on the record, all corrections judged as a whole. Raises as `record` does.

    `people` are, for each correction, those who join with its act.
    """

    def decide(current: UpToDateCase) -> Result:
        decided = engine.rectify(
            current.stored.legal, current.standing, corrections, today=command.moment.today, roles=caller.roles,
            next_sequence=current.version + 1, history=lambda: current.history(command.tx),
        )  # fmt: skip
        check_corrigible(reads.entry_rows(command.tx, case_id), decided)
        return decided

    drafts = [one.act for one in corrections]
    return _change(
        command, case_id, decide, caller=caller, version=version, visible=visible, dry_run=dry_run,
        people=lambda decided: _people_by_id(decided, drafts, people),
    )  # fmt: skip


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
    people: Callable[[Result], Mapping[str, Person]],
    visible: ColumnElement[bool] | None,
    dry_run: bool,
) -> CommandResult:
    stored = command.read(case_id, visible) if dry_run else command.lock(case_id, visible)
    current = announce_due(command.tx, stored, command.moment.today)
    if version is not None and current.version not in ({version} if isinstance(version, int) else version):
        raise StaleCase(current.version)
    decided = decide(current)
    refuse_unregistered(
        command.tx, case_id, stored.legal.laws.at(decided.standing.law_day), decided.entries,
        history=lambda: current.history(command.tx),
    )  # fmt: skip
    change = CaseChange.of_stored(
        current, registry=command.registry, moment=command.moment, decided=decided, caller=caller,
        people=people(decided),
    )  # fmt: skip
    asked = Asked(
        case_id=case_id, office=stored.row["office"], rulebook=stored.legal.laws.at(decided.standing.law_day),
        visible=visible,
    )  # fmt: skip
    taken = clash_advice(command.tx, asked, current.standing, decided.standing)
    if not dry_run:
        command.write(change)
    return _answer(change, replace(decided, advice=(*decided.advice, *taken)))


def _people_by_id(
    decided: Result, drafts: Sequence[Draft | None], people: Sequence[Sequence[Person]]
) -> dict[str, Person]:
    """Those who join by the ids that judging gave them: each act stands in the result in the order of the drafts."""
    acts = (entry for entry in decided.entries if entry.kind is EntryKind.ACT)
    entries = [next(acts) if draft is not None else None for draft in drafts]
    return {
        joining.party: person
        for entry, draft, some in zip(entries, drafts, people, strict=False)
        if entry is not None and draft is not None and draft.joins
        for joining, person in zip(entry.joins, some, strict=False)
    }


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
        numbers=change.numbers.drawn,
        advice=result.advice,
        irregular=result.irregular,
    )
