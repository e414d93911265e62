"""Removes the bytes of erased documents, at once or by the worker, and never those that another case has on file.

The erasure leaves a message in the outbox for each document, so that bytes which cannot go now go later. Whether they
are on another file is asked where nobody can register them: an erasure of its own would not see one that commits after
it, and of two that commit together each would take the other's for still on file.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from adjudicate import db, logs
from adjudicate.cases.outbox import ERASED_BYTES
from adjudicate.cases.queries import filing
from adjudicate.documents import store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from sqlalchemy import Connection, Engine, RowMapping

log = logs.logger(__name__)


def handlers(folder: Path) -> Mapping[str, Callable[[Connection, RowMapping], None]]:
    """What the worker does about the messages that erasures leave."""
    return {ERASED_BYTES: lambda tx, message: _remove(tx, folder=folder, digest=message["body"]["digest"])}


def try_at_once(engine: Engine, folder: Path, digests: Iterable[str]) -> None:
    """Remove bytes after the commit of their erasure; where that fails, the log says so and the worker does it."""
    for digest in sorted(set(digests)):
        try:
            db.run(engine, partial(_remove, folder=folder, digest=digest))
        except Exception as error:
            # The erasure is recorded, whatever becomes of this.
            log.warning("bytes not removed yet, the worker tries again", exc_info=error, digest=digest)


def _remove(tx: Connection, *, folder: Path, digest: str) -> None:
    """Raises StoreUnavailable."""
    filing.hold_bytes(tx, digest)
    if not filing.is_on_any_file(tx, digest):
        store.remove(folder, digest)
