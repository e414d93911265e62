"""Who gets a thread, and when: reads and commands apart, few for any one case, nobody waiting for ever."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial, wraps
from inspect import iscoroutinefunction, signature
from typing import TYPE_CHECKING, Any, TypeVar, cast

from anyio import CapacityLimiter, Semaphore, WouldBlock, move_on_after, to_thread
from fastapi.routing import APIRoute

from adjudicate.failures import unavailable
from adjudicate.time_limits import within

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from fastapi import FastAPI, Request

    from adjudicate.time_limits import Limits

T = TypeVar("T")

READS_AT_ONCE = 40
COMMANDS_AT_ONCE = 20
# Commands on one case are carried out one after the other anyway: one works, the next stands ready at the lock. More
# would only take the threads and the connections of other cases while somebody else holds this case's lock.
OF_ONE_CASE_AT_ONCE = 3
PROBES_AT_ONCE = 2

_READING = {"GET", "HEAD"}


class Turns:
    """The threads of one process, shared out before they are taken. Whoever waits for one costs no thread.

    A wait for a turn is bounded like a wait for a lock, and is part of the request's one deadline.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._reads = Semaphore(READS_AT_ONCE, fast_acquire=True)
        self._commands = Semaphore(COMMANDS_AT_ONCE, fast_acquire=True)
        self._cases: dict[str, tuple[Semaphore, list[None]]] = {}
        self._probes = CapacityLimiter(PROBES_AT_ONCE)
        # Never waited for: the places above are as many.
        self._threads = CapacityLimiter(READS_AT_ONCE + COMMANDS_AT_ONCE)

    async def read(self, work: Callable[[], T]) -> T:
        """Carry out what only reads. Raises Unavailable when no turn comes in time."""
        with within(self._limits.command_seconds):
            async with self._place(self._reads):
                return await to_thread.run_sync(work, limiter=self._threads)

    async def command(self, work: Callable[[], T], *, case_id: str | None) -> T:
        """Carry out what writes, in a case or elsewhere. Raises Unavailable when no turn comes in time."""
        with within(self._limits.command_seconds):
            async with self._place_in_case(case_id), self._place(self._commands):
                return await to_thread.run_sync(work, limiter=self._threads)

    async def probe(self, work: Callable[[], T]) -> T:
        """Carry out a probe, whatever reads and commands are doing."""
        return await to_thread.run_sync(work, limiter=self._probes)

    @asynccontextmanager
    async def _place(self, places: Semaphore) -> AsyncIterator[None]:
        try:
            places.acquire_nowait()
        except WouldBlock:
            with move_on_after(self._limits.lock_seconds) as waiting:
                await places.acquire()
            if waiting.cancelled_caught:
                raise unavailable() from None
        try:
            yield
        finally:
            places.release()

    @asynccontextmanager
    async def _place_in_case(self, case_id: str | None) -> AsyncIterator[None]:
        if case_id is None:
            yield
            return
        places, users = self._cases.setdefault(case_id, (Semaphore(OF_ONE_CASE_AT_ONCE, fast_acquire=True), []))
        users.append(None)
        try:
            async with self._place(places):
                yield
        finally:
            users.pop()
            if not users:
                self._cases.pop(case_id, None)


def turns_of(request: Request) -> Turns:
    """The turns of the process, as `create_app` left them."""
    return cast("Turns", request.app.state.turns)


def install(app: FastAPI, limits: Limits) -> None:
    """Share out the threads of `app`."""
    app.state.turns = Turns(limits)


class TurnRoute(APIRoute):
    """A route whose endpoint, if it is a plain function with `request`, runs when its turn has come."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        reads = set(options.get("methods") or _READING) <= _READING
        super().__init__(path, _in_turn(endpoint, reads=reads), **options)


def _in_turn(endpoint: Callable[..., Any], *, reads: bool) -> Callable[..., Any]:
    if iscoroutinefunction(endpoint) or "request" not in signature(endpoint).parameters:
        return endpoint

    @wraps(endpoint)
    async def when_its_turn_has_come(**given: Any) -> Any:
        work, turns = partial(endpoint, **given), turns_of(given["request"])
        if reads:
            return await turns.read(work)
        case_id = given.get("case_id")
        return await turns.command(work, case_id=None if case_id is None else str(case_id))

    return when_its_turn_has_come
