"""Clients that record against a served process whatever happens to it, and remember each answer they were given.

A client repeats a request, under the same key and word for word, until it is told that it succeeded or was refused: so
at the end every effect in the database is one that somebody was told of, and none is there twice.
"""

from __future__ import annotations

import hashlib
import random
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from datetime import date

    from tests.integration.served import Running

# What says nothing about whether the request was carried out.
UNCERTAIN = {503}
# How long one request is repeated before the test gives up.
PATIENCE = 240


@dataclass(frozen=True)
class Acknowledged:
    """A command that was answered with success: what it recorded, and the answer's text."""

    actor: str
    key: str
    kind: str
    case_id: str
    sequence: int
    body: str


@dataclass
class Crowd:
    """The clients together: what they were told, and the cases that they share."""

    running: Running
    today: date
    seed: int
    acknowledged: list[Acknowledged] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    documents: set[tuple[str, str]] = field(default_factory=set)
    cases: list[str] = field(default_factory=list)
    repeated: int = 0
    # Commands that had been recorded when their answer was lost.
    answered_again: int = 0
    errors: list[BaseException] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Crowd:
        for name in self.running.office.tokens:
            client = Client(self, name, random.Random(f"{self.seed} {name}"))
            self.threads.append(threading.Thread(target=client.live, name=name, daemon=True))
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let every client finish the request it is at; raise what went wrong with any."""
        self.stop.set()
        for thread in self.threads:
            thread.join()
        if self.errors:
            raise self.errors[0]

    def wait_for(self, commands: int) -> None:
        """Wait until so many more commands were acknowledged."""
        aim = len(self.acknowledged) + commands
        limit = time.monotonic() + PATIENCE
        while len(self.acknowledged) < aim and not self.errors:
            assert time.monotonic() < limit, "the clients stand still"
            time.sleep(0.02)

    def next_day(self, day: date) -> None:
        """Let the sandbox play another day, so that lapses become due."""
        name = next(iter(self.running.office.tokens))
        with httpx.Client(base_url=self.running.address, timeout=60) as http:
            client = Client(self, name, random.Random(self.seed), http)
            answer = client.until_answered("PUT", "/v1/sandbox/today", json={"today": day.isoformat()})
        assert answer.status_code == 200, answer.text
        self.today = day


@dataclass
class Client:
    """One of the crowd, with a token, cases and keys of its own."""

    crowd: Crowd
    name: str
    chance: random.Random
    http: Any = None
    sent: int = 0

    def live(self) -> None:
        """Record until the crowd is told to stop."""
        try:
            with httpx.Client(base_url=self.crowd.running.address, timeout=60) as self.http:
                own = self.open()
                while not self.crowd.stop.is_set():
                    turn = self.chance.random()
                    if turn < 0.1:
                        own = self.open()
                    elif turn < 0.2:
                        self.register(own)
                    elif turn < 0.6:
                        self.note(own)
                    else:
                        self.note(self.chance.choice(self.crowd.cases))
        except BaseException as error:  # noqa: BLE001 - the thread that waits for the crowd raises it
            self.crowd.errors.append(error)

    def open(self) -> str:
        """Open a case, and docket every second one; the others miss their period."""
        body = {
            "workflow": "test-dispute",
            "event": "request_received",
            "effective_on": self.crowd.today.isoformat(),
            "by": "claimant",
            "facts": {"patent_number": "ZL201510299950.3", "contact": "0571-1"},
            "parties": [{"role": "claimant", "name": "甲公司"}, {"role": "opponent", "name": "乙公司"}],
        }
        answer = self.command("/v1/cases", body)
        assert answer is not None, self.crowd.refused
        self.crowd.cases.append(answer.case_id)
        if self.chance.random() < 0.5:
            day = self.crowd.today.isoformat()
            opened = {"event": "case_opened", "effective_on": day, "facts": {"panel": ["a", "b", "c"]}}
            self.record(answer.case_id, opened)
        return answer.case_id

    def note(self, case_id: str) -> None:
        """Write a remark that stands in no other event."""
        remark = f"{self.name} {self.sent}"
        self.record(
            case_id, {"event": "noted", "effective_on": self.crowd.today.isoformat(), "facts": {"remark": remark}}
        )

    def record(self, case_id: str, body: dict[str, Any]) -> Acknowledged | None:
        seen = self.until_answered("GET", f"/v1/cases/{case_id}")
        assert seen.status_code == 200, seen.text
        return self.command(f"/v1/cases/{case_id}/events", body, If_Match=seen.headers["ETag"])

    def register(self, case_id: str) -> None:
        """Register a document with bytes of its own."""
        content = f"{self.name} {self.sent} {self.chance.random()}".encode() * 200
        self.sent += 1
        answer = self.until_answered(
            "POST", f"/v1/cases/{case_id}/documents?name=note.txt", content=content, Content_Type="text/plain"
        )
        assert answer.status_code in {200, 201}, answer.text
        self.crowd.documents.add((case_id, hashlib.sha256(content).hexdigest()))

    def command(self, path: str, body: dict[str, Any], **headers: str) -> Acknowledged | None:
        """One command under a new key; None where it was refused."""
        key = f"{self.name}-{self.sent}"
        self.sent += 1
        answer = self.until_answered("POST", path, json=body, Idempotency_Key=key, **headers)
        if answer.status_code != 201:
            assert 400 <= answer.status_code < 500, answer.text
            self.crowd.refused[key] = answer.json()["code"]
            return None
        self.crowd.answered_again += answer.headers.get("Idempotency-Replayed") == "true"
        told = answer.json()
        done = Acknowledged(self.name, key, body["event"], told["case_id"], told["act"]["sequence"], answer.text)
        self.crowd.acknowledged.append(done)
        if self.chance.random() < 0.1:
            again = self.until_answered("POST", path, json=body, Idempotency_Key=key, **headers)
            assert (again.status_code, again.text) == (201, answer.text)
        return done

    def until_answered(self, method: str, path: str, *, json: Any = None, content: Any = None, **headers: str) -> Any:
        """The first answer that says whether the request was carried out."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given["Authorization"] = f"Bearer {self.crowd.running.office.tokens[self.name]}"
        limit = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self.http.request(method, path, json=json, content=content, headers=given)
            except httpx.TransportError:
                pass
            else:
                if answer.status_code not in UNCERTAIN:
                    return answer
            assert time.monotonic() < limit, f"{method} {path} was never answered"
            self.crowd.repeated += 1
            time.sleep(self.chance.uniform(0.02, 0.2))
