"""What grows and what must not: recording in a long case, and finding what is due among many open cases."""

from __future__ import annotations

import time
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from adjudicate import db
from adjudicate.cases import recording
from adjudicate.cases.command import Command
from adjudicate.cases.queries import outbox, writing
from adjudicate.states.entries import Draft
from benchmarks.office import CLERK, case_name

if TYPE_CHECKING:
    from benchmarks.office import BenchOffice

DUE = 100


def long_case(office: BenchOffice, *, first: int, events: int, samples: int) -> dict[str, float]:
    """Milliseconds for recording one more event in a case with `events` and in a new one, taken in turn."""
    office.copy(first, samples + 1)
    long = case_name(first)
    for _ in range(events - office.version):
        _record(office, long)
    new, old = [], []
    for number in range(samples):
        new.append(_timed(office, case_name(first + 1 + number)))
        old.append(_timed(office, long))
    return {"events": events, "new_ms": median(new) * 1000, "long_ms": median(old) * 1000}


def _timed(office: BenchOffice, case_id: str) -> float:
    begin = time.perf_counter()
    _record(office, case_id)
    return time.perf_counter() - begin


def _record(office: BenchOffice, case_id: str) -> None:
    draft = Draft("evidence_submitted", office.day, by="requester", party="p1")
    db.run(
        office.registry.engine,
        lambda tx: recording.record(Command(tx, office.registry), case_id, draft, caller=CLERK, version=None),
    )


def due(office: BenchOffice, *, first: int, sizes: tuple[int, ...], samples: int) -> dict[int, dict[str, float]]:
    """Milliseconds for the worker's questions among so many open cases, the same number of them due."""
    found, made = {}, 0
    for size in sizes:
        office.copy(first + made, size - made)
        made = size
        db.run(office.registry.engine, lambda tx: _date(tx, office))
        office.tidy()
        found[size] = {name: median(times) * 1000 for name, times in _asked(office, samples).items()}
    return found


def _date(tx: Any, office: BenchOffice) -> None:
    """Let `DUE` cases have a lapse and a warning due, and spread the others over the months ahead. PostgreSQL only."""
    days = {
        "today": office.day,
        "yesterday": office.day - timedelta(days=1),
        "before": office.day - timedelta(days=2),
        "due": DUE,
    }
    later = "CAST(:today AS date) + 1 + abs(hashtext({})) % 300"
    some = "(SELECT id FROM cases ORDER BY id LIMIT :due)"
    for statement in (
        f"UPDATE cases SET next_due_on = {later.format('id')}, settled_on = :before",
        f"UPDATE deadlines SET warn_on = {later.format('case_id')}",
        f"UPDATE cases SET next_due_on = :yesterday WHERE id IN {some}",
        f"UPDATE deadlines SET warn_on = :yesterday WHERE case_id IN {some}",
    ):
        asked = text(statement)
        tx.execute(asked, {name: days[name] for name in asked.compile().params})


def _asked(office: BenchOffice, samples: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {"lapse": [], "warning": []}
    with db.reading(office.registry.engine) as tx:
        for _ in range(samples):
            for name, ask in (
                ("lapse", lambda: writing.next_unsettled(tx, before=office.day, skip=())),
                ("warning", lambda: outbox.next_warning(tx, today=office.day)),
            ):
                begin = time.perf_counter()
                if ask() is None:
                    raise RuntimeError(f"no {name} was found due")
                times[name].append(time.perf_counter() - begin)
    return times
