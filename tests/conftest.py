"""What every test may ask for: a fresh database on either engine; no ambient settings, no outside hosts."""

from __future__ import annotations

import ipaddress
import logging
import os
import shutil
import socket
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from tests import file_times, postgres
from tests.databases import DIALECTS, Databases, with_psycopg
from tests.surroundings import SOAKING

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN_DIR = pytest.StashKey[Path]()
OWNER = pytest.StashKey[int]()

# A setting left in the developer's shell must not decide what a test sees.
for _name in [name for name in os.environ if name.startswith("ADJUDICATE_") and name != "ADJUDICATE_SOAK"]:
    del os.environ[_name]

_slow_machine = [HealthCheck.too_slow]
settings.register_profile("test", derandomize=True, deadline=None, database=None, suppress_health_check=_slow_machine)
settings.register_profile("soak", deadline=None, database=None, print_blob=True, suppress_health_check=_slow_machine)
settings.load_profile("soak" if SOAKING else "test")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(file_times)
    if not hasattr(config, "workerinput"):
        config.stash[RUN_DIR] = Path(tempfile.mkdtemp(prefix="adjudicate-tests-"))
        config.stash[OWNER] = os.getpid()
    else:
        config.stash[RUN_DIR] = Path(config.workerinput["adjudicate_run_dir"])
        config.stash[OWNER] = config.workerinput["adjudicate_owner"]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["adjudicate_run_dir"] = str(node.config.stash[RUN_DIR])
    node.workerinput["adjudicate_owner"] = node.config.stash[OWNER]


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and RUN_DIR in config.stash:
        postgres.stop_shared(config.stash[RUN_DIR])


@pytest.fixture(autouse=True)
def levels_of_logging_stay() -> Iterator[None]:
    """Put back what a command that runs in this process sets for its own: the demo's worker speaks of warnings only."""
    worker = logging.getLogger("adjudicate.worker")
    before = worker.level
    yield
    worker.setLevel(before)


@pytest.fixture(scope="session", autouse=True)
def only_this_machine_is_reachable() -> Iterator[None]:
    """Refuse, in this process, connections to anything but a local socket or a loopback address."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            host = address[0]
            if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                pytest.fail(f"a test tried to reach {host}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(scope="session")
def postgres_url(pytestconfig: pytest.Config) -> str:
    """A real server's maintenance database (TEST_DATABASE_URL, or one started here); its role may create others."""
    given = os.environ.get("TEST_DATABASE_URL")
    return with_psycopg(given) if given else postgres.shared_url(pytestconfig.stash[RUN_DIR], pytestconfig.stash[OWNER])


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """The maker of databases: `databases.create("sqlite")`, `databases.create("postgresql", migrated=False)`."""

    def migrate(url: str) -> None:
        from adjudicate.db import migrate as migrate_to_newest

        migrate_to_newest(url)

    folder = Path(tempfile.mkdtemp(prefix="sqlite-", dir=request.config.stash[RUN_DIR]))
    # Remembered, because at the end of the session the fixture can no longer be asked for.
    server = cache(lambda: str(request.getfixturevalue("postgres_url")))
    made = Databases(folder=folder, server=server, migrate=migrate)
    yield made
    made.close()
    shutil.rmtree(folder)


@pytest.fixture(params=DIALECTS)
def database_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """A fresh, migrated database of the test's own, once on each engine."""
    url = databases.create(request.param)
    yield url
    databases.drop(url)


@pytest.fixture(scope="module", params=DIALECTS)
def module_database_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """A fresh, migrated database shared by the tests of one module, once on each engine."""
    url = databases.create(request.param)
    yield url
    databases.drop(url)


@pytest.fixture
def sqlite_url(databases: Databases) -> Iterator[str]:
    """A fresh, migrated SQLite database of the test's own."""
    url = databases.create("sqlite")
    yield url
    databases.drop(url)


@pytest.fixture
def postgresql_url(databases: Databases) -> Iterator[str]:
    """A fresh, migrated PostgreSQL database of the test's own."""
    url = databases.create("postgresql")
    yield url
    databases.drop(url)
