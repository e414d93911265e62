"""The one load generator for all contenders: keep-alive clients on raw sockets in one process, as thin as can be."""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = (
    b"POST /v1/cases/%b/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %b\r\n"
    b'Content-Type: application/json\r\nIf-Match: "%d-0"\r\nIdempotency-Key: %b\r\nContent-Length: %d\r\n\r\n%b'
)


@dataclass
class Client:
    """One connection that has one request under way at a time."""

    sock: socket.socket
    requests: Iterator[bytes]
    received: bytearray = field(default_factory=bytearray)
    sent_at: float = 0.0

    def send(self) -> bool:
        """Send the next request; False when there is none left."""
        request = next(self.requests, None)
        if request is None:
            return False
        self.received.clear()
        self.sent_at = time.perf_counter()
        self.sock.sendall(request)
        return True

    def answered(self) -> bool:
        """Read what has come; True when the answer is complete. Raises RuntimeError for anything but success."""
        chunk = self.sock.recv(65536)
        if not chunk:
            raise RuntimeError("the server closed the connection")
        self.received += chunk
        head = self.received.find(b"\r\n\r\n")
        if head < 0:
            return False
        lower = bytes(self.received[:head]).lower()
        start = lower.index(b"content-length:") + 15
        length = int(lower[start : (lower + b"\r\n").index(b"\r\n", start)])
        if len(self.received) < head + 4 + length:
            return False
        if not self.received.startswith(b"HTTP/1.1 201"):
            raise RuntimeError(self.received.decode(errors="replace"))
        return True


def requests(numbers: Iterator[int], steps: list[dict[str, Any]], token: str) -> Iterator[bytes]:
    """The measured steps in one case after the other; clients share the numbers, as a fast one needs more of them."""
    sent = [(step["version"], json.dumps(step["body"], ensure_ascii=False).encode()) for step in steps]
    for number in numbers:
        case = b"00000000-0000-7000-8000-%012d" % number
        for version, body in sent:
            yield _HEAD % (case, token.encode(), version, uuid.uuid4().hex.encode(), len(body), body)


def drive(spec: dict[str, Any]) -> dict[str, Any]:
    """Drive the servers for `seconds` after `warmup` and return the requests answered and their latencies."""
    selector = selectors.DefaultSelector()
    clients = []
    numbers = iter(range(spec["first"], spec["first"] + spec["cases"]))
    for number in range(spec["clients"]):
        port = spec["ports"][number % len(spec["ports"])]
        sock = socket.create_connection(("127.0.0.1", port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made = Client(sock, requests(numbers, spec["steps"], spec["token"]))
        clients.append(made)
        selector.register(sock, selectors.EVENT_READ, made)
    latencies: list[float] = []
    busy = time.process_time()
    begin = time.perf_counter() + spec["warmup"]
    end = begin + spec["seconds"]
    under_way = sum(client.send() for client in clients)
    while under_way:
        for key, _ in selector.select():
            client: Client = key.data
            if not client.answered():
                continue
            now = time.perf_counter()
            if begin <= now < end:
                latencies.append(now - client.sent_at)
            under_way -= 1
            if now < end:
                if not client.send():
                    raise RuntimeError("a client ran out of cases")
                under_way += 1
    for client in clients:
        client.sock.close()
    return {"seconds": spec["seconds"], "latencies": latencies, "busy": time.process_time() - busy}


if __name__ == "__main__":
    json.dump(drive(json.load(sys.stdin)), sys.stdout)
