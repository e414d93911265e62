"""Every worked example of the law, recorded through the database: the rows the pure core gives, and verifiable."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from adjudicate import clock, db
from adjudicate.access import people
from adjudicate.cases import case_file, reading, recording
from adjudicate.cases.command import Command
from adjudicate.cases.queries import filing, marker
from adjudicate.cases.rows import columns_of
from adjudicate.errors import StepRefused
from adjudicate.states import codec
from adjudicate.states.fold import Fold
from adjudicate.verification.verifying import verify
from tests import register
from tests.integration.desk import ROOT, start
from tests.surroundings import SOAKING
from tests.workflows.runner import Case, Running, ScenarioError, run, shipped
from tests.workflows.script import Scenario, collect

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sqlalchemy import Connection

    from adjudicate.states.entries import Correction, Draft, Entry
    from adjudicate.states.result import Result
    from tests.integration.desk import Desk


EXAMPLES = collect(ROOT / "workflows")
pytestmark = [pytest.mark.soak] if SOAKING else []


@dataclass
class StoredCase(Case):
    """A case of a worked example that is recorded twice: in the pure core, and in a database; both must agree."""

    desk: Desk | None = None
    workflow: str = ""
    region: str = ""
    case_id: str | None = None

    def act(self, draft: Draft, roles: Collection[str] | None = None) -> Result:
        return self._both(lambda: super(StoredCase, self).act(draft, roles), lambda tx: self._act(tx, draft, roles))

    def rectify(self, corrections: list[Correction], roles: Collection[str] | None = None) -> Result:
        def stored(tx: Connection) -> Any:
            caller = self._caller(roles)
            for one in corrections:
                register_named(tx, str(self.case_id), {} if one.act is None else one.act.facts)
            return recording.rectify(
                Command(tx, self._registry), str(self.case_id), corrections, caller=caller, version=None
            )

        return self._both(lambda: super(StoredCase, self).rectify(corrections, roles), stored)

    def settle(self) -> Result:
        return self._both(super().settle, lambda tx: recording.settle(Command(tx, self._registry), str(self.case_id)))

    @property
    def _registry(self) -> Any:
        assert self.desk is not None
        return self.desk.registry

    def _caller(self, roles: Collection[str] | None) -> Any:
        assert self.desk is not None
        return replace(self.desk.clerk, roles=frozenset(self.roles if roles is None else roles))

    def _act(self, tx: Connection, draft: Draft, roles: Collection[str] | None) -> Any:
        caller = self._caller(roles)
        if self.case_id is not None:
            register_named(tx, self.case_id, draft.facts)
        if self.case_id is not None:
            return recording.record(Command(tx, self._registry), self.case_id, draft, caller=caller, version=None)
        levels = self.legal.laws.select(draft.effective_on).main.workflow.levels
        done = recording.open_case(
            Command(tx, self._registry),
            workflow=self.workflow,
            office=f"{levels[-1]}{self.region}",
            draft=draft,
            caller=caller,
        )
        self.case_id = done.case_id
        return done

    def _both(self, pure: Any, stored: Any) -> Result:
        def work(tx: Connection) -> Any:
            marker.play(tx, self.today, by="command-line", at=clock.now())
            return stored(tx)

        assert self.desk is not None
        try:
            outcome = pure()
        except StepRefused as refusal:
            with pytest.raises(type(refusal)):
                self.desk.run(work)
            raise
        done = self.desk.run(work)
        rows = [] if done is None else [plainly(entry) for entry in done.entries]
        assert rows == [plainly(entry) for entry in outcome.entries]
        with db.reading(self.desk.engine) as tx:
            view = reading.current(tx, self._registry, str(self.case_id))
        assert codec.standing_to_json(view.standing) == codec.standing_to_json(outcome.standing)
        assert (view.version, view.pending) == (len(self.entries), ())
        self._next_lapse_is_known(view)
        return outcome

    @staticmethod
    def _next_lapse_is_known(view: reading.CaseSnapshot) -> None:
        """The day by which a worker finds the case is the day of its next lapse."""
        folding, due = Fold(view.legal, view.standing), view.row["next_due_on"]
        assert folding.lapses_before(date.max) == (due is not None)
        assert due is None or (folding.lapses_before(due + timedelta(days=1)), folding.lapses_before(due)) == (
            True,
            False,
        )


def register_named(tx: Connection, case_id: str, facts: Mapping[str, Any]) -> None:
    """Put the documents on file that facts name, as an office does before it records the act."""
    named = set(re.findall(r"sha-256:([0-9a-f]{64})", json.dumps(facts)))
    for digest in sorted(named - filing.on_file(tx, case_id, named)):
        row = {"case_id": case_id, "digest": digest, "size": 1, "media_type": "text/plain", "name": "文件"}
        case_file.register_document(tx, {**row, "registered_by": "clerk1", "registered_at": clock.now()})


def plainly(entry: Entry) -> Any:
    return columns_of(entry)


def add_offices(tx: Connection) -> None:
    """An office of every level in every region of the examples."""
    for region in {scenario.region for scenario in EXAMPLES}:
        for level in ("national", "provincial", "city"):
            code = f"{level}{region}"
            register.add_office(tx, shipped().offices, code, region, level, "CN")
    rules, at = shipped().offices, clock.now()
    for actor in ("clerk1", "chief1"):
        for role in rules.kinds[rules.usual].roles:
            draft = people.StandIn(office="CN", role=role, from_at=at, until_at=None, stands_in_for=None)
            people.stand_in(tx, actor, draft, rules=rules, by="command-line", at=at)


@pytest.fixture(scope="module")
def archive(module_database_url: str) -> Iterator[Desk]:
    """A desk under the shipped law."""
    made = start(module_database_url, ROOT / "workflows")
    made.registry.catalogue = shipped()  # the very same texts that the pure core runs on
    made.run(add_offices)
    yield made
    made.registry.close()


def test_what_the_database_holds_of_a_worked_example_is_what_the_pure_core_says(archive: Desk) -> None:
    # A part on each database, not the same on both; `make soak` runs them all on both.
    sqlite = archive.engine.dialect.name == "sqlite"
    agree(archive, EXAMPLES if SOAKING else EXAMPLES[::4] if sqlite else EXAMPLES[1::8])


def agree(archive: Desk, part: list[Scenario]) -> None:
    """Record every example twice and compare; then verify what the database holds."""
    for scenario in list(part):
        running = Running(scenario, shipped())
        pure = running.case
        running.case = StoredCase(
            pure.legal, pure.roles, desk=archive, workflow=scenario.workflow, region=scenario.region
        )
        try:
            running.run()
        except ScenarioError:
            # An example that fails without any database too is the business of the test that says so.
            with pytest.raises(ScenarioError):
                run(scenario, shipped())
            part = [one for one in part if one is not scenario]
    assert len(part) > 40
    assert verify(archive.registry) == []
