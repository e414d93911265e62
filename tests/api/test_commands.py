"""Opening, recording and rectifying over HTTP: what must be sent, what comes back, and what a repetition does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from adjudicate import db
from adjudicate.clock import Clock, Moment, now
from adjudicate.postgres.pipeline import Pipeline
from tests.api.harness import OPENING, REQUEST, TODAY, start

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.harness import Api

NOTE = {"event": "noted", "effective_on": "2026-03-05", "facts": {"remark": "看过"}}


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["code"] == code
    assert body["status"] == status
    assert body["type"] == f"/problems/{code}"
    return body


def test_a_case_is_opened_by_its_first_act_and_says_what_follows(api: Api) -> None:
    answer = api.post("/v1/cases", REQUEST)
    assert answer.status_code == 201
    body = answer.json()
    assert answer.headers["Location"] == f"/v1/cases/{body['case_id']}"
    assert answer.headers["ETag"].startswith('"1-')
    assert body["act"]["event"] == "request_received"
    assert body["act"]["by"] == "claimant"
    assert body["deadlines_moved"] == [{"key": "opening", "was_on": None, "is_on": "2026-03-09", "status": "running"}]
    case = api.get(f"/v1/cases/{body['case_id']}").json()
    assert [(party["id"], party["name"]) for party in case["parties"]] == [("p1", "甲公司"), ("p2", "乙公司")]
    assert case["stage"]["label"] == {"zh": "已收到", "en": "Received"}
    assert case["time_zone"] == "Asia/Shanghai"


def test_an_act_on_a_case_draws_its_number_and_names_the_documents_to_issue(api: Api) -> None:
    case_id = api.open()
    answer = api.record(case_id, OPENING)
    assert answer.status_code == 201
    body = answer.json()
    assert body["docket_number"] == "HZ测字〔2026〕1号"
    assert body["numbers"] == ["HZ测字〔2026〕1号"]
    assert [document["document"] for document in body["documents_due"]] == ["notice_of_opening"]
    listed = api.get(f"/v1/cases/{case_id}/documents").json()
    assert [each["document"] for each in listed["documents_due"]] == ["notice_of_opening"]


def test_a_dry_run_answers_the_same_and_changes_nothing(api: Api) -> None:
    case_id = api.open()
    before = api.get(f"/v1/cases/{case_id}")
    tried = api.client.post(f"/v1/cases/{case_id}/events?dry_run=true", json=OPENING, headers=api.headers("clerk"))
    assert tried.status_code == 200
    assert tried.json()["dry_run"] is True
    assert tried.json()["deadlines_moved"][-1]["key"] == "decision"
    after = api.get(f"/v1/cases/{case_id}")
    assert (after.content, after.headers["ETag"]) == (before.content, before.headers["ETag"])
    done = api.record(case_id, OPENING).json()
    for name in ("stage", "deadlines_moved", "documents_due", "advice", "irregularities"):
        assert done[name] == tried.json()[name]
    opened = api.client.post("/v1/cases?dry_run=true", json=REQUEST, headers=api.headers("clerk"))
    assert opened.status_code == 200
    assert opened.json()["case_id"] is None
    assert len(api.get("/v1/cases").json()["data"]) == 1


def test_a_refusal_names_every_reason_with_its_article_and_what_is_open_instead(api: Api) -> None:
    case_id = api.open()
    body = problem(api.record(case_id, {**OPENING, "facts": {"panel": ["a", "b"]}}), 409, "guards-unmet")
    assert [(reason["condition"], reason["basis"]) for reason in body["reasons"]] == [("odd_panel", "TEST 2")]
    assert body["reasons"][0]["zh"]
    assert body["reasons"][0]["en"]
    wrong = {"event": "decided", "effective_on": "2026-03-05"}
    body = problem(api.record(case_id, wrong), 409, "event-not-allowed")
    assert "case_opened" in body["allowed"]


def test_an_irregular_act_needs_a_reason_and_an_entitled_role_and_is_marked(api: Api) -> None:
    case_id = api.open()
    api.today("2026-03-20")
    late = {**OPENING, "effective_on": "2026-03-20"}
    problem(api.record(case_id, late), 409, "irregular-not-accepted")
    accepted = {**late, "accept_irregular": True, "reason": "材料移交迟延"}
    problem(api.record(case_id, accepted), 409, "irregular-not-accepted")
    answer = api.record(case_id, accepted, "chief")
    assert answer.status_code == 201
    (reason,) = answer.json()["irregularities"]
    assert (reason["condition"], reason["weight"]) == ("opened_in_time", "minor")
    (mark,) = api.get(f"/v1/cases/{case_id}").json()["irregularities"][0]["conditions"]
    assert (mark["basis"], mark["weight"]) == ("TEST 2", "minor")


def test_a_role_that_may_not_record_the_act_is_told_so(api: Api) -> None:
    case_id = api.open()
    problem(api.record(case_id, OPENING, "admin"), 403, "role-not-entitled")


def test_without_the_etag_428_and_with_a_stale_one_412(api: Api) -> None:
    case_id = api.open()
    stale = api.etag(case_id)
    problem(api.post(f"/v1/cases/{case_id}/events", NOTE), 428, "precondition-required")
    assert api.record(case_id, NOTE).status_code == 201
    problem(api.record(case_id, NOTE, If_Match=stale), 412, "stale-case")
    problem(api.record(case_id, NOTE, If_Match="*"), 428, "precondition-required")
    problem(api.record(case_id, NOTE, If_Match=f"W/{stale}"), 412, "stale-case")


def test_if_match_compares_the_version_alone(api: Api) -> None:
    case_id = api.open()
    assert api.record(case_id, NOTE, If_Match='"1-0"').status_code == 201


def test_without_an_idempotency_key_a_command_is_refused(api: Api) -> None:
    problem(api.post("/v1/cases", REQUEST, key=None), 400, "idempotency-key-missing")
    problem(api.post("/v1/cases", REQUEST, key="k" * 201), 400, "header-invalid")


def test_the_same_key_and_body_is_answered_again_and_done_once(api: Api) -> None:
    first = api.post("/v1/cases", REQUEST, key="once")
    again = api.post("/v1/cases", REQUEST, key="once")
    assert again.content == first.content
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert len(api.get("/v1/cases").json()["data"]) == 1
    other = {**REQUEST, "effective_on": "2026-03-03"}
    problem(api.post("/v1/cases", other, key="once"), 422, "idempotency-key-reused")


def test_a_repetition_is_recognised_before_the_etag_is_compared(api: Api) -> None:
    case_id = api.open()
    etag = api.etag(case_id)
    first = api.record(case_id, NOTE, key="twice", If_Match=etag)
    again = api.record(case_id, NOTE, key="twice", If_Match=etag)
    assert (again.status_code, again.content) == (201, first.content)


@pytest.mark.parametrize("gone", ["token", "actor"])
def test_a_repetition_by_whoever_was_sent_away_meanwhile_is_refused(api: Api, gone: str) -> None:
    case_id = api.open()
    etag = api.etag(case_id)
    assert api.record(case_id, NOTE, key="mine", If_Match=etag).status_code == 201
    table, column = ("tokens", "revoked_at") if gone == "token" else ("actors", "disabled_at")
    which = "actor" if gone == "token" else "id"
    with db.transaction(api.registry.engine) as tx:
        tx.execute(text(f"UPDATE {table} SET {column} = CURRENT_TIMESTAMP WHERE {which} = 'clerk'"))
    problem(api.post(f"/v1/cases/{case_id}/events", NOTE, key="mine", If_Match=etag), 401, "unauthenticated")


def test_a_repetition_by_whoever_may_no_longer_know_of_the_case_is_refused(api: Api) -> None:
    case_id = api.open()
    etag = api.etag(case_id)
    assert api.record(case_id, NOTE, key="mine", If_Match=etag).status_code == 201
    moved = {"office": "GZ", "roles": ["clerk"]}
    assert api.client.patch("/v1/people/clerk", json=moved, headers=api.headers("nation-admin")).status_code == 200
    problem(api.post(f"/v1/cases/{case_id}/events", NOTE, key="mine", If_Match=etag), 404, "case-not-found")


def test_a_command_takes_three_trips_to_postgresql(
    postgresql_url: str, law: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trips: list[int] = []
    execute = Pipeline.execute

    def counted(pipeline: Pipeline, asked: Any, **named: Any) -> Any:
        trips.append(len(asked))
        return execute(pipeline, asked, **named)

    with start(postgresql_url, law, tmp_path / "documents") as api:
        case_id = api.open()
        assert api.record(case_id, NOTE).status_code == 201
        # A sandbox asks the database for the day it plays, which is no part of a command.
        monkeypatch.setattr(Clock, "read", lambda _clock, _tx=None: Moment(TODAY, now()))
        etag = api.etag(case_id)
        monkeypatch.setattr(Pipeline, "execute", counted)
        assert api.record(case_id, NOTE, If_Match=etag).status_code == 201
    assert len(trips) == 3
    # Who asks; the case under lock, the sign that an act is under way, who asks now, and the key.
    assert trips[:2] == [1, 4]


def test_a_key_used_by_one_actor_is_free_for_another(api: Api) -> None:
    assert api.post("/v1/cases", REQUEST, key="mine").status_code == 201
    answer = api.post("/v1/cases", REQUEST, "chief", key="mine")
    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer.headers


def test_two_requests_with_one_key_at_once_have_one_effect_and_one_answer(api: Api) -> None:
    case_id = api.open()
    etag = api.etag(case_id)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: api.record(case_id, NOTE, key="race", If_Match=etag), range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert [e["event"] for e in api.get(f"/v1/cases/{case_id}/events").json()["data"]].count("noted") == 1


def test_two_clients_with_one_etag_and_different_events_one_wins_and_one_gets_412(api: Api) -> None:
    case_id = api.open()
    etag = api.etag(case_id)
    bodies = [NOTE, {**NOTE, "facts": {"remark": "别的"}}]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda body: api.record(case_id, body, If_Match=etag), bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 412]


def test_several_corrections_are_one_command_judged_as_a_whole(api: Api) -> None:
    case_id = api.docketed()
    path = f"/v1/cases/{case_id}/rectifications"
    act = {**OPENING, "effective_on": "2026-03-04"}
    body = {"corrections": [{"target": 2, "reason": "日期录入有误", "act": act}]}
    problem(api.post(path, body, If_Match=api.etag(case_id)), 403, "role-not-entitled")
    answer = api.post(path, body, "chief", If_Match=api.etag(case_id))
    assert answer.status_code == 201, answer.text
    assert answer.json()["deadlines_moved"][-1] == {
        "key": "decision", "was_on": "2026-06-03", "is_on": "2026-06-04", "status": "running",
    }  # fmt: skip
    missing = {"corrections": [{"target": 99, "reason": "无此项"}]}
    assert api.post(path, missing, "chief", If_Match=api.etag(case_id)).json()["code"] == "correction-not-possible"


def test_a_case_is_opened_in_ones_own_office_or_one_under_it(api: Api) -> None:
    assert api.post("/v1/cases", {**REQUEST, "office": "HZ"}, "province").status_code == 201
    problem(api.post("/v1/cases", {**REQUEST, "office": "WZ"}), 403, "not-permitted")
    problem(api.post("/v1/cases", {**REQUEST, "office": "XX"}), 422, "office-unknown")
    problem(api.post("/v1/cases", {**REQUEST, "workflow": "no-such"}), 422, "workflow-unknown")


@pytest.mark.parametrize("who", [None, "clerk"])
def test_every_answer_is_private_and_not_stored(api: Api, who: str | None) -> None:
    answer = api.get("/v1/cases", who)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Vary"] == "Authorization, Accept-Language"


def test_a_lapse_that_is_due_shows_at_once_and_moves_the_etag_before_any_worker(api: Api) -> None:
    case_id = api.open()
    before = api.etag(case_id)
    api.today("2026-03-11")
    case = api.get(f"/v1/cases/{case_id}").json()
    assert [(entry["event"], entry["announced"], entry["automatic"]) for entry in case["pending"]] == [
        ("opening_missed", False, True)
    ]
    assert api.get("/v1/cases").json()["unsettled"] == 1
    problem(api.record(case_id, NOTE, If_Match=before), 412, "stale-case")
    fresh = api.etag(case_id)
    from adjudicate import worker

    worker.run_once(api.registry)
    assert api.etag(case_id) != ""
    assert api.record(case_id, {**NOTE, "effective_on": "2026-03-11"}, If_Match=fresh).status_code == 201
    assert api.get("/v1/cases").json()["unsettled"] == 0
