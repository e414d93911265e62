"""Every hostile input of the corpus, against every route that writes, is refused with its code and leaves no trace."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import httpx
import pytest
import yaml
from sqlalchemy import select

from adjudicate import db
from adjudicate.documents import store
from tests.api.harness import REQUEST, start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.api.harness import Api

FOLDER = Path(__file__).parent / "hostile"
BODIES = yaml.safe_load((FOLDER / "bodies.yaml").read_text(encoding="utf-8"))
MEMBERS = yaml.safe_load((FOLDER / "members.yaml").read_text(encoding="utf-8"))
REQUESTS = yaml.safe_load((FOLDER / "requests.yaml").read_text(encoding="utf-8"))

NOTE = {"event": "noted", "effective_on": "2026-03-05", "facts": {"remark": "看过"}, "reason": "测试"}
# Each route that takes JSON: its method, address and a body that would be accepted.
ROUTES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "open": ("POST", "/v1/cases", {**REQUEST, "reason": "测试"}),
    "record": ("POST", "/v1/cases/{id}/events", NOTE),
    "rectify": (
        "POST",
        "/v1/cases/{id}/rectifications",
        {"corrections": [{"target": 2, "reason": "录入有误", "act": {**NOTE, "facts": {"remark": "改"}}}]},
    ),
    "grant": ("POST", "/v1/cases/{id}/grants", {"office": "GZ", "kind": "joint"}),
    "play": ("PUT", "/v1/sandbox/today", {"today": "2026-03-06"}),
}
ACT = ("corrections", 0, "act")
# Where each kind of member stands in each route's body.
PLACES: dict[str, dict[str, tuple[Any, ...]]] = {
    "day": {
        "open": ("effective_on",), "record": ("effective_on",), "rectify": (*ACT, "effective_on"),
        "grant": ("from_on",), "play": ("today",),
    },
    "text": {
        "open": ("parties", 0, "name"), "record": ("reason",), "rectify": ("corrections", 0, "reason"),
    },
    "word": {
        "open": ("event",), "record": ("event",), "rectify": (*ACT, "event"), "grant": ("kind",),
    },
    "event": {"record": ("event",)},
    "extra": {
        "open": ("admin",), "record": ("state",), "rectify": ("corrections", 0, "force"), "grant": ("id",),
        "play": ("now",),
    },
    "facts": {"open": ("facts",), "record": ("facts",), "rectify": (*ACT, "facts")},
    "parties": {"open": ("parties",), "record": ("parties",), "rectify": (*ACT, "parties")},
    "by": {"open": ("by",), "record": ("by",), "rectify": (*ACT, "by")},
    "party": {"record": ("party",), "rectify": (*ACT, "party")},
    "thread": {"record": ("thread",), "rectify": (*ACT, "thread")},
    "instant": {"open": ("effective_at",), "record": ("effective_at",), "rectify": (*ACT, "effective_at")},
    "sequence": {"record": ("before",), "rectify": ("corrections", 0, "target")},
    "target": {"rectify": ("corrections", 0, "target")},
    "flag": {
        "open": ("accept_irregular",), "record": ("accept_irregular",), "rectify": (*ACT, "accept_irregular"),
    },
}  # fmt: skip


def made(value: Any) -> Any:
    """What a value of the corpus stands for, its generators carried out."""
    if isinstance(value, list):
        return [made(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"repeat", "times"}:
        return value["repeat"] * value["times"]
    if value.keys() == {"hex"}:
        return bytes.fromhex(value["hex"])
    if value.keys() == {"wrap"}:
        return "".join(str(made(part)) for part in value["wrap"])
    if value.keys() == {"deep", "of"}:
        left, right = ("[", "]") if value["of"] == "array" else ('{"a":', "}")
        return left * value["deep"] + ("1" if left != "[" else "") + right * value["deep"]
    if value.keys() == {"many_facts"}:
        return {f"fact_{n}": 1 for n in range(value["many_facts"])}
    if value.keys() == {"long_key"}:
        return {"a" * 10_000: 1}
    return {key: made(item) for key, item in value.items()}


def codes(entry: dict[str, Any], otherwise: str = "body-invalid") -> set[str]:
    given = entry.get("code", otherwise)
    return set(given) if isinstance(given, list) else {given}


def traces(api: Api) -> str:
    """A digest of every row of every table."""
    found = hashlib.sha256()
    with db.reading(api.registry.engine) as tx:
        for table in sorted(db.metadata.tables.values(), key=lambda table: table.name):
            rows = sorted(repr(tuple(row)) for row in tx.execute(select(table)))
            found.update(f"{table.name}\n{rows}\n".encode())
    return found.hexdigest()


@pytest.fixture(scope="module")
def besieged(
    module_database_url: str, law: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Api, str, str]]:
    """The application, a case in it on which no lapse is due, and the digest of all tables."""
    with start(module_database_url, law, tmp_path_factory.mktemp("documents")) as api:
        case_id = api.docketed("chief")
        yield api, case_id, traces(api)


def refused(answer: Any, allowed: set[str], name: str) -> None:
    assert 400 <= answer.status_code < 500, (name, answer.status_code, answer.text[:300])
    assert answer.headers["content-type"] == "application/problem+json", name
    assert answer.json()["code"] in allowed, (name, answer.text[:500])


def raw(api: Api, target: str, built: Any) -> httpx.Response:
    """Send a request to `target` as it stands: a client would tidy its dots away, an attacker does not."""
    path, _, query = target.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "method": built.method,
        "path": unquote(path), "raw_path": path.encode("latin-1"), "query_string": query.encode("latin-1"),
        "root_path": "", "headers": [(name.lower(), value) for name, value in built.headers.raw],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    sent: list[Any] = []
    body = [{"type": "http.request", "body": built.read(), "more_body": False}]

    async def receive() -> Any:
        return body.pop() if body else {"type": "http.disconnect"}

    async def keep(message: Any) -> None:
        sent.append(message)

    async def serve() -> None:
        with contextlib.suppress(Exception):  # an unhandled error was answered before it is raised again
            await api.client.app(scope, receive, keep)

    asyncio.run(serve())
    content = b"".join(message.get("body", b"") for message in sent[1:])
    return httpx.Response(sent[0]["status"], headers=sent[0]["headers"], content=content)


def send(api: Api, case_id: str, **request: Any) -> Any:
    """A request with good headers, those of `headers` exchanged."""
    good = api.headers("chief", If_Match='"2-0"', Idempotency_Key="hostile", Content_Type="application/json")
    given = request.pop("headers", {})
    kept = {name: value for name, value in good.items() if name.lower() not in {key.lower() for key in given}}
    headers = [(name, str(made(value)).encode("latin-1")) for name, value in {**kept, **given}.items()]
    path = str(made(request.pop("path"))).replace("{id}", case_id)
    built = api.client.build_request(request.pop("method", "POST"), "/", headers=headers, **request)
    return raw(api, path, built)


def test_the_corpus_holds_at_least_two_hundred_inputs() -> None:
    assert len(BODIES) + len(MEMBERS) + sum(len(part) for part in REQUESTS.values()) >= 200
    names = [entry["name"] for entry in (*BODIES, *MEMBERS)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("route", ROUTES)
def test_a_hostile_body_is_refused_and_leaves_no_trace(besieged: tuple[Api, str, str], route: str) -> None:
    api, case_id, before = besieged
    method, path, _ = ROUTES[route]
    for entry in BODIES:
        raw = made(entry["raw"])
        content = raw if isinstance(raw, bytes) else raw.encode()
        refused(send(api, case_id, method=method, path=path, content=content), codes(entry), entry["name"])
    assert traces(api) == before


@pytest.mark.parametrize("route", ROUTES)
def test_a_hostile_member_is_refused_and_leaves_no_trace(besieged: tuple[Api, str, str], route: str) -> None:
    api, case_id, before = besieged
    method, path, good = ROUTES[route]
    for entry in MEMBERS:
        place = PLACES[entry["into"]].get(route)
        if place is None:
            continue
        body = copy.deepcopy(good)
        inner: Any = body
        for part in place[:-1]:
            inner = inner[part]
        inner[place[-1]] = made(entry["value"])
        refused(send(api, case_id, method=method, path=path, json=body), codes(entry), f"{route}: {entry['name']}")
    assert traces(api) == before


@pytest.mark.parametrize("part", ["paths", "headers", "parameters", "uploads"])
def test_a_hostile_request_is_refused_and_leaves_no_trace(
    besieged: tuple[Api, str, str], part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, case_id, before = besieged
    monkeypatch.setattr(store, "LARGEST", 1_000_000)
    for entry in REQUESTS[part]:
        request = {"path": entry.get("path", "/v1/cases/{id}/events"), "method": entry.get("method", "POST")}
        if part == "uploads":
            headers = {"Content-Type": "application/pdf", **entry.get("headers", {})}
            path = {"wrap": ["/v1/cases/{id}/documents?", entry["query"]]}
            answer = send(api, case_id, path=path, content=made(entry["content"]).encode(), headers=headers)
        else:
            if "query" in entry:
                request["path"] = {"wrap": ["/v1/cases/{id}/events?", entry["query"]]}
            answer = send(api, case_id, **request, json=NOTE, headers=entry.get("headers", {}))
        refused(answer, codes(entry), f"{part}: {str(entry)[:200]}")
    assert traces(api) == before
    folder = api.registry.settings.documents
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_the_good_bodies_that_the_corpus_spoils_are_accepted(
    api: Api,
) -> None:
    case_id = api.docketed("chief")
    assert api.record(case_id, ROUTES["record"][2], "chief").status_code == 201
    assert api.post("/v1/cases", ROUTES["open"][2], "chief").status_code == 201
    assert api.post(f"/v1/cases/{case_id}/grants", ROUTES["grant"][2], "chief").status_code == 201
    assert api.client.put("/v1/sandbox/today", json=ROUTES["play"][2], headers=api.headers("chief")).status_code == 200
    body = copy.deepcopy(ROUTES["rectify"][2])
    body["corrections"][0]["target"] = 3
    answer = api.post(f"/v1/cases/{case_id}/rectifications", body, "chief", If_Match=api.etag(case_id))
    assert answer.status_code == 201, answer.text
