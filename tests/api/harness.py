"""An application with offices, people and tokens, and short words for what tests ask of it; it asserts nothing."""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from starlette.testclient import TestClient

from adjudicate import db
from adjudicate.api.app import create_app
from adjudicate.cases.registry import Registry
from adjudicate.cases.sandbox import move_today
from adjudicate.settings import Settings
from tests import register

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

TODAY = date(2026, 3, 5)
OFFICES = (
    ("CN", "000000", "national", None),
    ("ZJ", "330000", "provincial", "CN"),
    ("HZ", "330100", "city", "ZJ"),
    ("WZ", "330300", "city", "ZJ"),
    ("GD", "440000", "provincial", "CN"),
    ("GZ", "440100", "city", "GD"),
)
# Each name says role and office: the clerk and the chief of Hangzhou have the cases, the others look on.
PEOPLE = {
    "clerk": ("HZ", ["clerk"]),
    "chief": ("HZ", ["chief", "clerk"]),
    "admin": ("HZ", ["admin"]),
    "nation-admin": ("CN", ["admin"]),
    "neighbour": ("WZ", ["clerk", "chief"]),
    "province": ("ZJ", ["clerk", "chief"]),
    "nation": ("CN", ["clerk", "chief"]),
    "stranger": ("GZ", ["clerk", "chief"]),
}
REQUEST = {
    "workflow": "test-dispute",
    "event": "request_received",
    "effective_on": "2026-03-02",
    "by": "claimant",
    "facts": {"patent_number": "ZL201510299950.3", "contact": "0571-1"},
    "parties": [{"role": "claimant", "name": "甲公司"}, {"role": "opponent", "name": "乙公司"}],
}
OPENING = {"event": "case_opened", "effective_on": "2026-03-03", "facts": {"panel": ["a", "b", "c"]}}


@dataclass
class Api:
    """A client over the application; whoever asks is named by `who`, and None asks without a token."""

    client: TestClient
    registry: Registry
    tokens: dict[str, str]
    keys: Any = field(default_factory=itertools.count)

    def headers(self, who: str | None, **more: str) -> dict[str, str]:
        found = {} if who is None else {"Authorization": f"Bearer {self.tokens[who]}"}
        return {**found, **{name.replace("_", "-"): value for name, value in more.items()}}

    def get(self, path: str, who: str | None = "clerk", **headers: str) -> Any:
        return self.client.get(path, headers=self.headers(who, **headers))

    def post(self, path: str, body: Any, who: str | None = "clerk", *, key: str | None = "", **headers: str) -> Any:
        """Post JSON with a fresh idempotency key, unless one is given; with None, without one."""
        if key is not None:
            headers["Idempotency_Key"] = key or f"key-{next(self.keys)}"
        return self.client.post(path, json=body, headers=self.headers(who, **headers))

    def open(self, who: str = "clerk", **changed: Any) -> str:
        """Open a case and return its id."""
        answer = self.post("/v1/cases", {**REQUEST, **changed}, who)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["case_id"])

    def etag(self, case_id: str, who: str = "clerk") -> str:
        return str(self.get(f"/v1/cases/{case_id}", who).headers["ETag"])

    def record(self, case_id: str, body: Any, who: str = "clerk", **headers: str) -> Any:
        """Record an event under the case's present ETag, unless the test names another."""
        given = headers.pop("If_Match", None) or self.etag(case_id, who)
        return self.post(f"/v1/cases/{case_id}/events", body, who, If_Match=given, **headers)

    def docketed(self, who: str = "clerk") -> str:
        """A case with its docket number."""
        case_id = self.open(who)
        answer = self.record(case_id, OPENING, who)
        assert answer.status_code == 201, answer.text
        return case_id

    def today(self, day: str) -> None:
        answer = self.client.put(
            "/v1/sandbox/today", json={"today": day}, headers=self.headers(next(iter(self.tokens)))
        )
        assert answer.status_code == 200, answer.text

    def rows(self, sql: str, **values: Any) -> list[Any]:
        with db.reading(self.registry.engine) as tx:
            return [tuple(row) for row in tx.execute(text(sql), values)]


@contextmanager
def start(
    url: str,
    law: Path,
    documents: Path,
    *,
    people: Mapping[str, tuple[str, list[str]]] = PEOPLE,
    today: date | None = TODAY,
) -> Iterator[Api]:
    """The application on a migrated database, with its offices, people and tokens.

    It is a sandbox that plays `today`; with None it is no sandbox, and `verify` compares moments too.
    """
    sandbox = today is not None
    registry = Registry.start(Settings(database_url=url, sandbox=sandbox, workflows=law, documents=documents))
    tokens, rules = {}, register.rules_in(registry)

    def furnish(tx: Any) -> None:
        for code, region, level, parent in OFFICES:
            register.add_office(tx, rules, code, region, level, parent)
        for name, (office, roles) in people.items():
            register.add_person(tx, rules, name, office, roles, name=f"姓名-{name}")
            tokens[name] = register.token_of(tx, name)
        if today is not None:
            move_today(tx, today)

    db.run(registry.engine, furnish)
    with TestClient(create_app(registry=registry), raise_server_exceptions=False) as client:
        yield Api(client, registry, tokens)
    registry.close()
