"""Builds the image and tries it on SQLite and on PostgreSQL, with buildah alone; it is no test and changes no file.

Without `--base` the base comes from debootstrap, so that no registry is needed. The packages are fetched by this
machine's own pip, from its index and with its certificates; the build gets them from an index on the loopback that asks
for a password and shows a certificate of its own, so that the image is built as in an office with such an index.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from package_index import HOST, served

from tests import postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

    from package_index import Index

ROOT = Path(__file__).resolve().parents[1]
SUITE = "bookworm"
# Debian's own name for "python" and the venv module; Python there is the 3.11 that the locks are made for.
PACKAGES = "python3,python3-venv,python-is-python3"
BASE, IMAGE = "localhost/adjudicate-base", "localhost/adjudicate"
SQLITE = "sqlite:////data/adjudicate.db"
READY_SECONDS = 60
STOP_SECONDS = 20
OFFICE = "office add HZ --region 330100 --name-zh 杭州 --name-en Hangzhou --docket-name 杭 --level city"
ACTOR = "actor add li --name 李 --office HZ --role case_officer"


class Failed(Exception):
    """Something did not do what it should; the message says what and ends with the last lines it printed."""


def say(text: str) -> None:
    """Tell what is done, with the seconds since the start."""
    print(f"[{time.monotonic() - STARTED:5.0f} s] {text}")


def call(*words: str) -> str:
    """Run a command and return what it printed. Raises Failed."""
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"{shlex.join(words)}: ended with {done.returncode}\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


@dataclass(frozen=True)
class Buildah:
    """Buildah with its storage in the folder of this run, so that it leaves nothing on the machine."""

    folder: Path

    def command(self, *words: str) -> list[str]:
        places = ["--root", str(self.folder / "storage"), "--runroot", str(self.folder / "run")]
        return ["buildah", *places, "--storage-driver", "vfs", *words]

    def __call__(self, *words: str) -> str:
        return call(*self.command(*words)).strip()

    def inspect(self, image: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self("inspect", "--type", "image", image))
        return found

    def size(self, image: str) -> str:
        return self("images", "--format", "{{.Size}}", image)


def debian_base(buildah: Buildah, mirror: str | None) -> str:
    """The smallest Debian with Python, as an image."""
    container = buildah("from", "scratch")
    root = Path(buildah("mount", container))
    choice = ["--variant=minbase", f"--include={PACKAGES}", SUITE]
    say(f"debootstrap {shlex.join(choice)}")
    call("debootstrap", *choice, str(root), *([mirror] if mirror else []))
    for left in (*root.glob("var/cache/apt/archives/*.deb"), *root.glob("var/lib/apt/lists/*_*")):
        left.unlink()
    buildah("commit", "--quiet", "--rm", container, BASE)
    say(f"the base has {buildah.size(BASE)}")
    return BASE


def fetched(folder: Path) -> Path:
    """The locked packages, fetched with this machine's settings of pip."""
    wheels = folder / "wheels"
    say("pip download, with this machine's own index and certificates")
    lock = ["--require-hashes", "--requirement", "requirements/runtime.txt"]
    call(sys.executable, "-m", "pip", "download", "--only-binary", ":all:", *lock, "--dest", str(wheels))
    say(f"{len(list(wheels.iterdir()))} packages")
    return wheels


def build(buildah: Buildah, base: str, index: Index) -> None:
    """Build the image as its Dockerfile says, from the index alone."""
    arguments = {"BASE": base, "PIP_INDEX_URL": index.url, "INSTALL_OPTIONS": "--no-input --progress-bar=off"}
    given = [part for name, value in arguments.items() for part in ("--build-arg", f"{name}={value}")]
    hidden = ["--secret", f"id=netrc,src={index.netrc}", "--secret", f"id=ca,src={index.certificate}"]
    pull = ["--pull-never"] if base == BASE else []
    # Only Docker's own format knows health checks; a proxy does not lead to the loopback.
    how = [*pull, "--isolation", "chroot", "--format", "docker", "--http-proxy=false"]
    say(f"buildah bud {shlex.join([*how, *given, '--secret', 'id=netrc,…', '--secret', 'id=ca,…'])}")
    buildah("bud", *how, *given, *hidden, "--tag", IMAGE, str(ROOT))
    say(f"the image has {buildah.size(IMAGE)}")


def hold_nothing_of(buildah: Buildah, index: Index) -> None:
    """Look for the index, its password and its certificate in the image. Raises Failed."""
    certified = index.certificate.read_text().splitlines()[1]
    told = json.dumps(buildah.inspect(IMAGE))
    container = buildah("from", "--pull-never", IMAGE)
    root = buildah("mount", container)
    for what, text in (("index", index.url), ("password", index.password), ("certificate", certified)):
        found = subprocess.run(["grep", "-rlsF", "-e", text, root], capture_output=True, text=True, check=False)
        if text in told or found.stdout:
            raise Failed(f"the image still holds the {what} it was built with: {found.stdout or 'in its history'}")
    buildah("rm", container)
    say("neither the index nor its password nor its certificate is in the image or its history")


