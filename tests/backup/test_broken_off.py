"""A backup or a restore that is killed leaves nothing that could be taken for a whole one."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest

from adjudicate import db
from tests.databases import DIALECTS
from tests.integration.served import Office

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


from tests.backup.places import Place


def killed_after(office: Office, lines: int, how: signal.Signals, *words: str) -> int:
    """Send a signal to a command once it has written so many lines; the code it ended with."""
    process = office.begin(*words, LANG="en_US.UTF-8")
    assert process.stderr is not None
    for _ in range(lines):
        process.stderr.readline()
    process.send_signal(how)
    process.stderr.read()
    process.stderr.close()
    return process.wait(timeout=60)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_backup_that_is_killed_leaves_no_file_of_its_name(filled: Place, tmp_path: Path, how: signal.Signals) -> None:
    folder = tmp_path / "killed"
    folder.mkdir()
    for lines in (1, 7, 15, 20):
        file = folder / f"{lines}.tar"
        ended = killed_after(filled.office, lines, how, "backup", str(file))
        # It may have been faster than the signal.
        assert file.exists() == (ended == 0)
        if how is signal.SIGTERM:
            assert list(folder.glob(".*")) == []
        file.unlink(missing_ok=True)
        filled.well("backup", str(file))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_restore_that_is_killed_leaves_nothing_and_the_same_command_does_it_again(
    filled: Place, taken: Path, place_on: Callable[..., Place], dialect: str
) -> None:
    for lines in (1, 2, 9, 20):
        target = place_on(dialect)
        if killed_after(target.office, lines, signal.SIGKILL, "restore", str(taken)) != 0:
            wait_until_let_go(target)
            if rows_in(target):
                # Everything was committed, and only the newer migrations were left.
                target.well("migrate")
            else:
                target.well("restore", str(taken))
        target.well("verify")
        assert target.everything() == filled.everything()


def rows_in(place: Place) -> int:
    """The rows in the tables that there are; a database is empty or whole, and never between."""
    return 0 if place.is_untouched() or not has_cases(place) else int(place.rows("SELECT count(*) FROM cases")[0][0])


def has_cases(place: Place) -> bool:
    engine = db.connect(place.office.url)
    try:
        with engine.connect() as connection:
            return engine.dialect.has_table(connection, "cases")
    finally:
        engine.dispose()


def wait_until_let_go(place: Place) -> None:
    """Wait until the server has noticed that the killed process is gone."""
    if place.office.url.startswith("sqlite"):
        return
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    limit = time.monotonic() + 60
    while place.rows(others) != [(0,)]:
        assert time.monotonic() < limit
        time.sleep(0.05)
