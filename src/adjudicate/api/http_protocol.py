"""HTTP on one connection within limits: of the head, of time and of what is dropped; requests go to the application.

uvicorn limits neither the head nor the time of a request where httptools parses it, and reads what it has refused. The
states of a connection are those of uvicorn's own protocol; this module only counts, looks at the clock, and ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from adjudicate.api.connections import LINGER_BYTES, LINGER_SECONDS, Connections, Limits
from adjudicate.api.errors import SocketRefusal, socket_problem

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

LONGEST_REQUEST_LINE = 8 * 1024
# A body must come faster than this, averaged from its first second on; see `Limits.body_seconds`.
SLOWEST_BODY = 64 * 1024
# What the framing of one chunk may cost: its length in hex, a short extension, and line ends.
_FRAME_OF_CHUNK = 64
_LONGEST_PIPELINE = 32


class _Refused(Exception):
    """Ends the parser's work on a request that is refused."""


class LimitedProtocol(HttpToolsProtocol):
    """One connection to one client."""

    def __init__(self, *given: Any, limits: Limits, **named: Any) -> None:
        super().__init__(*given, **named)
        self.limits = limits
        self.all = Connections.of(self.server_state, self.loop)
        self.in_head = False
        self.waiting_since = 0.0
        self.close_at: float | None = None
        self._refusal: SocketRefusal | None = None
        self._head_bytes = 0
        self._body_since = 0.0
        self._body_bytes = 0
        self._framing = 0
        self._unread_since: float | None = None
        self._deaf = False
        self._dropped = 0
        self._closes_after_answer = False

    @property
    def _last(self) -> RequestResponseCycle | None:
        """The last request of which the head is complete, if there was one."""
        return self.cycle

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered."""
        last = self._last
        return last is None or last.response_complete

    def connection_made(self, transport: Any) -> None:
        """Take the connection, or refuse it where too many are busy."""
        super().connection_made(transport)
        self.waiting_since = self.loop.time()
        if not self.all.admit(self):
            self._refuse(SocketRefusal.OVERLOADED)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note a client that went away before its answer was complete."""
        self.all.forget(self)
        if self.close_at is None and (self.in_head or not self.is_idle):
            self.all.report("hung-up")
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes from the client."""
        if self._deaf:
            self._dropped += len(data)
            if self._dropped > LINGER_BYTES:
                self.transport.abort()
            return
        self._unset_keepalive_if_required()
        began_in_head, body_before = self.in_head, self._body_bytes
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # No other protocol is offered. The request is answered, and what follows it is of that other protocol.
            self._deaf = True
            self.cycle.keep_alive = False
            return
        except httptools.HttpParserError:
            self._refuse(self._refusal or SocketRefusal.MALFORMED)
            return
        if self.in_head:
            self._head_bytes += len(data) if began_in_head else 0
            if self._head_bytes > self.limits.head_bytes:
                self._refuse(SocketRefusal.HEAD_TOO_LARGE)
        elif (last := self._last) is not None and last.more_body:
            if not began_in_head:
                self._check_framing(len(data) - (self._body_bytes - body_before))
            self._answer_closes(last)

    def _check_framing(self, added: int) -> None:
        """Refuse what is neither body nor the frame of a chunk: fields behind the body, which the parser gathers."""
        self._framing = max(self._framing + added, 0)
        if self._framing > self.limits.head_bytes:
            self._refuse(SocketRefusal.HEAD_TOO_LARGE)

    def on_message_begin(self) -> None:
        """A request begins."""
        self.in_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        if len(self.url) + len(url) > LONGEST_REQUEST_LINE:
            self._stop(SocketRefusal.REQUEST_LINE_TOO_LONG)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field of the head. Fields behind a chunked body are dropped: nobody here reads them."""
        if self.in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is complete: judge it, and begin to answer."""
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self.limits.head_bytes or len(self.headers) > self.limits.head_fields:
            self._stop(SocketRefusal.HEAD_TOO_LARGE)
        if len(self.pipeline) >= _LONGEST_PIPELINE:
            self._stop(SocketRefusal.MALFORMED)
        self.in_head = False
        self._body_since = self.loop.time()
        self._body_bytes = self._framing = 0
        super().on_headers_complete()

    def on_chunk_header(self) -> None:
        """A chunk of the body begins."""
        self._framing -= _FRAME_OF_CHUNK

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._body_bytes += len(body)
        super().on_body(body)

    def _stop(self, refusal: SocketRefusal) -> None:
        self._refusal = refusal
        raise _Refused

    def _answer_closes(self, cycle: RequestResponseCycle) -> None:
        """Let an answer that begins before the body has ended announce that the connection is closed behind it."""
        if getattr(cycle.send, "closes", False):
            return
        plain = cycle.send

        async def send(message: Any) -> None:
            if message["type"] != "http.response.start" or not cycle.more_body:
                await plain(message)
                return
            self._closes_after_answer = True
            message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            await plain(message)
            # uvicorn would close at once, and the bytes still coming would make the system reset the answer.
            cycle.keep_alive = True

        send.closes = True  # type: ignore[attr-defined]
        cycle.send = send  # type: ignore[method-assign]

    def on_response_complete(self) -> None:
        """An answer is complete."""
        super().on_response_complete()
        self.waiting_since = self.loop.time()
        if self._closes_after_answer:
            self._linger()

    def pause_writing(self) -> None:
        """The client does not read as fast as it is answered."""
        self._unread_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        """The client has read."""
        self._unread_since = None
        super().resume_writing()

    def check(self, now: float, elapsed: float) -> None:
        """Look at the clock, `elapsed` seconds after the last time, and end a connection that takes too long."""
        if self.close_at is not None:
            if now >= self.close_at:
                self.transport.abort()
        elif self.transport.is_closing():
            self.close_at = now + LINGER_SECONDS
        elif self._unread_since is not None and now - self._unread_since > self.limits.body_seconds:
            self.all.report("answer-not-read")
            self.close_at = now
            self.transport.abort()
        elif self.is_idle:
            self._check_waiting(now)
        elif self.cycle.more_body:
            self._check_body(now, elapsed)

    def _check_waiting(self, now: float) -> None:
        # Where an answer went before, uvicorn's own timer ends the wait for the first byte.
        idle = 0.0 if self._last is None else self.limits.idle_seconds
        if now - self.waiting_since <= self.limits.head_seconds + idle:
            return
        if self.in_head:
            self._refuse(SocketRefusal.TOO_SLOW)
        else:
            self.all.report("idle")
            self.transport.close()

    def _check_body(self, now: float, elapsed: float) -> None:
        if self.flow.read_paused or self.cycle.waiting_for_100_continue:
            self._body_since += elapsed
        elif now - self._body_since > self.limits.body_seconds + self._body_bytes / SLOWEST_BODY:
            self._refuse(SocketRefusal.TOO_SLOW)

    def _refuse(self, refusal: SocketRefusal) -> None:
        """Answer with a problem, if no answer has begun, and close."""
        self.all.report(refusal.value)
        if not self.is_idle:
            if self.cycle.response_started or not self.cycle.more_body:
                # Of a request that follows one still being answered.
                self.cycle.keep_alive = False
                self._deaf = True
                return
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        status, headers, body = socket_problem(refusal, self.headers or ())
        lines = [b"%b: %b\r\n" % (name, value) for name, value in headers]
        self.transport.write(b"".join([STATUS_LINE[status], *lines, b"\r\n", body]))
        self._linger()

    def _linger(self) -> None:
        """Close, but drop for a while what the client still sends: closing at once would make the answer be lost."""
        if self.transport.is_closing():
            return
        self._deaf = True
        self.close_at = self.loop.time() + LINGER_SECONDS
        self._unset_keepalive_if_required()
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()
