"""What the API answers, as strict models: they describe it in OpenAPI and tests check by them; nothing runs here."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from adjudicate.api.inputs import Day, Instant


class Shape(BaseModel):
    """Strict base: what is not described is not answered."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LabelShape(Shape):
    """What people read, in both languages."""

    zh: str
    en: str


class ReasonShape(LabelShape):
    """Why a step is refused, irregular or worth a reminder, with its citation."""

    code: str
    condition: str | None = None
    basis: str | None = None
    details: dict[str, Any] = Field(default_factory=dict)


class FaultShape(LabelShape):
    """One fault in what was sent, and where it is."""

    pointer: str
    code: str


class Problem(Shape):
    """A refusal (RFC 9457). `code` is stable; `title` and `detail` are in the caller's language."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    reasons: list[ReasonShape] = Field(default_factory=list)
    allowed: list[str] = Field(default_factory=list, description="The events that are open instead.")
    errors: list[FaultShape] = Field(default_factory=list)


class OfficeShape(Shape):
    """An office in short."""

    code: str
    name: LabelShape


class EntryShape(Shape):
    """One row of a case's stream. `automatic`: nobody's decision; `announced`: false for a lapse still due."""

    sequence: int
    kind: str
    event: str
    label: LabelShape | None
    automatic: bool
    announced: bool
    effective_on: Day
    effective_at: Instant | None
    recorded_at: Instant | None
    by: str
    by_label: LabelShape | None
    actor: str | None
    recorded_by: str | None
    thread: str | None
    party: str | None
    facts: dict[str, Any]
    joins: list[dict[str, Any]]
    irregular: list[str]
    reason: str | None
    supersedes: int | None
    before: int | None
    target: int | None
    cause: int | None
    docket_number: str | None


class ThreadShape(Shape):
    """An incident opened in the case and where it stands."""

    id: str
    incident: str
    title: LabelShape
    state: str
    label: LabelShape
    party: str | None
    opened_on: Day
    final: bool
    facts: dict[str, Any]


class PartyShape(Shape):
    """A party over time."""

    id: str
    role: str
    label: LabelShape | None
    name: str | None
    kind: str | None
    identifier: str | None
    address: str | None
    represents: str | None
    joined_on: Day
    left_on: Day | None
    facts: dict[str, Any]


class MarkShape(Shape):
    """An irregularity of an event, condition by condition."""

    sequence: int
    conditions: list[ReasonShape]


class StageShape(Shape):
    """Where the main road stands."""

    state: str
    label: LabelShape
    final: bool


class LawShape(Shape):
    """The version of the procedure that governs the case."""

    workflow: str
    title: LabelShape
    day: Day
    digest: str


class CaseShape(Shape):
    """A case as of today, or, with `as_of`, as it was known at that moment."""

    id: str
    docket_number: str | None
    law: LawShape
    office: OfficeShape
    region: str
    stage: StageShape
    threads: list[ThreadShape]
    parties: list[PartyShape]
    facts: dict[str, Any]
    irregularities: list[MarkShape]
    pending: list[EntryShape] = Field(description="Lapses that are due and not yet announced.")
    closed: bool
    opened_on: Day
    version: int
    time_zone: Literal["Asia/Shanghai"]
    as_of: Instant | None


class ExtensionShape(Shape):
    """An extension granted: by how much, by whom, on which day."""

    length: str
    by: str
    on: Day


class DeadlineShape(Shape):
    """A time limit of the case. While an interval is open, `due_on` is null and `floor_on` the earliest day."""

    key: str
    name: str
    label: LabelShape
    kind: Literal["duty", "right", "wait"]
    party: str | None
    thread: str | None
    status: str
    trigger_on: Day
    started_on: Day
    due_on: Day | None
    due_at: Instant | None
    floor_on: Day | None
    last_counted_on: Day | None
    provisional: bool
    extensions: list[ExtensionShape]
    ended_on: Day | None
    lapsed_on: Day | None
    basis: str | None
    ruling_needed: list[str]
    announced: bool


class AccountLineShape(Shape):
    """A run of days treated alike for one reason."""

    from_on: Day
    until_on: Day
    counted: bool
    count_after: int
    rule: str
    why: LabelShape
    notice: str | None


class AccountShape(Shape):
    """A period, its due day, and day by day how the one leads to the other; `text` reads as a page for people."""

    from_: Day = Field(alias="from")
    length: str
    due_on: Day | None
    due_at: Instant | None
    last_counted_on: Day | None
    provisional: bool
    open: list[str]
    account: list[AccountLineShape]
    text: LabelShape


class DueDateShape(AccountShape):
    """The account of any period, and the calendar it was counted by."""

    calendar: str


class ExplanationShape(Shape):
    """The account of a deadline of a case, with its rule; several counts where the earliest or latest of them holds."""

    key: str
    label: LabelShape
    basis: str | None
    ruling_needed: list[str]
    due_on: Day | None
    counts: list[AccountShape]


class MovedShape(Shape):
    """A deadline whose due day changed."""

    key: str
    was_on: Day | None
    is_on: Day | None
    status: str


class DocumentDueShape(Shape):
    """A document that the office is obliged to issue."""

    document: str
    label: LabelShape | None
    sequence: int
    party: str | None
    thread: str | None


class RecordedShape(Shape):
    """What a command recorded (or, in a dry run, would record) and what follows from it."""

    case_id: str | None
    dry_run: bool
    version: int
    docket_number: str | None
    stage: StageShape
    act: EntryShape | None
    entries: list[EntryShape]
    deadlines_moved: list[MovedShape]
    documents: list[DocumentDueShape]
    numbers: list[str]
    advice: list[ReasonShape]
    irregularities: list[ReasonShape]


class Page(Shape):
    """Where a list continues; null at its end."""

    next_cursor: str | None
    has_more: bool


class EntryList(Shape):
    """A stretch of a case's stream. `next_after` is null at its end."""

    data: list[EntryShape]
    next_after: int | None


