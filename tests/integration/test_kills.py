"""Processes killed at random moments under twenty clients: what was acknowledged is there once, and nothing else is."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from contextlib import closing
from datetime import date, timedelta
from random import SystemRandom
from typing import TYPE_CHECKING, Any

import pytest

from adjudicate import db
from adjudicate.cases.models import documents, events, idempotency, outbox
from adjudicate.cases.registry import Registry
from adjudicate.verification.verifying import verify
from tests.integration.crowd import Crowd
from tests.integration.served import LEASE_SECONDS, Running, furnished
from tests.surroundings import SOAKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.served import Office

CLIENTS = 20
KILLS = 100 if SOAKING else 10
FIRST_DAY = date(2026, 3, 5)
# What a client may be refused for: another one was first, or a period ended meanwhile.
REFUSALS = {"stale-case", "irregular-not-accepted"}

pytestmark = [pytest.mark.slow, *([pytest.mark.soak] if SOAKING else [])]


def rows(office: Office, table: Any) -> list[Any]:
    engine = db.connect(office.url)
    try:
        with db.reading(engine) as tx:
            return list(tx.execute(table.select()).mappings())
    finally:
        engine.dispose()


def test_kills_lose_nothing_that_was_acknowledged_and_double_nothing(
    database_url: str, law: Path, tmp_path: Path
) -> None:
    seed = SystemRandom().randrange(2**32) if SOAKING else 20260305
    office = furnished(database_url, law, tmp_path, people=CLIENTS, today=FIRST_DAY)
    chance, killed = random.Random(seed), Counter[str]()
    with Running(office) as running:
        crowd = Crowd(running, FIRST_DAY, seed)
        with crowd:
            for number in range(KILLS):
                crowd.wait_for(chance.randint(1, 60))
                time.sleep(chance.random() / 5)
                what = chance.choice(running.ways_to_kill())
                running.kill(what, chance.random())
                killed[what] += 1
                running.start()
                if number % (KILLS // 5) == 0:
                    crowd.next_day(crowd.today + timedelta(days=4))
    told = f"{len(crowd.acknowledged)} commands and {len(crowd.documents)} documents acknowledged"
    counts = f"{crowd.repeated} requests repeated, {crowd.answered_again} of them after they were recorded"
    print(f"seed {seed}: {dict(killed)} killed; {told}, {counts}")  # noqa: T201 - asked for with -s or -rP
    # What the last worker had claimed when it was killed is nobody else's until its lease is over.
    time.sleep(LEASE_SECONDS)
    done = office.run("worker", "--once")
    assert done.returncode == 0, done.stderr
    assert set(crowd.refused.values()) <= REFUSALS
    assert_told_and_recorded_agree(office, crowd)
    assert_every_event_was_announced_once(office)
    with closing(Registry.start(office.settings)) as registry:
        assert verify(registry) == []


def assert_told_and_recorded_agree(office: Office, crowd: Crowd) -> None:
    """Each acknowledged command has its answer and its one event; no other command has either."""
    kept = {(row["actor"], row["key"]): row["body"] for row in rows(office, idempotency)}
    assert kept == {(each.actor, each.key): each.body for each in crowd.acknowledged}
    recorded = [row for row in rows(office, events) if row["kind"] == "act"]
    assert sorted((row["event"], row["case_id"], row["sequence"]) for row in recorded) == sorted(
        (each.kind, each.case_id, each.sequence) for each in crowd.acknowledged
    )
    remarks = Counter(row["facts"]["remark"] for row in recorded if row["event"] == "noted")
    assert set(remarks.values()) == {1}
    registered = {(row["case_id"], row["digest"]) for row in rows(office, documents)}
    assert registered == crowd.documents
    assert all((office.documents / digest[:2] / digest).is_file() for _, digest in registered)


def assert_every_event_was_announced_once(office: Office) -> None:
    """The messages of a case cover its events without a gap or an overlap, and each was delivered."""
    sent = rows(office, outbox)
    assert [row["id"] for row in sent if row["done_at"] is None] == []
    covered = Counter[tuple[str, int]]()
    for row in sent:
        body = row["body"] if isinstance(row["body"], dict) else json.loads(row["body"])
        if row["topic"] == "case.recorded":
            covered.update((body["case"], number) for number in range(body["from_sequence"], body["to_sequence"] + 1))
    there = [(row["case_id"], row["sequence"]) for row in rows(office, events)]
    assert covered == Counter(there)
