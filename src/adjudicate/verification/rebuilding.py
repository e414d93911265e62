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
from adjudicate.states.entries import DERIVED, EntryKind
from adjudicate.states.fold import fold_acts
from adjudicate.states.fold_context import LegalContext
from adjudicate.states.judge import begin
from adjudicate.states.result import compared
from adjudicate.verification.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from adjudicate.cases.registry import Registry
    from adjudicate.definition.rulebook import Rulebook
    from adjudicate.states.entries import Entry
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
        projected = _projected(case, legal, engine.project(legal, entries, today=case["settled_on"]), rows)
        announced = _announcement_findings(case_id, legal, entries, case)
        columns = _expected_columns(case, projected, legal, rows)
        lists = [
            *_list_findings(tx, projected),
            *_request_findings(tx, case_id, legal, rows, projected.standing),
            *announced,
        ]
    except (AdjudicateError, LookupError, ValueError, TypeError, AttributeError, AssertionError) as error:
        # Whatever was done to the rows, the rest of the record is still gone through.
        yield Finding(
            case_id, None, f"无法从事项重建案件：{error}",
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
    laws = reading.laws_then(tx, registry, case, list(rows))
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


def _request_findings(
    tx: Connection, case_id: str, legal: LegalContext, rows: Sequence[Mapping[Any, Any]], standing: Standing
) -> Iterator[Finding]:
    stored: dict[int, set[str]] = {}
    when = {row["sequence"]: row["recorded_at"] for row in rows}
    threads = {row["thread"] for row in rows} | standing.threads.keys()
    for request in reads.document_request_rows(tx, case_id):
        stored.setdefault(request["sequence"], set()).add(request["document"])
        if not _as_made(request, when.get(request["sequence"]), standing, threads):
            yield Finding(
                case_id, request["sequence"], f"应制作的文书“{request['document']}”的登记与事项不符",
                f"the request for '{request['document']}' is not what the event made",
            )  # fmt: skip
    by_digest = {rulebook.digest: rulebook for rulebook in getattr(legal.laws, "pinned", {}).values()}
    for row in rows:
        present = stored.pop(row["sequence"], set())
        always, ever = _issued(row, by_digest.get(row["law_digest"]))
        for document in sorted(always - present):
            yield Finding(
                case_id, row["sequence"], f"缺少应制作的文书“{document}”", f"the request for '{document}' is missing"
            )
        for document in sorted(present - ever):
            yield Finding(
                case_id,
                row["sequence"],
                f"文书“{document}”没有事项依据",
                f"nothing asked for the document '{document}'",
            )


def _as_made(request: Mapping[Any, Any], recorded_at: Any, standing: Standing, threads: Collection[str | None]) -> bool:
    """Whether a request names a party and a thread of the case and its event's instant, and nothing was done since."""
    return (
        request["requested_at"] == recorded_at
        and request["party"] in {"", *standing.members}
        and (request["thread"] is None or request["thread"] in threads)
        and request["digest"] is None
        and request["fulfilled_at"] is None
    )


def _issued(row: Mapping[Any, Any], rulebook: Rulebook | None) -> tuple[set[str], set[str]]:
    """The documents that an event asks for whichever step of that name it took, and those that one of them asks for."""
    if rulebook is None or row["event"] not in rulebook.homes or row["supersedes"] is not None:
        return set(), set()
    if row["kind"] not in {EntryKind.ACT, *DERIVED}:
        return set(), set()
    issues = [set(step.issues) for step in rulebook.compiled(rulebook.homes[row["event"]]).events[row["event"]]]
    return set.intersection(*issues), set.union(*issues)
