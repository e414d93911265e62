"""Going through many cases, one transaction each: a case that fails is logged and put aside, and the others go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from adjudicate import db, logs
from adjudicate.cases.command import Command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from adjudicate.cases.registry import Registry

log = logs.logger(__name__)

Done = TypeVar("Done")


def each_case(
    registry: Registry, case_ids: Iterable[str], work: Callable[[Command, str], Done], *, put_aside: list[str]
) -> Iterator[tuple[str, Done]]:
    """Do the work on each case and yield what it came to; the ids of those it failed on are added to `put_aside`.

    Raises Unavailable: then it is the database that fails, and not a case.
    """
    for case_id in case_ids:
        try:
            done = db.run(registry.engine, lambda tx, one=case_id: work(Command(tx, registry), one))  # type: ignore[misc]
        except db.Unavailable:
            raise
        except Exception:
            # One case that cannot be read must not keep all the others from being worked on.
            log.exception("case put aside", case_id=case_id)
            put_aside.append(case_id)
        else:
            yield case_id, done
