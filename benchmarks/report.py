"""Turns what was measured into ratios and a Markdown table; it measures nothing."""

from __future__ import annotations

from statistics import median
from typing import Any

PAIRS = (
    ("real", "bare", "recording over HTTP / bare handler", "≥ 0.55"),
    ("real", "orm", "recording over HTTP / plain ORM handler", "≥ 1.5"),
    ("bare", "orm", "bare handler / plain ORM handler", "–"),
    ("real", "pgbench", "recording over HTTP / pgbench, same SQL", "quoted"),
    ("bare", "pgbench", "bare handler / pgbench, same SQL", "quoted"),
)


def ratios(rounds: dict[str, list[dict[str, float]]], one: str, other: str) -> list[float]:
    """The ratio of two contenders in each round, in which they followed one another."""
    return [a["rate"] / b["rate"] for a, b in zip(rounds[one], rounds[other], strict=True)]


def spread(values: list[float], digits: int = 2) -> str:
    """Minimum, median and maximum."""
    return " / ".join(f"{value:.{digits}f}" for value in (min(values), median(values), max(values)))


def _contest(title: str, rounds: dict[str, list[dict[str, float]]]) -> list[str]:
    # The targets are PostgreSQL's.
    lines = [
        f"| {title}: {what} | {spread(ratios(rounds, one, other))} | {target if title == 'PostgreSQL' else 'quoted'} |"
        for one, other, what, target in PAIRS
        if one in rounds and other in rounds
    ]
    for name, reached in rounds.items():
        rate = spread([one["rate"] for one in reached], 0)
        lines.append(f"| {title}: {name}, events a second | {rate} | for scale |")
    return lines


def markdown(results: dict[str, Any]) -> str:
    """The whole run as one table."""
    lines = ["| measured | min / median / max | target |", "|---|---|---|"]
    for title, rounds in results["http"].items():
        lines += _contest(title, rounds)
    plain = results["decisions"]["plain dispatch"]
    for name, rates in results["decisions"].items():
        lines.append(f"| pure core: {name}, a second on one core | {spread(rates, 0)} | {_target(name)} |")
        if name != "plain dispatch":
            lines.append(
                f"| pure core: {name}, times a plain dispatch | "
                f"{spread([p / r for p, r in zip(plain, rates, strict=True)], 0)} | quoted |"
            )
    long = results["long case"]
    lines.append(
        f"| one more event in a case with {long['events']:.0f} / in a new case | "
        f"{long['long_ms'] / long['new_ms']:.2f} ({long['long_ms']:.1f} ms / {long['new_ms']:.1f} ms) | ≤ 1.5 |"
    )
    sizes = sorted(results["due"], key=int)
    few, many = results["due"][sizes[0]], results["due"][sizes[-1]]
    lines += [
        f"| finding a {name} due among {sizes[-1]} / {sizes[0]} open cases, {results['due each']} due | "
        f"{many[name] / few[name]:.2f} ({many[name]:.2f} ms / {few[name]:.2f} ms) | about 1 |"
        for name in few
    ]
    return "\n".join(lines)


def _target(name: str) -> str:
    return "≥ 10000" if name.startswith("decide") else "–"
