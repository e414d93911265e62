"""The law as loaded: procedures, their versions, the content of each and its diagram; no case is read."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from adjudicate.api import rendering
from adjudicate.api.authentication import read_as_caller, registry_of, require_token
from adjudicate.api.errors import OK, not_found
from adjudicate.api.inputs import Day
from adjudicate.api.openapi import documented
from adjudicate.api.responses import json_response
from adjudicate.api.service_shapes import VersionShape, WorkflowList, WorkflowShape
from adjudicate.api.turns import TurnRoute
from adjudicate.errors import NoLawInForce
from adjudicate.law.calendars import NATIONWIDE
from adjudicate.law.citations import basis_at
from adjudicate.review.diagram import diagram

if TYPE_CHECKING:
    from adjudicate.definition.catalogue import Catalogue
    from adjudicate.definition.rulebook import CompiledWorkflow, Rulebook

router = APIRouter(prefix="/v1/workflows", tags=["law"], dependencies=[Depends(require_token)], route_class=TurnRoute)

Key = Annotated[str, Path(max_length=80)]
Region = Annotated[str, Query(pattern="^[0-9]{6}$", description="A GB/T 2260 code, for local limits.")]
CODES = ("not-found",)
DIAGRAM: dict[int | str, dict[str, Any]] = {
    OK: {"description": "A Mermaid state diagram.", "content": {"text/vnd.mermaid": {"schema": {"type": "string"}}}}
}


def _workflow_json(catalogue: Catalogue, key: str) -> dict[str, Any]:
    versions = catalogue.versions_by_key[key]
    newest = versions[max(versions)].workflow
    return {
        "key": key,
        "kind": newest.kind,
        "title": rendering.label(newest.title),
        "versions": [
            {
                "day": day.isoformat(),
                "until": rendering.day(version.workflow.in_force.until),
                "title": rendering.label(version.workflow.title),
            }
            for day, version in sorted(versions.items())
        ],
    }


@router.get("", **documented("list_workflows", model=WorkflowList))
def list_workflows(request: Request) -> Response:
    """Every procedure and incident, with its versions."""
    with read_as_caller(request):
        catalogue = registry_of(request).catalogue
        return json_response({"data": [_workflow_json(catalogue, key) for key in sorted(catalogue.versions_by_key)]})


@router.get("/{key}", **documented("read_workflow", model=WorkflowShape, codes=CODES))
def read_workflow(request: Request, key: Key) -> Response:
    """One procedure or incident and its versions."""
    with read_as_caller(request):
        catalogue = registry_of(request).catalogue
        if key not in catalogue.versions_by_key:
            raise not_found()
        return json_response(_workflow_json(catalogue, key))


def _rulebook(request: Request, key: str, day: Day, region: str) -> Rulebook:
    with read_as_caller(request):
        try:
            return registry_of(request).catalogue.laws(key, region).at(day)
        except NoLawInForce as error:
            raise not_found() from error


@router.get("/{key}/versions/{day}", **documented("read_version", model=VersionShape, codes=CODES))
def read_version(request: Request, key: Key, day: Day, region: Region = NATIONWIDE) -> Response:
    """One version by its first day in force, with all it inherits: states, facts, conditions, deadlines and steps."""
    book = _rulebook(request, key, day, region)
    compiled, catalogue = book.main, registry_of(request).catalogue
    value = {
        "key": book.key,
        "day": day.isoformat(),
        "region": region,
        "digest": book.digest,
        "title": rendering.label(compiled.workflow.title),
        "basis": basis_at(compiled.workflow.basis, day),
        "definition": _plain(catalogue.versions_by_key[key][day].source.data),
        "overlays": [_plain(rule.source.data) for rule in catalogue.overlays(key, day, region)],
        "incidents": sorted(book.incidents),
        "ruling_needed": _ruling_codes(compiled),
    }
    return json_response(value)


def _plain(value: Any) -> Any:
    """The values of a YAML file as JSON: dates as ISO strings, also where they are keys."""
    if isinstance(value, dict):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _ruling_codes(compiled: CompiledWorkflow) -> list[str]:
    workflow = compiled.workflow
    codes = {*workflow.ruling_needed, *(code for step in workflow.steps for code in step.ruling_needed)}
    codes |= {code for deadline in workflow.deadlines.values() for code in deadline.ruling_needed}
    codes |= {code for condition in workflow.conditions.values() for code in condition.ruling_needed}
    return sorted(codes)


@router.get(
    "/{key}/versions/{day}/diagram",
    **documented("read_diagram", model=None, codes=CODES, extra=DIAGRAM),
)
def read_diagram(request: Request, key: Key, day: Day, region: Region = NATIONWIDE) -> Response:
    """The states and steps of one version as a Mermaid diagram."""
    book = _rulebook(request, key, day, region)
    return Response(diagram(book.main), media_type="text/vnd.mermaid")
