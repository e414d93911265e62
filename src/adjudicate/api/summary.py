"""The day of an office in figures: what stands where, what falls due, what is overdue; each equals a list's length."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends, Request, Response

from adjudicate.api import rendering
from adjudicate.api.authentication import read_as_caller, registry_of, require_token
from adjudicate.api.filters import Office, known_office
from adjudicate.api.list_shapes import Summary
from adjudicate.api.openapi import documented
from adjudicate.api.responses import json_response
from adjudicate.api.turns import TurnRoute
from adjudicate.cases import vocabulary
from adjudicate.cases.queries import counts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from adjudicate.cases.registry import Registry

router = APIRouter(prefix="/v1", tags=["lists"], dependencies=[Depends(require_token)], route_class=TurnRoute)

KINDS = ("duty", "right", "wait")


@router.get("/summary", **documented("read_summary", model=Summary))
def read_summary(request: Request, office: Office = None) -> Response:
    """The day in figures, of all offices whose cases you may see and of cases granted to you, or of one office."""
    registry = registry_of(request)
    with read_as_caller(request) as (tx, context):
        known_office(tx, request, context, office)
        today = context.moment.today
        sunday = today + timedelta(days=6 - today.weekday())
        day = counts.day(tx, sight=context.sight, office=office, today=today, next_week=sunday + timedelta(days=1))
        return json_response(_summary_json(tx, registry, day, office=office, today=today, sunday=sunday))


def _summary_json(
    tx: Connection, registry: Registry, day: counts.Day, *, office: str | None, today: date, sunday: date
) -> dict[str, Any]:
    return {
        "today": rendering.day(today),
        "week_until": rendering.day(sunday),
        "office": office,
        "open_cases": day.open_cases.total(),
        "open_by_stage": [_stage(tx, registry, key, count) for key, count in sorted(day.open_cases.items())],
        "due_today": _by_kind(day.due_today),
        "due_this_week": _by_kind(day.due_this_week),
        "overdue_duties": day.overdue_duties,
        "hearings_today": day.hearings_today,
        "hearings_this_week": day.hearings_this_week,
        "unsettled": day.unsettled,
    }


def _by_kind(found: Mapping[str, int]) -> dict[str, int]:
    return {kind: found[kind] for kind in KINDS}


def _stage(tx: Connection, registry: Registry, key: tuple[str, str | None], count: int) -> dict[str, Any]:
    workflow, name = key
    versions = registry.catalogue.versions_by_key[workflow]
    state = None if name is None else vocabulary.state(tx, registry, workflow, name)
    if state is None:
        raise LookupError("a case in a stage that no version of its procedure has")
    return {
        "workflow": workflow,
        "title": rendering.label(versions[max(versions)].workflow.title),
        "stage": {"state": name, "label": rendering.label(state.label), "final": state.final},
        "count": count,
    }
