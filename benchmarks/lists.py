"""`python -m benchmarks.lists [--cases N] [--sqlite]`: every list and count over many cases, by scope and page."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import make_url
from starlette.testclient import TestClient

from adjudicate import db
from adjudicate.access.queries import Sight
from adjudicate.api.app import create_app
from adjudicate.cases.queries import counts, lists
from adjudicate.cases.queries.lists import CaseFilter
from adjudicate.engines import connect
from benchmarks.many_cases import SYLLABLES, ManyCases, build
from tests import postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Connection

LIMIT = 50
PAGE = 200
# Least of so many calls, fewer where they take long.
CALLS, BUDGET = 7, 3.0
LIST_MS, PART_MS, COUNT_MS = 50, 200, 200
CASES: dict[str, Any] = {"due_after": None, "due_before": None, "order": "opened_on", "descending": True}
DEADLINES: dict[str, Any] = {
    "status": "running",
    "kind": None,
    "name": None,
    "due_after": None,
    "due_before": None,
    "undated": False,
    "descending": False,
}
HEARINGS: dict[str, Any] = {"first_on": None, "before_on": None, "room": None}
HTTP = (
    "/v1/cases",
    "/v1/cases?sort=-changed_at",
    "/v1/cases?closed=false",
    "/v1/cases?mine=true",
    "/v1/deadlines",
    "/v1/deadlines?mine=true",
    "/v1/hearings",
    "/v1/summary",
)


def tell(said: str) -> None:
    """Say how far it has got, beside the table."""
    print(said, file=sys.stderr, flush=True)


@contextmanager
def database(*, sqlite: bool) -> Iterator[str]:
    """An empty database: a file, or on a PostgreSQL server of its own that is removed afterwards."""
    if sqlite:
        with tempfile.TemporaryDirectory(prefix="adjudicate-lists-") as folder:
            yield f"sqlite:///{Path(folder) / 'cases.db'}"
        return
    server = postgres.start()
    try:
        with psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("CREATE DATABASE lists TEMPLATE template0 ENCODING 'UTF8'")
            for setting in ("random_page_cost = 1.1", "work_mem = '16MB'", "maintenance_work_mem = '512MB'"):
                connection.execute(f"ALTER DATABASE lists SET {setting}")
        yield make_url(server.url).set(database="lists").render_as_string(hide_password=False)
    finally:
        server.stop()


def questions(today: date, stages: Mapping[str, str]) -> dict[str, tuple[Any, dict[str, Any], dict[str, Any], int]]:
    """Every list with its filters: (function, its arguments, filters, milliseconds aimed at)."""
    common, rare = stages["common"], stages["rare"]
    found: dict[str, tuple[Any, dict[str, Any], dict[str, Any], int]] = {}

    def ask(name: str, function: Any, arguments: dict[str, Any], aim: int = LIST_MS, **filters: Any) -> None:
        found[name] = (function, arguments, filters, aim)

    for order, descending in (("opened_on", True), ("opened_on", False), ("changed_at", True), ("changed_at", False)):
        named = f"cases {'-' if descending else ''}{order}"
        arguments = {**CASES, "order": order, "descending": descending}
        ask(named, lists.list_cases, arguments)
        if descending:
            ask(f"{named}, open", lists.list_cases, arguments, closed=False)
            ask(f"{named}, closed", lists.list_cases, arguments, closed=True)
            ask(f"{named}, a common stage", lists.list_cases, arguments, stage=common)
            ask(f"{named}, a rare stage", lists.list_cases, arguments, stage=rare)
            ask(f"{named}, mine", lists.list_cases, arguments, mine="self")
            ask(f"{named}, mine, open", lists.list_cases, arguments, mine="self", closed=False)
            ask(f"{named}, party 有限公司", lists.list_cases, arguments, PART_MS, party="有限公司")
            ask(f"{named}, party of 3 characters", lists.list_cases, arguments, PART_MS, party=SYLLABLES[3:5] + "机")
            ask(f"{named}, party of 2 characters", lists.list_cases, arguments, PART_MS, party="赵宝")
            ask(f"{named}, party absent", lists.list_cases, arguments, PART_MS, party="绝无此名")
    ask("cases, due in 10 days", lists.list_cases, {**CASES, "due_before": today + timedelta(days=10)})
    ask("cases, overdue", lists.list_cases, {**CASES, "due_before": today})
    ask("cases, patent number", lists.list_cases, CASES, patent="ZL 2024 2 0812345.5")
    ask("cases, part of a patent number", lists.list_cases, CASES, PART_MS, patent="1234")
    ask("cases, part of a docket number", lists.list_cases, CASES, PART_MS, docket_number="[2020]12345")
    ask("deadlines", lists.list_deadlines, DEADLINES)
    ask("deadlines -due_on", lists.list_deadlines, {**DEADLINES, "descending": True})
    ask("deadlines, overdue duties", lists.list_deadlines, {**DEADLINES, "kind": "duty", "due_before": today})
    ask("deadlines, undated", lists.list_deadlines, {**DEADLINES, "undated": True})
    ask("deadlines, met", lists.list_deadlines, {**DEADLINES, "status": "met"})
    ask("deadlines, mine", lists.list_deadlines, DEADLINES, mine="self")
    ask("deadlines, a rare stage", lists.list_deadlines, DEADLINES, stage=rare)
    ask("deadlines, party 有限公司", lists.list_deadlines, DEADLINES, PART_MS, party="有限公司")
    ask("deadlines, party absent", lists.list_deadlines, DEADLINES, PART_MS, party="绝无此名")
    ask("hearings", lists.list_hearings, HEARINGS)
    ask("hearings from today", lists.list_hearings, {**HEARINGS, "first_on": today})
    ask("hearings, mine", lists.list_hearings, HEARINGS, mine="self")
    ask("hearings, a rare stage", lists.list_hearings, HEARINGS, stage=rare)
    ask("hearings, party 有限公司", lists.list_hearings, HEARINGS, PART_MS, party="有限公司")
    return found


class Stopwatch:
    """Times calls: by the clock, or by the processor time of this process and of its database backends together.

    On a machine with other work the clock shows the other work too; the processor time is what the calls take at rest
    where everything is in memory.
    """

    def __init__(self, made: ManyCases, *, processor: bool) -> None:
        self.made, self.processor = made, processor

    def _backends(self) -> list[Path]:
        """Where Linux tells the processor time of each backend of this database."""
        if not self.processor or self.made.office.url.startswith("sqlite"):
            return []
        with db.reading(self.made.office.registry.engine) as tx:
            listed = tx.exec_driver_sql("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
            return [Path(f"/proc/{row[0]}/schedstat") for row in listed]

    def least(self, work: Callable[[], Any]) -> tuple[float, Any]:
        """The least time of some calls in milliseconds, and what the last one gave."""
        given, times = work(), []
        backends = self._backends()

        def now() -> float:
            if not self.processor:
                return time.perf_counter()
            told = (path.read_text() for path in backends if path.exists())
            return time.process_time() + sum(int(text.split()[0]) for text in told) / 1e9

        while len(times) < CALLS and sum(times) < BUDGET * 1000:
            begin = now()
            given = work()
            times.append((now() - begin) * 1000)
        return min(times), given


def _place(row: Mapping[str, Any], function: Any, arguments: Mapping[str, Any]) -> list[Any]:
    if function is lists.list_cases:
        return [row[arguments["order"]], row["id"]]
    if function is lists.list_deadlines:
        return [row["started_on" if arguments["undated"] else "due_on"], row["case_id"], row["key"]]
    return [row["hearing_on"], row["case_id"], row["thread"]]


def paged(
    watch: Stopwatch, tx: Connection, sight: Sight, function: Any, arguments: dict[str, Any], filters: dict[str, Any]
) -> str:
    """Milliseconds of the first page, and of page 200 or the last one."""
    if filters.get("mine"):
        filters = {**filters, "mine": sight.caller.actor}

    def read(after: Any, limit: int = LIMIT) -> Any:
        return function(tx, sight=sight, filters=CaseFilter(**filters), after=after, limit=limit, **arguments)

    first, rows = watch.least(lambda: read(None))
    if len(rows) <= LIMIT:
        return f"{first:.0f}"
    before = read(None, (PAGE - 1) * LIMIT)
    place = before[min((PAGE - 1) * LIMIT, max(LIMIT, len(before) - LIMIT)) - 1]
    late, _ = watch.least(lambda: read(_place(place, function, arguments)))
    return f"{first:.0f} / {late:.0f}"


def measure(made: ManyCases, watch: Stopwatch, only: str) -> Iterator[list[str]]:
    """The rows of the table: what was asked, the aim, and the milliseconds for each scope."""
    today = made.office.day
    # Without the product's limits of time: a late page is found by fetching all rows before it.
    engine = connect(made.office.url, create=False)
    sights = {scope: Sight(caller, today) for scope, caller in made.callers.items()}
    asked = questions(today, _stages(made))
    for name, (function, arguments, filters, aim) in asked.items():
        if only in name:
            cells = []
            for sight in sights.values():
                with db.reading(engine) as tx:
                    cells.append(paged(watch, tx, sight, function, arguments, filters))
            tell(f"{name}: {' | '.join(cells)}")
            yield [name, str(aim), *cells]
    monday = today + timedelta(days=7 - today.weekday())

    def day(tx: Connection, sight: Sight) -> Any:
        return counts.day(tx, sight=sight, office=None, today=today, next_week=monday)

    def unsettled(tx: Connection, sight: Sight) -> Any:
        return counts.unsettled(tx, sight=sight, today=today)

    for name, work in (("counts of the day (`/v1/summary`)", day), ("unsettled", unsettled)):
        if only in name:
            cells = []
            for sight in sights.values():
                with db.reading(engine) as tx:
                    cells.append(f"{watch.least(lambda: work(tx, sight))[0]:.0f}")  # noqa: B023 - called at once
            yield [name, str(COUNT_MS), *cells]
    engine.dispose()
    yield from _over_http(made, watch, only)


def _over_http(made: ManyCases, watch: Stopwatch, only: str) -> Iterator[list[str]]:
    with TestClient(create_app(registry=made.office.registry)) as client:
        for path in HTTP:
            if only in path:
                cells = []
                for token in made.tokens.values():
                    headers = {"Authorization": f"Bearer {token}"}
                    ms, answer = watch.least(lambda: client.get(path, headers=headers))  # noqa: B023 - called at once
                    if answer.status_code != 200:
                        raise RuntimeError(f"{path}: {answer.text}")
                    cells.append(f"{ms:.0f}")
                yield [f"over HTTP: {path}", str(COUNT_MS if "summary" in path else LIST_MS), *cells]


def _stages(made: ManyCases) -> dict[str, str]:
    with db.reading(made.office.registry.engine) as tx:
        found = tx.exec_driver_sql("SELECT stage, count(*) FROM cases GROUP BY stage ORDER BY 2 DESC").all()
    return {"common": found[0][0], "rare": found[-2][0]}


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lists", description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--sqlite", action="store_true", help="on SQLite in place of PostgreSQL")
    parser.add_argument("--processor", action="store_true", help="processor time: where the machine has other work")
    parser.add_argument("--only", default="", help="only what has this in its name")
    options = parser.parse_args()
    with database(sqlite=options.sqlite) as url:
        begin = time.monotonic()
        made = build(url, options.cases, tell)
        tell(f"built in {time.monotonic() - begin:.0f} s")
        scopes = {scope: made.sizes.get(caller.office) for scope, caller in made.callers.items()}
        titles = [scope if size is None else f"{scope} ({size})" for scope, size in scopes.items()]
        print("| " + " | ".join(["milliseconds, first page / page 200 or the last", "aim", *titles]) + " |")
        print("|---" * (len(titles) + 2) + "|")
        for row in measure(made, Stopwatch(made, processor=options.processor), options.only):
            print("| " + " | ".join(row) + " |", flush=True)
        made.office.registry.close()


if __name__ == "__main__":
    main()
