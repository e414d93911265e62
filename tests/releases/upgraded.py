"""A database that a former release filled, restored and upgraded by the command line, and what is then done with it."""

from __future__ import annotations

import itertools
from contextlib import closing, contextmanager
from threading import Event
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner
from starlette.testclient import TestClient

from adjudicate.api.app import create_app
from adjudicate.cases.registry import Registry
from adjudicate.cli import main
from adjudicate.settings import Settings
from adjudicate.worker import serve
from tests.api.harness import Api
from tests.releases import archive
from tests.releases.acts import Continuation, Facts
from tests.releases.fill import cases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The person of each office who has every role, by the office's code.
OFFICES = ("CN", "ZJ", "HZ", "WZ", "GD", "GZ", "SD", "QD", "JS", "NJ")


class UntilIdle(Event):
    """Lets a worker go on until it finds nothing to do."""

    def wait(self, timeout: float | None = None) -> bool:
        """The worker rests: it is done."""
        self.set()
        return True


class Upgraded:
    """A restored database with what is done to it by the command line."""

    def __init__(self, url: str, documents: Path) -> None:
        self.environment = {
            "ADJUDICATE_DATABASE_URL": url,
            "ADJUDICATE_SANDBOX": "1",
            "ADJUDICATE_DOCUMENTS": str(documents),
        }
        self.settings = Settings(database_url=url, sandbox=True, documents=documents)

    @classmethod
    def restored(cls, release: str, dialect: str, url: str, folder: Path) -> Upgraded:
        """What the release filled, as it left it."""
        archive.restore(archive.path_of(release, dialect), url, folder)
        return cls(url, folder)

    def adjudicate(self, *words: str, exit_code: int = 0) -> str:
        """What a command prints; it must not fail, or as expected."""
        done = CliRunner().invoke(main, words, env=self.environment)
        assert done.exit_code == exit_code, f"{words}: {done.output}"
        return done.stdout

    @contextmanager
    def api(self) -> Iterator[Api]:
        """The application over it, with a new token for each office."""
        tokens = {code: self.adjudicate("token", "issue", f"all-{code.lower()}").strip() for code in OFFICES}
        with (
            closing(Registry.start(self.settings)) as registry,
            TestClient(create_app(registry=registry), raise_server_exceptions=False) as client,
        ):
            # Keys of its own: those of the release before stand in the database.
            yield Api(client, registry, tokens, keys=itertools.count(10**9))

    def goes_on(self) -> None:
        """A worker does what is due, every open case takes one more act, and nothing is found afterwards."""
        with self.api() as api:
            serve(api.registry, UntilIdle())
            stuck, taken = one_more_act_each(api)
        assert stuck == []
        assert taken > 100
        self.adjudicate("verify")


def one_more_act_each(api: Api) -> tuple[list[Any], int]:
    """The open cases for which nothing lawful was found, each with where it stands; and how many took an act."""
    today = api.get("/v1/sandbox/today", "CN").json()["today"]
    facts, stuck, taken = Facts(api, "CN"), [], 0
    for case in list(cases(api)):
        if case["closed"]:
            continue
        event = Continuation(facts, case["office"], case["id"], today).take()
        if event is None:
            stuck.append((case["id"], case["workflow"], case["stage"]["state"]))
        else:
            taken += 1
    return stuck, taken
