"""A process killed by SIGKILL at any named point leaves nothing half done, and whoever repeats it gets one effect."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from adjudicate import db
from adjudicate.cases import kill_points
from adjudicate.worker import Worker
from tests.integration import child
from tests.integration.desk import FIRST_DAY, ROOT, everything, start

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.integration.desk import Desk

LATER = FIRST_DAY + timedelta(days=30)
BEFORE_COMMIT = [point for point in kill_points.POINTS if point != "after-commit" and not point.startswith("worker")]
AT_WORK = [point for point in kill_points.POINTS if point.startswith("worker")]


def run_child(desk: Desk, law: Path, point: str, action: str, case_id: str) -> subprocess.CompletedProcess[bytes]:
    url = desk.registry.settings.database_url
    arguments = [url, str(law), point, action, case_id, LATER.isoformat()]
    return subprocess.run(
        [sys.executable, "-m", "tests.integration.child", *arguments],
        cwd=ROOT, capture_output=True, check=False, timeout=60,
    )  # fmt: skip


def overdue(desk: Desk) -> str:
    """A case whose docketing period is over and not yet announced."""
    case_id = desk.open().case_id
    desk.today(LATER)
    return str(case_id)


def assert_docketed_once(desk: Desk, case_id: str) -> None:
    rows = desk.rows("SELECT sequence, event FROM events WHERE case_id = :id ORDER BY sequence", id=case_id)
    assert rows == [(1, "request_received"), (2, "opening_missed"), (3, "case_opened")]
    assert desk.rows("SELECT last FROM docket_counters") == [(1,)]
    assert desk.rows("SELECT number, sequence FROM docket_numbers") == [(1, 3)]
    assert desk.scalar("SELECT count(*) FROM idempotency") == 1
    assert desk.scalar("SELECT count(*) FROM outbox") == 2
    assert desk.rows("SELECT version, stage FROM cases") == [(3, "opened")]
    assert desk.scalar("SELECT count(*) FROM document_requests") == 1
    assert sorted(desk.rows("SELECT key, status FROM deadlines")) == [("decision", "running"), ("opening", "met_late")]


def as_soon_as_the_dead_let_go(work: Callable[[], int]) -> int:
    """What a worker does once the server noticed that the killed one is gone: until then it passes over its rows."""
    limit = time.monotonic() + 30
    while not (done := work()) and time.monotonic() < limit:
        time.sleep(0.02)
    return done


@pytest.mark.parametrize("point", BEFORE_COMMIT)
def test_killed_before_the_commit_nothing_is_left_and_the_repetition_does_it_once(
    desk: Desk, law: Path, point: str
) -> None:
    case_id = overdue(desk)
    before = everything(desk)
    killed = run_child(desk, law, point, "docket", case_id)
    assert (killed.returncode, killed.stdout) == (-signal.SIGKILL, b""), killed.stderr.decode()
    assert everything(desk) == before
    answer = child.docket(desk, case_id, LATER)
    assert not answer.replayed
    assert_docketed_once(desk, case_id)


def test_killed_after_the_commit_the_repetition_gets_the_answer_that_was_never_sent(desk: Desk, law: Path) -> None:
    case_id = overdue(desk)
    killed = run_child(desk, law, "after-commit", "docket", case_id)
    assert (killed.returncode, killed.stdout) == (-signal.SIGKILL, b""), killed.stderr.decode()
    assert_docketed_once(desk, case_id)
    answer = child.docket(desk, case_id, LATER)
    assert answer.replayed
    assert answer.body == '{"version": 3, "numbers": ["杭测字〔2025〕1号"]}'
    assert_docketed_once(desk, case_id)


def test_the_child_answers_when_it_is_not_killed(desk: Desk, law: Path) -> None:
    case_id = overdue(desk)
    done = run_child(desk, law, "", "docket", case_id)
    assert (done.returncode, done.stdout) == (0, b"answered\n"), done.stderr.decode()
    assert_docketed_once(desk, case_id)


@pytest.mark.parametrize("point", AT_WORK)
def test_a_worker_killed_over_a_lapse_leaves_it_to_the_next_one(desk: Desk, law: Path, point: str) -> None:
    case_id = overdue(desk)
    before = everything(desk)
    assert run_child(desk, law, point, "work", case_id).returncode == -signal.SIGKILL
    assert everything(desk) == before
    assert as_soon_as_the_dead_let_go(lambda: Worker(desk.registry).announce_lapses()[0]) == 1
    assert desk.scalar("SELECT count(*) FROM events WHERE kind = 'lapse'") == 1


@pytest.mark.parametrize("point", AT_WORK)
def test_a_worker_killed_over_a_warning_leaves_it_to_the_next_one(desk: Desk, law: Path, point: str) -> None:
    case_id = desk.open().case_id
    desk.today(FIRST_DAY + timedelta(days=4))
    before = everything(desk)
    assert run_child(desk, law, point, "warn", case_id).returncode == -signal.SIGKILL
    assert everything(desk) == before
    assert as_soon_as_the_dead_let_go(Worker(desk.registry).give_warnings) == 1
    assert desk.scalar("SELECT count(*) FROM outbox WHERE topic = 'deadline.warning'") == 1


@pytest.mark.parametrize("point", AT_WORK)
def test_a_worker_killed_over_a_message_loses_none_and_doubles_none(desk: Desk, law: Path, point: str) -> None:
    case_id = desk.open().case_id
    with db.transaction(desk.engine) as tx:
        tx.execute(text("CREATE TABLE effects (message VARCHAR(36))"))
    assert run_child(desk, law, point, "deliver", case_id).returncode == -signal.SIGKILL
    assert desk.scalar("SELECT count(*) FROM effects") == 0
    again = Worker(desk.registry, {"case.recorded": child.effect})
    assert again.deliver() == (0, 0)  # the dead worker's lease still runs
    desk.today(FIRST_DAY + timedelta(days=1))
    assert again.deliver() == (1, 0)
    assert again.deliver() == (0, 0)
    assert desk.scalar("SELECT count(*) FROM effects") == 1


def test_outside_a_sandbox_no_point_is_ever_armed(monkeypatch: pytest.MonkeyPatch) -> None:
    from adjudicate.settings import Settings

    monkeypatch.setenv("ADJUDICATE_CRASH_AT", "after-lock")
    assert Settings.from_environment().crash_at == ""
    monkeypatch.setenv("ADJUDICATE_SANDBOX", "1")
    assert Settings.from_environment().crash_at == "after-lock"


def test_a_point_nobody_knows_is_an_error_and_not_a_test_that_never_dies(database_url: str, law: Path) -> None:
    with pytest.raises(ValueError, match="no such point"):
        start(database_url, law, furnish=False, crash_at="after-lunch")
