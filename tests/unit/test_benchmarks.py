"""The comparison stays honest: the handlers measured against write what the product writes, to the last column."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from adjudicate import db
from adjudicate.api.app import create_app
from benchmarks import bare, orm, pgbench
from benchmarks.many_cases import build
from benchmarks.office import BenchOffice, case_name, prepare
from benchmarks.rehearsal import rehearse
from benchmarks.statements import statements
from benchmarks.template import Template, difference, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_INSERT = re.compile(r"INSERT INTO (\w+) \(([^)]*)\)")
_DELETE = re.compile(r"DELETE FROM (\w+) WHERE")
_UPDATE = re.compile(r"UPDATE (\w+) SET (.*) WHERE", re.DOTALL)
# What each request makes anew, besides its case's id.
_OWN = {"id", "key", "created_at", "recorded_at", "changed_at", "dedupe_key", "hash", "previous_hash", "head_hash"}
_SALTED = {"facts_salt", "facts_digest"}


def written_by(sql: str) -> tuple[str, frozenset[str]] | None:
    """The table and columns a statement writes, or None. Its values may stand in it."""
    insert, update, delete = _INSERT.match(sql), _UPDATE.match(sql), _DELETE.match(sql)
    if insert:
        return insert[1], frozenset(re.findall(r"\w+", insert[2]))
    if update:
        return update[1], frozenset(re.findall(r"(?:^|, )(\w+) ?=", update[2]))
    return None if delete is None else (delete[1], frozenset())


class Laid:
    def __init__(self, office: BenchOffice) -> None:
        self.office = office
        self.said: set[tuple[str, frozenset[str]]] = set()

        def note(statement: str) -> None:
            found = written_by(statement)
            # The copying of a case selects what it inserts.
            if found and ") SELECT " not in statement:
                self.said.add(found)

        @event.listens_for(office.registry.engine, "checkout")
        def trace(connection: Any, *_rest: Any) -> None:
            connection.set_trace_callback(note)

        office.copy(1, 1)
        self.said.clear()
        self.template: Template = rehearse(office)


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laid]:
    path: Path = tmp_path_factory.mktemp("benchmarks") / "cases.db"
    office = prepare(f"sqlite:///{path}")
    yield Laid(office)
    office.registry.close()


def test_the_bare_handler_writes_the_tables_and_columns_that_a_recording_writes(laid: Laid) -> None:
    said = {
        found
        for step in laid.template.steps
        for statement in statements(laid.template, step, "sqlite")
        if (found := written_by(statement.sql))
    }
    assert said == laid.said
    assert {table for table, _ in said} == {"cases", "events", "deadlines", "agenda", "outbox", "idempotency"}


def seen(office: BenchOffice, case_id: str) -> Any:
    with db.reading(office.registry.engine) as tx:
        return snapshot(tx, case_id)


def plain(rows: Any, case_id: str) -> list[dict[str, Any]]:
    """Rows without what every request makes anew, and without the name of their case."""
    kept = [{name: value for name, value in row.items() if name not in _OWN | _SALTED} for row in rows]
    return [{name: str(value).replace(case_id, "this case") for name, value in row.items()} for row in kept]


@pytest.mark.parametrize(("contender", "number"), [(bare, 11), (orm, 12)])
def test_every_contender_leaves_the_rows_that_a_recording_leaves(laid: Laid, contender: Any, number: int) -> None:
    laid.office.copy(number, 1)
    case_id = case_name(number)
    client = TestClient(contender.create_app(laid.office.url, laid.template))
    for step in laid.template.steps:
        before = seen(laid.office, case_id)
        headers = {"If-Match": f'"{step.version}-0"', "Idempotency-Key": f"{number}-{step.event}"}
        answer = client.post(f"/v1/cases/{case_id}/events", json=step.body, headers=headers)
        assert answer.status_code == 201, answer.text
        left = difference(before, seen(laid.office, case_id))
        assert [one.table for one in left] == [one.table for one in step.written]
        for own, real in zip(left, step.written, strict=True):
            assert plain(own.rows, case_id) == plain(real.rows, laid.template.case_id), own.table


def test_pgbench_is_given_the_same_statements(laid: Laid) -> None:
    for step in laid.template.steps:
        lines = pgbench.script(laid.template, step, 1).splitlines()
        own = [found for line in lines if (found := re.match(r"(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)", line))]
        assert [one[1] for one in own] == [one.table for one in step.written]
        assert not [line for line in lines if re.search(r":(?!n\b|case\b|client_id\b)[A-Za-z_]", line)]


def test_the_lists_are_measured_over_cases_that_callers_of_every_scope_can_list(tmp_path: Path) -> None:
    made = build(f"sqlite:///{tmp_path}/many.db", 400, lambda _: None)
    with TestClient(create_app(registry=made.office.registry)) as client:
        listed = {}
        for scope, token in made.tokens.items():
            answer = client.get("/v1/cases?limit=1", headers={"Authorization": f"Bearer {token}"})
            listed[scope] = (answer.status_code, len(answer.json()["data"]))
    made.office.registry.close()
    assert {status for status, _ in listed.values()} == {200}
    assert [listed[scope][1] for scope in ("nation", "city", "granted", "empty")] == [1, 1, 1, 0]
