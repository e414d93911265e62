"""Whether what is stored of a case is what its events give when they are folded anew under the law kept with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adjudicate.cases import reading
from adjudicate.cases.projected_case import ProjectedCase, case_columns
from adjudicate.cases.projections import PROJECTIONS, Projection
from adjudicate.cases.queries import reads
from adjudicate.cases.rows import entry_of, people_of, took_part
from adjudicate.errors import AdjudicateError
from adjudicate.states import engine, history
from adjudicate.states.fold import fold_acts
from adjudicate.states.fold_context import LegalContext
from adjudicate.states.judge import begin
from adjudicate.states.result import compared
from adjudicate.verification.findings import Finding
from adjudicate.verification.requests import request_findings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from adjudicate.cases.registry import Registry
    from adjudicate.definition.rulebook import Rulebook
    from adjudicate.states.entries import Entry
    from adjudicate.states.fold_context import Laws
    from adjudicate.states.standing import Standing

Row = dict[str, Any]


def findings(
    tx: Connection, registry: Registry, case: Mapping[Any, Any], rows: Sequence[Mapping[Any, Any]]
) -> Iterator[Finding]:
    """Fold the events anew and compare the standing, the work lists and the announcements with what is stored."""
    case_id = case["id"]
    try:
        legal = LegalContext(
            reading.laws_then(tx, registry, case, list(rows)), registry.kept_calendar(tx, case["calendar_digest"])
        )
        entries = [entry_of(row) for row in rows]
        standing = engine.project(legal, entries, today=case["settled_on"])
        projected = _projected(case, legal, standing, rows)
        announced = _announcement_findings(case_id, legal, entries, case)
        columns = _expected_columns(case, projected, legal, rows)
        lists = [
            *_list_findings(tx, projected),
            *request_findings(tx, case_id, _by_digest(legal.laws), rows),
            *announced,
            *_silent_moves(tx, registry, case, rows, legal, entries, standing),
        ]
    except (AdjudicateError, LookupError, ValueError, TypeError, AttributeError, AssertionError) as error:
        # Whatever was done to the rows, the rest of the record is still gone through.
        yield Finding(
            case_id, None, f"无法从事项重建案件：{type(error).__name__}：{error}",
            f"the case cannot be rebuilt from its events: {type(error).__name__}: {error}",
        )  # fmt: skip
        return
    for name, wanted in columns.items():
        if case[name] != wanted:
            yield Finding(case_id, None, f"所存“{name}”与事项不符", f"the stored {name} is not what the events give")
    yield from lists


def rulebooks(
    tx: Connection, registry: Registry, case: Mapping[Any, Any], rows: Sequence[Mapping[Any, Any]]
) -> dict[str, Rulebook]:
    """The law that events were judged under, by its digest."""
    return _by_digest(reading.laws_then(tx, registry, case, list(rows)))


def _by_digest(laws: Laws) -> dict[str, Rulebook]:
    return {rulebook.digest: rulebook for rulebook in getattr(laws, "pinned", {}).values()}


def _projected(
    case: Mapping[Any, Any], legal: LegalContext, standing: Standing, rows: Sequence[Mapping[Any, Any]]
) -> ProjectedCase:
    known = {"people": people_of(rows), "took_part": took_part(rows), "docket_number": _docket_number(rows)}
    return ProjectedCase.of(case, legal, standing, **known)


def _docket_number(rows: Sequence[Mapping[Any, Any]]) -> str | None:
    """The docket number that is in force after these events."""
    number = None
    for row in rows:
        number = row["docket_number"] or (None if row["voids_docket_number"] else number)
    return number


def _expected_columns(
    case: Mapping[Any, Any], projected: ProjectedCase, legal: LegalContext, rows: Sequence[Mapping[Any, Any]]
) -> Row:
    return {
        **case_columns(projected),
        "law_digest": projected.rulebook.digest,
        "laws": {day.isoformat(): one.digest for day, one in getattr(legal.laws, "pinned", {}).items()},
        "opened_at": rows[0]["recorded_at"],
        "changed_at": rows[-1]["recorded_at"],
        "docket_number": projected.docket_number,
        "opened_on": rows[0]["effective_on"] if rows[0]["supersedes"] is None else case["opened_on"],
    }


def _announcement_findings(
    case_id: str, legal: LegalContext, entries: Sequence[Entry], case: Mapping[Any, Any]
) -> list[Finding]:
    live = history.live_acts(entries)
    folding = fold_acts(legal, live, case["settled_on"], begin(legal, live[0]))
    gone, missing = compared(history.standing_derived(entries), folding.derived)
    found = [Finding(case_id, one.sequence, "该自动事项没有依据", "nothing brings this event about") for one in gone]
    found += [
        Finding(case_id, None, f"应有的自动事项缺失：{one.key}", f"an automatic event is missing: {one.key}")
        for one in missing
    ]
    return found


def _silent_moves(
    tx: Connection,
    registry: Registry,
    case: Mapping[Any, Any],
    rows: Sequence[Mapping[Any, Any]],
    legal: LegalContext,
    entries: Sequence[Entry],
    standing: Standing,
) -> Iterator[Finding]:
    """The dates that another calendar than the last event's moved: an event would have said so."""
    digest = rows[-1]["calendar_digest"]
    if digest == legal.calendar.digest:
        return
    then = LegalContext(legal.laws, registry.kept_calendar(tx, digest))
    said = engine.project(then, entries, today=case["settled_on"]).deadlines
    for key, running in standing.deadlines.items():
        if key in said and said[key].due_on != running.due_on:
            yield Finding(
                case["id"], None, f"期限“{key}”因日历改变而变动，但没有事项说明",
                f"the calendar of the case moves the deadline '{key}', and no event says so",
            )  # fmt: skip


def _list_findings(tx: Connection, projected: ProjectedCase) -> Iterator[Finding]:
    """Compare each work list with the rows that follow from the standing."""
    for projection in PROJECTIONS:
        stored = {row[projection.key]: row for row in reads.projected_rows(tx, projection.table, projected.case_id)}
        yield from _compared(projected.case_id, projection, projection.rows(projected), stored)


def _compared(
    case_id: str, projection: Projection, expected: Mapping[str, Row], stored: Mapping[str, Mapping[Any, Any]]
) -> Iterator[Finding]:
    zh, en = projection.title.zh, projection.title.en
    for key in sorted(expected.keys() | stored.keys()):
        if key not in stored:
            yield Finding(case_id, None, f"缺少{zh}“{key}”", f"the {en} '{key}' is missing")
        elif key not in expected:
            yield Finding(case_id, None, f"多出{zh}“{key}”", f"the {en} '{key}' follows from no event")
        else:
            # What a row leaves out nobody knows any more, such as the name of a party whose particulars were erased.
            wanted = {**dict.fromkeys(projection.table.c.keys()), **expected[key]}
            wrong = [n for n, v in wanted.items() if n not in projection.unverified and stored[key][n] != v]
            if wrong:
                names = ", ".join(wrong)
                yield Finding(case_id, None, f"{zh}“{key}”与事项不符：{names}", f"the {en} '{key}' is wrong in {names}")
