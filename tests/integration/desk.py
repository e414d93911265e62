"""A small office over a test database: its registry, its people, and real steps to walk a case through."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from adjudicate import db
from adjudicate.access.caller import Caller
from adjudicate.cases import recording, sandbox
from adjudicate.cases.command import Command
from adjudicate.cases.idempotency import IdempotentRequest, once
from adjudicate.cases.parties import Person
from adjudicate.cases.registry import Registry
from adjudicate.settings import Settings
from adjudicate.states.entries import Draft, Joining
from tests import register
from tests.surroundings import ROOT

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from adjudicate.cases.idempotency import Answer
    from adjudicate.cases.recording import CommandResult

FIXTURE_LAW = ROOT / "tests" / "fixtures" / "workflows"
OFFICES = [("CN", "000000", "national", None), ("ZJ", "330000", "provincial", "CN"), ("HZ", "330100", "city", "ZJ")]
FIRST_DAY = date(2025, 3, 3)


def law_folder(folder: Path) -> Path:
    """The fixture's law with the shipped calendars beside it."""
    if not folder.exists():
        shutil.copytree(FIXTURE_LAW, folder)
        shutil.copytree(ROOT / "workflows" / "calendars", folder / "calendars")
    return folder


@dataclass
class Desk:
    """A registry on a sandbox database with three offices and two people, and short words for what tests do."""

    registry: Registry
    clerk: Caller
    chief: Caller
    opened: list[str] = field(default_factory=list)

    @property
    def engine(self) -> Any:
        return self.registry.engine

    def today(self, day: date) -> None:
        db.run(self.engine, lambda tx: sandbox.move_today(tx, day))

    def run(self, work: Any) -> Any:
        return db.run(self.engine, work)

    def open(self, *, office: str = "HZ", on: date = FIRST_DAY, **changed: Any) -> CommandResult:
        return self.run(lambda tx: self.opening(tx, office=office, on=on, **changed))

    def command(self, tx: Connection | Command) -> Command:
        return tx if isinstance(tx, Command) else Command(tx, self.registry)

    def once(
        self, act: Any, *, actor: str = "clerk1", key: str = "k", fingerprint: str = "f" * 64,
        case_id: str | None = None, visible: Any = None,
    ) -> Answer:  # fmt: skip
        """Carry out `act(command)` once for an idempotency key, behind the lock of a case if one is named."""

        def begin(command: Command) -> tuple[IdempotentRequest, None]:
            if case_id is not None:
                command.queue_lock(case_id, visible)
            return IdempotentRequest(actor=actor, key=key, fingerprint=fingerprint), None

        return once(self.registry, begin, lambda command, _: act(command))

    def opening(
        self, tx: Connection | Command, *, office: str = "HZ", on: date = FIRST_DAY, dry_run: bool = False
    ) -> CommandResult:
        people = [
            Person(name="甲公司", particulars={"phone": "0571-1"}),
            Person(name="乙 公司", particulars={"address": "杭州"}),
        ]
        draft = Draft(
            "request_received",
            on,
            by="claimant",
            facts={"patent_number": "ZL201510299950.3", "contact": "电话 1"},
            joins=(Joining("p1", "claimant"), Joining("p2", "opponent")),
        )
        return recording.open_case(
            self.command(tx),
            workflow="test-dispute",
            office=office,
            draft=draft,
            people=people,
            caller=self.clerk,
            dry_run=dry_run,
        )

    def record(
        self,
        case_id: str,
        event: str,
        on: date,
        *,
        version: int | None = None,
        caller: Caller | None = None,
        **given: Any,
    ) -> CommandResult:
        return self.run(lambda tx: self.recording(tx, case_id, event, on, version=version, caller=caller, **given))

    def recording(
        self, tx: Connection | Command, case_id: str, event: str, on: date, *, version: int | None = None,
        caller: Caller | None = None, dry_run: bool = False, people: Any = (), **given: Any,
    ) -> CommandResult:  # fmt: skip
        return recording.record(
            self.command(tx), case_id, Draft(event, on, **given), caller=caller or self.clerk, version=version,
            dry_run=dry_run, people=people,
        )  # fmt: skip

    def docketed(self, *, on: date = FIRST_DAY, office: str = "HZ") -> str:
        """A case that has its docket number."""
        case_id = str(self.open(on=on, office=office).case_id)
        self.record(case_id, "case_opened", on, facts={"panel": ["a", "b", "c"]})
        return case_id

    def scalar(self, sql: str, **values: Any) -> Any:
        with db.reading(self.engine) as tx:
            return tx.execute(text(sql), values).scalar()

    def rows(self, sql: str, **values: Any) -> list[Any]:
        with db.reading(self.engine) as tx:
            return list(tx.execute(text(sql), values))


def start(
    url: str, law: Path, *, day: date | None = FIRST_DAY, furnish: bool = True, pool_size: int = 5, **settings: Any
) -> Desk:
    """A desk on a migrated database; `day` is what the sandbox plays."""
    registry = Registry.start(Settings(database_url=url, sandbox=True, workflows=law, **settings), pool_size=pool_size)
    desk = Desk(
        registry,
        Caller(actor="clerk1", name="张三", roles=frozenset({"clerk"}), office="HZ", office_path="CN/ZJ/HZ/"),
        Caller(actor="chief1", name="李四", roles=frozenset({"chief", "clerk"}), office="HZ", office_path="CN/ZJ/HZ/"),
    )
    if furnish:
        db.run(registry.engine, lambda tx: _furnish(tx, desk))
        if day is not None:
            desk.today(day)
    return desk


def _furnish(tx: Connection, desk: Desk) -> None:
    rules = register.rules_in(desk.registry)
    for code, region, level, parent in OFFICES:
        register.add_office(
            tx, rules, code, region, level, parent, docket_name={"HZ": "杭", "ZJ": "浙", "CN": "国"}[code]
        )
    for caller in (desk.clerk, desk.chief):
        known = {"name": caller.name, "at": datetime(2025, 1, 1, tzinfo=UTC)}
        # Under another law than the fixture's, whoever is at the desk may do everything.
        usual = () if rules is None else rules.kinds[rules.usual].roles
        roles = caller.roles if rules is None or set(caller.roles) <= set(usual) else usual
        register.add_person(tx, rules, caller.actor, caller.office, roles, **known)


def everything(desk: Desk) -> dict[str, list[str]]:
    """Every row of every table as text, so that two states of a database can be compared."""
    with db.reading(desk.engine) as tx:
        return {
            table.name: sorted(repr(tuple(row)) for row in tx.execute(table.select()))
            for table in db.metadata.sorted_tables
        }
