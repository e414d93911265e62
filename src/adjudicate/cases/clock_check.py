"""Whether this machine's clock may be acted on: compared with the database server's, or with a worker's last beat.

What is done by a wrong clock cannot be taken back: a lapse is announced, a row is removed. A PostgreSQL server has a
clock of its own, which is another one where it runs on another machine. A SQLite file has none: there a clock that runs
behind is noticed by a sign of life that lies in its future. One that runs ahead looks like time that has passed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from adjudicate import clock, db
from adjudicate.cases.queries import workers as queries
from adjudicate.errors import AdjudicateError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from adjudicate.cases.registry import Registry

# Less than this may be the wait for an answer, or a clock that is just being brought to the right time.
TOLERATED = timedelta(minutes=5)
_NONE = timedelta(0)


class ClockWrong(AdjudicateError):
    """This machine's clock is wrong, or what it is compared with is; `ahead` is negative where it is behind."""

    code: ClassVar[str] = "clock-wrong"

    def __init__(self, *, zh: str, en: str, ahead: timedelta) -> None:
        super().__init__(zh=zh, en=en)
        self.ahead = ahead


def require_true_clock(registry: Registry) -> None:
    """Raises ClockWrong where this clock is more than a few minutes off; Unavailable. A sandbox plays its own day.

    One short read, to be made before anything is done by the clock.
    """
    if registry.settings.sandbox:
        return
    with db.reading(registry.engine) as tx:
        asked_at = clock.now()
        of_server = queries.time_of_server(tx)
        if of_server is None:
            _require_behind(tx)
            return
        ahead = max(asked_at - of_server, _NONE) or min(clock.now() - of_server, _NONE)
    if abs(ahead) > TOLERATED:
        fast = ahead > _NONE
        raise ClockWrong(
            zh=f"本机时钟比数据库服务器{'快' if fast else '慢'} {_minutes(ahead)} 分钟：校准之前不办理任何事项。",
            en=f"This machine's clock is {_minutes(ahead)} minutes {'ahead of' if fast else 'behind'} that of the "
            "database server: set it right; nothing is done before.",
            ahead=ahead,
        )


def trust_clock(tx: Connection) -> None:
    """Forget the signs of life that lie in this clock's future: an operator says that it was the earlier that erred."""
    queries.forget_after(tx, clock.now())


def _require_behind(tx: Connection) -> None:
    """Raises ClockWrong where a worker was last seen at a time that this clock has not reached."""
    row = queries.latest_beat(tx)
    seen_at: datetime | None = None if row is None else row["seen_at"]
    if seen_at is None or (ahead := clock.now() - seen_at) >= -TOLERATED:
        return
    raise ClockWrong(
        zh=f"本机时钟比工作进程上次运行时慢 {_minutes(ahead)} 分钟：校准之前不办理任何事项；"
        "确认现在的时钟无误的，运行 adjudicate worker --once --clock-is-right。",
        en=f"This machine's clock is {_minutes(ahead)} minutes behind the last sign of life of a worker: set it right; "
        "nothing is done before. If it is right now, run adjudicate worker --once --clock-is-right.",
        ahead=ahead,
    )


def _minutes(ahead: timedelta) -> int:
    return round(abs(ahead).total_seconds() / 60)
