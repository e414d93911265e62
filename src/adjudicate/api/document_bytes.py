"""Moves the bytes of documents between socket and disk without holding up the event loop; it decides nothing."""

from __future__ import annotations

import base64
import os
from threading import Lock
from typing import IO, TYPE_CHECKING, ParamSpec, TypeVar

from anyio import CancelScope, CapacityLimiter, move_on_after, to_thread
from anyio.lowlevel import RunVar
from starlette.responses import FileResponse

from adjudicate.documents import store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

T = TypeVar("T")
P = ParamSpec("P")

# Threads that write documents. They are few and of their own, so that a slow disk leaves the threads of commands alone.
_DISK_THREADS = 4
_limiter: RunVar[CapacityLimiter] = RunVar("adjudicate_disk_threads")
LOOK_SECONDS = 1.0
_looking = Lock()


async def in_disk_thread(work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """What `work` returns, in one of the threads that write documents."""
    try:
        limiter = _limiter.get()
    except LookupError:
        limiter = CapacityLimiter(_DISK_THREADS)
        _limiter.set(limiter)
    return await to_thread.run_sync(lambda: work(*given, **named), limiter=limiter)


async def without_interruption(work: Callable[[], None]) -> None:
    """Do `work` in a thread, also while the request is being cancelled."""
    with CancelScope(shield=True):
        await in_disk_thread(work)


async def can_be_written(folder: Path) -> bool:
    """Whether documents can be written now; a network folder that does not answer in a second counts as not."""
    with move_on_after(LOOK_SECONDS):
        return await to_thread.run_sync(_look, folder, limiter=CapacityLimiter(1), abandon_on_cancel=True)
    return False


def _look(folder: Path) -> bool:
    # The thread holds it for as long as it hangs, so that a folder that does not answer ties up one and no more.
    if not _looking.acquire(blocking=False):
        return False
    try:
        return store.writable(folder)
    finally:
        _looking.release()


class VerifiedFile(FileResponse):
    """The bytes of an open file whose SHA-256 was found to be `digest`, whole or the ranges asked for."""

    def __init__(self, file: IO[bytes], *, digest: str, headers: Mapping[str, str], media_type: str) -> None:
        self._file = file
        encoded = base64.b64encode(bytes.fromhex(digest)).decode()
        more = {"Repr-Digest": f"sha-256=:{encoded}:", "Content-Security-Policy": "sandbox"}
        # By the name of the open file, so that the bytes sent come from the file that was verified.
        path = f"/dev/fd/{file.fileno()}"
        super().__init__(path, headers={**headers, **more}, media_type=media_type, stat_result=os.fstat(file.fileno()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file and close it."""
        with self._file:
            await super().__call__(scope, receive, send)
