"""A served process with an office, people and a case of the fixture's law, and a client that speaks to its socket."""

from __future__ import annotations

import json
import socket
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.acceptance.test_serve import Served, serving
from tests.api.harness import start
from tests.integration.desk import law_folder

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Office:
    """The process, where it listens, whose tokens there are, one case with its docket number, and the folder used."""

    served: Served
    port: int
    tokens: dict[str, str]
    case_id: str
    documents: Path
    url: str

    @property
    def upload_path(self) -> str:
        return f"/v1/cases/{self.case_id}/documents?name=a.pdf"

    def head(self, method: str, path: str, who: str = "clerk", **fields: str) -> bytes:
        """The head of a request, complete."""
        named = {"Host": "office", "Authorization": f"Bearer {self.tokens[who]}", **fields}
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in named.items()]
        return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode()

    def connect(self, *, seconds: float = 30) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)

    def ask(self, request: bytes) -> Answer:
        """Send the bytes on a connection of their own and read the answer."""
        with self.connect() as connection:
            connection.sendall(request)
            return answer_on(connection)

    def await_nothing_left(self) -> None:
        """Wait until no upload that was broken off has left a file."""
        for _ in range(100):
            left = list(self.documents.glob("receiving-*"))
            if not left:
                return
            time.sleep(0.1)
        raise AssertionError(left)

    def resident(self) -> int:
        """How much memory the process occupies, in bytes."""
        status = Path(f"/proc/{self.served.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    def lines(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.served.lines() if line["event"] == event]

    def await_lines(self, event: str, *, more_than: int = 0, **fields: Any) -> list[dict[str, Any]]:
        """The lines of an event with these fields, once there are more than that many."""
        for _ in range(200):
            found = [line for line in self.lines(event) if fields.items() <= line.items()]
            if len(found) > more_than:
                return found
            time.sleep(0.1)
        raise AssertionError(self.served.written.read_text()[-3000:])


@dataclass
class Answer:
    """An answer as it came: all that was read, whether the connection was reset, and whether it was closed."""

    raw: bytes
    reset: bool
    closed: bool

    @property
    def status(self) -> int:
        return int(self.raw.split(b" ", 2)[1]) if self.raw else 0

    @property
    def headers(self) -> dict[str, str]:
        lines = self.raw.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}

    @property
    def body(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[2]

    @property
    def code(self) -> str:
        """The code of the problem; empty where the answer is none."""
        if self.headers.get("content-type") != "application/problem+json":
            return ""
        return str(json.loads(self.body)["code"])


def answer_on(connection: socket.socket, *, until_closed: bool = False) -> Answer:
    """Read one answer with a Content-Length, or everything until the other side closes."""
    raw, reset, closed = b"", False, False
    try:
        while True:
            head, separator, body = raw.partition(b"\r\n\r\n")
            lower = head.lower()
            length = lower.split(b"content-length: ")[1:]
            if separator and length and not until_closed and len(body) >= int(length[0].split(b"\r\n")[0]):
                break
            piece = connection.recv(65536)
            if not piece:
                closed = True
                break
            raw += piece
    except ConnectionResetError:
        reset = True
    except TimeoutError:
        pass  # what has come so far is the answer, and it is not closed
    return Answer(raw, reset, closed)


@contextmanager
def served_office(url: str, folder: Path, *words: str, **more: str) -> Iterator[Office]:
    """The process on a database of its own, once it is ready."""
    law, documents = law_folder(folder / "workflows"), folder / "documents"
    with start(url, law, documents) as api:
        case_id, tokens = api.docketed(), api.tokens
    given = {"ADJUDICATE_WORKFLOWS": str(law), "ADJUDICATE_DOCUMENTS": str(documents), "ADJUDICATE_SANDBOX": "1"}
    with serving(url, folder, *words, **given, **more) as served:
        port = int(served.address.rpartition(":")[2])
        yield Office(served, port, tokens, case_id, documents, url)
