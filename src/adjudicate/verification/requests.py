"""Whether the documents due are those that the events of a case ask for, and fulfilled as the file of the case says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adjudicate import chaining
from adjudicate.cases.queries import reads
from adjudicate.states.entries import DERIVED, EntryKind
from adjudicate.verification.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from adjudicate.definition.rulebook import Rulebook


def request_findings(
    tx: Connection, case_id: str, rulebooks: Mapping[str, Rulebook], rows: Sequence[Mapping[Any, Any]]
) -> Iterator[Finding]:
    """Compare the requests for documents with the events of a case; `rulebooks` are those of its events, by digest."""
    stored: dict[int, list[str]] = {}
    events = {row["sequence"]: row for row in rows}
    for request in reads.document_request_rows(tx, case_id):
        stored.setdefault(request["sequence"], []).append(request["document"])
        if not _as_made(request, events.get(request["sequence"])):
            yield Finding(
                case_id, request["sequence"], f"应制作的文书“{request['document']}”的登记与事项不符",
                f"the request for '{request['document']}' is not what the event made",
            )  # fmt: skip
    for row in rows:
        replaced = events.get(row["supersedes"])
        possible = _issued(row, rulebooks)
        if row["supersedes"] is not None:
            # An act of the same event asks for nothing again; a release before asked for nothing of another one either.
            possible = [set(), *(possible if replaced is None or replaced["event"] != row["event"] else ())]
        yield from _compared(case_id, row["sequence"], stored.get(row["sequence"], []), possible)


def _as_made(request: Mapping[Any, Any], event: Mapping[Any, Any] | None) -> bool:
    """Whether a request bears the party, the thread and the instant of its event."""
    return (
        event is not None
        and (request["party"], request["thread"]) == (event["party"] or "", event["thread"])
        and request["requested_at"] == event["recorded_at"]
    )


def fulfilment_findings(tx: Connection, case_id: str, told: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Compare what the requests for documents say of being fulfilled with what the file of the case tells, in order."""
    said = {(row["sequence"], row["document"]): (row["digest"], row["fulfilled_at"]) for row in told}
    for request in reads.document_request_rows(tx, case_id):
        held = (request["digest"], chaining.plain(request["fulfilled_at"]))
        if held != said.pop((request["sequence"], request["document"]), (None, None)):
            yield Finding(
                case_id, request["sequence"], f"文书“{request['document']}”的办理情况与案卷记录不符",
                f"whether '{request['document']}' was issued is not what the file of the case says",
            )  # fmt: skip
    for sequence, document in said:
        yield Finding(
            case_id, sequence, f"案卷记录所称已制作的文书“{document}”没有登记",
            f"the file says that '{document}' was issued, and there is no request for it",
        )  # fmt: skip


def _compared(case_id: str, sequence: int, present: list[str], possible: list[set[str]]) -> Iterator[Finding]:
    """What is missing, too much or there twice, as against the likeliest of the sets that the event may ask for."""
    likeliest = min(possible, key=lambda one: len(one ^ set(present)))
    for document in sorted(likeliest - set(present)):
        yield Finding(case_id, sequence, f"缺少应制作的文书“{document}”", f"the request for '{document}' is missing")
    for document in sorted(set(present) - likeliest):
        yield Finding(
            case_id, sequence, f"文书“{document}”没有事项依据", f"nothing asked for the document '{document}'"
        )
    for document in sorted({one for one in present if present.count(one) > 1}):
        yield Finding(
            case_id, sequence, f"应制作的文书“{document}”登记了不止一次",
            f"the request for '{document}' is there more than once",
        )  # fmt: skip


def _issued(row: Mapping[Any, Any], rulebooks: Mapping[str, Rulebook]) -> list[set[str]]:
    """The sets of documents of which an event asks for one: each step of that name has its own.

    Which step an act took does not follow from its row; where none was judged, all of them count.
    """
    rulebook = rulebooks.get(row["law_digest"])
    if rulebook is None or row["event"] not in rulebook.homes:
        return [set()]
    if row["kind"] not in {EntryKind.ACT, *DERIVED}:
        return [set()]
    steps = rulebook.compiled(rulebook.homes[row["event"]]).events[row["event"]]
    issues = [set(step.issues) for step in steps]
    together = set.union(*issues)
    return [*issues, together] if row["kind"] == EntryKind.ACT else [together]
