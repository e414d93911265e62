"""Who gets a thread, and when: reads and commands apart, few for any one case, nobody waiting for ever."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial, wraps
from inspect import iscoroutinefunction, signature
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from anyio import CapacityLimiter, Semaphore, WouldBlock, move_on_after, to_thread
from fastapi.routing import APIRoute

from adjudicate.failures import unavailable
from adjudicate.time_limits import at_most, within

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
# A probe that finds both places taken is answered soon: whoever asks asks again, and the line must not grow meanwhile.
PROBE_WAIT_SECONDS = 1.0
# Changes of the register wait at one place, the head of the administrative ledger, as commands wait at their case.
ADMINISTRATION = "administration"

_READING = {"GET", "HEAD"}


@dataclass(slots=True)
class _Line:
    """The commands that wait for one another: their places, and how many requests have or want one."""

    places: Semaphore = field(default_factory=lambda: Semaphore(OF_ONE_CASE_AT_ONCE, fast_acquire=True))
    users: int = 0


class Turns:
    """The threads of one process, shared out before they are taken. Whoever waits for one costs no thread.

    A wait for a turn is bounded like a wait for a lock, and is part of the request's one deadline.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._reads = Semaphore(READS_AT_ONCE, fast_acquire=True)
        self._commands = Semaphore(COMMANDS_AT_ONCE, fast_acquire=True)
        self._lines: dict[str, _Line] = {}
        self._probes = Semaphore(PROBES_AT_ONCE, fast_acquire=True)
        # Never waited for: the places above are as many.
        self._threads = CapacityLimiter(READS_AT_ONCE + COMMANDS_AT_ONCE + PROBES_AT_ONCE)

    async def read(self, work: Callable[[], T]) -> T:
        """Carry out what only reads. Raises Unavailable when no turn comes in time."""
        with within(self._limits.command_seconds):
            async with self._place(self._reads):
                return await to_thread.run_sync(work, limiter=self._threads)

    async def command(self, work: Callable[[], T], *, line: str | None) -> T:
        """Carry out what writes. Raises Unavailable when no turn comes in time.

        `line` names what it waits for together with others: a case, or ADMINISTRATION; None if nothing is shared.
        """
        with within(self._limits.command_seconds):
            async with self._place_in_line(line), self._place(self._commands):
                return await to_thread.run_sync(work, limiter=self._threads)

    async def probe(self, work: Callable[[], T], *, seconds: float) -> T:
        """Carry out a probe in so many seconds, whatever reads and commands are doing.

        Raises Unavailable when the probes before it are still at work.
        """
        with within(seconds):
            async with self._place(self._probes, PROBE_WAIT_SECONDS):
                return await to_thread.run_sync(work, limiter=self._threads)

    @asynccontextmanager
    async def _place(self, places: Semaphore, seconds: float | None = None) -> AsyncIterator[None]:
        try:
            places.acquire_nowait()
        except WouldBlock:
            with move_on_after(at_most(self._limits.lock_seconds if seconds is None else seconds)) as waiting:
                await places.acquire()
            if waiting.cancelled_caught:
                raise unavailable() from None
        try:
            yield
        finally:
            places.release()

    @asynccontextmanager
    async def _place_in_line(self, name: str | None) -> AsyncIterator[None]:
        if name is None:
            yield
            return
        line = self._lines.setdefault(name, _Line())
        line.users += 1
        try:
            async with self._place(line.places):
                yield
        finally:
            line.users -= 1
            if not line.users:
                self._lines.pop(name, None)


def turns_of(request: Request) -> Turns:
    """The turns of the process, as `create_app` left them."""
    return cast("Turns", request.app.state.turns)


def install(app: FastAPI, limits: Limits) -> None:
    """Share out the threads of `app`."""
    app.state.turns = Turns(limits)


class TurnRoute(APIRoute):
    """A route whose endpoint, if it is a plain function with `request`, runs when its turn has come.

    A command that names no case is administration: it changes the register.
    """

    line_outside_cases: ClassVar[str | None] = ADMINISTRATION

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        reads = set(options.get("methods") or _READING) <= _READING
        super().__init__(path, _in_turn(endpoint, reads=reads, otherwise=self.line_outside_cases), **options)


class CommandRoute(TurnRoute):
    """A turn route of commands on cases: the one that names no case opens one, and waits for no other."""

    line_outside_cases = None


def _in_turn(endpoint: Callable[..., Any], *, reads: bool, otherwise: str | None) -> Callable[..., Any]:
    if iscoroutinefunction(endpoint) or "request" not in signature(endpoint).parameters:
        return endpoint

    @wraps(endpoint)
    async def when_its_turn_has_come(**given: Any) -> Any:
        work, turns = partial(endpoint, **given), turns_of(given["request"])
        if reads:
            return await turns.read(work)
        case_id = given.get("case_id")
        return await turns.command(work, line=otherwise if case_id is None else str(case_id))

    return when_its_turn_has_come
