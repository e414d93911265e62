"""Many at once: one ETag has one winner, one key one effect, numbers have no gap, and a failed commit is no success."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy import make_url, text

from adjudicate import db
from adjudicate.cases.case_change import CaseChange
from adjudicate.cases.command import Command
from adjudicate.cases.errors import CaseNotFound, KeyReused, StaleCase
from adjudicate.cases.idempotency import Answer
from adjudicate.cases.queries import dockets
from adjudicate.cases.stored_case import announce_due
from adjudicate.states import engine
from adjudicate.states.entries import Draft
from tests.integration.desk import FIRST_DAY, everything, start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from tests.integration.desk import Desk

CLIENTS = 8


@pytest.fixture
def busy(database_url: str, law: Path) -> Iterator[Desk]:
    """A desk with connections for many clients."""
    made = start(database_url, law, pool_size=CLIENTS + 2)
    yield made
    made.registry.close()


def at_once(work: Callable[[int], Any], clients: int = CLIENTS) -> list[Any]:
    """What each of several clients got who set off together: a result or the refusal."""
    barrier = threading.Barrier(clients)

    def client(number: int) -> Any:
        barrier.wait()
        try:
            return work(number)
        except Exception as error:  # noqa: BLE001 - the test says which refusals it expects
            return error

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(client, range(clients)))


def test_of_clients_who_read_one_version_exactly_one_records_and_the_others_are_told(busy: Desk) -> None:
    case_id = busy.open().case_id
    results = at_once(lambda n: busy.record(case_id, "noted", FIRST_DAY, version=1, facts={"remark": f"{n}"}))
    refused = [one for one in results if isinstance(one, StaleCase)]
    assert len(refused) == CLIENTS - 1
    assert {one.version for one in refused} == {2}
    assert busy.scalar("SELECT count(*) FROM events") == 2


def noting(desk: Desk, case_id: str, *, key: str = "k", remark: str = "x", version: int = 1) -> Answer:
    def act(command: Command) -> tuple[Answer, str]:
        done = desk.recording(command, case_id, "noted", FIRST_DAY, version=version, facts={"remark": remark})
        return Answer(status=1, headers={"ETag": str(done.version)}, body=json.dumps({"v": done.version})), case_id

    return desk.once(act, key=key, fingerprint=remark.ljust(64, "0"), case_id=case_id)


def test_requests_with_one_key_have_one_effect_and_one_answer(busy: Desk) -> None:
    case_id = busy.open().case_id
    answers = at_once(lambda _: noting(busy, case_id))
    assert {(one.status, one.body, tuple(one.headers.items())) for one in answers} == {
        (1, '{"v": 2}', (("ETag", "2"),))
    }
    assert sorted(one.replayed for one in answers) == [False] + [True] * (CLIENTS - 1)
    assert busy.scalar("SELECT count(*) FROM events") == 2


def test_requests_with_one_key_open_one_case(busy: Desk) -> None:
    def opening(_: int) -> Answer:
        def act(command: Command) -> tuple[Answer, str]:
            done = busy.opening(command)
            return Answer(status=1, headers={}, body=done.case_id), done.case_id

        return busy.once(act)

    answers = at_once(opening)
    assert len({one.body for one in answers}) == 1
    assert [one.replayed for one in answers].count(False) == 1
    assert busy.scalar("SELECT count(*) FROM cases") == 1


def test_a_key_used_for_another_content_is_refused_before_the_version_is_looked_at(busy: Desk) -> None:
    case_id = busy.open().case_id
    noting(busy, case_id)
    with pytest.raises(KeyReused):
        noting(busy, case_id, remark="y", version=99)
    assert noting(busy, case_id, version=99).replayed


def test_another_actor_may_use_the_same_key(busy: Desk) -> None:
    case_id = busy.open().case_id
    noting(busy, case_id)

    def act(_command: Command) -> tuple[Answer, None]:
        return Answer(status=1, headers={}, body="other"), None

    other = busy.once(act, actor="chief1", fingerprint="z" * 64)
    assert (other.body, other.replayed) == ("other", False)


def test_a_refused_command_keeps_no_answer_so_that_it_may_be_repeated(busy: Desk) -> None:
    case_id = busy.open().case_id
    with pytest.raises(StaleCase):
        noting(busy, case_id, version=7)
    assert busy.scalar("SELECT count(*) FROM idempotency") == 0
    assert not noting(busy, case_id, version=1).replayed


def test_a_replay_is_refused_to_whom_the_case_is_no_longer_visible(busy: Desk) -> None:
    from adjudicate.cases.models import cases

    case_id = busy.open().case_id
    noting(busy, case_id)
    hidden = cases.c.office == "elsewhere"

    def act(_command: Command) -> tuple[Answer, None]:
        raise AssertionError("a replay must not act")

    with pytest.raises(CaseNotFound):
        busy.once(act, fingerprint="x".ljust(64, "0"), case_id=case_id, visible=hidden)


def test_a_thousand_concurrent_docketings_have_gapless_numbers(busy: Desk) -> None:
    cases = 1000

    def open_all() -> list[str]:
        def some(tx: Connection) -> list[str]:
            return [busy.opening(tx).case_id for _ in range(100)]

        return [case_id for _ in range(cases // 100) for case_id in busy.run(some)]

    ids = open_all()

    def docket(number: int) -> int:
        done = 0
        for place in range(number, cases, CLIENTS):
            try:
                # Every eighth docketing is cut off before its commit: its number must come round again.
                busy.run(lambda tx, place=place: docketing(tx, place, cut_off=place % 8 == 3))
            except InterruptedError:
                busy.run(lambda tx, place=place: docketing(tx, place, cut_off=False))
            done += 1
        return done

    def docketing(tx: Connection, place: int, *, cut_off: bool) -> None:
        busy.recording(tx, ids[place], "case_opened", FIRST_DAY, version=1, facts={"panel": ["a", "b", "c"]})
        if cut_off:
            raise InterruptedError

    assert at_once(docket) == [cases // CLIENTS] * CLIENTS
    numbers = [row[0] for row in busy.rows("SELECT number FROM docket_numbers ORDER BY number")]
    assert numbers == list(range(1, cases + 1))
    texts = {row[0] for row in busy.rows("SELECT docket_number FROM cases")}
    assert texts == {f"杭测字〔2025〕{number}号" for number in numbers}


def test_a_commit_that_fails_is_an_error_and_leaves_nothing(busy: Desk) -> None:
    case_id = busy.open().case_id
    make_commits_fail(busy)
    before = everything(busy)
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        noting(busy, case_id)
    assert everything(busy) == before


def make_commits_fail(desk: Desk) -> None:
    """From now on every recorded event breaks a constraint that is only looked at when committing."""
    statements = [
        "CREATE TABLE nowhere (id INTEGER PRIMARY KEY)",
        "CREATE TABLE late (id INTEGER REFERENCES nowhere (id) DEFERRABLE INITIALLY DEFERRED)",
    ]
    if desk.engine.dialect.name == "sqlite":
        statements.append("CREATE TRIGGER spoil AFTER INSERT ON events BEGIN INSERT INTO late VALUES (1); END")
    else:
        statements += [
            """CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN INSERT INTO late VALUES (1); RETURN NEW; END $$""",
            "CREATE TRIGGER spoil AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION spoil()",
        ]
    with db.transaction(desk.engine) as tx:
        for statement in statements:
            tx.execute(text(statement))


def test_a_connection_lost_at_the_commit_is_no_success(postgresql_url: str, law: Path) -> None:
    busy = start(postgresql_url, law)
    case_id = busy.open().case_id

    def act(command: Command) -> tuple[Answer, str]:
        done = busy.recording(command, case_id, "noted", FIRST_DAY, version=1, facts={"remark": "x"})
        own = command.tx.execute(text("SELECT pg_backend_pid()")).scalar()
        with db.transaction(busy.engine) as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
        return Answer(status=1, headers={}, body=str(done.version)), case_id

    with pytest.raises(db.Unavailable):
        busy.once(act)
    assert busy.scalar("SELECT count(*) FROM events") == 1
    busy.registry.close()


def test_connections_that_the_server_closed_meanwhile_cost_no_request(postgresql_url: str, law: Path) -> None:
    busy = start(postgresql_url, law)
    case_id = busy.open().case_id
    at_once(lambda _: busy.scalar("SELECT pg_sleep(0.05)"), clients=4)  # several idle connections in the pool
    address = postgresql_url.replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as other:
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        other.execute(f"SELECT pg_terminate_backend(pid) {others}")
        while other.execute(f"SELECT count(*) {others}").fetchone() != (0,):
            pass
    for number in range(4):
        busy.record(case_id, "noted", FIRST_DAY, facts={"remark": f"{number}"})
    assert busy.scalar("SELECT count(*) FROM events") == 5
    busy.registry.close()


def test_without_a_database_reading_and_recording_say_that_it_is_away(postgresql_url: str) -> None:
    away = db.connect(make_url(postgresql_url).set(port=1).render_as_string(hide_password=False))
    with pytest.raises(db.Unavailable), db.reading(away):
        pass
    with pytest.raises(db.Unavailable):
        db.run(away, lambda _tx: None)
    away.dispose()


def test_a_dry_run_waits_for_nobody_and_nobody_for_it(busy: Desk) -> None:
    case_id = busy.open().case_id
    with db.reading(busy.engine) as trying:
        busy.recording(trying, case_id, "noted", FIRST_DAY, version=1, facts={"remark": "x"}, dry_run=True)
        busy.record(case_id, "noted", FIRST_DAY, version=1, facts={"remark": "y"})
        again = busy.recording(trying, case_id, "noted", FIRST_DAY, version=1, facts={"remark": "x"}, dry_run=True)
    assert again.version == 2
    assert busy.scalar("SELECT count(*) FROM events") == 2


def test_a_worker_and_clients_on_the_same_cases_neither_deadlock_nor_double(busy: Desk) -> None:
    from adjudicate.worker import Worker

    ids = [busy.open().case_id for _ in range(10)]
    day = FIRST_DAY + timedelta(days=30)
    busy.today(day)

    def either(number: int) -> Any:
        if number % 2:
            return Worker(busy.registry).run_once().failed
        for case_id in ids:
            busy.run(lambda tx, c=case_id: busy.recording(tx, c, "noted", day, facts={"remark": f"{number}"}))
        return 0

    assert at_once(either) == [0] * CLIENTS
    assert busy.scalar("SELECT count(*) FROM events WHERE kind = 'lapse'") == 10
    assert busy.scalar("SELECT count(*) FROM events WHERE event = 'noted'") == 10 * CLIENTS // 2


def test_two_commands_that_number_several_cases_draw_in_one_order_and_never_deadlock(
    busy: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each draws from two series of two offices, named in opposite orders, and holds its first counter for a while."""
    ids = {office: [busy.open(office=office).case_id for _ in range(2)] for office in ("HZ", "ZJ")}
    drawn: dict[int, list[tuple[str, int]]] = {}
    draw = dockets.next_number

    def slowly(tx: Connection, *, office: str, kind: str, year: int) -> tuple[int, str]:
        number = draw(tx, office=office, kind=kind, year=year)
        drawn.setdefault(threading.get_ident(), []).append((office, year))
        time.sleep(0.1)
        return number

    monkeypatch.setattr(dockets, "next_number", slowly)

    def opening(command: Command, case_id: str, years: tuple[int, ...]) -> CaseChange:
        current = announce_due(command.tx, command.lock(case_id), command.moment.today)
        draft = Draft("case_opened", FIRST_DAY, facts={"panel": ["a", "b", "c"]})
        decided = engine.record(
            current.stored.legal, current.standing, draft, today=command.moment.today, roles=busy.clerk.roles,
            next_sequence=current.version + 1, history=list,
        )  # fmt: skip
        # One act draws one number; a rectification may draw several, as this change does.
        numbers = tuple(replace(decided.numbers[0], year=year, sequence=n) for n, year in enumerate(years, start=2))
        decided = replace(decided, numbers=numbers)
        return CaseChange.of_stored(
            current, registry=busy.registry, moment=command.moment, decided=decided, caller=busy.clerk
        )

    def number(client: int) -> None:
        offices, years = (("HZ", "ZJ"), (2025, 2026)) if client else (("ZJ", "HZ"), (2026, 2025))
        with db.transaction(busy.engine) as tx:
            command = Command(tx, busy.registry)
            command.write(*[opening(command, ids[office][client], years) for office in offices])

    assert at_once(number, clients=2) == [None, None]
    every = [("HZ", 2025), ("HZ", 2026), ("ZJ", 2025), ("ZJ", 2026)]
    assert list(drawn.values()) == [every, every]
