"""Every refusal has a stable code, one status, a title in both languages and a page that explains it."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import TYPE_CHECKING, Any

import pytest

import adjudicate
from adjudicate.api.errors import ApiError
from adjudicate.api.member_names import MEMBER_NAMES
from adjudicate.api.problem_kinds import PROBLEM_KINDS
from adjudicate.errors import AdjudicateError
from tests.api.harness import REQUEST
from tests.architecture.sources import ROOT

if TYPE_CHECKING:
    from tests.api.harness import Api

PAGE = ROOT / "docs" / "problems.md"


def every_error() -> list[type[AdjudicateError]]:
    for module in pkgutil.walk_packages(adjudicate.__path__, "adjudicate."):
        importlib.import_module(module.name)
    found: list[type[AdjudicateError]] = []
    waiting = [AdjudicateError]
    while waiting:
        error = waiting.pop()
        found.append(error)
        waiting.extend(error.__subclasses__())
    return found


def test_every_error_of_the_product_has_a_status_and_a_title_in_both_languages() -> None:
    without = {
        error.__name__: error.code
        for error in every_error()
        if error is not ApiError and error.code not in PROBLEM_KINDS
    }
    assert without == {}
    for code, kind in PROBLEM_KINDS.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
        assert 400 <= kind.status < 600
        assert kind.zh
        assert re.search(r"[\u4e00-\u9fff]", kind.zh)
        assert not re.search(r"[\u4e00-\u9fff]", kind.en)


def test_every_code_has_its_section_in_the_docs_with_its_status_and_no_other_has() -> None:
    sections = dict(re.findall(r"^## `([a-z-]+)` · (\d{3})$", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert sections == {code: str(kind.status) for code, kind in PROBLEM_KINDS.items()}


def test_every_code_has_its_page_where_the_type_leads(sqlite_api: Api) -> None:
    for code, kind in PROBLEM_KINDS.items():
        page = sqlite_api.get(f"/problems/{code}", None)
        assert page.json() == {"code": code, "status": kind.status, "title": {"zh": kind.zh, "en": kind.en}}
    assert sqlite_api.get("/problems/no-such", None).status_code == 404


@pytest.mark.parametrize(
    ("asked", "language", "title"),
    [
        ("", "zh-CN", "需要有效的访问令牌"),
        ("zh-CN", "zh-CN", "需要有效的访问令牌"),
        ("en", "en", "A valid access token is needed"),
        ("en-GB, zh;q=0.5", "en", "A valid access token is needed"),
        ("zh, en;q=0.9", "zh-CN", "需要有效的访问令牌"),
        ("fr, en;q=0.2", "en", "A valid access token is needed"),
        ("fr", "zh-CN", "需要有效的访问令牌"),
        ("*", "zh-CN", "需要有效的访问令牌"),
        ("en;q=nonsense", "zh-CN", "需要有效的访问令牌"),
        ("," * 5000, "zh-CN", "需要有效的访问令牌"),
    ],
)
def test_a_problem_speaks_the_callers_language_and_its_code_never_changes(
    sqlite_api: Api, asked: str, language: str, title: str
) -> None:
    answer = sqlite_api.get("/v1/cases", None, Accept_Language=asked)
    assert answer.headers["Content-Language"] == language
    assert answer.json()["title"] == title
    assert answer.json()["code"] == "unauthenticated"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="adjudicate"'


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "not-found"),
        ("GET", "/v1/no-such", 404, "not-found"),
        ("PATCH", "/v1/cases", 405, "method-not-allowed"),
        ("GET", "/v1/cases/not-an-id", 404, "not-found"),
        ("GET", "/v1/cases?limit=0", 422, "parameter-invalid"),
        ("GET", "/v1/cases?limit=10000", 422, "parameter-invalid"),
        ("GET", "/v1/cases?colour=red", 400, "unknown-parameter"),
        ("GET", "/v1/cases?limit=1&limit=2", 422, "parameter-invalid"),
        ("GET", "/v1/cases?cursor=abc", 400, "cursor-invalid"),
        ("GET", "/v1/deadlines?due_before=2026-02-30", 422, "parameter-invalid"),
        ("GET", "/v1/due-date?from=2026-02-10&length=5%20fortnights", 422, "period-invalid"),
        ("GET", "/v1/workflows/no-such", 404, "not-found"),
        ("GET", "/v1/workflows/test-dispute/versions/1999-01-01", 404, "not-found"),
        ("POST", "/v1/cases", 415, "unsupported-media-type"),
    ],
)
def test_what_the_protocol_refuses_is_a_problem_too(
    sqlite_api: Api, method: str, path: str, status: int, code: str
) -> None:
    answer = sqlite_api.client.request(method, path, headers=sqlite_api.headers("clerk"))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_failure_of_the_server_is_a_problem_that_tells_nothing(
    sqlite_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr("adjudicate.api.lists.queries.list_cases", fail)
    answer = sqlite_api.get("/v1/cases")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert "secret" not in answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_database_that_is_away_is_503_and_says_when_to_come_again(
    sqlite_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    from adjudicate.db import Unavailable

    def away(*_: Any, **__: Any) -> Any:
        raise Unavailable(zh="数据库繁忙", en="The database is busy")

    monkeypatch.setattr("adjudicate.api.lists.queries.list_cases", away)
    answer = sqlite_api.get("/v1/cases")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "1"


def test_a_revoked_and_an_expired_token_are_answered_like_an_unknown_one(sqlite_api: Api) -> None:
    from datetime import timedelta

    from adjudicate import clock, db
    from adjudicate.access import tokens
    from adjudicate.access.administration import COMMAND_LINE
    from tests import register

    def issue(tx: Any) -> tuple[str, str]:
        expired = register.token_of(tx, "clerk", at=clock.now() - timedelta(days=1, seconds=1), days=1)
        by = {"by": COMMAND_LINE, "at": clock.now()}
        token_id, revoked = tokens.issue_token(tx, actor="clerk", label="x", **by)
        tokens.revoke_token(tx, token_id, **by)
        return expired, revoked

    sqlite_api.tokens["expired"], sqlite_api.tokens["revoked"] = db.run(sqlite_api.registry.engine, issue)
    sqlite_api.tokens["unknown"] = "x" * 43
    answers = [sqlite_api.get("/v1/cases", who) for who in ("expired", "revoked", "unknown")]
    assert {(answer.status_code, answer.content) for answer in answers} == {(401, answers[0].content)}


def test_all_faults_of_a_body_are_named_at_once_with_their_places(sqlite_api: Api) -> None:
    body = {**REQUEST, "event": "Bad Event", "effective_on": "2026-02-30", "colour": "red"}
    answer = sqlite_api.post("/v1/cases", body)
    assert answer.status_code == 422
    assert {fault["pointer"] for fault in answer.json()["errors"]} == {"/event", "/effective_on", "/colour"}
    assert all(fault["zh"] and fault["en"] for fault in answer.json()["errors"])


@pytest.mark.finding("E3")
def test_whatever_a_request_may_hold_has_a_name_in_both_languages(sqlite_api: Api) -> None:
    described = sqlite_api.get("/openapi.json", None).json()
    bodies = [shape for name, shape in described["components"]["schemas"].items() if name.endswith("In")]
    members = {member for shape in bodies for member in shape["properties"]}
    parameters = {
        each["name"]
        for methods in described["paths"].values()
        for operation in methods.values()
        for each in operation.get("parameters", [])
        if each["in"] == "query"
    }
    assert members
    assert parameters
    assert members | parameters == set(MEMBER_NAMES)


def test_a_token_is_stored_as_its_hash_only(sqlite_api: Api) -> None:
    token = sqlite_api.tokens["clerk"]
    stored = sqlite_api.rows("select hash from tokens")
    assert token not in {row[0] for row in stored}
    assert all(re.fullmatch(r"[0-9a-f]{64}", row[0]) for row in stored)
