"""One effect and one answer for each idempotency key, kept in the transaction of the effect itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from adjudicate import db
from adjudicate.cases import faults
from adjudicate.cases.errors import KeyReused
from adjudicate.cases.queries import outbox as queries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from adjudicate.cases.registry import Registry


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
    """Carry out a command once; whoever repeats it is given the first answer again.

    `before` runs first in the transaction: it locks the case under the caller's visibility, so that a repetition waits
    for the first and sees its answer, and a replay is refused to whom the case is no longer visible. `act` returns the
    answer and the case's id. Only successes are kept. Raises KeyReused, and whatever `before` and `act` raise.
    """

    def work(tx: Connection) -> Answer:
        if before is not None:
            before(tx)
        known = queries.answered(tx, actor=asked.actor, key=asked.key)
        if known is not None:
            if known["fingerprint"] != asked.fingerprint:
                raise KeyReused
            return Answer(status=known["status"], headers=known["headers"], body=known["body"], replayed=True)
        answer, case_id = act(tx)
        row = {"actor": asked.actor, "key": asked.key, "fingerprint": asked.fingerprint, "case_id": case_id}
        kept = {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}
        if not queries.keep_answer(tx, {**row, **kept, "created_at": registry.moment(tx).at}):
            raise db.Again
        faults.reach("after-idempotency")
        faults.reach("before-commit")
        return replace(answer, replayed=False)

    answer = db.run(registry.engine, work)
    faults.reach("after-commit")
    return answer
