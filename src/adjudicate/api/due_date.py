"""The due day of any period from any day, with its account, as `adjudicate due-date` has it; no case is read."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import StringConstraints

from adjudicate.api import rendering
from adjudicate.api.authentication import read_as_caller, registry_of, require_token
from adjudicate.api.errors import ApiError
from adjudicate.api.inputs import Day, QueryInstant, read_day
from adjudicate.api.openapi import documented
from adjudicate.api.problems import FieldFault
from adjudicate.api.responses import json_response
from adjudicate.api.shapes import DueDateShape
from adjudicate.api.turns import TurnRoute
from adjudicate.errors import PeriodError
from adjudicate.law.calendars import NATIONWIDE
from adjudicate.law.deadlines import Exclusion, Extension, Period, explain
from adjudicate.law.periods import Length, Unit
from adjudicate.law.text import Text

router = APIRouter(prefix="/v1/due-date", tags=["law"], dependencies=[Depends(require_token)], route_class=TurnRoute)

GIVEN = "given"
LABELS = {GIVEN: Text("指定的扣除期间", "the interval given")}
LengthText = Annotated[str, StringConstraints(min_length=1, max_length=60)]


def _length(parameter: str, text: str) -> Length:
    """Raises ApiError."""
    try:
        return Length.parse(text)
    except PeriodError as error:
        zh = "期限长度须为数目及其单位（时、日、工作日、月、年），并在可以计算的范围内"
        en = "a length is a count and its unit (hours, days, working days, months, years), within what can be counted"
        fault = FieldFault(parameter, "length-invalid", zh, en, {"units": list(Unit)})
        raise ApiError("period-invalid", zh=zh, en=en, errors=[fault]) from error


def _exclusion(text: str) -> Exclusion:
    first, mark, until = text.partition("..")
    if not mark:
        raise PeriodError(
            zh="扣除期间须写明起日和恢复计算之日（该日计入），写作“2026-03-02..2026-03-09”的样式",
            en="an excluded interval has its first day and the day that counts again, written like "
            "'2026-03-02..2026-03-09'",
        )
    try:
        return Exclusion(GIVEN, read_day(first), read_day(until) if until else None)
    except ValueError as error:
        raise PeriodError(
            zh="扣除期间的日期须为真实日期，写作“2026-03-05”的样式",
            en="the days of an excluded interval must be real days, written like '2026-03-05'",
        ) from error


@router.get(
    "",
    **documented("read_due_date", model=DueDateShape, codes=("period-invalid", "calendar-missing", "law-error")),
)
def read_due_date(
    request: Request,
    from_: Annotated[
        Day, Query(alias="from", description="The day from which the period runs; it does not count itself.")
    ],
    length: Annotated[LengthText, Query(description="A count and a unit: `working_days`, `days`, `months` …")],
    at: Annotated[QueryInstant | None, Query(description="The instant from which hours are counted.")] = None,
    exclude: Annotated[str | None, Query(max_length=2000, description="`FROM..UNTIL,…`; UNTIL counts again.")] = None,
    extend: Annotated[str | None, Query(max_length=200, description="An extension, as a length.")] = None,
    jurisdiction: Annotated[str, Query(pattern="^[0-9]{6}$", description="A GB/T 2260 code.")] = NATIONWIDE,
    *,
    backward: Annotated[bool, Query(description="Count back from the day: the last permitted day.")] = False,
) -> Response:
    """The day on which a period ends, with the day-by-day account."""
    registry = registry_of(request)
    with read_as_caller(request) as (tx, _):
        calendar = registry.calendar(tx, jurisdiction)
    intervals = tuple(_exclusion(part) for part in exclude.split(",")) if exclude else ()
    extensions = (Extension(_length("extend", extend), "", from_),) if extend else ()
    period = Period(
        trigger_on=from_,
        length=_length("length", length),
        extensions=extensions,
        exclusions=intervals,
        backward=backward,
        trigger_at=at,
    )
    account = explain(period, calendar, labels=LABELS)
    value: dict[str, Any] = {**rendering.account(account), "calendar": calendar.code}
    return json_response(value)
