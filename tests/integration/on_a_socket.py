"""The application on a real socket in a thread of the test, with a worker beside it if asked; it asserts nothing."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import uvicorn

from adjudicate import db
from adjudicate import worker as workers
from adjudicate.api.app import create_app
from adjudicate.cases.registry import Registry
from adjudicate.cases.sandbox import move_today
from adjudicate.settings import Settings
from tests import register
from tests.api.harness import OFFICES, PEOPLE, REQUEST, TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

# Far above every limit that the tests set, so that only a request that hangs has no answer.
ANSWER_SECONDS = 20
# Reading the certificates takes 50 ms of processor for each client otherwise; sixty clients starve the server.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass
class Served:
    """An address that serves, the tokens of its people, and the registry behind it."""

    address: str
    registry: Registry
    tokens: dict[str, str]
    worker: threading.Thread | None = None
    ended: list[BaseException] = field(default_factory=list)

    def client(self, who: str | None = "clerk") -> httpx.Client:
        """A client of one person, which waits no longer than anybody may have to."""
        headers = {} if who is None else {"Authorization": f"Bearer {self.tokens[who]}"}
        own: dict[str, Any] = {"timeout": ANSWER_SECONDS, "trust_env": False, "verify": NO_CERTIFICATES}
        return httpx.Client(base_url=self.address, headers=headers, **own)


def settings_of(monkeypatch: pytest.MonkeyPatch, url: str, law: Path, documents: Path, **given: str) -> Settings:
    """The settings as the environment says them, so that a release that does not know one of them passes over it."""
    own = {"DATABASE_URL": url, "WORKFLOWS": str(law), "DOCUMENTS": str(documents), "SANDBOX": "1"}
    for name, value in {**own, **given}.items():
        monkeypatch.setenv(f"ADJUDICATE_{name}", value)
    return Settings.from_environment()


def furnish(registry: Registry) -> dict[str, str]:
    """Offices, people and tokens of the API's tests."""
    tokens: dict[str, str] = {}
    rules = register.rules_in(registry)

    def work(tx: Any) -> None:
        for code, region, level, parent in OFFICES:
            register.add_office(tx, rules, code, region, level, parent)
        for name, (office, roles) in PEOPLE.items():
            register.add_person(tx, rules, name, office, roles)
            tokens[name] = register.token_of(tx, name)
        move_today(tx, TODAY)

    db.run(registry.engine, work)
    return tokens


@contextmanager
def served(settings: Settings, *, with_worker: bool = False) -> Iterator[Served]:
    """Serve a furnished office over a migrated database until the block ends."""
    registry = Registry.start(settings)
    tokens = furnish(registry)
    listener = socket.create_server(("127.0.0.1", 0))
    # A server that limits its connections would refuse the many clients of one test.
    server = uvicorn.Server(uvicorn.Config(create_app(registry=registry), log_config=None, access_log=False))
    stop = threading.Event()
    made = Served(f"http://127.0.0.1:{listener.getsockname()[1]}", registry, tokens)

    def work() -> None:
        try:
            workers.serve(registry, stop)
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            made.ended.append(error)

    serving = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    serving.start()
    made.worker = threading.Thread(target=work, daemon=True) if with_worker else None
    if made.worker is not None:
        made.worker.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield made
    finally:
        stop.set()
        server.should_exit = True
        serving.join(30)
        if made.worker is not None:
            made.worker.join(30)
        registry.close()


def opened(client: httpx.Client, key: str) -> str:
    """A new case of the caller's office."""
    answer = client.post("/v1/cases", json=REQUEST, headers={"Idempotency-Key": key})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case_id"])


def noted(client: httpx.Client, case_id: str, remark: str, *, etag: str, key: str) -> httpx.Response:
    """One more note in a case."""
    body = {"event": "noted", "effective_on": TODAY.isoformat(), "by": "clerk", "facts": {"remark": remark}}
    return client.post(f"/v1/cases/{case_id}/events", json=body, headers={"Idempotency-Key": key, "If-Match": etag})
