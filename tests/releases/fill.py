"""`python -m tests.releases.fill CHECKOUT`: fills databases with a release, on both engines, and keeps them as files.

CHECKOUT is a clone of the release with an environment of its own in .venv. The release is used from outside alone, by
its command line and over HTTP, so that this works with any of them; of the present code only a client is used.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import yaml

from tests import postgres
from tests.api.harness import Api
from tests.databases import DIALECTS
from tests.releases import archive
from tests.releases.replay import Replay, replays
from tests.surroundings import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from tests.workflows.script import Event

HERE = Path(__file__).parent
RUN = "import sys; from adjudicate.cli import main; main(sys.argv[1:])"
# A machine that does much else takes minutes to read the law of a release.
READY_SECONDS = 300
DAYS_BETWEEN_WORK = 100
# The demo loads itself into an empty database alone, and it comes last: the sandbox's day never goes back.
LOAD_DEMO = """
import sys
from adjudicate.demo import loading
loading.has_case = lambda _tx: False
from adjudicate.cli import main
main(["demo", "load"])
"""


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def plan() -> dict[str, Any]:
    """What is to be filled in."""
    found: dict[str, Any] = yaml.safe_load((HERE / "cases.yaml").read_text(encoding="utf-8"))
    return found


@dataclass
class Release:
    """A release at work on one database, from outside."""

    checkout: Path
    url: str
    folder: Path
    port: int = 0
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of this process but where programs are."""
        return {
            "PATH": os.defpath,
            "HOME": str(self.folder),
            "PORT": str(self.port or 8000),
            "ADJUDICATE_SANDBOX": "1",
            "ADJUDICATE_DATABASE_URL": self.url,
            "ADJUDICATE_WORKFLOWS": str(self.checkout / "workflows"),
            "ADJUDICATE_DOCUMENTS": str(self.folder / "documents"),
        }

    def python(self, *words: str) -> str:
        """What a Python command of the release prints. Raises SystemExit with its own words."""
        command = [self.checkout / ".venv" / "bin" / "python", *words]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(map(str, words))}: {done.stdout}{done.stderr}")
        return done.stdout

    def adjudicate(self, *words: str) -> str:
        """What a command of the release prints."""
        return self.python("-c", RUN, *words)

    @contextlib.contextmanager
    def serving(self) -> Iterator[Api]:
        """The API of the release."""
        self.port = free_port()
        command = [self.checkout / ".venv" / "bin" / "python", "-c", RUN, "serve", "--without-worker"]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=log, stderr=log)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60) as client:
                self._wait(client, process)
                yield Api(client, None, self.tokens)  # type: ignore[arg-type] - any client, and no registry
        finally:
            process.terminate()
            process.wait(READY_SECONDS)

    def _wait(self, client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until and process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if client.get("/readyz").status_code == 200:
                    return
            time.sleep(0.1)
        raise SystemExit(f"the release does not serve: {(self.folder / 'log').read_text(errors='replace')[-2000:]}")


def furnish(release: Release, wanted: dict[str, Any]) -> None:
    """Offices, and in each one person who has every role that a person may have."""
    office = yaml.safe_load((release.checkout / "src/adjudicate/demo/data/office.yaml").read_text(encoding="utf-8"))
    register = yaml.safe_load((release.checkout / "workflows/roles.yaml").read_text(encoding="utf-8"))
    roles = [name for name, role in register.items() if role.get("kind") == "office"]
    for one in [*office["offices"], *wanted["offices"]]:
        names = {"--name-zh": one.get("name_zh") or one["name"], "--name-en": one.get("name_en") or one["code"]}
        given = {"--region": one["region"], **names, "--docket-name": one["docket_name"], "--level": one["level"]}
        above = one.get("parent") or one.get("under")
        given |= {"--under": above} if above else {}
        release.adjudicate("office", "add", one["code"], *[word for pair in given.items() for word in pair])
        actor = f"all-{one['code'].lower()}"
        each = [word for role in roles for word in ("--role", role)]
        release.adjudicate("actor", "add", actor, "--name", f"{one['code']}（虚构）", "--office", one["code"], *each)
        release.tokens[one["code"]] = release.adjudicate("token", "issue", actor).strip()


def live(release: Release, wanted: dict[str, Any]) -> None:
    """Record every case on its own days, with a worker now and then and a holiday notice on its day."""
    waiting: list[Replay] = replays(release.checkout / "workflows", wanted)
    planned = [(day, number, event) for number, one in enumerate(waiting) for day, event in one.schedule()]
    by_day: dict[date, list[tuple[Replay, Event]]] = {wanted["today"]: [], wanted["notice"]["loaded_on"]: []}
    for day, number, event in planned:
        by_day.setdefault(day, []).append((waiting[number], event))
    with release.serving() as api:
        worked = 0
        for day in sorted(by_day):
            api.today(day.isoformat())
            if day == wanted["notice"]["loaded_on"]:
                load_notice(release, wanted["notice"]["text"])
            if day.toordinal() - worked > DAYS_BETWEEN_WORK:
                release.adjudicate("worker", "--once")
                worked = day.toordinal()
            for replay, event in by_day[day]:
                replay.record(api, event)
        shared(api, [one.case_id for one in waiting if one.case_id and one.office == "HZ"])


def load_notice(release: Release, text: str) -> None:
    """Load a holiday notice by the command line, and say what it moved."""
    file = release.folder / "notice.yaml"
    file.write_text(text, encoding="utf-8")
    say(release.adjudicate("calendar", "load", str(file)).splitlines()[1])


def shared(api: Api, case_ids: list[str]) -> None:
    """Access for other offices: one that lasts, one that ended, one that begins later."""
    for case_id, body in zip(
        case_ids,
        (
            {"office": "WZ", "kind": "joint"},
            {"office": "GZ", "kind": "outside", "from_on": "2025-01-02", "until_on": "2025-02-03"},
            {"office": "ZJ", "kind": "approval", "from_on": "2030-01-02"},
        ),
        strict=False,
    ):
        answer = api.post(f"/v1/cases/{case_id}/grants", body, "HZ")
        assert answer.status_code == 201, answer.text


def survey(api: Api) -> tuple[Counter[str], list[str]]:
    """How many cases and deadlines there are of each kind, and which procedures and incidents have no open case."""
    counted: Counter[str] = Counter()
    lacking = {one["key"] for one in api.get("/v1/workflows", "CN").json()["data"]}
    for case in cases(api):
        counted[f"cases {'closed' if case['closed'] else 'open'}"] += 1
        for deadline in api.get(f"/v1/cases/{case['id']}/deadlines", "CN").json()["data"]:
            suspended = deadline["status"] == "running" and not deadline["due_on"]
            counted[f"deadlines {'suspended' if suspended else deadline['status']}"] += 1
        if not case["closed"]:
            threads = api.get(f"/v1/cases/{case['id']}", "CN").json()["threads"]
            lacking -= {case["workflow"], *(thread["incident"] for thread in threads if not thread["final"])}
    return counted, sorted(lacking)


def cases(api: Api) -> Iterator[dict[str, Any]]:
    """Every case that the national office sees, which is all of them."""
    path = "/v1/cases?limit=100"
    while True:
        page = api.get(path, "CN").json()
        yield from page["data"]
        cursor = page["page"]["next_cursor"]
        if not cursor:
            return
        path = f"/v1/cases?limit=100&cursor={cursor}"


def fill(checkout: Path, url: str, folder: Path) -> None:
    """Fill one empty database. Raises SystemExit if something wanted has no open case, or `verify` finds fault."""
    wanted = plan()
    release = Release(checkout, url, folder)
    (folder / "documents").mkdir()
    release.adjudicate("migrate")
    say(f"filling {url.partition(':')[0]} (some minutes)")
    furnish(release, wanted)
    live(release, wanted)
    release.python("-c", LOAD_DEMO)
    release.adjudicate("worker", "--once")
    with release.serving() as api:
        counted, lacking = survey(api)
    release.adjudicate("verify")
    say("; ".join(f"{name}: {number}" for name, number in sorted(counted.items())))
    if lacking:
        raise SystemExit(f"no open case of {', '.join(lacking)}")


@contextlib.contextmanager
def database(dialect: str, folder: Path) -> Iterator[tuple[str, Any]]:
    """An empty database, and what dumps it."""
    if dialect == "sqlite":
        url = f"sqlite:///{folder / 'filled.db'}"
        yield url, lambda: archive.sqlite_dump(url)
        return
    server = postgres.start()
    try:
        plain_url = server.url.replace("+psycopg", "", 1)
        with psycopg.connect(plain_url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE filled TEMPLATE template0 ENCODING 'UTF8'")
        url = f"{server.url.rpartition('/')[0]}/filled"
        yield url, lambda: postgres_dump(url.replace("+psycopg", "", 1))
    finally:
        server.stop()


def postgres_dump(url: str) -> str:
    """A PostgreSQL database as SQL that any client can send."""
    with tempfile.TemporaryDirectory() as folder:
        program = postgres.binaries("any", Path(folder), postgres.account()) / "pg_dump"
        options = ["--inserts", "--rows-per-insert=50", "--no-owner", "--no-privileges", "--no-comments"]
        done = subprocess.run([program, *options, url], check=True, capture_output=True, text=True)
    return archive.portable(done.stdout)


def main() -> None:
    """Read the command line, fill both engines and keep the results."""
    parser = argparse.ArgumentParser(prog="python -m tests.releases.fill", description=__doc__.partition("\n")[0])
    parser.add_argument("checkout", type=Path, help="a clone of the release with its own .venv")
    checkout: Path = parser.parse_args().checkout.resolve()
    commit = subprocess.run(
        ["git", "-C", checkout, "rev-parse", "--short=7", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    for dialect in DIALECTS:
        with tempfile.TemporaryDirectory() as place, database(dialect, Path(place)) as (url, dump):
            fill(checkout, url, Path(place))
            path = archive.path_of(commit, dialect)
            archive.write(path, dump(), Path(place) / "documents")
            say(f"{path.relative_to(Path.cwd())}: {path.stat().st_size // 1024} kB")


if __name__ == "__main__":
    sys.exit(main())
