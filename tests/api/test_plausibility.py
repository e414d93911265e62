"""What cannot be is refused with its cause, and what is unwise is said: times, joining, papers and hearings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.harness import REQUEST

if TYPE_CHECKING:
    from tests.api.harness import Api

NOTED = {"event": "noted", "effective_on": "2026-03-04", "facts": {"remark": "来电"}}


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The problem, once it is held to be of that kind and to say as much in Chinese as in English."""
    body = dict(answer.json())
    assert (answer.status_code, body["code"]) == (status, code), body
    return body


@pytest.mark.finding("E7")
def test_the_instant_of_an_act_that_lies_on_another_day_than_the_act_is_refused(api: Api) -> None:
    case_id = api.docketed()
    for at in ("2030-01-01T09:00:00+08:00", "2026-03-04T23:30:00-03:00"):
        zh = problem(api.record(case_id, {**NOTED, "effective_at": at}), 422, "day-not-possible")
        assert "2026-03-04" in zh["detail"]
        en = api.record(case_id, {**NOTED, "effective_at": at}, Accept_Language="en").json()
        assert "2026-03-04" in en["detail"]
        assert "Beijing" in en["detail"]
    opening = {**REQUEST, "effective_at": "2026-03-01T09:00:00+08:00"}
    problem(api.post("/v1/cases", opening), 422, "day-not-possible")
    assert api.record(case_id, {**NOTED, "effective_at": "2026-03-03T16:00:00Z"}).status_code == 201


@pytest.mark.finding("E7")
def test_a_correction_cannot_give_an_act_an_instant_of_another_day(api: Api) -> None:
    case_id = api.docketed()
    sequence = api.record(case_id, NOTED).json()["act"]["sequence"]
    act = {**NOTED, "effective_at": "2026-03-03T09:00:00+08:00"}
    body = {"corrections": [{"target": sequence, "reason": "误记", "act": act}]}
    answer = api.post(f"/v1/cases/{case_id}/rectifications", body, "chief", If_Match=api.etag(case_id))
    problem(answer, 422, "day-not-possible")


@pytest.mark.finding("E5")
def test_a_party_is_not_added_without_naming_one(api: Api) -> None:
    case_id = api.docketed()
    added = {"event": "party_added", "effective_on": "2026-03-04"}
    before = len(api.get(f"/v1/cases/{case_id}").json()["parties"])
    zh = problem(api.record(case_id, added), 422, "unknown-party")
    en = api.record(case_id, added, Accept_Language="en").json()
    assert "被申请人" in zh["detail"]
    assert "Opponent" in en["detail"]
    assert en["reasons"][0]["details"] == {"pointer": "/parties"}
    parties = [{"role": "opponent", "name": "丙公司"}]
    assert api.record(case_id, {**added, "parties": parties}).status_code == 201
    assert len(api.get(f"/v1/cases/{case_id}").json()["parties"]) == before + 1


@pytest.mark.finding("E5")
def test_a_correction_cannot_leave_a_joining_without_a_party(api: Api) -> None:
    case_id = api.docketed()
    noted = api.record(case_id, NOTED).json()["act"]["sequence"]
    act = {"event": "party_added", "effective_on": "2026-03-04"}
    body = {"corrections": [{"target": noted, "reason": "误记", "act": act}]}
    answer = api.post(f"/v1/cases/{case_id}/rectifications", body, "chief", If_Match=api.etag(case_id))
    problem(answer, 422, "unknown-party")
