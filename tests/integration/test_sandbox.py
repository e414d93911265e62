"""The sandbox switch: it marks a database that was never used, and nothing opens one that is marked otherwise."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from adjudicate import clock, db
from adjudicate.cases import sandbox
from adjudicate.cases.errors import DayCannotBePlayed, SandboxMismatch
from adjudicate.cases.registry import Registry
from adjudicate.law.legal_time import legal_day
from adjudicate.settings import Settings
from tests.integration.desk import FIRST_DAY, start

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.desk import Desk


def opened(url: str, law: Path, *, switch: bool) -> None:
    Registry.start(Settings(database_url=url, sandbox=switch, workflows=law)).close()


def test_a_fresh_database_is_marked_by_the_first_who_opens_it(database_url: str, law: Path) -> None:
    opened(database_url, law, switch=True)
    opened(database_url, law, switch=True)
    with pytest.raises(SandboxMismatch, match="is a sandbox"):
        opened(database_url, law, switch=False)


def test_the_switch_on_a_real_database_refuses_to_start(database_url: str, law: Path) -> None:
    opened(database_url, law, switch=False)
    with pytest.raises(SandboxMismatch, match="no sandbox"):
        opened(database_url, law, switch=True)


def test_a_database_already_in_use_without_a_mark_never_becomes_a_sandbox(desk: Desk, law: Path) -> None:
    from tests.integration.tampering import tamper

    url = desk.registry.settings.database_url
    tamper(desk, "DELETE FROM marker")
    with pytest.raises(SandboxMismatch, match="no sandbox"):
        opened(url, law, switch=True)


def test_the_played_day_holds_for_every_process_and_is_what_events_bear(
    desk: Desk, database_url: str, law: Path
) -> None:
    desk.today(date(2025, 5, 6))
    other = start(database_url, law, furnish=False)
    case_id = other.open().case_id
    recorded_on, recorded_at = other.rows("SELECT recorded_on, recorded_at FROM events WHERE case_id = :i", i=case_id)[
        0
    ]
    assert str(recorded_on) == "2025-05-06"
    assert str(recorded_at)[:7] == "2025-05"
    other.registry.close()


def test_time_cannot_be_played_back_behind_what_was_recorded(desk: Desk) -> None:
    desk.open()
    desk.today(FIRST_DAY)
    with pytest.raises(DayCannotBePlayed):
        desk.today(FIRST_DAY - timedelta(days=1))


def test_outside_a_sandbox_the_day_is_the_real_one_and_cannot_be_set(database_url: str, law: Path) -> None:
    registry = Registry.start(Settings(database_url=database_url, workflows=law))
    with pytest.raises(DayCannotBePlayed):
        db.run(registry.engine, lambda tx: sandbox.move_today(tx, date(2030, 1, 1)))
    before = clock.now()
    with db.reading(registry.engine) as tx:
        moment = registry.moment(tx)
    assert before <= moment.at <= clock.now()
    assert moment.today == legal_day(moment.at)
    registry.close()
