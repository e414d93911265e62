"""The command line does what its help says, on a database and a law of the test's own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from sqlalchemy import make_url, text

from adjudicate.cli import main
from adjudicate.db import connect, transaction
from tests.architecture.sources import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.databases import Databases


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command on a migrated database of the test's own."""
    monkeypatch.setenv("ADJUDICATE_DATABASE_URL", database_url)
    monkeypatch.setenv("ADJUDICATE_WORKFLOWS", str(ROOT / "workflows"))
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()

    def command(*words: str) -> Any:
        return runner.invoke(main, list(words), catch_exceptions=False)

    return command


OFFICE = (
    *("office", "add", "HZ", "--region", "330100", "--name-zh", "杭州", "--name-en", "Hangzhou"),
    *("--docket-name", "杭", "--level", "city"),
)


def test_help_is_fast_because_it_imports_neither_the_web_nor_the_database() -> None:
    code = "import sys; from adjudicate.cli import main; main(['--help'], standalone_mode=False); "
    code += "print([m for m in ('fastapi', 'sqlalchemy', 'pydantic', 'httpx', 'uvicorn', 'yaml') if m in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, cwd=ROOT)
    assert printed.stdout.strip().endswith("[]")
    for name in ("serve", "worker", "migrate", "check", "render", "due-date", "calendar", "verify", "token", "demo"):
        assert f"\n  {name} " in printed.stdout


def test_every_listed_command_exists_and_explains_itself(run: Any) -> None:
    for name in main.list_commands(None):  # type: ignore[arg-type]
        answer = run(name, "--help")
        assert answer.exit_code == 0, name
        assert "Usage:" in answer.output


def test_a_token_is_printed_once_listed_without_itself_and_revoked(run: Any) -> None:
    assert run(*OFFICE).exit_code == 0
    assert run("actor", "add", "li", "--name", "李", "--office", "HZ", "--role", "case_officer").exit_code == 0
    issued = run("token", "issue", "li", "--label", "桌面")
    assert issued.exit_code == 0
    token = issued.stdout.strip()
    assert len(token) >= 43
    listed = run("token", "list", "li")
    assert token not in listed.output
    assert "桌面" in listed.output
    token_id = listed.output.split()[0]
    assert run("token", "revoke", token_id).exit_code == 0
    assert "revoked" in run("token", "list").output
    assert run("token", "revoke", token_id).exit_code == 1


def test_what_is_refused_is_said_in_both_languages_without_a_trace(run: Any) -> None:
    answer = run("token", "issue", "nobody")
    assert answer.exit_code == 2
    assert "没有所填标识的人员" in answer.stderr
    assert "nobody has the id that was given" in answer.stderr
    assert "Traceback" not in answer.output
    assert run(*OFFICE).exit_code == 0
    assert run(*OFFICE).exit_code == 2


def test_an_actor_of_an_unknown_or_an_automatic_role_is_refused(run: Any) -> None:
    assert run(*OFFICE).exit_code == 0
    for role in ("emperor", "clock"):
        answer = run("actor", "add", "li", "--name", "李", "--office", "HZ", "--role", role)
        assert answer.exit_code == 2
        assert "“管理专利工作的部门”的人员不能担任所填的角色" in answer.stderr
        assert "  case_officer\n  panel\n" in answer.stderr
        assert "people of 'Intellectual property office' cannot have the roles that were given" in answer.stderr


@pytest.mark.parametrize(
    ("words", "longest"),
    [
        (("actor", "add", "li", "--office", "HZ", "--role", "case_officer", "--name"), 200),
        (("token", "issue", "li", "--label"), 200),
        ((*OFFICE, "--name-zh"), 200),
        ((*OFFICE, "--docket-name"), 40),
    ],
)
def test_a_name_longer_than_the_database_keeps_is_refused_in_words(
    run: Any, words: tuple[str, ...], longest: int
) -> None:
    for given in ("长" * (longest + 1), "\udcff"):
        answer = run(*words, given)
        assert answer.exit_code == 2
        assert "有效文字" in answer.stderr
        assert "valid text of " in answer.stderr
        assert "Traceback" not in answer.output


def test_a_demo_whose_documents_cannot_be_written_says_so_and_names_the_setting(
    run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ADJUDICATE_DOCUMENTS", str(tmp_path / "file" / "documents"))
    answer = run("demo", "load")
    assert answer.exit_code == 2
    assert "无法写入" in answer.stderr
    assert "Name another one in ADJUDICATE_DOCUMENTS" in answer.stderr
    assert "Traceback" not in answer.output


def test_migrating_again_is_harmless_and_verify_finds_nothing_in_an_empty_register(run: Any, tmp_path: Path) -> None:
    assert run("migrate").exit_code == 0
    assert run("migrate").exit_code == 0
    assert run("verify", "--checkpoint", str(tmp_path / "heads"), "--new-checkpoint").exit_code == 0
    assert run("worker", "--once").output.startswith("lapses announced in 0 cases")


@pytest.fixture
def stands_at(databases: Databases, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes the database that commands are run on stand at a revision, or at none."""

    def make(revision: str | None) -> None:
        url = databases.create(make_url(database_url).get_backend_name(), migrated=revision is not None)
        monkeypatch.setenv("ADJUDICATE_DATABASE_URL", url)
        if revision is not None:
            engine = connect(url)
            with transaction(engine) as tx:
                tx.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
            engine.dispose()

    return make


@pytest.mark.parametrize("words", [("verify",), ("worker", "--once"), ("token", "list")])
def test_a_database_that_was_not_migrated_is_not_opened_and_the_way_out_is_named(
    run: Any, stands_at: Any, words: tuple[str, ...]
) -> None:
    stands_at(None)
    answer = run(*words)
    assert answer.exit_code == 2
    assert "再运行 adjudicate migrate" in answer.stderr
    assert "names stands at nothing" in answer.stderr
    assert run("migrate").exit_code == 0
    assert run(*words).exit_code == 0


def test_a_database_that_a_later_release_migrated_is_opened_so_that_old_and_new_run_side_by_side(
    run: Any, stands_at: Any
) -> None:
    stands_at("0000_of_tomorrow")
    assert run("token", "list").exit_code == 0


def test_a_wrong_setting_is_named(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eighty")
    answer = run("serve")
    assert answer.exit_code == 2
    assert "PORT" in answer.stderr
