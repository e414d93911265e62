"""What may be done in one place only is done nowhere else."""

from __future__ import annotations

import ast
import re

import pytest

from adjudicate.api import app
from adjudicate.api.turns import TurnRoute
from tests.architecture.sources import Source, product

TELLS_THE_TIME = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime"}
SQL_BUILDERS = {
    *("and_", "bindparam", "case", "delete", "desc", "distinct", "except_", "exists", "func", "insert", "intersect"),
    *("join", "lateral", "literal", "literal_column", "not_", "or_", "outerjoin", "select", "text", "tuple_", "union"),
    *("union_all", "update", "values"),
}
SQL_STATEMENT = re.compile(
    r"^\s*(SELECT\s.+?\sFROM\s|INSERT\s+INTO\s|UPDATE\s.+?\sSET\s|DELETE\s+FROM\s|TRUNCATE\s"
    r"|(CREATE|ALTER|DROP)\s+(TABLE|TRIGGER|INDEX|FUNCTION)\s)",
    re.IGNORECASE | re.DOTALL,
)
STATUS_NUMBERS = set(range(100, 600))
STATUS_NAMES = {"HTTPException", "HTTPStatus"}


def calls(source: Source) -> list[tuple[ast.Call, ast.Attribute]]:
    nodes = ast.walk(source.tree)
    return [(node, node.func) for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]


def test_only_db_commits() -> None:
    found = [
        source.at(call)
        for source in product()
        if source.name != "db.py"
        for call, function in calls(source)
        if function.attr in {"commit", "begin"}
    ]
    assert found == []


@pytest.mark.parametrize(
    ("library", "place"),
    [
        ("transitions", "states/machine.py"),
        ("werkzeug", "api/headers.py"),
        ("structlog", "logs.py"),
        ("prometheus_client", "api/metrics.py"),
    ],
)
def test_a_library_is_imported_in_one_place(library: str, place: str) -> None:
    importing = {
        source.name for source in product() for _, module, _ in source.imports() if module.split(".")[0] == library
    }
    assert importing == {place}


def test_only_one_module_makes_json_encoders_and_only_one_knows_the_zone_of_the_law() -> None:
    places = {"JSONEncoder": "compact_json.py", "ZoneInfo": "law/legal_time.py", "timezone": "law/legal_time.py"}
    found = [
        source.at(node)
        for source in product()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and (name := getattr(node.func, "attr", getattr(node.func, "id", ""))) in places
        and source.name != places[name]
    ]
    assert found == []


def status_uses(source: Source) -> list[str]:
    found = [
        source.at(node) for node, module, name in source.imports() if name in STATUS_NAMES or module.endswith(".status")
    ]
    found += [source.at(node) for node, _, name in source.imports() if name == "status"]
    for node in ast.walk(source.tree):
        numbers: list[ast.expr | None] = []
        if isinstance(node, ast.keyword) and node.arg in {"status", "status_code"}:
            numbers = [node.value]
        elif isinstance(node, ast.Compare) and getattr(node.left, "attr", None) == "status_code":
            numbers = list(node.comparators)
        elif isinstance(node, ast.Dict):
            numbers = [key for key in node.keys if source.name.startswith("api/")]
        found += [source.at(number) for number in numbers if is_status(number)]
    return found


def is_status(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value in STATUS_NUMBERS


def test_only_api_errors_knows_http_statuses() -> None:
    found = [use for source in product() if source.name != "api/errors.py" for use in status_uses(source)]
    assert found == []


def clock_reads(source: Source) -> list[str]:
    """Uses, called or merely passed on, of what tells the present time in the standard library or in SQL."""
    clocks = {"datetime", "date", "time", "func"}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            clocks |= {alias.asname for alias in node.names if alias.name in clocks and alias.asname}
    found = [
        source.at(node)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute)
        and node.attr in TELLS_THE_TIME
        and (getattr(node.value, "id", None) in clocks or getattr(node.value, "attr", None) in clocks)
        and not (node.attr == "time" and getattr(node.value, "id", None) in {"datetime", "date"})
    ]
    found += [source.at(node) for node, module, name in source.imports() if module == "time" and name in TELLS_THE_TIME]
    found += [source.at(node) for node in source.strings() if "current_timestamp" in str(node.value).lower()]
    return found


def test_only_the_clock_knows_what_time_it_is() -> None:
    found = [read for source in product() if source.name != "clock.py" for read in clock_reads(source)]
    assert found == []


def holds_sql(source: Source) -> bool:
    path = source.path
    return path.stem in {"queries", "models"} or path.parent.name in {"queries", "models"}


def test_sql_stands_only_in_queries_and_models() -> None:
    found = []
    for source in product():
        if holds_sql(source):
            continue
        found += [
            source.at(node)
            for node, module, name in source.imports()
            if module.split(".")[0] == "sqlalchemy" and name in SQL_BUILDERS
        ]
        found += [source.at(node) for node in source.strings() if SQL_STATEMENT.match(str(node.value))]
    assert found == []


def test_at_most_one_module_reaches_out_over_http() -> None:
    clients = {"httpx", "httpx2", "requests", "urllib3", "urllib.request", "http.client", "aiohttp"}
    reaching = {source.name for source in product() for _, module, _ in source.imports() if module in clients}
    assert len(reaching) <= 1


def test_the_rules_above_notice_a_breach() -> None:
    def parsed(code: str) -> Source:
        source = product()[0]
        broken = Source(source.path)
        broken.__dict__["tree"] = ast.parse(code)
        return broken

    assert clock_reads(parsed("from datetime import datetime as dt\ndt.now()"))
    assert clock_reads(parsed("import datetime\nclock = datetime.date.today"))
    assert clock_reads(parsed("from sqlalchemy import func\nfunc.now()"))
    assert not clock_reads(parsed("from adjudicate import clock\nclock.today()\nclock.now()"))
    assert status_uses(parsed("from fastapi import HTTPException"))
    assert status_uses(parsed("Response(status_code=204)"))
    assert status_uses(parsed("if answer.status_code == 404: pass"))
    assert not status_uses(parsed("String(500)"))
    assert SQL_STATEMENT.match("select id from cases")
    assert not SQL_STATEMENT.match("Update the case")


def test_every_router_shares_out_its_turns() -> None:
    routers = (*app.ROUTERS, *app.SANDBOX_ROUTERS)
    assert [router.prefix for router in routers if not issubclass(router.route_class, TurnRoute)] == []


def test_only_who_shares_out_turns_takes_threads() -> None:
    # Bytes of documents go through threads of their own, and the figures of a scrape through one.
    allowed = {"api/turns.py", "api/document_bytes.py", "api/figures.py"}
    taking = {
        source.name
        for source in product()
        for _, module, name in source.imports()
        if "to_thread" in {module.rpartition(".")[2], name} or name in {"run_in_threadpool", "iterate_in_threadpool"}
    }
    assert taking == allowed
