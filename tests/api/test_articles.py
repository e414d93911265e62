"""The articles as an index over HTTP: what rests on one, which open cases it touches, and who is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.api.harness import Api

VERSION = "2025-02-01"


def ids(answer: Any) -> list[str]:
    return [row["case"]["id"] for row in answer.json()["data"]]


def test_an_article_says_what_rests_on_it_in_which_versions(sqlite_api: Api) -> None:
    found = sqlite_api.get("/v1/articles/TEST/2").json()
    assert found["label"] == {"zh": "第2条", "en": "Art 2"}
    newest = next(one for one in found["data"] if one["key"] == "test-dispute" and one["day"] == VERSION)
    named = {(one["kind"], one["name"]) for one in newest["elements"]}
    assert {("conditions", "odd_panel"), ("deadlines", "opening"), ("steps", "case_opened")} <= named
    step = next(one for one in newest["elements"] if one["name"] == "case_opened")
    assert [one["zh"] for one in step["records"]] == ["立案日", "合议组"]
    assert (step["cited_from"], step["paragraph"]) == (VERSION, None)
    older = next(one for one in found["data"] if one["key"] == "test-dispute" and one["day"] != VERSION)
    assert older["until"] == VERSION


def test_an_instrument_lists_its_articles_and_how_much_rests_on_each(sqlite_api: Api) -> None:
    found = sqlite_api.get("/v1/articles/TEST").json()
    assert [row["article"] for row in found["data"]] == [str(number) for number in range(1, 10)]
    assert all(row["elements"] for row in found["data"])
    assert found["listed"] is False


@pytest.mark.parametrize(
    ("path", "zh", "en"),
    [
        (
            "/v1/articles/TEXT",
            "没有法律文本“TEXT”。是否应为“TEST”？",
            "There is no instrument 'TEXT'. Did you mean 'TEST'?",
        ),
        (
            "/v1/articles/TEST/22",
            "“22”条。是否应为“2”？",
            "Nothing cites article '22' of Rules for tests. Did you mean '2'?",
        ),
        ("/v1/articles/TEST/22/cases", "“22”条。是否应为“2”？", "Did you mean '2'?"),
    ],
)
def test_an_unknown_article_is_told_with_the_nearest_in_both_languages(
    sqlite_api: Api, path: str, zh: str, en: str
) -> None:
    chinese = sqlite_api.get(path)
    assert (chinese.status_code, chinese.json()["code"]) == (404, "not-found")
    assert zh in chinese.json()["detail"]
    assert en in sqlite_api.get(path, Accept_Language="en").json()["detail"]


def test_a_change_touches_the_open_cases_in_which_the_article_still_matters(api: Api) -> None:
    received, opened = api.open(), api.docketed()
    assert ids(api.get("/v1/articles/TEST/2/cases")) == [received]
    row = api.get("/v1/articles/TEST/2/cases").json()["data"][0]
    assert (row["step_ahead"], [one["zh"] for one in row["running"]]) == (True, ["立案期限"])
    assert set(ids(api.get("/v1/articles/TEST/3/cases"))) == {received, opened}
    article = api.get("/v1/articles/TEST/2").json()
    assert article["open_cases"] == 1
    assert [(one["workflow"], one["law_day"], one["count"]) for one in article["open_by_version"]] == [
        ("test-dispute", VERSION, 1)
    ]


def test_a_closed_case_is_not_touched(api: Api) -> None:
    case_id = api.docketed()
    assert ids(api.get("/v1/articles/TEST/1/cases")) == [case_id]
    answer = api.record(case_id, {"event": "decided", "effective_on": "2026-03-05"}, "chief")
    assert answer.is_success, answer.text
    assert ids(api.get("/v1/articles/TEST/1/cases")) == []
    assert api.get("/v1/articles/TEST/1").json()["open_cases"] == 0


def test_the_cases_an_article_touches_are_only_those_the_caller_may_see(api: Api) -> None:
    case_id = api.open()
    for who in ("neighbour", "stranger"):
        assert ids(api.get("/v1/articles/TEST/2/cases", who)) == []
        assert api.get("/v1/articles/TEST/2", who).json()["open_cases"] == 0
    assert ids(api.get("/v1/articles/TEST/2/cases", "nation")) == [case_id]
    grant = api.post(f"/v1/cases/{case_id}/grants", {"office": "WZ", "kind": "joint"})
    assert grant.status_code == 201, grant.text
    assert ids(api.get("/v1/articles/TEST/2/cases", "neighbour")) == [case_id]
    assert api.get("/v1/articles/TEST/2", "neighbour").json()["open_cases"] == 1


def test_the_list_is_paged_as_every_list_and_counts_what_it_shows(api: Api) -> None:
    made = {api.open(effective_on=f"2026-03-0{day}") for day in (2, 3, 4)}
    url, found = "/v1/articles/TEST/2/cases?limit=2", []
    first = api.get(url)
    assert 'rel="next"' in first.headers["Link"]
    cursor = first.json()["page"]["next_cursor"]
    found = [*ids(first), *ids(api.get(f"{url}&cursor={cursor}"))]
    assert (len(found), set(found)) == (3, made)
    assert api.get("/v1/articles/TEST/2").json()["open_cases"] == 3
    assert api.get(f"/v1/articles/TEST/3/cases?limit=2&cursor={cursor}").json()["code"] == "cursor-invalid"
    assert len(ids(api.get("/v1/articles/TEST/2/cases?office=HZ"))) == 3
    assert ids(api.get("/v1/articles/TEST/2/cases?office=WZ")) == []
