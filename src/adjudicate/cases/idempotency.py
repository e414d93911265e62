"""One effect and one answer for each idempotency key, kept in the transaction of the effect itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from adjudicate import db
from adjudicate.cases.command import Command
from adjudicate.cases.errors import AnswerErased, KeyReused
from adjudicate.cases.kill_points import reached
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
class IdempotentRequest:
    """Who asks, under which key, and a digest (hex) of everything the request says."""

    actor: str
    key: str
    fingerprint: str


def once(
    registry: Registry,
    begin: Callable[[Command], tuple[IdempotentRequest, T]],
    act: Callable[[Command, T], tuple[Answer, str | None]],
    *,
    confirm: Callable[[Command, T], T] | None = None,
    repeat: Callable[[Command, T, str], None] | None = None,
) -> Answer:
    """Carry out a request once; whoever repeats it is given the first answer again.

    `begin` runs first in the transaction: it says who asks what, and queues the locks of the cases concerned under the
    caller's visibility, so that a repetition waits for the first and sees its answer. What it found out is given to
    `act`, which returns the answer and the case's id; `confirm` may say it anew once the locks are held. Where no
    case was locked, `repeat` is asked, with the case's id, whether the first answer may still be told. Only successes
    are kept. Raises KeyReused, AnswerErased, CaseNotFound for a case that is not visible (also to a repetition), and
    whatever `begin`, `confirm`, `repeat` and `act` raise.
    """

    def work(tx: Connection) -> Answer:
        command = Command(tx, registry)
        request, found = begin(command)
        # Queued behind the locks, so that it sees what their last holder kept, and shares their round trip.
        record = queries.query_answer(tx, actor=request.actor, key=request.key)
        command.await_locks()
        known = record.first()
        if confirm is not None:
            found = confirm(command, found)
        if known is not None:
            _check_same(known, request)
            if repeat is not None and known["case_id"] is not None:
                repeat(command, found, known["case_id"])
            return _kept_answer(known)
        answer, case_id = act(command, found)
        _keep(command, request, answer, case_id)
        reached("after-idempotency", tx)
        reached("before-commit", tx)
        return answer

    answer = db.run(registry.engine, work, again_over=queries.ANSWERED_ONCE)
    reached("after-commit")
    return answer


def _check_same(known: Mapping[Any, Any], request: IdempotentRequest) -> None:
    """Raises KeyReused where the key was used for another request."""
    # What was erased has no fingerprint any more, as one can be compared with guesses.
    if known["fingerprint"] not in ("", request.fingerprint):
        raise KeyReused


def _kept_answer(known: Mapping[Any, Any]) -> Answer:
    """Raises AnswerErased."""
    if known["body"] == queries.ERASED_ANSWER:
        raise AnswerErased(known["headers"])
    return Answer(status=known["status"], headers=known["headers"], body=known["body"], replayed=True)


def _keep(command: Command, request: IdempotentRequest, answer: Answer, case_id: str | None) -> None:
    row = {"actor": request.actor, "key": request.key, "fingerprint": request.fingerprint, "case_id": case_id}
    kept = {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}
    queries.keep_answer(command.tx, {**row, **kept, "created_at": command.moment.at})
