"""Settings come from the environment alone; what cannot be used is named in both languages and never shown."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from adjudicate.cli import main
from adjudicate.settings import SettingInvalid, Settings, unknown_variables, variable_of
from adjudicate.shipped_files import law_folder
from tests.architecture.sources import ROOT

if TYPE_CHECKING:
    from pathlib import Path

WRONG = {
    "PORT": "0",
    "ADJUDICATE_SANDBOX": "yes",
    "ADJUDICATE_WARN_WORKING_DAYS": "three",
    "ADJUDICATE_DATABASE_URL": "mysql://clerk:hunter2@db/x",
    "ADJUDICATE_LOG_LEVEL": "loud",
    "ADJUDICATE_LEASE_SECONDS": "-1",
    "ADJUDICATE_WORKER_INTERVAL_SECONDS": "nan",
}
LIBRARY = re.compile(r"pydantic|validation|input|valid (integer|string|number)|parsing|type=|Field|Value error", re.I)


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("ADJUDICATE_") or name == "PORT"]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize("name", WRONG)
def test_a_value_that_cannot_be_used_is_named_in_both_languages_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, WRONG[name])
    with pytest.raises(SettingInvalid) as refused:
        Settings.from_environment()
    assert refused.value.zh.startswith(f"环境变量 {name} ")
    assert refused.value.en.startswith(f"environment variable {name} must ")
    assert not LIBRARY.search(str(refused.value))
    assert WRONG[name] not in str(refused.value)


def test_all_values_that_cannot_be_used_are_named_at_once_without_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WRONG.items():
        monkeypatch.setenv(name, value)
    answer = CliRunner().invoke(main, ["migrate"])
    assert answer.exit_code == 2
    assert {name for name in WRONG if answer.stderr.count(name) == 2} == set(WRONG)
    assert len(answer.stderr.splitlines()) == 1
    assert "hunter2" not in answer.stderr
    assert not LIBRARY.search(answer.stderr)


def test_every_setting_has_a_variable_and_is_read_from_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = {
        "database_url": "postgresql://db/x",
        "workflows": str(tmp_path / "law"),
        "documents": str(tmp_path / "documents"),
        "host": "0.0.0.0",
        "port": "9000",
        "sandbox": "1",
        "cursor_secret": "s",
        "warn_working_days": "5",
        "worker_interval_seconds": "0.5",
        "lease_seconds": "30",
        "connect_seconds": "4",
        "lock_seconds": "2.5",
        "statement_seconds": "5.0",
        "command_seconds": "7.0",
        "outbox_days": "30",
        "idempotency_days": "0",
        "log_level": "WARNING",
        "access_log": "0",
        "telemetry": "1",
        "metrics_folder": str(tmp_path),
        "max_connections": "500",
        "max_head_bytes": "16384",
        "max_head_fields": "50",
        "head_seconds": "5.0",
        "body_seconds": "60.0",
        "idle_seconds": "30.0",
        "crash_at": "after-lock",
    }
    assert set(given) == set(Settings.model_fields)
    for field, value in given.items():
        monkeypatch.setenv(variable_of(field), value)
    found = Settings.from_environment()
    assert {field: str(getattr(found, field)) for field in given} == {
        **given,
        "sandbox": "True",
        "access_log": "False",
        "telemetry": "True",
        "log_level": "warning",
    }
    assert str(found.warn_before) == "5 working_days"
    assert unknown_variables() == []


def test_an_empty_variable_is_like_none(monkeypatch: pytest.MonkeyPatch) -> None:
    without = Settings.from_environment()
    for field in Settings.model_fields:
        monkeypatch.setenv(variable_of(field), "")
    assert Settings.from_environment() == without
    assert (without.database_url, without.sandbox, without.port) == ("sqlite:///./var/adjudicate.db", False, 8000)


@pytest.mark.parametrize("name", ["adjudicate_sandbox", "Adjudicate_Sandbox", "port", "adjudicate_port"])
def test_a_variable_in_small_letters_sets_nothing_and_is_noticed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    found = Settings.from_environment()
    assert (found.sandbox, found.port) == (False, 8000)
    assert unknown_variables() == ([] if name == "port" else [name])


def test_the_variable_that_was_read_is_the_one_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADJUDICATE_PORT", "abc")
    with pytest.raises(SettingInvalid, match=r"^环境变量 ADJUDICATE_PORT 应为"):
        Settings.from_environment()
    monkeypatch.setenv("PORT", "9000")
    assert Settings.from_environment().port == 9000


def test_spaces_around_a_value_do_not_count_and_spaces_alone_are_no_value(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without = Settings.from_environment()
    monkeypatch.setenv("ADJUDICATE_DOCUMENTS", f" {tmp_path} ")
    for name in ("ADJUDICATE_WORKFLOWS", "ADJUDICATE_METRICS_FOLDER", "ADJUDICATE_SANDBOX"):
        monkeypatch.setenv(name, " ")
    found = Settings.from_environment()
    assert found == without.model_copy(update={"documents": tmp_path})
    assert law_folder() == found.workflows
    monkeypatch.setenv("ADJUDICATE_WORKFLOWS", f" {tmp_path} ")
    assert law_folder() == Settings.from_environment().workflows == tmp_path


@pytest.mark.parametrize(
    ("address", "usable"),
    [
        ("sqlite:///./var/adjudicate.db", True),
        ("sqlite:////data/adjudicate.db", True),
        ("sqlite+pysqlite:///x.db", True),
        ("postgres://db/x", True),
        ("postgresql://db/x", True),
        ("postgresql+psycopg://db/x", True),
        ("postgresql+asyncpg://db/x", False),
        ("postgresql+psycopg2://db/x", False),
        ("postgres+psycopg://db/x", False),
        ("sqlite+aiosqlite:///x.db", False),
        ("sqlite:x", False),
        ("sqlite://", False),
        ("postgresql:x", False),
        ("mysql://db/x", False),
    ],
)
def test_an_address_with_a_driver_that_is_not_supported_is_refused_when_it_is_read(
    monkeypatch: pytest.MonkeyPatch, address: str, *, usable: bool
) -> None:
    monkeypatch.setenv("ADJUDICATE_DATABASE_URL", address)
    if usable:
        assert Settings.from_environment().database_url == address
        return
    with pytest.raises(SettingInvalid, match="ADJUDICATE_DATABASE_URL 须以"):
        Settings.from_environment()


def test_a_folder_workflows_in_the_working_folder_does_not_become_the_law(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "workflows").mkdir()
    monkeypatch.chdir(tmp_path)
    assert Settings.from_environment().workflows == law_folder() == ROOT / "workflows"


def test_what_is_built_by_hand_is_not_changed_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADJUDICATE_SANDBOX", "1")
    monkeypatch.setenv("PORT", "9000")
    assert (Settings().sandbox, Settings().port) == (False, 8000)
    assert Settings(port=8001).port == 8001


def test_a_file_of_settings_in_the_working_folder_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ADJUDICATE_SANDBOX=1\nPORT=9000\n")
    monkeypatch.chdir(tmp_path)
    assert (Settings.from_environment().sandbox, Settings.from_environment().port) == (False, 8000)


def test_settings_cannot_be_changed_and_show_no_secret() -> None:
    found = Settings(database_url="postgresql://clerk:hunter2@db/x", cursor_secret="hunter3")
    with pytest.raises(ValidationError):
        found.port = 1  # type: ignore[misc]
    assert "hunter" not in repr(found)


def test_a_misspelt_variable_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADJUDICATE_DATABSE_URL", "postgresql://db/x")
    assert unknown_variables() == ["ADJUDICATE_DATABSE_URL"]


def loaded(code: str, *names: str) -> str:
    """Which of these modules a fresh interpreter holds after `code`."""
    code += f"; import sys; print([name for name in {names!r} if name in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, cwd=ROOT)
    return printed.stdout.strip().splitlines()[-1]


def test_settings_load_neither_the_web_nor_the_database() -> None:
    code = "from adjudicate.settings import Settings; Settings.from_environment()"
    assert loaded(code, "fastapi", "starlette", "sqlalchemy", "uvicorn", "structlog", "prometheus_client") == "[]"


def test_due_date_loads_no_settings_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code = "from adjudicate.cli import main; main(['due-date', '2026-02-10', '5 days'], standalone_mode=False)"
    assert loaded(code, "pydantic", "structlog", "werkzeug", "sqlalchemy", "fastapi") == "[]"
    monkeypatch.setenv("ADJUDICATE_WORKFLOWS", str(tmp_path))
    answer = CliRunner().invoke(main, ["due-date", "2026-02-10", "5 working_days"])
    assert answer.exit_code == 2


def test_help_names_every_variable() -> None:
    printed = CliRunner().invoke(main, ["--help"]).stdout
    assert [name for name in map(variable_of, Settings.model_fields) if name not in printed] == []
