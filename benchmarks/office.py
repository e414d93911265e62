"""The database every contender is measured on: an office, a caller, one real case, and as many copies as are wanted."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from adjudicate import clock, db
from adjudicate.access import offices, people, tokens
from adjudicate.access.administration import COMMAND_LINE
from adjudicate.access.caller import Caller
from adjudicate.cases import recording
from adjudicate.cases.command import Command
from adjudicate.cases.models.case_file import documents
from adjudicate.cases.parties import Person
from adjudicate.cases.registry import Registry
from adjudicate.engines import connect
from adjudicate.settings import Settings
from adjudicate.states.entries import Draft, Joining

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sqlalchemy import Engine

ROOT = Path(__file__).resolve().parents[1]
WORKFLOW = "patent-adjudication"
OFFICE, REGION = "HZ", "330100"
CLERK = Caller(
    actor="clerk", name="张三", roles=frozenset({"case_officer"}), office=OFFICE, office_path=f"CN/ZJ/{OFFICE}/"
)
DIGEST = "sha-256:" + 64 * "a"
COPIED = ("cases", "documents", "events", "parties", "deadlines", "agenda", "case_numbers", "case_people")

# The measured work, one after the other in every case: an incident's step with its consequence on the main procedure
# (service is complete, so the answer period starts), then one of the main procedure (the answer arrives).
STEPS: tuple[dict[str, Any], ...] = (
    {
        "event": "service_completed",
        "thread": "service-1",
        "by": "case_officer",
        "facts": {"received_by": "addressee", "proof": DIGEST},
    },
    {"event": "answer_received", "by": "respondent", "party": "p2", "facts": {}},
)
_BEFORE = (
    (
        "case_docketed",
        {
            "panel": ["甲", "乙", "丙"],
            "requester_standing": "patentee",
            "respondent_clear": True,
            "request_specific": True,
            "within_jurisdiction": True,
            "other_route": "none",
            "papers_complete": True,
            "requester_origin": "mainland",
            "fixed_domicile": {"p2": "in_prc"},
        },
        None,
    ),
    ("service_attempted", {"document": "request_copy", "method": "direct"}, "p2"),
)


def case_name(number: int) -> str:
    """The id of a copied case."""
    return f"00000000-0000-7000-8000-{number:012d}"


@dataclass
class BenchOffice:
    """A furnished database with one case that stands just before the measured steps."""

    url: str
    registry: Registry
    token: str
    case_id: str
    version: int
    day: date

    def body(self, step: int) -> dict[str, Any]:
        """What a client sends for a measured step."""
        return {**STEPS[step], "effective_on": self.day.isoformat()}

    def draft(self, step: int) -> Draft:
        """A measured step as the pure core takes it."""
        given = STEPS[step]
        return Draft(
            given["event"],
            self.day,
            by=given["by"],
            thread=given.get("thread"),
            party=given.get("party"),
            facts=dict(given["facts"]),
        )

    def copy(self, first: int, count: int) -> None:
        """Copy the case `count` times, as `case_name(first)` and so on."""
        with self._patient() as engine:
            db.run(engine, lambda tx: _copy(tx, self.case_id, first, count))

    def tidy(self) -> None:
        """Bring the planner's figures up to date after many copies."""
        with self._patient() as engine, engine.connect() as connection:
            plain = connection.execution_options(isolation_level="AUTOCOMMIT")
            plain.exec_driver_sql("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE")

    @contextmanager
    def _patient(self) -> Iterator[Engine]:
        # The registry's own connections bound each statement; thousands of cases in one may take longer.
        engine = connect(self.url, pool_size=1, create=False)
        try:
            yield engine
        finally:
            engine.dispose()


def prepare(url: str) -> BenchOffice:
    """Migrate and furnish an empty database, and bring one case to where the measured steps begin."""
    db.migrate(url)
    registry = Registry.start(Settings(database_url=url, workflows=ROOT / "workflows"))
    moment, rules = clock.Clock().read(), registry.catalogue.offices
    by: dict[str, Any] = {"by": COMMAND_LINE, "at": moment.at}

    def furnish(tx: Any) -> str:
        for code, region, level, parent in (
            ("CN", "000000", "national", None),
            ("ZJ", "330000", "provincial", "CN"),
            (OFFICE, REGION, "city", "ZJ"),
        ):
            named = {"name_zh": code, "name_en": code, "docket_name": code}
            draft = offices.OfficeDraft(code=code, region=region, level=level, parent=parent, **named)
            offices.add_office(tx, draft, rules=rules, **by)
        people.add_person(
            tx, actor=CLERK.actor, name=CLERK.name, office=OFFICE, roles=sorted(CLERK.roles), rules=rules, **by
        )
        return tokens.issue_token(tx, actor=CLERK.actor, label="benchmark", **by)[1]

    token = db.run(registry.engine, furnish)
    case_id, version = db.run(registry.engine, lambda tx: _open(tx, registry, moment.today))
    return BenchOffice(url, registry, token, case_id, version, moment.today)


def _open(tx: Any, registry: Registry, day: date) -> tuple[str, int]:
    opening = Draft(
        "request_received",
        day,
        by="requester",
        facts={"patent_number": "ZL202320000001.0", "patent_kind": "utility_model"},
        joins=(Joining("p1", "requester"), Joining("p2", "respondent")),
    )
    people = [Person(name="甲有限公司（虚构）"), Person(name="乙有限公司（虚构）")]
    command = Command(tx, registry)
    done = recording.open_case(command, workflow=WORKFLOW, office=OFFICE, draft=opening, people=people, caller=CLERK)
    # The receipt that the first measured step names; no bytes lie behind it.
    receipt = {
        "size": 1,
        "media_type": "application/pdf",
        "name": "receipt.pdf",
        "registered_at": clock.Clock().read().at,
    }
    tx.execute(
        documents.insert(), {"case_id": done.case_id, "digest": 64 * "a", "registered_by": CLERK.actor, **receipt}
    )
    for event, facts, party in _BEFORE:
        draft = Draft(event, day, by="case_officer", party=party, facts=facts)
        done = recording.record(command, done.case_id, draft, caller=CLERK, version=None)
    return done.case_id, done.version


def _copy(tx: Any, source: str, first: int, count: int) -> None:
    if tx.dialect.name == "sqlite":
        counted = "WITH RECURSIVE c(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM c WHERE n < :last) SELECT n FROM c"
        numbers = f"({counted}) AS numbers"
        name = "printf('00000000-0000-7000-8000-%012d', n)"
    else:
        numbers = "generate_series(CAST(:first AS int), CAST(:last AS int)) AS numbers(n)"
        name = "'00000000-0000-7000-8000-' || lpad(CAST(n AS text), 12, '0')"
    for table in COPIED:
        key = "id" if table == "cases" else "case_id"
        columns = [column.name for column in db.metadata.tables[table].columns if column.name != key]
        listed = ", ".join(f'"{column}"' for column in columns)
        chosen = f'SELECT {name}, {listed} FROM {table}, {numbers} WHERE "{key}" = :source'
        tx.execute(
            text(f'INSERT INTO {table} ("{key}", {listed}) {chosen}'),
            {"first": first, "last": first + count - 1, "source": source},
        )


def fresh_key() -> str:
    """An idempotency key nobody used."""
    return uuid.uuid4().hex
