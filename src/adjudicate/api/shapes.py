"""The API's responses as strict models, for OpenAPI and for the tests; responses are not built from them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from adjudicate.api.inputs import Day, Instant
from adjudicate.definition.shared_models import Weight

WEIGHT = "Of an irregularity: `grave` where a court revokes, `minor` where it confirms illegality without revoking."


class Shape(BaseModel):
    """Strict base: a field that is not described here is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LabelShape(Shape):
    """A label in both languages."""

    zh: str
    en: str


class ReasonShape(LabelShape):
    """Why a step is refused, irregular or worth a reminder, with its citation."""

    code: str
    condition: str | None = None
    basis: str | None = None
    weight: Weight | None = Field(default=None, description=WEIGHT)
    details: dict[str, Any] = Field(default_factory=dict)


class FaultShape(LabelShape):
    """One fault in a request, and its place. `details`: what could be given instead, for a program."""

    pointer: str
    code: str
    details: dict[str, Any] = Field(default_factory=dict)


class Problem(Shape):
    """A refusal (RFC 9457). `code` is stable; `title` and `detail` are in the caller's language."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    reasons: list[ReasonShape] = Field(default_factory=list)
    allowed: list[str] = Field(default_factory=list, description="The events that are possible instead.")
    errors: list[FaultShape] = Field(default_factory=list)


class OfficeShape(Shape):
    """An office: its code and its name."""

    code: str
    name: LabelShape


class EntryShape(Shape):
    """One entry of a case's record. `automatic`: derived by the engine. `announced`: false for a lapse still due."""

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
    """A thread of the case: its incident and its state."""

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
    """A party, with the days on which it joined and left."""

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
    """The irregularities of one event, each with its condition."""

    sequence: int
    conditions: list[ReasonShape]


class StageShape(Shape):
    """The stage of the main procedure."""

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
    officer: str | None = Field(description="Who is in charge of the case (承办人).")
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
    """An extension granted: its length, the role that granted it, the day."""

    length: str
    by: str
    on: Day


class DeadlineShape(Shape):
    """A deadline of the case. While an exclusion is open, `due_on` is null and `floor_on` is the earliest due day."""

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
    """Consecutive days that count, or do not count, for one reason."""

    from_on: Day
    until_on: Day
    counted: bool
    count_after: int
    rule: str
    why: LabelShape
    notice: str | None


class AccountShape(Shape):
    """A period, its due day, and the account of how it is counted day by day; `text` is the account as prose."""

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
    """The account of any period, and the calendar that was used."""

    calendar: str


class ExplanationShape(Shape):
    """The account of a deadline, with its rule; several counts where the earliest or the latest of them decides."""

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
    """A document that the office must issue."""

    document: str
    label: LabelShape | None
    sequence: int
    party: str | None
    thread: str | None


class RecordedShape(Shape):
    """What a command recorded, or in a dry run would record, and its consequences."""

    case_id: str | None
    dry_run: bool
    version: int
    docket_number: str | None
    stage: StageShape
    act: EntryShape | None
    entries: list[EntryShape]
    deadlines_moved: list[MovedShape]
    documents_due: list[DocumentDueShape]
    numbers: list[str]
    advice: list[ReasonShape]
    irregularities: list[ReasonShape]
