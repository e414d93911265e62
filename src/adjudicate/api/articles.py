"""The articles of the law as an index: what rests on one, and which open cases a change of it would touch."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from adjudicate.api import rendering
from adjudicate.api.article_shapes import ArticleShape, InstrumentShape, TouchedCases
from adjudicate.api.authentication import read_as_caller, registry_of, require_token
from adjudicate.api.filters import Office, known_office
from adjudicate.api.lists import CaseRowRenderer, unsettled
from adjudicate.api.openapi import documented
from adjudicate.api.paging import Cursor, Limit, page_of, page_request_of
from adjudicate.api.responses import json_response
from adjudicate.api.turns import TurnRoute
from adjudicate.cases.queries import lists as queries
from adjudicate.cases.queries import touched as touched_cases
from adjudicate.cases.queries.lists import CaseFilter
from adjudicate.definition.article_index import WHOLE
from adjudicate.definition.article_reach import touched
from adjudicate.definition.articles import called

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Sequence

    from sqlalchemy import RowMapping

    from adjudicate.definition.article_index import CitedInstrument, Resting
    from adjudicate.definition.article_reach import Touched
    from adjudicate.definition.catalogue import Catalogue

router = APIRouter(prefix="/v1/articles", tags=["law"], dependencies=[Depends(require_token)], route_class=TurnRoute)

CODES = ("not-found",)
Instrument = Annotated[str, Path(max_length=40, description="An instrument's code.")]
Article = Annotated[str, Path(max_length=80, description="An article's number, or with a paragraph of it in brackets.")]


@router.get("/{instrument}", **documented("read_instrument", model=InstrumentShape, codes=CODES))
def read_instrument(request: Request, instrument: Instrument) -> Response:
    """The articles of one instrument, with how much rests on each and why nothing rests on the others."""
    with read_as_caller(request):
        catalogue = registry_of(request).catalogue
        found = catalogue.articles.instrument(instrument)
        rows = [_article_row(found, article) for article in found.articles]
        value = {
            "instrument": found.code,
            "title": rendering.label(found.title),
            "listed": found.listed is not None,
            "cited": sum(bool(row["elements"]) for row in rows),
            "data": rows,
            "whole": _definitions(catalogue, found.resting.get(WHOLE, ())),
        }
        return json_response(value)


def _article_row(found: CitedInstrument, article: str) -> dict[str, Any]:
    resting = found.resting.get(article, ())
    return {
        "article": article,
        "label": rendering.label(called(article)),
        "elements": len({(one.home, one.at) for one in resting}),
        "paragraphs": sorted({one.paragraph for one in resting if one.paragraph}),
        "reason": _reason(found, article),
    }


def _reason(found: CitedInstrument, article: str) -> dict[str, str] | None:
    return rendering.label(None if found.listed is None else found.listed.reasons.get(article))


@router.get("/{instrument}/{article}", **documented("read_article", model=ArticleShape, codes=CODES))
def read_article(request: Request, instrument: Instrument, article: Article) -> Response:
    """What rests on an article, version by version, and how many open cases that you may see it would touch."""
    registry = registry_of(request)
    with read_as_caller(request) as (tx, context):
        catalogue = registry.catalogue
        asked = catalogue.articles.asked(instrument, article)
        counted = touched_cases.count(tx, sight=context.sight, office=None, reach=touched(catalogue, asked))
        value = {
            "instrument": asked.instrument.code,
            "title": rendering.label(asked.instrument.title),
            "article": asked.article,
            "paragraph": asked.paragraph or None,
            "label": rendering.label(asked.called),
            "reason": _reason(asked.instrument, asked.article),
            "data": _definitions(catalogue, asked.resting),
            "open_cases": counted.total(),
            "open_by_version": _by_version(catalogue, counted),
        }
        return json_response(value)


def _by_version(catalogue: Catalogue, counted: Counter[tuple[str, date]]) -> list[dict[str, Any]]:
    return [
        {
            "workflow": key,
            "title": rendering.label(catalogue.versions_by_key[key][day].workflow.title),
            "law_day": rendering.day(day),
            "count": number,
        }
        for (key, day), number in sorted(counted.items())
    ]


def _definitions(catalogue: Catalogue, resting: Iterable[Resting]) -> list[dict[str, Any]]:
    return [
        {
            "kind": home.kind,
            "key": home.key or None,
            "title": rendering.label(home.title),
            "day": rendering.day(home.day),
            "until": rendering.day(home.until),
            "region": home.region,
            "elements": [_element(catalogue, one) for one in of_home],
        }
        for home, of_home in groupby(resting, key=lambda one: one.home)
    ]


def _element(catalogue: Catalogue, one: Resting) -> dict[str, Any]:
    section, place = one.at
    records: list[Any] = []
    if section == "steps" and isinstance(place, int) and one.home.day is not None:
        workflow = catalogue.versions_by_key[one.home.key][one.home.day].workflow
        step = workflow.steps[place]
        records = [rendering.label(workflow.facts[name].label) for name in (*step.records, *step.may_record)]
    return {
        "kind": section or "whole",
        "name": one.name,
        "label": rendering.label(one.label),
        "paragraph": one.paragraph or None,
        "cited_from": rendering.day(one.from_on),
        "cited_until": rendering.day(one.until_on),
        "records": records,
    }


@router.get(
    "/{instrument}/{article}/cases",
    **documented("list_cases_of_article", model=TouchedCases, codes=(*CODES, "cursor-invalid")),
)
def list_cases_of_article(
    request: Request,
    instrument: Instrument,
    article: Article,
    office: Office = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The open cases you may see that a change of an article would touch, newest first, and why each."""
    registry = registry_of(request)
    with read_as_caller(request) as (tx, context):
        asked = registry.catalogue.articles.asked(instrument, article)
        known_office(tx, request, context, office)
        reach = touched(registry.catalogue, asked)
        page_request = page_request_of(request, context, limit=limit, cursor=cursor)
        rows = queries.list_cases(
            tx,
            sight=context.sight,
            filters=CaseFilter(closed=False, office=office),
            due_after=None,
            due_before=None,
            order="opened_on",
            descending=True,
            after=page_request.after((date, str)),
            limit=limit,
            also=(touched_cases.touched(reach),),
        )
        page, headers = page_of(request, page_request, rows, ("opened_on", "id"))
        shown = rows[:limit]
        renderer = CaseRowRenderer(tx, registry, [row["id"] for row in shown])
        names = {name for one in reach for name in one.deadlines}
        running = touched_cases.running(tx, [row["id"] for row in shown], names)
        data = [_touched_case(renderer, row, reach, running[row["id"]]) for row in shown]
        value = {"data": data, "page": page, "unsettled": unsettled(tx, context)}
        return json_response(value, headers=headers)


def _touched_case(
    renderer: CaseRowRenderer, row: RowMapping, reach: Sequence[Touched], running: Iterable[str]
) -> dict[str, Any]:
    version = (row["workflow"], row["law_day"])
    of_version = [one for one in reach if (one.key, one.day) == version and row["region"].startswith(one.codes)]
    names = {name for one in of_version for name in one.deadlines}
    book = renderer.rulebook(row)
    workflows = [book.main.workflow, *(admitted.compiled.workflow for admitted in book.incidents.values())]
    labels = {name: rule.label for workflow in reversed(workflows) for name, rule in workflow.deadlines.items()}
    return {
        "case": renderer.case(row),
        "step_ahead": any(row["stage"] in one.states for one in of_version),
        "running": [rendering.label(labels[name]) for name in running if name in names and name in labels],
    }
