"""Random histories over HTTP on each database, side by side with the pure core: the same answers and the same case.

Many cases live on one calendar; `make test` runs a tenth of the cases with a fixed seed, `make soak` a hundred.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

import pytest

from adjudicate import worker
from adjudicate.states import engine
from adjudicate.states.entries import Correction, Draft
from adjudicate.verification.verifying import verify
from tests.api.harness import Api, start
from tests.soak import generate
from tests.soak.journey import Journey
from tests.soak.pair import Pair, pair_for, rules_of
from tests.surroundings import SOAKING
from tests.workflows.runner import ROOT, everybody, legal_context_for, shipped

CASES = 100 if SOAKING else 10
AT_ONCE = 10
LONGEST = 60
# Who handles which procedure: the person, the office and its region.
CITY, NATION = ("all", "GZ", "440100"), ("nation", "CN", "000000")
FIRST = date(2025, 1, 6)

pytestmark = [pytest.mark.slow, *([pytest.mark.soak] if SOAKING else [])]


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Api]:
    """The application on the shipped law, with one person in each of two offices who has every role of an office."""
    rules = shipped().offices
    roles = sorted(everybody(shipped()) & set(rules.kinds[rules.usual].roles))
    everyone = {who: (code, roles) for who, code, _ in (CITY, NATION)}
    with start(database_url, ROOT / "workflows", tmp_path / "documents", people=everyone, today=FIRST) as made:
        yield made


def _act_body(draft: Draft) -> dict[str, Any]:
    body: dict[str, Any] = {
        "event": draft.event,
        "effective_on": draft.effective_on.isoformat(),
        "by": draft.by,
        "thread": draft.thread,
        "party": draft.party,
        "facts": dict(draft.facts),
        "reason": draft.reason,
        "accept_irregular": draft.accept_irregular,
        "parties": [
            {"id": one.party, "role": one.role, "name": f"{one.party}公司", "represents": one.represents}
            for one in draft.joins
        ],
    }
    if draft.before is not None:
        body["before"] = draft.before
    return {key: value for key, value in body.items() if value is not None}


class Both:
    """A case in the pure core and the same case behind the API."""

    def __init__(self, api: Api, pair: Pair, key: str, who: str) -> None:
        self.api, self.pair, self.key, self.who = api, pair, key, who
        self.case_id: str | None = None
        self.counted: Counter[bool] = Counter()
        self.journey: Journey | None = None

    def act(self, draft: Draft) -> None:
        """Ask both for the same act."""
        if self.case_id is None:
            answer = self.api.post("/v1/cases", {"workflow": self.key, **_act_body(draft)}, self.who)
        else:
            answer = self.api.record(self.case_id, _act_body(draft), self.who)
        done = self.pair.act(draft)
        self._same(done, answer, draft)
        if self.case_id is None and done:
            self.case_id = answer.json()["case_id"]
            headers = self.api.headers(self.who, Content_Type="text/plain")
            path = f"/v1/cases/{self.case_id}/documents?name=paper.txt"
            registered = self.api.client.post(path, content=generate.PAPER, headers=headers)
            assert registered.status_code == 201, registered.text

    def rectify(self, changes: list[Correction]) -> None:
        """Ask both for the same corrections."""
        listed = [
            {"target": one.target, "reason": one.reason, **({"act": _act_body(one.act)} if one.act else {})}
            for one in changes
        ]
        etag = self.api.etag(str(self.case_id), self.who)
        path = f"/v1/cases/{self.case_id}/rectifications"
        answer = self.api.post(path, {"corrections": listed}, self.who, If_Match=etag)
        self._same(self.pair.rectify(changes), answer, changes)

    def _same(self, done: bool, answer: Any, asked: object) -> None:
        self.counted[done] += 1
        assert answer.status_code in ((201,) if done else range(400, 500)), (asked, answer.status_code, answer.text)

    def agree(self) -> None:
        """Hold that the API shows the case as the pure core has it."""
        case = self.api.get(f"/v1/cases/{self.case_id}", self.who).json()
        pair = self.pair
        held = engine.announce_lapses(pair.legal, pair.standing, today=pair.case.today, next_sequence=1).standing
        assert case["stage"]["state"] == held.state
        assert {one["id"]: one["state"] for one in case["threads"]} == {k: t.state for k, t in held.threads.items()}
        shown = self.api.get(f"/v1/cases/{self.case_id}/deadlines", self.who).json()["data"]
        found = {one["key"]: (one["status"], one["due_on"]) for one in shown}
        assert found == {
            key: (one.status.value, one.due_on.isoformat() if one.due_on else None)
            for key, one in held.deadlines.items()
        }


def _live(api: Api, rng: Random, begin: date) -> date:
    catalogue = shipped()
    both: list[Both] = []
    today = begin
    in_force = [key for key in catalogue.keys() if catalogue.versions(key)[0] <= begin]  # noqa: SIM118
    for _ in range(AT_ONCE):
        key = rng.choice(in_force)
        local = "city" in catalogue.rulebook(key, catalogue.versions(key)[-1], "000000").main.workflow.levels
        who, _, region = CITY if local else NATION
        both.append(Both(api, pair_for(catalogue, rules_of(key), legal_context_for(catalogue, key, region)), key, who))
    lengths = [rng.randrange(5, LONGEST) for _ in both]
    for move in range(max(lengths)):
        today += timedelta(rng.choice([0, 0, 1, 1, 2]))
        api.today(today.isoformat())
        if move % 7 == 3:
            worker.run_once(api.registry)
        for one, length in zip(both, lengths, strict=True):
            one.pair.move_to(today)
            if move < length:
                _move(one, rng)
    for one in both:
        if one.case_id is not None:
            one.agree()
    return today


def _move(one: Both, rng: Random) -> None:
    pair = one.pair
    if one.case_id is None:
        one.act(generate.opening(pair, rng, pair.case.today))
    elif rng.random() < 0.12:
        one.act(generate.late_act(pair, rng))
    elif rng.random() < 0.05:
        one.rectify(generate.corrections(pair, rng))
    else:
        one.journey = one.journey or Journey(pair, rng, Counter())
        one.act(one.journey.next(rng, waits=False)[1])
        one.journey.went_on(rng)
    if one.case_id is not None and rng.random() < 0.2:
        one.agree()


@pytest.mark.xdist_group("histories over http")
def test_the_api_answers_every_history_as_the_pure_core_does(office: Api) -> None:
    begin = FIRST
    for number in range(CASES // AT_ONCE):
        # Not by Hypothesis: the cases of earlier rounds stay in the database, so that no round could be lived again.
        seed = SystemRandom().randrange(2**32) if SOAKING else number
        try:
            # Cases of later rounds begin where the calendar stands: today never goes back.
            begin = _live(office, Random(seed), begin)
        except Exception as error:
            error.add_note(f"in round {number} with seed {seed}")
            raise
    assert [finding for finding in verify(office.registry) if finding] == []
