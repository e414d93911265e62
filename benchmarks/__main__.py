"""`python -m benchmarks [--quick] [--profile] [--administering]`: measures everything in one run, as ratios."""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import make_url

from benchmarks import decisions, growth, pgbench, report, rounds
from benchmarks.administering import administering
from benchmarks.office import CLERK, OFFICE, prepare
from benchmarks.profiling import summary
from tests import postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

RESULTS = Path(__file__).with_name("results.json")
PROCESSES = {"PostgreSQL": 2, "SQLite": 1}


@dataclass(frozen=True)
class Plan:
    """How long everything is measured."""

    rounds: int
    seconds: float
    warmup: float
    decision_rounds: int
    decision_seconds: float
    samples: int
    sizes: tuple[int, ...]


FULL = Plan(6, 3.0, 1.0, 5, 0.8, 200, (10_000, 100_000))
QUICK = Plan(2, 1.5, 0.7, 2, 0.2, 40, (1_000, 10_000))


def tell(text: str) -> None:
    """Say how far it has got, beside the table."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, list[str]]]:
    """Empty databases: on PostgreSQL one for recording and one for growth, on SQLite one for each contender."""
    server = postgres.start(durable=True)
    try:
        address = make_url(server.url)
        with psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True) as connection:
            for name in ("recording", "growing"):
                connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        urls = [address.set(database=name).render_as_string(hide_password=False) for name in ("recording", "growing")]
        files = [f"sqlite:///{folder / name}.db" for name in ("real", "bare", "orm")]
        yield {"PostgreSQL": urls, "SQLite": files}
    finally:
        server.stop()


def contest(title: str, urls: list[str], plan: Plan, folder: Path, *, beside: bool = False) -> dict[str, Any]:
    """The handlers side by side on one kind of database, on request with administration `beside` them."""
    contenders: list[rounds.Contender] = []
    laid: dict[str, rounds.Laid] = {}
    with ExitStack() as stack:
        for kind, url in zip(("real", "bare", "orm"), urls, strict=True):
            if url not in laid:
                laid[url] = rounds.lay(url, folder)
                stack.callback(laid[url].office.registry.close)
            ports = stack.enter_context(rounds.served(kind, url, laid[url].kept, processes=PROCESSES[title]))
            contenders.append(rounds.Contender(kind, rounds.driven(ports, laid[url])))
        if title == "PostgreSQL" and pgbench.program():
            contenders.append(rounds.Contender("pgbench", pgbench.round_of(laid[urls[0]], folder)))
        elif title == "PostgreSQL":
            tell("pgbench is not on this machine: its line is left out")
        if beside:
            registry = laid[urls[0]].office.registry
            changes = stack.enter_context(administering(registry, OFFICE, sorted(CLERK.roles)[0]))
            stack.callback(lambda: tell(f"{title}: {changes[0]} changes of the register beside"))
        rounds.compete(contenders, rounds=plan.rounds, seconds=plan.seconds, warmup=plan.warmup, tell=tell)
    return rounds.as_results(contenders)


def profile(url: str, folder: Path) -> None:
    """Print where the product's time goes under the same load."""
    laid = rounds.lay(url, folder)
    path = folder / "profile"
    with rounds.served("real", url, laid.kept, processes=1, profile=path) as ports:
        figures = rounds.driven(ports, laid)(5.0, 1.0)
    print(summary(path, round(figures["rate"] * 6)))
    laid.office.registry.close()


def measure(plan: Plan, folder: Path, *, beside: bool = False) -> dict[str, Any]:
    """Everything, one after the other."""
    with databases(folder) as urls:
        handling = urls["PostgreSQL"][0]
        http = {"PostgreSQL": contest("PostgreSQL", [handling] * 3, plan, folder, beside=beside)}
        http["SQLite"] = contest("SQLite", urls["SQLite"], plan, folder)
        office = prepare(urls["PostgreSQL"][1])
        tell("pure decisions")
        decided = decisions.measure(office, rounds=plan.decision_rounds, seconds=plan.decision_seconds)
        tell("a long case")
        long = growth.long_case(office, first=1, events=1_000, samples=plan.samples)
        tell("what is due")
        due = growth.due(office, first=10_000, sizes=plan.sizes, samples=plan.samples)
        office.registry.close()
    machine = {"python": platform.python_version(), "machine": platform.machine()}
    return {
        **machine,
        "http": http,
        "decisions": decided,
        "long case": long,
        "due": {str(size): found for size, found in due.items()},
        "due each": growth.DUE,
    }


def main() -> None:
    """Measure, print, and keep the results beside this file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute and a half instead of several")
    parser.add_argument("--profile", action="store_true", help="only show where the product's time goes")
    parser.add_argument("--administering", action="store_true", help="change the register beside, on PostgreSQL")
    options = parser.parse_args()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="adjudicate-bench-") as name:
        folder = Path(name)
        if options.profile:
            with databases(folder) as urls:
                profile(urls["PostgreSQL"][0], folder)
            return
        results = measure(QUICK if options.quick else FULL, folder, beside=options.administering)
    results["seconds"] = round(time.monotonic() - begin)
    RESULTS.write_text(json.dumps(results, indent=1))
    print(report.markdown(results))
    tell(f"{results['seconds']} s; results in {RESULTS.name}")


if __name__ == "__main__":
    main()
