"""Responses beside the case itself as strict models: lists, next steps, attempts, links, audit chain and summary."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from adjudicate.api.inputs import Day, Instant
from adjudicate.api.shapes import DeadlineShape, EntryShape, LabelShape, ReasonShape, Shape, StageShape


class Page(Shape):
    """The cursor of the next page; null on the last page."""

    next_cursor: str | None
    has_more: bool


class EntryList(Shape):
    """A page of a case's entries. `next_after` is null on the last page."""

    data: list[EntryShape]
    next_after: int | None


class DeadlineList(Shape):
    """The deadlines of a case, in the order in which they started."""

    data: list[DeadlineShape]


class AttemptShape(Shape):
    """An attempt at service: the document, the addressee, the method and the outcome."""

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
    """An act in the main procedure that an incident caused, with the event that caused it."""

    sequence: int
    event: str
    label: LabelShape | None
    effective_on: Day
    cause: int | None
    cause_event: str | None
    thread: str | None
    party: str | None


class LinkList(Shape):
    """The acts in this case that incidents caused."""

    data: list[LinkShape]


class AuditShape(Shape):
    """A row of the audit chain: who recorded it when, under which law and calendar, and the hash of all rows so far."""

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
    """An event that the procedure has in this state: whether it may be recorded now, and every reason why not."""

    event: str
    label: LabelShape | None
    basis: str | None
    thread: str | None
    party: str | None
    opens: str | None = Field(description="The incident of which the event would open a thread.")
    allowed: bool
    entitled: bool = Field(description="Whether your roles may record it.")
    by: list[str]
    records: list[str]
    may_record: list[str]
    joins: list[str] = Field(description="The roles of which parties may join with it.")
    must_join: list[str] = Field(description="The roles of which at least one party must join with it.")
    refusals: list[ReasonShape]
    irregularities: list[ReasonShape]
    advice: list[ReasonShape]
    depends_on: list[str] = Field(description="Conditions that depend on facts not given yet.")


class NextShape(Shape):
    """What may be recorded next, and why the rest may not."""

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
    """A page of cases. `unsettled` counts the cases you may see that have a lapse not yet recorded."""

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


class StageCount(Shape):
    """How many cases of one procedure stand in one stage."""

    workflow: str
    title: LabelShape
    stage: StageShape
    count: int


class DueCount(Shape):
    """How many running deadlines fall due, by what they are: duties of the office, rights of parties, waits."""

    duty: int
    right: int
    wait: int


class Summary(Shape):
    """What is before an office on a day, as stored. Each number is how many rows the list of the same filters has."""

    today: Day
    week_until: Day = Field(description="The Sunday that ends the week; what is counted for the week begins today.")
    office: str | None = Field(description="The office asked for; null: all whose cases you may see.")
    open_cases: int
    open_by_stage: list[StageCount]
    due_today: DueCount
    due_this_week: DueCount
    overdue_duties: int = Field(description="Running duties of the office past their day; lapsed rights are not here.")
    hearings_today: int
    hearings_this_week: int
    unsettled: int = Field(description="Cases with a lapse that is due and not yet recorded.")
