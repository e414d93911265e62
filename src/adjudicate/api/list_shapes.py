"""What is answered beside a case: lists, documents, next steps, audit and grants, as strict models."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from adjudicate.api.inputs import Day, Instant
from adjudicate.api.shapes import DeadlineShape, EntryShape, LabelShape, ReasonShape, Shape, StageShape


class Page(Shape):
    """Where a list continues; null at its end."""

    next_cursor: str | None
    has_more: bool


class EntryList(Shape):
    """A stretch of a case's stream. `next_after` is null at its end."""

    data: list[EntryShape]
    next_after: int | None


class DeadlineList(Shape):
    """The deadlines of a case, in the order in which they started."""

    data: list[DeadlineShape]


class DocumentDueRowShape(Shape):
    """A document that a step obliges the office to issue, and whether that was done."""

    document: str
    label: LabelShape | None
    sequence: int
    party: str | None
    thread: str | None
    due_since: Instant
    digest: str | None
    fulfilled_at: Instant | None


class DocumentShape(Shape):
    """A document registered in the case by the SHA-256 of its bytes; `fact` is how a fact names it."""

    digest: str
    fact: str
    size: int
    media_type: str
    name: str
    registered_at: Instant
    registered_by: str


class DocumentList(Shape):
    """The documents of a case: those to be issued and those registered."""

    documents_due: list[DocumentDueRowShape]
    documents: list[DocumentShape]


class AttemptShape(Shape):
    """An attempt at service: of which document, on whom, how, and how it ended."""

    thread: str
    incident: str
    title: LabelShape
    addressee: str | None
    document: str | None
    method: str | None
    sent_on: Day | None
    completed_on: Day | None
    proof: str | None
    state: str
    label: LabelShape
    open: bool
    opened_on: Day
    events: list[EntryShape]


class AttemptList(Shape):
    """The attempts at service in a case, in the order in which they began."""

    data: list[AttemptShape]


class LinkShape(Shape):
    """An act that something beside the main procedure caused, with its cause."""

    sequence: int
    event: str
    label: LabelShape | None
    effective_on: Day
    cause: int | None
    cause_event: str | None
    thread: str | None
    party: str | None


class LinkList(Shape):
    """What incidents and other cases caused in this case."""

    data: list[LinkShape]


class AuditShape(Shape):
    """A row of the chain: who wrote what down when, under which law and calendar, and the hash over all before it."""

    sequence: int
    kind: str
    event: str
    effective_on: Day
    recorded_at: Instant
    actor: str
    recorded_by: str
    law_digest: str
    calendar_digest: str
    facts_digest: str
    particulars_digest: str | None
    algorithm: str
    previous_hash: str
    hash: str


class AuditList(Shape):
    """The audit chain of a case."""

    head_hash: str
    data: list[AuditShape]


class NextStepShape(Shape):
    """An event that the procedure knows here: whether it may be recorded now, and all reasons why not."""

    event: str
    label: LabelShape | None
    basis: str | None
    thread: str | None
    party: str | None
    opens: str | None = Field(description="The incident that the event would open a thread of.")
    allowed: bool
    entitled: bool = Field(description="Whether your roles may record it.")
    by: list[str]
    records: list[str]
    may_record: list[str]
    joins: list[str]
    refusals: list[ReasonShape]
    irregularities: list[ReasonShape]
    advice: list[ReasonShape]
    depends_on: list[str] = Field(description="Conditions that wait for facts they read.")


class NextShape(Shape):
    """What may happen next, and why the rest may not."""

    state: str
    today: Day
    data: list[NextStepShape]


class CaseRowShape(Shape):
    """A case in a list."""

    id: str
    docket_number: str | None
    workflow: str
    title: LabelShape
    law_day: Day
    office: str
    region: str
    stage: StageShape
    patent: str | None
    parties: list[dict[str, str | None]]
    closed: bool
    irregularities: int
    opened_on: Day
    changed_at: Instant
    next_due_on: Day | None
    version: int


class CaseList(Shape):
    """A page of cases. `unsettled`: how many cases you may see have a lapse that is not yet announced."""

    data: list[CaseRowShape]
    page: Page
    unsettled: int


class DeadlineRowShape(Shape):
    """A deadline in a list, with its case."""

    key: str
    name: str
    label: LabelShape
    kind: str
    party: str | None
    thread: str | None
    status: str
    trigger_on: Day
    started_on: Day
    due_on: Day | None
    due_at: Instant | None
    provisional: bool
    ended_on: Day | None
    lapsed_on: Day | None
    case: CaseRowShape


class DeadlineRows(Shape):
    """A page of deadlines across cases."""

    data: list[DeadlineRowShape]
    page: Page
    unsettled: int


class HearingRowShape(Shape):
    """A hearing in a list, with its case."""

    hearing_on: Day
    time: str | None
    room: str | None
    mode: str | None
    attended: Any
    held: Any
    thread: str | None
    case: CaseRowShape


class HearingRows(Shape):
    """A page of hearings across cases."""

    data: list[HearingRowShape]
    page: Page
    unsettled: int


class GrantShape(Shape):
    """Access to a case given to another office or to one actor."""

    id: str
    office: str | None
    actor: str | None
    kind: Literal["joint", "approval", "outside"]
    from_on: Day
    until_on: Day | None
    granted_by: str
    granted_at: Instant


class GrantList(Shape):
    """The grants on a case, past ones included."""

    data: list[GrantShape]
