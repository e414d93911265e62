"""What a page costs follows what is on it, not how many cases others have: the database's own steps are counted."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, inspect, text

from adjudicate import db
from tests.api.harness import TODAY

if TYPE_CHECKING:
    from tests.api.harness import Api

STEP = 100
OTHERS = 3_000
LISTS = (
    "/v1/cases",
    "/v1/cases?sort=opened_on",
    "/v1/cases?sort=-changed_at",
    "/v1/cases?closed=false",
    "/v1/cases?closed=false&sort=-changed_at",
    "/v1/cases?stage=received",
    "/v1/cases?mine=true",
    "/v1/cases?mine=true&closed=false",
    "/v1/cases?due_before=2026-12-31",
    "/v1/cases?patent=ZL201510299950.3",
    "/v1/deadlines",
    "/v1/deadlines?sort=-due_on",
    "/v1/deadlines?mine=true",
    "/v1/cases?officer=stranger&closed=false",
    "/v1/hearings",
    "/v1/articles/TEST/2",
    "/v1/articles/TEST/2/cases",
    "/v1/articles/TEST/3/cases",
)


def steps(api: Api, url: str, who: str) -> int:
    """How many steps SQLite's virtual machine takes to answer, in hundreds."""
    counted = [0]

    def count() -> int:
        counted[0] += 1
        return 0

    def watch(connection: Any, *_rest: Any) -> None:
        connection.set_progress_handler(count, STEP)

    event.listen(api.registry.engine, "checkout", watch)
    try:
        assert api.get(url, who).status_code == 200
        counted[0] = 0
        answer = api.get(url, who)
    finally:
        event.remove(api.registry.engine, "checkout", watch)
    assert answer.status_code == 200, answer.text
    return counted[0]


def copy_case(api: Api, case_id: str, count: int) -> None:
    """Copy a case with all its rows into the same office, each copy opened another day."""

    def work(tx: Any) -> None:
        tx.execute(text("PRAGMA defer_foreign_keys=ON"))
        for table in sorted(inspect(tx).get_table_names()):
            names = [column["name"] for column in inspect(tx).get_columns(table)]
            key = "id" if table == "cases" else "case_id"
            if key not in names or table in {"idempotency", "outbox", "docket_numbers", "grants"}:
                continue
            source = tx.execute(text(f'SELECT * FROM {table} WHERE "{key}" = :id'), {"id": case_id}).mappings()
            for row in source.all():
                rows = [
                    {**row, key: f"{number:08d}-0000-7000-8000-000000000000", **opened(row, number)}
                    for number in range(count)
                ]
                listed = ", ".join(f'"{name}"' for name in names)
                values = ", ".join(f":{name}" for name in names)
                tx.execute(text(f"INSERT INTO {table} ({listed}) VALUES ({values})"), rows)

    db.run(api.registry.engine, work)


def opened(row: Any, number: int) -> dict[str, str]:
    day = (TODAY - timedelta(days=number % 700)).isoformat()
    return {"opened_on": day} if "opened_on" in row else {}


@pytest.mark.finding("E16")
@pytest.mark.parametrize("url", LISTS)
def test_the_smallest_offices_first_page_costs_no_more_when_others_have_thousands_of_cases(
    sqlite_api: Api, url: str
) -> None:
    own = sqlite_api.open("stranger")
    other = sqlite_api.docketed()
    facts = {"hearing_on": "2026-03-20", "hearing_time": "09:00", "hearing_room": "一庭"}
    assert sqlite_api.record(other, {"event": "hearing_fixed", "effective_on": "2026-03-05", "facts": facts}).is_success
    few = steps(sqlite_api, url, "stranger")
    copy_case(sqlite_api, other, OTHERS)
    many = steps(sqlite_api, url, "stranger")
    assert many <= 2 * few + 10, f"{few} hundred steps became {many}"
    answer = sqlite_api.get(url, "stranger").json()["data"]
    # What rests on an article is no case; of the cases only their number is told there.
    assert {row.get("case", row).get("id", own) for row in answer} <= {own}, json.dumps(answer)
