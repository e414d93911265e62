"""What an administrator meets who follows docs/operating.md on an empty machine, command by command."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tomllib
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from click.testing import CliRunner
from sqlalchemy import make_url

from adjudicate import db
from adjudicate.cli import main
from adjudicate.documents import store
from tests.acceptance.test_serve import serving, token_on
from tests.databases import DIALECTS
from tests.integration.test_calendars import NOTICE
from tests.surroundings import ROOT, free_port

if TYPE_CHECKING:
    from pathlib import Path

    from tests.databases import Databases

OLDER = "0002"


@dataclass(frozen=True)
class Done:
    """What a command ended with and wrote."""

    returncode: int
    stdout: str
    stderr: str


def command(folder: Path, url: str | None, *words: str, **more: str) -> Done:
    """A command as an administrator calls it in a folder, under the locale `C`."""
    settings = {"ADJUDICATE_DATABASE_URL": url, "PORT": str(free_port()), "LC_ALL": "C", **more}
    with contextlib.chdir(folder):
        done = CliRunner(env=settings).invoke(main, list(words))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Done(done.exit_code, done.stdout, done.stderr)


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def older(databases: Databases, dialect: str) -> str:
    """The address of a database of an earlier release."""
    url = databases.create(dialect, migrated=False)
    db.migrate(url, OLDER)
    return url


def stands(url: str) -> list[tuple[Any, ...]]:
    engine = db.connect(url)
    try:
        with db.reading(engine) as tx:
            return [tuple(row) for row in tx.exec_driver_sql("SELECT version_num FROM alembic_version")]
    finally:
        engine.dispose()


def test_each_release_has_a_version_of_its_own_that_stands_in_one_place(tmp_path: Path) -> None:
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert stated != "0.1.0", "the release before bears it, and pip leaves what has the same version as it is"
    assert version("adjudicate") == stated, "run make setup"
    assert command(tmp_path, None, "--version").stdout.strip() == stated


def test_migrate_says_which_database_it_brought_from_where_to_where(older: str, tmp_path: Path) -> None:
    first = command(tmp_path, older, "migrate")
    assert first.returncode == 0, first.stderr
    assert f"{OLDER} → " in first.stderr
    assert str(make_url(older).database) in first.stderr
    again = command(tmp_path, older, "migrate")
    assert "→" not in again.stderr
    assert "up to date" in again.stderr


def test_a_command_without_its_environment_file_says_which_database_it_made(tmp_path: Path) -> None:
    made = command(tmp_path, None, "migrate")
    assert f"made a new database: {tmp_path}/var/adjudicate.db" in made.stderr


def test_a_command_that_finds_no_database_makes_no_folder_for_one(tmp_path: Path) -> None:
    assert command(tmp_path, None, "office", "list").returncode == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("serve",), ("demo", "serve"), ("migrate", "--only-new")], ids=" ".join)
def test_a_database_of_an_earlier_release_is_not_migrated_before_somebody_backed_it_up(
    older: str, tmp_path: Path, words: tuple[str, ...]
) -> None:
    found = command(tmp_path, older, *words)
    assert found.returncode == 2, found.stderr
    assert "then run adjudicate migrate" in found.stderr
    assert stands(older) == [(OLDER,)]


def test_migrate_only_new_makes_an_empty_database_and_is_content_with_a_new_one(
    databases: Databases, dialect: str, tmp_path: Path
) -> None:
    url = databases.create(dialect, migrated=False)
    for _ in range(2):
        done = command(tmp_path, url, "migrate", "--only-new")
        assert done.returncode == 0, done.stderr
    assert command(tmp_path, url, "verify").returncode == 0


def test_a_new_sqlite_database_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        assert command(tmp_path, None, "migrate").returncode == 0
    finally:
        os.umask(mask)
    for path in (tmp_path / "var").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:first@secret@nowhere.invalid/d",
        "postgresql://u:a/b@secret#c@nowhere.invalid:5432/d",
        "postgresql://u/x:secret@nowhere.invalid/d",
        "postgresql://nowhere.invalid/d?user=u&password=secret",
    ],
)
def test_no_part_of_a_password_is_shown_and_a_sign_to_be_encoded_is_named(tmp_path: Path, url: str) -> None:
    done = command(tmp_path, url, "migrate")
    assert done.returncode in {1, 2}
    assert "secret" not in done.stdout + done.stderr
    assert "nowhere.invalid" in done.stderr if "?" in url else "%40" in done.stderr


def test_a_password_with_encoded_signs_is_taken_as_it_is(postgresql_url: str, tmp_path: Path) -> None:
    engine = db.connect(postgresql_url)
    with db.transaction(engine) as tx:
        tx.exec_driver_sql("DROP ROLE IF EXISTS encoded")
        tx.exec_driver_sql("CREATE ROLE encoded LOGIN SUPERUSER PASSWORD 'a@b/c#d%%e:f'")
    try:
        signs = make_url(postgresql_url).set(username="encoded", password="a@b/c#d%e:f")
        address = signs.render_as_string(hide_password=False)
        assert "a%40b" in address
        assert command(tmp_path, address, "migrate").returncode == 0
    finally:
        with db.transaction(engine) as tx:
            tx.exec_driver_sql("DROP ROLE encoded")
        engine.dispose()


def test_a_token_holds_for_a_year_at_most_wherever_it_is_asked_for(database_url: str, tmp_path: Path) -> None:
    refused = command(tmp_path, database_url, "token", "issue", "li", "--days", "3000")
    assert refused.returncode == 2
    assert "366" in refused.stderr


def test_a_checkpoint_that_is_not_there_is_refused_and_none_is_begun_unasked(database_url: str, tmp_path: Path) -> None:
    for path in (tmp_path / "missing" / "heads", tmp_path / "heads"):
        for words in ((), ("--new-checkpoint",)) if path.parent != tmp_path else ((),):
            done = command(tmp_path, database_url, "verify", "--checkpoint", str(path), *words)
            assert done.returncode == 2, done.stderr
            assert str(path) in done.stderr
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "emptied").touch()
    assert command(tmp_path, database_url, "verify", "--checkpoint", str(tmp_path / "emptied")).returncode == 2


def test_verify_says_how_many_heads_it_compared_and_added(database_url: str, tmp_path: Path) -> None:
    place = str(tmp_path / "heads")
    first = command(tmp_path, database_url, "verify", "--checkpoint", place, "--new-checkpoint")
    assert first.returncode == 0, first.stderr
    assert "0 heads compared, 1 added" in first.stderr
    assert len((tmp_path / "heads").read_text().splitlines()) == 1
    assert "1 heads compared, 0 added" in command(tmp_path, database_url, "verify", "--checkpoint", place).stderr
    twice = command(tmp_path, database_url, "verify", "--checkpoint", place, "--new-checkpoint")
    assert twice.returncode == 2


def test_a_misspelt_variable_is_named_also_where_another_value_is_bad(tmp_path: Path) -> None:
    done = command(tmp_path, None, "migrate", PORT="eighty", ADJUDICATE_DATABSE_URL="x")
    assert done.returncode == 2
    assert "PORT" in done.stderr
    assert "ADJUDICATE_DATABSE_URL" in done.stderr


def test_without_a_language_what_is_wrong_with_the_database_is_said_in_both(tmp_path: Path) -> None:
    done = command(tmp_path, f"postgresql://u:x@127.0.0.1:{free_port()}/d", "migrate")
    assert "没有数据库服务器应答" in done.stderr
    assert "no database server answers" in done.stderr


def test_a_folder_for_metrics_that_cannot_be_used_is_one_sentence(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = command(tmp_path, database_url, "serve", ADJUDICATE_METRICS_FOLDER=str(tmp_path / "file" / "counts"))
    assert done.returncode == 2, done.stderr
    said = [line for line in done.stderr.splitlines() if not line.startswith("adjudicate: http://")]
    assert len(said) == 1, said
    assert "ADJUDICATE_METRICS_FOLDER" in said[0]


def test_whoever_restores_as_root_is_told_that_the_service_cannot_read_the_documents(
    databases: Databases, database_url: str, tmp_path: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root is told")
    file = str(tmp_path / "backup.tar")
    folder = str(tmp_path / "documents")
    assert command(tmp_path, database_url, "backup", file, ADJUDICATE_DOCUMENTS=folder).returncode == 0
    empty = databases.create(make_url(database_url).get_backend_name(), migrated=False)
    done = command(tmp_path, empty, "restore", file, "--lang", "en", ADJUDICATE_DOCUMENTS=folder)
    assert done.returncode == 0, done.stderr
    assert "root" in done.stderr


def test_ready_says_whether_documents_can_be_kept(sqlite_url: str, tmp_path: Path) -> None:
    token_on(sqlite_url)
    (tmp_path / "file").write_text("")
    beneath_a_file = str(tmp_path / "file" / "documents")
    with serving(sqlite_url, tmp_path, ADJUDICATE_DOCUMENTS=beneath_a_file) as served:
        answer = served.get("/readyz")
        assert (answer.status_code, answer.json()["documents"]) == (200, "not-writable")


def test_a_folder_for_documents_counts_as_writable_where_it_can_be_made_and_not_once_it_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    assert store.writable(folder)
    with store.receiving(folder, at_most=1):
        assert store.writable(folder)
    shutil.rmtree(folder)
    assert not store.writable(folder)


def test_due_date_counts_by_the_notices_that_were_loaded_and_says_when_it_knows_the_shipped_ones_only(
    database_url: str, tmp_path: Path
) -> None:
    asked = ("due-date", "2026-02-10", "5 working_days", "--jurisdiction", "330100")
    shipped = command(tmp_path, None, *asked)
    assert shipped.stdout.strip() == "2026-02-24"
    assert "from the shipped calendars only" in shipped.stderr
    token_on(database_url)
    notice = NOTICE.format(year=2026, code="330100", first="2026-02-24", last="2026-02-25", number=1)
    (tmp_path / "notice.yaml").write_text(notice)
    assert command(tmp_path, database_url, "calendar", "load", "notice.yaml").returncode == 0
    loaded = command(tmp_path, database_url, *asked)
    assert loaded.stdout.strip() == "2026-02-26"
    assert loaded.stderr == ""
    away = command(tmp_path, f"postgresql://u:x@127.0.0.1:{free_port()}/d", *asked)
    assert (away.returncode, away.stdout) == (2, "")
    assert "no database server answers" in away.stderr


def test_a_dry_run_prints_what_the_notice_holds_and_keeps_nothing(database_url: str, tmp_path: Path) -> None:
    path = str(ROOT / "workflows" / "calendars" / "cn" / "2026.yaml")
    for _ in range(2):
        done = command(tmp_path, database_url, "calendar", "load", path, "--dry-run", "--lang", "en")
        assert "33 days off, 6 make-up days" in done.stdout
        assert "(new," in done.stdout


def test_a_document_that_the_service_may_not_read_is_not_said_to_be_gone(tmp_path: Path) -> None:
    with store.receiving(tmp_path, at_most=10) as received:
        received.write(b"content")
    kept = tmp_path / received.digest[:2] / received.digest
    kept.chmod(0)
    with patch.object(type(kept), "open", side_effect=PermissionError), pytest.raises(store.StoreUnavailable) as told:
        store.opened(tmp_path, received.digest)
    assert "may not read it" in told.value.en
    assert "无权读取" in told.value.zh
