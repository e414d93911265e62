"""Request bodies as strict, frozen models with bounded texts; whether they are lawful is decided elsewhere."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from adjudicate.law.folding import is_blank
from adjudicate.states.facts import FIRST_YEAR, LAST_YEAR

FIRST_DAY = date(FIRST_YEAR, 1, 1)
LAST_DAY = date(LAST_YEAR, 12, 31)

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def fault(kind: str, zh: str, en: str) -> PydanticCustomError:
    """A validation error with its sentence in both languages."""
    # Pydantic reads curly brackets as a template, so the message is passed as a value.
    return PydanticCustomError(kind, "{message}", {"message": en, "messages": (zh, en)})


def read_day(value: object) -> date:
    """A legal day written YYYY-MM-DD between 1900 and 2200. Raises a validation error."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = None
        if day is not None:
            if FIRST_DAY <= day <= LAST_DAY:
                return day
            raise fault(
                "day-out-of-range",
                f"日期须在 {FIRST_YEAR} 年至 {LAST_YEAR} 年之间",
                f"a day lies within the years {FIRST_YEAR} to {LAST_YEAR}",
            )
    raise fault(
        "day-invalid", "须为真实日期，写作“2026-03-05”的样式", "it must be a real day, written like '2026-03-05'"
    )


def read_instant(value: object) -> datetime:
    """An RFC 3339 instant with its offset, turned into UTC. Raises a validation error."""
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            instant = datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            instant = None
        if instant is not None and FIRST_DAY <= instant.date() <= LAST_DAY:
            return instant
    raise fault(
        "instant-invalid",
        "须为带时区的时刻，写作“2026-03-05T09:00:00+08:00”的样式",
        "it must be an instant with its time zone, written like '2026-03-05T09:00:00+08:00'",
    )


def not_blank(value: object) -> object:
    """A text of which a reader sees something. Raises a validation error."""
    if isinstance(value, str) and is_blank(value):
        raise fault("string-blank", "不得为空白或者只含不可见字符", "it may not be blank or hold nothing visible")
    return value


Day = Annotated[date, BeforeValidator(read_day), WithJsonSchema({"type": "string", "format": "date"})]
QueryInstant = Annotated[
    datetime,
    BeforeValidator(lambda v: read_instant(v.replace(" ", "+") if isinstance(v, str) else v)),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]  # a plus sign in an address arrives as a space
Instant = Annotated[datetime, BeforeValidator(read_instant), WithJsonSchema({"type": "string", "format": "date-time"})]
EventName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)]
FactName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)]
RoleName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=80)]
ThreadName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=100)]
PartyId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=40)]
OfficeCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{2,32}$")]
ActorId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
ShortText = Annotated[str, BeforeValidator(not_blank), StringConstraints(min_length=1, max_length=300)]
Reason = Annotated[str, BeforeValidator(not_blank), StringConstraints(min_length=1, max_length=4000)]
Sequence = Annotated[int, Field(strict=True, ge=1, le=1_000_000_000)]
Facts = Annotated[dict[FactName, Any], Field(max_length=100)]


class Input(BaseModel):
    """Strict base: an unknown key is an error, no type is converted, and instances are immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PartyIn(Input):
    """A party that joins: its role, who it is, and, for a representative, whom it represents."""

    id: PartyId | None = Field(
        default=None,
        description="An id within the case such as `p1`, given to one party for ever. Left out: the next free one, or, "
        "in a correction, the one that the party had.",
    )
    role: RoleName
    name: ShortText
    kind: ShortText | None = Field(default=None, description="Such as `person`, `enterprise` or `office`.")
    identifier: ShortText | None = Field(default=None, description="Unified social credit code or identity number.")
    address: Annotated[str, StringConstraints(max_length=1000)] | None = None
    represents: PartyId | None = None


class ActIn(Input):
    """An act that happened: the event, the day, whose act it is, and its facts."""

    event: EventName
    thread: ThreadName | None = Field(default=None, description="The incident thread; left out for the main procedure.")
    effective_on: Day = Field(description="The day it happened, in Asia/Shanghai; never after today.")
    effective_at: Instant | None = Field(
        default=None, description="Needed where a period in hours starts or ends; it lies on `effective_on`."
    )
    by: RoleName | None = Field(default=None, description="Whose act it is; your own role if left out.")
    party: PartyId | None = Field(default=None, description="The party whose act it is or whom it concerns.")
    facts: Facts = Field(default_factory=dict)
    parties: Annotated[list[PartyIn], Field(max_length=100)] = Field(default_factory=list)
    reason: Reason | None = None
    accept_irregular: bool = Field(
        default=False, description="Record although an `expects` is not met; needs a reason."
    )


class EventIn(ActIn):
    """An act to be recorded in a case; `before` places a late entry ahead of an event of the same day."""

    before: Sequence | None = None


class CaseIn(ActIn):
    """The first act of a new case."""

    workflow: Key
    office: OfficeCode | None = Field(default=None, description="The office that handles it; your own if left out.")


class CorrectionIn(Input):
    """One change to the record: `act` replaces event `target`; without `act` the event becomes void."""

    target: Sequence
    reason: Reason
    act: EventIn | None = None


class RectificationIn(Input):
    """One or several corrections, judged as a whole."""

    corrections: Annotated[list[CorrectionIn], Field(min_length=1, max_length=50)]


class GrantIn(Input):
    """Access to one case for another office or for one actor: exactly one of the two.

    `joint`: handles the case too. `approval`: sees it and records what it approves. `outside`: sees it.
    """

    office: OfficeCode | None = None
    actor: ActorId | None = None
    kind: Literal["joint", "approval", "outside"]
    from_on: Day | None = Field(default=None, description="The first day; today if left out.")
    until_on: Day | None = Field(default=None, description="The first day on which it no longer holds.")

    @model_validator(mode="after")
    def _to_one(self) -> GrantIn:
        if (self.office is None) == (self.actor is None):
            raise fault("grantee-unclear", "只能指明机构或者人员之一", "name either an office or a person")
        if self.until_on is not None and self.from_on is not None and self.until_on <= self.from_on:
            raise fault("grant-empty", "授权失效之日须晚于生效之日", "it must end after it begins")
        return self


class TodayIn(Input):
    """The date that the sandbox shall use as today."""

    today: Day
