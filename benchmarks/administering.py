"""Administration that goes on beside what is measured: tokens issued and revoked, people moved, one after the other."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from adjudicate import clock, db
from adjudicate.access import people, tokens
from adjudicate.access.administration import COMMAND_LINE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adjudicate.cases.registry import Registry

PAUSE_SECONDS = 0.2
SOMEBODY = "somebody"


@contextmanager
def administering(registry: Registry, office: str, role: str) -> Iterator[list[int]]:
    """Change the register some fifteen times a second, more than a large office ever does, until the block ends.

    Yields a list that holds the count then.
    """
    stop, done = threading.Event(), [0]
    rules = registry.catalogue.offices

    def by() -> dict[str, Any]:
        return {"by": COMMAND_LINE, "at": clock.now()}

    def add(tx: Any) -> None:
        people.add_person(tx, actor=SOMEBODY, name="x", office=office, roles=[role], rules=rules, **by())

    def change(tx: Any) -> None:
        token, _ = tokens.issue_token(tx, actor=SOMEBODY, label="beside", **by())
        tokens.revoke_token(tx, token, **by())
        people.rename_person(tx, SOMEBODY, f"x{done[0]}", **by())

    def work() -> None:
        while not stop.wait(PAUSE_SECONDS):
            db.run(registry.engine, change)
            done[0] += 3

    db.run(registry.engine, add)
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield done
    finally:
        stop.set()
        thread.join()