@dataclass(frozen=True)
class Container:
    """One container of the image: a root of its own, the network of the machine, the image's user and settings."""

    buildah: Buildah
    name: str
    settings: dict[str, str]

    def command(self, *words: str) -> list[str]:
        changed = [part for name, value in self.settings.items() for part in ("--env", f"{name}={value}")]
        return self.buildah.command("run", "--isolation", "chroot", *changed, self.name, "--", *words)

    def run(self, *words: str) -> str:
        """Run a command to its end. Raises Failed."""
        return call(*self.command(*words)).strip()

    @contextmanager
    def running(self, words: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
        """Run a command beside the block, and tell it to stop at its end. Raises Failed if it has to be killed."""
        with log.open("wb") as out, subprocess.Popen(self.command(*words), stdout=out, stderr=out) as process:
            try:
                yield process
                # Buildah does not pass a signal on; it kills.
                os.kill(innermost(process.pid), signal.SIGTERM)
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired as error:
                raise Failed(f"{shlex.join(words)} did not stop in {STOP_SECONDS} s") from error
            finally:
                process.kill()


def innermost(pid: int) -> int:
    """The last of the processes that one started, each the child of the one before."""
    children = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(place.read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
        children[parent] = int(place.parent.name)
    while pid in children:
        pid = children[pid]
    return pid


def answered(address: str, token: str = "") -> tuple[int, str]:
    """The status and the body of a GET; no proxy is asked."""
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def free_port() -> str:
    """A port of the loopback on which nobody answers yet."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return str(probe.getsockname()[1])


def expect(what: str, found: tuple[int, str], status: int, holds: str = "") -> None:
    """Tell an answer. Raises Failed when it is another than it should be."""
    say(f"{what}: {found[0]} {found[1][:120]}")
    if found[0] != status or holds not in found[1]:
        raise Failed(f"{what}: {status} {holds} was expected")


def wait_until_healthy(container: Container, check: list[str], process: subprocess.Popen[bytes], log: Path) -> None:
    """Ask the image's own health check until it is content. Raises Failed."""
    deadline = time.monotonic() + READY_SECONDS
    while subprocess.run(container.command(*check), capture_output=True, check=False).returncode:
        if process.poll() is not None or time.monotonic() > deadline:
            raise Failed(f"the image's command is not ready: {log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.5)


def try_on(buildah: Buildah, kind: str, database_url: str) -> None:
    """Run the image's command on a database, and ask whether it is ready and for a list of cases. Raises Failed."""
    config = buildah.inspect(IMAGE)["Docker"]["config"]
    port = free_port()
    changed = {"PORT": port, "ADJUDICATE_HOST": HOST, "ADJUDICATE_DATABASE_URL": database_url}
    container = Container(buildah, buildah("from", "--pull-never", IMAGE), changed)
    say(f"{kind}: as user {container.run('id', '-u')}: adjudicate migrate, office add, actor add, token issue")
    if container.run("id", "-u") != config["User"]:
        raise Failed("the image does not run as its user")
    for words in ("migrate", OFFICE, ACTOR):
        container.run("adjudicate", *words.split())
    token = container.run("adjudicate", "token", "issue", "li")
    log = buildah.folder / f"{kind}.log"
    say(f"{kind}: {shlex.join(config['Cmd'])}")
    with container.running(config["Cmd"], log) as process:
        wait_until_healthy(container, config["Healthcheck"]["Test"][1:], process, log)
        address = f"http://{HOST}:{port}"
        expect(f"{kind}: GET /readyz", answered(f"{address}/readyz"), 200, '"ready"')
        expect(f"{kind}: GET /v1/cases without a token", answered(f"{address}/v1/cases"), 401)
        expect(f"{kind}: GET /v1/cases with a token", answered(f"{address}/v1/cases", token), 200, '"data"')
    container.run("adjudicate", "verify")
    say(f"{kind}: stopped when told to; adjudicate verify found nothing")
    buildah("rm", container.name)


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder for everything that is made here, removed at the end with whatever is still mounted in it."""
    folder = Path(tempfile.mkdtemp(prefix="adjudicate-image-"))
    try:
        yield folder
    finally:
        mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        for mount in reversed([each for each in mounts if Path(each).is_relative_to(folder)]):
            call("umount", mount)
        shutil.rmtree(folder)


def chosen() -> argparse.Namespace:
    """What the command line says; ends the program where something that is needed is missing."""
    parser = argparse.ArgumentParser(prog="tools/build-image", description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--base", metavar="IMAGE", help="an image with Python 3.11, where a registry is reachable")
    parser.add_argument("--mirror", metavar="URL", help="the Debian mirror for debootstrap")
    parser.add_argument("--database-url", metavar="URL", help="an empty PostgreSQL database; else a server is started")
    options = parser.parse_args()
    if os.geteuid() != 0:
        parser.error("only root can make a root directory for the image")
    needed = ["buildah", "openssl", *([] if options.base else ["debootstrap"])]
    missing = [name for name in needed if shutil.which(name) is None]
    if missing:
        parser.error(f"not installed: {', '.join(missing)}")
    return options


def main() -> None:
    """Build, look, try; leave nothing behind."""
    options = chosen()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with ExitStack() as stack:
        folder = stack.enter_context(workshop())
        buildah = Buildah(folder)
        base = options.base or debian_base(buildah, options.mirror)
        index = stack.enter_context(served(fetched(folder), folder))
        build(buildah, base, index)
        hold_nothing_of(buildah, index)
        try_on(buildah, "SQLite", SQLITE)
        url = options.database_url
        if url is None:
            server = postgres.start()
            stack.callback(server.stop)
            url = server.url
        try_on(buildah, "PostgreSQL", url)
        say(f"done: the image has {buildah.size(IMAGE)}")


if __name__ == "__main__":
    STARTED = time.monotonic()
    try:
        main()
    except Failed as failure:
        sys.exit(f"FAILED: {failure}")
