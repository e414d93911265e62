"""Whatever a generator sends, the answer is one that the OpenAPI document describes, and no error of the server."""

from __future__ import annotations

import random
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks as described

from adjudicate.api.app import ROUTERS, SANDBOX_ROUTERS
from tests.api.harness import OPENING, REQUEST, start
from tests.databases import DIALECTS
from tests.surroundings import SOAKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.api.harness import Api
    from tests.databases import Databases

EXAMPLES = 500 if SOAKING else 50
GOOD = {
    "open_case": REQUEST,
    "record_event": OPENING,
    "rectify_record": {"corrections": [{"target": 2, "reason": "x"}]},
}
ROUTES = [route for router in (*ROUTERS, *SANDBOX_ROUTERS) for route in router.routes if isinstance(route, APIRoute)]
CHECKS = [
    schemathesis.checks.not_a_server_error,
    described.status_code_conformance,
    described.content_type_conformance,
    described.response_schema_conformance,
]


pytestmark = [pytest.mark.soak] if SOAKING else []


@dataclass(frozen=True)
class Served:
    """The application on one database with a case and a grant in it, its schema, and real parts of addresses."""

    dialect: str
    api: Api
    schema: Any
    real: dict[str, str]


@pytest.fixture(scope="module")
def served(databases: Databases, law: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Served]]:
    """The application on each database: what a generator makes costs more than the answers, so both get the same."""
    with ExitStack() as stack:
        found = []
        for dialect in DIALECTS:
            url = databases.create(dialect)
            stack.callback(databases.drop, url)
            api = stack.enter_context(start(url, law, tmp_path_factory.mktemp("documents")))
            found.append(furnished(dialect, api))
        yield found


def furnished(dialect: str, api: Api) -> Served:
    """The application with something in it to ask for."""
    api.docketed()  # its deadlines have due days, which those of the paused case below lack
    case_id = api.docketed()
    grant = api.post(f"/v1/cases/{case_id}/grants", {"office": "GZ", "kind": "joint"}).json()
    assert api.record(case_id, {"event": "pause_begun", "effective_on": "2026-03-04"}).is_success
    hearing = {"hearing_on": "2026-03-20", "hearing_time": "09:00", "hearing_room": "一庭"}
    assert api.record(case_id, {"event": "hearing_fixed", "effective_on": "2026-03-04", "facts": hearing}).is_success
    schema = schemathesis.openapi.from_dict(api.client.get("/openapi.json").json())
    schema.app = api.client.app
    return Served(
        dialect, api, schema, {"case_id": case_id, "grant_id": grant["id"], "key": "decision", "day": "2025-02-01"}
    )


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation_id)
def test_every_answer_is_described(served: list[Served], route: APIRoute) -> None:
    (method,) = route.methods
    operation = served[0].schema[route.path_format][method]
    both = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @given(case=both, dice=st.integers(0, 2**32))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def answered(case: Any, dice: int) -> None:
        for one in served:
            try:
                answer_is_described(one, route, case, dice)
            except Exception as error:
                error.add_note(f"on {one.dialect}")
                raise

    answered()


def answer_is_described(one: Served, route: APIRoute, drawn: Any, dice: int) -> None:
    """Send what was drawn, made real in places, to one application, and hold the answer against its schema."""
    (method,) = route.methods
    chance = random.Random(dice)
    path = dict(drawn.path_parameters or {})
    for name, value in path.items():
        # Drawn ids never exist; one in two requests is made about something that does.
        if name in one.real and chance.random() < 0.5:
            path[name] = "test-dispute" if "/workflows/" in route.path else one.real[name]
        path[name] = path[name] or value
    body, headers = drawn.body, dict(drawn.headers or {})
    good = GOOD.get(str(route.operation_id))
    if good is not None and isinstance(body, dict) and chance.random() < 0.4:
        # One that would be accepted, with one of its members exchanged, reaches further than a wholly drawn one.
        exchanged = chance.sample(sorted(body), min(1, len(body)))
        body = {**good, **{name: body[name] for name in exchanged}}
    if drawn.headers is not None and chance.random() < 0.5:
        headers["If-Match"] = one.api.etag(one.real["case_id"])
    if "Idempotency-Key" in headers and chance.random() < 0.8:
        headers["Idempotency-Key"] = f"schema-{dice}"
    case = one.schema[route.path_format][method].Case(
        path_parameters=path,
        headers=headers,
        cookies=drawn.cookies,
        query=drawn.query,
        body=body,
        media_type=drawn.media_type,
    )
    response = case.call(headers={"Authorization": f"Bearer {one.api.tokens['chief']}"})
    case.validate_response(response, checks=CHECKS)


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if "GET" in route.methods], ids=lambda route: route.operation_id
)
def test_what_is_found_is_as_described(served: list[Served], route: APIRoute) -> None:
    for one in served:
        operation = one.schema[route.path_format]["GET"]
        parts = {**one.real, "digest": register(one.api, one.real["case_id"]), "code": "not-found"}
        parts |= {"office": "HZ", "actor": "chief", "instrument": "TEST", "article": "2"}
        if "/workflows/" in route.path:
            parts["key"] = "test-dispute"
        names = {parameter.name: parts[parameter.name] for parameter in operation.path_parameters}
        query = {"from": "2026-02-10", "length": "5 working_days"} if route.operation_id == "read_due_date" else {}
        case = operation.Case(path_parameters=names, query=query)
        response = case.call(headers={"Authorization": f"Bearer {one.api.tokens['chief']}"})
        assert response.status_code == 200, (one.dialect, response.text)
        case.validate_response(response, checks=CHECKS)


def register(api: Api, case_id: str) -> str:
    """A document registered in the case; returns its digest."""
    headers = api.headers("clerk", Content_Type="application/pdf")
    answer = api.client.post(f"/v1/cases/{case_id}/documents?name=x.pdf", content=b"%PDF", headers=headers)
    return str(answer.json()["digest"])
