"""The wheel, installed into an empty environment outside the checkout, works there with its law and its migrations."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tarfile
import time
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from adjudicate.definition.catalogue import load
from tests.acceptance.test_demo import free_port
from tests.architecture.sources import ROOT, tracked

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.xdist_group("wheel")

READY_SECONDS = 60
LEFT_BY_AN_EARLIER_BUILD = "build/lib/adjudicate/workflows/repealed/2001-01-01.yaml"


def pip(*words: str | Path) -> None:
    """Run pip with nothing of this machine's settings and without an index."""
    command = [sys.executable, "-m", "pip", "--isolated", "--quiet", "--disable-pip-version-check", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def built(source: Path, folder: Path) -> Path:
    """The wheel of a source tree or a source distribution."""
    pip("wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, source)
    (wheel,) = folder.glob("*.whl")
    return wheel


def files(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as opened:
        return set(opened.namelist())


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is under version control, copied, so that building leaves nothing in the checkout and finds nothing else."""
    folder = tmp_path_factory.mktemp("tree")
    for path in tracked():
        place = folder / path.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    leftover = folder / LEFT_BY_AN_EARLIER_BUILD
    leftover.parent.mkdir(parents=True)
    leftover.write_text("workflow: repealed\n")
    return folder


@pytest.fixture(scope="module")
def wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tree, tmp_path_factory.mktemp("dist"))


@dataclass(frozen=True)
class Installed:
    """The environment with the wheel, and an empty folder to run its command in."""

    program: Path
    folder: Path

    def environment(self, **settings: str) -> dict[str, str]:
        return {"PATH": os.defpath, "HOME": str(self.folder), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", **settings}

    def run(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        command = [self.program, *words]
        environment = self.environment(**settings)
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=120
        )

    @contextmanager
    def serving(self, *words: str, **settings: str) -> Iterator[httpx.Client]:
        """The command that serves, once /readyz answers; it must end when it is told to."""
        port = str(free_port())
        environment = self.environment(PORT=port, **settings)
        log = self.folder / "log"
        with log.open("wb") as out:
            process = subprocess.Popen([self.program, *words], cwd=self.folder, env=environment, stdout=out, stderr=out)
        with process, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            try:
                deadline = time.monotonic() + READY_SECONDS
                while not answers(client):
                    assert process.poll() is None, log.read_text()
                    assert time.monotonic() < deadline, log.read_text()
                    time.sleep(0.2)
                yield client
                process.send_signal(signal.SIGTERM)
                assert process.wait(timeout=30) in {0, -signal.SIGTERM}
            finally:
                process.kill()


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment with the wheel; its libraries are those of this one: nothing is fetched."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    pip("--python", python, "install", "--no-index", "--no-deps", wheel)
    places = {"base": str(environment), "platbase": str(environment)}
    libraries = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    # A path in a .pth file is searched last, and .pth files found there are not read: the checkout stays out of sight.
    Path(sysconfig.get_path("purelib", vars=places), "libraries.pth").write_text("\n".join(sorted(libraries)))
    located = subprocess.run(
        [python, "-c", "import adjudicate; print(adjudicate.__file__)"],
        cwd=environment, env={"PATH": os.defpath}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(located.stdout.strip()).is_relative_to(environment)
    return python.parent


@pytest.fixture
def installed(programs: Path, tmp_path: Path) -> Installed:
    return Installed(program=programs / "adjudicate", folder=tmp_path)


def test_the_wheel_holds_all_law_and_migrations_but_no_scenario_and_no_table_for_signature(wheel: Path) -> None:
    names = {path.relative_to(ROOT).as_posix() for path in tracked()}
    wanted = {
        f"adjudicate/{name}"
        for name in names
        if name.startswith(("workflows/", "migrations/")) and "/scenarios/" not in name and not name.endswith(".md")
    }
    assert len(wanted) > 40
    found = {name for name in files(wheel) if name.startswith(("adjudicate/workflows/", "adjudicate/migrations/"))}
    assert found == wanted
    assert {name.split("/")[0] for name in files(wheel)} == {
        "adjudicate",
        f"adjudicate-{version('adjudicate')}.dist-info",
    }


def test_a_wheel_built_from_the_source_distribution_holds_the_same_files(
    tree: Path, wheel: Path, tmp_path: Path
) -> None:
    code = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, tmp_path], cwd=tree, capture_output=True, check=True)
    (source,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(source) as opened:
        assert any(name.endswith("/setup.py") for name in opened.getnames())
    assert files(built(source, tmp_path / "wheel")) == files(wheel)


def test_the_installed_command_counts_a_period_with_the_packaged_calendars(installed: Installed) -> None:
    done = installed.run("due-date", "2026-02-10", "5 working_days")
    assert done.returncode == 0, done.stderr
    assert "2026-02-24" in done.stdout


def test_the_installed_check_without_a_folder_proves_the_packaged_law(installed: Installed) -> None:
    done = installed.run("check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "patent-adjudication/2025-02-01" in done.stdout


def broken_registers(report: str) -> set[str]:
    return set(re.findall(r"^(\w+\.yaml):\d+: ", report, re.MULTILINE))


def test_a_folder_of_workflows_that_lies_where_one_stands_does_not_become_the_law_and_a_named_one_does(
    installed: Installed,
) -> None:
    for folder, broken in (("workflows", "roles.yaml"), ("named", "instruments.yaml")):
        shutil.copytree(ROOT / "workflows", installed.folder / folder)
        (installed.folder / folder / broken).write_text("not closed: [")
    here = installed.run("check")
    assert (here.returncode, broken_registers(here.stdout)) == (0, set())
    named = installed.run("check", ADJUDICATE_WORKFLOWS="named")
    assert (named.returncode, broken_registers(named.stdout)) == (1, {"instruments.yaml"})


def test_the_installed_commands_migrate_and_verify_a_database_in_an_empty_folder(installed: Installed) -> None:
    unmigrated = installed.run("verify")
    assert unmigrated.returncode == 2
    for words in (("migrate",), ("migrate",), ("verify",)):
        done = installed.run(*words)
        assert done.returncode == 0, done.stderr
    assert (installed.folder / "var" / "adjudicate.db").exists()


def test_the_installed_service_serves_every_procedure_of_the_law(installed: Installed) -> None:
    with installed.serving("serve") as client:
        ready = client.get("/readyz").json()
    assert ready["status"] == "ready"
    assert ready["workflows"] == len(load(ROOT / "workflows").keys())


def test_the_installed_demo_office_opens_and_its_record_verifies(installed: Installed) -> None:
    with installed.serving("demo", "serve") as client:
        assert client.get("/v1/cases").status_code == 401
    done = installed.run("verify", ADJUDICATE_DATABASE_URL="sqlite:///./var/demo.db")
    assert done.returncode == 0, done.stdout + done.stderr
