"""Starts the contenders, drives them in turn and keeps what each reached; it draws no conclusion."""

from __future__ import annotations

import contextlib
import json
import pickle
import socket
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Any

from benchmarks.office import ROOT, prepare
from benchmarks.rehearsal import rehearse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.office import BenchOffice
    from benchmarks.template import Template

CLIENTS = 16
START_SECONDS = 60
# Cases for a second of the first round, more than any contender can use up; later rounds go by what it reached before.
CASES_A_SECOND = 1500
RESERVE = 2.5
LEAST = 150


@dataclass
class Contender:
    """Something that records events, and what it reached in each round: events a second."""

    name: str
    run: Callable[[float, float], dict[str, float]]
    rounds: list[dict[str, float]] = field(default_factory=list)


@dataclass
class Numbers:
    """Hands out the numbers of copied cases, each once."""

    next: int = 1

    def take(self, count: int) -> int:
        """The first of `count` numbers."""
        first, self.next = self.next, self.next + count
        return first


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def served(kind: str, url: str, template: Path, *, processes: int, profile: Path | None = None) -> Iterator[list[int]]:
    """A contender's processes, each on a port of its own so that clients are spread evenly."""
    ports = [_free_port() for _ in range(processes)]
    extra = [] if profile is None else [str(profile)]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.serve", kind, url, str(template), str(port), *extra], cwd=ROOT
        )
        for port in ports
    ]
    try:
        for port, process in zip(ports, running, strict=True):
            _wait_for(port, process)
        yield ports
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(30)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"a contender ended with {process.returncode} before it served")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError("a contender did not start in time")


@dataclass(frozen=True)
class Laid:
    """A prepared database with what a rehearsal wrote there, also kept in a file for the contenders' processes."""

    office: BenchOffice
    template: Template
    kept: Path
    numbers: Numbers


def lay(url: str, folder: Path) -> Laid:
    """Prepare an empty database and rehearse the measured steps in it."""
    office = prepare(url)
    template = rehearse(office)
    kept = folder / f"{uuid.uuid4().hex}.template"
    kept.write_bytes(pickle.dumps(template))
    return Laid(office, template, kept, Numbers())


def driven(ports: list[int], laid: Laid) -> Callable[[float, float], dict[str, float]]:
    """One round against these ports, on fresh copies of the case."""
    office, template, numbers = laid.office, laid.template, laid.numbers
    reached: list[float] = []

    def run(seconds: float, warmup: float) -> dict[str, float]:
        cases = (
            int(max([LEAST, *reached] if reached else [CASES_A_SECOND]) * (seconds + warmup) / CLIENTS + 20) * CLIENTS
        )
        first = numbers.take(cases)
        office.copy(first, cases)
        office.tidy()
        spec = {
            "ports": ports,
            "clients": CLIENTS,
            "token": office.token,
            "first": first,
            "cases": cases,
            "steps": [{"version": step.version, "body": step.body} for step in template.steps],
            "seconds": seconds,
            "warmup": warmup,
        }
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.load"],
            input=json.dumps(spec),
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"the load generator failed: {done.stderr[-3000:]}")
        result = json.loads(done.stdout)
        reached.append(RESERVE * len(result["latencies"]) / result["seconds"] / len(template.steps))
        return _figures(result["latencies"], result["seconds"])

    return run


def _figures(latencies: list[float], seconds: float) -> dict[str, float]:
    cuts = quantiles(latencies, n=100)
    return {"rate": len(latencies) / seconds, "p50_ms": cuts[49] * 1000, "p99_ms": cuts[98] * 1000}


def compete(
    contenders: list[Contender], *, rounds: int, seconds: float, warmup: float, tell: Callable[[str], None]
) -> None:
    """Let the contenders take turns: A B C A B C …, so that a slower minute of the machine falls on all of them."""
    for number in range(rounds):
        for contender in contenders:
            figures = contender.run(seconds, warmup)
            contender.rounds.append(figures)
            tell(f"round {number + 1}/{rounds} {contender.name}: {figures['rate']:.0f}/s")


def as_results(contenders: list[Contender]) -> dict[str, list[dict[str, Any]]]:
    """What was reached, by contender."""
    return {contender.name: contender.rounds for contender in contenders}
