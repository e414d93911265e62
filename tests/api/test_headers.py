"""Headers on language and versions are read as RFC 9110 says, spaces, weights, wildcards and case included."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.api.harness import Api

NOTE = {"event": "noted", "effective_on": "2026-03-05", "facts": {"remark": "x"}}


@pytest.mark.parametrize(
    ("stated", "language"),
    [
        ("en ;q=1", "en"),
        ("en ; q=0.9 , zh ; q=0.1", "en"),
        ("EN-us", "en"),
        ("en_GB", "en"),
        ("en;Q=0.8, zh;Q=0.7", "en"),
        ("en;q=0", "zh-CN"),
        ("zh-Hant-TW, en;q=0.5", "zh-CN"),
        ("en;q=0.5, zh-TW;q=0.4", "en"),
        ("en, *", "zh-CN"),
        ("en, *;q=0.5", "en"),
        ("en;q=0.5, *", "zh-CN"),
        ("*;q=0.5, zh;q=0.1", "en"),
        ("zh;q=0, *", "en"),
        ("en;q=2", "zh-CN"),
        ("en;q=-1", "zh-CN"),
        ("en;q=0.5;q=0.9, zh;q=0.7", "en"),
        ("english", "zh-CN"),
        ("enm, zh;q=0.1", "zh-CN"),
        ('"en', "zh-CN"),
        (";;;=,", "zh-CN"),
        ("fr, " * 90 + "en", "en"),
        ("fr, " * 5000 + "en", "zh-CN"),
    ],
)
def test_the_language_with_the_higher_quality_is_chosen(sqlite_api: Api, stated: str, language: str) -> None:
    answer = sqlite_api.get("/v1/cases", None, Accept_Language=stated)
    assert answer.headers["Content-Language"] == language


def test_several_language_headers_are_one_list(sqlite_api: Api) -> None:
    headers = [("Accept-Language", "fr"), ("Accept-Language", "en;q=0.1")]
    answer = sqlite_api.client.get("/v1/cases", headers=headers)
    assert answer.headers["Content-Language"] == "en"


@pytest.mark.parametrize(
    ("shape", "status"),
    [
        ("{}", 304),
        ("W/{}", 304),
        ("w/{}", 304),
        (' "x" ,\t{} ', 304),
        ('"a,b", {}', 304),
        ("*", 304),
        (" * ", 304),
        ('"x"', 200),
        ('"{}', 200),
        ("", 200),
    ],
)
def test_if_none_match_is_a_list_of_tags_compared_weakly(sqlite_api: Api, shape: str, status: int) -> None:
    url = f"/v1/cases/{sqlite_api.docketed()}"
    tag = sqlite_api.get(url).headers["ETag"]
    assert sqlite_api.get(url, If_None_Match=shape.format(tag)).status_code == status


def test_a_tag_that_only_begins_or_ends_like_a_documents_tag_does_not_match(sqlite_api: Api) -> None:
    case_id = sqlite_api.docketed()
    headers = sqlite_api.headers("clerk", Content_Type="text/plain")
    made = sqlite_api.client.post(f"/v1/cases/{case_id}/documents?name=a.txt", content=b"a", headers=headers)
    url = made.headers["Location"]
    tag = sqlite_api.get(url).headers["ETag"]
    assert sqlite_api.get(url, If_None_Match=f"W/{tag}").status_code == 304
    assert sqlite_api.get(url, If_None_Match="*").status_code == 304
    assert sqlite_api.get(url, If_None_Match=f'"x{tag}"').status_code == 200
    assert sqlite_api.get(url, If_None_Match=tag[:-1]).status_code == 200


# What proxies make of an ETag on its way out; the client sends it back as it came.
PROXIED = ['W/"{}"', '"{}-gzip"', '"{}--gzip"', '"{}-br"', '"{};gzip"', 'W/"{}-gzip"', '"{}-zstd"']


@pytest.mark.finding("E9")
@pytest.mark.parametrize("shape", PROXIED)
def test_behind_a_proxy_that_compresses_a_command_is_recorded_and_a_read_is_not_repeated(
    sqlite_api: Api, shape: str
) -> None:
    case_id = sqlite_api.docketed()
    url = f"/v1/cases/{case_id}"
    tag = shape.format(sqlite_api.etag(case_id).strip('"'))
    assert sqlite_api.get(url, If_None_Match=tag).status_code == 304
    assert sqlite_api.get(url, If_None_Match=f'"x", {tag}').status_code == 304
    assert sqlite_api.record(case_id, NOTE, If_Match=tag).status_code == 201
    assert sqlite_api.get(url, If_None_Match=tag).status_code == 200
    late = sqlite_api.record(case_id, NOTE, If_Match=tag)
    assert (late.status_code, late.json()["code"]) == (412, "stale-case")


@pytest.mark.finding("E9")
@pytest.mark.parametrize("shape", ['"0-0", "{}"', '"{}-gzip", W/"1-0"', '"{}","another"', '"a,b" , "{}"'])
def test_of_several_versions_in_if_match_one_must_be_the_present_one(sqlite_api: Api, shape: str) -> None:
    case_id = sqlite_api.docketed()
    tags = shape.format(sqlite_api.etag(case_id).strip('"'))
    assert sqlite_api.record(case_id, NOTE, If_Match=tags).status_code == 201
    late = sqlite_api.record(case_id, NOTE, If_Match=tags)
    assert (late.status_code, late.json()["code"]) == (412, "stale-case")


@pytest.mark.finding("E9")
def test_a_document_is_not_sent_again_to_who_holds_it_by_a_tag_that_a_proxy_has_changed(sqlite_api: Api) -> None:
    case_id = sqlite_api.docketed()
    headers = sqlite_api.headers("clerk", Content_Type="text/plain")
    made = sqlite_api.client.post(f"/v1/cases/{case_id}/documents?name=a.txt", content=b"a", headers=headers)
    url = made.headers["Location"]
    content = sqlite_api.get(url).headers["ETag"].strip('"')
    for shape in PROXIED:
        assert sqlite_api.get(url, If_None_Match=shape.format(content)).status_code == 304
    for other in (f'"{content}x"', f'"{content}-"', f'"{content[:-1]}-gzip"', f'"{content}-gzip-2"'):
        assert sqlite_api.get(url, If_None_Match=other).status_code == 200


def test_a_star_in_if_match_names_no_version_and_is_refused_as_if_none_were_named(sqlite_api: Api) -> None:
    case_id = sqlite_api.docketed()
    answer = sqlite_api.record(case_id, NOTE, If_Match="*")
    assert (answer.status_code, answer.json()["code"]) == (428, "precondition-required")
    assert "*" in answer.json()["detail"]
    dry = sqlite_api.post(f"/v1/cases/{case_id}/events?dry_run=true", NOTE, If_Match="*")
    assert dry.status_code == 428


def test_if_match_that_is_no_list_of_tags_is_told_so(sqlite_api: Api) -> None:
    case_id = sqlite_api.docketed()
    version = sqlite_api.etag(case_id)[1:].split("-")[0]
    for stated in (f"{version}-0", f'"{version}-0', f'"{version}-0",', f'"{version}-0" "x"', f"w/{version}-0", '"x"'):
        answer = sqlite_api.record(case_id, NOTE, If_Match=stated)
        assert (answer.status_code, answer.json()["code"]) == (400, "header-invalid"), stated
    assert sqlite_api.record(case_id, NOTE, If_Match=f'\t "{version}-0" ').status_code == 201


@pytest.mark.parametrize("piece", [" ", ",", '"', '", "', 'W/"x",', "-gzip", "\t,"])
def test_a_long_if_match_without_sense_is_refused_in_no_time(sqlite_api: Api, piece: str) -> None:
    case_id = sqlite_api.docketed()
    started = time.monotonic()
    for number in (500, 20_000):
        assert sqlite_api.record(case_id, NOTE, If_Match='"' + piece * number).status_code == 400
    assert time.monotonic() - started < 4


@pytest.mark.parametrize("name", ["Accept_Language", "If_None_Match"])
@pytest.mark.parametrize("piece", [" ", ",", '"', ' "', ";q=", "W/", "\t,", '="'])
def test_a_long_header_without_sense_is_read_in_no_time(sqlite_api: Api, name: str, piece: str) -> None:
    url = f"/v1/cases/{sqlite_api.docketed()}"
    started = time.monotonic()
    assert sqlite_api.get(url, **{name: "x" + piece * 20_000}).status_code == 200
    assert time.monotonic() - started < 2