class DeadlineList(Shape):
    """The time limits of a case, in the order in which they started."""

    data: list[DeadlineShape]


class DocumentRequestShape(Shape):
    """A document that a step obliges the office to issue, and whether that was done."""

    document: str
    label: LabelShape | None
    sequence: int
    party: str | None
    thread: str | None
    requested_at: Instant
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

    requests: list[DocumentRequestShape]
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
    """An act that something beside the main road caused, with its cause."""

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

    head: str
    data: list[AuditShape]


class OptionShape(Shape):
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
    data: list[OptionShape]


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


class TodayShape(Shape):
    """The day the sandbox plays."""

    today: Day
    sandbox: Literal[True]


class VersionRow(Shape):
    """A version by its first day in force, and the first day on which it no longer is, if one is set."""

    day: Day
    until: Day | None
    title: LabelShape


class WorkflowShape(Shape):
    """A procedure or an incident."""

    key: str
    kind: Literal["procedure", "incident"]
    title: LabelShape
    versions: list[VersionRow]


class WorkflowList(Shape):
    """Every procedure and incident that is loaded."""

    data: list[WorkflowShape]


class VersionShape(Shape):
    """One version as loaded; `definition` is its file, `overlays` those of the region."""

    key: str
    day: Day
    region: str
    digest: str
    title: LabelShape
    basis: str | None
    definition: dict[str, Any]
    overlays: list[dict[str, Any]]
    incidents: list[str]
    ruling_needed: list[str]


class ReadyShape(Shape):
    """Whether the service can work, and what it found."""

    status: Literal["ready"]
    database: Literal["ok"]
    workflows: int


class AliveShape(Shape):
    """That the process answers."""

    status: Literal["alive"]


class ProblemPage(Shape):
    """What a kind of problem is called and answered with."""

    code: str
    status: int
    title: LabelShape
