"""What cannot start says so in one sentence and at once: a wrong database, a port in use, a lost process."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url

from tests.acceptance.test_serve import serving, token_on
from tests.surroundings import ROOT, free_port

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 45  # a machine at work with other things; the programs themselves need two or three


def command(folder: Path, url: str, *words: str, **more: str) -> tuple[int | str, list[str]]:
    """The exit code of a command and the lines it wrote to standard error; `no end` where it does not come to one."""
    settings = {"ADJUDICATE_DATABASE_URL": url, "ADJUDICATE_WORKFLOWS": str(ROOT / "workflows"), "LC_ALL": "C"}
    try:
        done = subprocess.run(
            [sys.executable, "-c", "from adjudicate.cli import main; main()", *words],
            cwd=folder, env={**os.environ, "PORT": str(free_port()), **settings, **more},
            capture_output=True, text=True, check=False, timeout=SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        return "no end", (late.stderr or b"").decode().splitlines()
    return done.returncode, done.stderr.splitlines()


def assert_one_sentence(found: tuple[int | str, list[str]], says: str) -> None:
    code, lines = found
    assert code in {1, 2}, lines[-5:]
    assert len(lines) == 1, lines[-5:]
    assert re.search(says, lines[0]), lines
    assert "secret" not in lines[0]


WRONG = {
    "refused": (lambda url: make_url(url).set(port=1), "没有数据库服务器应答", "no database server answers"),
    "password": (lambda url: make_url(url).set(password="secret"), "密码不对", "password is wrong"),
    "database": (lambda url: make_url(url).set(database="nowhere"), "没有该数据库", "no such database"),
    "host": (lambda url: make_url(url).set(host="nowhere.invalid"), "找不到该主机", "host cannot be found"),
}
COMMANDS = (["serve"], ["worker"], ["migrate"], ["verify"], ["demo", "serve"], ["serve", "--processes", "2"])


@pytest.mark.finding("D10")
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_database_that_cannot_be_reached_is_one_sentence_of_every_command(
    postgresql_url: str, tmp_path: Path, words: list[str]
) -> None:
    url = WRONG["refused"][0](postgresql_url).render_as_string(hide_password=False)
    assert_one_sentence(command(tmp_path, url, *words, LC_ALL="zh_CN.UTF-8"), WRONG["refused"][1])


@pytest.mark.finding("D10")
@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_with_the_address_of_a_database_is_said_in_either_language(
    postgresql_url: str, tmp_path: Path, kind: str
) -> None:
    change, zh, en = WRONG[kind]
    url = change(postgresql_url).render_as_string(hide_password=False)
    assert_one_sentence(command(tmp_path, url, "migrate", LC_ALL="zh_CN.UTF-8"), zh)
    assert_one_sentence(command(tmp_path, url, "verify", "--lang", "en"), en)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("postgresql://u:secret@h:port/d", marks=pytest.mark.finding("D10")),
        "postgresql+nothing://u:secret@h/d",
    ],
)
def test_an_address_that_is_none_is_named_and_not_shown(tmp_path: Path, url: str) -> None:
    assert_one_sentence(command(tmp_path, url, "migrate"), "ADJUDICATE_DATABASE_URL")


@pytest.mark.finding("D10")
def test_a_file_that_cannot_be_opened_or_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("this is a letter and no database at all, however long one looks at it\n" * 99)
    beneath_a_file = f"sqlite:///{tmp_path}/file/below/adjudicate.db"
    a_folder, a_letter = f"sqlite:///{tmp_path}", f"sqlite:///{tmp_path}/file"
    assert_one_sentence(command(tmp_path, beneath_a_file, "serve", "--lang", "zh"), "文件夹")
    assert_one_sentence(command(tmp_path, a_folder, "migrate", LC_ALL="zh_CN.UTF-8"), "无权打开")
    assert_one_sentence(command(tmp_path, a_letter, "migrate", LC_ALL="en_US.UTF-8"), "no SQLite database")
    missing = f"sqlite:///{tmp_path}/missing.db"
    assert_one_sentence(command(tmp_path, missing, "verify", "--lang", "en"), "then run adjudicate migrate")
    assert not (tmp_path / "missing.db").exists()


@pytest.mark.finding("D10")
@pytest.mark.parametrize("words", [["serve"], ["serve", "--processes", "2"]], ids=" ".join)
def test_a_port_in_use_is_one_sentence(postgresql_url: str, tmp_path: Path, words: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_one_sentence(command(tmp_path, postgresql_url, *words, "--lang", "zh", PORT=port), "端口已被占用")


@pytest.mark.finding("D10")
def test_a_second_demo_on_the_same_port_leaves_the_database_of_the_first_alone(sqlite_url: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        found = command(tmp_path, "", "demo", "serve", "--lang", "en", PORT=port)
    assert_one_sentence(found, "port is in use")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.finding("D10")
def test_a_worker_asked_for_beside_several_processes_works(postgresql_url: str, tmp_path: Path) -> None:
    token_on(postgresql_url)
    with serving(postgresql_url, tmp_path, "--processes", "2", "--with-worker") as served:
        for _ in range(100):
            worker = served.get("/readyz").json().get("worker", {})
            if worker.get("state") == "alive":
                break
        assert worker.get("state") == "alive"
        assert served.stop() == 0
