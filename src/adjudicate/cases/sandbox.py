"""The sandbox: a database that plays a day of its own, marked so that it can never be taken for a real one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adjudicate import clock
from adjudicate.access.administration import PROGRAM
from adjudicate.cases.errors import DayCannotBePlayed, SandboxMismatch
from adjudicate.cases.queries import marker as marker_queries
from adjudicate.cases.queries import writing
from adjudicate.clock import Clock
from adjudicate.db import run

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection, Engine

    from adjudicate.settings import Settings


def guard_sandbox(engine: Engine, settings: Settings) -> None:
    """Mark a database on its first use; later refuse one that is not what the switch says. Raises SandboxMismatch."""
    marked = run(engine, lambda tx: marker_queries.mark_once(tx, sandbox=settings.sandbox, at=clock.now()))
    if marked and not settings.sandbox:
        raise SandboxMismatch(
            zh="该数据库是沙箱数据库：须设 ADJUDICATE_SANDBOX=1，或改用其他数据库。",
            en="This database is a sandbox: set ADJUDICATE_SANDBOX=1, or use another database.",
        )
    if settings.sandbox and not marked:
        raise SandboxMismatch(
            zh="该数据库不是沙箱数据库，不得以 ADJUDICATE_SANDBOX=1 打开。",
            en="This database is no sandbox and must not be opened with ADJUDICATE_SANDBOX=1.",
        )


def sandbox_clock(*, sandbox: bool) -> Clock:
    """The clock of a process: in a sandbox it reads the played day from the database, otherwise the real time only."""
    return Clock(marker_queries.played_on) if sandbox else Clock()


def move_today(tx: Connection, day: date, *, by: str = PROGRAM) -> None:
    """Let the sandbox play this day from now on. Raises DayCannotBePlayed outside a sandbox, or back behind an act."""
    latest = writing.latest_recorded_on(tx)
    if latest is not None and day < latest:
        raise DayCannotBePlayed(
            zh=f"已有事项于{latest}记录，沙箱日期不能早于该日",
            en=f"something was recorded on {latest}: the date of the sandbox cannot lie before that",
        )
    if not marker_queries.play(tx, day, by=by, at=clock.now()):
        raise DayCannotBePlayed(zh="只有沙箱可以设定日期", en="only a sandbox can be given a date")
