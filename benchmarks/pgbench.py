"""pgbench with the statements of the bare handler: how far the database itself is away, without any Python."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url

from benchmarks.rounds import CLIENTS
from benchmarks.statements import Request, statements

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.rounds import Laid
    from benchmarks.template import Step, Template

# Every client goes round in cases of its own and counts their events upwards by steps of ten.
CASES = 400
_TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
_MARK = re.compile(r"(@case@|@key@|@n[+-][0-9]+@)")
_EXPRESSIONS = {
    "@case@": "'00000000-0000-7000-8000-' || lpad(CAST(:case AS text), 12, '0')",
    "@key@": "CAST(gen_random_uuid() AS text)",
}


@dataclass(frozen=True)
class Counted:
    """A version that pgbench counts itself, with what is added to it."""

    offset: int = 0

    def __add__(self, more: int) -> Counted:
        return Counted(self.offset + more)

    def __sub__(self, less: int) -> Counted:
        return Counted(self.offset - less)

    def __str__(self) -> str:
        return f"@n{self.offset:+d}@"


def program() -> str | None:
    """Where pgbench is, if the machine has it."""
    return shutil.which("pgbench")


def literal(value: Any) -> str:
    """A value as SQL, with pgbench's variables in the place of what differs from one event to the next."""
    if value is None:
        return "NULL"
    if isinstance(value, Counted):
        return f"(:n {value.offset:+d})"
    if isinstance(value, bool | int):
        return str(value).lower()
    parts = [_part(part) for part in _MARK.split(str(value)) if part]
    return f"({' || '.join(parts)})" if len(parts) > 1 else (parts or ["''"])[0]


def _part(text: str) -> str:
    if text.startswith("@n"):
        return f"CAST(:n {text[2:-1]} AS text)"
    if text in _EXPRESSIONS:
        return f"({_EXPRESSIONS[text]})"
    # A colon is written by its code, or pgbench would take what follows for one of its variables.
    return "E'" + text.replace("\\", "\\\\").replace("'", "''").replace(":", "\\x3a") + "'"


def script(template: Template, step: Step, first: int) -> str:
    """One transaction of a step."""
    version: Any = Counted()
    request = Request("@case@", version, "@key@", "@key@", "now")
    lines = ["\\set n :n + 10", f"\\set case {first} + :client_id * {CASES} + (:n / 10) % {CASES}", "BEGIN;"]
    for statement in statements(template, step, "postgresql"):
        values = [literal(value) for value in statement.parameters(request)]
        lines.append(statement.sql % tuple(values) + ";")
    return "\n".join([*lines, "COMMIT;", ""])


def round_of(laid: Laid, folder: Path) -> Callable[..., dict[str, float]]:
    """One round of pgbench on fresh copies of the case."""
    office, template, numbers = laid.office, laid.template, laid.numbers
    address = make_url(office.url)
    environment = {
        "PGHOST": str(address.host),
        "PGPORT": str(address.port),
        "PGUSER": str(address.username),
        "PGPASSWORD": str(address.password),
        "PGDATABASE": str(address.database),
        "PATH": "/usr/bin:/bin",
    }

    def run(seconds: float, _warmup: float) -> dict[str, float]:
        first = numbers.take(CLIENTS * CASES)
        office.copy(first, CLIENTS * CASES)
        office.tidy()
        files: list[str] = []
        for step in template.steps:
            path = folder / f"{step.event}.sql"
            path.write_text(script(template, step, first))
            files += ["-f", str(path)]
        length = str(max(1, round(seconds)))
        options = ["-n", "-M", "prepared", "-D", "n=10", "-c", str(CLIENTS), "-j", "2", "-T", length]
        done = subprocess.run(
            [str(program()), *options, *files], env=environment, capture_output=True, text=True, check=False
        )
        found = _TPS.search(done.stdout)
        if done.returncode or found is None:
            raise RuntimeError(f"pgbench failed: {done.stderr[-3000:]}")
        rate = float(found[1])
        return {"rate": rate, "p50_ms": CLIENTS / rate * 1000}

    return run
