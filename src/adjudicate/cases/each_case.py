"""Going through many cases, one transaction each: a case that fails is logged and put aside, and the others go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from adjudicate import clock, db, logs
from adjudicate.cases.command import Command
from adjudicate.cases.queries import workers as queries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import Engine

    from adjudicate.cases.registry import Registry

log = logs.logger(__name__)

Done = TypeVar("Done")


def each_case(
    registry: Registry, case_ids: Iterable[str], work: Callable[[Command, str], Done], *, put_aside: list[str]
) -> Iterator[tuple[str, Done]]:
    """Do the work on each case and yield what it came to; the ids of those it failed on are added to `put_aside`.

    Raises Unavailable where the database cannot do a trivial thing either: then it is not the case that fails.
    """
    for case_id in case_ids:
        try:
            done = db.run(registry.engine, lambda tx, one=case_id: work(Command(tx, registry), one))  # type: ignore[misc]
        except Exception as error:
            if isinstance(error, db.Unavailable):
                require_writable(registry.engine)
            # One case that cannot be read, or takes too long, must not keep all the others from being worked on.
            log.exception("case put aside", case_id=case_id)
            put_aside.append(case_id)
        else:
            yield case_id, done


def require_writable(engine: Engine) -> None:
    """Tell one thing that takes too long from a database that cannot now, by a trivial write that is rolled back.

    Raises Unavailable where that fails as well, after a second and a half at most.
    """
    db.probe_write(engine, lambda tx: queries.try_to_write(tx, clock.now()))
