"""Two administrators at once: each change looks at what the other has done, and the ledger holds both in order."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from adjudicate import clock, db
from adjudicate.access import people, tokens
from adjudicate.access.errors import ActorInvalid
from adjudicate.cases import calendars
from adjudicate.verification.verifying import verify
from tests.integration.test_calendars import notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.desk import Desk

AT_ONCE = 6


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """What each of several threads came to, or the error that it met."""
    barrier, found = threading.Barrier(AT_ONCE), [None] * AT_ONCE

    def one(number: int) -> None:
        barrier.wait()
        try:
            found[number] = work(number)
        except ActorInvalid as error:
            found[number] = error  # type: ignore[call-overload]

    threads = [threading.Thread(target=one, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_several_who_add_one_person_at_once_one_does_and_the_others_are_told(desk: Desk) -> None:
    by: dict[str, Any] = {"rules": desk.registry.catalogue.offices, "by": "command-line"}

    def add(number: int) -> str:
        who = {"actor": "zoe", "name": f"name {number}", "office": "HZ", "roles": ["clerk"], "at": clock.now()}
        db.run(desk.engine, lambda tx: people.add_person(tx, **who, **by))
        return f"name {number}"

    found = at_once(add)
    (name,) = [one for one in found if isinstance(one, str)]
    assert sum(isinstance(one, ActorInvalid) for one in found) == AT_ONCE - 1
    assert desk.scalar("SELECT name FROM actors WHERE id = 'zoe'") == name
    assert desk.scalar("SELECT count(*) FROM appointments WHERE actor = 'zoe'") == 1
    assert verify(desk.registry) == []


def test_a_token_that_several_revoke_at_once_is_revoked_by_one(desk: Desk) -> None:
    by: dict[str, Any] = {"by": "command-line", "at": clock.now()}
    token_id, _ = desk.run(lambda tx: tokens.issue_token(tx, actor="clerk1", label="x", **by))
    found = at_once(lambda _: db.run(desk.engine, lambda tx: tokens.revoke_token(tx, token_id, **by)))
    assert sorted(found) == [False] * (AT_ONCE - 1) + [True]
    assert verify(desk.registry) == []


def test_a_notice_that_several_load_at_once_is_kept_once(desk: Desk) -> None:
    text = notice("330000", 2025, "2025-06-10", "2025-06-13")
    found = at_once(lambda _: calendars.load_calendar(desk.registry, text, source="notice").known)
    assert sorted(found) == [False] + [True] * (AT_ONCE - 1)
    assert desk.scalar("SELECT count(*) FROM holiday_notices") == 1
    assert verify(desk.registry) == []


def test_who_holds_no_role_any_more_may_still_revoke_a_token_and_the_record_verifies(desk: Desk) -> None:
    at = clock.now()
    token_id, _ = desk.run(lambda tx: tokens.issue_token(tx, actor="clerk1", label="x", by="command-line", at=at))
    held = desk.rows("SELECT id FROM appointments WHERE actor = 'clerk1'")

    def end(tx: Any) -> None:
        for row in held:
            people.end_appointment(tx, "clerk1", row[0], by="command-line", at=clock.now())
        tokens.revoke_token(tx, token_id, by="clerk1", at=clock.now())

    desk.run(end)
    assert verify(desk.registry) == []
