"""The commands of the image, run in an empty folder; the image itself is built by `tools/build-image`."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.architecture.sources import ROOT, tracked
from tests.surroundings import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

READY_SECONDS = 60
SECRET = re.compile(r"--mount=type=secret,\S+ ")
# Making a user needs root, and the folder it makes is the image's; the commands themselves run as whoever tests.
NEEDS_A_CONTAINER = ("useradd",)


@dataclass
class Stage:
    """One build stage: its instructions in order, each as (word, rest)."""

    base: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def last(self, word: str) -> str:
        return [rest for name, rest in self.instructions if name == word][-1]


def instructions() -> list[tuple[str, str]]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest) for word, rest in (line.split(maxsplit=1) for line in lines)]


def stages() -> list[Stage]:
    found: list[Stage] = []
    for word, rest in instructions():
        if word == "FROM":
            found.append(Stage(rest.split()[0]))
        elif found:
            found[-1].instructions.append((word, rest))
    return found


def allowed_into_the_image(path: str) -> bool:
    """Whether .dockerignore lets a file into the build: the last pattern that matches it or a folder above decides."""
    parts = path.split("/")
    steps = ["/".join(parts[: end + 1]) for end in range(len(parts))]
    allowed = True
    for line in (ROOT / ".dockerignore").read_text().split():
        pattern = line.removeprefix("!")
        names = [(step, pattern.removeprefix("**/")) for step in (parts if pattern.startswith("**/") else steps)]
        if any(fnmatch(name, wanted) for name, wanted in names):
            allowed = line.startswith("!")
    return allowed


def context() -> dict[str, Path]:
    files = {path.relative_to(ROOT).as_posix(): path for path in tracked()}
    return {name: path for name, path in files.items() if allowed_into_the_image(name)}


def copy(arguments: str, app: Path) -> None:
    *sources, target = arguments.split()
    for source in sources:
        found = {name: path for name, path in context().items() if name == source or name.startswith(f"{source}/")}
        assert found, f"COPY {source}: no such file in the build"
        for name, path in found.items():
            inside = name.removeprefix(source).lstrip("/")
            place = app / target / (inside or Path(name).name) if target.endswith("/") else app / target / inside
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)


def build(app: Path, programs: Path) -> None:
    """Carry out the first stage in `app`, with this interpreter for the base image's, and keep what the last one takes.

    Secrets are not given here: what the machine needs to reach its packages stands in its environment.
    """
    programs.mkdir()
    python = programs / "python"
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    environment = {"PATH": f"{programs}:{os.defpath}", "HOME": str(app), **package_settings()}
    for word, rest in stages()[0].instructions:
        if word == "COPY":
            copy(rest, app)
        elif word == "RUN":
            command = SECRET.sub("", rest)
            done = subprocess.run(
                command, shell=True, cwd=app, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, f"RUN {rest}: {done.stderr[-3000:]}"
        else:
            assert word == "ARG" or (word, rest) == ("WORKDIR", "/app")
    for path in app.iterdir():
        if f"/app/{path.name}" not in taken_over():
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def taken_over() -> list[str]:
    """What the last stage takes from the first, each to the same place."""
    copied = [rest.split() for word, rest in stages()[-1].instructions if word == "COPY"]
    assert all((source, here) == ("--from=build", there) for source, here, there in copied)
    return [here for _, here, _ in copied]


def package_settings() -> dict[str, str]:
    """What this machine needs to reach its packages at all; a build machine has its own."""
    wanted = (
        "PIP_",
        "SSL_",
        "REQUESTS_",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "no_proxy",
    )
    return {name: value for name, value in os.environ.items() if name.startswith(wanted)}


def surroundings(app: Path, data: Path) -> dict[str, str]:
    """The last stage's ENV, with the image's two folders in their places here."""
    stated = dict(rest.split("=", 1) for word, rest in stages()[-1].instructions if word == "ENV")
    places = {name: value.replace("/data", str(data)).replace("/app", str(app)) for name, value in stated.items()}
    return {**places, "PORT": str(free_port()), "HOME": str(data)}


@contextlib.contextmanager
def started(command: list[str], app: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    log = app.parent / "log"
    with log.open("wb") as output:
        program = shutil.which(command[0], path=environment["PATH"])
        assert program, f"{command[0]} is not in the image"
        process = subprocess.Popen([program, *command[1:]], cwd=app, env=environment, stdout=output, stderr=output)
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def healthy(environment: dict[str, str]) -> bool:
    check = json.loads(stages()[-1].last("HEALTHCHECK").split("CMD", 1)[1])
    program = shutil.which(check[0], path=environment["PATH"])
    assert program
    return subprocess.run([program, *check[1:]], env=environment, capture_output=True, check=False).returncode == 0


def test_the_image_runs_as_an_ordinary_user_with_a_health_check() -> None:
    last = stages()[-1]
    assert last.last("USER") not in {"root", "0"}
    assert "/readyz" in last.last("HEALTHCHECK")
    assert instructions()[0] == ("ARG", "BASE=python:3.11-slim")
    assert [stage.base for stage in stages()] == ["${BASE}", "${BASE}"]
    unknown = [rest for word, rest in last.instructions if word == "RUN" and not rest.startswith(NEEDS_A_CONTAINER)]
    assert unknown == []


def test_the_image_holds_the_product_and_not_its_tests() -> None:
    assert {"pyproject.toml", "setup.py", "requirements/runtime.txt"} <= set(context())
    assert [name for name in context() if name.startswith(("tests/", "requirements/dev", ".git", ".ci"))] == []


def test_where_packages_come_from_is_known_to_the_first_stage_alone_and_passwords_only_as_secrets() -> None:
    first, last = stages()
    assert {rest for word, rest in first.instructions if word == "ARG"} == {"PIP_INDEX_URL", "INSTALL_OPTIONS"}
    assert {found for word, rest in first.instructions if word == "RUN" for found in SECRET.findall(rest)} == {
        "--mount=type=secret,id=netrc ",
        "--mount=type=secret,id=ca ",
    }
    assert {word for word, _ in last.instructions}.isdisjoint({"ARG", "ADD"})
    assert [rest for word, rest in last.instructions if word == "RUN" and "--mount" in rest] == []
    assert taken_over() == ["/app/.venv"]


@pytest.mark.slow
@pytest.mark.xdist_group("image")
def test_the_commands_of_the_image_install_and_serve_in_an_empty_folder(tmp_path: Path) -> None:
    app, data, programs = tmp_path / "app", tmp_path / "data", tmp_path / "programs"
    app.mkdir()
    data.mkdir()
    build(app, programs)
    shutil.rmtree(programs)
    assert [path.name for path in app.iterdir()] == [".venv"]
    environment = surroundings(app, data)
    with started(["adjudicate", "migrate"], app, environment) as migration:
        assert migration.wait(READY_SECONDS) == 0, (tmp_path / "log").read_text(errors="replace")[-3000:]
    with started(json.loads(stages()[-1].last("CMD")), app, environment) as server:
        deadline = time.monotonic() + READY_SECONDS
        while not healthy(environment):
            log = (tmp_path / "log").read_text(errors="replace")[-3000:]
            assert server.poll() is None, f"the server ended with {server.returncode}: {log}"
            assert time.monotonic() < deadline, f"not ready in time: {log}"
            time.sleep(0.3)
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) in {0, -signal.SIGTERM}
    assert [path.name for path in tmp_path.iterdir() if path.name not in {"app", "data", "log"}] == []
