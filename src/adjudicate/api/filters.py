"""The filters that lists and counts share, and their refusal where a value is blank or nothing of that name exists."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Query, Request
from pydantic import BeforeValidator, StringConstraints

from adjudicate.api.authentication import RequestContext, is_outside, registry_of
from adjudicate.api.errors import ApiError
from adjudicate.api.inputs import not_blank
from adjudicate.api.problems import FieldFault
from adjudicate.cases import vocabulary
from adjudicate.cases.errors import OfficeUnknown
from adjudicate.cases.queries.lists import CaseFilter
from adjudicate.guards.why import quoted_list

if TYPE_CHECKING:
    from sqlalchemy import Connection

FilterText = Annotated[str, BeforeValidator(not_blank), StringConstraints(min_length=1, max_length=200)]
Office = Annotated[FilterText | None, Query(description="An office's code; not those under it.")]


def _unknown(parameter: str, *, zh: str, en: str) -> ApiError:
    fault = FieldFault(parameter, "unknown-value", zh, en)
    return ApiError("parameter-invalid", zh=f"{zh}。", en=f"{en[0].upper()}{en[1:]}.", errors=[fault])


@dataclass(frozen=True, slots=True)
class SharedFilters:
    """The filters that all lists share; with `mine` only the caller's own cases."""

    values: CaseFilter
    mine: bool

    def of(self, tx: Connection, request: Request, context: RequestContext) -> CaseFilter:
        """The filters with the caller filled in. Raises ApiError for a procedure, stage or office there is none of."""
        values, registry = self.values, registry_of(request)
        if values.workflow is not None and values.workflow not in registry.catalogue.keys():  # noqa: SIM118 - no mapping
            there = quoted_list(registry.catalogue.titles())
            zh, en = f"没有所填的程序；现有：{there.zh}", f"there is no such procedure; there are: {there.en}"
            raise _unknown("workflow", zh=zh, en=en)
        if values.stage is not None and vocabulary.state(tx, registry, values.workflow, values.stage) is None:
            zh, en = (
                "没有所填的阶段，请按程序的阶段列表填写",
                "there is no such stage: take one from those of the procedure",
            )
            raise _unknown("stage", zh=zh, en=en)
        known_office(tx, request, context, values.office)
        return replace(values, mine=context.caller.actor) if self.mine else values


def known_office(tx: Connection, request: Request, context: RequestContext, code: str | None) -> None:
    """Raises ApiError where no office has the code. Which offices there are is not told to an outside body."""
    if code is None or is_outside(tx, request, context):
        return
    try:
        registry_of(request).office(tx, code)
    except OfficeUnknown as error:
        raise _unknown(
            "office",
            zh="没有所填代码的机构，请按机构列表填写",
            en="no office has the code that was given: take one from the list of offices",
        ) from error


def known_deadline(tx: Connection, request: Request, name: str | None) -> None:
    """Raises ApiError where no procedure has a deadline of that name."""
    if name is not None and not vocabulary.has_deadline(tx, registry_of(request), name):
        raise _unknown(
            "name",
            zh="没有所填的期限，请按程序的期限列表填写",
            en="there is no such deadline: take one from those of the procedure",
        )


def shared_filters(
    workflow: Annotated[FilterText | None, Query(description="A procedure's key.")] = None,
    stage: Annotated[FilterText | None, Query(description="A state of the main procedure.")] = None,
    office: Office = None,
    patent: Annotated[FilterText | None, Query(description="A patent number or a part, however written.")] = None,
    docket_number: Annotated[
        FilterText | None, Query(description="A docket number (案号) or a part of one, however written.")
    ] = None,
    party: Annotated[FilterText | None, Query(description="Part of a party's name, however written.")] = None,
    officer: Annotated[
        FilterText | None, Query(description="Only cases of which this person, named by id, is in charge.")
    ] = None,
    *,
    mine: Annotated[
        bool, Query(description="Only cases in which you recorded an act, or that are assigned to you.")
    ] = False,
    closed: Annotated[bool | None, Query(description="Only closed cases, or only open ones.")] = None,
) -> SharedFilters:
    """The shared filters of one request, as a dependency."""
    values = CaseFilter(
        workflow=workflow,
        stage=stage,
        office=office,
        patent=patent,
        docket_number=docket_number,
        party=party,
        officer=officer,
        closed=closed,
    )
    return SharedFilters(values, mine)


Filters = Annotated[SharedFilters, Depends(shared_filters)]
