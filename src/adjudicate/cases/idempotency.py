"""One effect and one answer for each idempotency key, kept in the transaction of the effect itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from adjudicate import db
from adjudicate.cases import kill_points
from adjudicate.cases.errors import KeyReused
from adjudicate.cases.queries import outbox as queries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from adjudicate.cases.registry import Registry

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered; `status` and `headers` mean nothing here."""

    status: int
    headers: Mapping[str, str]
    body: str
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Who commands, under which key, and a digest (hex) of everything the command says."""

    actor: str
    key: str
    fingerprint: str


def command(
    registry: Registry,
    asked: Command,
    act: Callable[[Connection], tuple[Answer, str | None]],
    *,
    before: Callable[[Connection], object] | None = None,
) -> Answer:
    """Carry out a command once, where it is known from the start who commands. `before` and the rest: see `once`."""

    def begin(tx: Connection) -> tuple[Command, Callable[[Connection], None]]:
        if before is not None:
            before(tx)
        return asked, lambda _: None

    return once(registry, begin, lambda tx, _: act(tx))


def once(
    registry: Registry,
    begin: Callable[[Connection], tuple[Command, Callable[[Connection], T]]],
    act: Callable[[Connection, T], tuple[Answer, str | None]],
) -> Answer:
    """Carry out a command once; whoever repeats it is given the first answer again.

    `begin` runs first in the transaction: it says who commands what, and asks for the lock of the case under the
    caller's visibility, so that a repetition waits for the first and sees its answer. The check it returns raises where
    the case is not visible, before anything is answered; what it found is given to `act`, which returns the answer and
    the case's id. Only successes are kept. Raises KeyReused, and whatever `begin`, its check and `act` raise.
    """

    def work(tx: Connection) -> Answer:
        asked, check = begin(tx)
        # Asked behind the lock, so it sees what whoever held the lock before has kept; and travels with it.
        record = queries.ask_answered(tx, actor=asked.actor, key=asked.key)
        found = check(tx)
        known = record.first()
        if known is not None:
            if known["fingerprint"] != asked.fingerprint:
                raise KeyReused
            return Answer(status=known["status"], headers=known["headers"], body=known["body"], replayed=True)
        answer, case_id = act(tx, found)
        row = {"actor": asked.actor, "key": asked.key, "fingerprint": asked.fingerprint, "case_id": case_id}
        kept = {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}
        queries.keep_answer(tx, {**row, **kept, "created_at": registry.moment(tx).at})
        kill_points.reached("after-idempotency", tx)
        kill_points.reached("before-commit", tx)
        return replace(answer, replayed=False)

    answer = db.run(registry.engine, work, again_over=queries.ANSWERED_ONCE)
    kill_points.reached("after-commit")
    return answer
