"""Whatever a generator sends, the answer is one that the OpenAPI document describes, and no error of the server."""

from __future__ import annotations

import random
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
from tests.conftest import SOAKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.api.harness import Api

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


@pytest.fixture(scope="module")
def served(
    module_database_url: str, law: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Api, Any, dict[str, str]]]:
    """The application with a case and a grant in it, its schema, and what real parts of addresses there are."""
    with start(module_database_url, law, tmp_path_factory.mktemp("documents")) as api:
        case_id = api.docketed()
        grant = api.post(f"/v1/cases/{case_id}/grants", {"office": "GZ", "kind": "joint"}).json()
        assert api.record(case_id, {"event": "pause_begun", "effective_on": "2026-03-04"}).is_success
        hearing = {"hearing_on": "2026-03-20", "hearing_time": "09:00", "hearing_room": "一庭"}
        assert api.record(
            case_id, {"event": "hearing_fixed", "effective_on": "2026-03-04", "facts": hearing}
        ).is_success
        real = {"case_id": case_id, "grant_id": grant["id"], "key": "decision", "day": "2025-02-01"}
        schema = schemathesis.openapi.from_dict(api.client.get("/openapi.json").json())
        schema.app = api.client.app
        yield api, schema, real


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation_id)
def test_every_answer_is_described(served: tuple[Api, Any, dict[str, str]], route: APIRoute) -> None:
    api, schema, real = served
    (method,) = route.methods
    operation = schema[route.path_format][method]
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
        chance = random.Random(dice)
        for name, value in (case.path_parameters or {}).items():
            # Drawn ids never exist; one in two requests is made about something that does.
            if name in real and chance.random() < 0.5:
                case.path_parameters[name] = "test-dispute" if "/workflows/" in route.path else real[name]
            case.path_parameters[name] = case.path_parameters[name] or value
        good = GOOD.get(str(route.operation_id))
        if good is not None and isinstance(case.body, dict) and chance.random() < 0.4:
            # One that would be accepted, with one of its members exchanged, reaches further than a wholly drawn one.
            drawn = chance.sample(sorted(case.body), min(1, len(case.body)))
            case.body = {**good, **{name: case.body[name] for name in drawn}}
        if case.headers is not None and chance.random() < 0.5:
            case.headers["If-Match"] = api.etag(real["case_id"])
        headers = {"Authorization": f"Bearer {api.tokens['chief']}"}
        if "Idempotency-Key" in (case.headers or {}) and chance.random() < 0.8:
            headers["Idempotency-Key"] = f"schema-{dice}"
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS)

    answered()


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if "GET" in route.methods], ids=lambda route: route.operation_id
)
def test_what_is_found_is_as_described(served: tuple[Api, Any, dict[str, str]], route: APIRoute) -> None:
    api, schema, real = served
    operation = schema[route.path_format]["GET"]
    parts = {**real, "digest": register(api, real["case_id"]), "code": "not-found"}
    if "/workflows/" in route.path:
        parts["key"] = "test-dispute"
    names = {parameter.name: parts[parameter.name] for parameter in operation.path_parameters}
    query = {"from": "2026-02-10", "length": "5 working_days"} if route.operation_id == "read_due_date" else {}
    case = operation.Case(path_parameters=names, query=query)
    response = case.call(headers={"Authorization": f"Bearer {api.tokens['chief']}"})
    assert response.status_code == 200, response.text
    case.validate_response(response, checks=CHECKS)


def register(api: Api, case_id: str) -> str:
    """A document registered in the case; returns its digest."""
    headers = api.headers("clerk", Content_Type="application/pdf")
    answer = api.client.post(f"/v1/cases/{case_id}/documents?name=x.pdf", content=b"%PDF", headers=headers)
    return str(answer.json()["digest"])
